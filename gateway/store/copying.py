"""Move a whole ledger to another database: every row, with the id that it has."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, insert, select, text
from sqlalchemy.orm import Session

from gateway.errors import CareerRelayError
from gateway.store.engine import reading_session, writing_session
from gateway.store.ledger_rows import LedgerEntryRow, SlotPointRow
from gateway.store.schema import METADATA
from gateway.store.tables import table_of
from gateway.store.verify import verify
from gateway.store.version import is_current

_BATCH = 1000
_ENTRIES, _POINTS = table_of(LedgerEntryRow), table_of(SlotPointRow)


@dataclass(frozen=True, slots=True)
class Copied:
    """A table, and how many rows of it there are now in both databases."""

    table: str
    rows: int


def copy_database(source: Engine, target: Engine) -> tuple[Copied, ...]:
    """Copy every row of `source`, as it is at this moment, into `target`, which has none yet.

    One transaction: what fails leaves `target` empty. The guards of the ledger judge every row
    as if it were written for the first time. Afterwards the sequences go on behind the highest
    ids, and every chain of hashes is verified in `target`.

    Raises CareerRelayError when one has not the newest schema, `target` is not empty, or the
    copy does not verify.
    """
    for engine, name in ((source, "the database to copy from"), (target, "the one to copy to")):
        if not is_current(engine):
            raise CareerRelayError(f"{name} has not the newest tables: run `career-relay migrate`")
    tables = METADATA.sorted_tables
    with reading_session(source)() as reading, writing_session(target).begin() as writing:
        _refuse_rows(writing, tables)
        copied = tuple(_copy(reading.connection(), writing, table) for table in tables)
        for table, rows in zip(tables, copied, strict=True):
            _check(writing, table, rows)
        _go_on_behind(writing, tables)
    with reading_session(target)() as session:
        problems = verify(session)
    if problems:
        raise CareerRelayError(f"the copy does not verify: {problems[0]}")
    return copied


def _refuse_rows(session: Session, tables: list[Table]) -> None:
    for table in tables:
        if session.execute(select(table.c.id).limit(1)).first() is not None:
            raise CareerRelayError(f"the database to copy to is not empty: {table.name} has rows")


def _copy(source: Connection, writing: Session, table: Table) -> Copied:
    rows = 0
    for batch in _batches(source, table):
        if table is _ENTRIES:
            _write_entries(source, writing, batch)
        elif table is not _POINTS:  # those stand beside their slots already
            writing.execute(insert(table), batch)
        rows += len(batch)
    return Copied(table.name, rows)


def _write_entries(source: Connection, writing: Session, batch: list[dict[str, Any]]) -> None:
    """Write entries of the ledger, each slot with its points before the next entry.

    So the guards see every row in the state of the ledger in which it was written: a slot whose
    referral was voided later would be refused after the void.
    """
    first, last = batch[0]["id"], batch[-1]["id"]
    query = select(_POINTS).where(_POINTS.c.slot_entry_id.between(first, last))
    points: dict[int, list[dict[str, Any]]] = {}
    for row in source.execute(query.order_by(_POINTS.c.id)).mappings():
        points.setdefault(row["slot_entry_id"], []).append(dict(row))
    entries: list[dict[str, Any]] = []
    for entry in batch:
        entries.append(entry)
        if entry["id"] in points:
            writing.execute(insert(_ENTRIES), entries)
            writing.execute(insert(_POINTS), points[entry["id"]])
            entries = []
    if entries:
        writing.execute(insert(_ENTRIES), entries)


def _check(writing: Session, table: Table, copied: Copied) -> None:
    there = writing.scalar(select(func.count()).select_from(table))
    if there != copied.rows:
        raise CareerRelayError(f"{table.name}: {copied.rows} rows read, {there} written")


def _batches(source: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows in the order of their ids, which is that of their causes."""
    last = 0
    while True:
        query = select(table).where(table.c.id > last).order_by(table.c.id).limit(_BATCH)
        batch = [dict(row) for row in source.execute(query).mappings()]
        if not batch:
            return
        yield batch
        last = batch[-1]["id"]


def _go_on_behind(session: Session, tables: list[Table]) -> None:
    if session.get_bind().dialect.name != "postgresql":
        return  # SQLite numbers on from the highest id by itself
    for table in tables:
        highest = session.scalar(select(func.max(table.c.id)))
        if highest is not None:
            session.execute(
                text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :highest)"),
                {"table": table.name, "highest": highest},
            )
