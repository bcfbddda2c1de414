"""What the rules find in a reading: the sentences that turn somebody down, and their context.

Verdict rules come first: most mails hold no verdict, and then nothing else need be looked for.
"""

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from gateway.core import naming
from gateway.core.index import Index
from gateway.core.kinds import Kinds
from gateway.core.memory import LONGEST_REMEMBERED, remembered
from gateway.core.reader import Reading, Sentence
from gateway.core.rules import GUARDS, RULES, Guard, Kind, Rule, Side
from gateway.core.verdict import Evidence

_SUBJECT_RELATION = 0.75
_MOST_TRIES = 8
"""Most matches of a verdict rule looked at in one sentence: a text of nothing else is no letter."""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule's match in a sentence, at its weight in that place."""

    rule: str
    kind: Kind
    weight: float
    sentence: Sentence
    label: str
    span: tuple[int, int] = (0, 0)  # of a verdict: its characters in the sentence

    @property
    def evidence(self) -> Evidence:
        """The match as it is kept: without the sentence's words."""
        at = self.sentence
        return Evidence(self.rule, self.weight, at.part, at.start, at.end, self.label)


def hear(reading: Reading, *, everything: bool = False) -> tuple[Match, ...]:
    """Return what is heard: verdicts wherever they stand, and with one, each context rule once.

    A verdict that a guard took back counts as a verdict of weight 0.

    everything  look for context even without a verdict, though context alone decides nothing
    """
    spoken = tongues() if is_japanese(reading) else tongues()[1:]
    verdicts = _verdicts_among(reading.sentences, spoken)
    if not everything and not any(one.weight > 0 for one in verdicts):
        return verdicts
    refused: _Refused = {}
    for one in verdicts:
        if one.weight >= STRONG:
            refused.setdefault(one.sentence, []).append(one.span)
    return (*verdicts, *_context_of(spoken, reading, refused), *_about_another(reading))


def refuses(text: str) -> bool:
    """Tell whether `text`, normalised, holds a strong verdict or tells of one.

    For the quoted history: where a refusal is quoted, it has been made already.
    """
    said = [Sentence(one, "", 0, 0) for one in _STOPS.split(text) if one]
    return any(
        one.weight >= STRONG or one.rule in _CITES for one in _verdicts_among(said, tongues())
    )


_CITES = frozenset(("quoted", "ja.reported", "ja.topic", "ja.earlier"))
_STOPS = re.compile(r"[。.!?>\n]+")


@dataclass(frozen=True, slots=True, eq=False)
class _Tongue:
    """The rules of one language; there is one object for each, compared by identity.

    script  what a sentence must hold for the rules to be tried on it
    """

    script: re.Pattern[str]
    verdicts: tuple[Rule, ...]
    may_refuse: Index  # of the verdict rules
    context: tuple[Rule, ...]
    may_tell: Index  # of the context rules
    guards: tuple[Guard, ...]


def _tongue(prefix: str, script: str, run: int = 2) -> _Tongue:
    rules = [rule for rule in RULES if rule.id.startswith(prefix)]
    sample = [text for rule in rules for text in (*rule.examples, *rule.counters)]
    verdicts = tuple(rule for rule in rules if rule.kind is Kind.VERDICT)
    context = tuple(rule for rule in rules if rule.kind is not Kind.VERDICT)
    return _Tongue(
        re.compile(script),
        verdicts,
        Index([rule.pattern.pattern for rule in verdicts], sample, run),
        context,
        Index([rule.pattern.pattern for rule in context], sample, run),
        tuple(guard for guard in GUARDS if guard.id.startswith(prefix)),
    )


@functools.cache
def tongues() -> tuple[_Tongue, ...]:
    """Return the rules by language, Japanese first; the first call takes 0.3 s."""
    return (
        _tongue("ja.", "[\u3041-\u30ff\u4e00-\u9fff]"),
        _tongue("en.", "[a-z]{2}", 3),
        _tongue("zh.", "[\u4e00-\u9fff]"),
        _tongue("ko.", "[\uac00-\ud7a3]"),
        _tongue("vi.", "[\u00e0-\u1ef9]"),
    )


@remembered
def kind_of(text: str) -> str:
    """Return what stands for a kind of sentences: in all the same is heard, at the same place.

    Whether they name somebody is the same as well; by what name is not. A long one is its own kind.
    """
    return _kinds().of(text) if len(text) <= LONGEST_REMEMBERED else text


@functools.cache
def _kinds() -> Kinds:
    return Kinds(*searched())


def load_rules() -> None:
    """Read the rules now; otherwise the first mail waits for it."""
    _kinds()


_Patterns = list[re.Pattern[str]]


def searched() -> tuple[_Patterns, _Patterns, _Patterns]:
    """Return what is searched in a sentence, in pieces of it, and in such pieces put together."""
    spoken = tongues()
    rules = [rule for one in spoken for rule in (*one.verdicts, *one.context)]
    guards = [guard for one in spoken for guard in one.guards]
    pieces = [
        *(guard.pattern for guard in guards),
        *(guard.unless for guard in guards if guard.unless),
        *(one.script for one in spoken),
        *(QUOTED.pattern, _CLAUSE_END, _NAMED),
    ]
    joined = [*(rule.unless for rule in rules if rule.unless), *naming.PATTERNS]
    return [rule.pattern for rule in rules], pieces, joined


_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_CHINESE = re.compile("[您们們这這请請谢謝贵]")


def is_japanese(reading: Reading) -> bool:
    """Tell whether Japanese may be written: kanji with no kana but 您 or 謝 are Chinese."""
    said = (*reading.sentences, *([reading.subject] if reading.subject else []))
    return any(_KANA.search(one.text) for one in said) or not any(
        _CHINESE.search(one.text) for one in said
    )


def _verdicts_among(sentences: Iterable[Sentence], spoken: Iterable[_Tongue]) -> tuple[Match, ...]:
    """Return the verdicts, those of each tongue together."""
    heard = [(one, said) for one in sentences for said in verdicts_in(one.text)]
    return tuple(
        [
            Match(said.rule, Kind.VERDICT, said.weight, sentence, said.label, said.span)
            for tongue in (spoken if heard else ())
            for sentence, said in heard
            if said.tongue is tongue
        ]
    )


class _Verdict(NamedTuple):
    """A verdict in a sentence, wherever that stands; of weight 0 when a guard took it back."""

    tongue: _Tongue
    rule: str
    weight: float
    label: str
    span: tuple[int, int] = (0, 0)


@remembered
def verdicts_in(text: str) -> tuple[_Verdict, ...]:
    """Return the verdicts of all tongues in a sentence."""
    return verdicts_in_kind(kind_of(text))


@remembered
def verdicts_in_kind(text: str) -> tuple[_Verdict, ...]:
    """Return the verdicts in what stands for a kind of sentences."""
    found = [
        _verdict(tongue, tongue.verdicts[place], text)
        for tongue in tongues()
        if tongue.script.search(text)
        for place in tongue.may_refuse.called(text)
    ]
    return tuple([one for one in found if one is not None])


def _verdict(tongue: _Tongue, rule: Rule, text: str) -> _Verdict | None:
    """Return the first match that stands, else the guard that took the last one back."""
    taken: Guard | None = None
    for match in islice(rule.pattern.finditer(text), _MOST_TRIES):
        taken = _guard_of(tongue, text, _tightest(rule, match))
        if taken is None:
            return _Verdict(tongue, rule.id, rule.weight, rule.label, match.span())
    return None if taken is None else _Verdict(tongue, taken.id, 0.0, f"taken back: {taken.label}")


def _tightest(rule: Rule, match: re.Match[str]) -> re.Match[str]:
    """Return the match with the same end that starts latest: text before it is only context."""
    inner: re.Match[str] | None = match
    while inner is not None:
        match = inner
        inner = rule.pattern.search(match.string, match.start() + 1, match.end())
    return match


_CLAUSE_END = re.compile(r"[、,。.;]|$")
_AFTER_CHARS = 40
_BEFORE_CHARS = 120


def _guard_of(tongue: _Tongue, text: str, match: re.Match[str]) -> Guard | None:
    """Return the first guard that takes the `match` of a verdict rule back."""
    if _is_quoted(text, match):
        return QUOTED
    stop = _CLAUSE_END.search(text, match.end(), match.end() + _AFTER_CHARS)
    end = stop.start() if stop else match.end() + _AFTER_CHARS
    places = {
        Side.BEFORE: text[max(0, match.start() - _BEFORE_CHARS) : match.start()],
        Side.AFTER: text[match.end() : end],
        Side.SENTENCE: text,
    }
    for guard in tongue.guards:
        if guard.pattern.search(places[guard.side]) and not (
            guard.unless and guard.unless.search(text)
        ):
            return guard
    return None


QUOTED = Guard(
    "quoted",
    Side.SENTENCE,
    "quoted words",
    re.compile(
        r"「[^「」]{10,}」|『[^『』]{10,}』|\"[^\"]{10,}\"|(?<![a-z0-9])'[^']{10,}'(?![a-z0-9])"
    ),
    ("「今回は採用を見送らせていただきます」という一文を受け取ったら。",),
    ("応募状況が「お見送り」に変わりました。",),
)
"""A quoted sentence is somebody else's words; a quoted status of a few characters is not."""


def _is_quoted(text: str, match: re.Match[str]) -> bool:
    return any(
        found.start() < match.start() and match.end() <= found.end()
        for found in QUOTED.pattern.finditer(text)
    )


_TITLES = ("様", "さん", "氏", "くん", "君")
_NAMED = re.compile(
    rf"([一-龥々ぁ-んァ-ヶーa-z]{{1,8}})(?:{'|'.join(_TITLES)})"
    r"(?:の(?:件|選考|書類|ご?応募|面接|結果)|につきまして|について|ですが|に関し)"
)
_KANA_BEFORE = re.compile("^.*[ぁ-ん]")  # what stands before a name that is not written in them
_NOBODY = ("皆", "客", "各位", "企業", "社", "候補者", "応募者", "御", "担当者", "学生", "方")


_Refused = dict[Sentence, list[tuple[int, int]]]
"""Where strong verdicts stand, by sentence."""

STRONG = 4.0
"""A verdict of this weight or more owns its words: nothing promised within them is a promise."""

_PROMISES = frozenset(("ja.offer", "ja.taken-in", "ja.chosen", "ja.invite", "ja.joining"))
"""Rules whose words a verdict may use to refuse that very thing: "no further interview"."""


_Spans = tuple[tuple[int, int], ...]
"""Where strong verdicts stand in a sentence."""


@remembered
def context_in(text: str, refused: _Spans) -> frozenset[str]:
    """Return the ids of the context rules of all tongues that are heard in a sentence.

    refused  spans of its strong verdicts: their words promise nothing
    """
    return context_in_kind(kind_of(text), refused)


@remembered
def context_in_kind(text: str, refused: _Spans) -> frozenset[str]:
    """Return what `context_in` says of what stands for a kind of sentences."""
    return frozenset(
        rule.id
        for tongue in tongues()
        if tongue.context and tongue.script.search(text)
        for rule in map(tongue.context.__getitem__, tongue.may_tell.called(text))
        if _is_meant(rule, text, refused if rule.id in _PROMISES else ())
    )


def _is_meant(rule: Rule, text: str, refused: _Spans) -> bool:
    """Tell whether `rule` matches outside of the words of strong verdicts."""
    if rule.unless is None and not refused:
        return rule.pattern.search(text) is not None
    for match in rule.heard(text):
        start, end = _tightest(rule, match).span() if refused else match.span()
        if not any(start < last and first < end for first, last in refused):
            return True
    return False


def _context_of(spoken: Iterable[_Tongue], reading: Reading, refused: _Refused) -> Iterator[Match]:
    heard = [(one, context_in(one.text, tuple(refused.get(one, ())))) for one in reading.sentences]
    subject = reading.subject
    in_subject = context_in(subject.text, ()) if subject is not None else frozenset()
    said = in_subject.union(*[rules for _, rules in heard])
    for rule in (one for tongue in spoken for one in tongue.context if one.id in said):
        most = None if rule.id[3:] in DECIDING else 1
        for sentence in islice((one for one, rules in heard if rule.id in rules), most):
            yield Match(rule.id, rule.kind, rule.weight, sentence, rule.label)
        if subject is not None and rule.id in in_subject and _speaks_in_subject(rule, reading):
            weight = _SUBJECT_RELATION if rule.kind is Kind.RELATION else rule.weight
            yield Match(rule.id, rule.kind, weight, subject, rule.label)


DECIDING = frozenset(("trade", "other-application", "survey"))
"""Counter-evidence that decides when it stands in a verdict's sentence: so every match is kept."""


def _speaks_in_subject(rule: Rule, reading: Reading) -> bool:
    """Tell whether `rule` counts in the subject: a reply's subject is about an earlier mail."""
    if rule.kind is Kind.RELATION:
        return True
    against = rule.kind in (Kind.COUNTER, Kind.VETO)
    return against and (not reading.is_reply or rule.id[3:] in _TOPICS)


_TOPICS = frozenset(
    (
        *("trade", "other-application", "agency", "withdrawal", "contract-end", "specimen"),
        *("event", "published", "parting", "organisation"),
    )
)
"""What stays true of a mail when somebody answers it."""


def _about_another(reading: Reading) -> Iterator[Match]:
    """Yield a veto when the mail speaks of a person whom it is not addressed to."""
    place = find_another(reading)
    if place is not None:
        label = "veto: about another person than the one addressed"
        yield Match("ja.another-person", Kind.VETO, -4.0, reading.sentences[place], label)


def find_another(reading: Reading) -> int | None:
    """Return which of the first sentences speaks of a person whom the mail is not addressed to."""
    for place, sentence in enumerate(reading.sentences[:40]):
        named = named_in(sentence.text)
        if named and any(_is_another(words, reading.addressed) for words in named):
            return place
    return None


@remembered
def named_in(text: str) -> tuple[str, ...]:
    """Return words that each end with the name of a person whom the sentence is about."""
    if not any(title in text for title in _TITLES):
        return ()
    return tuple([match[1] for match in _NAMED.finditer(text)])


def _is_another(words: str, addressed: str) -> bool:
    """Tell whether the name that ends `words` is none of those `addressed`."""
    name = _KANA_BEFORE.sub("", words) or words
    if name.endswith(_NOBODY) or not addressed:
        return False
    if len(name) == 1:
        return name not in addressed
    return not any(name[i : i + 2] in addressed for i in range(len(name) - 1)) and (
        name[-1] + "様" not in addressed
    )
