"""Note which next hops take no mail, without delaying any mail, and at no cost while they work.

What happens within some seconds is one write, which nobody waits for: when the database is down
it is lost, and the next failures begin the outage.
"""

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from gateway.settings import HostPort
from gateway.store.group_writer import GroupWriter
from gateway.store.outages import Failures, note_failures, note_taken

_PAUSE_SECONDS = 5.0

Host = tuple[int, HostPort]
"""A company's id, and a host of its route."""


class Outages:
    """What the mails of one event loop meet at the companies' next hops.

    An outage that another process noticed can end here too: know() tells which there are.
    """

    def __init__(
        self,
        writer: GroupWriter,
        now: Callable[[], datetime],
        pause_seconds: float = _PAUSE_SECONDS,
    ) -> None:
        """Prepare; an event loop must run when the first failure comes.

        pause_seconds  what comes within so long is written together
        """
        self._writer = writer
        self._now = now
        self._pause_seconds = pause_seconds
        self._known: frozenset[tuple[int, str]] = frozenset()
        self._failing: set[Host] = set()
        self._failures: dict[Host, Failures] = {}
        self._taken: dict[Host, datetime] = {}
        self._waiting: asyncio.TimerHandle | None = None

    def know(self, known: frozenset[tuple[int, str]]) -> None:
        """Take over which hosts fail, as the database has it; from any thread."""
        self._known = known

    def failed(self, company_id: int, host: HostPort, cause: str) -> None:
        """Note that a host did not take a mail.

        cause  what was tried and what code it was answered with, without words of the host's
        """
        key, now = (company_id, host), self._now()
        before = self._failures.get(key)
        self._failures[key] = (
            Failures(company_id, host, now, now, 1, cause)
            if before is None
            else dataclasses.replace(before, last_at=now, count=before.count + 1, cause=cause)
        )
        self._failing.add(key)
        self._write_soon()

    def taken(self, company_id: int, host: HostPort) -> None:
        """Note that a host took a mail; where none fails there is nothing to do."""
        if not (self._failing or self._known):
            return
        key = (company_id, host)
        if key in self._failing or (company_id, str(host)) in self._known:
            self._failing.discard(key)
            self._failures.pop(key, None)
            self._taken[key] = self._now()
            self._write_soon()

    def close(self) -> None:
        """Have the writer write what was noted."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._write()

    def _write_soon(self) -> None:
        if self._waiting is None:
            loop = asyncio.get_running_loop()
            self._waiting = loop.call_later(self._pause_seconds, self._write)

    def _write(self) -> None:
        self._waiting = None
        taken, self._taken = self._taken, {}
        failures, self._failures = self._failures, {}

        def write(session: Session) -> None:
            for key in sorted(taken.keys() | failures.keys()):  # in order: no two gateways deadlock
                if key in taken:
                    note_taken(session, *key, taken[key])
                if key in failures:  # of after that: what was before, the taken mail took away
                    note_failures(session, failures[key])

        self._writer.write_soon(write)
