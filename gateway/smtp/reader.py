"""Read what a client sends: command lines, and whole messages in one go.

aiosmtpd reads a message line by line, which takes most of its time on a large mail, and refuses
lines over 1,001 octets; here each piece is searched for the end as it comes. Whoever waits awaits
one future, not a coroutine around it. This relies on private names of asyncio.StreamReader, the
same from Python 3.11 to 3.14: `_buffer`, `_eof`, `_waiter`, `_transport`, `_paused`
and `_maybe_resume_transport`.
"""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from gateway.core.wire import Incoming

OnProgress = Callable[[int, int], bool]
"""Called with how many bytes arrived and how many are held; tells whether there is room."""

_BUFFER_BYTES = 64 * 1024


class TooLongError(Exception):
    """A command line or message is over its limit; it was read to its end and thrown away."""


class NoRoomError(Exception):
    """There was no memory for a message; it was read to its end and thrown away."""


class Uploaded(NamedTuple):
    """A message, dots unstuffed, and whether a CR or LF in it is not half of a CRLF."""

    raw: bytes
    has_bare_line_ends: bool


class ClientReader(asyncio.StreamReader):
    """The bytes of one client."""

    _buffer: bytearray
    _eof: bool
    _paused: bool
    _transport: asyncio.Transport | None
    _waiter: asyncio.Future[None] | None

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=_BUFFER_BYTES, loop=loop)
        self._loop = loop

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]  # nobody feeds else
        """Keep what came, and wake whoever waits; too much, and no more is read for a while."""
        self._buffer += data
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
        is_full = len(self._buffer) > 2 * _BUFFER_BYTES
        if is_full and not self._paused and self._transport is not None:
            self._transport.pause_reading()
            self._paused = True

    def lines_ahead(self, most: int) -> list[bytes]:
        """Return the next whole lines that have arrived, at most `most`, and leave them there."""
        end = self._buffer.rfind(b"\n") + 1
        if not end:
            return []
        arrived = bytes(self._buffer[:end])
        return [line + b"\n" for line in arrived.split(b"\n", most)[:-1]]

    def take_all(self) -> bytes:
        """Return what has arrived and was not read, and forget it."""
        arrived = bytes(self._buffer)
        self._buffer.clear()
        self._maybe_resume_transport()  # type: ignore[attr-defined]
        return arrived

    def leave_transport(self) -> None:
        """Neither pause nor resume anybody until set_transport()."""
        self._transport, self._paused = None, False

    def take_line(self, longest: int) -> bytes | None:
        """Return the next line with its line end, whichever that is; None when it has not come.

        Raises TooLongError when it is over `longest` bytes.
        """
        end = self._buffer.find(b"\n") + 1
        if not end:
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[:end]
        if len(line) > longest:
            raise TooLongError
        return line

    async def read_line(self, longest: int) -> bytes:
        """Return the next line as take_line() does, when it has come.

        Raises TooLongError, EOFError when the client is gone.
        """
        dropped = False
        while (line := self.take_line(longest)) is None:
            if len(self._buffer) > longest:
                self._buffer.clear()
                dropped = True
            await self._more()
        if dropped:
            raise TooLongError
        return line

    async def read_message(self, longest: int, on_progress: OnProgress) -> Uploaded:
        """Return the message up to CRLF.CRLF, dots unstuffed, all other bytes as they came.

        Raises, at the end of the message, TooLongError when it was over `longest` bytes and
        NoRoomError when `on_progress` had no room for it: what does not fit is never held. Raises
        EOFError when the client is gone.
        """
        incoming, has_room = Incoming(), True
        while True:
            if not self._buffer:
                await self._more()
            arrived = self.take_all()
            rest = incoming.take(arrived)
            has_room = on_progress(len(arrived), incoming.held_bytes) and has_room
            if not has_room or incoming.size > longest:
                incoming.drop()
            if rest is not None:
                break
        self._buffer[:0] = rest
        if not has_room:
            raise NoRoomError
        if incoming.size > longest:
            raise TooLongError
        return Uploaded(incoming.message(), incoming.has_bare_line_ends)

    def _more(self) -> asyncio.Future[None]:
        """Return what to await until more has come; raises EOFError when nothing will."""
        if self._eof:
            raise EOFError
        if self._paused:
            self._maybe_resume_transport()  # type: ignore[attr-defined]
        self._waiter = self._loop.create_future()
        return self._waiter
