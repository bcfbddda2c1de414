"""A mail as its reader sees it: who is addressed, the newly written sentences, what is quoted."""

import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.core.addressee import Renamed, rename
from gateway.core.leaf import LeafError
from gateway.core.mime import Part, decode_words, field_values
from gateway.core.sentences import (
    MAX_LEAF_CHARS,
    MAX_SENTENCE_CHARS,
    MAX_SENTENCES,
    MAX_WRITTEN_CHARS,
    SUBJECT,
    Sentence,
    Sentences,
    normalise,
    normalised,
    sentences_in_leaf,
)
from gateway.core.texts import Texts, read_lines
from gateway.core.verdict import Evidence

__all__ = [
    "MAX_SENTENCES",
    "MAX_WRITTEN_CHARS",
    "SUBJECT",
    "Reading",
    "Sentence",
    "SharedReading",
    "make_reading",
    "normalise",
    "read_mail",
    "read_shared",
    "read_text",
]

_MAX_NAMES_CHARS = 4000
_MAX_NAME_BYTES = 2000
_STUB_CHARS = 160
"""A text part with fewer characters of its own may only say that the mail is in HTML."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a person who opens the mail reads as new.

    subject    None when the mail has none
    is_reply   the subject begins with Re: or the like, so it is about an earlier mail
    addressed  display names in To (of a bare address the @ alone) and the opening lines, without
               blanks: who is addressed
    history    the beginning of what is quoted or signed; it only tells what the mail is about
    whole      False when there is more newly written text than is read
    """

    subject: Sentence | None
    is_reply: bool
    addressed: str
    sentences: tuple[Sentence, ...]
    history: str = ""
    whole: bool = True


class SharedReading(NamedTuple):
    """A mail as it is judged: a person greeted by name has the name that all share.

    reading  its offsets are in the leaf with that name
    part     path of the leaf that was read, "" when there is none
    renamed  that leaf
    subject  with their own name, as the rest of the mail was sent
    """

    reading: Reading
    part: str
    renamed: Renamed
    subject: Sentence | None

    def place_as_sent(self, evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
        """Return the evidence where it stands in the mail as sent."""
        own, subject, span_as_sent = self.part, self.subject, self.renamed.span_as_sent
        placed = []
        for one in evidence:
            rule, weight, part, start, end, label = one
            if part == own:
                placed.append(Evidence(rule, weight, part, *span_as_sent(start, end), label))
            elif part == SUBJECT and subject is not None:
                placed.append(Evidence(rule, weight, part, subject.start, subject.end, label))
            else:
                placed.append(one)
        return tuple(placed)

    @property
    def renames_history(self) -> bool:
        """Whether the shared name stands in what is quoted or signed."""
        return any(_said(shared) in self.reading.history for _, shared in self.renamed.names)

    def renamed_texts(self) -> Iterator[tuple[str, str]]:
        """Yield each sentence that has the shared name, the subject too, beside its own words."""
        if not self.renamed.names:
            return
        shortest = _said(self.renamed.names[-1][1])
        for one in self.reading.sentences:
            if shortest in one.text:
                yield one.text, self._in_own_words(one.text)
        if self.reading.subject is not None and self.subject is not None:
            yield self.reading.subject.text, self.subject.text

    def _in_own_words(self, text: str) -> str:
        """Return a text as it is read with their own name; only what stands in it is normalised."""
        for name, shared in self.renamed.names:
            said = _said(shared)
            if said in text:
                text = text.replace(said, normalise(name))
        return text

    def as_it_is(self) -> "SharedReading":
        """Return the mail with no name shared."""
        return SharedReading(self.in_own_words(), self.part, Renamed(""), self.subject)

    def in_own_words(self) -> Reading:
        """Return the reading as sent, with their own name."""
        if not self.renamed.names:
            return self.reading
        addressed = self.reading.addressed
        for name, shared in self.renamed.names:  # there without any blanks
            addressed = addressed.replace(
                _said(shared).replace(" ", ""), normalise(name).replace(" ", "")
            )
        in_own_words, span_as_sent = self._in_own_words, self.renamed.span_as_sent
        sentences = [
            Sentence(in_own_words(text), part, *span_as_sent(start, end))
            for text, part, start, end in self.reading.sentences
        ]
        return dataclasses.replace(
            self.reading,
            subject=self.subject,
            addressed=addressed,
            sentences=tuple(sentences),
            history=in_own_words(self.reading.history),
        )


_said = functools.lru_cache(8)(normalise)
"""Returns one of the few shared names as it is read."""


def read_shared(raw: bytes, root: Part, texts: Texts) -> SharedReading:
    """Return the mail as it is judged; a leaf that cannot be decoded is not read.

    The text leaf is read, unless it is empty or a stub beside a longer HTML leaf.
    """
    subject = " ".join(decode_words(value) for value in field_values(raw, root, "subject"))
    return _shared(_choose(texts), subject, names_in(field_values(raw, root, "to")))


def names_in(values: Iterable[bytes]) -> str:
    """Return the display names in unfolded values of To; of a bare address the @ alone."""
    return " ".join(_display_name(value) for value in values)


def _shared(chosen: "_Chosen", subject: str, names: str) -> SharedReading:
    leaf, part, renamed = chosen
    said = renamed.rename(subject), renamed.rename(names)
    reading = make_reading(*said, leaf.sentences, leaf.history, whole=leaf.whole)
    return SharedReading(reading, part, renamed, subject_of(subject))


def read_mail(raw: bytes, root: Part) -> Reading:
    """Return what the mail's reader sees."""
    return read_shared(raw, root, Texts(raw, root)).in_own_words()


def read_text(text: str, subject: str = "", names: str = "") -> Reading:
    """Return the Reading of plain `text`, as a leaf with path "1" would give it."""
    renamed = rename(text[:MAX_LEAF_CHARS])
    leaf = sentences_in_leaf(renamed.text, False, "1")  # noqa: FBT003
    read = _shared(_Chosen(leaf, "1", renamed), subject, names)
    return read.in_own_words()


def make_reading(
    subject: str,
    names: str,
    sentences: Sequence[Sentence],
    history: str = "",
    *,
    whole: bool = True,
) -> Reading:
    """Put a Reading together; `names` are the display names the mail is addressed to."""
    names = names[:_MAX_NAMES_CHARS]
    line = normalised(subject[:MAX_SENTENCE_CHARS])
    said = subject_of(subject)
    opening = "".join(one.text for one in sentences[:4] if _OPENING_LINE.fullmatch(one.text))
    return Reading(
        subject=said,
        is_reply=line != ("" if said is None else said.text),
        addressed=(normalised(names) + opening).replace(" ", ""),
        sentences=tuple(sentences),
        history=history,
        whole=whole,
    )


def subject_of(subject: str) -> Sentence | None:
    """Return the subject as a sentence, without its reply marks; None when nothing is left."""
    bare = _REPLY_MARK.sub("", normalised(subject[:MAX_SENTENCE_CHARS]))
    return Sentence(bare, SUBJECT, 0, len(subject)) if bare else None


_OPENING_LINE = re.compile(
    r".{1,30}(?:様|さん|さま|殿|君|くん|先生|各位|御中|へ)[、,]?|(?:dear|hi|hello|hey)\b.{1,40}"
)
_REPLY_MARK = re.compile(r"^(?:(?:re|aw|sv|antw|回复|返信)(?:\[\d+\])?\s?:\s?)+")
_ADDRESS = re.compile(r"<[^<>]*>")
_BARE_ADDRESS = re.compile(r"(?<![^\s@,;])[^\s@,;]+@[^\s@,;]+")  # only tried where a word begins
_ADDRESS_ALONE = re.compile(rb"[!#-'*+.0-9A-Z^-z-]+@[.0-9A-Za-z-]+")


def _display_name(value: bytes) -> str:
    if len(value) <= _MAX_NAME_BYTES and _ADDRESS_ALONE.fullmatch(value):
        return "@"
    shown = _ADDRESS.sub(" ", decode_words(value[:_MAX_NAME_BYTES])).replace('"', " ")
    return _BARE_ADDRESS.sub("@", shown) if "@" in shown else shown


class _Chosen(NamedTuple):
    """A leaf that was read: its path and its text."""

    leaf: Sentences
    part: str
    renamed: Renamed


def _choose(texts: Texts) -> _Chosen:
    shown = texts.shown
    plain = _read(texts, shown.plain)
    if shown.html is None or _length(plain.leaf.sentences) >= _STUB_CHARS:
        return plain
    html = _read(texts, shown.html)
    longer = _length(html.leaf.sentences) > 2 * _length(plain.leaf.sentences)
    is_stub = longer or any(_STUB.search(one.text) for one in plain.leaf.sentences)
    return html if html.leaf.sentences and is_stub else plain


_STUB = re.compile(
    r"\bhtml\b|html(?:形式|メール|表示|対応|版)|ブラウザ|browser|表示(?:でき|され)ない"
)


def _length(sentences: Iterable[Sentence]) -> int:
    return sum(len(one.text) for one in sentences)


_NOTHING = _Chosen(Sentences(), "", Renamed(""))


def _read(texts: Texts, part: Part | None) -> _Chosen:
    if part is None:
        return _NOTHING
    try:
        leaf = texts.leaf(part)
    except LeafError:
        return _NOTHING
    if len(leaf.text) <= MAX_LEAF_CHARS:
        read = texts.read(part)
    else:
        read = read_lines(leaf._replace(text=leaf.text[:MAX_LEAF_CHARS]))
    found = sentences_in_leaf(read.renamed.text, leaf.is_html, part.section)
    return _Chosen(found, part.section, read.renamed)
