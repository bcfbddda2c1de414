"""From a host's name to a connection that takes mail: connect, greet, TLS, login."""

import asyncio
import base64
import dataclasses
import logging

from gateway.errors import NextHopLostError
from gateway.settings import HostPort
from gateway.smtp.hop import HopConnection, HopTimeouts, explain
from gateway.smtp.hop_tls import Security
from gateway.smtp.hop_wire import HopWire, open_wire

log = logging.getLogger(__name__)

LOGIN_HINT = ": check user and password, `career-relay company hop NAME --user USER` sets them"
"""What the operator does about a login that is refused; the company has no such command."""


class LoginRefusedError(NextHopLostError):
    """The server refuses user and password: trying them again at once could lock the account."""


class _TlsFailedError(NextHopLostError):
    """The server offered TLS, but the handshake failed."""


async def open_hop(
    host: HostPort, security: Security, hostname: str, timeouts: HopTimeouts
) -> HopConnection:
    """Return a connection to `host` that takes mail.

    hostname  what EHLO says

    Raises NextHopLostError, whose text says what is wrong without any secret.
    """
    try:
        return await _open(host, security, hostname, timeouts)
    except _TlsFailedError as error:
        if security.is_required:
            raise
        log.info("next hop %s is spoken to in clear: %s", host, error)
        return await _open(host, dataclasses.replace(security, context=None), hostname, timeouts)


async def _open(
    host: HostPort, security: Security, hostname: str, timeouts: HopTimeouts
) -> HopConnection:
    wire = await _connect(host, security, timeouts)
    connection = HopConnection(host, wire, timeouts, is_encrypted=security.is_implicit)
    try:
        await connection.greet(hostname)
        await _encrypt(connection, security, hostname)
        if security.user:
            await _log_in(connection, security)
    except BaseException:
        connection.is_in_step = False  # nobody waits for what is still to be said on it
        connection.close()
        raise
    return connection


async def _connect(host: HostPort, security: Security, timeouts: HopTimeouts) -> HopWire:
    try:
        async with asyncio.timeout(timeouts.connect):
            return await open_wire(host, security.context if security.is_implicit else None)
    except (OSError, TimeoutError) as error:
        raise NextHopLostError(explain(error)) from None


async def _encrypt(connection: HopConnection, security: Security, hostname: str) -> None:
    """Start TLS when the settings want it and the server can do it."""
    if security.context is None or connection.is_encrypted:
        return
    if not connection.offers("STARTTLS"):
        if security.is_required:
            raise NextHopLostError("it does not offer STARTTLS, which the company's settings ask")
        return
    try:
        await connection.start_tls(security.context, hostname)
    except NextHopLostError as error:
        raise _TlsFailedError(str(error)) from None


async def _log_in(connection: HopConnection, security: Security) -> None:
    """Log in (RFC 4954), never in clear to another machine.

    Raises NextHopLostError.
    """
    if not (connection.is_encrypted or connection.host.is_loopback):
        raise NextHopLostError("no login: a password is not sent without TLS")
    user, password = security.user.encode(), security.password.encode()
    offered = connection.parameters_of("AUTH")
    if "PLAIN" in offered:
        answers = [b"AUTH PLAIN " + base64.b64encode(b"\0%s\0%s" % (user, password))]
    elif "LOGIN" in offered:
        answers = [b"AUTH LOGIN", base64.b64encode(user), base64.b64encode(password)]
    else:
        raise NextHopLostError("no login: it offers neither AUTH PLAIN nor LOGIN")
    for answer in answers[:-1]:
        code = (await connection.ask(answer)).code
        if code != 334:
            raise NextHopLostError(f"login refused ({code})")
    code = (await connection.ask(answers[-1])).code
    if code != 235:
        refused = LoginRefusedError if code >= 500 else NextHopLostError
        raise refused(f"login refused ({code}){LOGIN_HINT}")
    connection.is_logged_in = True
