"""What all sessions of a listener share."""

import asyncio
from dataclasses import dataclass, field

from gateway.nexthop import NextHopPool
from gateway.reply import Reply
from gateway.settings import Settings
from gateway.smtp.connection import SmtpConnection
from gateway.smtp.received import Directory, Relay
from gateway.smtp.tls import TlsSource


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """What all sessions of one listener share.

    tls               what STARTTLS offers, None for nothing
    may_log_in_clear  AUTH is offered without TLS: nobody can listen on the way here
    sessions          those that are connected
    hand_overs        mails on their way to a next hop, which outlive their sessions
    """

    settings: Settings
    directory: Directory
    relay: Relay
    hops: NextHopPool
    tls: TlsSource | None
    may_log_in_clear: bool
    sessions: set[SmtpConnection] = field(default_factory=set)
    hand_overs: set[asyncio.Task[Reply]] = field(default_factory=set)
