"""Write down what became of each mail: for as long as it takes, without holding a mail up.

The mail has left, or was refused, before anything here runs: nothing that goes wrong here may
change the reply.
"""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from gateway.core.copy_mark import CopyMark
from gateway.errors import StoreUnavailableError
from gateway.store import discourtesies, mails, reservations, sent_copies
from gateway.store.group_writer import GroupWriter
from gateway.store.mails import MailRecord
from gateway.wake import Waker

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 20.0
"""Far below a sender's ten minutes after the final dot (RFC 5321 section 4.5.3.2.6)."""

_MOST_WAITING = 10_000
_PAUSE_SECONDS = 1.0

_GATHERING_SECONDS = 0.05
_MOST_GATHERED = 200
"""Log lines of mails without a link, for which nobody waits, are written in groups of this many at
most: a statement, a commit and a change of threads are paid for once for all of them."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A mail's line, with its referral's id if it had a link; `marks` of those who got a copy."""

    record: MailRecord
    marks: tuple[CopyMark, ...] = ()


class Outcomes:
    """The outcomes of all mails of one event loop; those the database does not take are kept.

    They are kept in memory and tried again every second until the process ends. Of a mail with
    a link the `relaying` row is there even then.
    """

    def __init__(
        self,
        writer: GroupWriter,
        waker: Waker,
        now: Callable[[], datetime],
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """Prepare; an event loop must run when the first outcome comes.

        patience_seconds  how long conclude() waits
        """
        self._writer = writer
        self._waker = waker
        self._now = now
        self._patience_seconds = patience_seconds
        self._writing: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._gathered: list[_Outcome] = []
        self._gathering: asyncio.TimerHandle | None = None

    def note(self, record: MailRecord) -> None:
        """Have the log line of a mail without a link written, with others; returns at once."""
        if not self._has_room(record):
            return
        self._gathered.append(_Outcome(record))
        if len(self._gathered) >= _MOST_GATHERED:
            self._write_gathered()
        elif self._gathering is None:
            loop = asyncio.get_running_loop()
            self._gathering = loop.call_later(_GATHERING_SECONDS, self._write_gathered)

    def refuse(self, record: MailRecord) -> None:
        """Have it written that the next hop did not take a mail with a link; returns at once.

        record  with its referral's id
        """
        if self._has_room(record):
            self._start([_Outcome(record)])

    async def conclude(self, record: MailRecord, marks: Collection[CopyMark] = ()) -> None:
        """Write down that a mail with a link, or a copy of a mail, has left, and wake a worker.

        record  with its referral's id, if it has a link
        marks   of the recipients who got a copy

        Returns when that is committed, or after `patience_seconds`: the mail must not be sent a
        second time because a commit is late. The commit is retried in the background.
        """
        if not self._has_room(record):
            return
        outcomes = [_Outcome(record, tuple(marks))]
        until = time.monotonic() + self._patience_seconds
        # Once without a task of its own: nearly always that is enough.
        try:
            is_over = await self._attempt(outcomes, self._patience_seconds)
        except asyncio.CancelledError:  # whoever waited goes; it is written all the same
            self._start(outcomes)
            raise
        if is_over:
            return
        task = self._start(outcomes, _PAUSE_SECONDS)
        _, late = await asyncio.wait({task}, timeout=max(until - time.monotonic(), 0))
        if late:
            log.warning("%s: outcome not written down yet, tried on", record.queue_id)

    async def close(self, grace_seconds: float = 5.0) -> None:
        """Give pending writes a moment to finish, then drop them.

        Nobody may be in conclude() any more.
        """
        self._write_gathered()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                while self._writing:
                    await asyncio.wait(self._writing)
        for task in self._writing:
            task.cancel()
        if self._writing:
            log.warning("%d outcomes not written down: the database did not answer", self._waiting)

    def _has_room(self, record: MailRecord) -> bool:
        """Tell whether one more may wait, and count it."""
        if self._waiting >= _MOST_WAITING:
            log.warning("%s: outcome dropped, too many wait", record.queue_id)
            return False
        self._waiting += 1
        return True

    def _write_gathered(self) -> None:
        if self._gathering is not None:
            self._gathering.cancel()
            self._gathering = None
        if self._gathered:
            self._start(self._gathered)
            self._gathered = []

    def _start(self, outcomes: list[_Outcome], pause_seconds: float = 0.0) -> asyncio.Task[None]:
        task = asyncio.create_task(self._write(outcomes, pause_seconds))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return task

    async def _write(self, outcomes: list[_Outcome], pause_seconds: float) -> None:
        is_over = False
        while not is_over:
            await asyncio.sleep(pause_seconds)
            is_over = await self._attempt(outcomes)
            pause_seconds = _PAUSE_SECONDS

    async def _attempt(self, outcomes: list[_Outcome], timeout_seconds: float = math.inf) -> bool:
        """Try to write outcomes, and tell whether there is nothing left to try."""
        try:
            await self._writer.write_together(self._write_all, outcomes, timeout_seconds)
        except StoreUnavailableError:
            return False
        except Exception as error:  # noqa: BLE001  whatever it is, the mail has left
            self._give_up(outcomes, error)
            return True
        self._waiting -= len(outcomes)
        self._wake(outcomes)
        return True

    def _wake(self, outcomes: Sequence[_Outcome]) -> None:
        """Have a worker woken for each referral that has left; the sweep finds what is not."""
        for one in outcomes:
            if one.record.referral_id is None or not one.record.has_left:
                continue
            try:
                self._waker.settle(one.record.referral_id)
            except Exception as error:  # noqa: BLE001  whatever it is, the mail has left
                log.warning("%s: worker not woken: %s", one.record.queue_id, type(error).__name__)

    def _give_up(self, outcomes: list[_Outcome], error: Exception) -> None:
        """Drop an outcome that cannot be written; several are first tried one by one."""
        if len(outcomes) > 1:
            for one in outcomes:
                self._start([one])
            return
        self._waiting -= 1
        queue_id = outcomes[0].record.queue_id
        log.error("%s: outcome not written down: %s", queue_id, type(error).__name__)

    def _write_all(self, session: Session, groups: Sequence[Sequence[_Outcome]]) -> list[None]:
        """Write what became of mails, and have companies told what was wrong with theirs."""
        now = self._now()
        outcomes = [outcome for group in groups for outcome in group]
        records = [outcome.record for outcome in outcomes]
        mails.record_mails(session, [one for one in records if one.referral_id is None])
        linked = [one for one in records if one.referral_id is not None]
        reservations.conclude_all(session, linked, now)
        for record in records:
            discourtesies.tell(session, record, now)
        marks = [mark for outcome in outcomes for mark in outcome.marks]
        sent_copies.note_sent(session, marks, now)
        return [None] * len(groups)
