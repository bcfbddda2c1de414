"""Open the database, the same way on SQLite and PostgreSQL."""

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    InvalidRequestError,
    MultipleResultsFound,
    NoResultFound,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from gateway.errors import CareerRelayError
from gateway.store.driver import change

_READING: Final = "career_relay_reading"
_SQLITE_BUSY_SECONDS = 5.0
_FIXED: Final = "mode=ro&immutable=1"
_POSTGRESQL_CONNECT: Final = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,  # milliseconds: a peer that vanished is noticed
    "application_name": "career-relay",
    # no lock and no forgotten transaction holds up the mail for longer than a sender waits
    "options": "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s",
}

_POOL: Final = {"hide_parameters": True, "pool_use_lifo": True}
"""The connection that was used last is lent first: it has pages and statements at hand. In turn, as
is usual, each of two found what the other had changed, and read nine pages anew for each mail."""


def open_engine(url: str) -> Engine:
    """Return the engine for the ledger at `url`; nothing is opened before the first session.

    url  sqlite:///PATH of a file, or postgresql://… (psycopg 3)

    The SQLite file must exist (migrate() makes it): a ledger that went away must not be
    replaced by an empty one in silence. Errors never show the values of a statement.

    Raises CareerRelayError when Python's SQLite is too old.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite(address)
    return create_engine(address, connect_args=_POSTGRESQL_CONNECT, pool_pre_ping=True, **_POOL)


def sqlite_file(url: str | URL) -> Path | None:
    """Return the file that `url` names when it is SQLite's, else None."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return None
    return Path(address.database or "")


def writing_session(engine: Engine) -> sessionmaker[Session]:
    """Return the factory of sessions that write; its begin() opens one and commits at the end.

    On SQLite they begin with BEGIN IMMEDIATE: a deferred transaction that reads first and
    writes later fails at once when another one wrote in between, however long busy_timeout is.
    """
    return sessionmaker(engine, expire_on_commit=False)


def reading_session(engine: Engine) -> sessionmaker[Session]:
    """Return the factory of sessions that only read: both databases refuse a change in them.

    All that one session reads is of one moment, so sums agree with their entries whoever writes
    meanwhile. SQLite's transactions are so by themselves; PostgreSQL's must be asked, and one
    that only reads never fails for it.
    """
    options: dict[str, Any] = {_READING: True}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return sessionmaker(engine.execution_options(**options), expire_on_commit=False)


_NEEDED = (
    "CREATE TEMPORARY TABLE kept (value)",
    "INSERT INTO kept SELECT value FROM json_each('[1]') RETURNING value",
)
"""Of SQLite: RETURNING came with 3.35, and json_each() may be left out of one before 3.38."""


def _check_sqlite() -> None:
    try:
        with contextlib.closing(sqlite3.connect(":memory:")) as probe:
            for statement in _NEEDED:
                probe.execute(statement)
    except sqlite3.Error:
        raise CareerRelayError(
            f"the SQLite of this Python ({sqlite3.sqlite_version}) is too old: use one with SQLite "
            "3.38 or newer, or PostgreSQL (CAREER_RELAY_DATABASE_URL)"
        ) from None


class _FixedConnection(sqlite3.Connection):
    """Was told that nobody changes the file."""


def _open_sqlite(address: URL) -> Engine:
    _check_sqlite()
    file = Path(address.database or "").absolute()
    name = str(file)

    def connect() -> sqlite3.Connection:
        way = _way_to_open(file)
        return sqlite3.connect(
            f"file:{quote(str(file))}?{way}",
            uri=True,
            timeout=_SQLITE_BUSY_SECONDS,
            # The pool lends a connection to one thread at a time, not always to the same one.
            check_same_thread=False,
            factory=_FixedConnection if way == _FIXED else sqlite3.Connection,
        )

    engine = create_engine(address, creator=connect, **_POOL)

    def prepare(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        raw = cast("sqlite3.Connection", connection)
        raw.isolation_level = None  # sqlite3 begins nothing by itself; _begin_sqlite does
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA synchronous = FULL")  # the commit behind a 250 survives a power cut
        raw.execute("PRAGMA foreign_keys = ON")
        # else what a statement of many rows may have to take back goes into a file each time
        raw.execute("PRAGMA temp_store = MEMORY")
        # else INSERT OR REPLACE deletes past the ledger's guard: sqlite.org/lang_conflict.html
        raw.execute("PRAGMA recursive_triggers = ON")
        entry.info["file"] = _identify(name)

    def check(
        connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection
    ) -> None:
        # SQLite would go on writing into a file that was moved or deleted under it.
        if entry.info.get("file") != _identify(name):
            raise DisconnectionError
        if isinstance(connection, _FixedConnection) and _way_to_open(file) != _FIXED:
            raise DisconnectionError  # somebody began to write, by another way to the same file

    event.listen(engine, "connect", prepare)
    event.listen(engine, "checkout", check)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _way_to_open(file: Path) -> str:
    """Return how SQLite is to open a file that is there; it makes none.

    A file in WAL mode is read with the help of two more beside it, which cannot be made on a
    read-only file system: there SQLite is told that nobody changes it (sqlite.org/wal.html section
    5, sqlite.org/uri.html section 3.3). With rows still in its WAL it could not be read at all.
    Both of them beside it are enough to read it, and a sign that somebody may be writing, to whom
    the same file is not read-only: SQLite would take what changes for damage.
    """
    with contextlib.suppress(OSError):
        is_fixed = bool(os.statvfs(file).f_flag & os.ST_RDONLY)
        log, index = (file.with_name(f"{file.name}-{end}") for end in ("wal", "shm"))
        if is_fixed and not (log.exists() and (index.exists() or log.stat().st_size)):
            return _FIXED
    return "mode=rw"


def _identify(file: str) -> tuple[int, int] | None:
    try:
        status = os.stat(file)  # noqa: PTH116  asked before every transaction
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(_READING, False)
    if connection.info.get(_READING, False) != reading:
        # The PRAGMA has every prepared statement of the connection compiled anew: only where it
        # says something else than before.
        change(connection, f"PRAGMA query_only = {'ON' if reading else 'OFF'}")
        connection.info[_READING] = reading
    change(connection, "BEGIN" if reading else "BEGIN IMMEDIATE")


def is_trouble(error: BaseException) -> bool:
    """Tell whether `error` is the database's trouble and not the fault of what was written.

    Gone, locked, read-only, full, not migrated: later the same operation may succeed.
    """
    if isinstance(error, IntegrityError | DataError | NoResultFound | MultipleResultsFound):
        return False
    return isinstance(error, DBAPIError | PoolTimeoutError | InvalidRequestError)
