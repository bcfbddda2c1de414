"""What a mail costs when the ledger has grown: the same gateway on ledgers of several sizes."""

import contextlib
import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from bench import subjects
from bench.mails import Kind
from bench.rounds import Cell, Rounds

CELL = Cell(Kind.REJECTION, 20)
_KEYS = frozenset({"candidate_hash", "message_key", "token_hash"})


def ledger_growth(
    rounds: Rounds, folder: Path, sizes: Sequence[int], repeat: int
) -> dict[int, float]:
    """Return the processor time a mail with so many referrals in the ledger, against none.

    The gateways run beside each other and are measured in turn, `repeat` times.
    """
    with contextlib.ExitStack() as stack:
        running = []
        for size in (0, *sizes):
            port, _ = stack.enter_context(subjects.sink())
            place = folder / f"rows-{size}"
            relay = stack.enter_context(subjects.career_relay(place, port, name=f"{size} rows"))
            rounds.measure(relay, port, CELL)
            _fill(place / "ledger.sqlite3", size)
            running.append((relay, port))
        return dict(zip(sizes, rounds.cpu_against_first(running, CELL, repeat), strict=True))


def _fill(ledger: Path, rows: int) -> None:
    """Write referrals that came before, each as the first mail's row with keys of its own.

    What was written is brought from the write-ahead log into the file: else the gateway would do
    that, and be measured doing it.
    """
    with contextlib.closing(sqlite3.connect(ledger, timeout=30)) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(referral)")]
        template = database.execute("SELECT * FROM referral LIMIT 1").fetchone()
        if template is None:
            raise SystemExit("the ledger must hold one referral to be filled")
        first = dict(zip(columns, template, strict=True))
        names = [name for name in columns if name != "id"]
        marks = ", ".join("?" for _ in names)
        with database:
            database.executemany(
                f"INSERT INTO referral ({', '.join(names)}) VALUES ({marks})",  # noqa: S608  own names
                ([_value(name, number, first) for name in names] for number in range(rows)),
            )
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _value(name: str, number: int, first: dict[str, object]) -> object:
    if name not in _KEYS:
        return first[name]
    return hashlib.sha256(b"%d" % number).hexdigest()  # in no order, as real ones
