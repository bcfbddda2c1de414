"""The group writer: one commit for many, nobody taken down by another, trouble that passes."""

import asyncio
import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session

from gateway.errors import StoreUnavailableError
from gateway.store.driver import change, connection_of
from gateway.store.engine import open_engine, reading_session
from gateway.store.group_writer import GroupWriter
from gateway.store.referrals import OptOutRow
from tests.services import PostgreSQL
from tests.store.records import NOW


@pytest.fixture
def writer(engine: Engine) -> Iterator[GroupWriter]:
    """Run a group writer for the test's duration."""
    started = GroupWriter(engine, timeout_seconds=20)
    started.start()
    yield started
    started.close()


def _add(name: str) -> Callable[[Session], int]:
    def operation(session: Session) -> int:
        row = OptOutRow(candidate_hash=name, at=NOW)
        session.add(row)
        session.flush()
        return row.id

    return operation


def _break(error: Exception) -> Callable[[Session], int]:
    def operation(session: Session) -> int:
        _add("half done")(session)
        raise error

    return operation


def _names(engine: Engine) -> list[str]:
    with reading_session(engine)() as session:
        return list(session.scalars(select(OptOutRow.candidate_hash).order_by(OptOutRow.id)))


def test_operations_that_wait_together_share_one_commit(
    engine: Engine, writer: GroupWriter
) -> None:
    gate = threading.Event()
    batches: set[int] = set()

    def operation(session: Session) -> int:
        batches.add(id(session.connection().get_transaction()))
        return _add(f"n{len(batches)}-{time.monotonic_ns()}")(session)

    async def run() -> list[int]:
        first = asyncio.create_task(writer.write(lambda _session: gate.wait(10)))
        rest = [asyncio.create_task(writer.write(operation)) for _ in range(50)]
        await asyncio.sleep(0)
        gate.set()
        await first
        return await asyncio.gather(*rest)

    assert len(set(asyncio.run(run()))) == 50
    assert len(_names(engine)) == 50
    assert len(batches) <= 2


def test_an_operation_that_fails_takes_nobody_with_it(engine: Engine, writer: GroupWriter) -> None:
    async def run() -> list[int | BaseException]:
        operations = [_add("a"), _break(ValueError("mine")), _add("b"), _add("a"), _add("c")]
        return await asyncio.gather(
            *(writer.write(operation) for operation in operations), return_exceptions=True
        )

    done = asyncio.run(run())
    assert [type(each).__name__ for each in done] == [
        *("int", "ValueError", "int", "IntegrityError", "int")
    ]
    assert _names(engine) == ["a", "b", "c"]


def test_what_an_operation_that_fails_wrote_by_the_driver_is_taken_back(
    engine: Engine, writer: GroupWriter
) -> None:
    def add(name: str, error: Exception | None = None) -> Callable[[Session], None]:
        def operation(session: Session) -> None:
            text = f"INSERT INTO opt_out (candidate_hash, at) VALUES ('{name}', '2026-01-01 00:00')"
            change(connection_of(session), text)
            if error is not None:
                raise error

        return operation

    async def run() -> list[BaseException | None]:
        operations = [add("a"), add("b", ValueError("mine")), add("c"), add("a"), add("d")]
        return await asyncio.gather(
            *(writer.write(operation) for operation in operations), return_exceptions=True
        )

    done = asyncio.run(run())
    assert [type(each).__name__ for each in done] == [
        *("NoneType", "ValueError", "NoneType", "IntegrityError", "NoneType")
    ]
    assert _names(engine) == ["a", "c", "d"]


def test_items_of_one_work_are_written_together_and_fail_alone(
    engine: Engine, writer: GroupWriter
) -> None:
    sizes: list[int] = []
    gate = threading.Event()

    def add_all(session: Session, names: Sequence[str]) -> list[str]:
        sizes.append(len(names))
        for name in names:
            _add(name)(session)
        return [name.upper() for name in names]

    async def run() -> list[str | BaseException]:
        first = asyncio.create_task(writer.write(lambda _session: gate.wait(10)))
        await asyncio.sleep(0)
        rest = [
            asyncio.create_task(writer.write_together(add_all, name)) for name in ("a", "b", "a")
        ]
        await asyncio.sleep(0)
        gate.set()
        await first
        return await asyncio.gather(*rest, return_exceptions=True)

    a, b, again = asyncio.run(run())
    assert (a, b) == ("A", "B")
    assert isinstance(again, IntegrityError)
    assert _names(engine) == ["a", "b"]
    assert sizes == [3, 1, 1, 1]


@pytest.mark.parametrize("alone", [True, False])
def test_a_constraint_stops_one_operation_and_no_other(
    engine: Engine, writer: GroupWriter, alone: bool
) -> None:
    async def run() -> list[int | BaseException]:
        await writer.write(_add("a"))
        operations = [_add("a"), *([] if alone else [_add("b"), _add("c")])]
        return await asyncio.gather(
            *(writer.write(operation) for operation in operations), return_exceptions=True
        )

    first, *others = asyncio.run(run())
    assert isinstance(first, IntegrityError)
    assert all(isinstance(other, int) for other in others)
    assert len(_names(engine)) == 1 + len(others)


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (
            lambda session: session.execute(text("SELECT * FROM no_such_table")),
            StoreUnavailableError,
        ),
        (
            lambda session: session.scalars(select(OptOutRow).where(OptOutRow.id < 0)).one(),
            NoResultFound,
        ),
    ],
    ids=["no table", "no row"],
)
def test_trouble_in_one_operation_takes_nobody_with_it(
    engine: Engine,
    writer: GroupWriter,
    trouble: Callable[[Session], object],
    told: type[Exception],
) -> None:
    async def run() -> list[object]:
        operations: list[Callable[[Session], object]] = [_add("a"), trouble, _add("b")]
        return await asyncio.gather(
            *(writer.write(operation) for operation in operations), return_exceptions=True
        )

    done = asyncio.run(run())
    assert isinstance(done[1], told)
    assert _names(engine) == ["a", "b"]


def test_a_cancelled_caller_leaves_its_row_and_its_neighbours(
    engine: Engine, writer: GroupWriter
) -> None:
    gate = threading.Event()

    async def run() -> None:
        first = asyncio.create_task(writer.write(lambda _session: gate.wait(10)))
        gone = asyncio.create_task(writer.write(_add("gone")))
        stays = asyncio.create_task(writer.write(_add("stays")))
        await asyncio.sleep(0)
        gone.cancel()
        gate.set()
        await asyncio.gather(first, stays)
        assert gone.cancelled()

    asyncio.run(run())
    assert _names(engine) == ["gone", "stays"]


def test_two_event_loops_may_write_at_once(engine: Engine, writer: GroupWriter) -> None:
    async def run(prefix: str) -> None:
        await asyncio.gather(*(writer.write(_add(f"{prefix}{n}")) for n in range(20)))

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda prefix: asyncio.run(run(prefix)), ("a", "b")))
    assert len(_names(engine)) == 40


def test_a_loop_that_is_gone_harms_nobody(engine: Engine, writer: GroupWriter) -> None:
    gate = threading.Event()

    async def leave() -> None:
        waiting = [
            asyncio.create_task(writer.write(lambda _session: gate.wait(10))),
            asyncio.create_task(writer.write(_add("left behind"))),
        ]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()

    asyncio.run(leave())
    gate.set()
    asyncio.run(writer.write(_add("after")))
    assert _names(engine) == ["left behind", "after"]


def test_what_a_loop_had_no_turn_to_hand_over_is_written_at_the_close(engine: Engine) -> None:
    writer, loop = GroupWriter(engine), asyncio.new_event_loop()
    writer.start()
    task = loop.create_task(writer.write(_add("stays")))
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert writer.waiting == 0
    writer.close()
    assert _names(engine) == ["stays"]
    assert loop.run_until_complete(task)
    loop.close()


def test_close_writes_what_waits_and_takes_nothing_more(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    writer = GroupWriter(engine)
    writer.start()
    for number in range(20):
        writer.write_soon(_add(f"n{number}"))
    writer.close()
    writer.close()
    assert len(_names(engine)) == 20
    with pytest.raises(StoreUnavailableError):
        asyncio.run(writer.write(_add("late")))
    writer.write_soon(_add("late"))
    assert "queue is full or closed" in caplog.text


def test_a_row_that_could_not_be_written_soon_is_one_line_without_values(
    engine: Engine, writer: GroupWriter, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        writer.write_soon(_break(ValueError("taro@example.com")))
        asyncio.run(writer.write(_add("after")))
    assert [record.getMessage() for record in caplog.records] == [
        "a row was not written: ValueError"
    ]


def test_a_full_queue_refuses_at_once(engine: Engine) -> None:
    gate, is_busy = threading.Event(), threading.Event()
    writer = GroupWriter(engine, max_waiting=2)
    writer.start()

    def hold(_session: Session) -> None:
        is_busy.set()
        gate.wait(10)

    writer.write_soon(hold)
    assert is_busy.wait(10)
    for name in ("a", "b", "c"):
        writer.write_soon(_add(name))
    with pytest.raises(StoreUnavailableError):
        asyncio.run(writer.write(_add("d")))
    gate.set()
    writer.close()
    assert _names(engine) == ["a", "b"]


def test_no_more_than_may_be_share_a_commit_in_the_order_they_came(engine: Engine) -> None:
    gate, is_busy = threading.Event(), threading.Event()
    writer = GroupWriter(engine, max_batch=3)
    writer.start()
    batches: list[list[str]] = []

    def note_all(_session: Session, names: Sequence[str]) -> Sequence[str]:
        batches.append(list(names))
        return names

    def hold(_session: Session) -> None:
        is_busy.set()
        gate.wait(10)

    async def run() -> list[str]:
        writer.write_soon(hold)
        assert is_busy.wait(10)
        waiting = [
            asyncio.create_task(writer.write_together(note_all, name)) for name in "abcdefgh"
        ]
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(gate.set)
        return list(await asyncio.gather(*waiting))

    assert asyncio.run(run()) == list("abcdefgh")
    writer.close()
    assert batches == [list("abc"), list("def"), list("gh")]


def test_a_commit_that_takes_too_long_is_trouble(engine: Engine) -> None:
    gate = threading.Event()
    writer = GroupWriter(engine, timeout_seconds=0.05)
    writer.start()
    with pytest.raises(StoreUnavailableError):
        asyncio.run(writer.write(lambda _session: gate.wait(10)))
    gate.set()
    writer.close()


def test_a_locked_sqlite_file_is_trouble_and_then_none(sqlite_url: str) -> None:
    opened = open_engine(sqlite_url)
    with opened.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 100")
    writer = GroupWriter(opened)
    writer.start()
    other = open_engine(sqlite_url)
    with other.begin(), pytest.raises(StoreUnavailableError) as caught:
        asyncio.run(writer.write(_add("a")))
    assert "locked" in str(caught.value.__cause__)
    asyncio.run(writer.write(_add("b")))
    writer.close()
    assert _names(opened) == ["b"]
    opened.dispose()
    other.dispose()


def test_an_sqlite_file_that_was_moved_away_is_trouble_until_it_is_back(sqlite_url: str) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    opened = open_engine(sqlite_url)
    writer = GroupWriter(opened)
    writer.start()
    asyncio.run(writer.write(_add("before")))
    away = file.with_suffix(".away")
    file.rename(away)
    with pytest.raises(StoreUnavailableError):
        asyncio.run(writer.write(_add("lost")))
    assert not file.exists()
    away.rename(file)
    asyncio.run(writer.write(_add("after")))
    writer.close()
    assert _names(opened) == ["before", "after"]
    opened.dispose()


def test_a_full_sqlite_file_is_trouble_until_there_is_room(sqlite_url: str) -> None:
    opened = open_engine(sqlite_url)
    writer = GroupWriter(opened)
    writer.start()

    def set_pages(number: int) -> None:
        with opened.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {number}")

    def add_many(session: Session) -> None:
        for number in range(3000):
            session.add(OptOutRow(candidate_hash=f"{number:064}", at=NOW))
        session.flush()

    set_pages(1)  # SQLite takes the file's present size: not one page more
    with pytest.raises(StoreUnavailableError) as caught:
        asyncio.run(writer.write(add_many))
    assert "full" in str(caught.value.__cause__)
    set_pages(1 << 20)
    asyncio.run(writer.write(add_many))
    writer.close()
    assert len(_names(opened)) == 3000
    opened.dispose()


LOSE = "SELECT pg_terminate_backend(pg_backend_pid())"


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "lose_the_connection",
    [
        pytest.param(lambda session: session.execute(text(LOSE)), id="by the session"),
        pytest.param(lambda session: change(connection_of(session), LOSE), id="by the driver"),
    ],
)
def test_a_postgresql_that_went_away_is_trouble_until_it_is_back(
    postgresql: PostgreSQL, postgresql_url: str, lose_the_connection: Callable[[Session], object]
) -> None:
    opened = open_engine(postgresql_url)
    writer = GroupWriter(opened)
    writer.start()

    async def run() -> list[object]:
        operations: list[Callable[[Session], object]] = [
            _add("same batch"),
            lose_the_connection,
            _add("behind it"),
        ]
        return await asyncio.gather(
            *(writer.write(operation) for operation in operations), return_exceptions=True
        )

    asyncio.run(writer.write(_add("before")))
    assert {type(each) for each in asyncio.run(run())} == {StoreUnavailableError}
    postgresql.stop()
    with pytest.raises(StoreUnavailableError):
        asyncio.run(writer.write(_add("lost")))
    postgresql.start()
    asyncio.run(writer.write(_add("after")))
    writer.close()
    assert _names(opened) == ["before", "after"]
    opened.dispose()
    gc.collect()
