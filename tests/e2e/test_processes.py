"""The same job with PostgreSQL and Redis, and the processes of the Procfile apart."""

import contextlib
import dataclasses
import shlex
from collections.abc import Iterator

import pytest

from gateway.demo.samples import COMPANY
from tests.e2e.conftest import add_company
from tests.e2e.program import ROOT, Installation
from tests.e2e.sink import Sink
from tests.e2e.test_main_job import MAILS, check_main_job


def procfile() -> dict[str, list[str]]:
    lines = (ROOT / "Procfile").read_text("utf-8").splitlines()
    return {name: shlex.split(command) for name, _, command in (li.partition(":") for li in lines)}


@pytest.fixture
def many(installation: Installation, postgresql_url: str, redis_url: str) -> Installation:
    """An installation on PostgreSQL and Redis, its tables made by the release command."""
    settings = {
        "CAREER_RELAY_DATABASE_URL": postgresql_url,
        "CAREER_RELAY_REDIS_URL": redis_url,
        "CAREER_RELAY_SECRET_KEY": "0123456789abcdef" * 4,
    }
    made = dataclasses.replace(installation, settings=settings)
    released = made.run(*procfile()["release"][1:])
    assert released.returncode == 0, released.stderr.decode()
    return made


@contextlib.contextmanager
def running(installation: Installation, *names: str) -> Iterator[None]:
    """Run these processes of the Procfile."""
    with contextlib.ExitStack() as stack:
        for name in names:
            stack.enter_context(installation.process(*procfile()[name]))
        installation.wait_until_ready()
        yield


@pytest.mark.postgresql
@pytest.mark.redis
def test_ten_rejections_make_one_slot_in_three_processes(many: Installation, sink: Sink) -> None:
    with running(many, "gateway", "web", "worker"):
        check_main_job(many, sink)


@pytest.mark.postgresql
@pytest.mark.redis
def test_what_was_relayed_while_no_worker_ran_is_counted_when_one_comes(
    many: Installation, sink: Sink
) -> None:
    with running(many, "gateway", "web"):
        many.send(add_company(many, sink), MAILS)
        assert many.ask("ledger", COMPANY)["counted"] == 0
    with running(many, "gateway", "web", "worker"):
        assert many.wait_for_points(COMPANY, 10)["slots_earned"] == 1


@pytest.mark.postgresql
def test_a_database_without_tables_is_a_clear_sentence(
    installation: Installation, postgresql_url: str
) -> None:
    empty = postgresql_url.rpartition("/")[0] + "/postgres"
    fresh = dataclasses.replace(installation, settings={"CAREER_RELAY_DATABASE_URL": empty})
    done = fresh.run("company", "list")
    assert done.returncode == 1
    assert b"career-relay migrate" in done.stderr
    assert b"Traceback" not in done.stderr
