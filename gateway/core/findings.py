"""What may be wrong with a rejection mail, and what a company wants to follow from it."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.core.verdict import Evidence


class Finding(enum.StrEnum):
    """What is wrong with a rejection mail."""

    PLACEHOLDER = "placeholder"
    OTHER_COMPANY = "other-company"
    NO_HONORIFIC = "no-honorific"
    NO_THANKS = "no-thanks"
    NO_CLEAR_RESULT = "no-clear-result"
    VISIBLE_CANDIDATES = "visible-candidates"


LABELS: dict[Finding, str] = {
    Finding.PLACEHOLDER: "a placeholder was left in",
    Finding.OTHER_COMPANY: "another company's name as the sender",
    Finding.NO_HONORIFIC: "the reader is not addressed",
    Finding.NO_THANKS: "no word of thanks",
    Finding.NO_CLEAR_RESULT: "the result is not said clearly",
    Finding.VISIBLE_CANDIDATES: "several candidates see each other in To or Cc",
}

MISTAKES = frozenset({Finding.PLACEHOLDER, Finding.OTHER_COMPANY, Finding.VISIBLE_CANDIDATES})
"""What went wrong with one mail; the others are how a company's letter is worded."""

_RULE = "courtesy."


class Reaction(enum.StrEnum):
    """What follows from a finding."""

    LOG = "log"  # it stands in the log
    NOTIFY = "notify"  # and the company is told
    REFUSE = "refuse"  # the mail does not go: its sender gets 550


@dataclass(frozen=True, slots=True)
class Courtesy:
    """What a company wants to follow from each finding; NOTIFY where it said nothing."""

    chosen: tuple[tuple[Finding, Reaction], ...] = ()

    def reaction(self, finding: Finding) -> Reaction:
        """Return what follows from `finding`."""
        return dict(self.chosen).get(finding, Reaction.NOTIFY)

    def refused(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return those of `findings` with which no mail may go."""
        return tuple(one for one in findings if self.reaction(one) is Reaction.REFUSE)


ALWAYS_NOTIFY = Courtesy()


def evidence_of(finding: Finding) -> Evidence:
    """Return the finding as it stands in the log, without weight."""
    return Evidence(f"{_RULE}{finding}", 0.0, "text", 0, 0, f"courtesy check: {LABELS[finding]}")


def findings_in(evidence: Iterable[Evidence]) -> tuple[Finding, ...]:
    """Return the findings that stand among the evidence."""
    rules = (one.rule for one in evidence if one.rule.startswith(_RULE))
    return tuple(Finding(rule.removeprefix(_RULE)) for rule in rules)
