"""Fixtures for all tests: migrated databases, a Redis, a next hop and a company that uses it."""

import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvloop
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser
from sqlalchemy import Engine

from gateway.core.company import Mode
from gateway.demo.samples import COMPANY, DOMAIN
from gateway.store.companies import add_company
from gateway.store.company_records import CompanyRecord
from gateway.store.engine import open_engine, writing_session
from gateway.store.migrate import migrate
from tests.e2e.sink import Sink, running_sink
from tests.services import PostgreSQL, chromium, postgresql_cluster, redis_server
from tests.smtp.gateways import LoopThread, running_hop
from tests.smtp.sink import Sink as Hop

_TEMPLATE = "career_relay_template"

# No test may fail because the machine is slow or busy: without CI in the environment Hypothesis
# gives each example 200 ms.
settings.register_profile(
    "unhurried", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")


def pytest_xdist_auto_num_workers() -> int | None:
    """Run one more test at once than there are cores: many wait for processes they started."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ or not hasattr(os, "sched_getaffinity"):
        return None  # as pytest-xdist has it
    return min(4, 1 + len(os.sched_getaffinity(0)))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """Give a PostgreSQL cluster for the whole session, with a migrated template database."""
    with postgresql_cluster() as cluster:
        cluster.execute(f"CREATE DATABASE {_TEMPLATE}")
        migrate(cluster.url(_TEMPLATE))
        yield cluster


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a migrated, empty SQLite file, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Give the address of a fresh, migrated SQLite file."""
    file = tmp_path / "ledger.sqlite3"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> Iterator[str]:
    """Give the address of a fresh, migrated PostgreSQL database."""
    name = f"t{uuid.uuid4().hex}"
    postgresql.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    yield postgresql.url(name)
    postgresql.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the address of a fresh, migrated database: each test runs on both kinds."""
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Give an engine on a fresh, migrated database: each test runs on both kinds."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def thread() -> Iterator[LoopThread]:
    """Give an event loop in a thread of its own: uvloop's, as the product has it."""
    running = LoopThread(uvloop.new_event_loop)
    yield running
    running.stop()


@pytest.fixture
def hop(thread: LoopThread) -> Iterator[Hop]:
    """Give a next hop that does as it is told."""
    with running_hop(thread) as running:
        yield running


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Give a next hop that takes every mail."""
    with running_sink() as running:
        yield running


@pytest.fixture
def ledger(sqlite_url: str) -> Iterator[Engine]:
    """Give an engine on a fresh SQLite file."""
    engine = open_engine(sqlite_url)
    yield engine
    engine.dispose()


@pytest.fixture
def company(ledger: Engine, sink: Sink) -> CompanyRecord:
    """Give a company in inject mode with the sink as its next hop."""
    with writing_session(ledger).begin() as session:
        return add_company(
            session,
            name=COMPANY,
            domains=[DOMAIN],
            next_hop=sink.address,
            mode=Mode.INJECT,
            now=datetime(2026, 1, 5, tzinfo=UTC),
        )[0]


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """Give the socket that systemd would listen on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(60)
        yield listening


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Give the address of a Redis for the whole session; flush it before use."""
    with redis_server() as url:
        yield url


@pytest.fixture(scope="module")  # not longer: while it runs, no other test can run an event loop
def browser() -> Iterator[Browser]:
    """Give Debian's chromium, without a window."""
    with chromium() as started:
        yield started
