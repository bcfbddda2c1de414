"""Hand mail on: kept-alive SMTP connections to the companies' next hops.

Written on asyncio streams instead of aiosmtplib: a path must leave as the very bytes that
came (aiosmtplib takes addresses apart and quotes them anew), and the caller must know whether
the final dot was out when a connection broke. Plain text only: TLS towards the next hop is not
spoken yet, nor AUTH.
"""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import TypeVar

from gateway.core.lines import header_block, mend_line_ends, stuff_dots
from gateway.core.path import MailOptions
from gateway.errors import NextHopLostError
from gateway.reply import Reply
from gateway.settings import HostPort
from gateway.smtp.hop import HopConnection, NextHopSilentError, open_hop

log = logging.getLogger(__name__)

_MOST_MAILS = 100  # a connection; servers that count mails close politely around there
_MOST_IDLE = 20  # connections kept for one next hop
_IDLE_SECONDS = 30.0  # well under the 300 s after which RFC 5321 section 4.5.3.2.7 lets it close

__all__ = ["NextHopPool", "NextHopSilentError", "NextHopTransaction"]

AnyReply = TypeVar("AnyReply", Reply, Reply | None)

_NO_SMTPUTF8 = Reply(553, "5.6.7 Next hop does not take addresses outside ASCII")


class NextHopPool:
    """Connections to all next hops, shared by all sessions of one event loop.

    hostname         what EHLO says
    timeout_seconds  wait for each answer and each block sent; ten times that after the final dot
    """

    def __init__(self, *, hostname: str, timeout_seconds: float) -> None:
        self._hostname = hostname
        self._timeout_seconds = timeout_seconds
        self._idle: dict[HostPort, list[HopConnection]] = {}
        self._open: set[HopConnection] = set()

    async def begin(
        self, hop: HostPort, mail_from: bytes, options: MailOptions
    ) -> tuple["NextHopTransaction", Reply]:
        """Open a mail transaction at `hop`; return it and what the next hop said to MAIL.

        mail_from  the raw reverse-path with its angle brackets

        When the reply is not positive the transaction is over already. A pooled connection that
        turns out dead is replaced once. Raises NextHopLostError when `hop` is not reachable.
        """
        # It may have gone away while it lay idle; nothing was sent yet, so once more, fresh.
        with contextlib.suppress(NextHopLostError):
            idle = self._take_idle(hop)
            if idle is not None:
                transaction = NextHopTransaction(self, idle, options)
                reply = await transaction.mail(mail_from)
                if idle.is_in_step:
                    return transaction, reply
        transaction = NextHopTransaction(self, await self._connect(hop), options)
        return transaction, await transaction.mail(mail_from)

    async def close(self) -> None:
        """Say QUIT on idle connections and close every connection."""
        for connection in [one for idle in self._idle.values() for one in idle]:
            connection.stop_waiting()
            connection.quit()
        self._idle.clear()
        closing = list(self._open)
        for connection in closing:
            self.drop(connection)
        await asyncio.gather(*(connection.wait_closed() for connection in closing))

    def keep(self, connection: HopConnection) -> None:
        """Put `connection` back for the next mail, or close it when it has done enough."""
        idle = self._idle.setdefault(connection.hop, [])
        if connection.mails >= _MOST_MAILS or len(idle) >= _MOST_IDLE:
            connection.quit()
            self.drop(connection)
        elif connection in self._open:
            idle.append(connection)
            connection.wait(_IDLE_SECONDS, self._retire)

    def drop(self, connection: HopConnection) -> None:
        """Close `connection`: enough was sent on it, or its state is unknown."""
        self._open.discard(connection)
        connection.close()

    async def _connect(self, hop: HostPort) -> HopConnection:
        try:
            connection = await open_hop(hop, self._hostname, self._timeout_seconds)
        except NextHopLostError as error:
            log.warning("next hop %s not reached: %s", hop, error)
            raise
        self._open.add(connection)
        return connection

    def _take_idle(self, hop: HostPort) -> HopConnection | None:
        idle = self._idle.get(hop, [])
        while idle:
            connection = idle.pop()
            connection.stop_waiting()
            if connection.looks_alive:
                return connection
            self.drop(connection)
        return None

    def _retire(self, connection: HopConnection) -> None:
        self._idle[connection.hop].remove(connection)
        connection.quit()
        self.drop(connection)


class NextHopTransaction:
    """One mail transaction at a next hop, from MAIL to the answer after the final dot.

    Every command's answer is the next hop's own; its 421 becomes 451, since the connection that
    ends is not the one the client talks on.
    """

    def __init__(self, pool: NextHopPool, connection: HopConnection, options: MailOptions) -> None:
        self._pool = pool
        self._connection = connection
        self._options = options
        self._mail_from = b""
        self._is_open = True

    @property
    def is_open(self) -> bool:
        """Whether anything more can be said in it."""
        return self._is_open

    async def again(self) -> tuple["NextHopTransaction", Reply]:
        """Open another transaction with this one's MAIL, for a copy of its mail; see begin()."""
        return await self._pool.begin(self._connection.hop, self._mail_from, self._options)

    async def mail(self, mail_from: bytes) -> Reply:
        """Say MAIL with those parameters that the next hop offers; called by the pool alone."""
        hop, options = self._connection, self._options
        self._mail_from = mail_from
        if not mail_from.isascii() and not hop.offers("SMTPUTF8"):
            self._end(reset=False)
            return _NO_SMTPUTF8
        line = b"MAIL FROM:" + mail_from
        if options.size is not None and hop.offers("SIZE"):
            line += b" SIZE=%d" % options.size
        if options.is_8bit and hop.offers("8BITMIME"):
            line += b" BODY=8BITMIME"
        if options.smtputf8 and hop.offers("SMTPUTF8"):
            line += b" SMTPUTF8"
        hop.mails += 1
        reply = await self._exchange(hop.command(line))
        if not reply.is_positive:
            self._end(reset=False)
        return reply

    async def rcpt(self, path: bytes) -> Reply:
        """Say RCPT for the raw forward-path `path`; return the next hop's answer.

        Raises NextHopLostError when the connection is or gets lost.
        """
        if not path.isascii() and not self._connection.offers("SMTPUTF8"):
            return _NO_SMTPUTF8
        return await self._exchange(self._connection.command(b"RCPT TO:" + path))

    async def send(self, content: bytes) -> Reply:
        """Say DATA, send `content` and return the answer to the final dot: this ends it.

        Raises NextHopLostError when the connection broke before the final dot was out: the mail
        has not left. Raises NextHopSilentError when it was out and no answer came.
        """
        refusal = self._refuse(content)
        if refusal is None:
            refusal = await self._exchange(self._connection.data())
        if refusal is not None:
            self._end(reset=True)
            return refusal
        reply = await self._exchange(self._connection.send(stuff_dots(mend_line_ends(content))))
        self._end(reset=False)
        return reply

    def abandon(self) -> None:
        """End the transaction, if it is not over yet: the next hop is told to forget it."""
        self._end(reset=True)

    def _end(self, *, reset: bool) -> None:
        """Keep the connection for the next mail, or close it when an answer is outstanding."""
        if not self._is_open:
            return
        self._is_open = False
        if not self._connection.is_in_step:
            self._pool.drop(self._connection)
            return
        if reset:
            self._connection.reset()
        self._pool.keep(self._connection)

    def _refuse(self, content: bytes) -> Reply | None:
        """Return why `content` cannot go to this next hop: nothing is ever converted.

        8-bit content goes even to a next hop that does not offer 8BITMIME, declared or not. RFC
        6152 section 3 would have it converted or refused; converting would harm a byte, refusing
        would lose a mail, and servers that do not carry eight bits have died out.
        """
        hop, options = self._connection, self._options
        lacks_utf8 = options.smtputf8 and not hop.offers("SMTPUTF8")
        if lacks_utf8 and not header_block(content).isascii():
            return Reply(554, "5.6.9 Next hop does not take UTF-8 header fields")  # RFC 6531
        return None

    async def _exchange(self, step: Coroutine[None, None, AnyReply]) -> AnyReply:
        if not self._is_open:
            step.close()
            raise NextHopLostError
        try:
            reply = await step
        except BaseException as error:  # cancellation too: nobody knows what it says next
            if isinstance(error, NextHopLostError):
                log.warning("next hop %s lost: %s", self._connection.hop, error)
            self._is_open = False
            self._pool.drop(self._connection)
            raise
        return reply
