"""verify() names what no hash tells: rules, turns, entries cut off, values that cannot be read."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from gateway.core.account import Kind
from gateway.core.credit import Rule
from gateway.store import ledger, reviews
from gateway.store.corrections import void
from gateway.store.engine import open_engine, reading_session, writing_session
from gateway.store.rules import rule_at, set_rule
from gateway.store.slots import reserve_slot, use_slot
from gateway.store.verify import Problem, verify
from tests.store.records import NOW, relay, write_company
from tests.store.tampering import tamper
from tests.workers.work import relay_many, settle


def _verify(engine: Engine) -> list[Problem]:
    with reading_session(engine)() as session:
        return verify(session)


@pytest.fixture
def company_id(engine: Engine) -> int:
    """Write a company with a rule of its own and a slot of ten referrals, and one without."""
    written = write_company(engine).company.id
    write_company(engine, "Ume")
    with writing_session(engine).begin() as session:
        for days in (30, 60):
            set_rule(session, written, Rule(window_days=days), "a test", NOW)
    for referral_id in relay_many(engine, written, 0, 10):
        settle(engine, referral_id)
    assert _verify(engine) == []
    return written


def test_a_changed_turn_is_named(engine: Engine, company_id: int) -> None:
    tamper(engine, "UPDATE slot_point SET turn = 7 WHERE ordinal = 3")
    told = "entry 3 is in a slot for time 1, its row says 7"
    assert _verify(engine) == [Problem(company_id, 11, told)]


def test_the_second_turn_of_a_point_is_right(engine: Engine, company_id: int) -> None:
    with writing_session(engine).begin() as session:
        void(session, 1, "wrong", "a test", NOW)
    for referral_id in relay_many(engine, company_id, 10, 11):
        settle(engine, referral_id)
    assert _verify(engine) == []
    tamper(engine, "UPDATE slot_point SET turn = 3 WHERE turn = 2 AND ordinal = 1")
    (problem,) = _verify(engine)
    assert problem.what == "entry 2 is in a slot for time 2, its row says 3"


@pytest.mark.parametrize(
    "change",
    [
        "count_at = 'opened'",
        "window_days = 1",
        "hold_hours = 1",
        "burst_limit = 1",
        "slot_days = 1",
        "since = '2025-01-01 00:00:00.000000+00:00'",
        "actor = 'somebody else'",
    ],
)
def test_a_rewritten_rule_is_not_the_one_that_entries_name(
    engine: Engine, company_id: int, change: str
) -> None:
    if engine.dialect.name == "sqlite":
        change = change.replace("+00:00", "")
    tamper(engine, f"UPDATE counting_rule SET {change} WHERE number = 2")
    (problem,) = _verify(engine)
    assert (problem.company_id, problem.seq) == (company_id, 1)
    assert problem.what.startswith("it names rule own-2.")


def test_a_rule_that_was_taken_out_is_missing(engine: Engine, company_id: int) -> None:
    tamper(engine, "DELETE FROM counting_rule WHERE number = 1")
    assert _verify(engine) == [Problem(company_id, None, "counting rule own-1 is missing")]


def test_entries_that_name_a_rule_by_its_number_alone_stay_right(
    engine: Engine, company_id: int
) -> None:
    with writing_session(engine).begin() as session:
        (referral_id,) = relay_many(engine, company_id, 10, 1)
        rule = replace(rule_at(session, company_id, NOW), version="own-2")
        draft = ledger.Draft(Kind.COUNTED, referral_id, rule_version=rule.version)
        session.execute(text("UPDATE referral SET settled_at = relayed_at"))
        ledger.append(session, company_id, draft, NOW)
    assert _verify(engine) == []


@pytest.mark.parametrize(
    ("last", "event"),
    [
        pytest.param(Kind.RESERVED, "slot-used", id="reserved"),
        pytest.param(Kind.RETURNED, "slot-returned", id="returned"),
        pytest.param(Kind.EXPIRED, "slot-expired", id="expired"),
        pytest.param(Kind.VOID, "referral-voided", id="void"),
    ],
)
def test_a_notification_tells_of_an_entry_that_was_cut_off(
    engine: Engine, company_id: int, last: Kind, event: str
) -> None:
    with writing_session(engine).begin() as session:
        if last is Kind.VOID:
            void(session, 4, "wrong", "a test", NOW)
        else:
            if last is Kind.RETURNED:
                reserve_slot(session, company_id, "a test", NOW)
            use_slot(session, company_id, 11, last, "a test", NOW)
    assert _verify(engine) == []
    tamper(engine, f"DELETE FROM ledger_entry WHERE seq >= {13 if last is Kind.RETURNED else 12}")
    (problem,) = _verify(engine)
    assert (problem.company_id, problem.seq) == (company_id, None)
    assert f"({event}) tells of an entry that is missing" in problem.what


def test_an_entry_with_the_id_of_one_cut_off_is_not_what_was_told(
    engine: Engine, company_id: int
) -> None:
    with writing_session(engine).begin() as session:
        void(session, 4, "wrong", "a test", NOW)
    cut = "DELETE FROM ledger_entry WHERE seq >= 12"
    tamper(engine, cut, "UPDATE referral SET masked = 'x' WHERE id = 4")
    for referral_id in relay_many(engine, company_id, 10, 2):
        settle(engine, referral_id)
    (problem,) = _verify(engine)
    assert "(referral-voided) tells of an entry that is missing" in problem.what


def test_a_denied_mail_vouches_for_the_void_of_its_referral(
    engine: Engine, company_id: int
) -> None:
    with writing_session(engine).begin() as session:
        referral_id = relay(session, company_id, "m99", "c99")
    settle(engine, referral_id)
    with writing_session(engine).begin() as session:
        reviews.answer(
            session,
            company_id,
            f"{company_id}-m99-c99",
            is_rejection=False,
            actor="a test",
            now=NOW,
        )
    assert _verify(engine) == []
    tamper(engine, "DELETE FROM notification", "DELETE FROM ledger_entry WHERE kind = 'void'")
    (problem,) = _verify(engine)
    assert f"nothing takes back its referral {referral_id}" in problem.what


@pytest.mark.parametrize(
    ("statement", "seq", "what"),
    [
        pytest.param(
            "UPDATE ledger_entry SET at = 'soon' WHERE id = 4", 4, "its at cannot", id="a time"
        ),
        pytest.param(
            "UPDATE ledger_entry SET actor = CAST(x'ff61' AS TEXT) WHERE id = 5",
            5,
            "its actor cannot",
            id="a text that is no UTF-8",
        ),
        pytest.param(
            "UPDATE ledger_entry SET reason = x'00' WHERE id = 6",
            6,
            "its reason cannot",
            id="bytes",
        ),
        pytest.param(
            "UPDATE referral SET relayed_at = '2026-13-01' WHERE id = 3",
            None,
            "row 3 of referral: relayed_at cannot",
            id="a referral's time",
        ),
        pytest.param(
            "UPDATE counting_rule SET since = '' WHERE number = 2",
            None,
            "row 2 of counting_rule: since cannot",
            id="a rule's time",
        ),
        pytest.param(
            "UPDATE counting_rule SET count_at = 'never' WHERE number = 1",
            None,
            "one of its rows holds a value that cannot be read",
            id="a rule that does not exist",
        ),
    ],
)
def test_a_value_that_cannot_be_read_is_named_and_other_ledgers_are_verified(
    sqlite_url: str, statement: str, seq: int | None, what: str
) -> None:
    engine = open_engine(sqlite_url)
    first, second = (write_company(engine, name).company.id for name in ("Sakura", "Ume"))
    with writing_session(engine).begin() as session:
        for days in (30, 60):
            set_rule(session, first, Rule(window_days=days), "a test", NOW)
    for company in (first, second):
        for referral_id in relay_many(engine, company, 0, 10):
            settle(engine, referral_id)
    tamper(engine, statement, f"UPDATE ledger_entry SET actor = 'x' WHERE company_id = {second}")
    found = _verify(engine)
    assert [(one.company_id, one.seq) for one in found] == [(first, seq), (second, 1)]
    assert what in found[0].what
    engine.dispose()


@pytest.mark.postgresql
def test_a_moment_that_python_has_not_is_named(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    company_id = write_company(engine).company.id
    for referral_id in relay_many(engine, company_id, 0, 2):
        settle(engine, referral_id)
    tamper(engine, "UPDATE ledger_entry SET at = 'infinity' WHERE seq = 2")
    assert _verify(engine) == [Problem(company_id, 2, "its at cannot be read")]
    engine.dispose()
