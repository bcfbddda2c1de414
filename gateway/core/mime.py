"""Where the parts of a mail are: one look over the raw bytes gives a tree of byte spans.

Nothing is decoded and nothing raises: what is odd becomes a defect that the guard judges.
Boundaries are those of RFC 2046 section 5.1.1. Attached mails (message/*) are leaves.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.core.head import Defect, Head, find_head
from gateway.core.header import Field, decode_words, unfold
from gateway.core.splice import Span

__all__ = [
    "Defect",
    "Field",
    "Part",
    "decode_words",
    "field_values",
    "scan",
    "walk",
]

MAX_DEPTH = 100
MAX_PARTS = 1000
_MAX_NEAR_DELIMITERS = 10_000
_TEXT = "text/plain"


class Part(NamedTuple):
    """One body part; a tuple, for each mail has some and they are made twice.

    path               "" for the message itself, then "1", "1.2", ...
    header, body       spans; the empty line between belongs to neither
    head               what the header says, as it was read for all that have the same one
    media_type         lower case "text/plain"; RFC 2045's default when the field is missing
    params             of Content-Type, names in lower case
    transfer_encoding  lower case, "" when the field is missing
    disposition        lower case, "" when the field is missing
    """

    path: str
    header: Span
    head: Head
    body: Span
    media_type: str
    params: Mapping[str, str]
    transfer_encoding: str
    disposition: str
    filename: str | None
    children: tuple["Part", ...]
    defects: tuple[str, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The header's fields, where they stand in the message: few ask for those of a leaf."""
        return self.head.fields_at(self.header.start)

    def named(self, name: str) -> tuple[Field, ...]:
        """Return the fields called `name` (lower case), in order; mostly there are none."""
        if name not in self.head.names:
            return ()
        return tuple([one for one in self.fields if one.name == name])

    def is_read_like(self, other: "Part") -> bool:
        """Tell whether the body is the same, and what says how it is to be read."""
        mine = self.body, self.media_type, self.params, self.transfer_encoding
        return mine == (other.body, other.media_type, other.params, other.transfer_encoding)

    def standing_at(self, header: Span, body: Span) -> "Part":
        """Return a part that says the same of itself, standing elsewhere."""
        return Part(self.path, header, self.head, body, *self[4:])

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
    """A multipart under construction: children are known before the frozen Part can be made."""

    path: str
    boundaries: tuple[bytes, ...]
    header: Span
    body: Span
    head: Head
    defects: list[str]
    children: list["_Node | Part"] = field(default_factory=list)


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
        self._made = 0
        self._near: dict[int, _Node] = {}
        self._delimiters: set[int] = set()

    def run(self) -> Part:
        root = self._begin("", Span(0, len(self._raw)), _TEXT, ())
        if isinstance(root, Part):
            return root
        waiting = [root]
        while waiting:
            node = waiting.pop()
            self._nodes.append(node)
            self._find_children(node, room=MAX_PARTS - self._made)
            waiting += [child for child in node.children if isinstance(child, _Node)]
        for start, node in self._near.items():
            if start not in self._delimiters:
                node.defects.append(Defect.NEAR_DELIMITER)
        return self._freeze()

    def _freeze(self) -> Part:
        """Make the multiparts from the innermost out: a node always stands behind its parent."""
        done: dict[int, Part] = {}
        for node in reversed(self._nodes):
            children = [
                child if isinstance(child, Part) else done.pop(id(child)) for child in node.children
            ]
            defects = tuple(dict.fromkeys(node.defects))
            done[id(node)] = _part(
                node.path, node.header, node.body, node.head, defects, tuple(children)
            )
        return done[id(self._nodes[0])]

    def _begin(
        self, path: str, content: Span, default_type: str, boundaries: tuple[bytes, ...]
    ) -> _Node | Part:
        """Return a leaf as it is, or a multipart whose children are still to be found."""
        self._made += 1
        header, body, head = find_head(self._raw, content, default_type, is_root=not path)
        if head.content_type.value.startswith("multipart/"):
            return _Node(path, boundaries, header, body, head, list(head.defects))
        return _part(path, header, body, head, head.defects, ())

    def _find_children(self, node: _Node, room: int) -> None:
        named = node.head.content_type.params.get("boundary", "")
        boundary = named.rstrip(" ").encode("latin-1", "replace")
        if not boundary:
            node.defects.append(Defect.NO_BOUNDARY)
        elif boundary in node.boundaries:
            node.defects.append(Defect.SAME_BOUNDARY)
        elif len(node.boundaries) >= MAX_DEPTH:
            node.defects.append(Defect.TOO_DEEP)
        else:
            self._cut(node, node.body, boundary, room)

    def _cut(self, node: _Node, body: Span, boundary: bytes, room: int) -> None:
        """Make one child for each stretch between two delimiters in `body`."""
        digest = node.head.content_type.value == "multipart/digest"
        default = "message/rfc822" if digest else _TEXT
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
        parent.children.append(self._begin(path, content, default, (*parent.boundaries, boundary)))

    def _delimiter_lines(self, node: _Node, body: Span, boundary: bytes) -> Iterator["_Delimiter"]:
        """Yield the delimiter lines in `body`; note the lines that only begin like one."""
        raw, (start, end) = self._raw, body
        mark = b"--" + boundary
        found = start if raw.startswith(mark, start, end) else -1
        cursor = start
        while True:
            if found < 0:
                cursor = _leap(raw, cursor, end) if end - cursor > _LONG else cursor
                found = raw.find(b"\n" + mark, cursor, end) + 1
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


_MOST_LEAPS = 32
_LONG = 20_000


def _leap(raw: bytes, cursor: int, end: int) -> int:
    """Return a place from `cursor` on that is not behind the next line with `--`.

    A long stretch is most likely base64, which has no dash: one byte is looked for at the speed of
    memory, ten times as fast as a delimiter.
    """
    start = cursor
    for _ in range(_MOST_LEAPS):
        dash = raw.find(b"-", cursor, end)
        if dash < 0:
            return end
        if raw.startswith(b"\n--", dash - 1):
            return max(start, dash - 1)
        cursor = dash + 1
    return max(start, cursor - 1)


class _Delimiter(NamedTuple):
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


def _part(
    path: str,
    header: Span,
    body: Span,
    head: Head,
    defects: tuple[str, ...],
    children: tuple[Part, ...],
) -> Part:
    return Part(
        path,
        header,
        head,
        body,
        head.content_type.value,
        head.content_type.params,
        head.transfer_encoding,
        head.disposition.value,
        head.filename,
        children,
        defects,
    )


def field_values(raw: bytes, part: Part, name: str) -> tuple[bytes, ...]:
    """Return the unfolded values of the part's fields called `name` (lower case), in order."""
    return tuple([unfold(one.value.of(raw)) for one in part.named(name)])


def walk(part: Part) -> Iterator[Part]:
    """Yield `part` and everything in it, parents first, in the order of the bytes."""
    waiting = [part]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += reversed(one.children)
