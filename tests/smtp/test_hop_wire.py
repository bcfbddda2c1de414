"""What a next hop says, however it arrives: replies, or nothing that is one."""

import asyncio
from collections.abc import Sequence

import pytest

from gateway.errors import NextHopLostError
from gateway.reply import Reply
from gateway.smtp.hop_wire import HopWire

SAID = b"250-hop\r\n250-SIZE 9\r\n250 DSN\r\n354\r\n451 4.2.0 later\r\n"
REPLIES = [Reply(250, "hop\nSIZE 9\nDSN"), Reply(354, ""), Reply(451, "4.2.0 later")]


def read(pieces: Sequence[bytes], count: int = 1) -> list[Reply]:
    """Return the first replies of what comes in pieces, after which the connection is over."""

    async def play() -> list[Reply]:
        wire = HopWire()
        loop = asyncio.get_running_loop()
        for piece in pieces:
            loop.call_soon(wire.data_received, piece)
        loop.call_soon(wire.connection_lost, None)
        return [await wire.read_reply(10) for _ in range(count)]

    return asyncio.run(play())


@pytest.mark.parametrize("size", [1, 2, 7, len(SAID)])
def test_replies_are_the_same_however_they_are_cut(size: int) -> None:
    pieces = [SAID[at : at + size] for at in range(0, len(SAID), size)]
    assert read(pieces, 3) == REPLIES


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"250-a\r\n550 b\r\n", id="two codes"),
        pytest.param(b"250\n\r\n", id="a bare LF"),
        pytest.param(b"199 x\r\n", id="no such code"),
        pytest.param(b"250 " + b"x" * 4093 + b"\r\n", id="too long a line"),
        pytest.param(b"250 " + b"x" * 4093, id="a line without end"),
        pytest.param(b"250-x\r\n" * 100, id="lines without end"),
        pytest.param(b"250-x\r\n" * 100 + b"250 x\r\n", id="too many lines"),
    ],
)
def test_what_is_no_reply_loses_the_next_hop(said: bytes) -> None:
    with pytest.raises(NextHopLostError, match="not a reply"):
        read([said])


def test_the_longest_replies_are_read() -> None:
    assert read([b"250-x\r\n" * 99 + b"250 x\r\n"]) == [Reply(250, "\n".join(["x"] * 100))]
    assert read([b"250 " + b"x" * 4092 + b"\r\n"]) == [Reply(250, "x" * 4092)]


def test_half_a_reply_is_none() -> None:
    with pytest.raises(NextHopLostError, match="connection closed"):
        read([b"250-x\r\n250"])
