"""What the workers work with, given once at start."""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine

from gateway.core.company import Language
from gateway.core.hook_address import IpAddress
from gateway.core.unsubscribe import Unsubscribe
from gateway.keys.sealing import Seal
from gateway.render import RenderedMail
from gateway.resolver import Resolver
from gateway.settings import HostPort


def resolve(host: str, port: int) -> list[IpAddress]:
    """Return a host's addresses, each once.

    Raises OSError when it has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    texts = dict.fromkeys(str(sockaddr[0]).partition("%")[0] for *_, sockaddr in found)
    return [ipaddress.ip_address(text) for text in texts]


class MailRenderer(Protocol):
    """Who writes notification mails: gateway.render.Renderer."""

    def mail(self, event: str, language: Language, values: Mapping[str, object]) -> RenderedMail:
        """Return the notification of `event` in a language."""


@dataclass(frozen=True, slots=True)
class Post:
    """How notification mails are sent.

    sender           reverse-path and From address
    hostname         our name in EHLO and in Message-ID
    admin_url        where the mail says that everything can be looked up
    via              the server that takes them; None means the company's own next hop
    timeout_seconds  for all of one delivery; below the outbox's lease
    seal             opens the companies' passwords and keys for their next hops
    """

    sender: str
    hostname: str
    admin_url: str
    seal: Seal
    via: HostPort | None = None
    timeout_seconds: float = 45.0


@dataclass(frozen=True, slots=True)
class Hooks:
    """How webhooks are called.

    seal              opens their secrets
    is_local_allowed  also http, and addresses of this machine and its network
    timeout_seconds   to connect, and again for the call; together below the outbox's lease
    resolve           host and port to addresses; raises OSError
    tls               whom to believe
    """

    seal: Seal
    is_local_allowed: bool = False
    timeout_seconds: float = 20.0
    resolve: Callable[[str, int], list[IpAddress]] = resolve
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)


@dataclass(frozen=True, slots=True)
class Proofs:
    """How the domains of companies are proven again.

    key  keys the records that they publish
    """

    key: bytes
    resolver: Resolver


@dataclass(frozen=True, slots=True)
class Tools:
    """Database, templates, post office, webhooks, DNS, and clock."""

    engine: Engine
    renderer: MailRenderer
    post: Post
    now: Callable[[], datetime]
    hooks: Hooks
    unsubscribe: Unsubscribe
    proofs: Proofs
