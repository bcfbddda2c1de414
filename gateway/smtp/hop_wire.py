"""The bytes of one connection to a next hop: lines in, pieces out, one who waits at a time."""

import asyncio
import ssl
from collections.abc import Callable
from typing import cast

from gateway.errors import NextHopLostError
from gateway.settings import HostPort
from gateway.smtp.deadline import Deadline

_LONGEST_LINE = 4096  # RFC 5321 section 4.5.3.1.5 allows 512; some servers do not care
_MOST_UNREAD = 1 << 20  # nobody asked for so much: the connection is cut
_CLOSE_SECONDS = 1.0


class HopWire(asyncio.Protocol):
    """One connection, clear or encrypted; nobody waits on it beyond the deadline."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._deadline = Deadline(loop, self._be_late)
        self._is_late = False
        self._transport: asyncio.Transport | None = None
        self._unread = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._is_paused = False
        self._is_over = False
        self._closed = loop.create_future()

    def allow(self, seconds: float) -> None:
        """Set the deadline for all that is read and written from here on, together."""
        self._is_late = False
        if not self._is_over:  # nobody waits for what is over: a timer would only keep it alive
            self._deadline.move(seconds)

    @property
    def is_over(self) -> bool:
        """Whether the other end has closed it, as far as this end can see."""
        return self._is_over

    @property
    def has_unread(self) -> bool:
        """Whether something came that nobody has read."""
        return bool(self._unread)

    async def read_line(self) -> bytes:
        """Return the next line without its CRLF.

        Raises NextHopLostError, also when it did not come in the time allowed.
        """
        while (end := self._unread.find(b"\r\n")) < 0:
            if len(self._unread) > _LONGEST_LINE:
                raise NextHopLostError("not a reply")
            if self._is_over:
                raise NextHopLostError("connection closed")
            await self._news()
        if end > _LONGEST_LINE:
            raise NextHopLostError("not a reply")
        line = bytes(self._unread[:end])
        del self._unread[: end + 2]
        return line

    async def write(self, *pieces: bytes | memoryview) -> None:
        """Return when the kernel has all of it; with TLS, when it is at least on its way there.

        Raises NextHopLostError, also when that took longer than allowed.
        """
        self.write_soon(*pieces)
        if self._transport is None or self._transport.is_closing():
            raise NextHopLostError("connection closed")
        while self._is_paused:
            if self._is_over:
                raise NextHopLostError("connection closed")
            await self._news()

    def write_soon(self, *pieces: bytes | memoryview) -> None:
        """Write without waiting."""
        if self._transport is not None and not self._is_over:
            self._transport.writelines(pieces)

    async def start_tls(self, context: ssl.SSLContext, name: str) -> None:
        """Encrypt it from here on.

        Raises OSError (ssl.SSLError is one), NextHopLostError when more came than the 220:
        somebody in between would have it read as if it had come encrypted (RFC 3207 section 6).
        """
        if self._unread or self._transport is None:
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
        self._unread += data
        if len(self._unread) > _MOST_UNREAD:
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
        self._is_over = True
        self._deadline.cancel()
        if not self._closed.done():
            self._closed.set_result(None)
        self._wake()

    def eof_received(self) -> None:
        """Close this end too."""
        self._is_over = True
        self._wake()

    def _take(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        # write() then waits for the last byte. asyncio's TLS never resumes with a limit of 0.
        is_encrypted = transport.get_extra_info("sslcontext") is not None
        transport.set_write_buffer_limits(high=int(is_encrypted))

    async def _news(self) -> None:
        if self._is_late:
            raise NextHopLostError("timed out")
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _be_late(self) -> None:
        self._is_late = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


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
