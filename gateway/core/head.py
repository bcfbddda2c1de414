"""What the header of one part says: read once, however many parts and mails have the same one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

from gateway.core.header import (
    Field,
    Parameters,
    decode_words,
    read_parameters,
    split_fields,
    unfold,
)
from gateway.core.memory import LONGEST_REMEMBERED, remembered, remembered_whole
from gateway.core.splice import Span

MAX_HEADER_BYTES = 256 * 1024


class Defect:
    """What may be odd about a part; everything but NOT_CLOSED makes its structure doubtful."""

    HEADER_TOO_LONG = "header-too-long"
    ODD_HEADER_LINE = "odd-header-line"  # no field, or a fold of blanks alone where MIME is said
    DUPLICATE_FIELD = "duplicate-field"  # two Content-Type or Content-Transfer-Encoding fields
    ODD_CONTENT_TYPE = "odd-content-type"
    NO_BOUNDARY = "no-boundary"
    NO_DELIMITER = "no-delimiter"
    NOT_CLOSED = "not-closed"  # harmless: the last part ends where its parent ends
    DELIMITER_AFTER_CLOSE = "delimiter-after-close"
    NEAR_DELIMITER = "near-delimiter"  # begins like a delimiter: some readers take it for one
    DOUBLED_DELIMITER = "doubled-delimiter"  # nothing between: some readers see no part there
    SAME_BOUNDARY = "same-boundary"
    TOO_DEEP = "too-deep"
    TOO_MANY_PARTS = "too-many-parts"


@dataclass(frozen=True, slots=True)
class Head:
    """One part's header.

    fields             their spans count from the header's first byte: see fields_at()
    names              of the fields, in lower case
    content_type       RFC 2045's default when the field is missing or odd
    disposition        of Content-Disposition
    transfer_encoding  lower case, "" when the field is missing
    filename           None without one
    defects            what is odd in it
    """

    fields: tuple[Field, ...]
    names: frozenset[str]
    content_type: Parameters
    disposition: Parameters
    transfer_encoding: str
    filename: str | None
    defects: tuple[str, ...]

    def fields_at(self, start: int) -> tuple[Field, ...]:
        """Return the fields as they stand in a message that has the header at `start`."""
        return tuple([_moved(one, start) for one in self.fields]) if start else self.fields


def _moved(field: Field, start: int) -> Field:
    name, first, end, value_start, value_end = field
    return Field(name, first + start, end + start, value_start + start, value_end + start)


def _split(raw: bytes, content: Span) -> tuple[Span, Span]:
    """Return the spans of header and body: the first empty line stands between them."""
    start, end = content
    if raw.startswith((b"\n", b"\r\n"), start, end):
        return Span(start, start), Span(raw.index(b"\n", start) + 1, end)
    limit = min(end, start + MAX_HEADER_BYTES + 4)
    pair = raw.find(b"\n\r\n", start, limit)
    feed = raw.find(b"\n\n", start, pair + 1 if pair >= 0 else limit)
    if feed >= 0:
        return Span(start, feed + 1), Span(feed + 2, end)
    return (Span(start, pair + 1), Span(pair + 3, end)) if pair >= 0 else (content, Span(end, end))


def header_of(raw: bytes) -> Span:
    """Return where the header of a message is; empty where it is too long to be read."""
    header, _ = _split(raw, Span(0, len(raw)))
    return header if header.end - header.start <= MAX_HEADER_BYTES else Span(0, 0)


def find_head(
    raw: bytes, content: Span, default_type: str, *, is_root: bool
) -> tuple[Span, Span, Head]:
    """Return where header and body are in the `content` of a part, and what the header says.

    A header longer than MAX_HEADER_BYTES is not read at all.
    """
    header, body = _split(raw, content)
    if header.end - header.start > MAX_HEADER_BYTES:
        empty = _read_short(b"", default_type, is_root)
        return header, body, replace(empty, defects=(Defect.HEADER_TOO_LONG, *empty.defects))
    text = header.of(raw)
    read = _read_short if len(text) <= LONGEST_REMEMBERED else _read_long
    return header, body, read(text, default_type, is_root)


def _read(header: bytes, default_type: str, is_root: bool) -> Head:  # noqa: FBT001  a memory's key
    fields = split_fields(header, Span(0, len(header)))
    first = {one.name: one for one in reversed(fields)}
    encoding = _value(header, first.get("content-transfer-encoding")) or b""
    disposition = read_parameters(_value(header, first.get("content-disposition")) or b"")
    content_type = _content_type(_value(header, first.get("content-type")), default_type)
    name = disposition.params.get("filename") or content_type.params.get("name")
    odd = (Defect.ODD_CONTENT_TYPE,) if content_type.odd else ()
    return Head(
        fields,
        frozenset(first),
        content_type,
        disposition,
        _bare_token(encoding.decode("latin-1").lower()),
        _read_filename(name) if name else None,
        (*_defects(header, fields, is_root=is_root), *odd),
    )


_read_short = remembered(_read)
_read_long = remembered_whole(_read)
"""Serves the edited message and the copies of a mail, which have the header just looked at."""


_ONCE = frozenset(("content-type", "content-transfer-encoding", "content-disposition"))
_READ = _ONCE | {"mime-version"}


def _defects(raw: bytes, fields: tuple[Field, ...], *, is_root: bool) -> Iterator[str]:
    for index, one in enumerate(fields):
        mbox = is_root and index == 0 and raw.startswith(b"From ", one.start)
        if (not one.name and not mbox) or _is_odd_field(raw, one):
            yield Defect.ODD_HEADER_LINE
            break
    once = [one.name for one in fields if one.name in _ONCE]
    if len(once) > len(set(once)):
        yield Defect.DUPLICATE_FIELD


_BLANK_FOLD = re.compile(rb"\n[ \t]+\r?(?:\n|\Z)")
# Possessive and bounded: a header of thousands of words `boundary` takes linear time.
_FOLD_IN_BOUNDARY = re.compile(rb"boundary[^;\"]{0,200}+\"[^\"\n]*+\n[^\"]*+\"", re.IGNORECASE)


def _is_odd_field(raw: bytes, one: Field) -> bool:
    """Tell whether readers take a field differently: RFC 5322 section 4 allows it, many do not."""
    if one.name and raw[one.value_start - 2] in b" \t":
        return True  # `Subject : x`: for some the header ends here
    if one.name not in _READ:
        return False
    start, end = one.start, one.end
    if _BLANK_FOLD.search(raw, start, end) is not None:
        return True
    return one.name == "content-type" and _FOLD_IN_BOUNDARY.search(raw, start, end) is not None


def _value(raw: bytes, one: Field | None) -> bytes | None:
    return None if one is None else unfold(one.value.of(raw))


_MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`{|}~\w-]+/[!#$%&'*+.^_`{|}~\w-]+", re.ASCII)


def _content_type(value: bytes | None, default_type: str) -> Parameters:
    if value is None:
        return Parameters(default_type, MappingProxyType({}), odd=False)
    read = read_parameters(value)
    if not _MEDIA_TYPE.fullmatch(read.value):
        return Parameters("text/plain", read.params, odd=True)
    return read


_TOKEN = re.compile(r"\s*+([^\s();]++)\s*+(?:\([^()]*+\)\s*+)?;?\s*+", re.ASCII)


def _bare_token(value: str) -> str:
    """Return the token of a transfer encoding without a comment (RFC 2045 5.1) or a stray `;`."""
    found = _TOKEN.fullmatch(value)
    return found[1] if found else value


def _read_filename(name: str) -> str:
    """Return a file name, encoded words decoded though RFC 2047 section 5 forbids them there."""
    try:
        return decode_words(name.encode("latin-1"))
    except UnicodeEncodeError:  # it came by RFC 2231 and is text already
        return name
