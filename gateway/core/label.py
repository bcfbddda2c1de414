"""The header fields that must follow an edit: a wider charset, the lengths some mailers write.

Whatever is changed here is found again and undone to the byte: the fields as they were stand,
in base64, in a parameter of the new Content-Type.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.core.charset import codec_for
from gateway.core.header import Field, read_parameters
from gateway.core.leaf import Leaf, raw_line_end
from gateway.core.mime import Part
from gateway.core.splice import Edit, Span

WAS = "x-career-relay-was"
"""The parameter that holds the former Content-Type field and, behind a dot, the former
Content-Transfer-Encoding field if that was changed too; "" for a field that was not there."""

_MAX_FIELD_BYTES = 400
_CHARSET = re.compile(rb";(\s*)charset\s*=\s*(?:\"[^\"]*\"|[^\s;\"]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Widened:
    """A leaf as it will be labelled, and the edits of the message that label it so."""

    leaf: Leaf
    edits: tuple[Edit, ...]


def widen(raw: bytes, leaf: Leaf) -> Widened | None:
    """Relabel a us-ascii text leaf as UTF-8; None unless it is certain that nothing else changes.

    A 7bit leaf becomes quoted-printable, so its bytes must read the same in that: no `=`, no blank
    at a line's end, no line over 76.
    """
    part = leaf.part
    label = part.params.get("charset", "")
    if leaf.is_html or leaf.codec != "ascii" or codec_for(label) != "ascii" or WAS in part.params:
        return None
    recode = part.transfer_encoding in ("", "7bit")
    if recode and not _reads_as_quoted_printable(part.body.of(raw)):
        return None
    fields = [_field(part, "content-type")]
    fields += [_field(part, "content-transfer-encoding")] if recode else []
    former = [b"" if one is None else one.span.of(raw) for one in fields]
    if any(len(text) > _MAX_FIELD_BYTES for text in former) or part.header.end == part.body.start:
        return None
    line_end = _header_line_end(raw, part)
    new = [_content_type(former[0], former, line_end)]
    new += [b"Content-Transfer-Encoding: quoted-printable" + line_end] if recode else []
    params = {**part.params, "charset": "utf-8", WAS: _pack(former)}
    if dict(read_parameters(_value(new[0])).params) != params:
        return None
    labelled = part._replace(
        params=params,
        transfer_encoding="quoted-printable" if recode else part.transfer_encoding,
    )
    edits = _replacing(part, fields, new)
    return Widened(leaf._replace(part=labelled, codec="utf-8"), edits)


def _reads_as_quoted_printable(body: bytes) -> bool:
    if b"=" in body or re.search(rb"[ \t](?:\r?\n|\Z)", body):
        return False
    return max(map(len, body.split(b"\n"))) <= 77  # with its CR


def _field(part: Part, name: str) -> Field | None:
    return next(iter(part.named(name)), None)


def _header_line_end(raw: bytes, part: Part) -> bytes:
    if part.header.end - part.header.start < 2:
        return raw_line_end(raw, part)
    return b"\r\n" if raw.startswith(b"\r\n", part.header.end - 2) else b"\n"


def _content_type(field: bytes, former: Sequence[bytes], line_end: bytes) -> bytes:
    was = b";" + line_end + b'\t%s="%s"' % (WAS.encode(), _pack(former).encode()) + line_end
    if not field:
        return b"Content-Type: text/plain; charset=utf-8" + was
    bare = field.rstrip(b"\r\n \t;")
    if _CHARSET.search(bare):
        return _CHARSET.sub(rb";\1charset=utf-8", bare, count=1) + was
    return bare + b"; charset=utf-8" + was


def _value(field: bytes) -> bytes:
    return re.sub(rb"\r?\n", b"", field.partition(b":")[2])


def _pack(fields: Sequence[bytes]) -> str:
    return ".".join(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in fields)


def _unpack(text: str) -> list[bytes] | None:
    try:
        return [base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)) for one in text.split(".")]
    except (binascii.Error, ValueError):
        return None


def _replacing(
    part: Part, fields: Sequence[Field | None], new: Sequence[bytes]
) -> tuple[Edit, ...]:
    """Return the edits that put `new` in the place of `fields`, at the header's end without one."""
    end = Span(part.header.end, part.header.end)
    edits = [
        Edit(end if field is None else field.span, text)
        for field, text in zip(fields, new, strict=True)
    ]
    missing = b"".join(edit.new for edit in edits if edit.span == end)
    kept = [edit for edit in edits if edit.span != end]
    return (*kept, *([Edit(end, missing)] if missing else []))


def narrow(part: Part) -> tuple[Edit, ...]:
    """Return the edits that give a leaf back the labels it had before it was widened."""
    if WAS not in part.params:
        return ()
    former = _unpack(part.params[WAS])
    if former is None or len(former) > 2:
        return ()
    names = ("content-type", "content-transfer-encoding")[: len(former)]
    fields = [_field(part, name) for name in names]
    found = zip(fields, former, strict=True)
    return tuple(Edit(field.span, text) for field, text in found if field is not None)


_NUMBER = re.compile(rb"[ \t]*([1-9][0-9]{0,9})[ \t]*")


def count_anew(raw: bytes, root: Part, edits: Sequence[Edit]) -> Iterator[Edit]:
    """Yield the edits of Content-Length and Lines of the message that `edits` of its body ask for.

    Only a number that was right is corrected, so the same function undoes what it did.
    """
    for count in _counts(raw, root, edits):
        if count.told == count.before:
            yield Edit(count.span, b"%d" % count.behind)


def is_counted_by_chance(raw: bytes, root: Part, edits: Sequence[Edit]) -> bool:
    """Tell whether the edits happen to make a wrong number right: that could not be undone."""
    return any(one.told == one.behind != one.before for one in _counts(raw, root, edits))


_COUNTING = ("content-length", "lines")


class _Count(NamedTuple):
    """A number in the header: where it stands, what it says, what is true before and after."""

    span: Span
    told: int
    before: int
    behind: int


def _counts(raw: bytes, root: Part, edits: Sequence[Edit]) -> Iterator[_Count]:
    if root.head.names.isdisjoint(_COUNTING):
        return
    body = root.body.start
    inside = [edit for edit in edits if edit.span.start >= body]
    for name in _COUNTING:
        fields = root.named(name)
        if len(fields) != 1:
            continue
        number = _NUMBER.fullmatch(raw, fields[0].value.start, fields[0].value.end)
        if number is None:
            continue
        if name == "lines":
            before = raw.count(b"\n", body)
            grown = sum(one.new.count(b"\n") - one.span.of(raw).count(b"\n") for one in inside)
        else:
            before = len(raw) - body
            grown = sum(len(one.new) - one.span.end + one.span.start for one in inside)
        yield _Count(Span(*number.span(1)), int(number[1]), before, before + grown)
