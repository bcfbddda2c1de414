"""Hand mail on: kept-alive SMTP connections to the companies' next hops.

Written on an asyncio protocol instead of aiosmtplib: a path must leave as the very bytes that
came (aiosmtplib takes addresses apart and quotes them anew), and the caller must know whether
the final dot was out when a connection broke.
"""

import asyncio
import itertools
import logging
import re
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field

from gateway.core.lines import header_block
from gateway.core.path import NOTHING_ASKED, MailOptions, RcptOptions
from gateway.errors import NextHopLostError
from gateway.hops import Bounds, EightBit, Route
from gateway.keys.sealing import Seal
from gateway.outages import Outages
from gateway.reply import Reply
from gateway.smtp.hop import HopConnection, HopTimeouts, NextHopSilentError, timeouts_of
from gateway.smtp.hop_pool import RoutePool
from gateway.smtp.hop_tls import SEAL_PURPOSE

log = logging.getLogger(__name__)

_GROWTH_BYTES = 16 << 10
"""How much a mail may grow here: Received, the trace header, a signature, the link block."""

__all__ = [
    "SEAL_PURPOSE",
    "HopTimeouts",
    "NextHopPool",
    "NextHopSilentError",
    "NextHopTransaction",
    "timeouts_of",
]


@dataclass(frozen=True, slots=True)
class _Mail:
    """What is said before a mail's content: MAIL, and for each path the notices asked for."""

    mail_from: bytes
    options: MailOptions
    asked: dict[bytes, RcptOptions] = field(default_factory=dict)


Recipient = tuple[bytes, RcptOptions]
"""A raw forward-path, and what is asked for it."""

_OF_ADDRESS = re.compile(r"4\.[12]\.")
"""Start of a 4yz text that is about one mailbox or domain, not about the server (RFC 3463)."""

_NO_SMTPUTF8 = Reply(553, "5.6.7 Next hop does not take addresses outside ASCII")


class NextHopPool:
    """Connections to all next hops, shared by all sessions of one event loop.

    hostname  what EHLO says
    seal      opens the passwords and keys of the companies' settings
    outages   hears which hosts take no mail; None for nobody
    """

    def __init__(
        self,
        *,
        hostname: str,
        timeouts: HopTimeouts | None = None,
        seal: Seal | None = None,
        outages: Outages | None = None,
    ) -> None:
        self._hostname = hostname
        self._timeouts = timeouts or HopTimeouts()
        self._seal = seal or Seal(b"", SEAL_PURPOSE)
        self._outages = outages
        self._routes: dict[int, RoutePool] = {}

    def begin(
        self,
        route: Route,
        mail_from: bytes,
        options: MailOptions,
        ahead: Sequence[Recipient] = (),
    ) -> Coroutine[None, None, tuple["NextHopTransaction", Reply]]:
        """Open a mail transaction at the first host of `route` that takes one.

        mail_from  the raw reverse-path with its angle brackets
        ahead      recipients known already: sent along with MAIL where the next hop takes commands
                   together (RFC 2920); the answers are the transaction's `heard`

        Returns the transaction and the answer to MAIL; when that is not positive the transaction is
        already over. A kept connection that turns out dead is replaced once. Raises
        NextHopLostError when no host is reachable, NextHopBusyError when too many mails are on
        their way.
        """
        return _begin(self._connections(route), _Mail(mail_from, options), ahead)

    async def close(self) -> None:
        """Close every connection; idle ones are told QUIT first."""
        await asyncio.gather(*(connections.close() for connections in self._routes.values()))
        self._routes.clear()

    def _connections(self, route: Route) -> RoutePool:
        """Return the connections of a company, anew when its settings have changed."""
        known = self._routes.get(route.company_id)
        if known is not None and known.route == route:
            return known
        if known is not None:
            known.retire()
        fresh = RoutePool(route, self._hostname, self._timeouts, self._seal, self._outages)
        self._routes[route.company_id] = fresh
        return fresh


class NextHopTransaction:
    """One mail transaction at a next hop, from MAIL to the answer after the final dot.

    Every command's answer is the next hop's own; its 421 becomes 451, since the connection that
    ends is not the one the client talks on.

    heard     the answers to the recipients sent along with MAIL; fewer than were sent when the next
              hop went away in between
    is_trial  the connection lay idle before: if it has died, that says nothing about the host
    """

    def __init__(self, connections: RoutePool, connection: HopConnection, mail: _Mail) -> None:
        self.heard: list[Reply] = []
        self.is_trial = bool(connection.mails)
        self._trouble = ""
        self._connections = connections
        self._connection = connection
        self._mail = mail
        self._is_open = True

    @property
    def is_open(self) -> bool:
        """Whether anything more can be said in it."""
        return self._is_open and self._connection.is_in_step

    @property
    def bounds(self) -> Bounds:
        """What the next hop takes: the block must push no mail beyond it."""
        return Bounds(self._connection.size_limit, self._takes_eight_bit)

    @property
    def _takes_eight_bit(self) -> bool:
        is_strict = self._connections.route.settings.eight_bit is EightBit.REFUSE
        return not is_strict or self._connection.offers("8BITMIME")

    async def again(self) -> tuple["NextHopTransaction", Reply]:
        """Open another transaction with this one's MAIL, for a copy of its mail; see begin().

        Notices that were asked for a recipient (RFC 3461) are asked for there, too.
        """
        return await _begin(self._connections, self._mail)

    async def mail(self, ahead: Sequence[Recipient]) -> Reply:
        """Say MAIL with those parameters that the next hop offers; called by _begin() alone."""
        hop, mail_from = self._connection, self._mail.mail_from
        hop.mails += 1
        if not mail_from.isascii() and not hop.offers("SMTPUTF8"):
            self._end(reset=False)
            return _NO_SMTPUTF8
        line = b"MAIL FROM:" + mail_from + _write_options(self._mail.options, hop)
        lines = [line, *map(self._write_rcpt, self._at_once(ahead))]
        reply, *self.heard = await self._tell(lines)
        self._judge("MAIL", reply)
        if self.heard:
            self._judge("RCPT", *self.heard)
        if not reply.is_positive:
            self._end(reset=bool(self.heard))
        return reply

    async def rcpts(self, recipients: Sequence[Recipient]) -> list[Reply]:
        """Say RCPT for the first of `recipients`, and for as many more as may be sent with it.

        Returns their answers, at least one. Raises NextHopLostError when the connection is or
        gets lost.
        """
        (path, _), *rest = recipients
        if not path.isascii() and not self._connection.offers("SMTPUTF8"):
            return [_NO_SMTPUTF8]
        lines = [self._write_rcpt(one) for one in (recipients[0], *self._at_once(rest))]
        replies = await self._tell(lines)
        self._judge("RCPT", *replies)
        return replies

    async def _tell(self, lines: Sequence[bytes]) -> list[Reply]:
        if not self._is_open:
            raise NextHopLostError
        began_at = asyncio.get_running_loop().time()
        try:
            replies = await self._connection.commands(lines)
        except BaseException as error:
            self._lose(error)
            # The client has left; what troubled the next hop before is noted already.
            if isinstance(error, asyncio.CancelledError) and not (self.is_trial or self._trouble):
                self._connections.note_given_up(self._connection.host, began_at)
            raise
        if self._connection.loses_commands:
            self._connections.note_unanswered(self._connection.host)
        return replies

    def _at_once(self, recipients: Sequence[Recipient]) -> Sequence[Recipient]:
        """Return those of `recipients` that may be sent along with the command before them."""
        if not recipients:
            return ()
        hop = self._connection
        if not (hop.offers("PIPELINING") and self._connections.takes_together(hop.host)):
            return ()
        if hop.offers("SMTPUTF8"):
            return recipients
        return tuple(itertools.takewhile(lambda one: one[0].isascii(), recipients))

    def _write_rcpt(self, recipient: Recipient) -> bytes:
        path, asked = recipient
        self._mail.asked[path] = asked
        line = b"RCPT TO:" + path
        return line if asked is NOTHING_ASKED else line + _write_notice(asked, self._connection)

    async def rcpt(self, path: bytes) -> Reply:
        """Say RCPT for `path` as it was said before, for a copy; return the next hop's answer.

        Raises NextHopLostError when the connection is or gets lost.
        """
        return (await self.rcpts([(path, self._mail.asked.get(path, NOTHING_ASKED))]))[0]

    async def send(self, content: bytes) -> Reply:
        """Say DATA, send `content` and return the answer to the final dot: this ends it.

        Raises NextHopLostError when the connection broke before the final dot was out: the mail
        has not left. Raises NextHopSilentError when it was out and no answer came.
        """
        refusal = self._refuse(content)
        if refusal is None and not self._is_open:
            raise NextHopLostError
        try:
            refusal = refusal or await self._connection.data()
            reply = refusal or await self._connection.send(content)
        except BaseException as error:
            self._lose(error)
            raise
        if reply.is_positive:
            self._trouble = ""  # at most it was about recipients
            self._connections.note_taken(self._connection.host)
        else:
            self._judge("DATA" if refusal else "the message", reply)
        self._end(reset=refusal is not None)
        return reply

    def abandon(self) -> None:
        """End the transaction, unless it is over already; the next hop is told RSET."""
        self._end(reset=True)

    def _end(self, *, reset: bool) -> None:
        """Give the connection back; it is closed when an answer is outstanding."""
        if not self._is_open:
            return
        self._is_open = False
        if self._trouble and (self._connection.is_in_step or not self.is_trial):
            self._connections.note_failed(self._connection.host, self._trouble)
        if reset and self._connection.is_in_step:
            self._connection.reset()
        self._connections.give_back(self._connection)

    def _judge(self, command: str, *replies: Reply) -> None:
        """Remember a 4yz, unless it is about an address: the next hop is putting mail off."""
        for reply in replies:
            if 400 <= reply.code < 500 and not _OF_ADDRESS.match(reply.text):
                self._trouble = f"{reply.code} to {command}"

    def _refuse(self, content: bytes) -> Reply | None:
        """Return why `content` cannot go to this next hop: nothing is ever converted.

        docs/decisions/014-eight-bit-mail.md tells why 8-bit content is sent even where 8BITMIME is
        not offered, unless the company has it refused.
        """
        hop, options = self._connection, self._mail.options
        lacks_utf8 = options.smtputf8 and not hop.offers("SMTPUTF8")
        if lacks_utf8 and not header_block(content).isascii():
            return Reply(554, "5.6.9 Next hop does not take UTF-8 header fields")  # RFC 6531
        if not self._takes_eight_bit and not content.isascii():
            return Reply(554, "5.6.3 Next hop does not take 8-bit mail")  # RFC 6152 section 3
        return None

    def _lose(self, error: BaseException) -> None:
        """End it after an error or a cancellation: a late answer may still come."""
        if isinstance(error, NextHopLostError):
            log.warning("next hop %s lost: %s", self._connection.host, error)
            self._trouble = str(error)
        self._connection.is_in_step = False
        self._end(reset=False)


async def _begin(
    connections: RoutePool, mail: _Mail, ahead: Sequence[Recipient] = ()
) -> tuple[NextHopTransaction, Reply]:
    connection = await connections.lease()
    if connection.mails:
        # It may have died while it lay idle. Nothing was sent yet, so try once more on a new one.
        transaction = NextHopTransaction(connections, connection, mail)
        try:
            reply = await transaction.mail(ahead)
            is_alive = connection.is_in_step  # it may have said 421 to a recipient sent along
        except NextHopLostError:
            is_alive = False
        if is_alive:
            transaction.is_trial = False
            return transaction, reply
        transaction.abandon()
        connection = await connections.lease(is_fresh=True)
    transaction = NextHopTransaction(connections, connection, mail)
    return transaction, await transaction.mail(ahead)


def _write_options(options: MailOptions, hop: HopConnection) -> bytes:
    """Return the parameters of MAIL that `hop` understands."""
    line = b""
    if options.size is not None and hop.offers("SIZE"):
        line += b" SIZE=%d" % _declare(options.size, hop.size_limit)
    if options.is_8bit and hop.offers("8BITMIME"):
        line += b" BODY=8BITMIME"
    if options.smtputf8 and hop.offers("SMTPUTF8"):
        line += b" SMTPUTF8"
    if options.ret and hop.offers("DSN"):
        line += b" RET=" + options.ret
    if options.envid and hop.offers("DSN"):
        line += b" ENVID=" + options.envid
    # Who first sent it is not passed on: this relay vouches for nobody (RFC 4954 section 5).
    if options.has_auth and hop.is_logged_in:
        line += b" AUTH=<>"
    return line


def _declare(size: int, limit: int | None) -> int:
    """Return the size to declare: what came and what it may grow by here, up to the limit.

    A next hop may refuse a message that is larger than it was declared (RFC 1870 section 6.3).
    """
    return max(size, min(size + _GROWTH_BYTES, limit or size + _GROWTH_BYTES))


def _write_notice(asked: RcptOptions, hop: HopConnection) -> bytes:
    """Return the parameters of RCPT (RFC 3461), b"" for a next hop that does not know them."""
    if asked == NOTHING_ASKED:
        return b""
    if not hop.offers("DSN"):
        log.info("next hop %s offers no DSN: a notice that was asked for is not", hop.host)
        return b""
    line = b" NOTIFY=" + asked.notify if asked.notify else b""
    return line + b" ORCPT=" + asked.orcpt if asked.orcpt else line
