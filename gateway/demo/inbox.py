"""The demo inbox: a real SMTP server that keeps what it gets in memory, to be read in a browser."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
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
        self.address = HostPort("127.0.0.1", 0)
        self._mails: list[InboxMail] = []
        self._number = 0

    def mails(self) -> Sequence[InboxMail]:
        """Return the mails, oldest first."""
        return tuple(self._mails)

    def protocol(self) -> SMTP:
        """Return the server of one connection."""
        server = SMTP(self, hostname="inbox.demo.example", enable_SMTPUTF8=True)
        server.line_length_limit = _LONGEST_LINE
        return server

    async def handle_DATA(  # noqa: N802  the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep the mail."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
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
        return f"250 2.0.0 Ok: mail {self._number} is in the demo inbox"


@contextlib.asynccontextmanager
async def open_inbox() -> AsyncIterator[Inbox]:
    """Give an inbox that listens on a free port of this machine until the block is left."""
    inbox = Inbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(inbox.protocol, inbox.address.host, inbox.address.port)
    inbox.address = HostPort(inbox.address.host, server.sockets[0].getsockname()[1])
    try:
        yield inbox
    finally:
        server.close()
