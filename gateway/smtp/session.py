"""One client's SMTP dialogue (RFC 5321): which command may come now, and what it does.

What a mail may be and where it goes is gateway/smtp/transaction.py, the wire is
gateway/smtp/connection.py, what all sessions share is gateway/smtp/service.py.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import ClassVar

from gateway.core.path import PathError
from gateway.errors import TryLaterError, reply_for
from gateway.reply import Reply
from gateway.smtp.client import Client
from gateway.smtp.connection import BadLineError, SmtpConnection, describe
from gateway.smtp.hand_over import status_of
from gateway.smtp.login import MECHANISMS, LoginError, read_credentials
from gateway.smtp.reader import TooLongError
from gateway.smtp.service import Service
from gateway.smtp.transaction import (
    EHLO_FIRST,
    LOGIN_FIRST,
    TOO_LARGE,
    Transaction,
    begin_transaction,
)

log = logging.getLogger(__name__)

_MOST_IDLE_COMMANDS = 100  # between two mails, as Postfix's smtpd_junk_command_limit
_MOST_LOGIN_FAILURES = 3
_LOGIN_PAUSE_SECONDS = 0.5  # times the failures so far

_OK = Reply(250, "2.0.0 OK")
_SYNTAX = Reply(501, "5.5.4 Syntax error in parameters")
_MAIL_FIRST = Reply(503, "5.5.1 MAIL first")


class SmtpSession(SmtpConnection):
    """One client: obeys its commands, and hands whole mails to the relay."""

    def __init__(self, service: Service, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(service.settings, loop)
        self._service = service
        self._client = Client()
        self._login_failures = 0
        self._transaction: Transaction | None = None
        self._idle_commands = 0

    @property
    def has_mail_in_hand(self) -> bool:
        """Whether a mail transaction is open."""
        return self._transaction is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a new connection, or the encrypted one that STARTTLS made of it."""
        self._service.sessions.add(self)
        super().connection_made(transport)
        self._client.peer, self._client.is_secure = self._peer, self.is_secure

    def connection_lost(self, error: Exception | None) -> None:
        """End the session; a mail that is being handed over is handed over all the same."""
        self._service.sessions.discard(self)
        super().connection_lost(error)

    def _forget(self) -> None:
        self._end_transaction()
        self._client.forget()

    def _end_transaction(self) -> None:
        if self._transaction is not None:
            self._transaction.abandon()
            self._transaction = None

    async def _serve(self) -> None:
        if len(self._service.sessions) > self._service.settings.max_connections:
            log.warning("too many connections: peer=%s", self._peer)
            self._cut(Reply(421, "4.3.2 Too many connections, try again later"))
            return
        self._say(Reply(220, f"{self.hostname} ESMTP Career Relay"))
        try:
            while not self._is_leaving:
                await self._obey_next()
            self._reset_timeout()
            await self._flush()
        finally:
            self._service.sessions.discard(self)

    async def _obey_next(self) -> None:
        self._client.about = ""
        try:
            verb, _, arg = (await self._next_line()).partition(b" ")
        except BadLineError as error:
            reply: Reply | None = error.reply
            name = "line"
            self._idle_commands += 1
        else:
            name = verb.upper().decode("ascii", "replace")
            reply = await self._obey(name, arg.strip(b" "))
        if reply is not None:
            self._say(reply)
            if reply.code >= 400:
                self._log_refusal(name, reply)
        if self._is_draining and not self.has_mail_in_hand and not self._is_leaving:
            self._say(Reply(421, "4.3.2 Service shutting down"))
            self._is_leaving = True

    async def _obey(self, name: str, arg: bytes) -> Reply | None:
        """Return the reply to command `name`, None when it is answered already."""
        if self._is_flood(name):
            self._is_leaving = True
            return Reply(421, "4.7.0 Too many commands without a mail")
        command = self._COMMANDS.get(name)
        if command is None:
            return Reply(500, "5.5.1 Command not recognized")
        try:
            return await command(self, arg)
        except PathError as error:
            return Reply(error.code, error.text)
        except (OSError, EOFError):
            raise  # the client is gone: NextHopLostError is neither
        except TryLaterError as error:
            return reply_for(error)
        except Exception as error:  # noqa: BLE001  never 5yz, never the exception's text
            log.error("%s failed: %s", name, describe(error))  # noqa: TRY400
            return reply_for(error)

    def _is_flood(self, name: str) -> bool:
        """Count a command that brings no mail forward; tell whether there were too many."""
        if name != "RCPT" or self._transaction is None or self._transaction.is_hopeless:
            self._idle_commands += 1
        return self._idle_commands > _MOST_IDLE_COMMANDS

    def _log_refusal(self, name: str, reply: Reply) -> None:
        log.info(
            "refused: %s %d %s peer=%s company=%s %s",
            name if name in self._COMMANDS else "command",
            reply.code,
            status_of(reply),
            self._client.peer,
            self._client.company_id,
            self._client.about,
        )

    # Who is there

    async def _ehlo(self, arg: bytes) -> Reply:
        refusal = self._greet(arg, is_extended=True)
        if refusal is not None:
            return refusal
        offers = [self.hostname, "PIPELINING", f"SIZE {self._service.settings.max_message_bytes}"]
        offers += ["8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        if self._service.tls is not None and not self.is_secure:
            offers.append("STARTTLS")
        if self._may_log_in:
            offers.append("AUTH " + " ".join(MECHANISMS))
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

    async def _starttls(self, arg: bytes) -> Reply | None:
        if arg:
            return _SYNTAX
        if self._service.tls is None:
            return Reply(502, "5.5.1 TLS not offered")
        if self.is_secure:
            return Reply(503, "5.5.1 TLS is on already")
        await self._start_tls(self._service.tls())
        return None

    async def _auth(self, arg: bytes) -> Reply:
        if not self._client.is_extended:
            return EHLO_FIRST
        if self._client.record is not None or self.has_mail_in_hand:
            return Reply(503, "5.5.1 AUTH not allowed now")
        if not self._may_log_in:
            return Reply(538, "5.7.11 Encryption required: STARTTLS first")
        try:
            credentials = await read_credentials(arg, self._ask)
            found = await self._service.directory.authenticate(
                credentials.user, credentials.password
            )
        except (LoginError, BadLineError) as error:
            return error.reply
        except TryLaterError:
            return Reply(454, "4.7.0 Temporary authentication failure")  # RFC 4954 section 6
        if found is None:
            return await self._refuse_login()
        self._client.record = found
        self._progress()
        return Reply(235, "2.7.0 Authentication successful")

    async def _ask(self, challenge: Reply) -> bytes:
        self._say(challenge)
        return await self._next_line()

    async def _refuse_login(self) -> Reply:
        self._login_failures += 1
        await asyncio.sleep(_LOGIN_PAUSE_SECONDS * self._login_failures)
        if self._login_failures >= _MOST_LOGIN_FAILURES:
            self._is_leaving = True
            return Reply(421, "4.7.0 Too many failed logins")
        return Reply(535, "5.7.8 Authentication credentials invalid")

    # A mail

    async def _mail(self, arg: bytes) -> Reply:
        if self.has_mail_in_hand:
            return Reply(503, "5.5.1 Nested MAIL")
        self._transaction, reply = await begin_transaction(self._service, self._client, arg)
        if self._transaction is not None:
            self._progress()
        return reply

    async def _rcpt(self, arg: bytes) -> Reply:
        if self._transaction is None:
            return self._refuse_without_mail()
        reply = await self._transaction.rcpt(arg)
        if reply.is_positive:
            self._progress()
        return reply

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
            raw = await self._upload(self._service.settings.max_message_bytes)
        except TooLongError:
            self._end_transaction()
            return TOO_LARGE
        transaction, self._transaction = self._transaction, None  # it outlives this session now
        reply = await transaction.take(raw)
        self._idle_commands = 0
        self._progress()
        return reply

    def _refuse_without_mail(self) -> Reply:
        return _MAIL_FIRST if self._client.record else LOGIN_FIRST

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
        }
    )


Command = Callable[[SmtpSession, bytes], Awaitable[Reply | None]]
