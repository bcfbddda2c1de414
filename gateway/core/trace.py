"""The trace header: what the relay did to a mail, keyed so that nobody else can forge it.

`X-Career-Relay: id=…; action=…; why=…; company=…; sha256=…; mac=…` stands on every mail that
passed, right above the bytes it was handed, whose SHA-256 it names.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.core.keyed import keyed_hash
from gateway.core.link import MessageKey
from gateway.core.why import Action, Why

FIELD_NAME = b"X-Career-Relay"

_SHAPE = re.compile(
    rb"(?im)^X-Career-Relay:[ \t]+id=(?P<id>[\w-]{1,64});[ \t]+action=(?P<action>[a-z]+);"
    rb"\r?\n?[ \t]+why=(?P<why>[a-z-]+);[ \t]+company=(?P<company>[0-9]{1,19});"
    rb"\r?\n?[ \t]+sha256=(?P<sha256>[0-9a-f]{64});"
    rb"\r?\n?[ \t]+mac=(?P<mac>[0-9a-f]{32})[ \t]*\r?\n"
)
_NAME = FIELD_NAME.lower()
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_MOST_HEADER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Trace:
    """What one trace header says.

    sha256  of the message as it was handed to the relay, 64 hexadecimal digits
    """

    id: str
    action: str
    why: str
    company_id: int
    sha256: str


def _mac(key: bytes, trace: Trace, message: MessageKey) -> str:
    basis = "\0".join(
        ("trace", trace.id, trace.action, trace.why, str(trace.company_id), trace.sha256, message)
    )
    return keyed_hash(key, basis.encode()).hex()[:32]


def write_trace(key: bytes, trace: Trace, message: MessageKey) -> bytes:
    """Return the trace header field, folded below 78 columns, with its final CRLF."""
    return (
        f"X-Career-Relay: id={trace.id}; action={trace.action};\r\n"
        f"\twhy={trace.why}; company={trace.company_id};\r\n"
        f"\tsha256={trace.sha256};\r\n"
        f"\tmac={_mac(key, trace, message)}\r\n"
    ).encode("ascii")


def new_trace(id_: str, action: Action, why: Why, company_id: int, raw: bytes) -> Trace:
    """Return the trace of the message `raw` as it was handed to the relay."""
    return Trace(id_, action, why, company_id, hashlib.sha256(raw).hexdigest())


def find_traces(raw: bytes) -> Iterator[tuple[Trace, str, int]]:
    """Yield each well-shaped trace of the header block: its values, its MAC and where it ends.

    Newest first. A well-shaped trace need not be genuine: `is_genuine` tells.
    """
    end = _HEADER_END.search(raw, 0, _MOST_HEADER_BYTES)
    header_end = end.end() if end else min(len(raw), _MOST_HEADER_BYTES)
    if _NAME not in raw[:header_end].lower():  # looked for first: most mails have none
        return
    for found in _SHAPE.finditer(raw, 0, header_end):
        text = {name: value.decode("ascii") for name, value in found.groupdict().items()}
        trace = Trace(text["id"], text["action"], text["why"], int(text["company"]), text["sha256"])
        yield trace, text["mac"], found.end()


def is_genuine(key: bytes, trace: Trace, mac: str, message: MessageKey) -> bool:
    """Tell whether a relay with this key wrote `trace` for this very message."""
    return hmac.compare_digest(_mac(key, trace, message), mac)
