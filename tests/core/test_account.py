"""The account: 10,000 sequences without a database, and what it says of a wrong entry."""

import random

import pytest

from gateway.core.account import (
    IN_USE,
    USE_KINDS,
    USES,
    Account,
    Kind,
    Line,
    SlotUse,
    Step,
    next_step,
)


class Book:
    """Write entries as the rules say, with chance for what comes from outside."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.account = Account()
        self.seq = 0
        self.counted: set[int] = set()
        self.slots: dict[int, set[int]] = {}  # what each slot was last made of

    def add(self, kind: Kind, **values: object) -> str | None:
        line = Line(self.seq + 1, kind, **values)  # type: ignore[arg-type]
        told = self.account.apply(line)
        if told is None:
            self.seq += 1
            self._remember(line)
        return told

    def _remember(self, line: Line) -> None:
        number = line.slot or line.seq
        if line.kind is Kind.SLOT_EARNED:
            self.slots[number] = set(line.points)
        if line.kind is Kind.SLOT_REVOKED:
            del self.slots[number]

    def follow(self) -> None:
        """Write all that must follow; nothing else is taken meanwhile."""
        while (due := self.account.must_follow()) is not None:
            assert self.add(Kind.COUNTED, referral_id=10**9) is not None
            assert self.add(due.kind, slot=due.slot, points=due.points) is None

    def act(self) -> None:
        chance = self.chance.random()
        if chance < 0.6:
            referral_id = self.seq + 1
            assert self.add(Kind.COUNTED, referral_id=referral_id) is None
            self.counted.add(referral_id)
        elif chance < 0.75 and self.counted:
            voided = self.chance.choice(sorted(self.counted))
            assert self.add(Kind.VOID, referral_id=voided) is None
            self.counted.remove(voided)
        else:
            slot = self.chance.choice(sorted(self.account.slots) or [1])
            kind = self.chance.choice(USE_KINDS)
            became = self.chance.choice(list(SlotUse)) if kind is Kind.ADJUSTED else None
            self.add(kind, slot=slot, became=became)
        self.follow()
        self.check()

    def check(self) -> None:
        account = self.account
        assert account.must_follow() is None
        assert account.counted == len(self.counted)
        assert account.earned == len(self.counted) // 10 == len(self.slots)
        assert len(account.free) == len(self.counted) % 10
        made_of = [point for points in self.slots.values() for point in points]
        assert len(set(made_of)) == len(made_of) == 10 * account.earned
        assert not set(made_of) & set(account.free)
        expired = in_use = 0
        for slot in account.slots.values():
            in_use += slot.use in IN_USE
            expired += slot.use is SlotUse.EXPIRED and bool(slot.points)
        assert account.available == account.earned - in_use - expired


def test_ten_thousand_sequences_keep_slots_at_a_tenth_of_what_counted() -> None:
    for seed in range(10_000):
        book = Book(seed)
        for _ in range(book.chance.randrange(5, 60)):
            book.act()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (Line(12, Kind.COUNTED, 1), "referral 1 was decided already"),
        (Line(12, Kind.NOT_COUNTED, 1), "referral 1 was decided already"),
        (Line(12, Kind.VOID, 99), "referral 99 has no point to take back"),
        (Line(12, Kind.WITHDRAWN, 1), "referral 1 is to be voided, once"),
        (Line(12, Kind.COUNTED), "it names no referral"),
        (Line(12, Kind.SLOT_EARNED, points=tuple(range(1, 11))), "nothing called for it"),
        (Line(12, Kind.SLOT_EARNED, points=(1,)), "a slot is made of exactly ten free points"),
        pytest.param(
            Line(12, Kind.SLOT_EARNED, points=(0, *range(2, 11))),
            "a slot is made of exactly ten free points",
            id="one of the ten does not exist",
        ),
        (Line(12, Kind.SLOT_REVOKED, slot=11), "nothing called for it"),
        (Line(12, Kind.RESERVED, slot=12), "it names no slot of this company"),
        (Line(12, Kind.HIRED, slot=11), "slot 11 is available"),
        (Line(12, Kind.ADJUSTED, slot=11), "slot 11 is available"),
    ],
)
def test_a_wrong_entry_is_named(line: Line, told: str) -> None:
    book = Book(0)
    for referral_id in range(1, 11):
        book.add(Kind.COUNTED, referral_id=referral_id)
    book.follow()
    assert book.account.apply(line) == told
    book.counted = set(range(1, 11))
    book.check()  # of a wrong entry nothing is applied


def test_a_withdrawn_referral_never_counts() -> None:
    account = Account()
    assert account.apply(Line(1, Kind.WITHDRAWN, 1)) is None
    told = account.apply(Line(2, Kind.COUNTED, 1))
    assert told == "referral 1 counted though it was withdrawn"
    assert account.apply(Line(2, Kind.NOT_COUNTED, 1)) is None
    assert account.counted == 0


TEN = tuple(range(1, 11))


@pytest.mark.parametrize(
    ("free", "owed", "available", "step"),
    [
        pytest.param(TEN[:9], (), (), None, id="nine points make nothing"),
        pytest.param((*TEN, 11), (), (), Step(Kind.SLOT_EARNED, None, TEN), id="the oldest ten"),
        pytest.param(TEN, (11, 22), (), Step(Kind.SLOT_EARNED, 11, TEN), id="the oldest owed"),
        pytest.param(
            TEN, (11,), (22, 33), Step(Kind.SLOT_REVOKED, 33), id="the newest available goes first"
        ),
        pytest.param((), (11,), (), None, id="a debt waits for points"),
    ],
)
def test_what_must_follow_is_the_first_rule_that_applies(
    free: tuple[int, ...], owed: tuple[int, ...], available: tuple[int, ...], step: Step | None
) -> None:
    assert next_step(free, owed, available) == step


def test_what_is_missing_at_the_end_is_named() -> None:
    book = Book(0)
    for referral_id in range(1, 11):
        book.add(Kind.COUNTED, referral_id=referral_id)
    assert book.account.finish() == "10 counted referrals, but 0 slots"
    book.follow()
    assert book.account.finish() is None
    book.add(Kind.RESERVED, slot=11)
    book.add(Kind.VOID, referral_id=3)
    assert book.account.finish() == "slot 11 was not revoked before it"
    book.follow()
    book.add(Kind.COUNTED, referral_id=11)
    assert book.add(Kind.COUNTED, referral_id=12) == "ten points before it did not fill slot 11"


def test_every_use_leads_somewhere() -> None:
    assert {use for before, _ in USES.values() for use in before} < set(SlotUse)
