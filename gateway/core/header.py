"""Read header fields: unfold, parameters (RFC 2045, RFC 2231), encoded words (RFC 2047)."""

import base64
import binascii
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from gateway.core.charset import decode_leniently
from gateway.core.memory import remembered
from gateway.core.splice import Span

MAX_VALUE_BYTES = 4096
"""Longer Content-Type and Content-Disposition values are not read: nothing honest is that long."""


class Field(NamedTuple):
    """One header field, kept as plain numbers: a mail has dozens, and few are ever asked for.

    name                    lower case, "" when the line is no field
    start, end              from the first byte of the name to after the line end of the last fold
    value_start, value_end  from after the colon to before that line end
    """

    name: str
    start: int
    end: int
    value_start: int
    value_end: int

    @property
    def span(self) -> Span:
        """The whole field."""
        return Span(self.start, self.end)

    @property
    def value(self) -> Span:
        """What follows the colon."""
        return Span(self.value_start, self.value_end)


_LOGICAL_LINE = re.compile(rb"(?!\Z)(?:([!-9;-~]+)[ \t]*:)?([^\n]*(?:\n[ \t][^\n]*)*)\n?")
"""A header line with its folds: name and value; one without a name is no field."""

_FOLD = re.compile(rb"\r?\n")


def split_fields(raw: bytes, block: Span) -> tuple[Field, ...]:
    """Return the fields of the header block, in order; lines that are no field have no name."""
    lines = _LOGICAL_LINE.finditer(raw, block.start, block.end)
    return tuple([_field(raw, line) for line in lines])


def _field(raw: bytes, line: re.Match[bytes]) -> Field:
    name = "" if line[1] is None else line[1].decode("ascii").lower()
    (start, end), _, (value_start, value_end) = line.regs
    if end > value_end > value_start and raw[value_end - 1] == 0x0D:
        value_end -= 1
    return Field(name, start, end, value_start, value_end)


def unfold(value: bytes) -> bytes:
    """Return `value` on one line, without the blanks around it (RFC 5322 section 2.2.3)."""
    return _FOLD.sub(b"", value).strip(b" \t\r\n")


@dataclass(frozen=True, slots=True)
class Parameters:
    """A value with parameters: `text/plain; charset=utf-8`.

    value  lower case, "" when there is none
    odd    two readers could understand it differently
    """

    value: str
    params: Mapping[str, str]
    odd: bool


# ASCII blanks alone: \xa0 is a blank to Python, and to hardly any reader of mail.
# An unclosed quote or comment is taken to the end: else every quote in it would be tried again.
_QUOTED_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"?|\((?:[^()\\]|\\.)*(?P<closed>\))?', re.DOTALL)
_PARAM = re.compile(
    r'\s*;\s*(?:([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]*))?', re.DOTALL | re.ASCII
)
_VALUE = re.compile(r"\s*([^\s;]*)\s*", re.ASCII)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@remembered
def read_parameters(value: bytes) -> Parameters:
    """Read an unfolded Content-Type or Content-Disposition value; never raises."""
    if len(value) > MAX_VALUE_BYTES:
        return Parameters("", MappingProxyType({}), odd=True)
    text = value.decode("latin-1")
    if "(" in text:
        text = _QUOTED_OR_COMMENT.sub(lambda m: " " if m["closed"] else m[0], text)
    head = _VALUE.match(text)
    first, cursor = (head[1].lower(), head.end()) if head else ("", 0)
    given: dict[str, str] = {}
    odd = False
    while match := _PARAM.match(text, cursor):
        cursor = match.end()
        if match[1] is None:
            continue
        name, content = match[1].lower(), _unquote(match[2])
        odd |= name in given and given[name] != content
        given.setdefault(name, content)
    odd |= bool(text[cursor:].strip(" \t\r\n"))
    return Parameters(first, MappingProxyType(_join_continued(given)), odd)


def _unquote(content: str) -> str:
    return _ESCAPED.sub(r"\1", content[1:-1]) if content.startswith('"') else content


_SECTION = re.compile(r"([^*]+)\*(?:(\d{1,3})(\*)?)?")


def _join_continued(given: dict[str, str]) -> dict[str, str]:
    """Join `name*0`, `name*1*`, ... and decode `name*` (RFC 2231 sections 3 and 4)."""
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, content in given.items():
        match = _SECTION.fullmatch(name)
        if match is None:
            plain[name] = content
            continue
        encoded = match[2] is None or match[3] is not None
        sections.setdefault(match[1], {})[int(match[2] or 0)] = (content, encoded)
    for name, parts in sections.items():
        plain.setdefault(name, _decode_sections([parts[index] for index in sorted(parts)]))
    return plain


def _decode_sections(parts: list[tuple[str, bool]]) -> str:
    charset = ""
    pieces = []
    for index, (content, encoded) in enumerate(parts):
        rest = content
        if index == 0 and encoded and content.count("'") >= 2:
            charset, _, rest = content.split("'", 2)
        raw = rest.encode("latin-1", "replace")
        pieces.append(urllib.parse.unquote_to_bytes(raw) if encoded else raw)
    return decode_leniently(b"".join(pieces), charset or "utf-8")


_WORD = re.compile(rb"=\?([^?\s]{1,64})\?([bBqQ])\?([^?\r\n]*)\?=")


@remembered
def decode_words(value: bytes) -> str:
    """Return the text of an unstructured field value, encoded words decoded (RFC 2047).

    Knows what real mails do: raw 8-bit or ISO-2022-JP bytes, vendor characters, a multi-byte
    character cut between two words. Never raises.
    """
    pieces: list[str] = []
    pending: tuple[str, bytes] | None = None
    for piece in _pieces(unfold(value)):
        if isinstance(piece, bytes):
            if pending and not piece.strip():
                continue  # blanks between two encoded words are not shown (RFC 2047 section 6.2)
            pieces += _flush(pending)
            pieces.append(decode_leniently(piece, ""))
            pending = None
        elif pending and pending[0] == piece[0]:
            pending = (pending[0], pending[1] + piece[1])
        else:
            pieces += _flush(pending)
            pending = piece
    return "".join(pieces + _flush(pending))


def _flush(pending: tuple[str, bytes] | None) -> list[str]:
    return [decode_leniently(pending[1], pending[0])] if pending else []


def _pieces(value: bytes) -> Iterator[bytes | tuple[str, bytes]]:
    cursor = 0
    for word in _WORD.finditer(value):
        if word.start() > cursor:
            yield value[cursor : word.start()]
        label = word[1].split(b"*", 1)[0].decode("latin-1").lower()
        yield label, _decode_word(word[2].lower(), word[3])
        cursor = word.end()
    if cursor < len(value):
        yield value[cursor:]


def _decode_word(encoding: bytes, content: bytes) -> bytes:
    if encoding == b"q":
        return binascii.a2b_qp(content, header=True)
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", content)
    kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
    return base64.b64decode(kept + b"=" * (-len(kept) % 4))
