"""The bytes of one connection to a next hop: replies in, pieces out, one who waits at a time."""

import asyncio
import re
import ssl
from collections.abc import Callable
from typing import cast

from gateway.errors import NextHopLostError
from gateway.reply import Reply
from gateway.settings import HostPort
from gateway.smtp.deadline import Deadline

_REPLY_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])([^\r\n]*))?")
_MOST_REPLY_LINES = 100
_LONGEST_LINE = 4096  # RFC 5321 section 4.5.3.1.5 allows 512; some servers do not care
_MOST_UNREAD = 1 << 20  # nobody asked for so much: the connection is cut
_CLOSE_SECONDS = 1.0


class HopWire(asyncio.Protocol):
    """One connection, clear or encrypted; nobody waits on it beyond the deadline.

    unread   what came and nobody has read
    is_over  the other end has closed it, as far as this end can see
    """

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.unread = bytearray()
        self.is_over = False
        self._code, self._texts = b"", list[str]()  # of a reply whose first lines have come
        self._loop = loop
        self._deadline = Deadline(loop, self._be_late)
        self._is_late = False
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._is_paused = False
        self._closed = loop.create_future()

    async def read_reply(self, seconds: float, command: bytes = b"") -> Reply:
        """Return the next reply, to `command` if there is one to send first.

        seconds  for all of it together

        Raises NextHopLostError, also for anything that is not a reply.
        """
        self._allow(seconds)
        if command:
            self._put(command)
            if self._is_paused:
                await self._drain()
        while not self.unread or (reply := self.take_reply()) is None:
            if self.is_over:
                raise NextHopLostError("connection closed")
            await self._news()
        return reply

    def take_reply(self) -> Reply | None:
        """Return the next reply when all of it has come, else None; lines are read as they come.

        Raises NextHopLostError for anything that is not a reply.
        """
        while (end := self.unread.find(b"\r\n")) >= 0:
            found = _REPLY_LINE.fullmatch(self.unread, 0, end)
            if found is None or end > _LONGEST_LINE or not found[1].startswith(self._code):
                raise NextHopLostError("not a reply")
            code, mark, text = found.groups(b"")
            del self.unread[: end + 2]
            self._texts.append(text.decode("ascii", "replace"))
            self._code = code
            if mark != b"-":
                texts, self._texts, self._code = self._texts, [], b""
                return Reply(int(code), "\n".join(texts))
            if len(self._texts) >= _MOST_REPLY_LINES:
                raise NextHopLostError("not a reply")
        if len(self.unread) > _LONGEST_LINE:
            raise NextHopLostError("not a reply")
        return None

    async def write(self, seconds: float, *pieces: bytes | memoryview) -> None:
        """Return when the kernel has all of it; with TLS, when it is at least on its way there.

        Raises NextHopLostError, also when that took longer than `seconds`.
        """
        self._put(*pieces)
        if self._is_paused:
            self._allow(seconds)
            await self._drain()

    def write_soon(self, *pieces: bytes | memoryview) -> None:
        """Write without waiting, if that is still possible."""
        if self._transport is not None and not self.is_over:
            self._transport.writelines(pieces)

    async def start_tls(self, context: ssl.SSLContext, name: str) -> None:
        """Encrypt it from here on.

        Raises OSError (ssl.SSLError is one), NextHopLostError when more came than the 220:
        somebody in between would have it read as if it had come encrypted (RFC 3207 section 6).
        """
        if self.unread or self._transport is None:
            raise NextHopLostError("something was slipped in before TLS")
        transport = await self._loop.start_tls(
            self._transport, self, context, server_hostname=name, ssl_shutdown_timeout=1.0
        )
        if transport is None:
            raise NextHopLostError("connection closed")
        self._take(transport)

    def close(self) -> None:
        """Close it when what was written is out."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close it now; what is not out yet is thrown away."""
        if self._transport is not None:
            self._transport.abort()

    def when_closed(self, call: Callable[[], None]) -> None:
        """Call `call` once it is closed, by whichever end."""
        self._closed.add_done_callback(lambda _: call())

    async def wait_closed(self) -> None:
        """Return when it is closed, by force after a second."""
        _, waiting = await asyncio.wait([self._closed], timeout=_CLOSE_SECONDS)
        if waiting:
            self.abort()
            await asyncio.wait([self._closed], timeout=_CLOSE_SECONDS)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the new connection."""
        # Not asserted: uvloop's transports are no subclass of asyncio's.
        self._take(cast("asyncio.Transport", transport))

    def data_received(self, data: bytes) -> None:
        """Keep what came, and wake who waits for it."""
        self.unread += data
        if len(self.unread) > _MOST_UNREAD:
            self.abort()
        self._wake()

    def pause_writing(self) -> None:
        """Let writers wait."""
        self._is_paused = True

    def resume_writing(self) -> None:
        """Let writers go on."""
        self._is_paused = False
        self._wake()

    def connection_lost(self, _error: Exception | None) -> None:
        """Wake whoever waits: nothing more comes."""
        self.is_over = True
        self._deadline.cancel()
        if not self._closed.done():
            self._closed.set_result(None)
        self._wake()

    def eof_received(self) -> None:
        """Close this end too."""
        self.is_over = True
        self._wake()

    def _take(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        # write() then waits for the last byte. asyncio's TLS never resumes with a limit of 0.
        is_encrypted = transport.get_extra_info("sslcontext") is not None
        transport.set_write_buffer_limits(high=int(is_encrypted))

    def _allow(self, seconds: float) -> None:
        """Set the deadline for all that is waited for from here on, together."""
        self._is_late = False
        if not self.is_over:  # nobody waits for what is over: a timer would only keep it alive
            self._deadline.move(seconds)

    def _put(self, *pieces: bytes | memoryview) -> None:
        if self._transport is None:
            raise NextHopLostError("connection closed")
        if not self.is_over:
            self._transport.writelines(pieces)
        if self._transport.is_closing():
            raise NextHopLostError("connection closed")

    async def _drain(self) -> None:
        while self._is_paused:
            if self.is_over:
                raise NextHopLostError("connection closed")
            await self._news()

    def _news(self) -> asyncio.Future[None]:
        """Return what to await until something has happened."""
        if self._is_late:
            raise NextHopLostError("timed out")
        self._waiter = self._loop.create_future()
        return self._waiter

    def _be_late(self) -> None:
        self._is_late = True
        self._wake()

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


async def open_wire(host: HostPort, context: ssl.SSLContext | None) -> HopWire:
    """Connect to `host`, with `context` by TLS from the first byte.

    Raises OSError (ssl.SSLError is one).
    """
    loop = asyncio.get_running_loop()
    if context is None:
        return (await loop.create_connection(HopWire, *host))[1]
    _, wire = await loop.create_connection(
        HopWire, *host, ssl=context, server_hostname=host.host, ssl_shutdown_timeout=1.0
    )
    return wire
