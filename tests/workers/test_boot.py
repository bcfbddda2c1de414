"""Whole workers: threads inside a process, processes beside it, killed, flushed and cut off."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import dramatiq
import pytest
import redis
from sqlalchemy import Engine, text

from gateway.core.credit import CountAt, Rule
from gateway.settings import Settings, load_settings
from gateway.store import ledger, visits
from gateway.store.engine import open_engine, reading_session, writing_session
from gateway.store.ledger import Balance
from gateway.store.rules import set_rule
from gateway.store.verify import verify
from gateway.wake import Waker
from tests.services import free_port, wait_until
from tests.store.records import NOW, write_company
from tests.workers.sink import Sink
from tests.workers.work import make_tools, relay_many, settle
from workers.boot import embedded, open_broker
from workers.sweep import settle_forgotten

ROOT = Path(__file__).resolve().parents[2]
DAY = timedelta(days=1)


def _message(referral_id: int) -> dramatiq.Message[None]:
    """Return what the gateway enqueues: it knows the actor's name and no more."""
    return dramatiq.Message(
        queue_name="settle", actor_name="settle", args=(referral_id,), kwargs={}, options={}
    )


def _counted(engine: Engine, company_id: int) -> int:
    with reading_session(engine)() as session:
        return ledger.balance(session, company_id).counted


def make_settings(url: str, sink: Sink, redis_url: str | None, sweep_seconds: float) -> Settings:
    return load_settings(
        database_url=url,
        secret_key="0123456789abcdef" * 4,
        redis_url=redis_url,
        notify_via=sink.address,
        notify_from="career-relay@relay.example",
        hostname="relay.example",
        sweep_seconds=sweep_seconds,
    )


@contextlib.contextmanager
def running_worker(
    settings: Settings, log: IO[bytes] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the Procfile's worker as a group of processes of its own.

    log  where its standard error goes; None leaves it where ours goes
    """
    environment = os.environ | {
        "CAREER_RELAY_DATABASE_URL": settings.database,
        **({"CAREER_RELAY_REDIS_URL": settings.redis_url} if settings.redis_url else {}),
        "CAREER_RELAY_SECRET_KEY": "0123456789abcdef" * 4,
        "CAREER_RELAY_NOTIFY_VIA": str(settings.notify_via),
        "CAREER_RELAY_NOTIFY_FROM": settings.notification_sender,
        "CAREER_RELAY_HOSTNAME": settings.hostname,
        "CAREER_RELAY_SWEEP_SECONDS": str(settings.sweep_seconds),
        "CAREER_RELAY_LOG_JSON": str(settings.log_json),
    }
    command = [sys.executable, "-m", "dramatiq", "workers.boot:start", "-p", "1", "-t", "2"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, start_new_session=True, stderr=log
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                _kill(process)
                raise


def _kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def empty_redis(redis_url: str) -> str:
    """Give a Redis that holds nothing."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    return redis_url


def test_embedded_workers_settle_when_woken_and_deliver(engine: Engine, sink: Sink) -> None:
    url = engine.url.render_as_string(hide_password=False)
    company_id = write_company(engine).company.id
    with embedded(make_settings(url, sink, None, 30.0), engine) as broker:
        for referral_id in relay_many(engine, company_id, 0, 10, datetime.now(UTC)):
            broker.enqueue(_message(referral_id))
            broker.enqueue(_message(referral_id))
        wait_until(lambda: len(sink.mails) == 3, "three notifications arrived")
    with reading_session(engine)() as session:
        assert ledger.balance(session, company_id) == Balance(0, 10, 1, 1)
        assert verify(session) == []
    assert {sink.read(n)["To"] for n in range(3)} == {"hr@sakura.example"}


def test_embedded_workers_find_what_yesterdays_process_left(engine: Engine, sink: Sink) -> None:
    url = engine.url.render_as_string(hide_password=False)
    company_id = write_company(engine).company.id
    relay_many(engine, company_id, 0, 3)
    with embedded(make_settings(url, sink, None, 30.0), engine):
        wait_until(lambda: _counted(engine, company_id) == 3, "the first sweep found them")


def test_embedded_workers_count_what_waited_for_its_time(engine: Engine, sink: Sink) -> None:
    url = engine.url.render_as_string(hide_password=False)
    company_id = write_company(engine).company.id
    (referral_id,) = relay_many(engine, company_id, 0, 1)
    with writing_session(engine).begin() as session:
        set_rule(session, company_id, Rule(count_at=CountAt.OPENED), "a test", NOW - DAY)
    settle(engine, referral_id)
    with embedded(make_settings(url, sink, None, 0.2), engine):
        with writing_session(engine).begin() as session:
            assert visits.mark_opened(session, referral_id, NOW)
        wait_until(lambda: _counted(engine, company_id) == 1, "the page that was opened counts")


def test_embedded_workers_stop_within_moments(engine: Engine, sink: Sink) -> None:
    url = engine.url.render_as_string(hide_password=False)
    with embedded(make_settings(url, sink, None, 30.0), engine):
        started = time.monotonic()
    assert time.monotonic() - started < 5


@pytest.mark.redis
def test_a_worker_process_settles_what_redis_hands_it(
    engine: Engine, sink: Sink, empty_redis: str
) -> None:
    url = engine.url.render_as_string(hide_password=False)
    company_id = write_company(engine).company.id
    settings = make_settings(url, sink, empty_redis, 30.0)
    broker = open_broker(settings)
    with running_worker(settings) as process:
        wait_until(lambda: _heartbeats(empty_redis) > 0, "the worker asks Redis for work")
        for referral_id in relay_many(engine, company_id, 0, 10, datetime.now(UTC)):
            broker.enqueue(_message(referral_id))
        before_the_next_sweep = settings.sweep_seconds - 2
        wait_until(
            lambda: _counted(engine, company_id) > 0, "Redis woke a worker", before_the_next_sweep
        )
        # On a busy machine the first sweep may come late and take some; the next one tells of it.
        wait_until(lambda: len(sink.mails) == 3, "three notifications arrived", 60.0)
    assert process.returncode == 0
    broker.close()
    with reading_session(engine)() as session:
        assert ledger.balance(session, company_id) == Balance(0, 10, 1, 1)
        assert verify(session) == []


def _heartbeats(redis_url: str) -> int:
    """Return how many workers have told Redis that they are alive."""
    with redis.Redis.from_url(redis_url) as client:
        return int(client.zcard("dramatiq:__heartbeats__"))


@pytest.mark.redis
def test_a_flushed_redis_costs_a_sweep_and_nothing_else(
    engine: Engine, sink: Sink, empty_redis: str
) -> None:
    url = engine.url.render_as_string(hide_password=False)
    company_id = write_company(engine).company.id
    settings = make_settings(url, sink, empty_redis, 0.2)
    broker = open_broker(settings)
    for referral_id in relay_many(engine, company_id, 0, 10):
        broker.enqueue(_message(referral_id))
    with redis.Redis.from_url(empty_redis) as client:
        assert client.flushall()
    with running_worker(settings):
        wait_until(lambda: _counted(engine, company_id) == 10, "the sweep found all ten")
        wait_until(lambda: len(sink.mails) == 3, "three notifications arrived")
    broker.close()


def test_a_worker_without_redis_sweeps_on(engine: Engine, sink: Sink) -> None:
    url = engine.url.render_as_string(hide_password=False)
    company_id = write_company(engine).company.id
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    with running_worker(make_settings(url, sink, nobody, 0.2)):
        relay_many(engine, company_id, 0, 1)
        wait_until(lambda: _counted(engine, company_id) == 1, "the sweep found it")


def test_a_worker_logs_as_the_settings_say(engine: Engine, sink: Sink, tmp_path: Path) -> None:
    url = engine.url.render_as_string(hide_password=False)
    settings = make_settings(url, sink, None, 0.2).model_copy(update={"log_json": True})
    log = tmp_path / "log"
    with log.open("wb") as writing, running_worker(settings, writing):
        wait_until(lambda: b"periodic work" in log.read_bytes(), "the worker leads")
    lines = [line for line in log.read_text().splitlines() if "periodic work" in line]
    assert [json.loads(line)["name"] for line in lines] == ["workers.lead"]


def test_waking_through_an_absent_redis_fails_at_once(sink: Sink, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none'}"
    broker = open_broker(make_settings(url, sink, f"redis://127.0.0.1:{free_port()}/0", 1.0))
    broker.declare_queue("settle")
    started = time.monotonic()
    with pytest.raises(redis.ConnectionError):
        broker.enqueue(_message(1))
    assert time.monotonic() - started < 2


@pytest.mark.redis
@pytest.mark.postgresql
def test_a_worker_killed_in_the_middle_of_settling_loses_nothing(
    postgresql_url: str, sink: Sink, empty_redis: str
) -> None:
    engine = open_engine(postgresql_url)
    company_id = write_company(engine).company.id
    ids = relay_many(engine, company_id, 0, 10)
    settings = make_settings(postgresql_url, sink, empty_redis, 0.2)
    with writing_session(engine)() as holder:
        ledger.lock_company(holder, company_id)  # so that the worker stands in the middle
        with running_worker(settings) as process:
            open_broker(settings).enqueue(_message(ids[0]))
            wait_until(lambda: _waiting_for_a_lock(engine) > 0, "the worker waits for the lock")
            _kill(process)
    assert _counted(engine, company_id) == 0
    with running_worker(settings):
        wait_until(lambda: _counted(engine, company_id) == 10, "another worker's sweep found them")
        wait_until(lambda: len(sink.mails) == 3, "three notifications arrived")
    with reading_session(engine)() as session:
        assert ledger.balance(session, company_id) == Balance(0, 10, 1, 1)
        assert verify(session) == []
    engine.dispose()


@pytest.mark.postgresql
@pytest.mark.redis
def test_a_worker_told_to_stop_finishes_what_it_is_at(
    postgresql_url: str, sink: Sink, empty_redis: str
) -> None:
    engine = open_engine(postgresql_url)
    company_id = write_company(engine).company.id
    (referral_id,) = relay_many(engine, company_id, 0, 1)
    settings = make_settings(postgresql_url, sink, empty_redis, 30.0)
    broker = open_broker(settings)
    with running_worker(settings) as process:
        with writing_session(engine).begin() as holder:
            ledger.lock_company(holder, company_id)  # so that the worker stands in the middle
            broker.enqueue(_message(referral_id))
            wait_until(lambda: _waiting_for_a_lock(engine) > 0, "the worker waits for the lock")
            process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert _counted(engine, company_id) == 1
    broker.close()
    engine.dispose()


def _waiting_for_a_lock(engine: Engine) -> int:
    with reading_session(engine)() as session:
        query = text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(session.execute(query).scalar_one())


_SETTLE_ALL = """
import sys
from datetime import UTC, datetime
from gateway.store.engine import open_engine, writing_session
from workers.settle import settle_referral
engine = open_engine(sys.argv[1])
for referral_id in range(1, 151):
    with writing_session(engine).begin() as session:
        settle_referral(session, referral_id, datetime.now(UTC))
"""


def test_a_process_killed_while_it_writes_leaves_a_whole_ledger(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    company_id = write_company(engine).company.id
    relay_many(engine, company_id, 0, 150)
    for goal in (1, 25, 60):
        command = [sys.executable, "-c", _SETTLE_ALL, url]
        process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
        wait_until(lambda: _counted(engine, company_id) >= goal, f"{goal} are counted")  # noqa: B023
        _kill(process)
        with reading_session(engine)() as session:
            assert verify(session) == []
    tools = make_tools(engine)
    left = 150 - _counted(engine, company_id)
    assert settle_forgotten(tools) == left
    with reading_session(engine)() as session:
        assert ledger.balance(session, company_id) == Balance(0, 150, 15, 15)
        assert verify(session) == []


def test_a_queue_that_nobody_empties_stops_growing(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    redis.Redis.from_url(redis_url).flushall()
    broker = open_broker(load_settings(redis_url=redis_url))
    waker = Waker(broker)
    waker.start()
    for referral_id in range(1200):
        waker.settle(referral_id)
    waker.close(60)
    assert redis.Redis.from_url(redis_url).llen("dramatiq:settle") == 1000
    assert caplog.text.count("does a worker run?") == 1
    broker.close()


def test_workers_load_no_detection_rules() -> None:
    script = "import sys, workers.boot; print(*(m for m in sys.modules if 'core.rules' in m))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == []
