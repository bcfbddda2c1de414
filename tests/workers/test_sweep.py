"""The sweep: what the broker forgot is found in the rows, and a bad row stands in nobody's way."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from gateway.core.credit import Rule
from gateway.store import holds, ledger, outbox, referrals
from gateway.store.announce import News, announce
from gateway.store.engine import reading_session, writing_session
from gateway.store.outbox import Event
from gateway.store.rules import set_rule
from gateway.store.verify import verify
from tests.store.records import NOW, write_company
from tests.workers.sink import Sink
from tests.workers.work import Clock, make_tools, relay_many
from workers.sweep import deliver_due, settle_due, settle_forgotten, settle_waiting


def test_a_sweep_settles_and_delivers_without_a_broker(engine: Engine, sink: Sink) -> None:
    company_id = write_company(engine).company.id
    relay_many(engine, company_id, 0, 10)
    tools = make_tools(engine, via=sink.address)
    assert (settle_due(tools), deliver_due(tools)) == (10, (3, 0))
    assert (settle_due(tools), deliver_due(tools)) == (0, (0, 0))
    assert [sink.read(n)["Subject"].partition("（")[0] for n in range(3)] == [
        "first-referral",
        "halfway",
        "slot-earned",
    ]
    with reading_session(engine)() as session:
        assert ledger.balance(session, company_id).slots_earned == 1
        assert verify(session) == []


def test_what_was_relayed_just_now_is_left_to_the_worker_that_was_woken(engine: Engine) -> None:
    relay_many(engine, write_company(engine).company.id, 0, 1)
    assert settle_forgotten(make_tools(engine, Clock(NOW + timedelta(seconds=0.9)))) == 0
    assert settle_forgotten(make_tools(engine, Clock(NOW + timedelta(seconds=1)))) == 1


def test_more_than_one_page_is_settled_in_one_sweep(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.sweep._BATCH", 3)
    relay_many(engine, write_company(engine).company.id, 0, 10)
    assert settle_forgotten(make_tools(engine)) == 10


def test_a_row_that_fails_is_counted_and_the_others_go_on(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    good = write_company(engine, "Sakura").company.id
    bad = write_company(engine, "Ume").company.id
    (poisoned,) = relay_many(engine, bad, 0, 1)
    relay_many(engine, good, 1, 3)
    with writing_session(engine).begin() as session:
        session.execute(text("UPDATE member SET language = 'xx' WHERE company_id = :i"), {"i": bad})
    tools = make_tools(engine)
    with caplog.at_level(logging.WARNING):
        assert settle_forgotten(tools) == 3
    assert f"referral {poisoned} not settled: ValueError" in caplog.text
    with reading_session(engine)() as session:
        referral = referrals.get_referral(session, poisoned)
        assert (referral.attempts, referral.settled_at) == (1, None)
        assert ledger.balance(session, bad).counted == 0
    with writing_session(engine).begin() as session:
        session.execute(text("UPDATE member SET language = 'ja' WHERE company_id = :i"), {"i": bad})
    assert settle_forgotten(tools) == 1


def test_held_rows_that_fail_go_behind_those_that_were_not_tried(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.sweep._BATCH", 2)
    bad, good = (write_company(engine, name).company.id for name in ("Ume", "Sakura"))
    with writing_session(engine).begin() as session:
        for company_id in (bad, good):
            set_rule(session, company_id, Rule(hold_hours=24), "a test", NOW - timedelta(days=1))
        session.execute(text("UPDATE member SET language = 'xx' WHERE company_id = :i"), {"i": bad})
    relay_many(engine, bad, 0, 3)
    relay_many(engine, good, 3, 2, NOW + timedelta(minutes=1))
    clock = Clock(NOW + timedelta(hours=1))
    tools = make_tools(engine, clock)
    assert settle_forgotten(tools) == 5
    clock.time = NOW + timedelta(days=2)
    assert sum(settle_waiting(tools) for _ in range(3)) == 2
    with reading_session(engine)() as session:
        assert ledger.balance(session, good).counted == 2
        assert len(holds.due(session, clock.time)) == 3


def test_what_piles_up_for_a_server_that_is_down_delays_no_other_mail(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.sweep._BATCH", 5)
    down = write_company(engine, "Sakura").company.id
    well = write_company(engine, "Ume").company.id
    with writing_session(engine).begin() as session:
        for number in range(6):
            announce(session, down, News(Event.TEST, f"{number}"), NOW)
        (last,) = announce(session, well, News(Event.TEST, "last"), NOW + timedelta(seconds=1))
    deliver_due(make_tools(engine))  # to where nobody listens
    with reading_session(engine)() as session:
        tried = outbox.list_notifications(session, well)
    assert [(each.id, each.attempts) for each in tried] == [(last, 1)]


@pytest.mark.parametrize("hours", [1, 72])
def test_what_a_clock_wrote_that_was_ahead_does_not_wait_for_that_time(
    engine: Engine, sink: Sink, hours: int
) -> None:
    company_id = write_company(engine).company.id
    ahead = NOW + timedelta(hours=hours)
    relay_many(engine, company_id, 0, 1, ahead)
    with writing_session(engine).begin() as session:
        announce(session, company_id, News(Event.TEST, "a test"), ahead)
    tools = make_tools(engine, via=sink.address)
    assert (settle_forgotten(tools), deliver_due(tools)) == (1, (2, 0))
    assert (settle_forgotten(tools), deliver_due(tools)) == (0, (0, 0))
