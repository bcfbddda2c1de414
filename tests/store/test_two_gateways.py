"""Two gateways write the same mails at once: one referral each, and no sender told to wait."""

import asyncio
import dataclasses
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gateway.store import reservations
from gateway.store.engine import open_engine, reading_session
from gateway.store.group_writer import GroupWriter
from gateway.store.mails import MailRecord, MailRow
from gateway.store.referrals import ReferralRow
from gateway.store.reservations import Leaving
from tests.store.records import NOW, make_mail, make_referral, write_company

GATEWAYS, MAILS, ATTEMPTS = 2, 12, 4


def _conclude(session: Session, records: Sequence[MailRecord]) -> list[None]:
    reservations.conclude_all(session, records, NOW)
    return [None] * len(records)


async def _relay(writer: GroupWriter, name: str, company_id: int) -> dict[str, set[int | None]]:
    """Relay every mail several times, side by side; return the referrals each one had."""
    dice = random.Random(name)
    had: dict[str, set[int | None]] = {}

    async def attempt(mail: str, number: int) -> None:
        record = make_mail(company_id, f"{name}-{mail}-{number}")
        leaving = Leaving(make_referral(company_id, mail, "taro"), record, NOW)
        reserved = await writer.write_together(reservations.reserve_all, leaving)
        had.setdefault(mail, set()).add(reserved.referral_id)
        code = 250 if number == ATTEMPTS else 450
        record = dataclasses.replace(record, referral_id=reserved.referral_id, reply_code=code)
        await writer.write_together(_conclude, record)

    for number in range(1, ATTEMPTS + 1):
        mails = dice.sample([f"m{n}" for n in range(MAILS)], MAILS)
        await asyncio.gather(*(attempt(mail, number) for mail in mails))
    return had


@pytest.mark.postgresql
def test_two_gateways_write_one_referral_for_each_mail(postgresql_url: str) -> None:
    engines = [open_engine(postgresql_url) for _ in range(GATEWAYS)]
    company_id = write_company(engines[0]).company.id

    def run(engine: Engine, name: str) -> dict[str, set[int | None]]:
        writer = GroupWriter(engine, timeout_seconds=30)
        writer.start()
        try:
            return asyncio.run(_relay(writer, name, company_id))
        finally:
            writer.close()

    with ThreadPoolExecutor(GATEWAYS) as threads:
        first, second = threads.map(run, engines, ("a", "b"))
    assert first == second
    with reading_session(engines[0])() as session:
        rows = session.scalars(select(ReferralRow)).all()
        lines = session.scalars(select(MailRow)).all()
    assert {row.id for row in rows} == set().union(*first.values())
    assert [row.state for row in rows] == ["relayed"] * MAILS
    assert len(lines) == GATEWAYS * MAILS * ATTEMPTS
    for opened in engines:
        opened.dispose()
