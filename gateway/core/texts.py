"""The texts that a mail shows: each leaf is decoded and read once, however many ask."""

from collections.abc import Sequence
from typing import NamedTuple

from gateway.core.addressee import Renamed, rename
from gateway.core.html_form import see_page
from gateway.core.html_lines import Page
from gateway.core.leaf import Leaf, LeafError, read_leaf, shown_leaves, split_lines
from gateway.core.memory import remembered_letter
from gateway.core.mime import Part
from gateway.core.written import Written, find_written


class Sight(NamedTuple):
    """What a reader sees of a text with the shared name.

    page     of HTML; None for plain text, whose lines are those of the text
    lines    as they are shown
    written  which of them were newly written
    """

    page: Page | None
    lines: tuple[str, ...]
    written: Written

    @property
    def text(self) -> str:
        """The newly written text."""
        return "\n".join([self.lines[index] for index in self.written.own])

    @property
    def has_own(self) -> bool:
        """Whether more was newly written than a signature or a footer."""
        return bool(self.written.own) and not self.written.bare

    @property
    def is_blank(self) -> bool:
        """Whether a reader sees nothing at all."""
        return not any(line.strip() for line in self.lines)


def see(text: str, *, is_html: bool) -> Sight:
    """Return what a reader sees of a text with the shared name."""
    return _see_markup(text) if is_html else _see_text(text)


@remembered_letter
def _see_text(text: str) -> Sight:
    lines = tuple(split_lines(text))
    return Sight(None, lines, find_written(lines))


@remembered_letter
def _see_markup(markup: str) -> Sight:
    page = see_page(markup)
    lines = tuple([line.as_text for line in page.lines])
    return Sight(page, lines, find_written(lines, page.paragraphs))


class ReadText(NamedTuple):
    """A text with the shared name, and what a reader sees of it."""

    renamed: Renamed
    sight: Sight


def read_as_sent(text: str, *, is_html: bool) -> ReadText:
    """Read a text as it was sent."""
    renamed = rename(text, is_markup=is_html)
    return ReadText(renamed, see(renamed.text, is_html=is_html))


class ReadLeaf(NamedTuple):
    """A text leaf as it was sent, its text with the shared name, and what a reader sees of that."""

    leaf: Leaf
    renamed: Renamed
    sight: Sight


def read_lines(leaf: Leaf) -> ReadLeaf:
    """Return what a reader sees in the leaf."""
    return ReadLeaf(leaf, *read_as_sent(leaf.text, is_html=leaf.is_html))


class NamedLeaf(NamedTuple):
    """A text leaf as it was sent, and its text with the shared name; nobody has looked at it."""

    leaf: Leaf
    renamed: Renamed


def read_named(raw: bytes, part: Part) -> NamedLeaf:
    """Read a text leaf as read_leaf() does, and rename whom it greets."""
    leaf = read_leaf(raw, part)
    return NamedLeaf(leaf, rename(leaf.text, is_markup=leaf.is_html))


class Texts:
    """The text leaves that a reader of one mail sees as the message.

    Judge, guard and injector look at the same leaves: what one of them had read, the next one
    is handed.
    """

    def __init__(self, raw: bytes, root: Part, named: Sequence[NamedLeaf] = ()) -> None:
        """Take the message as received, and what `scan(raw)` returned.

        named  leaves of the message that have been read already
        """
        self.shown = shown_leaves(root)
        self.raw = raw
        self.root = root
        self._leaves: dict[str, Leaf | LeafError] = {}
        self._read: dict[str, ReadLeaf] = {}
        self._renamed: dict[str, Renamed] = {}
        for leaf, renamed in named:
            for part in self.shown.texts:
                if part.is_read_like(leaf.part):
                    self._leaves[part.path] = leaf._replace(part=part)
                    self._renamed[part.path] = renamed

    def leaf(self, part: Part) -> Leaf:
        """Return the decoded leaf; raises LeafError as `read_leaf` does."""
        found = self._leaves.get(part.path)
        if found is None:
            try:
                found = read_leaf(self.raw, part)
            except LeafError as error:
                found = error
            self._leaves[part.path] = found
        if isinstance(found, LeafError):
            raise LeafError(found.why)
        return found

    def read(self, part: Part) -> ReadLeaf:
        """Return what a reader sees in the leaf; raises LeafError as `read_leaf` does."""
        found = self._read.get(part.path)
        if found is None:
            leaf, renamed = self.leaf(part), self._renamed.get(part.path)
            if renamed is None:
                found = read_lines(leaf)
            else:
                found = ReadLeaf(leaf, renamed, see(renamed.text, is_html=leaf.is_html))
            self._read[part.path] = found
        return found
