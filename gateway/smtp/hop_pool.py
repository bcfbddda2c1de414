"""The connections of one route: how many there may be, which are kept, which host is next."""

import asyncio
import logging

from gateway.errors import CareerRelayError, NextHopBusyError, NextHopLostError
from gateway.hops import Route
from gateway.keys.sealing import Seal
from gateway.outages import Outages
from gateway.settings import HostPort
from gateway.smtp.hop import HopConnection, HopTimeouts
from gateway.smtp.hop_open import LOGIN_HINT, LoginRefusedError, open_hop
from gateway.smtp.hop_tls import Security, open_security

log = logging.getLogger(__name__)

_PROBE_AFTER_SECONDS = 10.0
_PROBE_SECONDS = 5.0
_AVOID_SECONDS = 60.0
"""For this long a host that took no connection is tried after the others, and one that refused the
login not at all. Changed settings make a new pool, so they are tried at once."""

_ANSWERED_WITHIN_SECONDS = 7.0
"""A host that has not connected or answered for longer than this counts as failing; servers that
make clients wait on purpose take some six seconds."""

_ONE_BY_ONE_SECONDS = 3600.0
"""For this long a host that left commands sent together unanswered gets them one by one."""


class RoutePool:
    """All connections to one company's next hops.

    A mail leases one from MAIL to the end of its transaction; if none is free it waits in line.
    """

    def __init__(
        self,
        route: Route,
        hostname: str,
        timeouts: HopTimeouts,
        seal: Seal,
        outages: Outages | None = None,
    ) -> None:
        self.route = route
        self._hostname = hostname
        self._timeouts = timeouts
        self._seal = seal
        self._outages = outages
        self._security: Security | None = None
        self._free = asyncio.Semaphore(route.settings.most_connections)
        self._idle: list[HopConnection] = []
        self._open: set[HopConnection] = set()
        self._failed_at: dict[HostPort, float] = {}
        self._refused: set[HostPort] = set()
        self._unanswered_at: dict[HostPort, float] = {}
        self._is_retired = False

    async def lease(self, *, is_fresh: bool = False) -> HopConnection:
        """Return a connection for one mail; give_back() must follow.

        is_fresh  a new one, since an old one has just turned out dead

        Raises NextHopLostError when no host is reachable, NextHopBusyError.
        """
        if self._free.locked():
            await self._wait_in_line()
        else:
            await self._free.acquire()  # at once: no timer is needed
        try:
            idle = None if is_fresh else await self._take_idle()
            return idle or await self._connect()
        except BaseException:
            self._free.release()
            raise

    def give_back(self, connection: HopConnection) -> None:
        """Keep `connection` for the next mail, or close it when it has done enough or is lost."""
        self._free.release()
        settings = self.route.settings
        if not connection.is_in_step:
            connection.close()
        elif self._is_retired or connection.mails >= settings.mails_per_connection:
            self._let_go(connection)
        else:
            self._idle.append(connection)
            connection.lie_idle(settings.idle_seconds, self._retire_one)

    def takes_together(self, host: HostPort) -> bool:
        """Tell whether `host` may be told several commands at once, if it offers PIPELINING."""
        at = self._unanswered_at.get(host)
        return at is None or asyncio.get_running_loop().time() > at + _ONE_BY_ONE_SECONDS

    def note_unanswered(self, host: HostPort) -> None:
        """Note that `host` left or fell silent during commands sent together: some lose them."""
        log.warning("company %d: next hop %s gets commands singly", self.route.company_id, host)
        self._unanswered_at[host] = asyncio.get_running_loop().time()

    def note_failed(self, host: HostPort, cause: str) -> None:
        """Note that `host` did not take a mail; `cause` holds nothing that the host wrote."""
        if self._outages is not None:
            self._outages.failed(self.route.company_id, host, cause)

    def note_given_up(self, host: HostPort, since: float) -> bool:
        """Note that the client left while `host` was silent; return whether that counts as failing.

        Many clients wait ten seconds, not minutes, so a silent host would otherwise never be noted.

        since  when it was asked, by the event loop's clock
        """
        was_silent = asyncio.get_running_loop().time() - since > _ANSWERED_WITHIN_SECONDS
        if was_silent:
            self.note_failed(host, "no answer before the sender gave up")
        return was_silent

    def note_taken(self, host: HostPort) -> None:
        """Note that `host` took a mail."""
        if self._outages is not None:
            self._outages.taken(self.route.company_id, host)

    def retire(self) -> None:
        """Close what is idle now and the rest when it comes back: the settings have changed."""
        self._is_retired = True
        for connection in self._idle:
            self._let_go(connection)
        self._idle.clear()

    async def close(self) -> None:
        """Close every connection; return when all are closed, also those let go earlier."""
        self.retire()
        closing = list(self._open)
        for connection in closing:
            connection.close()
        await asyncio.gather(*(connection.wait_closed() for connection in closing))

    async def _wait_in_line(self) -> None:
        try:
            async with asyncio.timeout(self._timeouts.turn):
                await self._free.acquire()
        except TimeoutError:
            log.warning("company %d: no free connection to its next hop", self.route.company_id)
            raise NextHopBusyError from None

    async def _take_idle(self) -> HopConnection | None:
        while self._idle:
            connection = self._idle.pop()
            seconds = connection.wake_up()
            is_recent = seconds < _PROBE_AFTER_SECONDS  # then it is assumed to be there still
            if connection.looks_alive and (is_recent or await self._answers(connection)):
                return connection
            connection.close()
        return None

    async def _answers(self, connection: HopConnection) -> bool:
        """Tell whether the next hop is still there."""
        try:
            await connection.probe(_PROBE_SECONDS)
        except NextHopLostError:
            return False
        return True

    async def _connect(self) -> HopConnection:
        """Return a new connection to the first host that takes one."""
        host, loop = self.route.hosts[0], asyncio.get_running_loop()
        began_at = loop.time()
        try:
            async with asyncio.timeout(self._timeouts.command):
                security = await self._open_security()
                for host in self._hosts():
                    began_at = loop.time()
                    connection = await self._try(host, security)
                    if connection is not None:
                        return connection
        except TimeoutError:
            log.warning("company %d: its next hops took too long", self.route.company_id)
            self._failed_at[host] = loop.time()
            self.note_failed(host, "timed out")
        except asyncio.CancelledError:  # the client has left
            if self.note_given_up(host, began_at):
                self._failed_at[host] = loop.time()  # the next mail asks another one first
            raise
        raise NextHopLostError("no next hop takes a connection")

    def _hosts(self) -> list[HostPort]:
        """Return the hosts in their order, those that have just failed behind the others."""
        avoid = asyncio.get_running_loop().time() - _AVOID_SECONDS
        failed = {host for host, at in self._failed_at.items() if at > avoid}
        hosts = (host for host in self.route.hosts if host not in failed & self._refused)
        return sorted(hosts, key=failed.__contains__)

    async def _try(self, host: HostPort, security: Security) -> HopConnection | None:
        try:
            connection = await open_hop(host, security, self._hostname, self._timeouts)
        except NextHopLostError as error:
            log.warning("company %d: next hop %s: %s", self.route.company_id, host, error)
            self._failed_at[host] = asyncio.get_running_loop().time()
            self.note_failed(host, str(error).removesuffix(LOGIN_HINT))
            if isinstance(error, LoginRefusedError):
                self._refused.add(host)
            return None
        self._failed_at.pop(host, None)
        self._refused.discard(host)
        self._open.add(connection)
        connection.when_closed(self._open.discard)
        return connection

    async def _open_security(self) -> Security:
        if self._security is None:
            company_id, settings = self.route.company_id, self.route.settings
            try:
                self._security = await asyncio.to_thread(
                    open_security, company_id, settings, self._seal
                )
            except CareerRelayError as error:
                log.error("company %d: next hop not usable: %s", company_id, error)  # noqa: TRY400
                self.note_failed(self.route.hosts[0], "settings not usable")
                raise NextHopLostError("settings not usable") from None
        return self._security

    def _retire_one(self, connection: HopConnection) -> None:
        self._idle.remove(connection)
        self._let_go(connection)

    def _let_go(self, connection: HopConnection) -> None:
        connection.quit()
        connection.close()
