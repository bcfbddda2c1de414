"""The group writer and a busy event loop: what comes while it is busy is written together."""

import asyncio
import time
from collections.abc import Sequence

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gateway.store import group_writer
from gateway.store.group_writer import GroupWriter


class Noted:
    """A work that notes how many items came together."""

    def __init__(self) -> None:
        self.counts: list[int] = []

    def __call__(self, _session: Session, items: Sequence[int]) -> Sequence[int]:
        self.counts.append(len(items))
        return items


async def _take_a_turn() -> None:
    """Keep the event loop from everything else for a moment, and let others have a turn."""
    until = time.monotonic() + 0.002
    while time.monotonic() < until:
        pass
    await asyncio.sleep(0)


def _written(engine: Engine, turns: int, **limits: int) -> list[int]:
    """Write an item in each of some turns of a busy loop; return the sizes of the groups."""
    work, writer = Noted(), GroupWriter(engine, **limits)

    async def run() -> None:
        waiting = []
        for number in range(turns):
            waiting.append(asyncio.create_task(writer.write_together(work, number)))
            await _take_a_turn()
        assert await asyncio.gather(*waiting) == [*range(turns)]

    writer.start()
    asyncio.run(run())
    writer.close()
    return work.counts


def test_what_comes_while_the_loop_is_busy_is_written_together(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_writer, "_LONGEST_GATHERING_SECONDS", 60.0)
    assert _written(engine, turns=12) == [12]


def test_what_makes_a_whole_group_waits_no_longer(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_writer, "_LONGEST_GATHERING_SECONDS", 60.0)
    assert _written(engine, turns=12, max_batch=4) == [4, 4, 4]


def test_a_loop_that_is_never_quiet_has_its_items_written_all_the_same(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_writer, "_LONGEST_GATHERING_SECONDS", 0.02)
    work, writer = Noted(), GroupWriter(engine)

    async def run() -> None:
        written = asyncio.create_task(writer.write_together(work, 1))
        while not (writer.waiting or work.counts):
            await _take_a_turn()
        await written

    writer.start()
    asyncio.run(asyncio.wait_for(run(), 20))
    writer.close()
    assert work.counts == [1]


def test_in_a_quiet_loop_nothing_waits(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_writer, "_LONGEST_GATHERING_SECONDS", 60.0)
    work, writer = Noted(), GroupWriter(engine)
    writer.start()
    asyncio.run(asyncio.wait_for(writer.write_together(work, 1), 20))
    writer.close()
    assert work.counts == [1]
