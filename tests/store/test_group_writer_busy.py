"""The group writer in a busy time: it waits a moment for company, and never when it is alone."""

import asyncio
import time
from collections.abc import Sequence

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gateway.store import batches
from gateway.store.group_writer import GroupWriter


class Noted:
    """A work that notes how many items came together."""

    def __init__(self) -> None:
        self.counts: list[int] = []

    def __call__(self, _session: Session, items: Sequence[int]) -> Sequence[int]:
        self.counts.append(len(items))
        return items


def _write(engine: Engine, pauses: Sequence[float], at_once: int) -> tuple[list[int], float]:
    """Write `at_once` items together, then one after each pause; return the sizes of the groups.

    And the seconds that the single ones took.
    """
    work, writer = Noted(), GroupWriter(engine)

    async def run() -> float:
        await asyncio.gather(*(writer.write_together(work, n) for n in range(at_once)))
        began_at = time.monotonic()
        singles = []
        for pause in pauses:
            await asyncio.sleep(pause)
            singles.append(asyncio.create_task(writer.write_together(work, 0)))
        await asyncio.gather(*singles)
        return time.monotonic() - began_at

    writer.start()
    seconds = asyncio.run(run())
    writer.close()
    return work.counts, seconds


def test_behind_a_large_group_a_transaction_waits_for_company(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_COMPANY_SECONDS", 0.5)
    assert _write(engine, (0.0, 0.05, 0.05), at_once=8)[0][-1] == 3


def test_who_comes_alone_waits_for_nobody(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "_COMPANY_SECONDS", 5.0)
    counts, seconds = _write(engine, (0.0, 0.2), at_once=2)
    assert counts[-2:] == [1, 1]
    assert seconds < 5


def test_a_busy_time_ends_with_the_first_small_group(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_COMPANY_SECONDS", 0.3)
    counts, _ = _write(engine, (0.0, 0.6, 0.1, 0.1), at_once=8)
    assert counts[-4:] == [1, 1, 1, 1]
