"""What a rule is: a meaning, the words that can carry it, and sentences that show both sides."""

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass

OPEN, CLOSE = "\u25c1", "\u25b7"
"""Around the matched words in the text that `Rule.unless` is searched in."""

_BEFORE_CHARS = 60
_AFTER_CHARS = 100


class Kind(enum.StrEnum):
    """What a rule's match says about the mail."""

    VERDICT = "verdict"  # this sentence turns somebody's application down
    RELATION = "relation"  # the mail is about somebody's application for work
    COURTESY = "courtesy"  # what goes with a refusal and decides nothing alone
    COUNTER = "counter"  # speaks for another kind of mail
    VETO = "veto"  # with this in the text no link may go in


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, matched against one sentence at a time.

    id        stable name, language first: what the log and a company's own settings refer to
    weight    how much a match speaks for (above 0) or against (below 0) a rejection
    label     what the rule means, in its own words: safe to store and to show
    pattern   searched in the sentence as `reader` gives it: NFKC, lower case, wraps undone
    examples  sentences it must match
    counters  sentences close by that it must not match
    unless    searched in the text around a match, which stands between OPEN and CLOSE: if
              found, the match is not heard
    """

    id: str
    kind: Kind
    weight: float
    label: str
    pattern: re.Pattern[str]
    examples: tuple[str, ...]
    counters: tuple[str, ...]
    unless: re.Pattern[str] | None = None

    def heard(self, text: str) -> Iterator[re.Match[str]]:
        """Yield the matches in `text` that have nothing beside them that takes their meaning."""
        for one in self.pattern.finditer(text):
            beside = (
                text[max(0, one.start() - _BEFORE_CHARS) : one.start()]
                + f"{OPEN}{one[0]}{CLOSE}"
                + text[one.end() : one.end() + _AFTER_CHARS]
            )
            if self.unless is None or not self.unless.search(beside):
                yield one


def verdict(
    name: str,
    weight: float,
    label: str,
    pattern: str,
    examples: tuple[str, ...],
    counters: tuple[str, ...],
) -> Rule:
    """Return a verdict rule."""
    return Rule(
        name,
        Kind.VERDICT,
        weight,
        f"verdict: {label}",
        re.compile(pattern),
        examples,
        counters,
    )


def context(  # noqa: PLR0913, PLR0917 - one row of a table
    name: str,
    kind: Kind,
    weight: float,
    label: str,
    pattern: str,
    examples: tuple[str, ...],
    counters: tuple[str, ...],
    unless: str = "",
) -> Rule:
    """Return a rule of another kind than verdict: heard in any sentence."""
    return Rule(
        name,
        kind,
        weight,
        f"{kind}: {label}",
        re.compile(pattern),
        examples,
        counters,
        re.compile(unless) if unless else None,
    )


class Side(enum.StrEnum):
    """Where a guard looks, seen from the words that a verdict rule matched."""

    BEFORE = "before"  # the same clause, up to the match
    AFTER = "after"  # what follows it in the same clause
    SENTENCE = "sentence"  # anywhere in the sentence


@dataclass(frozen=True, slots=True)
class Guard:
    """Words beside a verdict that take its force: if, they say, the others, last year.

    examples  whole sentences with a verdict that this guard takes back
    counters  whole sentences with a verdict that it leaves standing
    unless    searched in the whole sentence: if found, the guard does not hold
    """

    id: str
    side: Side
    label: str
    pattern: re.Pattern[str]
    examples: tuple[str, ...]
    counters: tuple[str, ...]
    unless: re.Pattern[str] | None = None
