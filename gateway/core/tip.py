"""Tip a weighing by what the text is like as a whole: for or against, where the rules doubt.

Rules recognise a verdict, a veto, a topic; wording that no rule covers counts by its likeness to
letters seen before. Both are added up. A veto stands whatever the wording (decision 024).
"""

import math

from gateway.core.hear import STRONG, hear, refuses
from gateway.core.likeness import Likeness, is_of_a_tongue_learnt
from gateway.core.reader import Reading, Sentence
from gateway.core.verdict import Evidence, verdicts_in
from gateway.core.weigh import (
    CAP,
    INJECT_POINTS,
    POSSIBLE_POINTS,
    Weighing,
    forbids,
    is_about_applying,
)

FOR_A_UNIT, MOST_FOR = 1.0, 2.0
"""Points that each unit of log-odds above 0 adds to a verdict, and the most that it may add."""

AGAINST_A_UNIT, MOST_AGAINST, MOST_AGAINST_PLAIN = 2.5, 4.0, 3.0
"""Points that each unit below STANDS_TO takes from a verdict, and the most that it may take (from a
plain verdict)."""

STANDS_TO, PLAIN_STANDS_TO = 0.5, -1.0
"""Log-odds below which the wording counts against a verdict. A plain verdict may stand in a short
reply on other business, so it bears more; a vague one in a text unlike a refusal is mostly none."""

FIRM = 3.0
"""Weight from which two verdicts together are plain: where the rules were for a link, texts with
two of these and no strong one were refusals as often as texts with a strong one."""

MOST_OF_SHORT = 0.5
"""Most points that the likeness of a short text adds or takes."""

UNDOUBTED = INJECT_POINTS + MOST_AGAINST + 1.0
"""With this many points the likeness is not asked, and it never lifts a mail above them: it could
not keep the link out, even for a company whose mails need a point more (`offset_of`)."""

LISTED_FROM, LISTED_AT_WORK_FROM = 1.0, 0.0
"""Log-odds from which a mail is listed although no rule finds a verdict in it; the second where it
is about work or an application and nothing vetoes it."""

SURE_FROM = 1.5
"""Log-odds from which, in a mail about work, a mere hint counts like any other verdict."""

ENOUGH_FROM = 4.0
"""Log-odds that bring a link without any verdict, if the mail is about work and not vetoed."""

FOR, AGAINST = "likeness.for", "likeness.against"
_LIKE = "the text as a whole is worded like letters that turn somebody down"
_UNLIKE = "the text as a whole is not worded like letters that turn somebody down"


def is_doubted(weighing: Weighing) -> bool:
    """Tell whether what the text is like could change its weighing."""
    return not weighing.vetoed and not weighing.is_foreign and weighing.points < UNDOUBTED


def tip(weighing: Weighing, likeness: Likeness, reading: Reading) -> Weighing:
    """Return the weighing with what the likeness of the text adds or takes."""
    at = likeness.sentence
    if at is None or not is_doubted(weighing):
        return weighing
    if not verdicts_in(weighing.evidence):
        return _by_words_alone(weighing, likeness, at, reading)
    weight = _weight_of(likeness, is_plain=_is_plain(weighing))
    points = min(weighing.points + weight, UNDOUBTED)
    if _is(likeness, LISTED_AT_WORK_FROM):
        points = max(points, POSSIBLE_POINTS)
    is_hint = weighing.only_lists and not (
        _is(likeness, SURE_FROM) and is_about_applying(hear(reading))
    )
    return weighing._replace(
        points=min(points, CAP) if is_hint else points,
        evidence=(*weighing.evidence, _evidence(at, weight)) if weight else weighing.evidence,
        only_lists=is_hint,
    )


def _is(likeness: Likeness, odds: float) -> bool:
    return likeness.odds >= odds and not likeness.is_short


def _is_plain(weighing: Weighing) -> bool:
    """Tell whether the decision is said in strong words, or in two firm ways, which is as sure."""
    verdicts = verdicts_in(weighing.evidence)
    weights = {one.rule: one.weight for one in weighing.evidence if one.rule in verdicts}
    firm = [weight for weight in weights.values() if weight >= FIRM]
    return len(firm) > 1 or any(weight >= STRONG for weight in firm)


def _weight_of(likeness: Likeness, *, is_plain: bool) -> float:
    stands_to = PLAIN_STANDS_TO if is_plain else STANDS_TO
    most_against = MOST_AGAINST_PLAIN if is_plain else MOST_AGAINST
    added = min(MOST_FOR, FOR_A_UNIT * max(0.0, likeness.odds))
    taken = min(most_against, AGAINST_A_UNIT * max(0.0, stands_to - likeness.odds))
    most = MOST_OF_SHORT if likeness.is_short else math.inf
    return round(max(-most, min(most, added - taken)), 2)


def _by_words_alone(
    weighing: Weighing, likeness: Likeness, at: Sentence, reading: Reading
) -> Weighing:
    """Return the weighing of a text in which no rule hears a verdict."""
    if not _is(likeness, LISTED_AT_WORK_FROM):
        return weighing
    allowed = _allows(reading)
    if not (allowed or _is(likeness, LISTED_FROM)):
        return weighing
    is_enough = allowed and _is(likeness, ENOUGH_FROM)
    points = INJECT_POINTS if is_enough else POSSIBLE_POINTS
    evidence = (*weighing.evidence, _evidence(at, points))
    return weighing._replace(points=points, evidence=evidence, only_lists=not is_enough)


def _allows(reading: Reading) -> bool:
    """Tell whether a text is about work or an application, and nothing forbids it a link."""
    if not is_of_a_tongue_learnt(reading) or refuses(reading.history):  # it may be about that
        return False
    found = hear(reading, everything=True)
    return is_about_applying(found) and not forbids(reading, found)


def _evidence(at: Sentence, weight: float) -> Evidence:
    _, part, start, end = at
    if weight < 0:
        return Evidence(AGAINST, weight, part, start, end, f"counter: {_UNLIKE}")
    return Evidence(FOR, weight, part, start, end, f"relation: {_LIKE}")
