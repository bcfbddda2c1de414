"""Where the link block goes in one leaf, and its bytes there."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from gateway.core.addressee import Renamed
from gateway.core.block import JOINT_CLOSING, JOINT_OPENING, Block
from gateway.core.charset import (
    TO_ASCII,
    TO_ROMAN,
    CharsetError,
    decode,
    encode,
    encode_html,
    find_character,
    is_ascii_at,
    is_roman_at,
)
from gateway.core.html_lines import Page, Place
from gateway.core.leaf import Leaf, LeafError, line_offset
from gateway.core.splice import Span
from gateway.core.texts import ReadLeaf
from gateway.core.transfer import IDENTITY, Change
from gateway.core.why import Why
from gateway.core.written import Written


class Spot(NamedTuple):
    """Where the block goes in a leaf and in all that read the same with the shared name.

    line   number of the line of plain text that it goes before, None for its end
    place  in HTML, None in plain text
    """

    line: int | None = None
    place: Place | None = None

    def offset_in(self, leaf: Leaf, renamed: Renamed) -> int:
        """Return the byte offset in the leaf's data.

        Raises LeafError (ODD_ENCODING) when that is not certain or not in ASCII state.
        """
        if self.place is not None:
            return _byte_offset(leaf, renamed.as_sent(self.place.offset))
        data = leaf.data
        offset = len(data) if self.line is None else line_offset(data, self.line)
        if is_ascii_at(data, offset, leaf.codec) or is_roman_at(data, offset, leaf.codec):
            return offset
        raise LeafError(Why.ODD_ENCODING)


class Joint(NamedTuple):
    """What a block's bytes depend on at their place, other than the text and its labels."""

    is_roman: bool
    is_behind_line_end: bool


def joint_at(leaf: Leaf, offset: int) -> Joint:
    """Return what stands before byte `offset` of the leaf's data."""
    data = leaf.data
    return Joint(is_roman_at(data, offset, leaf.codec), data[offset - 1 : offset] == b"\n")


def place_in(read: ReadLeaf, block: Block) -> Change:
    """Return the change that puts the block into a leaf, after the newly written text.

    Raises LeafError: NO_PLACE, CHARSET, ODD_STRUCTURE, ODD_ENCODING.
    """
    spot = find_spot(read)
    offset = spot.offset_in(read.leaf, read.renamed)
    if spot.place is not None:
        chunk = _chunk_in_html(read, spot.place, block)
    else:
        chunk = _chunk_in_text(read.leaf, offset, block)
    return Change(Span(offset, offset), chunk)


def find_spot(read: ReadLeaf) -> Spot:
    """Return where the block goes; raises LeafError: NO_PLACE, ODD_STRUCTURE."""
    part, sight = read.leaf.part, read.sight
    page, written = sight.page, sight.written
    if part.header.end == part.body.start:
        raise LeafError(Why.ODD_STRUCTURE)  # no empty line ends its header: it has no body
    if page is not None and page.odd:
        raise LeafError(Why.ODD_STRUCTURE)
    if page is None and (written.own or sight.is_blank):
        return Spot(line=written.end if written.own else None)
    place = None if page is None else _choose(read, page)
    if place is None:
        raise LeafError(Why.NO_PLACE)
    return Spot(place=place)


def _chunk_in_text(leaf: Leaf, offset: int, block: Block) -> bytes:
    """Return an empty line and the block's lines.

    What followed the text (an empty line, a signature, history) then follows the block.
    """
    is_roman, is_behind_line_end = joint_at(leaf, offset)
    begin, end = (TO_ASCII, TO_ROMAN) if is_roman else (b"", b"")
    line_end = leaf.line_end
    lines = line_end.join(_encode_lines(leaf, block))
    if is_behind_line_end:
        return begin + line_end + lines + end + line_end
    return line_end + begin + line_end + lines


def _encode_lines(leaf: Leaf, block: Block) -> list[bytes]:
    flowed = leaf.part.params.get("format", "").lower() == "flowed"
    lines = [line.rstrip() for line in block.text.split("\n")]
    if flowed:
        lines = [_stuff(line) for line in lines]
    try:
        encoded = [encode(line, "ascii" if leaf.guessed else leaf.codec) for line in lines]
    except CharsetError:
        raise LeafError(Why.CHARSET) from None
    if is_seven_bit(leaf) and not b"".join(encoded).isascii():
        raise LeafError(Why.CHARSET)
    for mark in (0, -1):  # strip finds the block by these; Chinese and Korean sets may change them
        if decode(encoded[mark], leaf.codec) != lines[mark]:
            raise LeafError(Why.CHARSET)
    return encoded


def _stuff(line: str) -> str:
    """Add the blank that keeps a line of format=flowed as it is (RFC 3676 section 4.4)."""
    return " " + line if line.startswith((" ", ">", "From ")) else line


def is_seven_bit(leaf: Leaf) -> bool:
    """Tell whether the leaf is labelled 7bit and is: then it must stay so."""
    return leaf.part.transfer_encoding in ("", "7bit") and leaf.data.isascii()


def _chunk_in_html(read: ReadLeaf, place: Place, block: Block) -> bytes:
    """Return the block's element on lines of its own.

    Characters that the charset lacks become numeric references.
    """
    leaf = read.leaf
    line_end = leaf.line_end
    # Also where 8bit is only said: what is all ASCII may be on its way to who takes nothing else.
    is_bare = leaf.data.isascii() and leaf.part.transfer_encoding in IDENTITY
    narrow = leaf.guessed or (is_bare and leaf.codec != "iso-2022-jp")
    codec = "ascii" if narrow else leaf.codec
    lines = [line.rstrip() for line in block.html.split("\n")]
    chunk = line_end + encode_html(line_end.decode("ascii").join(lines), codec) + line_end
    before, behind = _joints(read.renamed.text, place)
    return before + chunk + behind


def _joints(markup: str, place: Place) -> tuple[bytes, bytes]:
    """Return what closes the elements that the block splits, and what opens them again after it."""
    if not place.chain:
        return b"", b""
    closing = "".join(f"</{tag.name}>" for tag in reversed(place.chain))
    opening = "".join(markup[tag.start : tag.end] for tag in place.chain)
    return (JOINT_OPENING + closing).encode("ascii"), (opening + JOINT_CLOSING).encode("ascii")


def _choose(read: ReadLeaf, page: Page) -> Place | None:
    """Return the best place after the newly written text, else the best after its signature."""
    sight, written, length = read.sight, read.sight.written, len(read.renamed.text)
    if not written.own:
        return page.places[-1] if sight.is_blank and page.places else None
    end = _end_of_own_part(sight.lines, written)
    best = _best(page, page.places, written.end, length)
    if best is not None:
        return best
    joints = [place for place in page.joints if _can_part(read.renamed.text, place)]
    return _best(page, joints, written.end, length) or _best(page, page.places, end, length)


_MAX_TAG = 500
_PLAIN_TAG = re.compile(r"<[a-zA-Z][^<>]*>")  # the same pattern by which strip looks for it
_IDENTITY = re.compile(r"\sid\s*=", re.IGNORECASE)


def _can_part(markup: str, place: Place) -> bool:
    """Tell whether the open tags can be written a second time."""
    if any(tag.end - tag.start > _MAX_TAG for tag in place.chain):
        return False  # not even matched: a tag this long may be the chain of thousands of places
    tags = [markup[tag.start : tag.end] for tag in place.chain]
    return all(
        tag.isascii() and _PLAIN_TAG.fullmatch(tag) and not _IDENTITY.search(tag) for tag in tags
    )


def _end_of_own_part(texts: Sequence[str], written: Written) -> int:
    """Return the line behind own text and signature: where history begins, or the end."""
    end = len(texts)
    if written.history is not None and written.history >= written.end:
        end = written.history
    while end > written.end and not texts[end - 1].strip():
        end -= 1
    return end


def _best(page: Page, places: Sequence[Place], end: int, length: int) -> Place | None:
    """Return the best place between line `end - 1` and the next that is not blank.

    Preferred: the text's own table cell if it has room, then the outermost, then the first.
    """
    low = page.lines[end - 1].end
    following = (line for line in page.lines[end:] if line.as_text.strip())
    high = max(low, next((line.start for line in following), length))
    between = [place for place in places if low <= place.offset <= high]
    return min(between, key=lambda place: (-place.cells, place.depth, place.offset), default=None)


def _byte_offset(leaf: Leaf, offset: int) -> int:
    """Return where character `offset` of the text, a `<`, a line end or the end, is in the data.

    Raises LeafError (ODD_ENCODING) when that is not certain or not in ASCII state.
    """
    found = len(leaf.data)
    if offset < len(leaf.text):
        mark = leaf.text[offset]
        count = leaf.text.count(mark, 0, offset)
        found = find_character(leaf.data, mark.encode("ascii"), count, leaf.codec)
    if found < 0 or not is_ascii_at(leaf.data, found, leaf.codec):
        raise LeafError(Why.ODD_ENCODING)
    if leaf.text[offset:] != decode(leaf.data[found:], leaf.codec):
        raise LeafError(Why.ODD_ENCODING)
    return found
