"""What all sessions of a listener share."""

import asyncio
import logging
import time
from dataclasses import dataclass, field
from ssl import SSLContext

from gateway.board import Gauge, Kind, Seat
from gateway.nexthop import NextHopPool
from gateway.reply import Reply
from gateway.settings import Settings
from gateway.smtp.client import Client
from gateway.smtp.connection import SmtpConnection
from gateway.smtp.limits import LoginThrottle, MessageMemory, Tally
from gateway.smtp.received import Directory, Relay
from gateway.smtp.tls import TlsSource
from gateway.store.company_records import CompanyRecord

log = logging.getLogger(__name__)

TOO_MANY_OF_COMPANY = Reply(421, "4.7.0 Too many connections of this company, try again later")


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """What all sessions may have together.

    peers      connections by source address
    companies  connections by company id
    memory     bytes of messages
    logins     failed ones by source address
    """

    peers: Tally[str]
    companies: Tally[int]
    memory: MessageMemory
    logins: LoginThrottle


def limits_of(settings: Settings, seat: Seat) -> Limits:
    """Return the limits that `settings` name, for all processes together."""
    table = seat.table
    return Limits(
        peers=Tally(settings.max_connections_per_peer, table(Kind.PEERS)),
        companies=Tally(settings.max_connections_per_company, table(Kind.COMPANIES)),
        memory=MessageMemory(settings.message_memory_bytes, seat),
        logins=LoginThrottle(settings.max_login_failures, time.monotonic, table(Kind.LOGINS)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """What all sessions of one listener share.

    tls               what STARTTLS offers, None for nothing
    may_log_in_clear  AUTH is offered without TLS: the way here cannot be eavesdropped on
    limits            what the sessions may use together
    seat              where the gateway's processes tell each other their numbers
    sessions          the sessions that are connected
    hand_overs        mails on their way to a next hop, which outlive their sessions
    """

    settings: Settings
    directory: Directory
    relay: Relay
    hops: NextHopPool
    tls: TlsSource | None
    may_log_in_clear: bool
    limits: Limits
    seat: Seat
    sessions: set[SmtpConnection] = field(default_factory=set)
    hand_overs: set[asyncio.Task[Reply]] = field(default_factory=set)

    @property
    def is_full(self) -> bool:
        """Whether all processes together have too many clients, the newest one included."""
        self.seat.tell(Gauge.CONNECTIONS, len(self.sessions))
        return self.seat.total(Gauge.CONNECTIONS) > self.settings.max_connections

    def count_company(self, client: Client, record: CompanyRecord) -> bool:
        """Count the connection among the company's; False when that is too many."""
        company_id = record.company.id
        if company_id not in client.counted:
            if not self.limits.companies.enter(company_id):
                log.warning("too many connections of one company: company=%s", company_id)
                return False
            client.counted.add(company_id)
        return True

    def tls_context(self) -> SSLContext:
        """Return the context for the next handshake; called only where TLS is offered."""
        if self.tls is None:
            raise EOFError
        return self.tls.context(self.directory.pinned)
