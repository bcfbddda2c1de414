"""Settling: ten different candidates make one slot, once, under any interleaving."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from gateway.core.account import Kind
from gateway.core.credit import NotCounted, judge_referral
from gateway.store import ledger, outbox, points, referrals
from gateway.store.engine import open_engine, reading_session, writing_session
from gateway.store.ledger import Balance, Draft
from gateway.store.migrate import migrate
from gateway.store.outbox import Event
from gateway.store.verify import verify
from tests.store.records import NOW, relay, write_company
from tests.workers.work import relay_many, settle
from workers.settle import settle_referral

YEAR = timedelta(days=365)


def _balance(engine: Engine, company_id: int) -> Balance:
    with reading_session(engine)() as session:
        assert verify(session) == []
        return ledger.balance(session, company_id)


def _events(engine: Engine, company_id: int) -> list[tuple[Event, int]]:
    with reading_session(engine)() as session:
        listed = outbox.list_notifications(session, company_id)
        return [
            (row.event, ledger.seq_of(session, row.cause_entry_id or 0)) for row in listed[::-1]
        ]


@pytest.mark.parametrize(
    ("counted", "points", "slots"),
    [(0, 0, 0), (1, 1, 0), (9, 9, 0), (10, 0, 1), (11, 1, 1), (20, 0, 2), (23, 3, 2)],
)
def test_a_tenth_referral_earns_a_slot(
    engine: Engine, counted: int, points: int, slots: int
) -> None:
    company_id = write_company(engine).company.id
    for referral_id in relay_many(engine, company_id, 0, counted):
        settle(engine, referral_id)
    assert _balance(engine, company_id) == Balance(points, counted, slots, slots)


def test_a_slot_names_its_ten_referrals(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    ids = relay_many(engine, company_id, 0, 12)
    for referral_id in ids:
        settle(engine, referral_id)
    with reading_session(engine)() as session:
        entries = ledger.entries(session, company_id)
    slot = next(entry for entry in entries if entry.kind is Kind.SLOT_EARNED)
    by_number = {entry.seq: entry.referral_id for entry in entries}
    assert [by_number[point] for point in slot.points] == ids[:10]
    assert [entry.seq for entry in entries] == list(range(1, 14))


def test_the_company_is_told_of_the_first_the_fifth_and_the_tenth(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    for referral_id in relay_many(engine, company_id, 0, 20):
        settle(engine, referral_id)
    assert _events(engine, company_id) == [
        (Event.FIRST_REFERRAL, 1),
        (Event.HALFWAY, 5),
        (Event.SLOT_EARNED, 11),
        (Event.HALFWAY, 16),
        (Event.SLOT_EARNED, 22),
    ]


def test_an_overdue_slot_is_made_of_the_oldest_ten_and_no_point_is_lost(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    ids = relay_many(engine, company_id, 0, 20)
    with writing_session(engine).begin() as session:
        for referral_id in ids[:11]:  # as if ten points had made no slot
            referrals.settle_once(session, referral_id, NOW)
            ledger.append(session, company_id, Draft(Kind.COUNTED, referral_id), NOW)
    settle(engine, ids[11])
    with reading_session(engine)() as session:
        slot = ledger.entries(session, company_id)[-1]
        assert slot.kind is Kind.SLOT_EARNED
        assert slot.points == tuple(range(1, 11))
        assert len(points.open_points(session, company_id)) == 2
    for referral_id in ids[12:]:
        settle(engine, referral_id)
    with reading_session(engine)() as session:
        assert ledger.balance(session, company_id) == Balance(0, 20, 2, 2)
        assert points.open_points(session, company_id) == []


def test_settling_again_changes_nothing(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    (referral_id,) = relay_many(engine, company_id, 0, 1)
    assert len(settle(engine, referral_id)) == 1
    assert settle(engine, referral_id) == []
    assert settle(engine, referral_id + 1000) == []
    assert _balance(engine, company_id).counted == 1


def test_a_mail_that_has_not_left_counts_nothing(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    (referral_id,) = relay_many(engine, company_id, 0, 1)
    with writing_session(engine).begin() as session:
        session.execute(text("UPDATE referral SET state = 'relaying', relayed_at = NULL"))
    assert settle(engine, referral_id) == []
    assert _balance(engine, company_id).counted == 0


@pytest.mark.parametrize(
    ("apart", "reason"),
    [
        pytest.param(timedelta(0), NotCounted.DUPLICATE, id="at once"),
        pytest.param(YEAR - timedelta(seconds=1), NotCounted.DUPLICATE, id="within the year"),
        pytest.param(YEAR, None, id="a year later"),
        pytest.param(-YEAR + timedelta(seconds=1), NotCounted.DUPLICATE, id="settled out of order"),
        pytest.param(-YEAR, None, id="a year before"),
    ],
)
def test_a_candidate_counts_once_a_year(
    engine: Engine, apart: timedelta, reason: NotCounted | None
) -> None:
    assert judge_referral(NOW + apart, [NOW]).reason is reason
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        first = relay(session, company_id, "m1", "taro")
        second = relay(session, company_id, "m2", "taro", NOW + apart)
    settle(engine, first)
    settle(engine, second)
    with reading_session(engine)() as session:
        entry = ledger.entry_of_referral(session, second)
    assert entry is not None
    assert entry.reason == reason
    assert entry.kind is (Kind.COUNTED if reason is None else Kind.NOT_COUNTED)


def test_a_candidate_counts_for_each_company(engine: Engine) -> None:
    for name in ("Sakura", "Ume"):
        company_id = write_company(engine, name).company.id
        with writing_session(engine).begin() as session:
            referral_id = relay(session, company_id, "m1", "taro")
        settle(engine, referral_id)
        assert _balance(engine, company_id).counted == 1


def test_eight_threads_count_each_referral_once(engine: Engine) -> None:
    companies = [write_company(engine, name).company.id for name in ("Sakura", "Ume")]
    ids = [
        *relay_many(engine, companies[0], 0, 33),
        *relay_many(engine, companies[1], 0, 20),
    ]
    twice = [referral_id for referral_id in ids for _ in range(2)]
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda referral_id: settle(engine, referral_id), twice))
    assert _balance(engine, companies[0]) == Balance(3, 33, 3, 3)
    assert _balance(engine, companies[1]) == Balance(0, 20, 2, 2)
    ids_told = [notification_id for ids_ in told for notification_id in ids_]
    assert len(ids_told) == len(set(ids_told)) == (1 + 3 + 3) + (1 + 2 + 2)


def test_a_company_without_members_is_told_nothing(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        session.execute(text("UPDATE member SET removed_at = added_at"))
    (referral_id,) = relay_many(engine, company_id, 0, 1)
    assert settle(engine, referral_id) == []
    assert _events(engine, company_id) == []


def test_a_broken_transaction_leaves_nothing_half_done(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    ids = relay_many(engine, company_id, 0, 10)
    for referral_id in ids[:9]:
        settle(engine, referral_id)
    with writing_session(engine)() as session:  # no commit: as if the worker died here
        assert len(settle_referral(session, ids[9], NOW)) == 1
        assert ledger.balance(session, company_id).slots_earned == 1
    assert _balance(engine, company_id) == Balance(9, 9, 0, 0)
    settle(engine, ids[9])
    assert _balance(engine, company_id) == Balance(0, 10, 1, 1)


STEPS = st.lists(
    st.tuples(st.sampled_from(["relay", "settle", "again"]), st.integers(0, 30)), max_size=80
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_order_of_relaying_and_settling_keeps_the_sums(
    tmp_path_factory: pytest.TempPathFactory, steps: Sequence[tuple[str, int]]
) -> None:
    url = f"sqlite:///{_fresh(tmp_path_factory)}"
    engine = open_engine(url)
    company_id = write_company(engine).company.id
    relayed: dict[int, int] = {}  # candidate -> one of their referrals
    settled: set[int] = set()
    for number, (what, candidate) in enumerate(steps):
        if what == "relay" or candidate not in relayed:
            with writing_session(engine).begin() as session:
                mail = f"m{number if what == 'again' else candidate}"
                relayed[candidate] = relay(session, company_id, mail, f"c{candidate}")
        else:
            settle(engine, relayed[candidate])
            settled.add(candidate)
        sums = _balance(engine, company_id)
        assert sums.counted == len(settled)
        assert sums.slots_earned == len(settled) // 10
        assert sums.points == len(settled) % 10
    engine.dispose()


def _fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sums") / "ledger.sqlite3"
    migrate(f"sqlite:///{file}")
    return file
