"""Open the database, the same way on SQLite and PostgreSQL, and write to it in groups."""

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar, cast
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    InvalidRequestError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from gateway.errors import StoreUnavailableError

log = logging.getLogger(__name__)

T = TypeVar("T")
Operation = Callable[[Session], Any]
"""What is to be written: called with the session of a transaction that somebody else commits."""

_READING: Final = "career_relay_reading"
_SQLITE_BUSY_SECONDS = 5.0
_COLLISIONS: Final = {"40001", "40P01"}
"""SQLSTATEs of PostgreSQL: could not be serialized, deadlock. Nothing was written; try again."""

_MOST_ATTEMPTS: Final = 3
_POSTGRESQL_CONNECT: Final = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,  # milliseconds: a peer that vanished is noticed
    "application_name": "career-relay",
    # no lock and no forgotten transaction holds up the mail for longer than a sender waits
    "options": "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s",
}


def open_engine(url: str) -> Engine:
    """Return the engine for the ledger at `url`; nothing is opened before the first session.

    url  sqlite:///PATH of a file, or postgresql://… (psycopg 3)

    The SQLite file must exist (migrate() makes it): a ledger that went away must not be
    replaced by an empty one in silence. Errors never show the values of a statement.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite(address)
    return create_engine(
        address, connect_args=_POSTGRESQL_CONNECT, pool_pre_ping=True, hide_parameters=True
    )


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


def _open_sqlite(address: URL) -> Engine:
    file = Path(address.database or "").absolute()
    # mode=rw: open what is there, make nothing (https://sqlite.org/uri.html section 3.3)
    uri = f"file:{quote(str(file))}?mode=rw"

    def connect() -> sqlite3.Connection:
        # The pool lends a connection to one thread at a time, not always to the same one.
        return sqlite3.connect(uri, uri=True, timeout=_SQLITE_BUSY_SECONDS, check_same_thread=False)

    engine = create_engine(address, creator=connect, hide_parameters=True)

    def prepare(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        raw = cast("sqlite3.Connection", connection)
        raw.isolation_level = None  # sqlite3 begins nothing by itself; _begin_sqlite does
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA synchronous = FULL")  # the commit behind a 250 survives a power cut
        raw.execute("PRAGMA foreign_keys = ON")
        # else INSERT OR REPLACE deletes past the ledger's guard: sqlite.org/lang_conflict.html
        raw.execute("PRAGMA recursive_triggers = ON")
        entry.info["file"] = _identify(file)

    def check(
        _connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection
    ) -> None:
        # SQLite would go on writing into a file that was moved or deleted under it.
        if entry.info.get("file") != _identify(file):
            raise DisconnectionError

    event.listen(engine, "connect", prepare)
    event.listen(engine, "checkout", check)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _identify(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(_READING, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reading else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def is_trouble(error: BaseException) -> bool:
    """Tell whether `error` is the database's trouble and not the fault of what was written.

    Gone, locked, read-only, full, not migrated: later the same operation may succeed.
    """
    if isinstance(error, IntegrityError | DataError):
        return False
    return isinstance(error, DBAPIError | PoolTimeoutError | InvalidRequestError)


class _OperationFailedError(Exception):
    """One operation of a batch raised `error`; the connection is sound."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


@dataclass(frozen=True, slots=True)
class _Outcome:
    value: Any = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One operation in the queue; nobody waits for it when `future` is None."""

    operation: Operation
    future: asyncio.Future[Any] | None = None


class GroupWriter:
    """One thread that writes for all: whatever waits is one transaction with one commit.

    A commit costs the disk the same for one row as for hundreds. When an operation fails, the
    batch is rolled back and run again with a SAVEPOINT for each, so that it takes nobody with
    it; the usual batch, in which none fails, is spared the round trips. A batch that collided
    with somebody else's runs again as well. So an operation may run several times: it does
    nothing but read and write its session, and returns values, never rows that load something
    later.
    """

    def __init__(
        self,
        engine: Engine,
        max_batch: int = 256,
        max_waiting: int = 10_000,
        timeout_seconds: float = 15.0,
    ) -> None:
        """Prepare; start() begins.

        max_batch        operations in one transaction
        max_waiting      operations in the queue; more are refused at once
        timeout_seconds  how long write() waits for its commit
        """
        self._new_session = writing_session(engine)
        self._max_batch = max_batch
        self._timeout_seconds = timeout_seconds
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(max_waiting)
        self._is_open = False
        self._gate = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="group-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._is_open = True
        self._thread.start()

    def close(self) -> None:
        """Write what waits, then stop; from now on nothing is taken."""
        with self._gate:
            if not self._is_open:
                return
            self._is_open = False
        self._queue.put(None)
        self._thread.join()

    async def write(self, operation: Callable[[Session], T]) -> T:
        """Return what `operation` returned, after its commit.

        Raises StoreUnavailableError on trouble of the database, or when the commit takes too
        long: then it may still happen, so an operation must bear being tried again. Raises the
        operation's own exception when it failed by itself. A caller that is cancelled leaves
        its operation in the batch.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if not self._put(_Waiting(operation, future)):
            raise StoreUnavailableError
        try:
            return await asyncio.wait_for(future, self._timeout_seconds)
        except TimeoutError:
            raise StoreUnavailableError from None

    def write_soon(self, operation: Callable[[Session], object]) -> None:
        """Have `operation` written when the database likes; returns at once.

        A failure or a full queue is one line in the log, without values.
        """
        if not self._put(_Waiting(operation)):
            log.warning("a row was not written: the queue is full or closed")

    def _put(self, waiting: _Waiting) -> bool:
        with self._gate:
            if not self._is_open:
                return False
            try:
                self._queue.put_nowait(waiting)
            except queue.Full:
                return False
            return True

    def _run(self) -> None:
        is_last = False
        while not is_last:
            batch, is_last = self._take()
            if batch:
                _resolve(zip(batch, self._commit(batch), strict=True))

    def _take(self) -> tuple[list[_Waiting], bool]:
        """Return all that waits, at least one, and whether close() was called behind it."""
        first = self._queue.get()
        if first is None:
            return [], True
        batch = [first]
        while len(batch) < self._max_batch:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                break
            if waiting is None:
                return batch, True
            batch.append(waiting)
        return batch, False

    def _commit(self, batch: list[_Waiting]) -> list[_Outcome]:
        attempts = 1
        while True:
            try:
                return self._write_batch(batch)
            except Exception as error:  # noqa: BLE001  the thread must outlive every trouble
                if _is_collision(error) and attempts < _MOST_ATTEMPTS:
                    attempts += 1
                    continue
                log.warning("%d operations not written: %s", len(batch), type(error).__name__)
                return [_Outcome(error=_told(error))] * len(batch)

    def _write_batch(self, batch: list[_Waiting]) -> list[_Outcome]:
        try:
            return self._attempt(batch, _apply_plainly)
        except _OperationFailedError as failed:
            if len(batch) == 1:
                return [_Outcome(error=_told(failed.error))]
            return self._attempt(batch, _apply_apart)

    def _attempt(
        self, batch: list[_Waiting], apply: Callable[[Session, Operation], _Outcome]
    ) -> list[_Outcome]:
        with self._new_session.begin() as session:
            session.connection()  # begins: a locked database is no operation's fault
            return [apply(session, waiting.operation) for waiting in batch]


def _apply_plainly(session: Session, operation: Operation) -> _Outcome:
    """Run one operation in the batch's transaction; its failure is the end of this attempt."""
    try:
        value = operation(session)
        session.flush()
    except Exception as error:
        if _is_disconnected(error) or _is_collision(error):
            raise
        raise _OperationFailedError(error) from error
    return _Outcome(value)


def _apply_apart(session: Session, operation: Operation) -> _Outcome:
    """Run one operation in a SAVEPOINT; raise only when the whole transaction is lost."""
    try:
        with session.begin_nested():
            return _Outcome(operation(session))
    except Exception as error:
        # A transaction that ended under us can save nothing of the batch.
        is_over = isinstance(error, InvalidRequestError) or not session.is_active
        if is_over or _is_disconnected(error) or _is_collision(error):
            raise
        return _Outcome(error=_told(error))


def _is_disconnected(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _is_collision(error: Exception) -> bool:
    """Tell whether two transactions stood in each other's way, and ours was rolled back."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", "") in _COLLISIONS


def _told(error: Exception) -> Exception:
    if not is_trouble(error):
        return error
    told = StoreUnavailableError()
    told.__cause__ = error
    return told


def _resolve(pairs: Iterable[tuple[_Waiting, _Outcome]]) -> None:
    """Tell the waiters, with one wake-up for each of their event loops."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], _Outcome]]] = {}
    for waiting, outcome in pairs:
        if waiting.future is not None:
            by_loop.setdefault(waiting.future.get_loop(), []).append((waiting.future, outcome))
        elif outcome.error is not None:
            log.warning("a row was not written: %s", type(outcome.error).__name__)
    for loop, answers in by_loop.items():
        try:
            loop.call_soon_threadsafe(_answer, answers)
        except RuntimeError:  # the loop is closed: nobody waits any more
            log.debug("%d writers gone before their commit", len(answers))


def _answer(answers: list[tuple[asyncio.Future[Any], _Outcome]]) -> None:
    for future, outcome in answers:
        if future.done():  # cancelled or timed out
            continue
        if outcome.error is not None:
            future.set_exception(outcome.error)
        else:
            future.set_result(outcome.value)
