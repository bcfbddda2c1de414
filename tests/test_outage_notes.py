"""What a gateway writes down of next hops that take no mail: seldom, together, in one order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, event

from gateway.demo.samples import COMPANY, DOMAIN
from gateway.outages import Outages
from gateway.settings import HostPort
from gateway.store.companies import add_company
from gateway.store.engine import reading_session, writing_session
from gateway.store.group_writer import GroupWriter
from gateway.store.outages import Outage, failing_hosts, list_outages
from tests.relaying import NOW
from tests.services import wait_until
from tests.smtp.gateways import LoopThread

HOST = HostPort("mx.example", 25)

Noted = Callable[[], tuple[Outage, ...]]


@pytest.fixture
def noted(engine: Engine) -> Noted:
    """Give what asks for the outages that are written down of the one company there is."""
    with writing_session(engine).begin() as session:
        add_company(session, name=COMPANY, domains=[DOMAIN], next_hop=HOST, now=NOW)

    def read() -> tuple[Outage, ...]:
        with reading_session(engine)() as session:
            return list_outages(session, 1)

    return read


class CountingWriter(GroupWriter):
    """Counts what it is asked to write."""

    asked = 0

    def write_soon(self, operation: object) -> None:
        """Count it, and write it."""
        self.asked += 1
        super().write_soon(operation)  # type: ignore[arg-type]


def _note(outages: Outages, taken: int, failed: int) -> None:
    for _ in range(taken):
        outages.taken(1, HOST)
    for _ in range(failed):
        outages.failed(1, HOST, "450 to MAIL")


def test_many_failures_are_one_write_and_success_is_none(
    engine: Engine, thread: LoopThread, noted: Noted
) -> None:
    writer = CountingWriter(engine)
    writer.start()
    outages = Outages(writer, lambda: NOW, pause_seconds=0.05)
    thread.loop.call_soon_threadsafe(_note, outages, 1000, 0)
    thread.loop.call_soon_threadsafe(outages.close)
    thread.loop.call_soon_threadsafe(_note, outages, 1000, 1000)
    wait_until(lambda: bool(noted()), "the failures are written")
    assert (writer.asked, noted()[0].failures) == (1, 1000)
    thread.loop.call_soon_threadsafe(_note, outages, 1000, 0)
    wait_until(lambda: noted()[0].ended_at is not None, "the end is written")
    assert writer.asked == 2
    writer.close()


def test_another_gateway_s_outage_ends_with_a_mail_through_this_one(
    engine: Engine, thread: LoopThread, noted: Noted
) -> None:
    writer = GroupWriter(engine)
    writer.start()
    one, other = Outages(writer, lambda: NOW, 0.01), Outages(writer, _later, 0.01)
    thread.loop.call_soon_threadsafe(_note, one, 0, 1)
    wait_until(lambda: bool(noted()), "the failure is written")
    with reading_session(engine)() as session:
        other.know(failing_hosts(session))
    thread.loop.call_soon_threadsafe(_note, other, 1, 0)
    wait_until(lambda: noted()[0].ended_at == _later(), "the end is written")
    thread.loop.call_soon_threadsafe(_note, one, 0, 1)  # from before, written behind it
    thread.loop.call_soon_threadsafe(one.close)
    writer.close()
    assert noted()[0].ended_at == _later()


@pytest.mark.usefixtures("noted")
def test_two_gateways_take_the_rows_in_the_same_order(engine: Engine, thread: LoopThread) -> None:
    hosts, order = [HostPort(f"mx{number}.example", 25) for number in range(4)], list[str]()

    def listen(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "hop_outage" in statement:
            order.extend(str(host) for host in hosts if str(host) in str(parameters))

    def note(outages: Outages, *, is_odd: int) -> None:
        for number, host in enumerate(hosts):
            if number % 2 == is_odd:
                outages.taken(1, host)
            else:
                outages.failed(1, host, "450 to MAIL")
        outages.close()

    writer = GroupWriter(engine)
    writer.start()
    event.listen(engine, "before_cursor_execute", listen)
    for is_odd in (0, 1):
        outages = Outages(writer, lambda: NOW)
        outages.know(frozenset((1, str(host)) for host in hosts))
        thread.run(_in_loop(partial(note, outages, is_odd=is_odd)))
    writer.close()
    event.remove(engine, "before_cursor_execute", listen)
    assert order == [str(host) for host in hosts] * 2


async def _in_loop(step: Callable[[], None]) -> None:
    step()


def _later() -> datetime:
    return NOW + timedelta(minutes=1)
