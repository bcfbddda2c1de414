"""One SMTP connection to a next hop: commands out, replies in, strictly in step."""

import asyncio
import re
from collections.abc import Callable

from gateway.errors import NextHopLostError
from gateway.reply import Reply
from gateway.settings import HostPort

_REPLY_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])([^\r\n]*))?\r\n")
_LONGEST_REPLY_LINE = 4096  # RFC 5321 section 4.5.3.1.5 allows 512; some servers do not care
_MOST_REPLY_LINES = 100
_CHUNK_BYTES = 256 * 1024


class NextHopSilentError(NextHopLostError):
    """The final dot was out and no answer came: the mail may have left (RFC 1047)."""


class HopConnection:
    """One SMTP connection, on which a command waits for its reply before the next is sent.

    is_in_step  no reply is outstanding, and the next hop has not said 421
    """

    def __init__(
        self,
        hop: HostPort,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        timeout_seconds: float,
    ) -> None:
        self.hop = hop
        self.mails = 0
        self.is_in_step = True
        self._reader = reader
        self._writer = writer
        self._timeout_seconds = timeout_seconds
        self._offers: frozenset[str] = frozenset()
        self._owes_reset = False
        self._idle_timer: asyncio.TimerHandle | None = None
        # drain() then returns when the last byte is with the kernel, which send() relies on.
        writer.transport.set_write_buffer_limits(high=0)

    @property
    def looks_alive(self) -> bool:
        """Whether the other end has not closed it, as far as this end can see."""
        return not (self._reader.at_eof() or self._writer.is_closing())

    def offers(self, extension: str) -> bool:
        """Tell whether the next hop's EHLO listed `extension` (upper case)."""
        return extension in self._offers

    async def greet(self, hostname: str) -> None:
        """Read the banner and say EHLO, or HELO to a server that does not know EHLO.

        Raises NextHopLostError for every banner but 220: 554 there speaks of the server, not of
        the mail (RFC 5321 section 3.1), so the sender keeps the mail.
        """
        banner = await self._read_reply(self._timeout_seconds)
        reply = Reply(0, "")
        if banner.code == 220:
            reply = await self.command(b"EHLO " + hostname.encode("ascii"))
            if reply.code >= 500:
                reply = await self.command(b"HELO " + hostname.encode("ascii"))
        if reply.code != 250:
            raise NextHopLostError("not greeted")
        lines = reply.text.upper().split("\n")[1:]
        self._offers = frozenset(words[0] for words in map(str.split, lines) if words)

    async def command(self, line: bytes) -> Reply:
        """Send `line` and return the reply."""
        return self._in_step(_not_3yz(await self._ask(line)))

    async def data(self) -> Reply | None:
        """Say DATA; return None when the next hop waits for the mail, else its refusal."""
        reply = await self._ask(b"DATA")
        if reply.code == 354:
            return None
        if reply.code < 400:
            raise NextHopLostError("out of step")
        return self._in_step(reply)

    async def send(self, wire: bytes) -> Reply:
        """Send the dot-stuffed `wire` and the final dot; return the answer.

        Raises NextHopLostError, or NextHopSilentError once all of it was with the kernel.
        """
        end = b".\r\n" if wire.endswith(b"\r\n") or not wire else b"\r\n.\r\n"
        view = memoryview(wire)
        last = max(len(wire) - 1, 0) // _CHUNK_BYTES * _CHUNK_BYTES
        try:
            for start in range(0, last, _CHUNK_BYTES):
                await self._write_all(view[start : start + _CHUNK_BYTES])
            await self._write_all(view[last:], end)
        except (OSError, TimeoutError) as error:
            raise NextHopLostError(type(error).__name__) from None
        try:
            return self._in_step(_not_3yz(await self._read_reply(10 * self._timeout_seconds)))
        except NextHopLostError as error:
            raise NextHopSilentError(str(error)) from None

    def reset(self) -> None:
        """Say RSET; its reply is read before the next command, so nobody waits now."""
        self._writer.write(b"RSET\r\n")
        self._owes_reset = True

    def quit(self) -> None:
        """Say QUIT, between two mails only, without waiting for the answer."""
        self._writer.write(b"QUIT\r\n")

    def wait(self, seconds: float, retire: Callable[["HopConnection"], None]) -> None:
        """Call `retire` after `seconds`, unless `stop_waiting` comes first."""
        self._idle_timer = asyncio.get_running_loop().call_later(seconds, retire, self)

    def stop_waiting(self) -> None:
        """End the wait."""
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    def close(self) -> None:
        """Close it; what could be part of a mail and is not sent yet is thrown away."""
        self.stop_waiting()
        if self.is_in_step:
            self._writer.close()
        else:
            self._writer.transport.abort()

    async def wait_closed(self) -> None:
        """Return when it is closed, by force after a second."""
        try:
            async with asyncio.timeout(1.0):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self._writer.transport.abort()

    async def _ask(self, line: bytes) -> Reply:
        if self._owes_reset:
            self._owes_reset = False
            await self._expect_reset()
        self.is_in_step = False
        try:
            await self._write_all(line + b"\r\n")
        except (OSError, TimeoutError) as error:
            raise NextHopLostError(type(error).__name__) from None
        return await self._read_reply(self._timeout_seconds)

    async def _expect_reset(self) -> None:
        self.is_in_step = False
        if (await self._read_reply(self._timeout_seconds)).code != 250:
            raise NextHopLostError("RSET refused")

    async def _write_all(self, *pieces: bytes | memoryview) -> None:
        self._writer.writelines(pieces)
        async with asyncio.timeout(self._timeout_seconds):
            await self._writer.drain()

    def _in_step(self, reply: Reply) -> Reply:
        if reply.code == 421:  # it closes this connection (RFC 5321 section 3.8)
            return Reply(451, reply.text)
        self.is_in_step = True
        return reply

    async def _read_reply(self, timeout_seconds: float) -> Reply:
        """Return the next reply. Raises NextHopLostError for anything that is not one."""
        try:
            async with asyncio.timeout(timeout_seconds):
                return await self._read_lines()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError) as error:
            raise NextHopLostError(type(error).__name__) from None

    async def _read_lines(self) -> Reply:
        texts: list[str] = []
        codes: set[bytes] = set()
        while len(texts) < _MOST_REPLY_LINES:
            found = _REPLY_LINE.fullmatch(await self._reader.readuntil(b"\r\n"))
            if found is None or len(codes | {found[1]}) > 1:
                break
            codes.add(found[1])
            texts.append((found[3] or b"").decode("ascii", "replace"))
            if found[2] != b"-":
                return Reply(int(found[1]), "\n".join(texts))
        raise NextHopLostError("not a reply")


def _not_3yz(reply: Reply) -> Reply:
    if 300 <= reply.code < 400:
        raise NextHopLostError("out of step")
    return reply


async def open_hop(hop: HostPort, hostname: str, timeout_seconds: float) -> HopConnection:
    """Connect to `hop`, exchange greetings and return the connection.

    Raises NextHopLostError.
    """
    try:
        async with asyncio.timeout(timeout_seconds):
            reader, writer = await asyncio.open_connection(*hop, limit=_LONGEST_REPLY_LINE)
    except (OSError, TimeoutError) as error:
        raise NextHopLostError(type(error).__name__) from None
    connection = HopConnection(hop, reader, writer, timeout_seconds)
    try:
        await connection.greet(hostname)
    except BaseException:
        connection.close()
        raise
    return connection
