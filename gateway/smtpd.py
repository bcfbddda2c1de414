"""The SMTP front door: listen, count who is connected, and drain before closing."""

import asyncio
import errno
import socket
from dataclasses import dataclass
from typing import Any

from gateway.board import Gauge, Seat, alone
from gateway.errors import SettingError, TakenError
from gateway.nexthop import NextHopPool
from gateway.settings import HostPort, Settings
from gateway.smtp.received import Directory, ReceivedMail, Relay
from gateway.smtp.service import Limits, Service, limits_of
from gateway.smtp.session import SmtpSession
from gateway.smtp.tls import TlsSource

__all__ = ["BACKLOG", "Directory", "ReceivedMail", "Relay", "Shared", "SmtpListener", "start_smtp"]

BACKLOG = 1024
"""Connections that may wait to be accepted, on each listening socket."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What the processes of one gateway share.

    smtp, smtps  listening sockets from which each process takes connections
    """

    seat: Seat
    smtp: tuple[socket.socket, ...]
    smtps: tuple[socket.socket, ...] = ()


class SmtpListener:
    """The listening socket and the sessions that came through it."""

    def __init__(
        self, plain: list[asyncio.Server], encrypted: list[asyncio.Server], service: Service
    ) -> None:
        """Keep the servers: `plain` (STARTTLS where it is offered) and `encrypted` (SMTPS)."""
        self._servers = [*plain, *encrypted]
        self._service = service
        self.address = _address(plain[0])
        self.tls_address = _address(encrypted[0]) if encrypted else None
        self.seat.tell(Gauge.SERVING, 1)

    @property
    def seat(self) -> Seat:
        """Where the gateway's processes tell each other."""
        return self._service.seat

    @property
    def limits(self) -> Limits:
        """What all sessions have together, and how much of it is used."""
        return self._service.limits

    @property
    def session_count(self) -> int:
        """How many clients are connected."""
        return len(self._service.sessions)

    @property
    def mails_in_hand(self) -> int:
        """How many mails are on their way to a next hop."""
        return len(self._service.hand_overs)

    async def close(self, grace_seconds: float) -> None:
        """Stop accepting, say 421 to whoever has no mail in hand, let running mails finish.

        After `grace_seconds` the connections that are left are closed; a mail that was being
        handed over then is not confirmed, so its sender sends it again.
        """
        self.seat.tell(Gauge.SERVING, 0)
        for server in self._servers:
            server.close()
        for session in list(self._service.sessions):
            session.drain()
        try:
            async with asyncio.timeout(grace_seconds):
                await self._all_done()
        except TimeoutError:
            for session in list(self._service.sessions):
                session.abort()
            for task in self._service.hand_overs:
                task.cancel()
            await asyncio.gather(*self._service.hand_overs, return_exceptions=True)

    async def _all_done(self) -> None:
        # In a loop: a session that ends may leave a hand-over behind that began meanwhile.
        while running := self._running():
            await asyncio.wait(running)

    def _running(self) -> set[asyncio.Task[Any]]:
        dialogues = {session.task for session in self._service.sessions}
        return {task for task in dialogues | self._service.hand_overs if task and not task.done()}


async def start_smtp(
    settings: Settings,
    directory: Directory,
    relay: Relay,
    hops: NextHopPool,
    tls: TlsSource | None,
    shared: Shared | None = None,
) -> SmtpListener:
    """Listen on `settings.smtp_listen` (port 0: any free one) and return the listener.

    tls     what STARTTLS offers; without it only a loopback listener lets companies log in
    shared  sockets that already listen, instead of those addresses

    Raises TakenError when the port is in use, SettingError when there is no such address.
    """
    seat = alone() if shared is None else shared.seat
    service = Service(
        settings=settings,
        directory=directory,
        relay=relay,
        hops=hops,
        tls=tls,
        may_log_in_clear=settings.smtp_listen.is_loopback,
        limits=limits_of(settings, seat),
        seat=seat,
    )
    if shared is not None:
        plain = [await _take_from(service, bound, with_tls=False) for bound in shared.smtp]
        encrypted = [await _take_from(service, bound, with_tls=True) for bound in shared.smtps]
        return SmtpListener(plain, encrypted, service)
    plain = [await _listen(service, settings.smtp_listen, "SMTP_LISTEN")]
    try:
        encrypted = []
        if settings.smtps_listen is not None:
            encrypted = [await _listen(service, settings.smtps_listen, "SMTPS_LISTEN")]
    except BaseException:
        plain[0].close()
        raise
    return SmtpListener(plain, encrypted, service)


async def _listen(service: Service, listen: HostPort, setting: str) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    with_tls = setting == "SMTPS_LISTEN"
    try:
        return await loop.create_server(
            lambda: SmtpSession(service, loop, begins_with_tls=with_tls), *listen, backlog=BACKLOG
        )
    except OSError as error:
        raise explain(listen, setting, error) from None


async def _take_from(service: Service, bound: socket.socket, *, with_tls: bool) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: SmtpSession(service, loop, begins_with_tls=with_tls), sock=bound, backlog=BACKLOG
    )


def _address(server: asyncio.Server) -> HostPort:
    host, port = server.sockets[0].getsockname()[:2]
    return HostPort(host, port)


def explain(listen: HostPort, setting: str, error: OSError) -> TakenError | SettingError:
    """Return the error to show when `listen`, set by `setting`, cannot be had."""
    name = f"CAREER_RELAY_{setting}"
    if error.errno == errno.EADDRINUSE:
        option = " or --smtp-port" if setting == "SMTP_LISTEN" else ""
        return TakenError(
            f"cannot listen on {listen}: another program does. Choose another port with "
            f"{name} (example: {name}={listen.host}:{listen.port % 65535 + 1}){option}."
        )
    return SettingError(
        f"{name}={listen} cannot be listened on: {error.strerror}. Example: {name}=127.0.0.1:2525"
    )
