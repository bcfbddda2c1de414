"""The ledger: what stands there stays, and verify() names what somebody changed all the same."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from gateway.core.account import Kind
from gateway.store import ledger, points, referrals
from gateway.store.engine import open_engine, writing_session
from gateway.store.ledger import Draft
from gateway.store.ledger_rows import LedgerEntryRow, SlotPointRow
from gateway.store.verify import Problem, verify
from tests.store import reserving
from tests.store.records import NOW, digest, make_mail, make_referral, relay, write_company
from tests.store.tampering import tamper

_FIRST_POINT = "SELECT * FROM slot_point WHERE ordinal = 1"


def _count(session: Session, company_id: int, referral_id: int) -> LedgerEntryRow:
    """Settle a relayed referral as counted, whatever the rules say."""
    assert referrals.settle_once(session, referral_id, NOW) is not None
    return ledger.append(session, company_id, Draft(Kind.COUNTED, referral_id), NOW)


@pytest.fixture
def company_id(engine: Engine) -> int:
    """Write a company whose ledger holds a slot of ten points and one more point."""
    written = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        for number in range(11):
            _count(session, written, relay(session, written, f"m{number}", f"c{number}"))
            free = points.open_points(session, written)
            if len(free) == 10:
                ledger.append(session, written, Draft(Kind.SLOT_EARNED), NOW, free)
    return written


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET kind = 'counted' WHERE seq = 3",
        "UPDATE ledger_entry SET hash = hash",
        "DELETE FROM ledger_entry WHERE seq = 12",
        "UPDATE slot_point SET ordinal = ordinal",
        "DELETE FROM slot_point",
        f"INSERT INTO slot_point {_FIRST_POINT} ON CONFLICT (id) DO UPDATE SET ordinal = 1",
    ],
)
def test_the_database_refuses_to_change_the_ledger(
    engine: Engine, company_id: int, statement: str
) -> None:
    with (
        pytest.raises(DBAPIError, match=r"never changed|in one slot at a time"),
        writing_session(engine).begin() as session,
    ):
        session.execute(text(statement))
    with writing_session(engine).begin() as session:
        assert verify(session) == []


def test_sqlite_refuses_to_replace_an_entry(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    written = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        _count(session, written, relay(session, written, "m", "c"))
    replace = (
        "INSERT OR REPLACE INTO ledger_entry SELECT id, company_id, seq, 'not_counted', "
        "referral_id, reason, rule_version, actor, at, prev_hash, hash, slot, became "
        "FROM ledger_entry"
    )
    with (
        pytest.raises(DBAPIError, match="never changed"),
        writing_session(engine).begin() as session,
    ):
        session.execute(text(replace))
    engine.dispose()


def _second_credit(company_id: int) -> LedgerEntryRow | SlotPointRow:
    return LedgerEntryRow(
        company_id=company_id,
        seq=99,
        kind=Kind.NOT_COUNTED.value,
        referral_id=1,
        rule_version="1",
        actor="a test",
        at=NOW,
        prev_hash="",
        hash="",
    )


def _same_seq(company_id: int) -> LedgerEntryRow | SlotPointRow:
    row = _second_credit(company_id)
    assert isinstance(row, LedgerEntryRow)
    row.seq, row.kind, row.referral_id = 12, Kind.SLOT_EARNED.value, None
    return row


def _credit_for_nobody(company_id: int) -> LedgerEntryRow | SlotPointRow:
    row = _second_credit(company_id)
    assert isinstance(row, LedgerEntryRow)
    row.kind, row.referral_id = Kind.COUNTED.value, None
    return row


def _point(company_id: int, ordinal: int, counted_entry_id: int) -> SlotPointRow:
    return SlotPointRow(
        company_id=company_id,
        slot_entry_id=11,
        ordinal=ordinal,
        counted_entry_id=counted_entry_id,
    )


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(_second_credit, id="a second credit for a referral"),
        pytest.param(_credit_for_nobody, id="a credit without a referral"),
        pytest.param(_same_seq, id="a second entry in the same place"),
        pytest.param(lambda company_id: _point(company_id, 11, 12), id="an eleventh referral"),
        pytest.param(lambda company_id: _point(company_id, 0, 12), id="a referral before the 1st"),
        pytest.param(lambda company_id: _point(company_id, 10, 12), id="another tenth"),
        pytest.param(lambda company_id: _point(company_id, 11, 1), id="a referral used twice"),
        pytest.param(lambda company_id: _point(company_id + 1, 11, 12), id="another company's"),
    ],
)
def test_a_constraint_stops(
    engine: Engine, company_id: int, write: Callable[[int], LedgerEntryRow | SlotPointRow]
) -> None:
    with pytest.raises(IntegrityError), writing_session(engine).begin() as session:
        session.add(write(company_id))


@pytest.mark.parametrize(
    ("statements", "seq", "what"),
    [
        pytest.param(
            ["UPDATE ledger_entry SET at = '2027-01-01 00:00:00.000000+00:00' WHERE seq = 4"],
            4,
            "content",
            id="a changed time",
        ),
        pytest.param(
            ["UPDATE ledger_entry SET actor = 'nobody' WHERE seq = 12"], 12, "content", id="actor"
        ),
        pytest.param(
            [
                "UPDATE ledger_entry SET seq = 1002 WHERE seq = 2",
                "UPDATE ledger_entry SET seq = 2 WHERE seq = 3",
                "UPDATE ledger_entry SET seq = 3 WHERE seq = 1002",
            ],
            2,
            "does not follow",
            id="two in another order",
        ),
        pytest.param(
            ["DELETE FROM slot_point", "DELETE FROM ledger_entry WHERE seq = 5"],
            5,
            "missing",
            id="one taken out",
        ),
        pytest.param(
            ["DELETE FROM slot_point WHERE ordinal = 10"], 11, "content", id="nine points"
        ),
        pytest.param(
            ["UPDATE slot_point SET counted_entry_id = 12 WHERE ordinal = 3"],
            11,
            "content",
            id="another point in the slot",
        ),
        pytest.param(
            ["UPDATE referral SET company_id = 2 WHERE id = 4"], 4, "no referral of", id="stolen"
        ),
        pytest.param(
            ["UPDATE referral SET state = 'refused' WHERE id = 4"], 4, "4 never left", id="refused"
        ),
        pytest.param(
            ["UPDATE referral SET settled_at = NULL WHERE id = 11"],
            12,
            "11 was never settled",
            id="unsettled",
        ),
        pytest.param(
            [f"UPDATE referral SET candidate_hash = '{digest('c2')}' WHERE id = 11"],
            12,
            "counted already by entry 3",
            id="one candidate twice",
        ),
        pytest.param(
            [
                "DELETE FROM ledger_entry WHERE seq = 12",
            ],
            None,
            "referral 11 is settled without",
            id="the newest taken away",
        ),
    ],
)
def test_verify_names_the_first_bad_row(
    engine: Engine, company_id: int, statements: list[str], seq: int | None, what: str
) -> None:
    other = write_company(engine, "Ume").company.id
    tamper(engine, *statements)
    with writing_session(engine).begin() as session:
        problems = verify(session)
        assert verify(session, other) == []
        assert verify(session, company_id) == problems
    assert [(problem.company_id, problem.seq) for problem in problems] == [(company_id, seq)]
    assert what in problems[0].what


def test_verify_sees_that_a_whole_company_was_taken_out(engine: Engine, company_id: int) -> None:
    tamper(engine, "DELETE FROM company")
    with writing_session(engine).begin() as session:
        assert verify(session) == [Problem(company_id, None, "the company is missing")]


def test_verify_sees_a_slot_that_ten_points_did_not_make(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        for number in range(10):
            _count(session, company_id, relay(session, company_id, f"m{number}", f"c{number}"))
        told = Problem(company_id, None, "10 counted referrals, but 0 slots")
        assert verify(session) == [told]
        _count(session, company_id, relay(session, company_id, "m10", "c10"))
        assert verify(session) == [Problem(company_id, 11, "ten points before it made no slot")]


def test_verify_sees_a_well_chained_credit_for_a_mail_that_never_left(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        new, record = make_referral(company_id, "m", "c"), make_mail(company_id, "q")
        referral_id = reserving.reserve(session, new, record, NOW).referral_id
        ledger.append(session, company_id, Draft(Kind.COUNTED, referral_id), NOW)
        assert verify(session) == [Problem(company_id, 1, f"referral {referral_id} never left")]


def test_verify_sees_a_well_chained_credit_for_another_companys_mail(engine: Engine) -> None:
    company_id, other = (write_company(engine, name).company.id for name in ("Sakura", "Ume"))
    with writing_session(engine).begin() as session:
        _count(session, company_id, relay(session, other, "m", "c"))
        assert verify(session) == [Problem(company_id, 1, "it names no referral of this company")]


@pytest.mark.parametrize("used", [9, 1])
def test_verify_sees_a_well_chained_slot_of_fewer_points(
    engine: Engine, company_id: int, used: int
) -> None:
    with writing_session(engine).begin() as session:
        for number in range(11, 20):
            _count(session, company_id, relay(session, company_id, f"m{number}", f"c{number}"))
        free = points.open_points(session, company_id)
        assert len(free) == 10
        ledger.append(session, company_id, Draft(Kind.SLOT_EARNED), NOW, free[:used])
        told = Problem(company_id, 22, "a slot is made of exactly ten free points")
        assert verify(session) == [told]


def test_verify_sees_that_the_newest_slot_was_cut_off(engine: Engine, company_id: int) -> None:
    tamper(engine, "DELETE FROM slot_point", "DELETE FROM ledger_entry WHERE seq > 10")
    with writing_session(engine).begin() as session:
        told = Problem(company_id, None, "10 counted referrals, but 0 slots")
        assert verify(session) == [told]


def test_a_company_that_is_not_there_cannot_be_locked(engine: Engine) -> None:
    with pytest.raises(Exception, match="number 5"), writing_session(engine).begin() as session:
        ledger.lock_company(session, 5)
