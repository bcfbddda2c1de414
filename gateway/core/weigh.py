"""Weigh a reading: what the rules heard in it, and what that comes to."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from gateway.core.hear import DECIDING, STRONG, Match, hear, refuses
from gateway.core.memory import remembered
from gateway.core.naming import naming
from gateway.core.reader import SUBJECT, Reading
from gateway.core.rules import RULES, Kind
from gateway.core.verdict import Evidence

INJECT_POINTS = 5.25
POSSIBLE_POINTS = 2.5
"""Thresholds in points; `score_of` turns points into a score between 0 and 1."""

_MOST_COURTESY = 1.0
_FURTHER_VERDICTS = (0.4, 0.2)  # shares at which the second and third heaviest verdict count
HINT = 2.0
"""A verdict no heavier than this only hints at one: it lists a mail and never changes it."""

_SOFT = 3.0
"""A verdict no heavier than this may be a concession within an invitation: see `_stands_alone`."""

_PLAIN = 3.5
"""A verdict of this weight or more says plainly what was decided."""

_OTHER_LANGUAGES = ("zh.", "ko.", "vi.")
CAP = INJECT_POINTS - 0.5
"""Most points of a mail that may only be listed."""


class Weighing(NamedTuple):
    """The outcome of weighing a text.

    points      heaviest verdict, relation, courtesy and counter-evidence together
    vetoed      something forbids a link whatever the points
    only_lists  the mail may at most be listed: the verdict is too weak, or `is_foreign`
    is_foreign  the verdict is in a language whose rules only list mails
    """

    points: float
    vetoed: bool
    evidence: tuple[Evidence, ...]
    only_lists: bool = False
    is_foreign: bool = False


def score_of(points: float) -> float:
    """Return points as a score: 0.8 is the inject threshold, about 0.23 the possible one."""
    return round(1.0 / (1.0 + math.exp(-(0.953 * (points - INJECT_POINTS) + math.log(4.0)))), 4)


def weigh(reading: Reading, *, recruiting_sender: bool) -> Weighing:
    """Weigh everything in `reading`.

    recruiting_sender  the mail comes from a mailbox made for recruiting
    """
    found = hear(reading)
    verdicts = [one for one in found if one.kind is Kind.VERDICT and one.weight > 0]
    if not verdicts:
        return Weighing(0.0, vetoed=False, evidence=tuple(one.evidence for one in found))
    foreign = all(one.rule.startswith(_OTHER_LANGUAGES) for one in verdicts)
    only_lists = foreign or _only_hints(reading, found, verdicts)
    extra = tuple(_beside(reading, found, recruiting_sender=recruiting_sender, foreign=foreign))
    points = _sum(found) + sum(one.weight for one in extra)
    vetoed = forbids(reading, found, verdicts)
    evidence = (*(one.evidence for one in found), *extra)
    points = min(points, CAP) if only_lists else points
    return Weighing(points, vetoed, evidence, only_lists, foreign)


def forbids(reading: Reading, found: Sequence[Match], verdicts: Sequence[Match] = ()) -> bool:
    """Tell whether no link may go in, whatever the points."""
    return (
        not reading.whole
        or answers_withdrawal(reading)
        or any(one.kind is Kind.VETO or _decides(one, verdicts) for one in found)
    )


def _only_hints(reading: Reading, found: Sequence[Match], verdicts: Sequence[Match]) -> bool:
    """Tell whether the verdict is weak, or nothing is said of work or of an application."""
    weak = max(one.weight for one in verdicts) <= HINT or _stands_alone(found, verdicts)
    if weak or not (_answers_work(reading) or is_about_applying(found)):
        return True
    return _has(found, "ja.trade") and _speaks_of_adopting(found)


def _speaks_of_adopting(found: Sequence[Match]) -> bool:
    """Tell whether only 採用 speaks of work: the word also stands for adopting goods or plans."""
    said = [one for one in found if one.kind is Kind.RELATION and not one.rule.endswith(".visit")]
    return all(one.rule == "ja.work" and naming(one.sentence.text).adopting for one in said)


def _stands_alone(found: Sequence[Match], verdicts: Sequence[Match]) -> bool:
    """Tell whether a soft verdict has no second one, no regret and no farewell beside it.

    Under a subject that announces the result of a selection it never counts as alone.
    """
    if max(one.weight for one in verdicts) > _SOFT:
        return False
    if len({one.rule for one in verdicts}) > 1:
        return False
    if any(one.rule.endswith(".result") and one.sentence.part == SUBJECT for one in found):
        return False
    return not _has(found, ".wish", ".sorry", "ja.regret", "ja.only-an-answer")


def _beside(
    reading: Reading, found: Sequence[Match], *, recruiting_sender: bool, foreign: bool
) -> Iterator[Evidence]:
    """Yield what the sender, the whole text and the quoted history say."""
    about_work = _answers_work(reading) or _has(found, ".work", ".job-title")
    if recruiting_sender and not _has(found, ".desk"):
        yield _FROM_RECRUITING
    elif not recruiting_sender and not about_work and not foreign:
        yield from _about_what(found)
    if (recruiting_sender or _has(found, ".desk")) and _has(found, ".application"):
        yield _TO_APPLICANT
    if answers_withdrawal(reading):
        yield ANSWERS_WITHDRAWAL
    if _answers_work(reading) and not is_about_applying(found):
        yield _ANSWERS_WORK
    if not reading.whole:
        yield _TOO_LONG
    strongest = max(one.weight for one in found if one.kind is Kind.VERDICT)
    if strongest < STRONG and refuses(reading.history):
        yield _ANSWERS_REFUSAL


_FROM_RECRUITING = Evidence(
    "sender.recruiting", 0.75, "envelope", 0, 0, "relation: sent from a recruiting mailbox"
)
_ANSWERS_WORK = Evidence(
    "text.answers-work", 1.5, "envelope", 0, 0, "relation: answers a mail about work"
)
_TO_APPLICANT = Evidence(
    "text.to-applicant", 0.5, "envelope", 0, 0, "relation: recruiters speak of an application"
)
_ANSWERS_REFUSAL = Evidence(
    "text.answers-refusal", -3.0, "envelope", 0, 0, "counter: the decision stands in what it quotes"
)
_TOO_LONG = Evidence(
    "text.too-long", -4.0, "envelope", 0, 0, "veto: longer than any letter, not read to its end"
)
_NOT_ABOUT_WORK = Evidence(
    "text.not-about-work", -1.5, "envelope", 0, 0, "counter: nothing in it is about work"
)
"""People apply for many things: a prize, a course, a flat."""
_ONLY_APPLIED = Evidence(
    "text.only-applied", -0.5, "envelope", 0, 0, "counter: nothing in it says for what is applied"
)


def _about_what(found: Sequence[Match]) -> Iterator[Evidence]:
    """Yield what counts against a mail that does not speak of work."""
    if not _is_only_applied(found):
        yield _NOT_ABOUT_WORK
    elif not _has(found, ".wish"):  # only applicants for work are wished well like this
        yield _ONLY_APPLIED


def _is_only_applied(found: Sequence[Match]) -> bool:
    """Tell whether an application is spoken of and nothing says that it is for something else."""
    return _has(found, ".application") and not any(one.kind is Kind.COUNTER for one in found)


_WITHDRAWN = re.compile(
    r"\bi(?:'ve|'d|'ll| have| would| will| am|'m)? (?:\w+ ){0,3}?(?:accepted (?:a|another|the)\b"
    r"|accept (?:a|another) |withdraw\w*(?! (?:my|the|that) (?:consent|complaint|question|request))"
    r"|taken (?:a|another) (?:job|role|offer|position)"
    r"|decided (?:to (?:stay|accept|take another|step)|not to|against)|step(?:ping)? back from"
    r"|pull(?:ing)? out)"
    r"|辞退(?:させ|いたし|申し|し(?:たい|たく|ます|ようと)|をお)(?!.{0,60}(?:撤回|取り消))"
)
ANSWERS_WITHDRAWAL = Evidence(
    "text.answers-withdrawal", -4.0, "envelope", 0, 0, "veto: answers somebody who withdraws"
)
"""The one thing that quoted history decides: who withdrew is not turned down by the answer."""


def answers_withdrawal(reading: Reading) -> bool:
    """Tell whether the writer of the quoted history withdraws."""
    return _WITHDRAWN.search(reading.history) is not None


_WORK = tuple(one for one in RULES if one.id in {"ja.work", "ja.application", "en.work"})


def _has(found: Sequence[Match], *endings: str) -> bool:
    return any(one.rule.endswith(endings) for one in found)


def _answers_work(reading: Reading) -> bool:
    return _is_about_work(reading.history)


@remembered
def _is_about_work(history: str) -> bool:
    return any(one.pattern.search(history) for one in _WORK)


def is_about_applying(found: Sequence[Match]) -> bool:
    """Tell whether work or an application is spoken of: a thank-you for a talk is not enough."""
    return any(
        one.kind is Kind.RELATION and not one.rule.endswith((".visit", ".desk")) for one in found
    )


def _decides(one: Match, verdicts: Sequence[Match]) -> bool:
    """Tell whether counter-evidence names the topic of the verdict or of the whole mail."""
    if one.rule[3:] not in DECIDING:
        return False
    if one.sentence.part == SUBJECT:
        return True
    beside_verdict = any(one.sentence is v.sentence for v in verdicts)
    return beside_verdict and not naming(one.sentence.text).hiring


def _sum(found: Sequence[Match]) -> float:
    """Return the points: each rule counts once, further verdicts and courtesies count for less."""
    weights = {one.rule: one.weight for one in found if one.kind is Kind.VERDICT}
    verdicts = sorted(weights.values(), reverse=True)
    verdicts[1:] = [one for one in verdicts[1:] if one >= HINT]
    further = sum(w * share for w, share in zip(verdicts[1:], _FURTHER_VERDICTS, strict=False))
    relation = _once(found, Kind.RELATION)
    courtesy = min(_once(found, Kind.COURTESY), _MOST_COURTESY)
    against = _against(found) + _once(found, Kind.VETO)
    return verdicts[0] + further + relation + courtesy + against


_BESIDE = 1 / 3
"""Share of a topic named elsewhere: a letter names its own topic no later than its verdict, while
invoices and events may be mentioned after it."""


_TOPICS = frozenset(
    (
        *("trade", "other-application", "examined", "papers-asked", "event", "survey"),
        *("conditions", "negotiation", "portal", "unsubscribe", "refuses-else"),
        *("aftercare", "answers-question"),
    )
)


def _against(found: Sequence[Match]) -> float:
    """Return what the counter-evidence counts, a third where it does not name the letter's topic.

    The topic stands before or in the verdict's sentence; in a letter about work, only in it.
    """
    plain = [one for one in found if one.kind is Kind.VERDICT and one.weight >= _PLAIN]
    own = frozenset(
        one.sentence
        for one in found
        if one.kind is Kind.VERDICT and not naming(one.sentence.text).hiring
    )
    first = min((one.sentence.start for one in plain), default=None)
    at_work = _has(found, ".work") and any(one.weight > STRONG for one in plain)
    told_now = _has(found, ".result", ".result-negative")
    points: dict[str, float] = {}
    for one in found:
        if one.kind is Kind.COUNTER:
            beside = one.rule[3:] in _TOPICS and one.sentence.part != SUBJECT
            behind = first is not None and one.sentence.start > first
            aside = at_work and one.rule[3:] not in ("survey", "refuses-else")
            after = one.rule.endswith(".aftercare")
            aside = aside or (after and told_now)
            weak = beside and (behind or aside) and (after or one.sentence not in own)
            share = _BESIDE if weak else 1
            points[one.rule] = min(points.get(one.rule, 0.0), one.weight * share)
    return sum(points.values())


def _once(found: Sequence[Match], kind: Kind) -> float:
    if kind is Kind.RELATION:  # in the text and in the subject: two places, two reasons
        return sum(
            {(one.rule, one.weight): one.weight for one in found if one.kind is kind}.values()
        )
    return sum({one.rule: one.weight for one in found if one.kind is kind}.values())


def heaviest(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Return the evidence in order of weight, for or against, the heaviest first."""
    return sorted(evidence, key=lambda one: -abs(one.weight))
