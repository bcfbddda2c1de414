"""Taking referrals back: the point is reversed, slots follow, and nothing happens twice."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from gateway.core.account import Kind
from gateway.errors import NotFoundError
from gateway.store import corrections, ledger, points
from gateway.store.corrections import void
from gateway.store.engine import reading_session, writing_session
from gateway.store.ledger import Balance, Draft, Point
from gateway.store.verify import verify
from tests.store import reserving
from tests.store.records import NOW, make_mail, make_referral, write_company
from tests.workers.work import relay_many, settle
from workers.settle import settle_referral


def _void(engine: Engine, referral_id: int) -> corrections.Correction:
    with writing_session(engine).begin() as session:
        return void(session, referral_id, "not a rejection", "a test", NOW)


def _kinds(engine: Engine, company_id: int, after_seq: int) -> list[tuple[str, int | None]]:
    with reading_session(engine)() as session:
        assert verify(session) == []
        found = ledger.entries(session, company_id, after_seq=after_seq)
        return [(entry.kind.value, entry.slot or entry.referral_id) for entry in found]


def _company(engine: Engine, counted: int) -> tuple[int, list[int]]:
    company_id = write_company(engine).company.id
    ids = relay_many(engine, company_id, 0, counted)
    for referral_id in ids:
        settle(engine, referral_id)
    return company_id, ids


def _use(session: Session, company_id: int, slot: int, *kinds: Kind) -> None:
    for kind in kinds:
        ledger.append(session, company_id, Draft(kind, slot=slot), NOW)


def test_a_free_point_is_taken_back(engine: Engine) -> None:
    company_id, ids = _company(engine, 3)
    done = _void(engine, ids[1])
    assert (done.kind, done.seq, done.is_new) == (Kind.VOID, 4, True)
    assert done.balance == Balance(2, 2, 0, 0, voided=1)
    assert _kinds(engine, company_id, 3) == [("void", ids[1])]


def test_a_second_time_changes_nothing(engine: Engine) -> None:
    company_id, ids = _company(engine, 3)
    first, second = _void(engine, ids[1]), _void(engine, ids[1])
    assert (second.seq, second.is_new, second.balance) == (first.seq, False, first.balance)
    assert len(_kinds(engine, company_id, 0)) == 4


def test_an_available_slot_that_loses_a_point_is_revoked(engine: Engine) -> None:
    company_id, ids = _company(engine, 10)
    assert _void(engine, ids[4]).balance == Balance(9, 9, 0, 0, voided=1)
    assert _kinds(engine, company_id, 11) == [("void", ids[4]), ("slot_revoked", 11)]


def test_the_next_point_makes_a_new_slot_of_the_nine(engine: Engine) -> None:
    company_id, ids = _company(engine, 12)
    assert _void(engine, ids[0]).balance == Balance(1, 11, 1, 1, voided=1)
    assert _kinds(engine, company_id, 13) == [
        ("void", ids[0]),
        ("slot_revoked", 11),
        ("slot_earned", None),
    ]
    with reading_session(engine)() as session:
        made_of = ledger.entries(session, company_id, after_seq=15)[0].points
        assert made_of == (*range(2, 11), 12)


def test_a_used_slot_is_owed_and_the_next_referral_fills_it(engine: Engine) -> None:
    company_id, ids = _company(engine, 10)
    with writing_session(engine).begin() as session:
        _use(session, company_id, 11, Kind.RESERVED, Kind.INTRODUCED, Kind.HIRED)
    assert _void(engine, ids[9]).balance == Balance(9, 9, 0, -1, slots_in_use=1, voided=1)
    (more,) = relay_many(engine, company_id, 10, 1)
    assert settle(engine, more) == []  # nothing new is there to be used
    assert _kinds(engine, company_id, 14) == [
        ("void", ids[9]),
        ("slot_revoked", 11),
        ("counted", more),
        ("slot_earned", 11),
    ]
    with reading_session(engine)() as session:
        sums = ledger.balance(session, company_id)
    assert sums == Balance(0, 10, 1, 0, slots_in_use=1, voided=1)


def test_an_available_slot_covers_a_used_one(engine: Engine) -> None:
    company_id, ids = _company(engine, 20)
    with writing_session(engine).begin() as session:
        _use(session, company_id, 11, Kind.RESERVED)
    assert _void(engine, ids[0]).balance == Balance(9, 19, 1, 0, slots_in_use=1, voided=1)
    assert _kinds(engine, company_id, 23) == [
        ("void", ids[0]),
        ("slot_revoked", 11),
        ("slot_revoked", 22),
        ("slot_earned", 11),
    ]


def test_points_that_moved_to_a_slot_earned_again_are_not_free(engine: Engine) -> None:
    company_id, ids = _company(engine, 20)
    with writing_session(engine).begin() as session:
        _use(session, company_id, 11, Kind.RESERVED)
        _use(session, company_id, 22, Kind.RESERVED)
    _void(engine, ids[9])
    _void(engine, ids[19])  # slot 11 is earned again, with entry 12, which slot 22 had before
    for referral_id in relay_many(engine, company_id, 20, 2):
        settle(engine, referral_id)  # the second one earns slot 22 again
    done = _void(engine, ids[11])
    assert done.balance == Balance(9, 19, 1, -1, slots_in_use=2, voided=3)
    assert _kinds(engine, company_id, 32) == [("void", ids[11]), ("slot_revoked", 22)]


def test_a_referral_is_voided_before_it_is_settled(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    (referral_id,) = relay_many(engine, company_id, 0, 1)
    assert _void(engine, referral_id).kind is Kind.WITHDRAWN
    assert settle(engine, referral_id) == []
    kinds = [("withdrawn", referral_id), ("not_counted", referral_id)]
    assert _kinds(engine, company_id, 0) == kinds


def test_a_referral_is_voided_before_its_mail_is_known_to_have_left(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        new, mail = make_referral(company_id, "m", "c"), make_mail(company_id, "q")
        referral_id = reserving.reserve(session, new, mail, NOW).referral_id
    assert referral_id is not None
    assert _void(engine, referral_id).kind is Kind.WITHDRAWN
    with writing_session(engine).begin() as session:
        reserving.confirm(session, referral_id, NOW)
        settle_referral(session, referral_id, NOW)
    kinds = [("withdrawn", referral_id), ("not_counted", referral_id)]
    assert _kinds(engine, company_id, 0) == kinds


def test_a_voided_candidate_counts_again(engine: Engine) -> None:
    company_id, ids = _company(engine, 1)
    _void(engine, ids[0])
    with writing_session(engine).begin() as session:
        new, mail = make_referral(company_id, "another", "c0"), make_mail(company_id, "q")
        again = reserving.reserve(session, new, mail, NOW).referral_id
        assert again is not None
        reserving.confirm(session, again, NOW)
    settle(engine, again)
    assert _kinds(engine, company_id, 2) == [("counted", again)]


def test_addresses_in_a_reason_are_masked_and_long_ones_cut(engine: Engine) -> None:
    company_id, ids = _company(engine, 1)
    with writing_session(engine).begin() as session:
        void(session, ids[0], "taro@example.com  called\nus " + "x" * 200, "a test", NOW)
    with reading_session(engine)() as session:
        reason = ledger.entries(session, company_id)[1].reason or ""
    assert reason.startswith("t•••@example.com called us xxx")
    assert len(reason) == 100


def test_nobody_voids_what_is_not_there(engine: Engine) -> None:
    with pytest.raises(NotFoundError, match="number 7"):
        _void(engine, 7)


@pytest.mark.parametrize(
    ("draft", "because"),
    [
        (Draft(Kind.VOID, 1), "withdrawn_referral|UNIQUE"),
        (Draft(Kind.WITHDRAWN, 1), "withdrawn_referral|UNIQUE"),
        (Draft(Kind.SLOT_REVOKED, slot=12), "only an earned slot"),
        (Draft(Kind.SLOT_EARNED, slot=11), "only a revoked slot"),
        (Draft(Kind.RESERVED, slot=11), "only an available slot"),
        (Draft(Kind.RESERVED, slot=22), "only an available slot"),
        (Draft(Kind.RESERVED, slot=1), "only an available slot"),
        (Draft(Kind.EXPIRED, slot=11), "only an available slot"),
        (Draft(Kind.HIRED, slot=11), "only an introduction"),
        (Draft(Kind.RETURNED, slot=33), "only a reserved slot"),
        (Draft(Kind.INTRODUCED, slot=33), "only a reserved slot"),
        (Draft(Kind.ADJUSTED, slot=11), "only a slot that exists"),
    ],
)
def test_the_database_refuses_an_entry_that_cannot_follow(
    engine: Engine, draft: Draft, because: str
) -> None:
    """Slot 11 is reserved, 22 revoked, 33 available; referral 1 (of slot 22) is voided."""
    company_id, _ = _company(engine, 30)
    with writing_session(engine).begin() as session:
        _use(session, company_id, 11, Kind.RESERVED)
        ledger.append(session, company_id, Draft(Kind.SLOT_REVOKED, slot=22), NOW)
        ledger.append(session, company_id, Draft(Kind.VOID, 1), NOW)
    with pytest.raises(Exception, match=because), writing_session(engine).begin() as session:
        ledger.append(session, company_id, draft, NOW)


def test_the_database_refuses_a_point_in_two_slots_and_a_voided_one(engine: Engine) -> None:
    company_id, ids = _company(engine, 19)
    with writing_session(engine).begin() as session:
        free = points.open_points(session, company_id)
        taken = Point(1, 1)
    _void(engine, ids[18])
    for ten, because in (([taken], "in one slot"), ([free[8]], "nobody voided")):
        with pytest.raises(Exception, match=because), writing_session(engine).begin() as session:
            ledger.append(session, company_id, Draft(Kind.SLOT_EARNED), NOW, ten)


@pytest.mark.parametrize(
    ("column", "value", "because"),
    [("seq", 7, "follows from"), ("prev_hash", "'x'", "follows from"), ("kind", "'gift'", "kind")],
)
def test_the_database_refuses_an_entry_out_of_its_place(
    engine: Engine, column: str, value: object, because: str
) -> None:
    _company(engine, 2)
    columns = dict.fromkeys(
        ("company_id", "kind", "rule_version", "actor", "at", "hash", "seq", "prev_hash")
    )
    columns |= {name: name for name in columns}
    columns |= {"kind": "'withdrawn'", "seq": "3", "prev_hash": "hash", column: str(value)}
    statement = (
        f"INSERT INTO ledger_entry ({', '.join(columns)}) "
        f"SELECT {', '.join(str(v) for v in columns.values())} FROM ledger_entry WHERE seq = 2"
    )
    with pytest.raises(Exception, match=because), writing_session(engine).begin() as session:
        session.execute(text(statement))
