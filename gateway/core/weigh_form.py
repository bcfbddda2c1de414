"""The form of a letter: what is heard in each of its sentences, weighed once for all letters of it.

A company's letters differ in names and dates. Their weighing depends on what the rules find in each
sentence, and in which order, not on the words: two letters of one form weigh the same, and their
evidence stands in the same sentences.
"""

import functools
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from gateway.core.hear import (
    STRONG,
    context_in,
    context_in_kind,
    find_another,
    is_japanese,
    kind_of,
    named_in,
    verdicts_in,
    verdicts_in_kind,
)
from gateway.core.memory import LONGEST_REMEMBERED, MOST_FORMS, MOST_REMEMBERED, remembered
from gateway.core.naming import Naming, naming
from gateway.core.reader import SUBJECT, Reading
from gateway.core.verdict import Evidence
from gateway.core.weigh import Weighing, weigh


def weigh_by_form(reading: Reading, *, recruiting_sender: bool) -> Weighing:
    """Return what `weigh()` returns; sooner when a letter of the same form was weighed before."""
    form = _form_of(reading, recruiting_sender=recruiting_sender)
    if form is None:
        return weigh(reading, recruiting_sender=recruiting_sender)
    known = _find(form)
    if known.weighing is None:
        weighing = weigh(reading, recruiting_sender=recruiting_sender)
        known.weighing = weighing._replace(evidence=_numbered(weighing.evidence, reading))
        return weighing
    return known.weighing._replace(evidence=_placed(known.weighing.evidence, reading))


class _Sound:
    """What the rules hear in sentences of all kinds of words; the same object for the same."""

    __slots__ = ("names", "refuses")

    def __init__(self, *, refuses: bool, names: bool) -> None:
        self.refuses = refuses
        self.names = names


@functools.lru_cache(MOST_REMEMBERED)
def _sound(_heard: Hashable, refuses: bool, names: bool) -> _Sound:  # noqa: FBT001  a memory's key
    return _Sound(refuses=refuses, names=names)


def _sound_of(text: str) -> _Sound:
    """Return all that the weighing of a Japanese or English letter takes from a sentence."""
    return _sound_of_kind(kind_of(text))


@remembered
def _sound_of_kind(text: str) -> _Sound:
    """Return it of any sentence of a kind.

    That is: each verdict with its tongue, the context rules, what it names itself.
    """
    verdicts = verdicts_in_kind(text)
    refused = tuple([one.span for one in verdicts if one.weight >= STRONG])
    heard = tuple([one._replace(span=(0, 0)) for one in verdicts])
    all_heard = (heard, context_in_kind(text, refused), naming(text))
    return _sound(all_heard, any(one.weight > 0 for one in verdicts), bool(named_in(text)))


def sounds_alike(text: str, other: str) -> bool:
    """Tell whether two sentences are the same to a weighing: no rule hears more in either."""
    return text == other or _sound_of(text) is _sound_of(other)


class _Form(NamedTuple):
    """Everything that a weighing depends on."""

    sounds: tuple[_Sound, ...]
    another: int | None
    subject: tuple[frozenset[str], Naming] | None
    is_reply: bool
    history: str
    whole: bool
    recruiting_sender: bool


def _form_of(reading: Reading, *, recruiting_sender: bool) -> _Form | None:
    """Return the form of a letter; None where nothing is refused, or the form is rare or long."""
    texts = [one.text for one in reading.sentences]
    subject = "" if reading.subject is None else reading.subject.text
    if not any(map(verdicts_in, texts)) or not is_japanese(reading):
        return None
    if max(map(len, (*texts, subject, reading.history))) > LONGEST_REMEMBERED:
        return None
    sounds = tuple(map(_sound_of, texts))
    if not any(one.refuses for one in sounds) or not _is_in_order(reading):
        return None
    return _Form(
        sounds,
        find_another(reading) if any(one.names for one in sounds) else None,
        None if reading.subject is None else (context_in(subject, ()), naming(subject)),
        reading.is_reply,
        reading.history,
        reading.whole,
        recruiting_sender,
    )


def _is_in_order(reading: Reading) -> bool:
    """Tell whether each sentence is known by its place, and comes behind the one before."""
    starts = [one.start for one in reading.sentences]
    return all(map(int.__lt__, starts, starts[1:]))


class _Known:
    """The weighing of a form; its evidence has the numbers of sentences for their places."""

    __slots__ = ("weighing",)

    def __init__(self) -> None:
        self.weighing: Weighing | None = None


@functools.lru_cache(MOST_FORMS)
def _find(_form: _Form) -> _Known:
    return _Known()


_ENVELOPE = "envelope"


def _numbered(evidence: Sequence[Evidence], reading: Reading) -> tuple[Evidence, ...]:
    numbers = {one.start: number for number, one in enumerate(reading.sentences)}
    return tuple([
        one if one.part in (_ENVELOPE, SUBJECT) else one._replace(start=numbers[one.start], end=0)
        for one in evidence
    ])  # fmt: skip


def _placed(evidence: Sequence[Evidence], reading: Reading) -> tuple[Evidence, ...]:
    places = {_ENVELOPE: None, SUBJECT: reading.subject}
    found = []
    for one in evidence:
        rule, weight, part, number, _, label = one
        at = places[part] if part in places else reading.sentences[number]
        found.append(
            one if at is None else Evidence(rule, weight, at.part, at.start, at.end, label)
        )
    return tuple(found)
