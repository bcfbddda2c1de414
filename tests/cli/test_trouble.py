"""What people read when the database, its file or a disk does not do it."""

import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from gateway.cli import main
from gateway.store.trouble import explain_trouble
from tests.cli.conftest import COMPANY, Line
from tests.services import PostgreSQL

Told = Callable[..., str]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """Give a function that runs a failing command and returns its one sentence."""

    def run(*arguments: str) -> str:
        monkeypatch.setattr("sys.argv", ["career-relay", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code in {1, 2}
        told = capsys.readouterr().err
        assert "internal error" not in told
        assert told.count("\n") == 1
        return told

    return run


@pytest.fixture
def file(line: Line) -> Path:
    """Give the file of an installation with one company, which nobody has open."""
    line.parts.engine.dispose()
    return Path(line.parts.engine.url.database or "")


@contextlib.contextmanager
def _writing(file: Path, mode: str = "IMMEDIATE") -> Iterator[None]:
    """Write to a file until the block is left."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        if mode == "EXCLUSIVE":
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute(f"BEGIN {mode}")
        other.execute("UPDATE company SET name = name")
        yield


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("ledger", "rule", COMPANY), id="rule"),
        pytest.param(("ledger", "retention", COMPANY), id="retention"),
        pytest.param(("company", "brake", COMPANY), id="brake"),
        pytest.param(("ledger", "verify"), id="verify"),
        pytest.param(("migrate",), id="migrate where nothing is to be done"),
        pytest.param(("company", "show", COMPANY), id="show"),
    ],
)
def test_what_only_shows_waits_for_no_writer(
    line: Line, file: Path, command: tuple[str, ...]
) -> None:
    with _writing(file):
        assert line(*command)


def test_who_writes_hears_of_the_other_writer(told: Told, file: Path) -> None:
    with _writing(file):
        said = told("ledger", "retention", COMPANY, "--days", "400")
    assert f"another process is writing to {file}; try again" in said


def test_migrate_hears_of_the_other_writer(
    told: Told, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.store.migrate._PATIENCE_SECONDS", 0.0)
    with _writing(file, "EXCLUSIVE"):
        assert f"another process is writing to {file}" in told("migrate")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(
            lambda file: file.mkdir(), "cannot be opened: see that it is a file", id="dir"
        ),
        pytest.param(
            lambda file: file.write_text("no database at all\n" * 99), "is no SQLite", id="text"
        ),
        pytest.param(
            lambda file: file.write_bytes((file.parent / "kept").read_bytes()[:10_000]),
            "is damaged: restore a backup",
            id="truncated",
        ),
    ],
)
@pytest.mark.parametrize("command", [("migrate",), ("ledger", "verify"), ("company", "list")])
def test_a_file_that_is_no_ledger_is_named(
    told: Told, file: Path, spoil: Callable[[Path], object], words: str, command: tuple[str, ...]
) -> None:
    file.rename(file.parent / "kept")
    for beside in ("-wal", "-shm"):
        file.with_name(file.name + beside).unlink(missing_ok=True)
    spoil(file)
    said = told(*command)
    assert str(file) in said
    assert words in said


@pytest.mark.usefixtures("line")
def test_an_export_into_a_place_that_cannot_be_made(told: Told, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    said = told("ledger", "export", COMPANY, "--out", str(tmp_path / "taken"))
    assert "taken cannot be used (File exists)" in said


@pytest.mark.usefixtures("line")
def test_an_export_onto_a_full_disk(told: Told, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "ledger.json").symlink_to("/dev/full")
    said = told("ledger", "export", COMPANY, "--out", str(tmp_path / "out"))
    assert "the disk cannot be used (No space left on device)" in said


def test_a_full_disk_is_told_of(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA max_page_count = 1")
        with pytest.raises(sqlite3.OperationalError) as full:
            connection.execute("CREATE TABLE large AS SELECT randomblob(1000000)")
    error = OperationalError("", {}, full.value)
    assert "no room is left for" in explain_trouble(error, f"sqlite:///{file}")


_COPY_TROUBLES = [
    pytest.param("{taken}/x/new.sqlite3", "--to: {taken}", "(Not a directory)", id="under a file"),
    pytest.param("{taken}", "--to: {taken}", "is no SQLite database", id="another file"),
    pytest.param("{folder}", "--to: {folder}", "see that it is a file", id="a folder"),
    pytest.param("{file}", "same database", "", id="itself"),
    pytest.param("{other}", "is not empty", "company has rows", id="a ledger with rows"),
]


@pytest.mark.parametrize(("target", "words", "more"), _COPY_TROUBLES)
def test_a_copy_tells_what_is_wrong_with_its_target(
    told: Told, file: Path, tmp_path: Path, target: str, words: str, more: str
) -> None:
    names = {name: tmp_path / name for name in ("taken", "folder", "other")} | {"file": file}
    names["taken"].write_text("no database at all\n" * 99)
    names["folder"].mkdir()
    shutil.copyfile(file, names["other"])
    place = f"sqlite:///{target.format(**names)}"
    said = told("db", "copy", "--from", f"sqlite:///{file}", "--to", place)
    assert words.format(**names) in said
    assert more in said


def test_a_copy_tells_that_its_source_is_not_there(told: Told, file: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.sqlite3"
    said = told("db", "copy", "--from", f"sqlite:///{file}.typo", "--to", f"sqlite:///{new}")
    assert f"--from: there is no file {file}.typo" in said
    assert not new.exists()
    said = told("db", "copy", "--from", "mysql://x/y", "--to", f"sqlite:///{new}")
    assert "--from is not a database address" in said


@pytest.mark.postgresql
def test_a_server_that_lets_nobody_in_is_named_without_a_password(
    told: Told, postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address, words in (
        (postgresql.url("nope"), 'database "nope" does not exist'),
        (
            postgresql.url("postgres").replace("postgres@", "nobody:s3cret@"),
            'role "nobody" does not exist',
        ),
        ("postgresql://lee:s3cret@127.0.0.1:1/relay", "Connection refused"),
    ):
        monkeypatch.setenv("CAREER_RELAY_DATABASE_URL", address)
        for command in (("company", "list"), ("migrate",)):
            said = told(*command)
            assert words in said
            assert "CAREER_RELAY_DATABASE_URL names host, database, user and password" in said
            assert "s3cret" not in said
