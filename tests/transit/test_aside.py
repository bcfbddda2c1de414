"""Work in a thread: the event loop has its turns, soon, and afterwards as before."""

import asyncio
import sys
import threading
from collections.abc import Iterator

import pytest

from gateway.transit.aside import run_aside

USUAL_SECONDS = 0.01


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    """Have threads take turns at an interval that nothing else sets."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(USUAL_SECONDS)
    yield
    sys.setswitchinterval(before)


def turn_seconds() -> float:
    return round(sys.getswitchinterval(), 6)


def test_turns_are_short_while_something_runs_aside_and_no_longer() -> None:
    may_end = threading.Event()

    def wait() -> float:
        may_end.wait(10)
        return turn_seconds()

    async def run() -> list[float]:
        long = asyncio.create_task(run_aside(wait))
        short = await run_aside(turn_seconds)
        between = turn_seconds()  # one is over, the other is not
        may_end.set()
        return [short, between, await long, turn_seconds()]

    assert asyncio.run(run()) == [0.0002, 0.0002, 0.0002, USUAL_SECONDS]


def test_what_fails_or_is_given_up_leaves_the_turns_as_they_were() -> None:
    may_end = threading.Event()

    def fail() -> None:
        raise ValueError("mine")

    async def run() -> None:
        with pytest.raises(ValueError, match="mine"):
            await run_aside(fail)
        assert turn_seconds() == USUAL_SECONDS
        given_up = asyncio.create_task(run_aside(may_end.wait, 10))
        await asyncio.sleep(0)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        assert turn_seconds() == USUAL_SECONDS
        may_end.set()

    asyncio.run(run())
