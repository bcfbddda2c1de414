"""Logging in by SASL PLAIN and LOGIN (RFC 4616, draft-murchison-sasl-login)."""

import asyncio
import base64
import binascii
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from gateway.core.network import source_of
from gateway.errors import TryLaterError
from gateway.reply import Reply
from gateway.smtp.client import Client
from gateway.smtp.limits import LoginThrottle
from gateway.smtp.service import TOO_MANY_OF_COMPANY, Service

log = logging.getLogger(__name__)

MECHANISMS = ("PLAIN", "LOGIN")

_MOST_FAILURES = 3  # in one session

_TURN_SECONDS = 0.05
"""A mail server that has just been let down opens many connections at once: those over the limit
of failures look so often whether the first ones were right."""

Ask = Callable[[Reply], Awaitable[bytes]]
"""Sends a 334 reply and returns the client's next line, without its line end."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who a client says it is."""

    user: str
    password: str = field(repr=False)


class LoginError(Exception):
    """The exchange failed before a password could be checked; `reply` says how."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply))
        self.reply = reply


async def read_credentials(arg: bytes, ask: Ask) -> Credentials:
    """Return the credentials of the exchange that `AUTH <arg>` opens (RFC 4954 section 4).

    Raises LoginError.
    """
    words = arg.split()
    if not 1 <= len(words) <= 2:
        raise LoginError(Reply(501, "5.5.4 Syntax: AUTH mechanism [initial-response]"))
    first = words[1] if len(words) == 2 else None
    match words[0].upper():
        case b"PLAIN":
            return await _read_plain(first, ask)
        case b"LOGIN":
            return await _read_login(first, ask)
    raise LoginError(Reply(504, "5.5.4 Authentication mechanism not offered"))


async def _read_plain(first: bytes | None, ask: Ask) -> Credentials:
    given = _decode(first) if first is not None else await _challenge(b"", ask)
    if given.count(b"\0") != 2:
        raise LoginError(Reply(501, "5.5.2 Malformed credentials"))
    acting_for, user, password = given.split(b"\0")
    if acting_for not in {b"", user}:  # nobody may act for another company
        raise LoginError(Reply(535, "5.7.8 Authentication credentials invalid"))
    return _credentials(user, password)


async def _read_login(first: bytes | None, ask: Ask) -> Credentials:
    user = _decode(first) if first is not None else await _challenge(b"Username:", ask)
    return _credentials(user, await _challenge(b"Password:", ask))


async def _challenge(text: bytes, ask: Ask) -> bytes:
    line = await ask(Reply(334, base64.b64encode(text).decode("ascii")))
    if line == b"*":
        raise LoginError(Reply(501, "5.7.0 Authentication cancelled"))
    return _decode(line)


def _decode(text: bytes) -> bytes:
    if text == b"=":  # an empty initial response (RFC 4954 section 4)
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise LoginError(Reply(501, "5.5.2 Not base64")) from None


def _credentials(user: bytes, password: bytes) -> Credentials:
    try:
        return Credentials(user.decode(), password.decode())
    except UnicodeDecodeError:
        raise LoginError(Reply(501, "5.5.2 Not UTF-8")) from None


async def _take_turn(logins: LoginThrottle, source: str) -> bool:
    """Begin an attempt once the limit lets it; False when it never will."""
    while True:
        may_change = logins.is_checking(source)  # asked first: another process may end one now
        if logins.begin(source):
            return True
        if not may_change:
            return False
        await asyncio.sleep(_TURN_SECONDS)


async def log_in(service: Service, client: Client, credentials: Credentials) -> Reply:
    """Return the answer to a login, in the same time whatever was wrong with it."""
    logins, source = service.limits.logins, source_of(client.peer)
    if not await _take_turn(logins, source):
        log.warning("logins refused after too many failures: peer=%s", client.peer)
        return Reply(421, "4.7.0 Too many failed logins from your address, try again later")
    try:
        found = await service.directory.authenticate(credentials.user, credentials.password)
    except TryLaterError:
        logins.undecided(source)
        return Reply(454, "4.7.0 Temporary authentication failure")  # RFC 4954 section 6
    except BaseException:  # the client has left, and may have guessed
        logins.failed(source)
        raise
    if found is None:
        logins.failed(source)
        client.login_failures += 1
        await asyncio.sleep(logins.pause_seconds(source))
        if client.login_failures >= _MOST_FAILURES:
            return Reply(421, "4.7.0 Too many failed logins")
        return Reply(535, "5.7.8 Authentication credentials invalid")
    logins.succeeded(source)
    if not service.count_company(client, found.record):
        return TOO_MANY_OF_COMPANY
    client.login = found
    return Reply(235, "2.7.0 Authentication successful")
