"""Weigh a reading: which rules match, which guards take a match back, what it comes to."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.core.reader import SUBJECT, Reading, Sentence
from gateway.core.rules import GUARDS, RULES, Guard, Kind, Rule, Side
from gateway.core.verdict import Evidence

INJECT_POINTS = 5.25
POSSIBLE_POINTS = 2.5
"""Thresholds in points; `score_of` turns points into a score between 0 and 1."""

_MOST_COURTESY = 1.0
_FURTHER_VERDICTS = (0.4, 0.2)  # what the second and third heaviest verdict still count
_SUBJECT_RELATION = 0.75
_HINT = 2.0
"""A verdict no heavier than this only hints at one: it lists a mail and never changes it."""

_OTHER_LANGUAGES = ("zh.", "ko.", "vi.")
_CAP = INJECT_POINTS - 0.5


@dataclass(frozen=True, slots=True)
class Weighing:
    """What a text comes to.

    points  heaviest verdict, relation, courtesy and counter-evidence together
    vetoed  something forbids a link whatever the points
    """

    points: float
    vetoed: bool
    evidence: tuple[Evidence, ...]


def score_of(points: float) -> float:
    """Return points as a score: 0.8 is the inject threshold, about 0.23 the possible one."""
    return round(1.0 / (1.0 + math.exp(-(0.953 * (points - INJECT_POINTS) + math.log(4.0)))), 4)


def weigh(reading: Reading, *, recruiting_sender: bool) -> Weighing:
    """Weigh everything in `reading`.

    recruiting_sender  the mail comes from a mailbox made for recruiting
    """
    found = tuple(_matches(reading))
    verdicts = [one for one in found if one.kind is Kind.VERDICT and one.weight > 0]
    if not verdicts:
        return Weighing(0.0, vetoed=False, evidence=tuple(one.evidence for one in found))
    answers_work = any(one.pattern.search(reading.history) for one in _WORK)
    about_work = answers_work or any(one.rule.endswith((".work", ".job-title")) for one in found)
    foreign = all(one.rule.startswith(_OTHER_LANGUAGES) for one in verdicts)
    hinted = max(one.weight for one in verdicts) <= _HINT or not (
        answers_work or _is_about_applying(found)
    )
    extra: tuple[Evidence, ...] = ()
    if recruiting_sender:
        extra = (_FROM_RECRUITING,)
    elif not about_work and not foreign:
        extra = (_NOT_ABOUT_WORK,)
    withdrawn = _WITHDRAWN.search(reading.history) is not None
    if withdrawn:
        extra = (*extra, _ANSWERS_WITHDRAWAL)
    points = _sum(found) + sum(one.weight for one in extra)
    vetoed = withdrawn or any(one.kind is Kind.VETO or _decides(one, verdicts) for one in found)
    evidence = (*(one.evidence for one in found), *extra)
    return Weighing(min(points, _CAP) if foreign or hinted else points, vetoed, evidence)


_FROM_RECRUITING = Evidence(
    "sender.recruiting", 0.75, "envelope", 0, 0, "relation: sent from a recruiting mailbox"
)
_NOT_ABOUT_WORK = Evidence(
    "text.not-about-work", -1.5, "envelope", 0, 0, "counter: nothing in it is about work"
)
"""People apply for many things: a prize, a course, a flat."""


_WITHDRAWN = re.compile(
    r"\bi(?:'ve|'d|'ll| have| would| will| am|'m)? (?:\w+ ){0,3}?(?:accepted (?:a|another|the)\b"
    r"|accept (?:a|another) |withdraw\w*|taken (?:a|another) (?:job|role|offer|position)"
    r"|decided (?:to (?:stay|accept|take another|step)|not to|against)|step(?:ping)? back from"
    r"|pull(?:ing)? out)"
    r"|辞退(?:させ|いたし|申し|し(?:たい|たく|ます|ようと)|をお)(?!.{0,60}(?:撤回|取り消))"
)
_ANSWERS_WITHDRAWAL = Evidence(
    "text.answers-withdrawal", -4.0, "envelope", 0, 0, "veto: answers somebody who withdraws"
)
"""Quoted history decides nothing but this: whoever withdrew is not turned down by the answer."""


_WORK = tuple(one for one in RULES if one.id in {"ja.work", "ja.application", "en.work"})


def _is_about_applying(found: Sequence["_Match"]) -> bool:
    """Tell whether work or an application is spoken of: a thank-you for a talk is not enough."""
    return any(one.kind is Kind.RELATION and not one.rule.endswith(".visit") for one in found)


def _decides(one: "_Match", verdicts: Sequence["_Match"]) -> bool:
    """Tell whether counter-evidence names what the verdict or the whole mail is about."""
    if one.rule[3:] not in ("trade", "other-application", "survey"):
        return False
    return one.sentence.part == SUBJECT or any(one.sentence is v.sentence for v in verdicts)


@dataclass(frozen=True, slots=True)
class _Match:
    """A rule's match in a sentence, at its weight in that place."""

    rule: str
    kind: Kind
    weight: float
    sentence: Sentence
    label: str

    @property
    def evidence(self) -> Evidence:
        at = self.sentence
        return Evidence(self.rule, self.weight, at.part, at.start, at.end, self.label)


def _sum(found: Sequence[_Match]) -> float:
    """Return the points: every rule counts once, and further verdicts and courtesies little."""
    weights = {one.rule: one.weight for one in found if one.kind is Kind.VERDICT}
    verdicts = sorted(weights.values(), reverse=True)
    verdicts[1:] = [one for one in verdicts[1:] if one >= _HINT]
    further = sum(w * share for w, share in zip(verdicts[1:], _FURTHER_VERDICTS, strict=False))
    relation = _once(found, Kind.RELATION)
    courtesy = min(_once(found, Kind.COURTESY), _MOST_COURTESY)
    against = _once(found, Kind.COUNTER) + _once(found, Kind.VETO)
    return verdicts[0] + further + relation + courtesy + against


def _once(found: Sequence[_Match], kind: Kind) -> float:
    if kind is Kind.RELATION:  # in the text and in the subject: two places, two reasons
        return sum(
            {(one.rule, one.weight): one.weight for one in found if one.kind is kind}.values()
        )
    return sum({one.rule: one.weight for one in found if one.kind is kind}.values())


class _Sentences:
    """Sentences with an index of the stems they hold: most rules need to look at none of them."""

    def __init__(self, sentences: Iterable[Sentence]) -> None:
        self._all = tuple(sentences)
        self._whole = "\n".join(one.text for one in self._all)
        self._places: dict[str, frozenset[int]] = {}

    def holding(self, stems: Sequence[str]) -> Sequence[Sentence]:
        """Return the sentences that hold one of `stems`, all of them when there are none."""
        if not stems:
            return self._all
        places = frozenset().union(*map(self._places_of, stems))
        return [self._all[index] for index in sorted(places)]

    def _places_of(self, stem: str) -> frozenset[int]:
        if stem not in self._places:
            inside = stem in self._whole
            self._places[stem] = frozenset(
                index for index, one in enumerate(self._all) if inside and stem in one.text
            )
        return self._places[stem]


def _matches(reading: Reading) -> Iterator[_Match]:
    """Yield the matches of all rules: each context rule once, each verdict rule wherever it is."""
    readable = {
        language: _Sentences(one for one in reading.sentences if script.search(one.text))
        for language, script in _SCRIPTS.items()
    }
    every = _Sentences(reading.sentences)
    for rule in RULES:
        yield from _in_text(rule, readable.get(rule.id[:3], every).holding(rule.stems))
        if reading.subject is not None and _speaks_in_subject(rule, reading):
            yield from _in_subject(rule, reading.subject)
    yield from _about_another(reading)


def _speaks_in_subject(rule: Rule, reading: Reading) -> bool:
    """Tell whether `rule` is heard in the subject: that of a reply is about an earlier mail."""
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


def _in_subject(rule: Rule, subject: Sentence) -> Iterator[_Match]:
    if rule.may_match(subject.text) and rule.is_heard(subject.text):
        weight = _SUBJECT_RELATION if rule.kind is Kind.RELATION else rule.weight
        yield _Match(rule.id, rule.kind, weight, subject, rule.label)


_SCRIPTS = {"ja.": re.compile("[\u3041-\u30ff\u4e00-\u9fff]"), "en.": re.compile("[a-z]{2}")}
"""What a sentence must hold for the rules of a language to be tried on it."""


def _in_text(rule: Rule, sentences: Sequence[Sentence]) -> Iterator[_Match]:
    for sentence in sentences:
        if rule.kind is Kind.VERDICT:
            yield from _verdicts(rule, sentence)
        elif rule.is_heard(sentence.text):
            yield _Match(rule.id, rule.kind, rule.weight, sentence, rule.label)
            return


def _verdicts(rule: Rule, sentence: Sentence) -> Iterator[_Match]:
    """Yield the first match that stands, else the guard that took the last one back."""
    taken: Guard | None = None
    for match in rule.pattern.finditer(sentence.text):
        taken = _guard_of(rule, sentence.text, _tightest(rule, match))
        if taken is None:
            yield _Match(rule.id, Kind.VERDICT, rule.weight, sentence, rule.label)
            return
    if taken is not None:
        yield _Match(taken.id, Kind.VERDICT, 0.0, sentence, f"taken back: {taken.label}")


def _tightest(rule: Rule, match: re.Match[str]) -> re.Match[str]:
    """Return the match with the same end that starts latest: what stands before it is context."""
    inner: re.Match[str] | None = match
    while inner is not None:
        match = inner
        inner = rule.pattern.search(match.string, match.start() + 1, match.end())
    return match


_CLAUSE_END = re.compile(r"[、,。.;]|$")
_AFTER_CHARS = 40
_BEFORE_CHARS = 120


def _guard_of(rule: Rule, text: str, match: re.Match[str]) -> Guard | None:
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
    language = rule.id[:3]
    for guard in GUARDS:
        if guard.id.startswith(language) and guard.pattern.search(places[guard.side]):
            return guard
    return None


QUOTED = Guard(
    "quoted",
    Side.SENTENCE,
    "quoted words",
    re.compile(r"「[^「」]{10,}」|『[^『』]{10,}』|\"[^\"]{10,}\""),
    ("「今回は採用を見送らせていただきます」という一文を受け取ったら。",),
    ("応募状況が「お見送り」に変わりました。",),
)
"""A whole sentence in quotation marks is somebody else's; a status of a few characters is not."""


def _is_quoted(text: str, match: re.Match[str]) -> bool:
    return any(
        found.start() < match.start() and match.end() <= found.end()
        for found in QUOTED.pattern.finditer(text)
    )


_NAMED = re.compile(
    r"([一-龥々ぁ-んァ-ヶーa-z]{1,8})(?:様|さん|氏|くん|君)"
    r"(?:の(?:件|選考|書類|ご?応募|面接|結果)|につきまして|について|ですが|に関し)"
)
_KANA_BEFORE = re.compile("^.*[ぁ-ん]")  # what stands before a name that is not written in them
_NOBODY = ("皆", "客", "各位", "企業", "候補者", "応募者", "御", "担当者", "学生", "方")


def _about_another(reading: Reading) -> Iterator[_Match]:
    """Yield a veto when the mail speaks of a person whom it is not addressed to."""
    for sentence in reading.sentences[:40]:
        for match in _NAMED.finditer(sentence.text):
            if _is_another(match[1], reading.addressed):
                label = "veto: about another person than the one addressed"
                yield _Match("ja.another-person", Kind.VETO, -4.0, sentence, label)
                return


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


def heaviest(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Return the evidence, what counts most first."""
    return sorted(evidence, key=lambda one: -abs(one.weight))
