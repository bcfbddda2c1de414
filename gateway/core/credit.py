"""What counts: one candidate once per company in 365 days; ten points are one slot.

A company may have a rule of its own. A changed rule is a new version and never touches referrals
relayed under an old one.
"""

import enum
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

RULE_VERSION = "2026-1"
"""The rule of a company that never had one of its own."""

POINTS_PER_SLOT = 10
COUNTS_AGAIN_AFTER = timedelta(days=365)

_HABIT_DAYS = 28
_KNOWN_AFTER_DAYS = 7
_TIMES_THE_HABIT = 10
_TIMES_WITHOUT_HABIT = 50


class NotCounted(enum.StrEnum):
    """Why a referral gives no point."""

    DUPLICATE = "duplicate"  # the candidate counted for this company within the rule's window
    VOIDED = "voided"  # the referral was taken back before it counted


class CountAt(enum.StrEnum):
    """When a referral counts."""

    RELAYED = "relayed"  # the next hop took the mail
    OPENED = "opened"  # a person went on from the landing page
    REGISTERED = "registered"  # a person joined with consent


class Waits(enum.StrEnum):
    """What a held referral waits for."""

    OPENED = "until-opened"
    REGISTERED = "until-registered"
    HOURS = "hold-hours"
    REVIEW = "burst"  # far more than the company's habit: a person has to look


@dataclass(frozen=True, slots=True)
class Rule:
    """How a company's referrals count.

    window_days  a candidate counts once within this many days
    hold_hours   how long a referral waits before it counts, 0 to count at once
    burst_limit  fewer entries than this in 24 hours are never a burst; 0 turns the review off
    slot_days    after this many days an unused slot expires, 0 for never
    """

    version: str = RULE_VERSION
    count_at: CountAt = CountAt.RELAYED
    window_days: int = 365
    hold_hours: int = 0
    burst_limit: int = 100
    slot_days: int = 0

    @property
    def window(self) -> timedelta:
        """How long after a counted referral the same candidate does not count again."""
        return timedelta(days=self.window_days)


DEFAULT_RULE = Rule()


@dataclass(frozen=True, slots=True)
class Credit:
    """Whether a referral gives a point; `reason` says why not, None when it does."""

    reason: NotCounted | None = None

    @property
    def is_counted(self) -> bool:
        """Whether it gives a point."""
        return self.reason is None


@dataclass(frozen=True, slots=True)
class Habit:
    """How many entries a company's ledger got.

    today    in the last 24 hours
    earlier  in the 28 days before
    days     how many days before these 24 hours the ledger began, 0 for a new one
    """

    today: int
    earlier: int
    days: float


def judge_referral(
    relayed_at: datetime, counted_at: Iterable[datetime], window: timedelta = COUNTS_AGAIN_AFTER
) -> Credit:
    """Return whether a referral relayed at `relayed_at` gives a point.

    counted_at  when the same candidate's counted referrals for the same company were relayed;
                workers may settle a later mail first, so the distance matters, not the order
    """
    if any(abs(relayed_at - earlier) < window for earlier in counted_at):
        return Credit(NotCounted.DUPLICATE)
    return Credit()


def waits_for(rule: Rule, facts: "Facts", now: datetime) -> tuple[Waits, datetime | None] | None:
    """Return what a referral must wait for before it counts, and until when at the latest.

    None when it need not wait. The moment is None where only an event ends the wait.
    """
    if rule.count_at is CountAt.REGISTERED and facts.registered_at is None:
        return Waits.REGISTERED, None
    if rule.count_at is CountAt.OPENED and facts.opened_at is facts.registered_at is None:
        return Waits.OPENED, None
    until = facts.relayed_at + timedelta(hours=rule.hold_hours)
    return (Waits.HOURS, until) if rule.hold_hours and now < until else None


def is_burst(rule: Rule, habit: Habit) -> bool:
    """Tell whether a company's day is far outside its habit.

    A company younger than a week has no habit yet: there fifty times the limit is a burst.
    """
    if rule.burst_limit == 0 or habit.today < rule.burst_limit:
        return False
    if habit.days < _KNOWN_AFTER_DAYS:
        return habit.today >= rule.burst_limit * _TIMES_WITHOUT_HABIT
    usual = habit.earlier / min(habit.days, _HABIT_DAYS)
    return habit.today >= max(rule.burst_limit, math.ceil(_TIMES_THE_HABIT * usual))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule asks of a referral; `candidate` is None once the person is forgotten."""

    relayed_at: datetime
    opened_at: datetime | None = None
    registered_at: datetime | None = None
    candidate: str | None = None


@dataclass(slots=True)
class Simulation:
    """What a rule would have given, referral by referral in the order they were relayed.

    Voids, the window and events are taken into account; holds are not, as each ends in a point or
    a void.
    """

    rule: Rule
    counted: int = 0
    duplicates: int = 0
    waiting: int = 0
    _last: dict[str, datetime] = field(default_factory=dict)

    def see(self, facts: Facts, *, is_new: bool) -> None:
        """Take the next referral; one that is not new only makes later ones duplicates."""
        if waits_for(self.rule, facts, datetime.max.replace(tzinfo=facts.relayed_at.tzinfo)):
            self.waiting += is_new
            return
        last = None if facts.candidate is None else self._last.get(facts.candidate)
        if last is not None and facts.relayed_at - last < self.rule.window:
            self.duplicates += is_new
            return
        self.counted += is_new
        if facts.candidate is not None:
            self._last[facts.candidate] = facts.relayed_at


def slots_earned(counted: int) -> int:
    """Return how many slots `counted` referrals make: ⌊counted / 10⌋."""
    return counted // POINTS_PER_SLOT
