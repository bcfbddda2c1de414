"""What a mail was found to be, and the reasons: kept with every mail, so free of the rules."""

import enum
from collections.abc import Iterable
from typing import NamedTuple


class Verdict(enum.StrEnum):
    """What a mail is, judged by its newly written text."""

    REJECTION = "rejection"
    POSSIBLE = "possible"  # doubtful: passed as it is and listed for review
    OTHER = "other"


class Evidence(NamedTuple):
    """One reason for or against, safe to store and to show; a tuple, because a mail has many.

    rule        the rule's id; a guard's id when it took a verdict back (weight 0)
    weight      points; further verdicts count 40 and 20 %, all courtesies together at most one
    part        path of the leaf part, or "subject", or "envelope"
    start, end  the sentence's characters in the decoded text of that part
    label       the rule's own words, never the mail's
    """

    rule: str
    weight: float
    part: str
    start: int
    end: int
    label: str


def verdicts_in(evidence: Iterable[Evidence]) -> frozenset[str]:
    """Return the rules that heard somebody turned down, and were not taken back."""
    return frozenset(
        one.rule for one in evidence if one.weight > 0 and one.label.startswith("verdict: ")
    )
