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

    def __init__(self, server: asyncio.Server, service: Service) -> None:
        self._server = server
        self._service = service
        host, port = server.sockets[0].getsockname()[:2]
        self.address = HostPort(host, port)

    @property
    def limits(self) -> Limits:
        """What all sessions have together, and how much of it is used."""
        return self._service.limits

    @property
    def session_count(self) -> int:
        """How many clients are connected."""
        return len(self._service.sessions)

    async def close(self, grace_seconds: float) -> None:
        """Stop accepting, say 421 to whoever has no mail in hand, let running mails finish.

        After `grace_seconds` the connections that are left are closed; a mail that was being
        handed over then is not confirmed, so its sender sends it again.
        """
        self._server.close()
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
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(
            lambda: SmtpSession(service, loop), *settings.smtp_listen, backlog=1024
        )
    except OSError as error:
        raise _explain(settings.smtp_listen, error) from None
    return SmtpListener(server, service)


def _explain(listen: HostPort, error: OSError) -> TakenError | SettingError:
    if error.errno == errno.EADDRINUSE:
        return TakenError(
            f"cannot listen on {listen}: another program does. Choose another port with "
            f"CAREER_RELAY_SMTP_LISTEN (example: CAREER_RELAY_SMTP_LISTEN={listen.host}:"
            f"{listen.port % 65535 + 1}) or --smtp-port."
        )
    return SettingError(
        f"CAREER_RELAY_SMTP_LISTEN={listen} cannot be listened on: {error.strerror}. "
        "Example: CAREER_RELAY_SMTP_LISTEN=127.0.0.1:2525"
    )
