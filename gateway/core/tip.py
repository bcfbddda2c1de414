"""Tip a weighing by what the text is like as a whole: for or against, where the rules doubt.

The rules stay the judges. Words alone, without a rule that hears somebody turned down, have a
mail listed and never bring a link; where a verdict meets a veto they do nothing (decision 024).
"""

from gateway.core.likeness import Likeness, may_be_like
from gateway.core.reader import Reading, Sentence
from gateway.core.verdict import Evidence, verdicts_in
from gateway.core.weigh import CAP, INJECT_POINTS, POSSIBLE_POINTS, Weighing

MOST_FOR, MOST_AGAINST = 2.5, 1.5
"""What the likeness weighs at most: one point for one unit of log-odds, against from the second
one on, for a letter may have much else to say."""

UNDOUBTED = INJECT_POINTS + MOST_AGAINST + 1.0
"""Points from which the likeness is not asked, and to which it lifts at most: it could not keep the
link out, not even of a company that needs a point more (`offset_of`)."""

LISTED_FROM = 1.0
"""Log-odds from which a mail is listed though no rule hears a verdict in it."""

SURE_FROM = 2.0
"""Log-odds from which a verdict that is too weak by itself counts like another."""

FOR, AGAINST = "likeness.for", "likeness.against"
_LIKE = "the text as a whole is worded like letters that turn somebody down"
_UNLIKE = "the text as a whole is not worded like letters that turn somebody down"


def may_tip(weighing: Weighing, reading: Reading) -> bool:
    """Tell whether the likeness of the text could change its weighing: soon known, if not."""
    if weighing.vetoed or weighing.is_foreign or weighing.points >= UNDOUBTED:
        return False
    return bool(verdicts_in(weighing.evidence)) or may_be_like(reading, LISTED_FROM)


def tip(weighing: Weighing, likeness: Likeness) -> Weighing:
    """Return the weighing with what the likeness of the text adds or takes."""
    at = likeness.sentence
    if at is None or weighing.vetoed or weighing.is_foreign or weighing.points >= UNDOUBTED:
        return weighing
    if not verdicts_in(weighing.evidence):
        return _listed(weighing, at) if _is(likeness, LISTED_FROM) else weighing
    weight = _weight_of(likeness.odds)
    if not weight:
        return weighing
    points = min(weighing.points + weight, UNDOUBTED)
    if _is(likeness, LISTED_FROM):
        points = max(points, POSSIBLE_POINTS)
    only_lists = weighing.only_lists and not _is(likeness, SURE_FROM)
    return weighing._replace(
        points=min(points, CAP) if only_lists else points,
        evidence=(*weighing.evidence, _evidence(at, weight)),
        only_lists=only_lists,
    )


def _is(likeness: Likeness, odds: float) -> bool:
    return likeness.odds >= odds and not likeness.is_short


def _weight_of(odds: float) -> float:
    return round(min(MOST_FOR, max(0.0, odds)) + max(-MOST_AGAINST, min(0.0, odds + 1.0)), 2)


def _listed(weighing: Weighing, at: Sentence) -> Weighing:
    evidence = (*weighing.evidence, _evidence(at, POSSIBLE_POINTS))
    return weighing._replace(points=POSSIBLE_POINTS, evidence=evidence, only_lists=True)


def _evidence(at: Sentence, weight: float) -> Evidence:
    _, part, start, end = at
    if weight < 0:
        return Evidence(AGAINST, weight, part, start, end, f"counter: {_UNLIKE}")
    return Evidence(FOR, weight, part, start, end, f"relation: {_LIKE}")
