"""The SMTP front door: listen, count who is connected, and drain before closing."""

import asyncio
import errno

from gateway.errors import SettingError, TakenError
from gateway.nexthop import NextHopPool
from gateway.settings import HostPort, Settings
from gateway.smtp.received import Directory, ReceivedMail, Relay
from gateway.smtp.service import Limits, Service, limits_of
from gateway.smtp.session import SmtpSession
from gateway.smtp.tls import TlsSource

__all__ = ["Directory", "ReceivedMail", "Relay", "SmtpListener", "start_smtp"]


class SmtpListener:
    """The listening socket and the sessions that came through it."""

    def __init__(self, servers: list[asyncio.Server], service: Service) -> None:
        """Keep the servers; the first speaks plain SMTP, with STARTTLS where it is offered."""
        self._servers = servers
        self._service = service
        self.address, *others = map(_address, servers)
        self.tls_address = others[0] if others else None

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
        dialogues = [session.task for session in self._service.sessions]
        running = {task for task in dialogues if task} | self._service.hand_overs
        if running:
            await asyncio.wait(running)


async def start_smtp(
    settings: Settings,
    directory: Directory,
    relay: Relay,
    hops: NextHopPool,
    tls: TlsSource | None,
) -> SmtpListener:
    """Listen on `settings.smtp_listen` (port 0: any free one) and return the listener.

    tls  what STARTTLS offers; without it only a loopback listener lets companies log in

    Raises TakenError when the port is in use, SettingError when there is no such address.
    """
    service = Service(
        settings=settings,
        directory=directory,
        relay=relay,
        hops=hops,
        tls=tls,
        may_log_in_clear=settings.smtp_listen.is_loopback,
        limits=limits_of(settings),
    )
    servers = [await _listen(service, settings.smtp_listen, "SMTP_LISTEN")]
    try:
        if settings.smtps_listen is not None:
            servers.append(await _listen(service, settings.smtps_listen, "SMTPS_LISTEN"))
    except BaseException:
        servers[0].close()
        raise
    return SmtpListener(servers, service)


async def _listen(service: Service, listen: HostPort, setting: str) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    with_tls = setting == "SMTPS_LISTEN"
    try:
        return await loop.create_server(
            lambda: SmtpSession(service, loop, begins_with_tls=with_tls), *listen, backlog=1024
        )
    except OSError as error:
        raise _explain(listen, setting, error) from None


def _address(server: asyncio.Server) -> HostPort:
    host, port = server.sockets[0].getsockname()[:2]
    return HostPort(host, port)


def _explain(listen: HostPort, setting: str, error: OSError) -> TakenError | SettingError:
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
