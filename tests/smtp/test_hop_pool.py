"""The connections of a route: failover, limits, idleness, changed settings."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gateway.core.path import MailOptions
from gateway.errors import NextHopBusyError, NextHopLostError
from gateway.hops import HopSettings, Route
from gateway.nexthop import HopTimeouts, NextHopPool, NextHopTransaction
from gateway.settings import HostPort
from gateway.smtp import hop_pool
from gateway.smtp.hop_tls import bind_password
from tests.smtp.gateways import SEAL, LoopThread, running_hop
from tests.smtp.sink import Sink

TIMEOUTS = HopTimeouts(connect=2, greeting=0.3, command=5, data=0.3, block=2, dot=0.3, turn=0.2)


@contextmanager
def pool_in(thread: LoopThread, timeouts: HopTimeouts = TIMEOUTS) -> Iterator[NextHopPool]:
    async def make() -> NextHopPool:
        return NextHopPool(hostname="relay.example", timeouts=timeouts, seal=SEAL)

    pool = thread.run(make())
    yield pool
    thread.run(pool.close())


@pytest.fixture
def pool(thread: LoopThread) -> Iterator[NextHopPool]:
    """Give a pool that is not patient."""
    with pool_in(thread) as made:
        yield made


@pytest.fixture
def other(thread: LoopThread) -> Iterator[Sink]:
    """Give a second next hop."""
    with running_hop(thread) as running:
        yield running


def route(*sinks: Sink, **settings: Any) -> Route:
    first, *others = (sink.address for sink in sinks)
    return Route(7, (first, *others), HopSettings(fallbacks=tuple(others), **settings))


async def begin(pool: NextHopPool, way: Route) -> NextHopTransaction:
    transaction, reply = await pool.begin(way, b"<hr@acme.example>", MailOptions())
    assert reply.is_positive
    return transaction


async def deliver(pool: NextHopPool, way: Route) -> str:
    transaction = await begin(pool, way)
    assert (await transaction.rcpt(b"<taro@outside.example>")).is_positive
    return str(await transaction.send(b"Subject: x\r\n\r\nhello\r\n"))


def refuse_connections() -> tuple[socket.socket, HostPort]:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))  # bound, not listening
    return taken, HostPort(*taken.getsockname())


@pytest.mark.parametrize(
    "banner", ["554 5.3.2 no", "421 4.3.2 busy", "450 4.3.2 later", "garbage", ""]
)
def test_a_host_that_takes_no_mail_leaves_it_to_the_next(
    thread: LoopThread, sink: Sink, other: Sink, pool: NextHopPool, banner: str
) -> None:
    sink.banner = banner
    if not banner:
        sink.drops.add(b"banner")
    assert thread.run(deliver(pool, route(sink, other))).startswith("250")
    assert (len(sink.mails), len(other.mails)) == (0, 1)


def test_a_host_that_is_not_there_leaves_the_mail_to_the_next(
    thread: LoopThread, sink: Sink, pool: NextHopPool
) -> None:
    taken, nobody = refuse_connections()
    with taken:
        assert thread.run(deliver(pool, Route(7, (nobody, sink.address)))).startswith("250")


def test_a_host_that_says_nothing_leaves_the_mail_to_the_next(
    thread: LoopThread, sink: Sink, other: Sink, pool: NextHopPool
) -> None:
    sink.holds[b"EHLO"] = threading.Event()
    assert thread.run(deliver(pool, route(sink, other))).startswith("250")
    sink.holds.pop(b"EHLO").set()


def test_a_host_that_failed_is_tried_last_for_a_while(
    thread: LoopThread, sink: Sink, other: Sink, pool: NextHopPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.banner, way = "554 5.3.2 no", route(sink, other, mails_per_connection=1)
    for _ in range(3):
        thread.run(deliver(pool, way))
    assert (sink.connections, other.connections) == (1, 3)
    monkeypatch.setattr(hop_pool, "_AVOID_SECONDS", 0.0)
    sink.banner = "220 here again"
    thread.run(deliver(pool, way))
    assert len(sink.mails) == 1


def test_a_refused_login_is_not_tried_again_for_a_while(
    thread: LoopThread, sink: Sink, pool: NextHopPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.offers, sink.login = ("AUTH PLAIN",), ("acme", "right")

    def way(password: bytes) -> Route:
        return route(sink, user="acme", sealed_password=SEAL.lock(password, bind_password(7)))

    wrong = way(b"wrong")
    for _ in range(3):
        with pytest.raises(NextHopLostError):
            thread.run(deliver(pool, wrong))
    assert sink.connections == 1
    assert thread.run(deliver(pool, way(b"right"))).startswith("250")
    monkeypatch.setattr(hop_pool, "_AVOID_SECONDS", 0.0)
    with pytest.raises(NextHopLostError):
        thread.run(deliver(pool, wrong))
    with pytest.raises(NextHopLostError):
        thread.run(deliver(pool, wrong))
    assert sink.connections == 4


def test_when_no_host_takes_it_the_sender_keeps_it(
    thread: LoopThread, sink: Sink, other: Sink, pool: NextHopPool
) -> None:
    sink.banner = other.banner = "554 5.3.2 no"
    with pytest.raises(NextHopLostError) as raised:
        thread.run(deliver(pool, route(sink, other)))
    assert raised.value.reply.code == 451


def test_a_refused_mail_is_not_tried_elsewhere(
    thread: LoopThread, sink: Sink, other: Sink, pool: NextHopPool
) -> None:
    sink.answers[b"MAIL"] = "450 4.7.1 greylisted"
    way = route(sink, other)
    _, reply = thread.run(pool.begin(way, b"<hr@acme.example>", MailOptions()))
    assert reply.code == 450
    assert other.connections == 0


def test_who_finds_no_free_connection_waits_in_line(
    thread: LoopThread, sink: Sink, pool: NextHopPool
) -> None:
    way = route(sink, most_connections=2)

    async def main() -> list[int]:
        order: list[int] = []
        first, second = await begin(pool, way), await begin(pool, way)

        async def wait(number: int) -> None:
            transaction = await begin(pool, way)
            order.append(number)
            transaction.abandon()

        waiting = [asyncio.create_task(wait(number)) for number in range(3)]
        await asyncio.sleep(0)
        first.abandon()
        await asyncio.gather(*waiting)
        second.abandon()
        return order

    assert thread.run(main()) == [0, 1, 2]
    assert sink.connections == 2


def test_who_waits_too_long_is_told_to_come_again(
    thread: LoopThread, sink: Sink, pool: NextHopPool
) -> None:
    way = route(sink, most_connections=1)
    first = thread.run(begin(pool, way))
    with pytest.raises(NextHopBusyError) as raised:
        thread.run(begin(pool, way))
    assert str(raised.value.reply).startswith("451 4.3.2")
    thread.loop.call_soon_threadsafe(first.abandon)
    assert thread.run(deliver(pool, way)).startswith("250")


def test_a_company_that_is_busy_holds_up_no_other(
    thread: LoopThread, sink: Sink, pool: NextHopPool
) -> None:
    way = route(sink, most_connections=1)
    first = thread.run(begin(pool, way))
    others = Route(8, way.hosts, way.settings)
    assert thread.run(deliver(pool, others)).startswith("250")
    thread.loop.call_soon_threadsafe(first.abandon)


@pytest.mark.parametrize("how", ["no host", "cancelled", "refused"])
def test_whatever_goes_wrong_frees_its_place(
    thread: LoopThread, sink: Sink, pool: NextHopPool, how: str
) -> None:
    way = route(sink, most_connections=1)
    sink.banner = "554 no" if how == "no host" else sink.banner
    sink.answers = {b"MAIL": "550 5.7.1 no"} if how == "refused" else {}
    if how == "cancelled":
        sink.holds[b"MAIL"] = threading.Event()

    async def try_once() -> None:
        begun = asyncio.create_task(pool.begin(way, b"<>", MailOptions()))
        if how == "cancelled":
            await asyncio.to_thread(sink.wait_for_line, b"MAIL")
            begun.cancel()
        await asyncio.wait([begun])
        assert begun.cancelled() or begun.exception() is None or how == "no host"

    for _ in range(3):
        thread.run(try_once())
    for event in sink.holds.values():
        event.set()
    sink.banner, sink.answers, sink.holds = "220 fine", {}, {}
    assert thread.run(deliver(pool, way)).startswith("250")


def test_a_connection_serves_as_many_mails_as_it_may(
    thread: LoopThread, sink: Sink, pool: NextHopPool
) -> None:
    for _ in range(5):
        thread.run(deliver(pool, route(sink, mails_per_connection=2)))
    assert sink.connections == 3


def test_an_idle_connection_is_closed_with_quit(
    thread: LoopThread, sink: Sink, pool: NextHopPool
) -> None:
    thread.run(deliver(pool, route(sink, idle_seconds=1)))
    sink.wait_for_line(b"(CLOSED)")
    assert sink.lines[-2:] == [b"QUIT", b"(closed)"]


def test_a_connection_that_lay_idle_for_long_is_asked_first(
    thread: LoopThread, sink: Sink, pool: NextHopPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hop_pool, "_PROBE_AFTER_SECONDS", 0.0)
    monkeypatch.setattr(hop_pool, "_PROBE_SECONDS", 0.2)
    way = route(sink)
    thread.run(deliver(pool, way))
    thread.run(deliver(pool, way))
    assert sink.connections == 1
    sink.holds[b"NOOP"] = threading.Event()  # as if a firewall had forgotten it
    assert thread.run(deliver(pool, way)).startswith("250")
    assert sink.connections == 2
    sink.holds.pop(b"NOOP").set()


def test_an_answer_to_rset_that_never_came_holds_up_the_next_mail_no_longer_than_that(
    thread: LoopThread, sink: Sink, pool: NextHopPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hop_pool, "_PROBE_AFTER_SECONDS", 0.0)
    monkeypatch.setattr(hop_pool, "_PROBE_SECONDS", 0.2)
    way = route(sink)
    sink.holds[b"RSET"] = threading.Event()
    thread.loop.call_soon_threadsafe(thread.run(begin(pool, way)).abandon)
    sink.wait_for_line(b"RSET")
    began_at = time.monotonic()
    assert thread.run(deliver(pool, way)).startswith("250")
    assert time.monotonic() - began_at < TIMEOUTS.command / 2
    assert sink.connections == 2
    sink.holds.pop(b"RSET").set()


def test_what_nobody_asked_for_ends_an_idle_connection(
    thread: LoopThread, sink: Sink, pool: NextHopPool
) -> None:
    way = route(sink)
    sink.answers[b"."] = "250 2.0.0 queued\n250 2.0.0 and one more"
    thread.run(deliver(pool, way))
    sink.answers.clear()
    assert thread.run(deliver(pool, way)).startswith("250")
    assert sink.connections == 2


def test_changed_settings_close_what_is_idle_and_what_comes_back(
    thread: LoopThread, sink: Sink, pool: NextHopPool
) -> None:
    old, new = route(sink), route(sink, idle_seconds=60)
    held = thread.run(begin(pool, old))
    thread.run(deliver(pool, old))
    assert thread.run(deliver(pool, new)).startswith("250")
    assert sink.connections == 3
    sink.wait_for_line(b"(CLOSED)")
    thread.loop.call_soon_threadsafe(held.abandon)
    sink.wait_until(lambda: sink.lines.count(b"(closed)") == 2)
    assert thread.run(deliver(pool, new)).startswith("250")
    assert sink.connections == 3


def test_a_copy_of_a_mail_goes_the_way_of_the_first(
    thread: LoopThread, sink: Sink, pool: NextHopPool
) -> None:
    sink.offers = ("DSN", "SIZE 100000")

    async def main() -> None:
        options = MailOptions(size=5, ret=b"HDRS", envid=b"QQ1")
        first, _ = await pool.begin(route(sink), b"<hr@acme.example>", options)
        first.abandon()
        copy, reply = await first.again()
        assert reply.is_positive
        copy.abandon()

    thread.run(main())
    mails = [line for line in sink.lines if line.startswith(b"MAIL")]
    assert mails == [b"MAIL FROM:<hr@acme.example> SIZE=16389 RET=HDRS ENVID=QQ1"] * 2


def test_many_mails_at_once_share_few_connections(thread: LoopThread, sink: Sink) -> None:
    way = route(sink, most_connections=4)

    async def main(pool: NextHopPool) -> list[str]:
        return await asyncio.gather(*(deliver(pool, way) for _ in range(40)))

    with pool_in(thread, HopTimeouts()) as pool:
        assert all(reply.startswith("250") for reply in thread.run(main(pool)))
    assert sink.most_at_once <= 4
    assert len(sink.mails) == 40


def test_a_broken_connection_takes_no_final_dot(
    thread: LoopThread, sink: Sink, pool: NextHopPool
) -> None:
    async def main() -> None:
        transaction = await begin(pool, route(sink))
        await transaction.rcpt(b"<taro@outside.example>")
        for writer in sink._talks.values():
            writer.transport.abort()
        await sink.stop()
        with pytest.raises(NextHopLostError) as raised:
            await transaction.send(b"Subject: x\r\n\r\nhello\r\n")
        assert type(raised.value) is NextHopLostError, "nobody can have taken it"

    thread.run(main())
    thread.run(sink.start(sink.address.port))
