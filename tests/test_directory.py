"""The companies, known from memory."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from gateway import directory as directory_module
from gateway.core.company import BlockTemplate, Language, Mode
from gateway.directory import CompanyDirectory, RecentLogins
from gateway.errors import StoreUnavailableError, TryLaterError
from gateway.settings import HostPort
from gateway.store.block_templates import save_block
from gateway.store.companies import add_company, renew_password, set_mode
from gateway.store.company_records import CompanyRecord, load_companies
from gateway.store.credentials import find_password
from gateway.store.engine import open_engine, reading_session, writing_session

NOW = datetime(2026, 1, 5, tzinfo=UTC)
HOP = HostPort("127.0.0.1", 25)


def add(engine: Engine, name: str, domain: str) -> tuple[CompanyRecord, str]:
    with writing_session(engine).begin() as session:
        return add_company(session, name=name, domains=[domain], next_hop=HOP, now=NOW)


def renew(engine: Engine, record: CompanyRecord) -> str:
    with writing_session(engine).begin() as session:
        return renew_password(session, record.company.id, "test", NOW)[1]


async def user_of(directory: CompanyDirectory, user: str, password: str) -> CompanyRecord | None:
    login = await directory.authenticate(user, password)
    return None if login is None else login.record


def run(
    engine: Engine, talk: Callable[[CompanyDirectory], Coroutine[Any, Any, None]], every: float = 60
) -> None:
    def load() -> tuple[CompanyRecord, ...]:
        with reading_session(engine)() as session:
            return load_companies(session)

    async def main() -> None:
        directory = CompanyDirectory(load, lambda: NOW, lambda _: None, refresh_seconds=every)
        await directory.start()
        try:
            await talk(directory)
        finally:
            await directory.close()

    asyncio.run(main())


def test_only_the_right_password_of_the_right_user_is_let_in(engine: Engine) -> None:
    record, password = add(engine, "A", "a.example")
    other, _ = add(engine, "B", "b.example")

    async def talk(directory: CompanyDirectory) -> None:
        assert await user_of(directory, record.smtp_user, password) == record
        assert await directory.authenticate(other.smtp_user, password) is None
        assert await directory.authenticate(record.smtp_user, password + "x") is None
        assert await directory.authenticate("nobody", "") is None

    run(engine, talk)


def test_a_company_added_this_very_second_is_known(engine: Engine) -> None:
    async def talk(directory: CompanyDirectory) -> None:
        record, password = add(engine, "A", "a.example")
        assert await user_of(directory, record.smtp_user, password) == record

    run(engine, talk)


def test_a_new_password_counts_at_once_and_the_old_one_no_more(engine: Engine) -> None:
    record, old = add(engine, "A", "a.example")

    async def talk(directory: CompanyDirectory) -> None:
        new = renew(engine, record)
        assert await directory.authenticate(record.smtp_user, new) is not None
        assert await directory.authenticate(record.smtp_user, old) is None

    run(engine, talk)


def test_a_changed_mode_is_seen_by_who_logged_in_before(engine: Engine) -> None:
    record, password = add(engine, "A", "a.example")

    async def talk(directory: CompanyDirectory) -> None:
        with writing_session(engine).begin() as session:
            set_mode(session, record.company.id, Mode.INJECT, "test", NOW)
        await directory.authenticate("nobody", password)  # has the snapshot read again
        assert directory.current(record).company.mode is Mode.INJECT

    run(engine, talk)


def test_the_snapshot_outlives_the_database(
    sqlite_url: str, request: pytest.FixtureRequest
) -> None:
    failing = False

    def load() -> tuple[CompanyRecord, ...]:
        if failing:
            raise OSError("the database is gone")
        with reading_session(engine)() as session:
            return load_companies(session)

    engine = open_engine(sqlite_url)
    request.addfinalizer(engine.dispose)
    record, password = add(engine, "A", "a.example")

    async def main() -> None:
        nonlocal failing
        directory = CompanyDirectory(load, lambda: NOW, lambda _: None, refresh_seconds=60)
        await directory.start()
        failing = True
        with pytest.raises(StoreUnavailableError):
            await directory.authenticate("nobody", "")  # perhaps added while it was away
        assert await user_of(directory, record.smtp_user, password) == record
        await directory.close()

    asyncio.run(main())


def test_a_saved_block_is_known_after_the_next_reading(engine: Engine) -> None:
    record, password = add(engine, "A", "a.example")
    own = BlockTemplate(Language.JA, "text", "html", 1)

    async def talk(directory: CompanyDirectory) -> None:
        known = await user_of(directory, record.smtp_user, password)
        assert known is not None
        assert known.company.own_block(Language.JA) is None
        with writing_session(engine).begin() as session:
            save_block(session, record.company.id, own, "test", NOW)
        await directory.authenticate("nobody", password)  # has the snapshot read again
        assert directory.current(known).company.own_block(Language.JA) == own

    run(engine, talk)


class SlowChecks:
    """Counts how often a password is really checked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[int] = []
        monkeypatch.setattr(directory_module, "find_password", self)

    def __call__(self, password: str, hashes: tuple[str, ...]) -> str | None:
        self.asked.append(len(hashes))
        return find_password(password, hashes)


def test_a_right_password_is_checked_once_a_minute_and_a_wrong_one_each_time(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, password = add(engine, "A", "a.example")
    slow = SlowChecks(monkeypatch)

    async def talk(directory: CompanyDirectory) -> None:
        for _ in range(5):
            assert await directory.authenticate(record.smtp_user, password) is not None
        assert len(slow.asked) == 1
        for _ in range(2):
            assert await directory.authenticate(record.smtp_user, "guess") is None
        assert await directory.authenticate("nobody", "guess") is None
        assert slow.asked[1:] == [1, 1, 0], "once each: a name that nobody has costs the same"

    run(engine, talk)


def test_many_connections_at_once_cost_one_check(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More at once than checks may wait, as a mail server opens them after a restart."""
    record, password = add(engine, "A", "a.example")
    slow = SlowChecks(monkeypatch)

    async def talk(directory: CompanyDirectory) -> None:
        first, *others = [
            asyncio.create_task(directory.authenticate(record.smtp_user, password))
            for _ in range(60)
        ]
        await asyncio.sleep(0)
        first.cancel()  # this client leaves
        assert all(login is not None for login in await asyncio.gather(*others))
        assert slow.asked == [1]
        logins = await asyncio.gather(
            directory.authenticate(record.smtp_user, password),
            directory.authenticate(record.smtp_user, "guess"),
            directory.authenticate("nobody", password),
        )
        assert [login is not None for login in logins] == [True, False, False]

    run(engine, talk)


def test_what_was_found_right_is_forgotten_with_its_hash(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, old = add(engine, "A", "a.example")

    async def talk(directory: CompanyDirectory) -> None:
        login = await directory.authenticate(record.smtp_user, old)
        assert login is not None
        assert directory.is_valid(login)
        renew(engine, record)
        await directory.authenticate("nobody", "")  # has the snapshot read again
        assert not directory.is_valid(login)
        assert await directory.authenticate(record.smtp_user, old) is None

    run(engine, talk)


def test_recent_logins_end_and_are_bounded() -> None:
    seconds = 0.0
    recent = RecentLogins(lambda: seconds)
    recent.note("a", "right", "hash")
    assert recent.recall("a", "right") == "hash"
    assert recent.recall("a", "wrong") is None
    assert recent.recall("a\0right", "") is None
    seconds = 60.0
    assert recent.recall("a", "right") is None
    for number in range(3000):
        recent.note("a", str(number), "hash")
    assert len(recent) == 1000


def test_a_use_is_written_down_once_an_hour(engine: Engine) -> None:
    record, password = add(engine, "A", "a.example")
    used: list[int] = []
    now = NOW

    def load() -> tuple[CompanyRecord, ...]:
        with reading_session(engine)() as session:
            return load_companies(session)

    async def main() -> None:
        nonlocal now
        directory = CompanyDirectory(load, lambda: now, used.append, refresh_seconds=60)
        await directory.start()
        for _ in range(3):
            await directory.authenticate(record.smtp_user, password)
        assert used == [record.credentials[0].id]
        now += timedelta(hours=1)
        await directory.authenticate(record.smtp_user, password)
        assert len(used) == 2
        await directory.close()

    asyncio.run(main())


def test_when_too_many_passwords_wait_the_sender_comes_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, password = add(engine, "A", "a.example")
    release = threading.Event()

    def wait(_password: str, _hashes: tuple[str, ...]) -> str | None:
        release.wait(20)
        return None

    async def talk(directory: CompanyDirectory) -> None:
        assert await directory.authenticate(record.smtp_user, password) is not None
        monkeypatch.setattr(directory_module, "find_password", wait)
        tasks = [asyncio.create_task(directory.authenticate("x", str(n))) for n in range(50)]
        await asyncio.sleep(0)
        with pytest.raises(TryLaterError):
            await directory.authenticate("x", "one too many")
        assert await directory.authenticate(record.smtp_user, password) is not None, "known"
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        last = asyncio.create_task(directory.authenticate("x", "they have left"))
        await asyncio.sleep(0)
        release.set()
        assert await last is None

    run(engine, talk)
