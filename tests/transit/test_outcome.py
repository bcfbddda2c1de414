"""What became of mails: written in the end, and a worker woken for each referral that left."""

import asyncio
import dataclasses
import math
import threading
import time
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gateway.errors import StoreUnavailableError
from gateway.store import mails
from gateway.store.engine import reading_session, writing_session
from gateway.store.group_writer import GroupWriter
from gateway.store.mails import MailRecord
from gateway.store.referrals import ReferralState, get_referral
from gateway.transit import outcome
from gateway.transit.outcome import Outcomes
from gateway.wake import Waker
from tests.store import reserving
from tests.store.records import NOW, make_mail, make_referral, write_company

T = TypeVar("T")


class Woken(Waker):
    """Notes who would be settled."""

    def __init__(self) -> None:
        super().__init__(None)
        self.ids: list[int] = []

    def settle(self, referral_id: int) -> None:
        self.ids.append(referral_id)


class Broken(Woken):
    """Cannot be told."""

    def settle(self, referral_id: int) -> None:
        super().settle(referral_id)
        raise RuntimeError


class Troubled(GroupWriter):
    """Writes only after some failures."""

    failures = 0
    writes = 0
    has_written: asyncio.Event | None = None
    may_fail: asyncio.Event | None = None

    async def write_together(self, work: Any, item: Any, timeout_seconds: float = math.inf) -> Any:
        self.writes += 1
        if self.failures:
            self.failures -= 1
            if self.may_fail is not None:
                await self.may_fail.wait()
            raise StoreUnavailableError
        written = await super().write_together(work, item, timeout_seconds)
        if self.has_written is not None:
            self.has_written.set()
        return written


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


def _run(writer: GroupWriter, talk: Coroutine[Any, Any, T]) -> T:
    """Return what `talk` returns, beside the writer."""
    writer.start()
    try:
        return asyncio.run(talk)
    finally:
        writer.close()


def _reserve_one(engine: Engine) -> MailRecord:
    """Reserve a referral that will be taken; return its line."""
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        return _reserve(session, company_id, [250])[0]


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
            outcomes.refuse(one)
        outcomes.note(plain)
        await outcomes.conclude(taken)
        await outcomes.close()

    _run(writer, run())
    assert woken.ids == [taken.referral_id]
    with reading_session(engine)() as session:
        states = [
            get_referral(session, one.referral_id or 0).state for one in (taken, refused, deferred)
        ]
        lines = [mails.find_mail(session, name) for name in ("q0", "q1", "q2", "plain")]
    assert states == [ReferralState.RELAYED, ReferralState.REFUSED, ReferralState.REFUSED]
    assert [line and line.reply_code for line in lines] == [250, 550, 451, 250]


def test_what_a_mail_came_to_is_written_though_whoever_waited_is_gone(engine: Engine) -> None:
    taken = _reserve_one(engine)
    woken, writer = Woken(), Troubled(engine)
    writer.failures = 1  # what was begun for the one who is gone does not come to anything

    async def run() -> None:
        outcomes = Outcomes(writer, woken, lambda: NOW)
        writer.may_fail = asyncio.Event()
        waiting = asyncio.create_task(outcomes.conclude(taken))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await outcomes.close()

    _run(writer, run())
    assert woken.ids == [taken.referral_id]
    with reading_session(engine)() as session:
        state = get_referral(session, taken.referral_id or 0).state
    assert state is ReferralState.RELAYED


def test_a_worker_that_cannot_be_woken_changes_nothing(engine: Engine) -> None:
    taken = _reserve_one(engine)
    woken, writer = Broken(), GroupWriter(engine)

    async def run() -> None:
        outcomes = Outcomes(writer, woken, lambda: NOW)
        await outcomes.conclude(taken)
        await outcomes.close()

    _run(writer, run())
    assert woken.ids == [taken.referral_id]


def test_whoever_waits_for_a_commit_that_hangs_is_let_go_in_time(engine: Engine) -> None:
    taken = _reserve_one(engine)
    woken, writer, may_go_on = Woken(), GroupWriter(engine), threading.Event()

    async def run() -> float:
        outcomes = Outcomes(writer, woken, lambda: NOW, patience_seconds=1.0)
        writer.write_soon(lambda _session: may_go_on.wait(30))
        began_at = time.monotonic()
        await outcomes.conclude(taken)
        waited = time.monotonic() - began_at
        may_go_on.set()
        await outcomes.close()
        return waited

    assert 1.0 <= _run(writer, run()) < 1.9
    assert woken.ids == [taken.referral_id]


def test_during_an_outage_a_commit_is_tried_with_pauses(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "_PAUSE_SECONDS", 0.2)
    record = dataclasses.replace(make_mail(1, "q"), reply_code=250, referral_id=1)
    writer = Troubled(engine)
    writer.failures = 10_000

    async def run() -> None:
        outcomes = Outcomes(writer, Woken(), lambda: NOW, patience_seconds=1.1)
        await outcomes.conclude(record)
        await outcomes.close(grace_seconds=0)

    asyncio.run(run())
    assert 2 <= writer.writes <= 6


def _lines(engine: Engine, count: int) -> list[MailRecord]:
    company_id = write_company(engine).company.id
    return [
        dataclasses.replace(make_mail(company_id, f"q{number}"), reply_code=250)
        for number in range(count)
    ]


def _written(engine: Engine, records: Sequence[MailRecord]) -> int:
    with reading_session(engine)() as session:
        return sum(mails.find_mail(session, one.queue_id) is not None for one in records)


def test_lines_that_nobody_waits_for_are_written_together(engine: Engine) -> None:
    records, writer = _lines(engine, 450), Troubled(engine)

    async def run() -> None:
        outcomes = Outcomes(writer, Woken(), lambda: NOW)
        for one in records:
            outcomes.note(one)
        await outcomes.close()

    _run(writer, run())
    assert _written(engine, records) == 450
    assert writer.writes == 3, "two hundred at most, and the rest"


def test_a_line_is_written_soon_though_no_other_comes(engine: Engine) -> None:
    (record,), writer = _lines(engine, 1), Troubled(engine)

    async def run() -> None:
        writer.has_written = asyncio.Event()
        outcomes = Outcomes(writer, Woken(), lambda: NOW)
        outcomes.note(record)
        await asyncio.wait_for(writer.has_written.wait(), 10)
        assert _written(engine, [record]) == 1
        await outcomes.close()

    _run(writer, run())


def test_a_line_that_cannot_be_written_takes_no_other_with_it(engine: Engine) -> None:
    first, second, third = _lines(engine, 3)
    unknown = dataclasses.replace(second, company_id=999_999)
    writer = GroupWriter(engine)

    async def run() -> None:
        outcomes = Outcomes(writer, Woken(), lambda: NOW)
        for one in (first, unknown, third):
            outcomes.note(one)
        await outcomes.close()

    _run(writer, run())
    assert _written(engine, [first, third]) == 2
    assert _written(engine, [unknown]) == 0


def test_during_an_outage_so_many_lines_wait_and_no_more(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "_MOST_WAITING", 5)
    records, writer = _lines(engine, 8), GroupWriter(engine)

    async def run() -> None:
        outcomes = Outcomes(writer, Woken(), lambda: NOW)
        for one in records:
            outcomes.note(one)
        await asyncio.sleep(0)  # the writer is not started: nothing is taken yet
        writer.start()
        await outcomes.close()
        outcomes.note(records[-1])
        await outcomes.close()

    asyncio.run(run())
    writer.close()
    assert _written(engine, records[:5]) == 5
    assert _written(engine, records[5:7]) == 0
    assert _written(engine, records[7:]) == 1, "there is room again"
