"""Tests of docs/failures.md where it speaks of the relay's own parts: database, clock."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from gateway.errors import StoreUnavailableError
from gateway.store.company_records import CompanyRecord
from gateway.store.engine import open_engine, reading_session, writing_session
from gateway.store.referrals import ReferralState, get_referral
from tests.e2e.program import links
from tests.e2e.sink import Sink
from tests.relaying import NOW, OFFER, REJECTION, Send, add_midori, logged, relaying


def run(
    ledger: Engine, company: CompanyRecord, talk: Callable[[Send], Awaitable[Any]], **options: Any
) -> None:
    async def main() -> None:
        async with relaying(ledger, company, **options) as send:
            await talk(send)

    asyncio.run(main())


async def refuses_rejections_only(send: Send) -> None:
    with pytest.raises(StoreUnavailableError) as told:
        await send(REJECTION.raw, REJECTION.recipient)
    assert str(told.value.reply) == "451 4.3.0 Temporary failure, message not accepted"
    assert (await send(OFFER.raw, OFFER.recipient)).code == 250


async def relays(send: Send) -> None:
    assert (await send(REJECTION.raw, REJECTION.recipient)).code == 250


def the_state(ledger: Engine) -> ReferralState:
    (referral_id,) = {mail.referral_id for mail in logged(ledger) if mail.referral_id}
    with reading_session(ledger)() as session:
        return get_referral(session, referral_id).state


def test_database_is_slow(ledger: Engine, company: CompanyRecord, sink: Sink) -> None:
    async def talk(send: Send) -> None:
        lock = sqlite3.connect(str(ledger.url.database), isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        await refuses_rejections_only(send)
        assert [len(links(mail.raw)) for mail in sink.mails] == [0]
        lock.execute("ROLLBACK")
        lock.close()
        await relays(send)

    run(ledger, company, talk, writer_seconds=0.3)
    assert the_state(ledger) is ReferralState.RELAYED


async def fill_up(send: Send) -> None:
    """Send rejections until the last page of the database has no room."""
    for number in range(200):
        await send(b"X-Number: %d\r\n" % number + REJECTION.raw, f"c{number}@one.example")


def test_disk_is_full(ledger: Engine, company: CompanyRecord, sink: Sink) -> None:
    with ledger.connect() as connection:
        most = {"pages": int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())}
    ledger.dispose()

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {most['pages']}")

    event.listen(ledger, "checkout", limit)

    async def talk(send: Send) -> None:
        with pytest.raises(StoreUnavailableError):
            await fill_up(send)
        before = len(sink.mails)
        await refuses_rejections_only(send)
        assert len(sink.mails) == before + 1
        most["pages"] = 1 << 20
        await relays(send)

    run(ledger, company, talk)


@pytest.fixture
def served(postgresql_url: str, sink: Sink) -> Iterator[tuple[Engine, CompanyRecord]]:
    """Give a PostgreSQL ledger and a company in it."""
    engine = open_engine(postgresql_url)
    with writing_session(engine).begin() as session:
        record = add_midori(session, sink.address)
    yield engine, record
    engine.dispose()


@pytest.mark.postgresql
def test_database_is_read_only(served: tuple[Engine, CompanyRecord], sink: Sink) -> None:
    engine, company = served
    name = engine.url.database

    def switch(state: str) -> None:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET default_transaction_read_only = off")
            connection.exec_driver_sql(
                f'ALTER DATABASE "{name}" SET default_transaction_read_only = {state}'
            )
        engine.dispose()

    async def talk(send: Send) -> None:
        switch("on")
        await refuses_rejections_only(send)
        assert [len(links(mail.raw)) for mail in sink.mails] == [0]
        switch("off")
        await relays(send)

    run(engine, company, talk)
    assert the_state(engine) is ReferralState.RELAYED


def test_clock_jumps(ledger: Engine, company: CompanyRecord, sink: Sink) -> None:
    """A year back, a year on, within one mail: the mail's way does not depend on it."""
    jumps = iter([0, -365, 365, -1, 400, 0, -700])

    def now() -> datetime:
        return NOW + timedelta(days=next(jumps, 0))

    async def talk(send: Send) -> None:
        await relays(send)
        await relays(send)

    run(ledger, company, talk, now=now)
    assert the_state(ledger) is ReferralState.RELAYED
    assert len({frozenset(links(mail.raw)) for mail in sink.mails}) == 1
    assert all((mail.milliseconds or 0) >= 0 for mail in logged(ledger))
