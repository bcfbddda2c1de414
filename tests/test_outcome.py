"""What became of mails: written in the end, and a worker woken for each referral that left."""

import asyncio
import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gateway import outcome
from gateway.errors import StoreUnavailableError
from gateway.outcome import Outcomes
from gateway.store import mails
from gateway.store.engine import reading_session, writing_session
from gateway.store.group_writer import GroupWriter
from gateway.store.mails import MailRecord
from gateway.store.referrals import ReferralState, get_referral
from gateway.wake import Waker
from tests.store import reserving
from tests.store.records import NOW, make_mail, make_referral, write_company


class Woken(Waker):
    """Notes who would be settled."""

    def __init__(self) -> None:
        super().__init__(None)
        self.ids: list[int] = []

    def settle(self, referral_id: int) -> None:
        self.ids.append(referral_id)


class Troubled(GroupWriter):
    """Writes only after some failures."""

    failures = 0

    async def write_together(self, work: Any, item: Any) -> Any:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailableError
        return await super().write_together(work, item)


def _reserve(session: Session, company_id: int, codes: Sequence[int]) -> list[MailRecord]:
    """Reserve a referral for each reply that will come; return their lines with it."""
    records = []
    for number, code in enumerate(codes):
        record, new = (
            make_mail(company_id, f"q{number}"),
            make_referral(company_id, "m", str(number)),
        )
        reserved = reserving.reserve(session, new, record, NOW)
        records.append(
            dataclasses.replace(record, referral_id=reserved.referral_id, reply_code=code)
        )
    return records


@pytest.mark.parametrize("failures", [0, 4])
def test_a_worker_is_woken_for_each_referral_that_left_once_it_is_written(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    monkeypatch.setattr(outcome, "_PAUSE_SECONDS", 0.01)
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        taken, refused, deferred = _reserve(session, company_id, [250, 550, 451])
    plain = dataclasses.replace(make_mail(company_id, "plain"), reply_code=250)
    woken, writer = Woken(), Troubled(engine)
    writer.failures = failures

    async def run() -> None:
        outcomes = Outcomes(writer, woken, lambda: NOW)
        for one in (refused, deferred):
            assert one.referral_id is not None
            outcomes.refuse(one.referral_id, one)
        outcomes.note(plain)
        await outcomes.conclude(taken.referral_id, taken)
        await outcomes.close()

    writer.start()
    asyncio.run(run())
    writer.close()
    assert woken.ids == [taken.referral_id]
    with reading_session(engine)() as session:
        states = [
            get_referral(session, one.referral_id or 0).state for one in (taken, refused, deferred)
        ]
        lines = [mails.find_mail(session, name) for name in ("q0", "q1", "q2", "plain")]
    assert states == [ReferralState.RELAYED, ReferralState.REFUSED, ReferralState.REFUSED]
    assert [line and line.reply_code for line in lines] == [250, 550, 451, 250]
