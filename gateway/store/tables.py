"""What all tables share: key and time types, names of constraints, insert-or-skip.

Each fact's own table stands beside its functions: company_rows.py, mails.py, referrals.py,
ledger.py, outbox.py; schema.py names them all.
"""

import functools
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, cast

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.types import TypeDecorator

Insert = PostgresqlInsert | SqliteInsert

BigId = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both: SQLite numbers rows by itself only where the type is INTEGER."""

Id = Annotated[int, mapped_column(BigId, primary_key=True)]


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, with its zone, to the microsecond.

    SQLite keeps it as text without a zone, so the zone is taken off and put back here. A time
    without a zone raises ValueError: nobody knows which moment it is.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return `value` in UTC, as the database keeps it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002  SQLAlchemy's interface
    ) -> datetime | None:
        """Return the stored time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Of all tables; constraints have names, so that a migration can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    id: Mapped[Id]
    type_annotation_map = {datetime: UtcDateTime()}  # noqa: RUF012  SQLAlchemy's own spelling


def table_of(row: type[Base]) -> Table:
    """Return the table behind a mapped class, for statements that go past the ORM."""
    return cast("Table", row.__table__)


@functools.cache
def insert_into(dialect: str, table: type[Base]) -> Insert:
    """Return the INSERT of a database kind that knows ON CONFLICT, the same object each time.

    The statements that every mail runs are built once: to build one costs more than to run it.
    """
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table_of(table))


def dialect_of(session: Session) -> str:
    """Return which kind of database a session writes to: "sqlite" or "postgresql"."""
    return session.get_bind().dialect.name


@functools.cache
def insert_unless_there(dialect: str, table: type[Base]) -> Insert:
    """Return the INSERT that skips a row which a unique constraint has already.

    One statement on both databases (ON CONFLICT DO NOTHING): who comes second waits for the
    first to commit and then skips, without an error that would end the transaction.
    """
    return insert_into(dialect, table).on_conflict_do_nothing()


@functools.cache
def _insert_or_skip(dialect: str, table: type[Base]) -> ReturningInsert[Any]:
    return insert_unless_there(dialect, table).returning(table_of(table).c.id)


def insert_or_skip(session: Session, table: type[Base], values: Mapping[str, Any]) -> int | None:
    """Insert a row unless a unique constraint has it already; return its id, None if skipped."""
    statement = _insert_or_skip(dialect_of(session), table)
    found: int | None = session.execute(statement, dict(values)).scalar_one_or_none()
    return found
