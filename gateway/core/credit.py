"""What counts: one candidate once per company in 365 days; ten points are one slot.

A changed rule is a new RULE_VERSION and never touches entries written under an old one.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

RULE_VERSION = "2026-1"
POINTS_PER_SLOT = 10
COUNTS_AGAIN_AFTER = timedelta(days=365)


class NotCounted(enum.StrEnum):
    """Why a referral gives no point."""

    DUPLICATE = "duplicate"  # the candidate counted for this company less than a year away
    VOIDED = "voided"  # the referral was taken back before it counted


@dataclass(frozen=True, slots=True)
class Credit:
    """Whether a referral gives a point; `reason` says why not, None when it does."""

    reason: NotCounted | None = None

    @property
    def is_counted(self) -> bool:
        """Whether it gives a point."""
        return self.reason is None


def judge_referral(relayed_at: datetime, counted_at: Iterable[datetime]) -> Credit:
    """Return whether a referral relayed at `relayed_at` gives a point.

    counted_at  when the same candidate's counted referrals for the same company were relayed;
                workers may settle a later mail first, so the distance matters, not the order
    """
    if any(abs(relayed_at - earlier) < COUNTS_AGAIN_AFTER for earlier in counted_at):
        return Credit(NotCounted.DUPLICATE)
    return Credit()


def slots_earned(counted: int) -> int:
    """Return how many slots `counted` referrals make: ⌊counted / 10⌋."""
    return counted // POINTS_PER_SLOT
