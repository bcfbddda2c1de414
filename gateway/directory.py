"""Who the companies are, from memory: logging in needs no database once it has been read."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable

from gateway.errors import StoreUnavailableError
from gateway.store.company_records import CompanyRecord
from gateway.store.credentials import matches

log = logging.getLogger(__name__)

_ABSENT = "0" * 64
"""Compared with when the user is unknown: the answer takes as long as for a wrong password."""

_PAUSE_SECONDS = 0.2
"""Between two readings that refused logins ask for."""


class CompanyDirectory:
    """A snapshot of all companies, read again every second and kept while the database is down."""

    def __init__(
        self, load: Callable[[], Iterable[CompanyRecord]], refresh_seconds: float = 1.0
    ) -> None:
        self._load = load
        self._refresh_seconds = refresh_seconds
        self._by_user: dict[str, CompanyRecord] = {}
        self._by_id: dict[int, CompanyRecord] = {}
        self._read_at = float("-inf")
        self._is_fresh = True
        self._reading = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read the companies now, then again and again until close()."""
        await self._read()
        self._task = asyncio.create_task(self._keep_reading(), name="company directory")

    async def close(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def authenticate(self, user: str, password: str) -> CompanyRecord | None:
        """Return the company whose credentials these are, or None.

        Raises StoreUnavailableError when that cannot be told: they fit nobody who is known, and
        the companies could not be read just now.

        Before anybody is refused the snapshot is read again: a company added or given a new
        password this very second is known. At most five such readings a second, however many
        ask; an unknown user and a wrong password take the same way.
        """
        asked_at = time.monotonic()
        record = self._match(user, password)
        if record is None:
            await self._read_since(asked_at)
            record = self._match(user, password)
        if record is None and not self._is_fresh:
            raise StoreUnavailableError
        return record

    def _match(self, user: str, password: str) -> CompanyRecord | None:
        record = self._by_user.get(user)
        is_right = matches(password, record.password_hash if record else _ABSENT)
        return record if record is not None and is_right else None

    def current(self, record: CompanyRecord) -> CompanyRecord:
        """Return the newest state of a company that logged in some time ago."""
        return self._by_id.get(record.company.id, record)

    async def _keep_reading(self) -> None:
        while True:
            await asyncio.sleep(self._refresh_seconds)
            await self._read()

    async def _read_since(self, asked_at: float) -> None:
        """Return when a reading is done that began after `asked_at`."""
        async with self._reading:
            if self._read_at > asked_at:
                return
            await asyncio.sleep(max(0.0, self._read_at + _PAUSE_SECONDS - asked_at))
            await self._read_now()

    async def _read(self) -> None:
        async with self._reading:
            await self._read_now()

    async def _read_now(self) -> None:
        began_at = time.monotonic()
        try:
            records = tuple(await asyncio.to_thread(self._load))
        except Exception as error:  # noqa: BLE001  any database trouble: the snapshot stays
            if self._is_fresh:  # one line an outage, not one a second
                log.warning("companies not read: %s", type(error).__name__)
            self._is_fresh = False
        else:
            self._is_fresh = True
            self._by_user = {record.smtp_user: record for record in records}
            self._by_id = {record.company.id: record for record in records}
        self._read_at = began_at
