"""The engine: both databases behave alike and keep what they promise."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError
from sqlalchemy.orm import Session

from gateway.errors import CareerRelayError
from gateway.store import engine as engine_module
from gateway.store.company_changes import CompanyChangeRow
from gateway.store.company_rows import CompanyRow
from gateway.store.engine import open_engine, reading_session, writing_session
from gateway.store.referrals import OptOutRow
from gateway.store.verify import verify, wrong_file
from tests.store.records import NOW, write_company


def _add(name: str) -> Callable[[Session], int]:
    def operation(session: Session) -> int:
        row = OptOutRow(candidate_hash=name, at=NOW)
        session.add(row)
        session.flush()
        return row.id

    return operation


def _names(engine: Engine) -> list[str]:
    with reading_session(engine)() as session:
        return list(session.scalars(select(OptOutRow.candidate_hash).order_by(OptOutRow.id)))


def test_a_time_comes_back_in_utc_whatever_its_zone(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    tokyo = datetime(2026, 4, 1, 8, 0, 0, 1, tzinfo=timezone(timedelta(hours=9)))
    with writing_session(engine).begin() as session:
        session.add(
            CompanyChangeRow(company_id=company_id, at=tokyo, actor="", what="", old="", new="")
        )
    with reading_session(engine)() as session:
        read = session.scalars(select(CompanyChangeRow.at)).one()
        assert session.scalar(select(CompanyChangeRow.id).where(CompanyChangeRow.at == tokyo))
    assert (read, read.tzinfo) == (tokyo, UTC)


def test_a_time_without_a_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="zone"), reading_session(engine)() as session:
        session.scalars(select(CompanyRow).where(CompanyRow.created_at == NOW.replace(tzinfo=None)))


def test_a_reading_session_cannot_write(engine: Engine) -> None:
    with pytest.raises(DBAPIError), reading_session(engine).begin() as session:
        _add("x")(session)
    with writing_session(engine).begin() as session:  # the same connection, from the pool
        _add("y")(session)
    assert _names(engine) == ["y"]


def test_the_connection_that_was_used_last_is_lent_first(engine: Engine) -> None:
    with engine.connect() as first, engine.connect() as second:
        first.close()
        last = second.connection.dbapi_connection
    for _ in range(2):
        with engine.connect() as lent:
            assert lent.connection.dbapi_connection is last


def test_an_error_does_not_show_the_values(engine: Engine) -> None:
    with writing_session(engine).begin() as session:
        _add("a secret")(session)
    with pytest.raises(DBAPIError) as caught, writing_session(engine).begin() as session:
        _add("a secret")(session)
    assert "[SQL parameters hidden" in str(caught.value)


def test_sqlite_survives_a_power_cut_and_keeps_its_promises(sqlite_url: str) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "temp_store": 2,  # MEMORY
        "busy_timeout": 5000,
    }
    opened = open_engine(sqlite_url)
    with opened.connect() as connection:
        pragmas = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in wanted}
    opened.dispose()
    assert pragmas == wanted


def test_sqlite_writers_wait_for_each_other_instead_of_failing(sqlite_url: str) -> None:
    opened = open_engine(sqlite_url)

    def read_then_write(number: int) -> None:
        with writing_session(opened).begin() as session:
            session.scalars(select(OptOutRow.id)).all()
            _add(f"n{number}")(session)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(read_then_write, range(40)))
    assert len(_names(opened)) == 40
    opened.dispose()


def test_a_missing_sqlite_file_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "gone.sqlite3"
    opened = open_engine(f"sqlite:///{file}")
    assert str(opened.url) == f"sqlite:///{file}"
    with pytest.raises(OperationalError):
        opened.connect()
    assert not file.exists()


def test_an_sqlite_that_cannot_do_it_is_refused_at_once(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_NEEDED", ("SELECT value FROM yaml_each('[1]')",))
    with pytest.raises(CareerRelayError, match=r"too old: use one with SQLite 3\.38 or newer"):
        open_engine(sqlite_url)


@pytest.fixture
def fixed_folder(tmp_path: Path) -> Iterator[Callable[[], Path]]:
    """Give a folder that becomes a read-only file system when the function is called."""
    folder = tmp_path / "fixed"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "none", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a file system")

    def fix() -> Path:
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        return folder

    yield fix
    subprocess.run(["umount", str(folder)], check=True)


def test_a_ledger_on_a_read_only_file_system_is_read(
    sqlite_template: Path, fixed_folder: Callable[[], Path], tmp_path: Path
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "fixed" / "ledger.sqlite3")
    engine = open_engine(f"sqlite:///{fixed_folder() / 'ledger.sqlite3'}")
    with reading_session(engine)() as session:
        assert verify(session) == []
    with (
        pytest.raises(DBAPIError, match="readonly"),
        writing_session(engine).begin() as session,
    ):
        session.execute(text("UPDATE company SET name = name"))
    engine.dispose()


@pytest.fixture
def seen_read_only(tmp_path: Path) -> Iterator[Path]:
    """Give a folder in which `tmp_path/live` is seen, which cannot be written through it."""
    live, seen = tmp_path / "live", tmp_path / "seen"
    live.mkdir()
    seen.mkdir()
    mounted = subprocess.run(
        ["mount", "--bind", str(live), str(seen)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a file system")
    subprocess.run(["mount", "-o", "remount,ro,bind", str(seen)], check=True)
    yield seen
    subprocess.run(["umount", "--lazy", str(seen)], check=True)


@pytest.mark.parametrize("who_is_first", ["the writer", "the reader"])
def test_a_ledger_that_is_read_only_here_is_not_so_for_whoever_writes_it(
    sqlite_template: Path, seen_read_only: Path, tmp_path: Path, who_is_first: str
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "live" / "ledger.sqlite3")
    writer = open_engine(f"sqlite:///{tmp_path / 'live' / 'ledger.sqlite3'}")
    reader = open_engine(f"sqlite:///{seen_read_only / 'ledger.sqlite3'}")
    for engine in (writer, reader) if who_is_first == "the writer" else (reader, writer):
        with reading_session(engine)() as session:
            assert session.scalars(select(CompanyRow.name)).all() == []
    write_company(writer)
    with reading_session(reader)() as session:
        assert len(session.scalars(select(CompanyRow.name)).all()) == 1
        assert wrong_file(session) is None
    reader.dispose()
    writer.dispose()
