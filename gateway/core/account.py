"""A company's account, recomputed from its ledger entries: points, slots, and what must follow.

This is the whole arithmetic, without a database: docs/ledger.md says it in words. Points and
slots are called by the numbers of the entries that made them.
"""

import bisect
import enum
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.core.credit import POINTS_PER_SLOT


class Kind(enum.StrEnum):
    """What a ledger entry says."""

    HELD = "held"  # not counted yet, `reason` says what it waits for
    COUNTED = "counted"  # one point
    NOT_COUNTED = "not_counted"  # no point, `reason` says why
    VOID = "void"  # the point of a counted referral is taken back
    WITHDRAWN = "withdrawn"  # the notice is taken back; there was no point
    SLOT_EARNED = "slot_earned"  # ten points became one slot
    SLOT_REVOKED = "slot_revoked"  # a slot gives its points back
    RESERVED = "reserved"  # a slot is kept for one hiring
    INTRODUCED = "introduced"  # a candidate was introduced for it
    HIRED = "hired"  # … and hired: the slot is used up
    RETURNED = "returned"  # nobody was hired: the slot is free again
    EXPIRED = "expired"  # a slot that nobody used in time
    ADJUSTED = "adjusted"  # the operator corrected what a slot is used for


class SlotUse(enum.StrEnum):
    """What a slot is used for."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    INTRODUCED = "introduced"
    HIRED = "hired"
    EXPIRED = "expired"


IN_USE = frozenset({SlotUse.RESERVED, SlotUse.INTRODUCED, SlotUse.HIRED})
"""Uses by which a company has already had the benefit: losing its points leaves the slot owed."""

USES: dict[Kind, tuple[frozenset[SlotUse], SlotUse]] = {
    Kind.RESERVED: (frozenset({SlotUse.AVAILABLE}), SlotUse.RESERVED),
    Kind.INTRODUCED: (frozenset({SlotUse.RESERVED}), SlotUse.INTRODUCED),
    Kind.HIRED: (frozenset({SlotUse.INTRODUCED}), SlotUse.HIRED),
    Kind.RETURNED: (frozenset({SlotUse.RESERVED, SlotUse.INTRODUCED}), SlotUse.AVAILABLE),
    Kind.EXPIRED: (frozenset({SlotUse.AVAILABLE}), SlotUse.EXPIRED),
}
"""From which uses an entry may follow, and which one it leads to. ADJUSTED may lead to any."""

USE_KINDS = (*USES, Kind.ADJUSTED)


@dataclass(frozen=True, slots=True)
class Line:
    """What an entry means to the account.

    slot    the slot it is about; None where it makes a new one or is about no slot
    became  what an ADJUSTED slot is used for from now on
    points  the points that a slot is made of
    """

    seq: int
    kind: Kind
    referral_id: int | None = None
    slot: int | None = None
    became: SlotUse | None = None
    points: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """An entry that must follow: SLOT_EARNED (slot None: a new one) or SLOT_REVOKED."""

    kind: Kind
    slot: int | None = None
    points: tuple[int, ...] = ()


def next_step(free: Sequence[int], owed: Sequence[int], available: Sequence[int]) -> Step | None:
    """Return the entry that must follow, None when the account is in order.

    free       points in no slot, oldest first
    owed       slots in use that have no points any more, oldest first
    available  slots that have their points and no use, oldest first
    """
    if owed and available:
        return Step(Kind.SLOT_REVOKED, available[-1])
    if len(free) >= POINTS_PER_SLOT:
        return Step(Kind.SLOT_EARNED, owed[0] if owed else None, tuple(free[:POINTS_PER_SLOT]))
    return None


@dataclass(slots=True)
class Slot:
    """A slot; without points it is revoked: owed when it is in use, else gone."""

    number: int
    points: tuple[int, ...] = ()
    use: SlotUse = SlotUse.AVAILABLE


@dataclass(slots=True)
class Account:
    """The sums of the entries applied so far."""

    slots: dict[int, Slot] = field(default_factory=dict)
    _point_of: dict[int, int] = field(default_factory=dict)  # referral -> its counted entry
    _settled: set[int] = field(default_factory=set)  # referrals
    _withdrawn: set[int] = field(default_factory=set)  # referrals
    _free: list[int] = field(default_factory=list)
    _slot_of: dict[int, int] = field(default_factory=dict)  # point -> the slot it is in
    _spoiled: set[int] = field(default_factory=set)  # slots that lost a point to a void
    _owed: set[int] = field(default_factory=set)
    _available: set[int] = field(default_factory=set)

    @property
    def counted(self) -> int:
        """Counted referrals, less the voided ones."""
        return len(self._free) + len(self._slot_of)

    @property
    def earned(self) -> int:
        """Slots that have their ten points: ⌊counted / 10⌋ whenever nothing must follow."""
        return len(self._slot_of) // POINTS_PER_SLOT

    @property
    def free(self) -> tuple[int, ...]:
        """Points in no slot, oldest first."""
        return tuple(self._free)

    @property
    def available(self) -> int:
        """Slots to be used; below zero: so many used slots are owed."""
        return len(self._available) - len(self._owed)

    def must_follow(self) -> Step | None:
        """Return the entry that must come next, None when any may."""
        if self._spoiled:
            return Step(Kind.SLOT_REVOKED, min(self._spoiled))
        return next_step(self._free, sorted(self._owed), sorted(self._available))

    def apply(self, line: Line) -> str | None:
        """Apply the next entry; return what is wrong with it, in words, or None.

        A wrong entry changes nothing.
        """
        due = self.must_follow()
        if line.kind in {Kind.SLOT_EARNED, Kind.SLOT_REVOKED}:
            return self._follow(line, due)
        if due is not None:
            return _missing(due)
        if line.kind in USE_KINDS:
            return self._use(line)
        if line.referral_id is None:
            return "it names no referral"
        return self._settle(line.kind, line.referral_id, line.seq)

    def finish(self) -> str | None:
        """Return what is missing after the last entry, in words, or None."""
        due = self.must_follow()
        if due is not None and due.kind is Kind.SLOT_EARNED:
            return f"{self.counted} counted referrals, but {self.earned} slots"
        return None if due is None else _missing(due)

    def _settle(self, kind: Kind, referral_id: int, seq: int) -> str | None:
        if kind is Kind.VOID:
            return self._void(referral_id)
        if kind is Kind.WITHDRAWN:
            return self._withdraw(referral_id)
        if kind is Kind.HELD:
            return None
        if referral_id in self._settled:
            return f"referral {referral_id} was decided already"
        if kind is Kind.COUNTED and referral_id in self._withdrawn:
            return f"referral {referral_id} counted though it was withdrawn"
        self._settled.add(referral_id)
        if kind is Kind.COUNTED:
            self._point_of[referral_id] = seq
            self._free.append(seq)
        return None

    def _withdraw(self, referral_id: int) -> str | None:
        if referral_id in self._withdrawn or referral_id in self._point_of:
            return f"referral {referral_id} is to be voided, once"
        self._withdrawn.add(referral_id)
        return None

    def _void(self, referral_id: int) -> str | None:
        point = self._point_of.get(referral_id)
        if point is None or not self._has(point):
            return f"referral {referral_id} has no point to take back"
        slot = self._slot_of.pop(point, None)
        if slot is None:
            self._free.remove(point)
        else:
            self.slots[slot].points = tuple(p for p in self.slots[slot].points if p != point)
            self._spoiled.add(slot)
        return None

    def _has(self, point: int) -> bool:
        at = bisect.bisect_left(self._free, point)
        return point in self._slot_of or (at < len(self._free) and self._free[at] == point)

    def _follow(self, line: Line, due: Step | None) -> str | None:
        is_earned = line.kind is Kind.SLOT_EARNED
        if is_earned and (len(line.points) != POINTS_PER_SLOT or 0 in line.points):
            return "a slot is made of exactly ten free points"
        if due != Step(line.kind, line.slot, line.points):
            return "nothing called for it" if due is None else _missing(due)
        number = line.seq if line.slot is None else line.slot
        slot = self.slots.setdefault(number, Slot(number))
        if is_earned:
            del self._free[:POINTS_PER_SLOT]
            self._slot_of.update(dict.fromkeys(line.points, number))
        else:
            for point in slot.points:
                bisect.insort(self._free, point)
                del self._slot_of[point]
        slot.points = line.points
        self._spoiled.discard(number)
        self._sort(slot)
        return None

    def _use(self, line: Line) -> str | None:
        slot = self.slots.get(line.slot or 0)
        if slot is None or not (slot.points or slot.use in IN_USE):
            return "it names no slot of this company"
        before, after = USES.get(line.kind, (frozenset(SlotUse), line.became))
        if slot.use not in before or after is None:
            return f"slot {slot.number} is {slot.use}"
        slot.use = after
        self._sort(slot)
        return None

    def _sort(self, slot: Slot) -> None:
        """Put a slot where next_step() looks for it."""
        for group, belongs in (
            (self._owed, not slot.points and slot.use in IN_USE),
            (self._available, bool(slot.points) and slot.use is SlotUse.AVAILABLE),
        ):
            (group.add if belongs else group.discard)(slot.number)


def _missing(due: Step) -> str:
    if due.kind is Kind.SLOT_EARNED and due.slot is None:
        return "ten points before it made no slot"
    if due.kind is Kind.SLOT_EARNED:
        return f"ten points before it did not fill slot {due.slot}"
    return f"slot {due.slot} was not revoked before it"
