"""One client's connection: command lines in, replies out, timers, STARTTLS, and how it ends.

Kept from aiosmtpd's SMTP: the connection and flow control. Its command loop is replaced, because
it obeys lines that end in a bare LF, has one timer that cuts a steady upload and that NOOPs can
reset for ever, cancels a hand-over when the client goes away, and answers 500 with the exception's
text. So is its switch to TLS, which is asyncio's in Python under uvloop, too: 284 KiB for a silent
connection instead of 31.
"""

import asyncio
import functools
import logging
import re
from collections.abc import Callable, Mapping
from ssl import SSLContext
from typing import cast

from aiosmtpd.smtp import SMTP

from gateway.core.network import normal_address
from gateway.reply import Reply
from gateway.settings import Settings
from gateway.smtp.deadline import Deadline
from gateway.smtp.proxy import ProxyError, read_proxy
from gateway.smtp.reader import ClientReader, TooLongError, Uploaded

log = logging.getLogger(__name__)

_LONGEST_COMMAND = 4096
_MOST_GATHERED = 16
_HANDSHAKE_SECONDS = 30.0
_TLS_CLOSE_SECONDS = 2.0
"""For a client's answer to our close_notify; by then its session counts nowhere any more."""
_PROXY_SECONDS = 5
_COMMAND_LINE = re.compile(rb"[^\r\n\0]*\r\n")


class BadLineError(Exception):
    """What arrived is not a command line; `reply` says why."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply))
        self.reply = reply


@functools.lru_cache(maxsize=1)
def _library_state(hostname: str, timeout_seconds: float) -> Mapping[str, object]:
    """Return what aiosmtpd's SMTP.__init__ sets, made once for all connections.

    It looks at every attribute of its object three times, for the methods that answer commands,
    which our command loop replaces: a ninth of the time of a mail with a connection of its own.
    What belongs to one connection alone is set anew by whoever takes this over.
    """
    return vars(SMTP(None, hostname=hostname, timeout=timeout_seconds))


class SmtpConnection(SMTP):
    """The wire side of a session: `_begin` once, then `_obey_next` again and again.

    command_timeout_seconds bounds each wait for a whole line; within each such stretch an upload
    must bring enough bytes. A client that keeps talking and gets nowhere is cut after twice that.
    """

    _reader: ClientReader
    _closed: asyncio.Future[None]
    _timeout_handle: Deadline  # type: ignore[assignment]
    transport: asyncio.Transport | None

    def __init__(self, settings: Settings, loop: asyncio.AbstractEventLoop) -> None:
        # In place of SMTP.__init__, which would make a plain StreamReader besides.
        vars(self).update(_library_state(settings.hostname, settings.command_timeout_seconds))
        self.loop = loop
        self._reader = ClientReader(loop)  # and no StreamWriter: it and the session keep each other
        asyncio.StreamReaderProtocol.__init__(self, self._reader, loop=loop)
        # One deadline instead of a timer per command; cancelled when the connection is lost.
        self._timeout_handle = Deadline(loop, self._timeout_cb)
        self._peer = ""
        self._is_secure = False
        self._patience_seconds = settings.command_timeout_seconds
        self._patience_ends = loop.time() + 2 * self._patience_seconds
        self._slowest_upload = settings.min_upload_bytes_per_second * self._patience_seconds
        self._gathered: list[str] = []
        self._uploaded_bytes: int | None = None  # since the last check; None between uploads
        self._is_waiting = False
        self._is_clogged = False
        self._is_leaving = False
        self._is_draining = False

    @property
    def is_secure(self) -> bool:
        """Whether TLS is spoken."""
        return self._is_secure

    @property
    def task(self) -> asyncio.Task[None] | None:
        """The dialogue; it ends when nothing more will be said or read."""
        return self._handler_coroutine

    @property
    def has_mail_in_hand(self) -> bool:
        """Whether a mail transaction is open, which a drain lets finish."""
        return False

    async def _read_proxy(self) -> None:
        """Learn from the load balancer who the client is; raises EOFError when it does not say."""
        try:
            async with asyncio.timeout(_PROXY_SECONDS):
                told = await read_proxy(self._reader)
        except (ProxyError, TimeoutError) as error:
            log.warning("no PROXY header: %s peer=%s", type(error).__name__, self._peer)
            raise EOFError from None
        self._peer = told or self._peer

    async def _begin(self) -> bool:
        """Learn who the client is and greet it; return whether it may stay."""
        raise NotImplementedError

    async def _obey_next(self) -> None:
        """Read a command and answer it; the last one sets `_is_leaving`."""
        raise NotImplementedError

    def _leave(self) -> None:
        """Stop counting this session anywhere."""

    def _forget(self) -> None:
        """Give up whatever the client began: it has left, or TLS starts anew."""

    # How a connection begins and ends

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a new connection."""
        address = transport.get_extra_info("peername")
        self._peer = normal_address(str(address[0])) if isinstance(address, tuple) else ""
        super().connection_made(transport)

    def connection_lost(self, _error: Exception | None) -> None:
        """End the session; what ended it is not kept, for it would keep the session.

        Nothing is left that refers to it in a circle: what OpenSSL keeps for a connection would
        stay until the garbage collector comes by.
        """
        super().connection_lost(None)
        self._handler_coroutine = None  # the event loop has it until it has ended
        self._original_transport = None
        self._reader.leave_transport()

    def data_received(self, data: bytes) -> None:
        """Keep what came, without the weak reference by which asyncio finds the reader."""
        self._reader.feed_data(data)

    def pause_writing(self) -> None:
        """Let replies wait: the client reads more slowly than they come."""
        super().pause_writing()
        self._is_clogged = True

    def resume_writing(self) -> None:
        """Let replies go on."""
        super().resume_writing()
        self._is_clogged = False

    def eof_received(self) -> bool | None:
        """Let commands that came before the end still be obeyed; aiosmtpd would cancel them."""
        return asyncio.StreamReaderProtocol.eof_received(self)

    async def _handle_client(self) -> None:
        try:
            if await self._begin():
                while not self._is_leaving:
                    await self._obey_next()
                self._reset_timeout()
                await self._flush()
        except asyncio.CancelledError:
            self._log_gone()
            raise
        except (OSError, EOFError):
            self._log_gone()
        except Exception as error:  # noqa: BLE001  the outermost net
            log.error("session failed: %s", describe(error))  # noqa: TRY400  no text of a client's
        finally:
            self._leave()
            self._forget()
            if self.transport is not None:
                self._reset_timeout()  # so that closing ends even if the client no longer reads
                self.transport.close()

    def _log_gone(self) -> None:
        if self.has_mail_in_hand:
            log.info("client gone in the middle of a mail: peer=%s", self._peer)

    def drain(self) -> None:
        """Say 421 as soon as no mail is in hand, which may be now."""
        self._is_draining = True
        if self._is_waiting and not self.has_mail_in_hand:
            self._cut(Reply(421, "4.3.2 Service shutting down"))

    def abort(self) -> None:
        """Close at once."""
        if self.transport is not None:
            self.transport.abort()

    def _reset_timeout(self, duration: float | None = None) -> None:
        self._timeout_handle.move(duration or self._patience_seconds)

    def _timeout_cb(self) -> None:
        if self._uploaded_bytes is not None and self._uploaded_bytes >= self._slowest_upload:
            self._uploaded_bytes = 0
            self._reset_timeout()
            return
        log.info("client too slow: peer=%s", self._peer)
        self._cut(Reply(421, "4.4.2 Timed out, closing connection"))

    def _cut(self, reply: Reply) -> None:
        self._is_leaving = True
        transport = self.transport
        if transport is None:
            return
        transport.write("".join([*self._gathered, f"{reply}\r\n"]).encode("ascii"))
        self._gathered.clear()
        if transport.get_write_buffer_size():
            transport.abort()  # the client does not read: close() would wait for ever
        else:
            transport.close()

    # Lines in, replies out

    def _say(self, reply: Reply) -> None:
        """Answer with `reply`; replies go out together once the client waits (RFC 2920)."""
        self._gathered.append(f"{reply}\r\n")

    async def _flush(self) -> None:
        if not self._gathered:
            return
        if self.transport is None:
            raise ConnectionResetError
        self.transport.write("".join(self._gathered).encode("ascii"))
        self._gathered.clear()
        if self.transport.is_closing():
            raise ConnectionResetError
        if self._is_clogged:
            # asyncio's, the same from Python 3.11 to 3.14
            await self._drain_helper()  # type: ignore[attr-defined]

    def _progress(self) -> None:
        """Note that the client got somewhere: our patience with it starts anew."""
        self._patience_ends = self.loop.time() + 2 * self._patience_seconds

    def _excuse(self, began_at: float) -> None:
        """Let the time since then not count against the client: it was the next hop's."""
        self._patience_ends += self.loop.time() - began_at

    async def _next_line(self) -> bytes:
        """Return the next command line without its CRLF.

        Raises BadLineError when what came is not one, EOFError when the client is gone.
        """
        try:
            has_room = len(self._gathered) < _MOST_GATHERED
            line = self._reader.take_line(_LONGEST_COMMAND) if has_room else None
            if line is None:
                left_seconds = self._patience_ends - self.loop.time()
                self._timeout_handle.move(max(0.001, min(self._patience_seconds, left_seconds)))
                self._is_waiting = True
                await self._flush()
                line = await self._reader.read_line(_LONGEST_COMMAND)
        except TooLongError:
            raise BadLineError(Reply(500, "5.5.2 Line too long")) from None
        finally:
            if self._is_waiting:
                self._is_waiting = False
                self._timeout_handle.lift()
        if _COMMAND_LINE.fullmatch(line):
            return line[:-2]
        if line.endswith(b"\r\n"):
            raise BadLineError(Reply(500, "5.5.2 Bare CR or NUL in line"))
        # A bare LF may be an attempt to smuggle a command: nothing after it is read.
        self._is_leaving = True
        raise BadLineError(Reply(500, "5.5.2 Line ended without CRLF, closing connection"))

    def _arguments_ahead(self, wanted: bytes, most: int) -> list[bytes]:
        """Return the arguments of the commands `wanted` that come next and have already arrived.

        At most `most`, and none behind another command or an odd line.
        """
        found = []
        for line in self._reader.lines_ahead(most):
            verb, _, arg = line[:-2].partition(b" ")
            is_odd = len(line) > _LONGEST_COMMAND or not _COMMAND_LINE.fullmatch(line)
            if is_odd or verb.upper() != wanted:
                break
            found.append(arg.strip(b" "))
        return found

    async def _upload(self, longest: int, take_room: Callable[[int], bool]) -> Uploaded:
        """Return the message that the client sends; the 354 has been said.

        take_room  called with the number of bytes held whenever some arrive: do they fit?

        Raises TooLongError when it was over `longest` bytes, NoRoomError when it did not fit.
        """

        def on_progress(arrived_bytes: int, held_bytes: int) -> bool:
            self._uploaded_bytes = (self._uploaded_bytes or 0) + arrived_bytes
            return take_room(held_bytes)

        self._uploaded_bytes = 0
        self._reset_timeout()
        try:
            await self._flush()
            return await self._reader.read_message(longest, on_progress)
        finally:
            self._uploaded_bytes = None
            self._timeout_handle.lift()

    # STARTTLS (RFC 3207)

    async def _start_tls(self, context: SSLContext) -> None:
        """Say 220 and shake hands; when that fails, the connection is over.

        What came in clear text is thrown away, and nothing is read between that and the handshake:
        else a clear-text command could be obeyed as if it had come encrypted, or the client's first
        TLS message could be lost.
        """
        transport = self.transport
        if transport is None:
            raise EOFError
        self._reader.take_all()
        transport.pause_reading()
        self._say(Reply(220, "2.0.0 Ready to start TLS"))
        await self._flush()
        self._forget()
        await self._shake_hands(context, b"")

    async def _begin_tls(self, context: SSLContext) -> None:
        """Shake hands before anything was said (RFC 8314 section 3.3)."""
        if self.transport is None:
            raise EOFError
        arrived = self._reader.take_all()
        self.transport.pause_reading()
        await self._shake_hands(context, arrived)

    async def _shake_hands(self, context: SSLContext, arrived: bytes) -> None:
        """Encrypt the connection, whose reading is paused; `arrived` was already read from it."""
        clear = self.transport
        if clear is None:
            raise EOFError
        self._timeout_handle.lift()  # the handshake has one of its own
        self._reader.leave_transport()
        self._over_ssl = True  # asyncio's: an end in TLS cannot be half of one
        if arrived:  # start_tls() has its protocol in place by then, and begins behind it
            self.loop.call_soon(_feed, clear, arrived)
        encrypted = None
        try:
            encrypted = await self.loop.start_tls(
                clear,
                self,
                context,
                server_side=True,
                ssl_handshake_timeout=_HANDSHAKE_SECONDS,
                ssl_shutdown_timeout=_TLS_CLOSE_SECONDS,
            )
        except (OSError, asyncio.CancelledError) as error:  # cancelled: by connection_lost()
            log.info("TLS handshake failed: %s peer=%s", type(error).__name__, self._peer)
            if isinstance(error, asyncio.CancelledError):
                raise
            error.__traceback__ = None  # its frames hold it, and us
        if encrypted is None or encrypted.is_closing():
            clear.close()
            self._timeout_handle.cancel()
            self.transport = None
            raise EOFError
        self._is_secure = True
        self._original_transport = clear  # which aiosmtpd closes when the connection is lost
        self.transport = encrypted
        self._reader.set_transport(encrypted)
        self._reset_timeout()


def describe(error: BaseException) -> str:
    """Return class and place of `error` for the log; its text may hold a client's words."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is None:
        return type(error).__name__
    return f"{type(error).__name__} at {place.tb_frame.f_code.co_name}:{place.tb_lineno}"


def _feed(transport: asyncio.Transport, arrived: bytes) -> None:
    """Hand the protocol of `transport` the bytes that were read before it was there."""
    if transport.is_closing():
        return
    protocol = cast("asyncio.BufferedProtocol", transport.get_protocol())
    rest = memoryview(arrived)
    while rest:
        room = memoryview(protocol.get_buffer(len(rest)))
        size = min(len(room), len(rest))
        room[:size] = rest[:size]
        protocol.buffer_updated(size)
        rest = rest[size:]
