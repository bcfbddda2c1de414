"""Ask DNS for TXT records, with a time limit."""

from typing import Protocol

import dns.exception
import dns.resolver

from gateway.errors import CareerRelayError
from gateway.settings import HostPort

_SECONDS = 5.0


class DnsError(CareerRelayError):
    """DNS gave no answer: that says nothing about the record."""


class Resolver(Protocol):
    """Asks DNS."""

    def txt(self, name: str) -> tuple[str, ...]:
        """Return the TXT records of `name`, () when there are none. Raises DnsError."""


class DnsResolver:
    """Asks the servers that the system names, or one given server."""

    def __init__(self, server: HostPort | None = None) -> None:
        self._server = server

    def txt(self, name: str) -> tuple[str, ...]:
        """Return the TXT records of `name`, the strings of each joined (RFC 7208 section 3.3)."""
        try:
            answer = self._resolver().resolve(name + ".", "TXT", lifetime=_SECONDS)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError) as error:
            raise DnsError(f"DNS did not answer for {name} ({type(error).__name__}).") from None
        return tuple(b"".join(record.strings).decode("ascii", "replace") for record in answer)

    def _resolver(self) -> dns.resolver.Resolver:
        if self._server is None:
            return dns.resolver.Resolver()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = [self._server.host]
        resolver.port = self._server.port
        return resolver
