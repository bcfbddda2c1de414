"""Run a statement by the driver itself, with SQLAlchemy's errors.

Around each run Connection.exec_driver_sql() makes a context, a result and the description of its
columns, and asks for listeners: some sixty calls, more than SQLite needs for the statement.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter, methodcaller
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor, DBAPIModule
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

T = TypeVar("T")
Values = tuple[Any, ...] | dict[str, Any]
"""The parameters of one run as the driver takes them, by place or by name."""


def connection_of(session: Session) -> Connection:
    """Return the connection that `session` writes on, its transaction begun.

    A session that joins a transaction begun before, and did nothing of its own yet, need not begin
    one for this; once it has, it alone knows what became of it and of its savepoints.
    """
    bound = session.get_bind()
    if isinstance(bound, Connection) and bound.in_transaction() and not session.in_transaction():
        return bound
    return session.connection()


def change(connection: Connection, text: str, rows: Sequence[Values] = ((),)) -> int:
    """Run `text` once for each of `rows`, at least one; return how many rows it changed.

    The connection's transaction has begun. Raises what exec_driver_sql() does.
    """
    return _run(connection, text, rows, _count)


def ask(connection: Connection, text: str, values: Values) -> Sequence[tuple[Any, ...]]:
    """Return the rows that `text` finds, as the driver gives them.

    The connection's transaction has begun. Raises what exec_driver_sql() does.
    """
    return _run(connection, text, (values,), _fetch)


_count: Callable[[DBAPICursor], int] = attrgetter("rowcount")
_fetch: Callable[[DBAPICursor], Sequence[tuple[Any, ...]]] = methodcaller("fetchall")


def _run(
    connection: Connection, text: str, rows: Sequence[Any], take: Callable[[DBAPICursor], T]
) -> T:
    driver = connection.connection
    cursor = None
    try:
        cursor = driver.cursor()
        if len(rows) == 1:
            cursor.execute(text, rows[0])
        else:
            cursor.executemany(text, rows)
        return take(cursor)  # SQLite looks for the second row only when it is fetched
    except connection.dialect.loaded_dbapi.Error as error:
        raise _translate(connection, cursor, text, rows, error) from error


def _translate(
    connection: Connection,
    cursor: DBAPICursor | None,
    text: str,
    rows: Sequence[Any],
    error: DBAPIModule.Error,
) -> BaseException:
    """Return SQLAlchemy's error for the driver's, and give up a connection that is broken.

    Other connections that broke with it are found when the pool lends them (pool_pre_ping).
    """
    dialect = connection.dialect
    is_broken = dialect.is_disconnect(error, connection.connection, cursor)
    is_many = len(rows) > 1
    told = DBAPIError.instance(
        text,
        rows if is_many else rows[0],
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=connection.engine.hide_parameters,
        connection_invalidated=is_broken,
        dialect=dialect,
        ismulti=is_many,
    )
    if is_broken:
        connection.invalidate(error)
    return told
