"""The lock beside an SQLite ledger: one holds it, and nobody's death keeps it."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.store.lock_file import LockFile, holder_of

_HOLD = """
import sys, pathlib
from gateway.store.lock_file import LockFile
print(LockFile(pathlib.Path(sys.argv[1]), "the other").take(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite3"
    path.touch()
    return path


def test_one_holds_it_until_it_lets_go(ledger: Path) -> None:
    one, two = LockFile(ledger, "one"), LockFile(ledger, "two")
    assert holder_of(ledger) == ""
    assert one.take()
    assert one.take()
    assert not two.take()
    assert holder_of(ledger) == "one"
    one.let_go()
    assert holder_of(ledger) == ""
    assert two.take()
    assert holder_of(ledger) == "two"
    two.let_go()


def test_a_killed_process_holds_nothing(ledger: Path) -> None:
    own = LockFile(ledger, "own")
    command = [sys.executable, "-c", _HOLD, str(ledger)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"True\n"
        assert not own.take()
        assert holder_of(ledger) == "the other"
        other.kill()
        other.wait(10)
    assert own.take()
    own.let_go()


def test_without_a_ledger_nobody_holds_it(tmp_path: Path) -> None:
    assert not LockFile(tmp_path / "gone", "one").take()
    assert list(tmp_path.iterdir()) == []
