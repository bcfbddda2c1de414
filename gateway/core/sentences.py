"""The sentences that are newly written in a leaf, and where each of them stands."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import NamedTuple

from gateway.core.html_lines import Page
from gateway.core.memory import remembered, remembered_block, remembered_letter
from gateway.core.texts import see

MAX_WRITTEN_CHARS = 16 * 1024
"""Newly written text beyond this many characters is not read: some thirteen pages."""

_CHARS_OF_TOO_LONG = MAX_WRITTEN_CHARS // 2
"""How much of such a text is read: it gets no link whatever it says, and is listed at most."""

MAX_SENTENCES = 400
"""A letter that turns somebody down has a few dozen sentences; those beyond this are not read."""

MAX_LEAF_CHARS = 8 * MAX_WRITTEN_CHARS
MAX_SENTENCE_CHARS = 1000
_HISTORY_LINES, _HISTORY_CHARS = 40, 2000
SUBJECT = "subject"
"""What stands for a leaf's path where a sentence is the subject."""


class Sentence(NamedTuple):
    """One sentence, normalised for the rules.

    text        NFKC, lower case, line wraps and the blanks between CJK characters undone
    part        path of its leaf part, or SUBJECT
    start, end  its characters in the decoded text of that leaf; in HTML the start is exact to the
                line only, and the end is where it would be without tags and entities
    """

    text: str
    part: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentences:
    """What is newly written in a leaf, and what stands beside it: fields as in Reading."""

    sentences: tuple[Sentence, ...] = ()
    history: str = ""
    whole: bool = True


@remembered_letter
def sentences_in_leaf(text: str, is_html: bool, path: str) -> Sentences:  # noqa: FBT001  a memory's key
    """Return the sentences of a leaf with this text, with the shared name, and this path."""
    page, lines, written = see(text, is_html=is_html)
    if page is None:
        return _sentences_of(_Lines(lines, _starts_of(text)), path, written.own)
    return _sentences_of(_lines_of_html(page), path, written.own)


class _Lines(NamedTuple):
    """The lines of a leaf as a person reads them, and where each of them starts."""

    texts: Sequence[str]
    starts: Sequence[int]


def _starts_of(text: str) -> list[int]:
    """Return where each line starts, and where one behind the last would."""
    return list(accumulate([len(line) + 1 for line in text.split("\n")], initial=0))


def _lines_of_html(page: Page) -> _Lines:
    texts = ["" if line.mark else line.text for line in page.lines]
    return _Lines(texts, [line.start for line in page.lines])


def _sentences_of(lines: _Lines, path: str, own: Sequence[int]) -> Sentences:
    """Return the newly written sentences of a leaf, and the beginning of the rest.

    own  which of the lines were newly written
    """
    length = sum([len(lines.texts[index]) for index in own])
    blocks = _blocks(lines.texts, own)
    spoken = _all_of(blocks) if length <= MAX_WRITTEN_CHARS else _beginning_of(blocks)
    starts = lines.starts
    found = (
        Sentence(text, path, starts[first + line] + column, starts[first + last] + end)
        for first, sentences in spoken
        for text, line, column, last, end in sentences
    )
    sentences = tuple(islice(found, MAX_SENTENCES))
    written = frozenset(own)
    rest = (line for index, line in enumerate(lines.texts) if index not in written)
    history = " ".join([one[:_HISTORY_CHARS] for one in islice(rest, _HISTORY_LINES)])
    whole = length <= MAX_WRITTEN_CHARS and len(sentences) < MAX_SENTENCES
    return Sentences(sentences, normalised(history[:_HISTORY_CHARS]), whole)


class _Block(NamedTuple):
    """Written lines with nothing between them: the number of the first, and all of them."""

    first: int
    lines: str


def _blocks(texts: Sequence[str], own: Sequence[int]) -> Iterator[_Block]:
    start = 0
    for end in range(1, len(own) + 1):
        if end == len(own) or own[end] != own[end - 1] + 1:
            first, last = own[start], own[end - 1]
            yield _Block(first, "\n".join(texts[first : last + 1]))
            start = end


class _Spoken(NamedTuple):
    """A sentence: from `column` of one line to before `end` of the last one."""

    text: str
    line: int
    column: int
    last: int
    end: int


def _all_of(blocks: Iterable[_Block]) -> Iterator[tuple[int, tuple[_Spoken, ...]]]:
    """Yield the sentences of each block, and the number of the line from which theirs count."""
    return ((first, _spoken_in(lines)) for first, lines in blocks)


@remembered_block
def _spoken_in(block: str) -> tuple[_Spoken, ...]:
    """Return the sentences of a block, its lines counted from 0."""
    paragraphs = _paragraphs(_Block(0, block), len(block))
    return tuple([one for paragraph in paragraphs for one in _cut(paragraph)])


def _beginning_of(blocks: Iterable[_Block]) -> Iterator[tuple[int, tuple[_Spoken, ...]]]:
    """Do the same for the first _CHARS_OF_TOO_LONG characters."""
    room = _CHARS_OF_TOO_LONG
    for block in blocks:
        for paragraph in _paragraphs(block, room):
            yield 0, tuple(_cut(paragraph))
        room -= sum(len(line.strip()) for line in block.lines.split("\n"))


@dataclass(frozen=True, slots=True)
class _Piece:
    """One line of a paragraph: its text without outer blanks, and where that stands."""

    text: str
    line: int
    column: int


def _paragraphs(block: _Block, room: int) -> Iterator[list[_Piece]]:
    """Yield the runs of lines that read as one, up to `room` characters.

    A hard line wrap does not end a run.
    """
    run: list[_Piece] = []
    for number, line in enumerate(block.lines.split("\n"), block.first):
        bare = line.strip()
        if room <= 0:
            break
        is_text = bare and not _ORNAMENT.fullmatch(bare)
        if run and not (is_text and _runs_on(run[-1].text, bare)):
            yield run
            run = []
        if is_text:
            run.append(_Piece(bare[:room], number, len(line) - len(line.lstrip())))
        room -= len(bare)
    if run:
        yield run


_ORNAMENT = re.compile(r"[\W_]+")
_ENDED = re.compile(
    r"[。．.！!？?｡：:；;】〕》>｣』]\s*$|(?:様|さん|さま|殿|御中|各位|皆様|へ)\s*$|^.{0,40},$"
)
_OPENS = re.compile(r"[・●○◆◇■□▼▲※★☆►▶*•\-－―【〔《◎①-⑳]|\d{1,2}[.)．）、]|[^\s:：。、]{1,14}[:：]")
_WRAP_COLUMNS = 22


def _runs_on(line: str, following: str) -> bool:
    """Tell whether `following` continues the sentence of `line`.

    A line wrapped by a mail program is long; one that its writer ended is short, ends a sentence
    or opens a letter.
    """
    if _ENDED.search(line) or _OPENS.match(following):
        return False
    if line.endswith(("、", ",", "，")):
        return True
    columns = sum(2 if char > "\u2e7f" else 1 for char in line[:80])
    return columns >= _WRAP_COLUMNS


_STOP = re.compile(
    r"[。｡！？!?]+(?![」』]+[とをのはがにも、])[」』）)\"”’]*|(?<!\.)\.++[\"”’)\]]*+(?=\s|$)|[;；]\s"
)
_OPENING = "「『“"
_CLOSING = "」』”"
_BRACKET = re.compile(f"[{_OPENING}{_CLOSING}]")


def _cut(paragraph: Sequence[_Piece]) -> Iterator[_Spoken]:
    """Yield the sentences of a paragraph; a quotation in brackets is not cut."""
    offsets: list[int] = []
    length = 0
    parts: list[str] = []
    for piece in paragraph:
        joint = _joint(parts[-1], piece.text) if parts else ""
        parts.append(joint + piece.text)
        offsets.append(length + len(joint))
        length += len(joint) + len(piece.text)
    for normal, start, end in _sentences_in("".join(parts)):
        line, column = _source(paragraph, offsets, start)
        last, behind = _source(paragraph, offsets, end - 1)
        yield _Spoken(normal, line, column, last, behind + 1)


@remembered
def _sentences_in(text: str) -> tuple[tuple[str, int, int], ...]:
    """Return the sentences of a paragraph's text, normalised, and where they start and end."""
    cut = ((normalise(text[start:end]), start, end) for start, end in _spans(text))
    return tuple([one for one in cut if one[0]])


def _joint(left: str, right: str) -> str:
    return "" if left[-1] > "\u2e7f" and right[0] > "\u2e7f" else " "


def _source(paragraph: Sequence[_Piece], offsets: Sequence[int], position: int) -> tuple[int, int]:
    """Return the line and the column of a character of the paragraph."""
    index = max(bisect_right(offsets, position) - 1, 0)
    piece = paragraph[index]
    return piece.line, piece.column + max(position - offsets[index], 0)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start, depth, seen = 0, 0, 0
    for stop in _STOP.finditer(text):
        end = stop.end()
        depth += _depth(text[seen:end])
        seen = end
        if depth > 0 and end - start < MAX_SENTENCE_CHARS:
            continue
        yield from _chunks(start, end)
        start, depth = end, 0
    if start < len(text):
        yield from _chunks(start, len(text))


def _depth(text: str) -> int:
    if not _BRACKET.search(text):  # looked for first: most sentences have none
        return 0
    return sum(text.count(c) for c in _OPENING) - sum(text.count(c) for c in _CLOSING)


def _chunks(start: int, end: int) -> Iterator[tuple[int, int]]:
    for first in range(start, end, MAX_SENTENCE_CHARS):
        yield first, min(first + MAX_SENTENCE_CHARS, end)


_SPELLING: dict[int, str | None] = {
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e")),
    **{ord(odd): plain for odd, plain in zip("’‘“”–—", "''\"\"--", strict=True)},
}
_MISSPELT = re.compile("[" + "".join(map(chr, _SPELLING)) + "]")
_LOST_APOSTROPHE = re.compile(
    r"\b(ha(?:ve|s|d)|do(?:es)?|did|is|are|was|were|wo|ca|could|would|should)nt\b", re.IGNORECASE
)
_CJK = "\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff"
_BLANK_IN_CJK = re.compile(rf"(?<=[{_CJK}]) (?=[{_CJK}])")


def normalise(text: str) -> str:
    """Return `text` as the rules read it: NFKC, lower case, one blank between words."""
    plain = unicodedata.normalize("NFKC", text)
    if _MISSPELT.search(plain):  # to translate each character takes three times as long
        plain = plain.translate(_SPELLING)
    whole = _LOST_APOSTROPHE.sub(r"\1n't", plain) if "nt" in plain else plain
    return _BLANK_IN_CJK.sub("", " ".join(whole.split())).lower()


normalised = remembered(normalise)
"""The same, remembered."""
