"""A deadline that moves: it comes when it is due and not before, and one timer is enough for it."""

import asyncio
import time
import weakref
from collections.abc import Awaitable, Callable

import pytest
import uvloop

from gateway.errors import NextHopLostError
from gateway.smtp.deadline import Deadline
from gateway.smtp.hop_wire import HopWire

LOOPS = [
    pytest.param(asyncio.new_event_loop, id="asyncio"),
    pytest.param(uvloop.new_event_loop, id="uvloop"),
]


class Counted(asyncio.SelectorEventLoop):
    """Counts the timers that are begun."""

    timers = 0

    def call_at(self, *args: object, **options: object) -> asyncio.TimerHandle:
        self.timers += 1
        return super().call_at(*args, **options)  # type: ignore[arg-type]


class Late:
    """Notes when a deadline was missed, in seconds from the beginning."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.began_at = loop.time()
        self.at: list[float] = []
        self._first = asyncio.Event()
        self.deadline = Deadline(loop, self._note)

    def _note(self) -> None:
        self.at.append(asyncio.get_running_loop().time() - self.began_at)
        self._first.set()

    async def wait(self) -> float:
        """Return when it was missed the first time."""
        await asyncio.wait_for(self._first.wait(), 10)
        return self.at[0]


def run(
    play: Callable[[], Awaitable[None]],
    make_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
) -> None:
    async def played() -> None:
        await play()

    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(played())


@pytest.mark.parametrize("make_loop", LOOPS)
def test_it_comes_once_when_it_is_due_and_not_before(
    make_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def play() -> None:
        late = Late()
        late.deadline.move(0.05)
        assert await late.wait() >= 0.049
        await asyncio.sleep(0.1)
        assert len(late.at) == 1

    run(play, make_loop)


@pytest.mark.parametrize("make_loop", LOOPS)
def test_moved_on_it_comes_at_the_last_moment_set(
    make_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def play() -> None:
        late = Late()
        late.deadline.move(0.03)
        await asyncio.sleep(0.02)
        late.deadline.move(0.1)
        assert await late.wait() >= 0.119

    run(play, make_loop)


def test_moved_forward_it_comes_earlier_than_its_timer_would() -> None:
    async def play() -> None:
        late = Late()
        late.deadline.move(60)
        late.deadline.move(0.05)
        assert await late.wait() < 5

    run(play)


def test_lifted_it_never_comes_until_it_is_moved_again() -> None:
    async def play() -> None:
        late = Late()
        late.deadline.move(0.02)
        late.deadline.lift()
        await asyncio.sleep(0.06)
        assert late.at == []
        late.deadline.move(0.02)
        assert await late.wait() >= 0.079

    run(play)


def test_cancelled_it_keeps_nobody_alive() -> None:
    async def play() -> None:
        late = Late()
        deadline, owner = late.deadline, weakref.ref(late)
        deadline.move(0.02)
        deadline.cancel()
        deadline.cancel()
        deadline.move(0.02)
        del late
        assert owner() is None
        await asyncio.sleep(0.06)

    run(play)


def test_a_thousand_moves_take_one_timer() -> None:
    async def play() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Counted)
        late = Late()
        begun = loop.timers
        for _ in range(1000):
            late.deadline.move(30)
            late.deadline.lift()
        assert loop.timers - begun == 1
        late.deadline.cancel()

    run(play, Counted)


def test_who_hears_of_it_may_move_it_again() -> None:
    async def play() -> None:
        loop = asyncio.get_running_loop()
        heard: list[float] = []
        done = asyncio.Event()

        def on_late() -> None:
            heard.append(loop.time())
            if len(heard) < 3:
                deadline.move(0.02)
            else:
                done.set()

        deadline = Deadline(loop, on_late)
        deadline.move(0.02)
        await asyncio.wait_for(done.wait(), 10)
        assert len(heard) == 3

    run(play)


def test_what_trickles_in_does_not_give_a_next_hop_more_time() -> None:
    async def play() -> None:
        loop = asyncio.get_running_loop()
        wire = HopWire()
        trickle = asyncio.create_task(_trickle(wire))
        began_at = loop.time()
        with pytest.raises(NextHopLostError, match="timed out"):
            await wire.read_reply(0.1)
        assert 0.099 <= loop.time() - began_at < 5
        trickle.cancel()
        wire.unread[:] = b"250 ok"
        wire.data_received(b"\r\n")
        assert (await wire.read_reply(5)).code == 250, "what comes later has its own time"
        wire.connection_lost(None)

    run(play)


def test_a_connection_that_is_over_takes_no_timer() -> None:
    async def play() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Counted)
        wire = HopWire()
        wire.connection_lost(None)
        begun = loop.timers
        with pytest.raises(NextHopLostError, match="connection closed"):
            await wire.write(240, b"NOOP\r\n")
        with pytest.raises(NextHopLostError, match="connection closed"):
            await wire.read_reply(240)
        assert loop.timers == begun

    run(play, Counted)


async def _trickle(wire: HopWire) -> None:
    while True:
        wire.data_received(b"2")
        await asyncio.sleep(0.02)


def test_an_answer_that_has_come_is_read_even_late() -> None:
    async def play() -> None:
        wire = HopWire()
        reading = asyncio.create_task(wire.read_reply(0.02))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.03, wire.data_received, b"250 ok\r\n")
        time.sleep(0.06)  # noqa: ASYNC251  so that it is late when the answer comes
        assert (await reading).text == "ok"
        with pytest.raises(NextHopLostError, match="timed out"):
            await wire.read_reply(0.02)

    run(play)
