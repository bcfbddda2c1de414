"""Read a bounce: a delivery status notification (RFC 3464), also an internationalised one (6533).

Bytes in, who did not get which mail out. Reports of other forms tell nothing for certain.
"""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from gateway.core.envelope import Address

_STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
_RETURNED_PARTS = (
    *("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"),
)
_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_UTF8 = re.compile(r"\\x\{([0-9A-F]{1,6})\}")
_MOST_RECIPIENTS = 1000


class NotABounceError(Exception):
    """The mail is no delivery status notification; the text says why and is safe to log."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mail for one recipient.

    addresses  as the sender knew it first, then as the reporting server did
    action     failed, delayed, delivered, relayed or expanded (RFC 3464 section 2.3.3)
    status     as "5.1.1" (RFC 3463), "" when the report has none
    """

    addresses: tuple[Address, ...]
    action: str
    status: str

    @property
    def is_permanent(self) -> bool:
        """Whether nobody will try again: also where a server gave up after days (4.4.7)."""
        return self.action == "failed" and not self.status.startswith("2")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report.

    message_id  of the mail it is about, None when the report does not return it
    """

    message_id: bytes | None
    outcomes: tuple[Outcome, ...]


def read_bounce(raw: bytes) -> Bounce:
    """Return what a delivery status notification says.

    Raises NotABounceError.
    """
    try:
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        parts = list(message.walk())
    except RecursionError:  # the email package calls itself for each level
        raise NotABounceError("its parts are nested too deeply") from None
    status = next((part for part in parts if part.get_content_type() in _STATUS_PARTS), None)
    if status is None:
        raise NotABounceError("no part of it is a message/delivery-status (RFC 3464)")
    outcomes = tuple(_outcomes(status))
    if not outcomes:
        raise NotABounceError("it names no recipient")
    after = parts[parts.index(status) :]
    return Bounce(_message_id(after), outcomes)


def _outcomes(status: Message) -> Iterator[Outcome]:
    """Yield each block of fields that names a recipient; the first block is about the mail."""
    for fields in list(_blocks(status))[: _MOST_RECIPIENTS + 1]:
        named = (_address(fields.get(name)) for name in ("Original-Recipient", "Final-Recipient"))
        addresses = tuple(dict.fromkeys(one for one in named if one is not None))
        if addresses:
            found = _STATUS.match(str(fields.get("Status", "")))
            action = str(fields.get("Action", "")).split("(")[0].strip().lower()
            yield Outcome(addresses, action, found[1] if found else "")


def _blocks(status: Message) -> Iterator[Message]:
    """Yield the groups of fields, whether the parser took them apart or left them encoded."""
    payload = status.get_payload()
    encoding = str(status.get("Content-Transfer-Encoding", "")).strip().lower()
    is_parsed = status.get_content_type() == _STATUS_PARTS[0] and isinstance(payload, list)
    if is_parsed and encoding not in {"base64", "quoted-printable"}:
        yield from (part for part in payload if isinstance(part, Message))
        return
    text = status.as_bytes(policy=email.policy.compat32.clone(linesep="\n"))
    _, _, body = text.partition(b"\n\n")
    plain = email.message_from_bytes(
        b"Content-Type: text/plain\nContent-Transfer-Encoding: "
        + str(status.get("Content-Transfer-Encoding", "7bit")).strip().encode("ascii", "replace")
        + b"\n\n"
        + body
    )
    decoded = plain.get_payload(decode=True)
    data = decoded if isinstance(decoded, bytes) else b""
    for block in re.split(rb"\n(?:[ \t]*\n)+", data.replace(b"\r\n", b"\n").strip()):
        yield email.message_from_bytes(block + b"\n\n")


def _address(field: object) -> Address | None:
    """Return the address of a `rfc822; taro@example.com` field, None for what is no address."""
    kind, _, text = str(field or "").partition(";")
    value = text.strip().strip("<>")
    if kind.strip().lower() not in {"rfc822", "utf-8"} or "@" not in value:
        return None
    if kind.strip().lower() == "utf-8":
        return Address(_UTF8.sub(lambda code: _character(code[1]), value))
    return Address(_XTEXT.sub(lambda code: chr(int(code[1], 16)), value))


def _character(code: str) -> str:
    number = int(code, 16)
    is_half = 0xD800 <= number < 0xE000  # of a pair in UTF-16: no character, and no bytes for it
    return chr(number) if number < 0x110000 and not is_half else ""


def _message_id(parts: list[Message]) -> bytes | None:
    """Return the Message-ID of the mail that came back, or of its header."""
    for part in parts:
        if part.get_content_type() not in _RETURNED_PARTS:
            continue
        found = _returned(part).get("Message-ID")
        if found is not None:
            joined = str(found).replace("\r", "").replace("\n", "").strip()
            return joined.encode("utf-8", "surrogateescape")
    return None


def _returned(part: Message) -> Message:
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return payload[0]
    decoded = part.get_payload(decode=True)
    return email.message_from_bytes(decoded if isinstance(decoded, bytes) else b"")
