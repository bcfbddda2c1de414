"""Knows the companies from memory: once they are read, letting them in needs no database."""

import asyncio
import contextlib
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from gateway.core.access import ShownCertificate
from gateway.core.keyed import keyed_hash
from gateway.errors import StoreUnavailableError, TryLaterError
from gateway.smtp.received import Login
from gateway.store.company_records import CompanyRecord
from gateway.store.credentials import USE_NOTED_EVERY, Credential, CredentialKind, find_password

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.2
"""Least time between two readings made because a login was refused."""

_CHECKS_AT_ONCE = 2
_MOST_CHECKS = 50
"""Most passwords being checked or waiting for it; each takes 0.05 s of a processor and 19 MB."""

_REMEMBERED_SECONDS = 60.0
_MOST_REMEMBERED = 1000


class RecentLogins:
    """Passwords found right within the last minute, so that not every connection costs an argon2.

    Not the password is kept but its MAC, by a key that only this process has, and the stored hash
    it fitted: a password that is revoked or replaced is forgotten with its hash.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._key = secrets.token_bytes(32)
        self._now = now
        self._found: OrderedDict[bytes, tuple[str, float]] = OrderedDict()

    def recall(self, user: str, password: str) -> str | None:
        """Return the stored hash that the password fitted a moment ago, None when unknown."""
        known, ends = self._found.get(self._mac(user, password), (None, 0.0))
        return known if self._now() < ends else None

    def note(self, user: str, password: str, known: str) -> None:
        """Remember a password that fitted the stored hash `known`."""
        mac = self._mac(user, password)
        self._found[mac] = (known, self._now() + _REMEMBERED_SECONDS)
        self._found.move_to_end(mac)
        if len(self._found) > _MOST_REMEMBERED:
            self._found.popitem(last=False)

    def __len__(self) -> int:
        return len(self._found)

    def _mac(self, user: str, password: str) -> bytes:
        return keyed_hash(self._key, f"{user}\0{password}".encode("utf-8", "replace"))


@dataclass(slots=True)
class _Check:
    """A password that is being checked, and how many connections wait for the answer."""

    found: asyncio.Future[str | None]
    waiting: int = 0


class CompanyDirectory:
    """A snapshot of all companies, read again every second and kept while the database is down.

    pinned  the client certificates, in PEM, that companies show themselves by
    """

    def __init__(
        self,
        load: Callable[[], tuple[CompanyRecord, ...]],
        now: Callable[[], datetime],
        note_use: Callable[[int], None],
        refresh_seconds: float = 1.0,
    ) -> None:
        """Prepare; start() begins.

        load      reads all companies; called in a thread. The same tuple again: nothing changed
        note_use  writes down, sooner or later, that the credential with this id was used
        """
        self._load = load
        self._now = now
        self._note_use = note_use
        self._refresh_seconds = refresh_seconds
        self._records: tuple[CompanyRecord, ...] = ()
        self._by_user: dict[str, CompanyRecord] = {}
        self._by_id: dict[int, CompanyRecord] = {}
        self._known_unasked: tuple[CompanyRecord, ...] = ()
        self.pinned: frozenset[str] = frozenset()
        self._noted: dict[int, datetime] = {}
        self._recent = RecentLogins()
        # Threads of its own, for each keeps the memory that a check took.
        self._checkers = ThreadPoolExecutor(_CHECKS_AT_ONCE, "password-check")
        self._checks: dict[tuple[str, str, tuple[str, ...]], _Check] = {}
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
        await asyncio.to_thread(self._checkers.shutdown, cancel_futures=True)

    async def authenticate(self, user: str, password: str) -> Login | None:
        """Return whose credentials these are, or None.

        Raises StoreUnavailableError when that cannot be told: they fit nobody who is known, and
        the companies could not be read just now. Raises TryLaterError when too many are checked.

        Before anybody is refused the snapshot is read again, so that a company added, or given a
        new password, this very second is known: at most five such readings a second, however many
        ask. An unknown user and a wrong password take the same path and the same time.
        """
        asked_at = time.monotonic()
        tried = self._hashes(user)
        known = self._recent.recall(user, password)
        if known not in tried:
            known = await self._find(user, password, tried)
        if known is None:
            await self._read_since(asked_at)
            fresh = tuple(one for one in self._hashes(user) if one not in tried)
            known = await self._find(user, password, fresh) if fresh else None
        if known is None and not self._is_fresh:
            raise StoreUnavailableError
        return None if known is None else self._let_in(user, password, known)

    def _let_in(self, user: str, password: str, known: str) -> Login | None:
        record = self._by_user.get(user)
        used = next((c for c in self._passwords(user) if c.secret_hash == known), None)
        if record is None or used is None:  # revoked while it was being checked
            return None
        self._recent.note(user, password, known)
        self.note_use(used)
        return Login(record, used.id)

    async def _find(self, user: str, password: str, hashes: tuple[str, ...]) -> str | None:
        """Return which of `hashes` is the password's; checks run in threads, a few at a time.

        Who asks the same at the same time gets the same answer: a mail server that has just been
        let down opens many connections at once. Raises TryLaterError.
        """
        asked = user, password, hashes
        check = self._checks.get(asked)
        if check is None:
            if len(self._checks) >= _MOST_CHECKS:
                raise TryLaterError
            loop = asyncio.get_running_loop()
            found = loop.run_in_executor(self._checkers, find_password, password, hashes)
            check = self._checks[asked] = _Check(found)
        check.waiting += 1
        try:
            return await asyncio.shield(check.found)  # who leaves stops nobody else's
        finally:
            check.waiting -= 1
            if not check.waiting:
                del self._checks[asked]
                check.found.cancel()  # unless it is over: nobody waits for it any more

    def _passwords(self, user: str) -> tuple[Credential, ...]:
        record = self._by_user.get(user)
        return () if record is None else record.valid(CredentialKind.PASSWORD, self._now())

    def _hashes(self, user: str) -> tuple[str, ...]:
        return tuple(one.secret_hash for one in self._passwords(user))

    def note_use(self, used: Credential) -> None:
        """Have it written down that a credential was used, at most once an hour."""
        now = self._now()
        newest = max(filter(None, (used.last_used_at, self._noted.get(used.id))), default=None)
        if newest is None or now - newest >= USE_NOTED_EVERY:
            self._noted[used.id] = now
            self._note_use(used.id)

    def current(self, record: CompanyRecord) -> CompanyRecord:
        """Return the newest state of a company that logged in some time ago."""
        return self._by_id.get(record.company.id, record)

    def is_valid(self, login: Login) -> bool:
        """Tell whether the password of a login is still one of the company's."""
        for one in self.current(login.record).credentials:
            if one.id == login.credential_id:
                return one.kind is CredentialKind.PASSWORD and one.is_valid(self._now())
        return False

    def keys(self, record: CompanyRecord) -> tuple[Credential, ...]:
        """Return the company's valid routing keys."""
        return record.valid(CredentialKind.HEADER, self._now())

    def known_at(
        self, address: str, certificate: ShownCertificate | None
    ) -> tuple[CompanyRecord, ...]:
        """Return the companies that a client's address or certificate may speak for."""
        return tuple(r for r in self._known_unasked if r.access.proofs_of(address, certificate))

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
            records = await asyncio.to_thread(self._load)
        except Exception as error:  # noqa: BLE001  any database trouble: the snapshot stays
            if self._is_fresh:  # one line per outage, not one per second
                log.warning("companies not read: %s", type(error).__name__)
            self._is_fresh = False
        else:
            self._is_fresh = True
            self._take(records)
        self._read_at = began_at

    def _take(self, records: tuple[CompanyRecord, ...]) -> None:
        if records is self._records:
            return
        self._records = records
        self._by_user = {record.smtp_user: record for record in records}
        self._by_id = {record.company.id: record for record in records}
        self._known_unasked = tuple(one for one in records if one.access.knows_unasked)
        self.pinned = frozenset(pin.pem for one in records for pin in one.access.pins)
