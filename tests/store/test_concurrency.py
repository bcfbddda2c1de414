"""Sessions side by side: readers see one moment, and writers that collide try again."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from gateway.store.engine import open_engine, reading_session, writing_session
from gateway.store.group_writer import GroupWriter
from gateway.store.referrals import OptOutRow

_INSERT = text(
    "INSERT INTO opt_out (candidate_hash, at) VALUES (:name, CURRENT_TIMESTAMP) "
    "ON CONFLICT DO NOTHING"
)


def _fail(_session: Session) -> object:
    raise ValueError("mine")


@pytest.mark.postgresql
@pytest.mark.parametrize("fails", [False, True], ids=["plain", "with a neighbour that fails"])
def test_two_batches_in_opposite_order_are_both_written(postgresql_url: str, fails: bool) -> None:
    engines = [open_engine(postgresql_url) for _ in range(2)]
    writers = [GroupWriter(opened, timeout_seconds=30) for opened in engines]
    both_wrote_one = threading.Barrier(2)

    def batch(names: tuple[str, str]) -> list[Callable[[Session], object]]:
        runs = 0

        def meet(session: Session) -> None:
            nonlocal runs
            runs += 1
            session.execute(_INSERT, {"name": names[0]})
            if runs == 1:
                both_wrote_one.wait(10)

        return [
            *([_fail] if fails else []),  # then each has a SAVEPOINT
            meet,
            lambda session: session.execute(_INSERT, {"name": names[1]}).rowcount,
        ]

    async def run(writer: GroupWriter, names: tuple[str, str]) -> list[object]:
        gate = threading.Event()
        writer.start()
        first = asyncio.create_task(writer.write(lambda _session: gate.wait(10)))
        tasks = [asyncio.create_task(writer.write(each)) for each in batch(names)]
        await asyncio.sleep(0)
        gate.set()  # all of them wait: one batch
        await first
        return await asyncio.gather(*tasks, return_exceptions=True)

    with ThreadPoolExecutor(2) as threads:
        started = [
            threads.submit(lambda *given: asyncio.run(run(*given)), writer, names)
            for writer, names in zip(writers, (("a", "b"), ("b", "a")), strict=True)
        ]
        told = [type(each).__name__ for future in started for each in future.result(60)]
    for writer, opened in zip(writers, engines, strict=True):
        writer.close()
        opened.dispose()
    assert [name for name in told if name.endswith("Error")] == ["ValueError"] * (2 * fails)


def test_a_reading_session_sees_one_moment_and_leaves_the_connection_as_it_was(
    engine: Engine,
) -> None:
    with reading_session(engine)() as session:
        assert session.scalars(select(OptOutRow.id)).all() == []
        with writing_session(engine).begin() as writing:
            writing.execute(_INSERT, {"name": "x"})
        assert session.scalars(select(OptOutRow.id)).all() == []
    for number in range(3):  # the connection that only read is in the pool again
        with writing_session(engine).begin() as writing:
            writing.execute(_INSERT, {"name": f"n{number}"})
            if engine.dialect.name == "postgresql":
                level = writing.scalar(text("SHOW transaction_isolation"))
                assert level == "read committed"
    with reading_session(engine)() as session:
        assert len(session.scalars(select(OptOutRow.id)).all()) == 4
