"""One client's SMTP dialogue (RFC 5321): which command may come now, and what it does.

What a mail may be and where it goes is gateway/smtp/transaction.py, the wire is
gateway/smtp/connection.py, what all sessions share is gateway/smtp/service.py.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import ClassVar

from gateway.core.candidate import mask
from gateway.core.network import is_within, source_of
from gateway.core.path import PathError
from gateway.errors import TryLaterError, reply_for
from gateway.reply import Reply
from gateway.smtp.certificate import shown_certificate
from gateway.smtp.client import Client
from gateway.smtp.connection import BadLineError, SmtpConnection, describe
from gateway.smtp.entry import LOGIN_FIRST, is_known
from gateway.smtp.hand_over import status_of
from gateway.smtp.hop import MOST_AT_ONCE
from gateway.smtp.limits import CommandCounts
from gateway.smtp.login import MECHANISMS, LoginError, log_in, read_credentials
from gateway.smtp.reader import NoRoomError, TooLongError
from gateway.smtp.service import Service
from gateway.smtp.transaction import (
    EHLO_FIRST,
    NO_ROOM,
    TOO_LARGE,
    Transaction,
    begin_transaction,
)
from gateway.smtp.xforward import ATTRIBUTES, UNKNOWN, XforwardError, read_xforward

log = logging.getLogger(__name__)

_OK = Reply(250, "2.0.0 OK")
_SYNTAX = Reply(501, "5.5.4 Syntax error in parameters")
_MAIL_FIRST = Reply(503, "5.5.1 MAIL first")


class SmtpSession(SmtpConnection):
    """One client: obeys its commands, and hands whole mails to the relay."""

    def __init__(
        self, service: Service, loop: asyncio.AbstractEventLoop, *, begins_with_tls: bool = False
    ) -> None:
        """Prepare for one client; `begins_with_tls`: TLS from the first byte (RFC 8314)."""
        super().__init__(service.settings, loop)
        self._service = service
        self._begins_with_tls = begins_with_tls
        self._client = Client()
        self._source: str | None = None  # the key under which limits count this client
        self._transaction: Transaction | None = None
        self._counts = CommandCounts(service.settings)

    @property
    def has_mail_in_hand(self) -> bool:
        """Whether a mail transaction is open."""
        return self._transaction is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a new connection."""
        self._service.sessions.add(self)
        super().connection_made(transport)
        self._client.peer = self._peer

    def connection_lost(self, error: Exception | None) -> None:
        """End the session; a mail that is being handed over is handed over all the same."""
        self._leave()
        super().connection_lost(error)

    def _forget(self) -> None:
        self._end_transaction()
        self._client.forget()

    def _leave(self) -> None:
        """Stop counting this session anywhere."""
        self._service.sessions.discard(self)
        if self._source is not None:
            self._service.limits.peers.leave(self._source)
            self._source = None
        for company_id in self._client.counted:
            self._service.limits.companies.leave(company_id)
        self._client.counted.clear()

    def _end_transaction(self) -> None:
        self._client.origin = UNKNOWN
        if self._transaction is not None:
            self._transaction.abandon()
            self._transaction = None

    async def _begin(self) -> bool:
        await self._learn_peer()
        refusal = self._enter()
        if refusal is not None:
            self._turn_away(refusal)
            return False
        if self._begins_with_tls:
            await self._begin_tls(self._service.tls_context())
            self._note_encryption()
        self._say(Reply(220, f"{self.hostname} ESMTP Career Relay"))
        return True

    async def _learn_peer(self) -> None:
        """Learn who the client is before a word is said."""
        if is_within(self._peer, self._service.settings.proxy_from):
            await self._read_proxy()
            self._client.peer = self._peer

    def _note_encryption(self) -> None:
        self._client.is_secure = True
        if self._service.tls is not None and self.transport is not None:
            self._client.certificate = shown_certificate(
                self.transport.get_extra_info("ssl_object"), self._service.tls.authorities
            )

    def _enter(self) -> Reply | None:
        """Count this session; return the refusal if it may not stay.

        Counted before TLS that comes first: else one address could hold every connection there may
        be in handshakes that it never ends.
        """
        source = source_of(self._client.peer)
        if self._service.is_full:
            log.warning("too many connections: peer=%s", self._client.peer)
            return Reply(421, "4.3.2 Too many connections, try again later")
        if not self._service.limits.peers.enter(source):
            log.warning("too many connections of one address: peer=%s", self._client.peer)
            return Reply(421, "4.7.0 Too many connections from your address, try again later")
        self._source = source
        return None

    def _turn_away(self, refusal: Reply) -> None:
        """Say why the client may not stay, where it can be said: not before TLS is there."""
        if not self._begins_with_tls:
            self._cut(refusal)

    async def _obey_next(self) -> None:
        self._client.about = None
        try:
            verb, _, arg = (await self._next_line()).partition(b" ")
        except BadLineError as error:
            self._counts.count(is_idle=True)
            self._answer("line", error.reply)
            return
        name = verb.upper().decode("ascii", "replace")
        command = self._COMMANDS.get(name, SmtpSession._unknown)
        try:
            flood = self._counts.count(is_idle=name != "RCPT" or self._gets_nowhere)
            reply = flood or await command(self, arg.strip(b" "))
        except (OSError, EOFError):
            raise  # the client is gone; a lost next hop is a TryLaterError
        except Exception as error:  # noqa: BLE001  never 5yz, never the exception's text
            reply = _reply_to(name, error)
        self._answer(name, reply)

    def _answer(self, name: str, reply: Reply | None) -> None:
        """Say the reply to command `name`, None when it is answered already."""
        if reply is not None:
            if reply.code >= 400:
                reply = self._counts.judge(name, reply)
                self._is_leaving |= reply.code == 421
                self._log_refusal(name, reply)
            self._say(reply)
        if self._is_draining and not self.has_mail_in_hand and not self._is_leaving:
            self._say(Reply(421, "4.3.2 Service shutting down"))
            self._is_leaving = True

    @property
    def _gets_nowhere(self) -> bool:
        """Whether one more recipient makes no progress with any mail."""
        return self._transaction is None or self._transaction.is_hopeless

    def _log_refusal(self, name: str, reply: Reply) -> None:
        log.info(
            "refused: %s %d %s peer=%s company=%s %s",
            name if name in self._COMMANDS else "command",
            reply.code,
            status_of(reply),
            self._client.peer,
            self._client.company_id,
            mask(self._client.about.address) if self._client.about else "",
        )

    # Who is there

    async def _ehlo(self, arg: bytes) -> Reply:
        refusal = self._greet(arg, is_extended=True)
        if refusal is not None:
            return refusal
        offers = [self.hostname, "PIPELINING", f"SIZE {self._service.settings.max_message_bytes}"]
        offers += ["8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        if self._service.settings.offer_dsn:
            offers.append("DSN")
        if self._service.tls is not None and not self.is_secure:
            offers.append("STARTTLS")
        if self._may_log_in:
            offers.append("AUTH " + " ".join(MECHANISMS))
        if self._is_forwarder:
            offers.append("XFORWARD " + " ".join(ATTRIBUTES))
        return Reply(250, "\n".join([*offers, "HELP"]))

    async def _hello(self, arg: bytes) -> Reply:
        return self._greet(arg, is_extended=False) or Reply(250, self.hostname)

    def _greet(self, arg: bytes, *, is_extended: bool) -> Reply | None:
        if not 0 < len(arg) <= 255:
            return _SYNTAX
        self._end_transaction()
        self._client.helo, self._client.is_extended = arg, is_extended
        return None

    @property
    def _may_log_in(self) -> bool:
        return self.is_secure or self._service.may_log_in_clear

    @property
    def _is_forwarder(self) -> bool:
        return is_within(self._client.peer, self._service.settings.xforward_from)

    async def _xforward(self, arg: bytes) -> Reply:
        if not self._is_forwarder:
            return Reply(550, "5.7.0 XFORWARD not allowed")
        if self.has_mail_in_hand:
            return Reply(503, "5.5.1 XFORWARD not allowed within a mail")
        try:
            self._client.origin = read_xforward(arg, self._client.origin)
        except XforwardError as error:
            return error.reply
        return _OK

    async def _starttls(self, arg: bytes) -> Reply | None:
        if arg:
            return _SYNTAX
        if self._service.tls is None:
            return Reply(502, "5.5.1 TLS not offered")
        if self.is_secure:
            return Reply(503, "5.5.1 TLS is on already")
        await self._start_tls(self._service.tls_context())
        self._note_encryption()
        return None

    async def _auth(self, arg: bytes) -> Reply:
        if not self._client.is_extended:
            return EHLO_FIRST
        if self._client.login is not None or self.has_mail_in_hand:
            return Reply(503, "5.5.1 AUTH not allowed now")
        if not self._may_log_in:
            return Reply(538, "5.7.11 Encryption required: STARTTLS first")
        try:
            credentials = await read_credentials(arg, self._ask)
        except (LoginError, BadLineError) as error:
            return error.reply
        reply = await log_in(self._service, self._client, credentials)
        if reply.is_positive:
            self._progress()
        return reply

    async def _ask(self, challenge: Reply) -> bytes:
        self._say(challenge)
        return await self._next_line()

    # A mail

    async def _mail(self, arg: bytes) -> Reply:
        if self.has_mail_in_hand:
            return Reply(503, "5.5.1 Nested MAIL")
        began_at = self.loop.time()
        try:
            self._transaction, reply = await begin_transaction(
                self._service, self._client, arg, self._recipients_ahead()
            )
        finally:
            self._excuse(began_at)
        if self._transaction is not None:
            self._progress()
        return reply

    async def _rcpt(self, arg: bytes) -> Reply:
        if self._transaction is None:
            return self._refuse_without_mail()
        began_at = self.loop.time()
        try:
            reply = await self._transaction.rcpt(arg, self._recipients_ahead)
        finally:
            self._excuse(began_at)
        if reply.is_positive:
            self._progress()
        return reply

    def _recipients_ahead(self) -> list[bytes]:
        return self._arguments_ahead(b"RCPT", MOST_AT_ONCE - 1)

    async def _data(self, arg: bytes) -> Reply:
        if self._transaction is None:
            return self._refuse_without_mail()
        if arg:
            return _SYNTAX
        try:
            refusal = self._transaction.refuse_data()
        except TryLaterError:
            self._end_transaction()
            raise
        if refusal is not None:
            return refusal
        self._say(Reply(354, "End data with <CR><LF>.<CR><LF>"))
        try:
            uploaded = await self._upload(
                self._service.settings.max_message_bytes, self._transaction.memory.resize
            )
        except (TooLongError, NoRoomError) as error:
            self._end_transaction()
            return TOO_LARGE if isinstance(error, TooLongError) else NO_ROOM
        transaction, self._transaction = self._transaction, None  # may outlive this session
        reply = await transaction.take(uploaded)
        self._client.origin = UNKNOWN  # XFORWARD spoke of this mail alone
        self._counts.mail_done()
        self._progress()
        return reply

    def _refuse_without_mail(self) -> Reply:
        known = is_known(self._service.directory, self._client)
        return _MAIL_FIRST if known else LOGIN_FIRST

    # The rest

    async def _rset(self, arg: bytes) -> Reply:
        if arg:
            return _SYNTAX
        self._end_transaction()
        return _OK

    async def _noop(self, _: bytes) -> Reply:
        return _OK

    async def _quit(self, arg: bytes) -> Reply:
        if arg:
            return _SYNTAX
        self._is_leaving = True
        return Reply(221, "2.0.0 Bye")

    async def _help(self, _: bytes) -> Reply:
        return Reply(214, "2.0.0 Commands: " + " ".join(self._COMMANDS))

    async def _vrfy(self, _: bytes) -> Reply:
        return Reply(252, "2.0.0 Send some mail and see")  # RFC 5321 section 3.5.3

    async def _expn(self, _: bytes) -> Reply:
        return Reply(502, "5.5.1 EXPN not implemented")

    async def _unknown(self, _: bytes) -> Reply:
        return Reply(500, "5.5.1 Command not recognized")

    async def _etrn(self, _: bytes) -> Reply:
        return Reply(502, "5.5.1 ETRN not implemented: there is no queue here")

    _COMMANDS: ClassVar[Mapping[str, "Command"]] = MappingProxyType(
        {
            "EHLO": _ehlo,
            "HELO": _hello,
            "STARTTLS": _starttls,
            "AUTH": _auth,
            "MAIL": _mail,
            "RCPT": _rcpt,
            "DATA": _data,
            "RSET": _rset,
            "NOOP": _noop,
            "QUIT": _quit,
            "HELP": _help,
            "VRFY": _vrfy,
            "EXPN": _expn,
            "ETRN": _etrn,
            "XFORWARD": _xforward,
        }
    )


Command = Callable[[SmtpSession, bytes], Awaitable[Reply | None]]


def _reply_to(name: str, error: Exception) -> Reply:
    """Return the reply to command `name`, which raised `error`."""
    if isinstance(error, PathError):
        return Reply(error.code, error.text)
    if not isinstance(error, TryLaterError):
        log.error("%s failed: %s", name, describe(error))
    return reply_for(error)
