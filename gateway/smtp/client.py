"""Who is at the other end of a connection, as far as is known."""

from dataclasses import dataclass, field

from gateway.core.access import ShownCertificate
from gateway.core.path import Path
from gateway.smtp.received import Login
from gateway.smtp.xforward import UNKNOWN, Origin


@dataclass(slots=True)
class Client:
    """One client: what it showed and said of itself.

    peer         its IP address
    helo         what it said in EHLO or HELO, b"" before
    is_extended  it said EHLO
    is_secure    TLS is spoken
    certificate  what it showed in the TLS handshake, None without
    login        the company it logged in as, None without a login
    login_failures  in this session
    origin       where a trusted server says that the mail came from
    about        the path that the current command is about: masked, for the log
    counted      the companies that this connection is counted for
    """

    peer: str = ""
    helo: bytes = b""
    is_extended: bool = False
    is_secure: bool = False
    certificate: ShownCertificate | None = None
    login: Login | None = None
    login_failures: int = 0
    origin: Origin = UNKNOWN
    about: Path | None = None
    counted: set[int] = field(default_factory=set)

    @property
    def company_id(self) -> int | None:
        """The company that logged in, for the log."""
        return self.login.record.company.id if self.login else None

    def forget(self) -> None:
        """Drop what it said: TLS starts anew (RFC 3207 section 4.2)."""
        self.helo, self.is_extended, self.login = b"", False, None

    def with_protocol(self, *, smtputf8: bool) -> str:
        """Return how it speaks, for Received (RFC 3848, RFC 6531 section 4.3)."""
        if not self.is_extended:
            return "SMTP"
        name = "UTF8SMTP" if smtputf8 else "ESMTP"
        return f"{name}{'S' if self.is_secure else ''}{'A' if self.login else ''}"
