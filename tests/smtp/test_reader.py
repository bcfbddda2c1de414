"""The reader's own promises: where a message ends, and how much of it is ever held."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.lines import has_bare_line_ends
from gateway.smtp.reader import ClientReader, TooLongError, Uploaded
from tests.dots import stuff_dots, unstuff_dots

T = TypeVar("T")


def _has_room(_arrived: int, _held: int) -> bool:
    return True


def feed(pieces: list[bytes], read: Callable[[ClientReader], Awaitable[T]]) -> T:
    """Return what `read` makes of `pieces`, which come one by one, then the end."""

    async def run() -> T:
        reader = ClientReader(asyncio.get_running_loop())
        task = asyncio.ensure_future(read(reader))
        for piece in pieces:
            await asyncio.sleep(0)
            reader.feed_data(piece)
        await asyncio.sleep(0)
        reader.feed_eof()
        return await task

    return asyncio.run(run())


@given(
    st.lists(st.sampled_from([b".", b"\r", b"\n", b"\r\n", b"x", b"\r\n."]), max_size=15),
    st.integers(1, 4),
)
def test_however_it_is_cut_a_message_ends_at_the_first_end(pieces: list[bytes], size: int) -> None:
    wire = stuff_dots(b"".join(pieces)) + b"\r\n.\r\n"
    end = 0 if wire.startswith(b".\r\n") else wire.index(b"\r\n.\r\n") + 2
    sent = wire + b"MAIL FROM:<>\r\n"
    cut = [sent[at : at + size] for at in range(0, len(sent), size)]

    async def read(reader: ClientReader) -> tuple[Uploaded, bytes]:
        uploaded = await reader.read_message(10_000, _has_room)
        return uploaded, await reader.read()

    uploaded, rest = feed(cut, read)
    assert uploaded.raw == unstuff_dots(wire[:end])
    assert uploaded.has_bare_line_ends == has_bare_line_ends(uploaded.raw)
    assert rest == sent[end + len(b".\r\n") :]


def test_of_a_message_over_the_limit_little_more_is_ever_held() -> None:
    held: list[int] = []

    def note(_arrived: int, size: int) -> bool:
        held.append(size)
        return True

    async def read(reader: ClientReader) -> bytes:
        with pytest.raises(TooLongError):
            await reader.read_message(1000, note)
        return await reader.read()

    piece = b"x" * 98 + b"\r\n"
    assert feed([*[piece] * 500, b".\r", b"\nNOOP\r\n"], read) == b"NOOP\r\n"
    assert len(held) == 502
    assert max(held) < 1000 + 2 * len(piece)


def test_of_a_line_over_the_limit_little_more_is_ever_held() -> None:
    async def read(reader: ClientReader) -> bytes:
        with pytest.raises(TooLongError):
            await reader.read_line(100)
        return await reader.read_line(100)

    assert feed([*[b"x" * 50] * 500, b"\r\nNOOP", b"\r\n"], read) == b"NOOP\r\n"


@pytest.mark.parametrize("sent", [b"", b"x", b"x\r\n.", b".\r"])
def test_an_end_that_never_comes_is_eof(sent: bytes) -> None:
    async def read(reader: ClientReader) -> None:
        with pytest.raises(EOFError):
            await reader.read_message(100, _has_room)

    feed([sent], read)


class Pipe(asyncio.Transport):
    """Notes what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def pause_reading(self) -> None:
        self.told.append("pause")

    def resume_reading(self) -> None:
        self.told.append("resume")


def test_no_more_is_read_for_a_while_when_asyncio_s_own_reader_would_stop() -> None:
    async def play() -> None:
        loop = asyncio.get_running_loop()
        ours, theirs = ClientReader(loop), asyncio.StreamReader(limit=64 * 1024, loop=loop)
        pipes = Pipe(), Pipe()
        for reader, pipe in zip((ours, theirs), pipes, strict=True):
            reader.set_transport(pipe)
        for _ in range(40):
            for reader in (ours, theirs):
                reader.feed_data(b"x" * 5000)
            assert pipes[0].told == pipes[1].told
        assert pipes[0].told == ["pause"]
        ours.take_all()
        await theirs.read(200_000)
        assert pipes[0].told == pipes[1].told == ["pause", "resume"]

    asyncio.run(play())


def test_lines_that_were_taken_let_more_be_read() -> None:
    async def play() -> None:
        reader, pipe = ClientReader(asyncio.get_running_loop()), Pipe()
        reader.set_transport(pipe)
        reader.feed_data(b"NOOP\r\n" * 30_000)
        while reader.take_line(100) is not None:
            pass
        waiting = asyncio.create_task(reader.read_line(100))
        await asyncio.sleep(0)
        assert pipe.told == ["pause", "resume"]
        reader.feed_data(b"QUIT\r\n")
        assert await waiting == b"QUIT\r\n"

    asyncio.run(play())


def test_a_lost_connection_is_told_to_whoever_waits() -> None:
    async def play() -> None:
        reader = ClientReader(asyncio.get_running_loop())
        waiting = asyncio.create_task(reader.read_line(100))
        await asyncio.sleep(0)
        reader.feed_eof()
        with pytest.raises(EOFError):
            await waiting
        with pytest.raises(EOFError):
            await reader.read_line(100)

    asyncio.run(play())
