"""The periodic work: one worker does it, and another one goes on when that one is killed."""

import os
import signal
import time
from contextlib import ExitStack
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from gateway.store import leases
from gateway.store.engine import open_engine, reading_session, writing_session
from gateway.store.leases import LeaseRow
from gateway.store.ledger import balance
from tests.services import wait_until
from tests.store.records import NOW, write_company
from tests.workers.sink import Sink
from tests.workers.test_boot import make_settings, running_worker
from tests.workers.work import Clock, make_tools, relay_many
from workers.lead import Lead, first_then_led

LASTS = timedelta(seconds=15)
SECOND = timedelta(seconds=1)


def _hold(engine: Engine, holder: str, seconds: int) -> bool:
    with writing_session(engine).begin() as session:
        return leases.hold(session, "periodic", holder, NOW + seconds * SECOND, LASTS)


def test_a_lease_is_kept_by_its_holder_and_taken_when_it_ends(engine: Engine) -> None:
    assert _hold(engine, "a", 0)
    assert not _hold(engine, "b", 1)
    assert _hold(engine, "a", 10)
    assert not _hold(engine, "b", 24)
    assert _hold(engine, "b", 25)
    assert not _hold(engine, "a", 26)


def test_a_lease_given_back_is_free_at_once(engine: Engine) -> None:
    assert _hold(engine, "a", 0)
    with writing_session(engine).begin() as session:
        leases.let_go(session, "periodic", "b")  # not b's to give
    assert not _hold(engine, "b", 1)
    with writing_session(engine).begin() as session:
        leases.let_go(session, "periodic", "a")
    assert _hold(engine, "b", 1)


def test_a_lease_from_a_clock_that_was_far_ahead_is_free(engine: Engine) -> None:
    assert _hold(engine, "a", 3600)
    assert _hold(engine, "b", 0)


def test_everybody_acts_once_and_then_only_who_leads(engine: Engine) -> None:
    clock = Clock()
    one, two = (Lead(make_tools(engine, clock)) for _ in range(2))
    acts: list[str] = []
    act_one = first_then_led(lambda: acts.append("one"), one.is_held)
    act_two = first_then_led(lambda: acts.append("two"), two.is_held)
    for lead in (one, two):
        lead.ask()
    for act in (act_one, act_two, act_one, act_two):
        act()
    assert acts == ["one", "two", "one"]
    one.stop()
    two.ask()
    act_one()
    act_two()
    assert acts == ["one", "two", "one", "two"]


def test_without_a_database_nobody_leads(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url + ".gone")
    lead = Lead(make_tools(engine))
    lead.ask()
    assert not lead.is_held()


@pytest.mark.postgresql
def test_another_worker_takes_over_within_30_s_of_a_kill(postgresql_url: str, sink: Sink) -> None:
    with ExitStack() as stack:
        engine = open_engine(postgresql_url)
        stack.callback(engine.dispose)
        company_id = write_company(engine).company.id
        settings = make_settings(postgresql_url, sink, None, 1.0)

        def holder() -> int:
            with reading_session(engine)() as session:
                return int((session.scalar(select(LeaseRow.holder)) or "x 0").split()[1])

        def counted() -> int:
            with reading_session(engine)() as session:
                return balance(session, company_id).counted

        workers = [stack.enter_context(running_worker(settings)) for _ in range(2)]
        wait_until(lambda: holder() > 0, "somebody leads")
        leader = holder()
        relay_many(engine, company_id, 0, 3)
        wait_until(lambda: counted() == 3, "somebody sweeps")
        os.killpg(os.getpgid(leader), signal.SIGKILL)
        killed = time.monotonic()
        wait_until(lambda: holder() not in {0, leader}, "the other one leads", 30.0)
        relay_many(engine, company_id, 3, 3)  # not before: who boots sweeps once without leading
        wait_until(lambda: counted() == 6, "the other one sweeps", 30.0)
        assert time.monotonic() - killed < 30.0
        assert sum(worker.poll() is None for worker in workers) == 1
