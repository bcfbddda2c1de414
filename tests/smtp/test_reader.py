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
