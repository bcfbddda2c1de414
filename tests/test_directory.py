"""The companies, known from memory."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from gateway.core.company import BlockTemplate, Language, Mode
from gateway.directory import CompanyDirectory
from gateway.errors import StoreUnavailableError
from gateway.settings import HostPort
from gateway.store.block_templates import save_block
from gateway.store.companies import add_company, renew_password, set_mode
from gateway.store.company_records import CompanyRecord, load_companies
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
