"""What the workers work with, given once at start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine

from gateway.core.company import Language
from gateway.render import RenderedMail
from gateway.settings import HostPort


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
    timeout_seconds  wait for each answer; all of one delivery stay below the outbox's lease
    """

    sender: str
    hostname: str
    admin_url: str
    via: HostPort | None = None
    timeout_seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Tools:
    """Database, templates, post office and clock."""

    engine: Engine
    renderer: MailRenderer
    post: Post
    now: Callable[[], datetime]
