"""Put a link block into a mail: refuse, choose the leaves, place, check."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.core.block import Block, WriteBlock
from gateway.core.check import Insertion, edits_of, is_sound
from gateway.core.company import Language
from gateway.core.guard import refuse
from gateway.core.label import is_counted_by_chance, widen
from gateway.core.language import language_of
from gateway.core.leaf import Leaf, LeafError
from gateway.core.mime import Part
from gateway.core.place import place_in
from gateway.core.splice import Edit
from gateway.core.strip import edit_leaf, has_block
from gateway.core.texts import ReadLeaf, Texts
from gateway.core.transfer import Change, TransferError
from gateway.core.why import Why


@dataclass(frozen=True, slots=True)
class Injection:
    """The edits that put a block into a mail, checked.

    edits  in order of position, ready for `apply_edits`
    parts  the paths of the edited leaves ("" is the message itself), in the same order
    """

    edits: tuple[Edit, ...]
    parts: tuple[str, ...]


def place_block(
    raw: bytes, root: Part, write_block: WriteBlock, texts: Texts | None = None
) -> Injection | Why:
    """Return the edits that put a block into `raw`, or why it must stay as it is.

    raw          the message as received
    root         what `scan(raw)` returned
    write_block  asked for the language of the newly written text, and for English where a text
                 leaf cannot carry Japanese
    texts        of the message, when they are shared with other readers

    Every alternative gets the block or none does. What is returned has passed the check: applied
    and stripped again, it gives `raw`.
    """
    texts = texts or Texts(raw, root)
    return refuse(raw, root, texts) or place_allowed(texts, write_block)


def place_allowed(texts: Texts, write_block: WriteBlock) -> Injection | Why:
    """Do what place_block() does, for a message that the guard has already let through."""
    raw, root = texts.raw, texts.root
    write_block = _Blocks(write_block)
    try:
        leaves = choose_leaves(texts)
        language = language_among(leaves)
        insertions = sorted(
            (_insertion(raw, leaf, write_block, language) for leaf in leaves),
            key=lambda insertion: insertion.edit.span.start,
        )
    except LeafError as error:
        return error.why
    edits = edits_of(raw, root, insertions)
    if is_counted_by_chance(raw, root, edits):
        return Why.ODD_STRUCTURE
    if not is_sound(raw, root, insertions, edits):
        return Why.CHECK_FAILED
    return Injection(edits, tuple(insertion.leaf.part.section for insertion in insertions))


class _Blocks:
    """Writes the block of one mail once in each language that is asked for."""

    __slots__ = ("_write", "_written")

    def __init__(self, write: WriteBlock) -> None:
        self._write = write
        self._written: dict[Language, Block] = {}

    def __call__(self, language: Language) -> Block:
        block = self._written.get(language)
        if block is None:
            block = self._written[language] = self._write(language)
        return block


def choose_leaves(texts: Texts) -> list[ReadLeaf]:
    """Return the leaves that get the block; raises LeafError when what they say forbids one."""
    shown = texts.shown
    read = {part.path: texts.read(part) for part in shown.texts}
    if any(map(has_block, read.values())):
        raise LeafError(Why.ALREADY_LINKED)
    if all(read[part.path].sight.is_blank for part in shown.leaves):
        raise LeafError(Why.NO_TEXT)
    plain, html, extra = (
        [read[part.path] for part in parts]
        for parts in (_as_tuple(shown.plain), (*_as_tuple(shown.html), *shown.more), shown.extra)
    )
    if not any(leaf.sight.has_own for leaf in extra):
        return [_last_own(series) for series in (plain, html) if series]
    # Text after an attachment continues the text before it; sure only if all is of one kind.
    series = [*plain, *html, *extra]
    if len({leaf.leaf.is_html for leaf in series}) == 1:
        return [_last_own(series)]
    # A line of text below an HTML mail was added by a filter or list; some readers attach it.
    if html and not any(leaf.leaf.is_html or len(leaf.sight.text) > _MAX_NOTE for leaf in extra):
        return [_last_own(series) for series in (plain, html) if series]
    raise LeafError(Why.NO_PLACE)


_MAX_NOTE = 400
"""Plain text below an HTML mail up to this many characters may have been added by a program."""


def _as_tuple(part: Part | None) -> tuple[Part, ...]:
    return () if part is None else (part,)


def _last_own(series: list[ReadLeaf]) -> ReadLeaf:
    """Return the last of the leaves shown below each other that has text of its own."""
    return next((read for read in reversed(series) if read.sight.has_own), series[0])


def language_among(leaves: list[ReadLeaf]) -> Language:
    """Return the language of the alternative that says most: the other may be a stub."""
    return language_of(max((read.sight.text for read in leaves), key=len))


def _insertion(
    raw: bytes, read: ReadLeaf, write_block: WriteBlock, language: Language
) -> Insertion:
    """Return how the block goes into one leaf; raises LeafError when it cannot."""
    for block in _blocks(read.leaf, write_block, language):
        try:
            return _with_block(raw, read, block)
        except LeafError as error:
            if error.why is not Why.CHARSET:
                raise
    widened = widen(raw, read.leaf)
    if widened is None:
        raise LeafError(Why.CHARSET)
    wider = read._replace(leaf=widened.leaf)
    insertion = _with_block(raw, wider, write_block(language))
    return insertion._replace(labels=widened.edits)


def _with_block(raw: bytes, read: ReadLeaf, block: Block) -> Insertion:
    return with_change(raw, read, place_in(read, block), block.link)


def with_change(raw: bytes, read: ReadLeaf, change: Change, link: str) -> Insertion:
    """Return how a block with this link goes into one leaf by a change that is known.

    Raises LeafError (ODD_ENCODING) when the leaf's encoding cannot be changed in place and back.
    """
    try:
        return Insertion(read, change, edit_leaf(raw, read.leaf, change), link)
    except TransferError:
        raise LeafError(Why.ODD_ENCODING) from None


def _blocks(leaf: Leaf, write_block: WriteBlock, language: Language) -> Iterator[Block]:
    """Yield the blocks to try: a text leaf that cannot carry Japanese gets the English one."""
    yield write_block(language)
    if language is not Language.EN and not leaf.is_html:
        yield write_block(Language.EN)
