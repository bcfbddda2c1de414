"""Find link blocks by their marks, and take them out again to the byte."""

import functools
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType

from gateway.core.block import (
    HTML_CLOSING,
    HTML_OPENING,
    JOINT_CLOSING,
    JOINT_OPENING,
    TEXT_CLOSING_EN,
    TEXT_CLOSING_JA,
    TEXT_OPENING_EN,
    TEXT_OPENING_JA,
)
from gateway.core.charset import CharsetError, decode
from gateway.core.html_lines import Page
from gateway.core.label import count_anew, narrow
from gateway.core.leaf import (
    Leaf,
    LeafError,
    line_offset,
    raw_line_end,
    read_leaf,
    shown_leaves,
    split_lines,
)
from gateway.core.mime import Part, scan
from gateway.core.splice import Edit, Span, apply_edits, in_order
from gateway.core.texts import ReadLeaf, ReadText, read_as_sent
from gateway.core.transfer import Change, TransferError, encode_change
from gateway.core.written import find_history

_TEXT_MARKS = {TEXT_OPENING_JA: TEXT_CLOSING_JA, TEXT_OPENING_EN: TEXT_CLOSING_EN}


def has_block(read: ReadLeaf) -> bool:
    """Tell whether the leaf has a link block: its marks as whole lines, or the HTML wrapper.

    A block in the quoted history belongs to an earlier mail and does not count.
    """
    page = read.sight.page
    if page is not None:
        return _has_own_opening(read.renamed.text, page)
    text = read.leaf.text  # the marks are looked for as they were sent, whoever is greeted
    if not any(opening in text for opening in _TEXT_MARKS):
        return False
    lines = [line.strip() for line in split_lines(text)]
    marks = _find_marks(lines)
    return marks is not None and not _is_in_history(lines, marks[0], marks[1] + 1)


def _is_in_history(lines: Sequence[str], first: int, behind: int) -> bool:
    """Tell whether a block stands in history, which begins above it when its lines are left out."""
    return find_history([*lines[:first], *lines[behind:]]) < first


_MOST_BLOCKS = 8
"""Most blocks looked at in one leaf: each quoted earlier mail may have brought one."""


def _has_own_opening(markup: str, page: Page) -> bool:
    """Tell whether a block begins outside of history in an HTML leaf."""
    if HTML_OPENING not in markup:
        return False
    lines = page.lines
    texts = [line.as_text for line in lines]
    found = islice(re.finditer(re.escape(HTML_OPENING), markup), _MOST_BLOCKS)
    for start in (one.end() for one in found):
        end = markup.find(HTML_CLOSING, start)
        first = bisect_left(lines, start, key=lambda line: line.start)
        behind = bisect_left(lines, max(start, end), key=lambda line: line.start)
        quoted = first < len(lines) and lines[first].quoted
        if not quoted and not _is_in_history(texts, first, behind):
            return True
    return False


def _find_marks(lines: list[str]) -> tuple[int, int] | None:
    """Return the lines of the first opening mark and of its closing mark, in any language.

    The first pair, because a later one may belong to an earlier mail in the history.
    """
    pairs: list[tuple[int, int]] = []
    for opening, closing in _TEXT_MARKS.items():
        start = lines.index(opening) if opening in lines else len(lines)
        if closing in lines[start:]:
            pairs.append((start, lines.index(closing, start)))
    return min(pairs, default=None)


Read = Callable[[str], ReadText]
"""Read the text that is left of a leaf without a block, as read_as_sent() does."""


def find_block(leaf: Leaf, read: Read | None = None) -> Span | None:
    """Return the span of the inserted chunk in the leaf's decoded data, None without one."""
    find = _find_in_html if leaf.is_html else _find_in_text
    return find(leaf, read or functools.partial(read_as_sent, is_html=leaf.is_html))


def _find_in_html(leaf: Leaf, read: Read) -> Span | None:
    for span in islice(_chunks_in_html(leaf), _MOST_BLOCKS):
        if not _is_in_html_history(leaf, span, read):
            return span
    return None


_OPENING, _CLOSING = HTML_OPENING.encode("ascii"), HTML_CLOSING.encode("ascii")


def _chunks_in_html(leaf: Leaf) -> Iterator[Span]:
    """Yield the span of each chunk that looks like our block, the line ends around it included."""
    opening = leaf.line_end + _OPENING
    closing = _CLOSING + leaf.line_end
    start = leaf.data.find(opening)
    while start >= 0:
        end = leaf.data.find(closing, start)
        if end < 0:
            return
        yield _with_joints(leaf.data, Span(start, end + len(closing)))
        start = leaf.data.find(opening, start + len(opening))


def _is_in_html_history(leaf: Leaf, span: Span, read: Read) -> bool:
    """Tell whether a chunk stands in history, in the markup as it was without it."""
    before, behind = leaf.data[: span.start], leaf.data[span.end :]
    try:
        at = len(decode(before, leaf.codec))
        renamed, sight = read(decode(before + behind, leaf.codec))
    except CharsetError:
        return True  # we never insert in the middle of a character
    page, limit = sight.page, sight.written.limit
    if page is None:
        return True
    if not page.quotes and limit >= len(page.lines):
        return False  # there is no history
    at = renamed.here(at)
    if page.is_quoted_at(at):
        return True
    return limit < bisect_left(page.lines, at, key=lambda line: line.start)


_JOINT_BEFORE = re.compile(JOINT_OPENING.encode("ascii") + rb"(?:</[a-zA-Z]+>)+\Z")
_JOINT_BEHIND = re.compile(rb"(?:<[a-zA-Z][^<>]*>)+" + JOINT_CLOSING.encode("ascii"))
_MOST_JOINT_BYTES = 3000


def _with_joints(data: bytes, span: Span) -> Span:
    """Return the span with the tags that part the element around it, if there are any."""
    behind = _JOINT_BEHIND.match(data, span.end, span.end + _MOST_JOINT_BYTES)
    if behind is None:
        return span
    first = max(0, span.start - _MOST_JOINT_BYTES)
    before = _JOINT_BEFORE.search(data[first : span.start])
    return Span(first + before.start(), behind.end()) if before else span


def _find_in_text(leaf: Leaf, read: Read) -> Span | None:
    """Find the block by its marks: from the start of the empty line above to the next line."""
    text = leaf.text
    opening, closing = _find_pair(text)
    if opening <= 0:
        return None
    start = opening - 1  # before the end of the line above
    start -= text[start - 1 : start] == "\r"
    if text[start - 1 : start] not in ("", "\n"):
        return None
    end = text.find("\n", closing) + 1
    first = text.count("\n", 0, start)
    without = text[:start] + text[end:] if end else text[: max(0, start - 1)].removesuffix("\r")
    if read(without).sight.written.limit < first:
        return None
    at = line_offset(leaf.data, first)
    if end:
        return Span(at, at + line_offset(leaf.data[at:], text.count("\n", start, end)))
    # The text had no final line end, so the chunk brought one in front and has none behind.
    at -= len(leaf.line_end)
    return Span(at, len(leaf.data)) if at >= 0 else None


def _find_pair(text: str) -> tuple[int, int]:
    """Return where the first line that opens a block and the next that closes it begin, else -1."""
    found = -1, -1
    for opening, closing in _TEXT_MARKS.items():
        if opening not in text:
            continue
        start = _find_line(text, opening, 0)
        end = _find_line(text, closing, start) if start >= 0 else -1
        if end >= 0 and (found[0] < 0 or start < found[0]):
            found = start, end
    return found


def _find_line(text: str, line: str, start: int) -> int:
    """Return where `line` first stands as a whole line of `text` from `start` on, -1 if nowhere."""
    at = text.find(line, start)
    while at >= 0:
        end = at + len(line)
        behind = text[end : end + 2]
        if text[at - 1 : at] in ("", "\n") and (behind[:1] in ("", "\n") or behind == "\r\n"):
            return at
        at = text.find(line, end)
    return -1


_NOT_READ: Mapping[str, Read] = MappingProxyType({})


def strip_block(raw: bytes) -> bytes:
    """Return the message without its link blocks; `raw` itself when it has none or is odd.

    For a message that `place_block` edited, this is the original to the byte, found from the
    marks alone. Trace headers are not looked at.
    """
    root = scan(raw)
    return apply_edits(raw, edits_to_strip(raw, root, list(read_texts(raw, root))))


def read_texts(raw: bytes, root: Part) -> Iterator[Leaf]:
    """Yield the shown text leaves that can be read."""
    for part in shown_leaves(root).texts:
        try:
            yield read_leaf(raw, part)
        except LeafError:
            continue


def edits_to_strip(
    raw: bytes, root: Part, leaves: Sequence[Leaf], reading: Mapping[str, Read] = _NOT_READ
) -> tuple[Edit, ...]:
    """Return the edits that take the link blocks out of `leaves`: the shown texts as read.

    reading  by a leaf's path, what find_block() reads with
    """
    edits = [edit for leaf in leaves for edit in _removal(raw, leaf, reading.get(leaf.part.path))]
    return in_order((*edits, *count_anew(raw, root, edits))) if edits else ()


def _removal(raw: bytes, leaf: Leaf, read: Read | None) -> tuple[Edit, ...]:
    span = find_block(leaf, read)
    if span is None:
        return ()
    try:
        return (*narrow(leaf.part), edit_leaf(raw, leaf, Change(span, b"")))
    except TransferError:
        return ()


def edit_leaf(raw: bytes, leaf: Leaf, change: Change) -> Edit:
    """Return the edit of the message that makes `change` in a leaf's decoded data.

    Raises TransferError when the leaf's encoding cannot be changed in place and back.
    """
    part = leaf.part
    body, line_end = part.body.of(raw), raw_line_end(raw, part)
    edit = encode_change(part.transfer_encoding, body, leaf.data, change, line_end)
    start = part.body.start
    return Edit(Span(start + edit.span.start, start + edit.span.end), edit.new)
