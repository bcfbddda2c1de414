"""Header fields that an edited mail left behind, kept in a field of ours so that they come back.

`X-Career-Relay-Removed: at=OFFSET+LENGTH,…; fields=BASE64` stands right below the trace header.
Offsets count in the message as it was handed to the relay.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.splice import Edit, Span, apply_edits

FIELD_NAME = b"X-Career-Relay-Removed"
MAX_BYTES = 16 << 10
"""No more than this is taken out: mail servers cut longer header fields."""

_LINE_CHARACTERS = 72
_FIELD = re.compile(rb"(?i)X-Career-Relay-Removed:((?:[^\n]*\n[ \t])*[^\n]*)\n")
_VALUE = re.compile(rb"at=([0-9]{1,9}\+[0-9]{1,9}(?:,[0-9]{1,9}\+[0-9]{1,9})*);fields=(\S*)")


@dataclass(frozen=True, slots=True)
class Removed:
    """What was taken out: spans in the original, in order, and their bytes one after another."""

    spans: tuple[Span, ...]
    content: bytes


def take_out(raw: bytes, spans: Sequence[Span]) -> Removed:
    """Return what stands in the `spans` of `raw`."""
    return Removed(tuple(spans), b"".join(span.of(raw) for span in spans))


def write_removed(removed: Removed) -> bytes:
    """Return the field with its final CRLF, folded below 78 columns; b"" when nothing is out."""
    if not removed.spans:
        return b""
    places = ",\r\n\t".join(f"{span.start}+{span.end - span.start}" for span in removed.spans)
    text = base64.b64encode(removed.content).decode("ascii")
    lines = (text[at : at + _LINE_CHARACTERS] for at in range(0, len(text), _LINE_CHARACTERS))
    folded = "\r\n\t".join(("fields=", *lines))
    return FIELD_NAME + f": at={places};\r\n\t{folded}\r\n".encode("ascii")


def read_removed(data: bytes) -> tuple[Removed, bytes] | None:
    """Return what the field at the start of `data` says and what comes behind it.

    None when `data` begins with anything else.
    """
    field = _FIELD.match(data)
    value = _VALUE.fullmatch(b"".join(field[1].split())) if field else None
    if field is None or value is None:
        return None
    spans = []
    for place in value[1].split(b","):
        start, _, length = place.partition(b"+")
        spans.append(Span(int(start), int(start) + int(length)))
    try:
        content = base64.b64decode(value[2], validate=True)
    except binascii.Error:
        return None
    return Removed(tuple(spans), content), data[field.end() :]


def put_back(message: bytes, removed: Removed) -> bytes:
    """Return `message` with the fields where they were.

    Raises SpliceError when they cannot have been there.
    """
    edits = []
    out = taken = 0
    for span in removed.spans:
        at = span.start - out  # where it was, in the message without what stood before it
        length = span.end - span.start
        edits.append(Edit(Span(at, at), removed.content[taken : taken + length]))
        out += length
        taken += length
    return apply_edits(message, edits)
