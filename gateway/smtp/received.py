"""What the SMTP front door hands inwards, and what it asks of those behind it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.core.access import ShownCertificate
from gateway.core.envelope import Envelope
from gateway.nexthop import NextHopTransaction
from gateway.reply import Reply
from gateway.store.company_records import CompanyRecord
from gateway.store.credentials import Credential


@dataclass(frozen=True, slots=True)
class Login:
    """A company that logged in, and the password it did so with."""

    record: CompanyRecord
    credential_id: int


class Directory(Protocol):
    """Knows the companies and what they show themselves by."""

    async def authenticate(self, user: str, password: str) -> Login | None:
        """Return whose credentials these are, or None, in the same time whichever was wrong.

        Raises TryLaterError when it cannot tell.
        """

    def current(self, record: CompanyRecord) -> CompanyRecord:
        """Return the newest state of a company that logged in some time ago."""

    def is_valid(self, login: Login) -> bool:
        """Tell whether the password of a login has not been taken away since."""

    def known_at(
        self, address: str, certificate: ShownCertificate | None
    ) -> tuple[CompanyRecord, ...]:
        """Return the companies that a client's address or certificate may speak for."""

    def keys(self, record: CompanyRecord) -> tuple[Credential, ...]:
        """Return the company's valid routing keys."""

    def note_use(self, used: Credential) -> None:
        """Remember, sooner or later, that a credential was used."""

    @property
    def pinned(self) -> frozenset[str]:
        """The client certificates, in PEM, that companies show themselves by."""


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
