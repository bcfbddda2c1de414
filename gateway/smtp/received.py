"""What the SMTP front door hands inwards, and what it asks of those behind it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.core.envelope import Envelope
from gateway.nexthop import NextHopTransaction
from gateway.reply import Reply
from gateway.store.company_records import CompanyRecord


class Directory(Protocol):
    """Knows the companies and their credentials."""

    async def authenticate(self, user: str, password: str) -> CompanyRecord | None:
        """Return whose credentials these are, or None, in the same time whichever was wrong.

        Raises TryLaterError when it cannot tell.
        """

    def current(self, record: CompanyRecord) -> CompanyRecord:
        """Return the newest state of a company that logged in some time ago."""


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One whole mail as it came, dots unstuffed.

    raw            the message, every line end CRLF
    peer           the client's IP address
    helo           what it said in EHLO or HELO, cut down to characters that are safe in a header
    with_protocol  SMTP, ESMTP, ESMTPSA, UTF8SMTPA ... (RFC 3848 and RFC 6531 section 4.3)
    received_at    when the final dot came, UTC
    """

    record: CompanyRecord
    envelope: Envelope
    raw: bytes
    peer: str
    helo: str
    with_protocol: str
    received_at: datetime


class Relay(Protocol):
    """Takes a mail through the relay."""

    async def accept(self, mail: ReceivedMail, hop: NextHopTransaction) -> Reply:
        """Hand `mail` to `hop` and return the reply to the client's final dot."""
