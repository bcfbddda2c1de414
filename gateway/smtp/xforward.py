"""XFORWARD: a trusted mail server in front tells whose mail it passes on.

https://www.postfix.org/XFORWARD_README.html. What it tells stands in Received and nowhere else:
who may send is judged by the server that is connected.
"""

import re
from dataclasses import dataclass

from gateway.core.network import read_address
from gateway.reply import Reply

ATTRIBUTES = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE")
_UNKNOWN = frozenset({"[UNAVAILABLE]", "[TEMPUNAVAIL]"})
_XTEXT = re.compile(r"\+([0-9A-F]{2})", re.IGNORECASE)
_LONGEST = 255


class XforwardError(ValueError):
    """An XFORWARD command is refused with `reply`."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply))
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a mail came from before the server that is connected; "" is unknown."""

    address: str = ""
    helo: str = ""
    protocol: str = ""


UNKNOWN = Origin()


def read_xforward(arg: bytes, known: Origin) -> Origin:
    """Return what `arg`, the text behind `XFORWARD `, adds to what was told before.

    Raises XforwardError.
    """
    told: dict[str, str] = {}
    for word in arg.decode("ascii", "replace").split():
        name, equals, value = word.partition("=")
        if not equals or name.upper() not in ATTRIBUTES:
            raise XforwardError(Reply(501, "5.5.4 Bad XFORWARD attribute"))
        text = _XTEXT.sub(lambda found: chr(int(found[1], 16)), value)
        told[name.upper()] = "" if text.upper() in _UNKNOWN else text[:_LONGEST]
    if not told:
        raise XforwardError(Reply(501, "5.5.4 Syntax: XFORWARD attribute=value"))
    return Origin(
        address=_read_address(told["ADDR"]) if "ADDR" in told else known.address,
        helo=told.get("HELO", known.helo),
        protocol=_read_protocol(told["PROTO"]) if "PROTO" in told else known.protocol,
    )


def _read_address(text: str) -> str:
    if not text:
        return ""
    address = read_address(text.removeprefix("IPV6:").removeprefix("IPv6:"))
    if address is None:
        raise XforwardError(Reply(501, "5.5.4 Bad XFORWARD address"))
    return str(address)


def _read_protocol(text: str) -> str:
    return text.upper() if text.upper() in {"SMTP", "ESMTP"} else ""
