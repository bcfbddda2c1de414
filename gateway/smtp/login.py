"""SASL PLAIN and LOGIN (RFC 4616, draft-murchison-sasl-login): what the client says, decoded."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from gateway.reply import Reply

MECHANISMS = ("PLAIN", "LOGIN")

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
