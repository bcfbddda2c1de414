"""Where the parts of a mail are: one look over the raw bytes gives a tree of byte spans.

Nothing is decoded and nothing raises: what is odd becomes a defect that the guard judges.
Boundaries are those of RFC 2046 section 5.1.1. Attached mails (message/*) are leaves.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.core.header import (
    Field,
    Parameters,
    decode_words,
    read_parameters,
    split_fields,
    unfold,
)
from gateway.core.splice import Span

__all__ = ["Defect", "Field", "Part", "decode_words", "field_values", "scan", "walk"]

MAX_DEPTH = 100
MAX_PARTS = 1000
MAX_HEADER_BYTES = 256 * 1024
_MAX_NEAR_DELIMITERS = 10_000


class Defect:
    """The words for what is odd in a part; all but NOT_CLOSED make its structure doubtful."""

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
class Part:
    """One body part.

    path               "" for the message itself, then "1", "1.2", ...
    header, body       spans; the empty line between belongs to neither
    media_type         lower case "text/plain"; RFC 2045's default when the field is missing
    params             of Content-Type, names in lower case
    transfer_encoding  lower case, "" when the field is missing
    disposition        lower case, "" when the field is missing
    """

    path: str
    header: Span
    fields: tuple[Field, ...]
    body: Span
    media_type: str
    params: Mapping[str, str]
    transfer_encoding: str
    disposition: str
    filename: str | None
    children: tuple["Part", ...]
    defects: tuple[str, ...]

    @property
    def is_multipart(self) -> bool:
        """Whether the body is made of parts."""
        return self.media_type.startswith("multipart/")

    @property
    def section(self) -> str:
        """The part as logs name it (RFC 3501 section 6.4.5): a mail of one part is its part 1."""
        return self.path or "1"


@dataclass(slots=True)
class _Node:
    """A part under construction: children are known before the frozen Part can be made."""

    path: str
    content: Span
    default_type: str
    boundaries: tuple[bytes, ...]
    head: "_Head | None" = None
    children: list["_Node"] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Head:
    header: Span
    fields: tuple[Field, ...]
    body: Span
    content_type: Parameters
    disposition: Parameters
    transfer_encoding: str


def scan(raw: bytes) -> Part:
    """Return the tree of parts of the message `raw`; never raises.

    Bounded by MAX_DEPTH, MAX_PARTS and MAX_HEADER_BYTES: what lies beyond stays unread in the
    part it is in, which then has a defect.
    """
    return _Scanner(raw).run()


class _Scanner:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._nodes: list[_Node] = []
        self._near: dict[int, _Node] = {}
        self._delimiters: set[int] = set()

    def run(self) -> Part:
        root = _Node("", Span(0, len(self._raw)), "text/plain", ())
        waiting = [root]
        while waiting:
            node = waiting.pop()
            self._nodes.append(node)
            self._read_head(node)
            self._find_children(node, room=MAX_PARTS - len(self._nodes) - len(waiting))
            waiting += node.children
        for start, node in self._near.items():
            if start not in self._delimiters:
                node.defects.append(Defect.NEAR_DELIMITER)
        return self._freeze()

    def _freeze(self) -> Part:
        """Make the parts from the leaves up: a node always stands behind its parent."""
        done: dict[int, Part] = {}
        for node in reversed(self._nodes):
            children = tuple(done.pop(id(child)) for child in node.children)
            done[id(node)] = _part(node, children)
        return done[id(self._nodes[0])]

    def _read_head(self, node: _Node) -> None:
        raw, content = self._raw, node.content
        header, body = _split_head(raw, content)
        fields: tuple[Field, ...] = ()
        if header.end - header.start > MAX_HEADER_BYTES:
            node.defects.append(Defect.HEADER_TOO_LONG)
        else:
            fields = split_fields(raw, header)
        node.defects += _header_defects(raw, fields, is_root=not node.path)
        content_type = _only(raw, fields, "content-type")
        encoding = _only(raw, fields, "content-transfer-encoding") or b""
        disposition = _only(raw, fields, "content-disposition")
        node.head = _Head(
            header,
            fields,
            body,
            _content_type(content_type, node),
            read_parameters(disposition or b""),
            _bare_token(encoding.decode("latin-1").lower()),
        )

    def _find_children(self, node: _Node, room: int) -> None:
        head = node.head
        if head is None or not head.content_type.value.startswith("multipart/"):
            return
        boundary = (
            head.content_type.params.get("boundary", "").rstrip(" ").encode("latin-1", "replace")
        )
        if not boundary:
            node.defects.append(Defect.NO_BOUNDARY)
        elif boundary in node.boundaries:
            node.defects.append(Defect.SAME_BOUNDARY)
        elif len(node.boundaries) >= MAX_DEPTH:
            node.defects.append(Defect.TOO_DEEP)
        else:
            self._cut(node, head.body, boundary, room)

    def _cut(self, node: _Node, body: Span, boundary: bytes, room: int) -> None:
        """Make one child for each stretch between two delimiters in `body`."""
        digest = node.head is not None and node.head.content_type.value == "multipart/digest"
        default = "message/rfc822" if digest else "text/plain"
        opened: int | None = None
        closed = False
        for line in self._delimiter_lines(node, body, boundary):
            if closed:
                node.defects.append(Defect.DELIMITER_AFTER_CLOSE)
                return
            if opened is not None:
                if len(node.children) >= room:
                    node.defects.append(Defect.TOO_MANY_PARTS)
                    return
                if line.before < opened:
                    node.defects.append(Defect.DOUBLED_DELIMITER)
                self._add(node, Span(opened, max(opened, line.before)), default, boundary)
            opened, closed = line.after, line.closes
        if opened is None:
            node.defects.append(Defect.NO_DELIMITER)
        elif not closed:
            node.defects.append(Defect.NOT_CLOSED)
            self._add(node, Span(opened, body.end), default, boundary)

    def _add(self, parent: _Node, content: Span, default: str, boundary: bytes) -> None:
        number = str(len(parent.children) + 1)
        path = f"{parent.path}.{number}" if parent.path else number
        parent.children.append(_Node(path, content, default, (*parent.boundaries, boundary)))

    def _delimiter_lines(self, node: _Node, body: Span, boundary: bytes) -> Iterator["_Delimiter"]:
        """Yield the delimiter lines in `body`; note the lines that only begin like one."""
        raw, start = self._raw, body.start
        mark = b"--" + boundary
        found = start if raw.startswith(mark, start, body.end) else -1
        cursor = start
        while True:
            if found < 0:
                found = raw.find(b"\n" + mark, cursor, body.end) + 1
                if not found:
                    return
            line = _delimiter(raw, found, found + len(mark), body)
            if line is not None:
                self._delimiters.add(found)
                yield line
            else:
                self._near.setdefault(found, node)
                if len(self._near) > _MAX_NEAR_DELIMITERS:
                    return
            cursor, found = found + len(mark), -1


@dataclass(frozen=True, slots=True)
class _Delimiter:
    """A delimiter line: content ends at `before`, the next begins at `after`."""

    before: int
    after: int
    closes: bool


_REST_OF_DELIMITER = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")


def _delimiter(raw: bytes, start: int, end: int, body: Span) -> _Delimiter | None:
    rest = _REST_OF_DELIMITER.match(raw, end, body.end)
    if rest is None:
        return None
    before = start
    if before > body.start:  # the line end before a delimiter is part of it
        before -= 2 if raw[start - 2 : start] == b"\r\n" and start - 2 >= body.start else 1
    return _Delimiter(before, rest.end(), closes=rest[1] is not None)


_EMPTY_LINE = re.compile(rb"\n\r?\n")


def _split_head(raw: bytes, content: Span) -> tuple[Span, Span]:
    """Return the spans of header and body: the first empty line stands between them."""
    start, end = content.start, content.end
    for line_end in (b"\n", b"\r\n"):
        if raw.startswith(line_end, start, end):
            return Span(start, start), Span(start + len(line_end), end)
    limit = min(end, start + MAX_HEADER_BYTES + 4)
    empty = _EMPTY_LINE.search(raw, start, limit)
    if empty is None:
        return Span(start, end), Span(end, end)
    return Span(start, empty.start() + 1), Span(empty.end(), end)


_ONCE = ("content-type", "content-transfer-encoding", "content-disposition")
_READ = frozenset((*_ONCE, "mime-version"))


def _header_defects(raw: bytes, fields: tuple[Field, ...], *, is_root: bool) -> Iterator[str]:
    for index, one in enumerate(fields):
        mbox = is_root and index == 0 and raw.startswith(b"From ", one.span.start)
        if (not one.name and not mbox) or _is_odd_field(raw, one):
            yield Defect.ODD_HEADER_LINE
            break
    names = [one.name for one in fields]
    if any(names.count(name) > 1 for name in _ONCE):
        yield Defect.DUPLICATE_FIELD


_BLANK_FOLD = re.compile(rb"\n[ \t]+\r?(?:\n|\Z)")
# Possessive and bounded: a header of thousands of words `boundary` takes linear time.
_FOLD_IN_BOUNDARY = re.compile(rb"boundary[^;\"]{0,200}+\"[^\"\n]*+\n[^\"]*+\"", re.IGNORECASE)


def _is_odd_field(raw: bytes, one: Field) -> bool:
    """Tell whether readers take a field differently: RFC 5322 section 4 allows it, many do not."""
    if one.name and raw[one.value.start - 2 : one.value.start - 1] in (b" ", b"\t"):
        return True  # `Subject : x`: for some the header ends here
    if one.name not in _READ:
        return False
    start, end = one.span.start, one.span.end
    if _BLANK_FOLD.search(raw, start, end) is not None:
        return True
    return one.name == "content-type" and _FOLD_IN_BOUNDARY.search(raw, start, end) is not None


def _only(raw: bytes, fields: tuple[Field, ...], name: str) -> bytes | None:
    for one in fields:
        if one.name == name:
            return unfold(one.value.of(raw))
    return None


_MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`{|}~\w-]+/[!#$%&'*+.^_`{|}~\w-]+", re.ASCII)


def _content_type(value: bytes | None, node: _Node) -> Parameters:
    if value is None:
        return Parameters(node.default_type, {}, odd=False)
    read = read_parameters(value)
    if not _MEDIA_TYPE.fullmatch(read.value):
        node.defects.append(Defect.ODD_CONTENT_TYPE)
        return Parameters("text/plain", read.params, odd=True)
    if read.odd:
        node.defects.append(Defect.ODD_CONTENT_TYPE)
    return read


def _part(node: _Node, children: tuple[Part, ...]) -> Part:
    head = node.head
    if head is None:  # never: every node gets its head before it is frozen
        raise AssertionError(node.path)
    name = head.disposition.params.get("filename") or head.content_type.params.get("name")
    return Part(
        path=node.path,
        header=head.header,
        fields=head.fields,
        body=head.body,
        media_type=head.content_type.value,
        params=head.content_type.params,
        transfer_encoding=head.transfer_encoding,
        disposition=head.disposition.value,
        filename=_read_filename(name) if name else None,
        children=children,
        defects=tuple(dict.fromkeys(node.defects)),
    )


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


def field_values(raw: bytes, part: Part, name: str) -> tuple[bytes, ...]:
    """Return the unfolded values of the part's fields called `name` (lower case), in order."""
    return tuple(unfold(one.value.of(raw)) for one in part.fields if one.name == name)


def walk(part: Part) -> Iterator[Part]:
    """Yield `part` and everything in it, parents first, in the order of the bytes."""
    waiting = [part]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += reversed(one.children)
