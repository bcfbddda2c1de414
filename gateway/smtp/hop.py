"""One SMTP connection to a next hop: commands out, replies in, strictly in step."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass

from gateway.core.wire import write_wire
from gateway.errors import NextHopLostError
from gateway.reply import Reply
from gateway.settings import HostPort, Settings
from gateway.smtp.deadline import Deadline
from gateway.smtp.hop_wire import HopWire

_CHUNK_BYTES = 256 * 1024
_IN_WORDS: dict[type[Exception], str] = {
    ConnectionRefusedError: "connection refused",
    TimeoutError: "timed out",
    socket.gaierror: "its name is not found",
}
MOST_AT_ONCE = 16
"""Commands sent together. A client hears nothing until all are answered, and gives up on a RCPT
after five minutes (RFC 5321 section 4.5.3.2.3), while some next hops take ten seconds for each;
Postfix says 421 when twenty recipients follow a MAIL that it refused."""


class NextHopSilentError(NextHopLostError):
    """The final dot was out and no answer came: the mail may have left (RFC 1047)."""


@dataclass(frozen=True, slots=True)
class HopTimeouts:
    """Seconds to wait (RFC 5321 section 4.5.3.2).

    connect   for a connection to one host
    greeting  for its banner, the answers to EHLO and AUTH, and TLS
    command   for the answer to MAIL, RCPT or RSET, and for trying all hosts of a list
    data      for the answer to DATA
    block     for each block of the mail to be taken
    dot       for the answer to the final dot
    turn      for a free connection, when all that may be open are in use
    """

    connect: float = 30.0
    greeting: float = 60.0
    command: float = 240.0
    data: float = 120.0
    block: float = 180.0
    dot: float = 600.0
    turn: float = 30.0


def timeouts_of(settings: Settings) -> HopTimeouts:
    """Return what `settings` say."""
    return HopTimeouts(
        connect=settings.next_hop_connect_seconds,
        greeting=settings.next_hop_greeting_seconds,
        command=settings.next_hop_timeout_seconds,
        data=settings.next_hop_data_seconds,
        block=settings.next_hop_block_seconds,
        dot=settings.next_hop_dot_seconds,
        turn=settings.next_hop_turn_seconds,
    )


class HopConnection:
    """One SMTP connection; commands sent together are all answered before anything else is sent.

    mails           mails begun on it so far
    is_in_step      no reply is outstanding or unread, and the next hop has not said 421
    is_encrypted    TLS is on
    is_logged_in    AUTH succeeded
    loses_commands  some of the commands sent together were never answered
    """

    def __init__(
        self, host: HostPort, wire: HopWire, timeouts: HopTimeouts, *, is_encrypted: bool = False
    ) -> None:
        self.host = host
        self.mails = 0
        self.is_in_step = True
        self.is_encrypted = is_encrypted
        self.is_logged_in = False
        self.loses_commands = False
        self._wire = wire
        self._timeouts = timeouts
        self._offers: dict[str, str] = {}
        self._owes_reset = False
        self._loop = asyncio.get_running_loop()
        self._idle = Deadline(self._loop, self._be_retired)
        self._idle_since = 0.0
        self._retire: Callable[[HopConnection], None] | None = None

    @property
    def looks_alive(self) -> bool:
        """Whether the other end has neither closed it nor said anything unasked."""
        return not self._wire.is_over and (self._owes_reset or not self._wire.unread)

    @property
    def size_limit(self) -> int | None:
        """The largest message it takes, in octets; None when it does not say (RFC 1870)."""
        limit = self._offers.get("SIZE", "")
        return int(limit) or None if limit.isascii() and limit.isdigit() else None

    def offers(self, extension: str) -> bool:
        """Tell whether the next hop's EHLO listed `extension` (upper case)."""
        return extension in self._offers

    def parameters_of(self, extension: str) -> list[str]:
        """Return the words after `extension` in the answer to EHLO, upper case."""
        return self._offers.get(extension, "").split()

    async def greet(self, hostname: str) -> None:
        """Read the banner and introduce ourselves.

        Raises NextHopLostError for every banner but 220: 554 there speaks of the server, not of
        the mail (RFC 5321 section 3.1), so the sender keeps the mail.
        """
        banner = await self._wire.read_reply(self._timeouts.greeting)
        if banner.code != 220:
            raise NextHopLostError(f"it greets with {banner.code}")
        await self._introduce(hostname)

    async def start_tls(self, context: ssl.SSLContext, hostname: str) -> None:
        """Say STARTTLS, encrypt the connection and introduce ourselves anew (RFC 3207).

        Raises NextHopLostError; what was offered in clear is forgotten.
        """
        reply = await self.ask(b"STARTTLS")
        if reply.code != 220:
            raise NextHopLostError(f"STARTTLS refused ({reply.code})")
        try:
            async with asyncio.timeout(self._timeouts.greeting):
                await self._wire.start_tls(context, self.host.host)
        except (OSError, TimeoutError) as error:
            raise NextHopLostError(explain(error)) from None
        self.is_encrypted = True
        await self._introduce(hostname)

    async def _introduce(self, hostname: str) -> None:
        """Say EHLO, or HELO to a server that does not know EHLO."""
        reply = await self.ask(b"EHLO " + hostname.encode("ascii"))
        if reply.code >= 500:
            reply = await self.ask(b"HELO " + hostname.encode("ascii"))
        if reply.code != 250:
            raise NextHopLostError(f"it answers EHLO with {reply.code}")
        lines = (line.partition(" ") for line in reply.text.upper().split("\n")[1:])
        self._offers = {keyword: words.strip() for keyword, _, words in lines if keyword}

    async def ask(self, line: bytes) -> Reply:
        """Send a line before any mail, and return the reply, whatever it is."""
        reply = await self._exchange(line, self._timeouts.greeting)
        self.is_in_step = reply.code != 421
        return reply

    async def commands(self, lines: Sequence[bytes]) -> list[Reply]:
        """Send lines together, more than one only where PIPELINING is offered; return the replies.

        There are fewer replies than lines, but at least one, when the next hop goes away in
        between: what it said before still holds. MOST_AT_ONCE commands fit into the buffers of
        either end, so neither can block the other (RFC 2920 section 3.1).
        """
        seconds = self._timeouts.command
        replies = [_not_3yz(await self._exchange(b"\r\n".join(lines), seconds))]
        try:
            while len(replies) < len(lines) and replies[-1].code != 421:
                came = self._wire.take_reply() or await self._wire.read_reply(seconds)
                replies.append(_not_3yz(came))
        except NextHopLostError:
            self.loses_commands = True
        replies[-1] = self._in_step(replies[-1])
        if len(replies) < len(lines):  # a late answer must not become that of a later command
            self.is_in_step = False
            self._wire.abort()
        return replies

    async def probe(self, seconds: float) -> None:
        """Make sure, within `seconds`, that somebody is still there.

        Raises NextHopLostError.
        """
        if (await self._exchange(b"NOOP", seconds)).code == 421:
            raise NextHopLostError("it said 421")
        self.is_in_step = True

    async def data(self) -> Reply | None:
        """Say DATA; return None when the next hop waits for the mail, else its refusal."""
        reply = await self._exchange(b"DATA", self._timeouts.data)
        if reply.code == 354:
            return None
        if reply.code < 400:
            raise NextHopLostError("out of step")
        return self._in_step(reply)

    async def send(self, content: bytes) -> Reply:
        """Send `content`, line ends mended and dots stuffed, and the final dot; return the answer.

        What the next hop says before the final dot is no answer to it: after a refusal the dot is
        never sent, so that no mail is taken that was refused.

        Raises NextHopLostError, or NextHopSilentError once the kernel had all of it.
        """
        try:
            last = await self._send_all_but_the_end(content)
        except NextHopLostError:
            if not self._wire.unread:
                raise
            return await self._read_early()
        if self._wire.unread:
            return await self._read_early()
        end = b".\r\n" if last.endswith(b"\r\n") or not last else b"\r\n.\r\n"
        await self._wire.write(self._timeouts.block, last, end)
        try:
            return self._in_step(_not_3yz(await self._wire.read_reply(self._timeouts.dot)))
        except NextHopLostError as error:
            raise NextHopSilentError(str(error)) from None

    async def _send_all_but_the_end(self, content: bytes) -> bytes:
        last = b""
        for piece in write_wire(content, _CHUNK_BYTES):
            if last:
                await self._wire.write(self._timeouts.block, last)
            last = piece
        return last

    async def _read_early(self) -> Reply:
        """Return a refusal that came before the mail's end; the connection is not used again."""
        reply = await self._wire.read_reply(self._timeouts.block)
        if reply.code < 400:
            raise NextHopLostError("it answered before the mail's end")
        return Reply(451, reply.text) if reply.code == 421 else reply

    def reset(self) -> None:
        """Say RSET; its reply is read before the next command, so nobody waits now."""
        self._wire.write_soon(b"RSET\r\n")
        self._owes_reset = True

    def quit(self) -> None:
        """Say QUIT, between two mails only, without waiting for the answer."""
        self._wire.write_soon(b"QUIT\r\n")

    def lie_idle(self, seconds: float, retire: Callable[["HopConnection"], None]) -> None:
        """Call `retire` after `seconds`, unless `wake_up` comes first."""
        self._retire = retire
        self._idle_since = self._loop.time()
        self._idle.move(seconds)

    def wake_up(self) -> float:
        """End the idleness; return how many seconds it lasted."""
        self._idle.lift()
        return self._loop.time() - self._idle_since

    def _be_retired(self) -> None:
        if self._retire is not None:
            self._retire(self)

    def close(self) -> None:
        """Close it; out of step, at once: bytes not sent yet may be part of a mail."""
        self._idle.cancel()
        if self.is_in_step:
            self._wire.close()
        else:
            self._wire.abort()

    def when_closed(self, forget: Callable[["HopConnection"], None]) -> None:
        """Call `forget` once it is closed, by whichever end."""
        self._wire.when_closed(lambda: forget(self))

    async def wait_closed(self) -> None:
        """Return when it is closed, by force after a second."""
        await self._wire.wait_closed()

    def _exchange(self, line: bytes, seconds: float) -> Coroutine[None, None, Reply]:
        """Return the reply to a line, to be awaited; raises NextHopLostError at once or then."""
        if self._owes_reset:
            return self._exchange_after_reset(line, seconds)
        if self._wire.unread:  # it would be taken for the answer to this
            raise NextHopLostError("it said what nobody asked for")
        self.is_in_step = False
        return self._wire.read_reply(seconds, line + b"\r\n")

    async def _exchange_after_reset(self, line: bytes, seconds: float) -> Reply:
        self._owes_reset = False
        self.is_in_step = False
        if (await self._wire.read_reply(seconds)).code != 250:
            raise NextHopLostError("RSET refused")
        return await self._exchange(line, seconds)

    def _in_step(self, reply: Reply) -> Reply:
        if reply.code == 421:  # it closes this connection (RFC 5321 section 3.8)
            self.is_in_step = False
            return Reply(451, reply.text)
        self.is_in_step = not self._wire.unread
        return reply


def explain(error: Exception) -> str:
    """Return why there is no connection or no TLS, without anything that the other end wrote."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason}"
    for kind, words in _IN_WORDS.items():
        if isinstance(error, kind):
            return words
    return type(error).__name__


def _not_3yz(reply: Reply) -> Reply:
    if 300 <= reply.code < 400:
        raise NextHopLostError("out of step")
    return reply
