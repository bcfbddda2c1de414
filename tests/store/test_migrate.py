"""Migrations: every step up makes what the models say, and starting twice at once is harmless."""

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError

from gateway.errors import CareerRelayError
from gateway.store import engine as engine_module
from gateway.store import migrate as migrate_module
from gateway.store.engine import open_engine
from gateway.store.migrate import config_for, migrate
from gateway.store.schema import METADATA
from gateway.store.version import is_current
from tests.services import PostgreSQL


def _is_current(url: str) -> bool:
    engine = open_engine(url)
    try:
        return is_current(engine)
    finally:
        engine.dispose()


def test_the_steps_make_what_the_models_say(engine: Engine) -> None:
    with engine.connect() as connection:
        command.check(config_for(connection))  # raises when a table, column or index differs


def test_names_of_constraints_are_those_of_the_models(engine: Engine) -> None:
    """Compare what alembic's check does not: keys, checks and foreign keys by name."""
    inspector = inspect(engine)
    for table in METADATA.sorted_tables:
        wanted = {constraint.name for constraint in table.constraints}
        found = {inspector.get_pk_constraint(table.name)["name"]}
        found |= {each["name"] for each in inspector.get_unique_constraints(table.name)}
        found |= {each["name"] for each in inspector.get_foreign_keys(table.name)}
        found |= {each["name"] for each in inspector.get_check_constraints(table.name)}
        assert found == wanted, table.name


def test_a_new_sqlite_file_is_made_with_its_folder_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "var" / "ledger.sqlite3"
    url = f"sqlite:///{file}"
    assert not _is_current(url)
    assert not file.exists()
    migrate(url)
    assert _is_current(url)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_empty_database_is_not_current(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite3"
    file.touch()
    assert not _is_current(f"sqlite:///{file}")


def test_migrating_again_changes_nothing(database_url: str) -> None:
    migrate(database_url)
    assert _is_current(database_url)


def _migrate_at_once(url: str) -> None:
    script = "import sys; from gateway.store.migrate import migrate; migrate(sys.argv[1])"
    running = [subprocess.Popen([sys.executable, "-c", script, url]) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert _is_current(url)


def test_a_failed_step_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite3"
    file.touch()
    url = f"sqlite:///{file}"
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE notification (id INTEGER)"))  # in the way
    with pytest.raises(Exception, match="already exists"):
        migrate(url)
    assert inspect(engine).get_table_names() == ["notification"]
    engine.dispose()


@pytest.mark.postgresql
def test_processes_that_start_at_once_wait_for_one(postgresql: PostgreSQL) -> None:
    postgresql.execute("CREATE DATABASE at_once")
    _migrate_at_once(postgresql.url("at_once"))


def test_processes_that_start_at_once_on_one_file_wait_for_one(tmp_path: Path) -> None:
    _migrate_at_once(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_a_file_that_is_locked_for_long_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, journal: str
) -> None:
    file = tmp_path / "ledger.sqlite3"
    other = sqlite3.connect(file, isolation_level=None)
    other.execute(f"PRAGMA journal_mode = {journal}")
    other.execute("BEGIN IMMEDIATE")
    pauses: list[float] = []

    def let_go(seconds: float) -> None:
        pauses.append(seconds)
        other.rollback()

    monkeypatch.setattr(engine_module, "_SQLITE_BUSY_SECONDS", 0.01)
    monkeypatch.setattr(migrate_module, "sleep", let_go)
    migrate(f"sqlite:///{file}")
    other.close()
    assert len(pauses) == 1
    assert _is_current(f"sqlite:///{file}")


def test_a_file_that_is_locked_for_ever_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ledger.sqlite3"
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(engine_module, "_SQLITE_BUSY_SECONDS", 0.01)
    monkeypatch.setattr(migrate_module, "_PATIENCE_SECONDS", -1.0)
    with pytest.raises(OperationalError, match="locked"):
        migrate(f"sqlite:///{file}")
    other.close()


def test_a_ledger_of_a_newer_version_is_left_alone(database_url: str) -> None:
    engine = open_engine(database_url)
    try:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9000'"))
        with pytest.raises(CareerRelayError, match=r"newer than this program.* step 9000.*backup"):
            migrate(database_url)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9000"
    finally:
        engine.dispose()
