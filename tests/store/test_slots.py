"""What becomes of slots: one use after the other, corrected with a reason, expired by the rule."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gateway.core.account import Kind, SlotUse
from gateway.core.credit import Rule
from gateway.errors import CareerRelayError, NotFoundError, TakenError
from gateway.store import slots
from gateway.store.corrections import void
from gateway.store.engine import reading_session, writing_session
from gateway.store.ledger import balance, entries
from gateway.store.rules import set_rule
from gateway.store.verify import verify
from tests.store.records import NOW, write_company
from tests.workers.work import relay_many, settle


def _company(engine: Engine, counted: int, rule: Rule | None = None) -> tuple[int, list[int]]:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        set_rule(session, company_id, rule or Rule(), "a test", NOW - timedelta(days=1))
    ids = relay_many(engine, company_id, 0, counted)
    for referral_id in ids:
        settle(engine, referral_id)
    return company_id, ids


def _uses(session: Session, company_id: int) -> list[tuple[int, SlotUse, bool]]:
    assert verify(session) == []
    listed = slots.list_slots(session, company_id)
    return [(slot.number, slot.use, slot.is_earned) for slot in listed]


def test_a_slot_is_reserved_introduced_and_hired(engine: Engine) -> None:
    company_id, _ = _company(engine, 20)
    with writing_session(engine).begin() as session:
        assert slots.reserve_slot(session, company_id, "hr", NOW) == 11
        slots.use_slot(session, company_id, 11, Kind.INTRODUCED, "hr", NOW)
        slots.use_slot(session, company_id, 11, Kind.HIRED, "hr", NOW)
        assert slots.reserve_slot(session, company_id, "hr", NOW) == 22
        with pytest.raises(TakenError, match="no available slot"):
            slots.reserve_slot(session, company_id, "hr", NOW)
        assert balance(session, company_id).slots_available == 0
        assert _uses(session, company_id) == [
            (11, SlotUse.HIRED, True),
            (22, SlotUse.RESERVED, True),
        ]


def test_a_returned_slot_is_available_again(engine: Engine) -> None:
    company_id, _ = _company(engine, 10)
    with writing_session(engine).begin() as session:
        for _ in range(2):
            slots.reserve_slot(session, company_id, "hr", NOW)
            slots.use_slot(session, company_id, 11, Kind.RETURNED, "hr", NOW, "no interview")
        assert balance(session, company_id).slots_available == 1
        assert entries(session, company_id)[-1].reason == "no interview"


@pytest.mark.parametrize(
    ("kind", "slot", "error"),
    [
        (Kind.INTRODUCED, 11, TakenError),
        (Kind.HIRED, 11, TakenError),
        (Kind.RETURNED, 11, TakenError),
        (Kind.RESERVED, 12, NotFoundError),
    ],
)
def test_what_cannot_follow_is_refused_in_words(
    engine: Engine, kind: Kind, slot: int, error: type[Exception]
) -> None:
    company_id, _ = _company(engine, 10)
    with pytest.raises(error), writing_session(engine).begin() as session:
        slots.use_slot(session, company_id, slot, kind, "hr", NOW)


def test_a_returned_slot_covers_one_that_is_owed(engine: Engine) -> None:
    company_id, ids = _company(engine, 20)
    with writing_session(engine).begin() as session:
        for _ in range(2):
            slots.reserve_slot(session, company_id, "hr", NOW)
        void(session, ids[0], "wrong", "a test", NOW)
        assert balance(session, company_id).slots_available == -1
        slots.use_slot(session, company_id, 22, Kind.RETURNED, "hr", NOW)
        assert _uses(session, company_id) == [(11, SlotUse.RESERVED, True)]
        assert balance(session, company_id).slots_available == 0


def test_an_owed_slot_that_is_returned_is_gone(engine: Engine) -> None:
    company_id, ids = _company(engine, 10)
    with writing_session(engine).begin() as session:
        slots.reserve_slot(session, company_id, "hr", NOW)
        void(session, ids[0], "wrong", "a test", NOW)
        assert _uses(session, company_id) == [(11, SlotUse.RESERVED, False)]
        slots.use_slot(session, company_id, 11, Kind.RETURNED, "hr", NOW)
        assert _uses(session, company_id) == []
        with pytest.raises(NotFoundError):
            slots.adjust_slot(session, company_id, 11, SlotUse.HIRED, "no", "hr", NOW)


def test_a_correction_needs_a_reason_and_says_what_became(engine: Engine) -> None:
    company_id, _ = _company(engine, 10)
    with writing_session(engine).begin() as session:
        with pytest.raises(CareerRelayError, match="needs a reason"):
            slots.adjust_slot(session, company_id, 11, SlotUse.HIRED, " ", "hr", NOW)
        slots.adjust_slot(session, company_id, 11, SlotUse.HIRED, "told by phone", "hr", NOW)
        assert _uses(session, company_id) == [(11, SlotUse.HIRED, True)]
        assert entries(session, company_id)[-1].became is SlotUse.HIRED


def test_slots_expire_by_the_rule_they_were_earned_under(engine: Engine) -> None:
    company_id, ids = _company(engine, 20, Rule(slot_days=30))
    late = NOW + timedelta(days=30)
    with writing_session(engine).begin() as session:
        assert slots.companies_with_expiry(session) == (company_id,)
        slots.reserve_slot(session, company_id, "hr", NOW)
        assert slots.expire_due(session, company_id, late - timedelta(seconds=1)) == 0
        assert slots.expire_due(session, company_id, late) == 1
        assert slots.expire_due(session, company_id, late) == 0
        sums = balance(session, company_id)
        assert (sums.slots_available, sums.slots_expired, sums.slots_in_use) == (0, 1, 1)
        void(session, ids[15], "wrong", "a test", late)  # an expired slot is nobody's debt
        sums = balance(session, company_id)
        assert (sums.slots_available, sums.slots_expired, sums.points) == (0, 0, 9)
        assert verify(session) == []


def test_a_company_reads_nothing_of_another(engine: Engine) -> None:
    company_id, _ = _company(engine, 10)
    other = write_company(engine, "Ume").company.id
    with reading_session(engine)() as session:
        assert slots.list_slots(session, other) == ()
    with pytest.raises(TakenError), writing_session(engine).begin() as session:
        slots.reserve_slot(session, other, "hr", NOW)
    assert company_id != other
