"""The demo inbox: a real SMTP server that keeps what it gets in memory, to be read in a browser."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aiosmtpd.smtp import SMTP, Envelope, Session

from gateway.settings import HostPort

_MOST_MAILS = 1000
_LONGEST_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class InboxMail:
    """One mail that arrived; `number` counts from 1."""

    number: int
    received_at: datetime
    mail_from: str
    rcpt_to: tuple[str, ...]
    raw: bytes


class Inbox:
    """Accept every mail; the oldest are forgotten first, and all of them when the process ends."""

    def __init__(self) -> None:
        self._mails: list[InboxMail] = []
        self._arrived = asyncio.Condition()
        self._number = 0
        self._server: asyncio.Server | None = None

    def mails(self) -> Sequence[InboxMail]:
        """Return the mails, oldest first."""
        return tuple(self._mails)

    async def start(self) -> HostPort:
        """Listen on a free port of this machine and return the address."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()[:2]
        return HostPort(host, port)

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def wait_for(self, recipient: str, count: int, timeout_seconds: float) -> bool:
        """Wait until `count` mails to `recipient` are here; tell whether they came in time."""
        async with self._arrived:
            try:
                async with asyncio.timeout(timeout_seconds):
                    await self._arrived.wait_for(lambda: self._count(recipient) >= count)
            except TimeoutError:
                return False
        return True

    def _count(self, recipient: str) -> int:
        return sum(recipient in mail.rcpt_to for mail in self._mails)

    def _protocol(self) -> SMTP:
        server = SMTP(self, hostname="inbox.demo.example", enable_SMTPUTF8=True)
        server.line_length_limit = _LONGEST_LINE
        return server

    async def handle_DATA(  # noqa: N802  the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep the mail."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        async with self._arrived:
            self._number += 1
            self._mails.append(
                InboxMail(
                    self._number,
                    datetime.now(UTC),
                    (envelope.mail_from or "").removeprefix("<>"),
                    tuple(envelope.rcpt_tos),
                    content,
                )
            )
            del self._mails[:-_MOST_MAILS]
            self._arrived.notify_all()
        return f"250 2.0.0 Ok: mail {self._number} is in the demo inbox"
