"""Find the value that cannot be read in a company's rows: SQLite keeps whatever it is given."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.orm import Session

from gateway.store.company_rows import CompanyRow
from gateway.store.holds import HoldRow
from gateway.store.ledger_rows import LedgerEntryRow, SlotPointRow
from gateway.store.referrals import ReferralRow
from gateway.store.rules import CountingRuleRow
from gateway.store.tables import table_of

READ_ERRORS = (ValueError, TypeError, OverflowError, DBAPIError)
"""What reading such a value may raise; is_unreadable() tells it from a database in trouble."""

_LOOKED_AT = (CompanyRow, LedgerEntryRow, SlotPointRow, ReferralRow, CountingRuleRow, HoldRow)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A value that cannot be read: the table, the row's id and the column."""

    table: str
    row_id: int
    column: str


def is_unreadable(error: Exception) -> bool:
    """Tell whether one of READ_ERRORS speaks of a value, not of the database as a whole."""
    if not isinstance(error, DBAPIError):
        return True
    # PostgreSQL has moments that Python has not (infinity); SQLite keeps texts that are no UTF-8.
    return isinstance(error, DataError) or "decode to UTF-8" in str(error.orig)


def find_unreadable(session: Session, company_id: int) -> Unreadable | None:
    """Return the first value of a company's rows that cannot be read, None when all can."""
    for table in map(table_of, _LOOKED_AT):
        owner = table.c.id if table.name == "company" else table.c.company_id
        for found in _unreadable_in(session, table, owner == company_id):
            return found
    return None


def _unreadable_in(
    session: Session, table: Table, is_own: ColumnElement[bool]
) -> Iterator[Unreadable]:
    """Look column by column; row by row only where a column holds such a value."""
    for column in table.columns:
        if _is_readable(session, column, is_own):
            continue
        for row_id in session.scalars(select(table.c.id).where(is_own).order_by(table.c.id)).all():
            if not _is_readable(session, column, table.c.id == row_id):
                yield Unreadable(table.name, row_id, column.name)


def _is_readable(session: Session, column: ColumnElement[Any], which: ColumnElement[bool]) -> bool:
    try:
        values = session.execute(select(column).where(which)).scalars()
        return not any(isinstance(value, bytes) for value in values)
    except READ_ERRORS as error:
        if is_unreadable(error):
            return False
        raise
