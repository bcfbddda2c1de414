"""What a person's word on a verdict means: values in, consequences out.

Only verdicts that put a link in, or would have, count for and against a company: who says that a
doubtful mail was no rejection says that the relay was right to leave it alone.
"""

import enum
from dataclasses import dataclass

from gateway.core.company import Mode
from gateway.core.verdict import Verdict
from gateway.core.why import Action


@dataclass(frozen=True, slots=True)
class Standing:
    """How a company's verdicts fared with the people who looked at its mails.

    in_a_row  rejections confirmed since the last one that was none
    wrong     rejections that were none, in all
    """

    in_a_row: int = 0
    wrong: int = 0

    def missing(self, needed: int) -> int:
        """Return how many more confirmed in a row inject mode asks for."""
        return max(0, needed - self.in_a_row)


_STEP = 0.5
_MOST_STEPS = 2
_CONFIRMED_FOR_A_STEP = 20


def offset_of(standing: Standing) -> float:
    """Return how many points more than others a company's mails need for a link: 0, 0.5 or 1.

    Each denied rejection is a step up, each twenty confirmed in a row a step down, but never below
    what all companies need: answers make a company's judging stricter, never laxer.
    """
    steps = min(standing.wrong, _MOST_STEPS) - standing.in_a_row // _CONFIRMED_FOR_A_STEP
    return _STEP * max(0, steps)


@dataclass(frozen=True, slots=True)
class Consequence:
    """What an answer brings about.

    withdraws   the mail carried a link and should not have: its referral is taken back
    to_observe  and no further mail of the company is changed until people have looked again
    """

    withdraws: bool = False
    to_observe: bool = False


def counts(verdict: Verdict) -> bool:
    """Tell whether an answer about a mail of this verdict counts for or against the company."""
    return verdict is Verdict.REJECTION


class Rule(enum.StrEnum):
    """What an answer on one mail says of others of its sender and subject."""

    FORBIDS = "no-link"  # one was wrongly taken: others are doubtful at most
    EASES = "eased"  # a doubtful one was a rejection: others like it need a point less
    DOUBTS = "not-eased"  # a doubtful one was none: nothing is eased


def rule_of(verdict: Verdict, *, is_rejection: bool) -> Rule | None:
    """Return what an answer about a mail of this verdict says of others.

    That a rejection was one says nothing that the rules do not say by themselves.
    """
    if verdict is Verdict.REJECTION:
        return None if is_rejection else Rule.FORBIDS
    return Rule.EASES if is_rejection else Rule.DOUBTS


def consequence(action: Action, mode: Mode, *, is_rejection: bool) -> Consequence:
    """Return what follows when a person says what a mail was.

    action        what was done to the mail
    mode          the company's mode now
    is_rejection  the person's answer
    """
    is_false_injection = action is Action.INJECTED and not is_rejection
    return Consequence(is_false_injection, is_false_injection and mode is Mode.INJECT)
