"""Write to the database in groups: one thread, one commit for all that is waiting."""

import asyncio
import logging
import math
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.orm import Session

from gateway.errors import StoreUnavailableError
from gateway.store.batches import Batches
from gateway.store.engine import is_trouble

log = logging.getLogger(__name__)

T = TypeVar("T")
Item = TypeVar("Item")
Work = Callable[[Session, Sequence[Item]], Sequence[T]]
"""Writes many items of one kind, in a session that others commit; returns a value for each."""

_COLLISIONS: Final = {"40001", "40P01"}
"""SQLSTATEs of PostgreSQL: could not be serialized, deadlock. Nothing was written; try again."""

_MOST_ATTEMPTS: Final = 3

_QUIET_TURN_SECONDS: Final = 100e-6
_LONGEST_GATHERING_SECONDS: Final = 0.01
"""An event loop gathers what comes until one of its turns is so short that nothing else was in it
(2 to 6 us measured), or for so long. What the thread did earlier it would do against the loop, for
they share the interpreter, and in smaller groups."""


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
    """One item in the queue, and its work; nobody waits for it when `future` is None."""

    work: Work[Any, Any]
    item: Any
    future: asyncio.Future[Any] | None = None


class GroupWriter:
    """One thread that writes for all: whatever waits is one transaction with one commit.

    A commit costs the disk the same for one row as for hundreds, and a statement hardly more. So
    each work gets all of its waiting items together; works run in the order in which they came.
    When one fails, the batch is rolled back and run again with a SAVEPOINT for each item, so that
    it drags no other down; the usual batch, in which none fails, is spared those round trips. A
    batch that collided with another transaction also runs again. So a work may run several times:
    it only reads and writes its session, and returns values, never rows that load lazily.
    """

    def __init__(
        self,
        engine: Engine,
        max_batch: int = 256,
        max_waiting: int = 10_000,
        timeout_seconds: float = 15.0,
    ) -> None:
        """Prepare; start() begins.

        max_batch        items in one transaction
        max_waiting      items in the queue; more are refused at once
        timeout_seconds  how long write() waits for its commit
        """
        self._engine = engine
        self._max_batch = max_batch
        self._timeout_seconds = timeout_seconds
        self._gathered: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
        self._queue = Batches[_Waiting](max_waiting)
        self._thread = threading.Thread(target=self._run, name="group-writer", daemon=True)

    @property
    def waiting(self) -> int:
        """How many items wait for the next transaction."""
        return self._queue.waiting

    def start(self) -> None:
        """Begin to write."""
        self._queue.open()
        self._thread.start()

    def close(self) -> None:
        """Write what waits, then stop; from now on nothing is taken.

        What a loop that still runs has gathered and not handed over yet is refused.
        """
        for loop in [*self._gathered]:
            if not loop.is_running():  # it ended before it was quiet
                self._hand_over(loop)
        if self._queue.close():
            self._thread.join()

    async def write(self, operation: Callable[[Session], T]) -> T:
        """Return what `operation` returned, after its commit.

        Raises StoreUnavailableError on trouble of the database, or when the commit takes too
        long: then it may still happen, so an operation must bear being tried again. Raises the
        operation's own exception when it failed by itself. A caller that is cancelled leaves
        its operation in the batch.
        """
        return await self.write_together(_one_by_one, operation)

    async def write_together(
        self, work: Work[Item, T], item: Item, timeout_seconds: float = math.inf
    ) -> T:
        """Return what `work` returned for `item`, written with all others that wait for it.

        timeout_seconds  to wait at most, where that is less than the writer's own

        Raises what write() does.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        gathered = self._gathered.get(loop)
        if gathered is None:
            gathered = self._gathered[loop] = []
            now = time.monotonic()
            loop.call_soon(self._gather, loop, now, now + _LONGEST_GATHERING_SECONDS)
        gathered.append(_Waiting(work, item, future))
        seconds = min(self._timeout_seconds, timeout_seconds)
        late = loop.call_later(seconds, _give_up, future)
        try:
            return await future
        finally:
            late.cancel()

    def write_soon(self, operation: Callable[[Session], object]) -> None:
        """Have `operation` written some time soon; returns at once.

        A failure or a full queue is one line in the log, without values.
        """
        if self._queue.put([_Waiting(_one_by_one, operation)]):
            log.warning("a row was not written: the queue is full or closed")

    def _gather(self, loop: asyncio.AbstractEventLoop, turned_at: float, until: float) -> None:
        """Hand over what was gathered on `loop` if it is quiet, else look again a turn later."""
        now = time.monotonic()
        is_busy = now - turned_at > _QUIET_TURN_SECONDS and now < until
        if is_busy and len(self._gathered.get(loop, ())) < self._max_batch:
            loop.call_soon(self._gather, loop, now, until)
        else:
            self._hand_over(loop)

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        """Put what was gathered on `loop` into the queue; tell those for whom there is no room."""
        for refused in self._queue.put(self._gathered.pop(loop, [])):
            if refused.future is not None and not loop.is_closed():
                _give_up(refused.future)

    def _run(self) -> None:
        while batch := self._queue.take(self._max_batch):
            _resolve(zip(batch, self._commit(batch), strict=True))

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
            return self._attempt(batch, _apply_together)
        except _OperationFailedError as failed:
            if len(batch) == 1:
                return [_Outcome(error=_told(failed.error))]
            return self._attempt(batch, _apply_apart)

    def _attempt(
        self, batch: list[_Waiting], apply: Callable[[Session, list[_Waiting]], list[_Outcome]]
    ) -> list[_Outcome]:
        # The transaction is the connection's: a locked database is no operation's fault. A session
        # joins it when it has work of its own; asked for its connection alone (driver.py) it begins
        # and ends nothing.
        with self._engine.connect() as connection, connection.begin():
            session = Session(connection, expire_on_commit=False)
            try:
                return apply(session, batch)
            finally:
                if session.in_transaction():
                    session.close()


def _give_up(future: asyncio.Future[Any]) -> None:
    if not future.done():
        future.set_exception(StoreUnavailableError())


def _one_by_one(session: Session, operations: Sequence[Callable[[Session], T]]) -> list[T]:
    return [operation(session) for operation in operations]


def _apply_together(session: Session, batch: list[_Waiting]) -> list[_Outcome]:
    """Write a batch, each work's items together; the first failure ends this attempt."""
    places: dict[Work[Any, Any], list[int]] = {}
    for place, waiting in enumerate(batch):
        places.setdefault(waiting.work, []).append(place)
    outcomes: list[_Outcome] = [_Outcome()] * len(batch)
    for work, its_places in places.items():
        try:
            values = work(session, [batch[place].item for place in its_places])
            session.flush()
        except Exception as error:
            if _is_disconnected(error) or _is_collision(error):
                raise
            raise _OperationFailedError(error) from error
        for place, value in zip(its_places, values, strict=True):
            outcomes[place] = _Outcome(value)
    return outcomes


def _apply_apart(session: Session, batch: list[_Waiting]) -> list[_Outcome]:
    return [_apply_one(session, waiting) for waiting in batch]


def _apply_one(session: Session, waiting: _Waiting) -> _Outcome:
    """Write one item in a SAVEPOINT; raise only when the whole transaction is lost."""
    try:
        with session.begin_nested():
            (value,) = waiting.work(session, [waiting.item])
            return _Outcome(value)
    except Exception as error:
        # A transaction that ended under us can save nothing of the batch.
        is_lost = isinstance(error, InvalidRequestError) and is_trouble(error)
        if is_lost or not session.is_active or _is_disconnected(error) or _is_collision(error):
            raise
        return _Outcome(error=_told(error))


def _is_disconnected(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _is_collision(error: Exception) -> bool:
    """Tell whether our transaction was rolled back because it collided with another."""
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
