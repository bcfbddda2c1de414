"""The server side of TLS: certificate files, read again when they change."""

import logging
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography import x509

from gateway.errors import SettingError
from gateway.settings import Settings
from gateway.smtp.certificate import read_authorities

log = logging.getLogger(__name__)

_Stamp = tuple[tuple[int, int, int], ...]


class TlsSource(Protocol):
    """Gives the context for each handshake: its certificate may change while the relay runs."""

    @property
    def authorities(self) -> tuple[x509.Certificate, ...]:
        """Whose client certificates have names that count."""

    def context(self, pinned: frozenset[str]) -> ssl.SSLContext:
        """Return the context; `pinned` are the client certificates to know, in PEM."""


@dataclass(frozen=True, slots=True)
class _Files:
    """What the files said when they were read."""

    stamp: _Stamp
    pinned: frozenset[str]
    context: ssl.SSLContext
    authorities: tuple[x509.Certificate, ...]


class TlsFiles:
    """Contexts from PEM files.

    Clients are asked for a certificate only where one could count, because a client that shows an
    unknown one fails in the handshake.
    """

    def __init__(self, certificate: Path, key: Path | None, client_ca: Path | None = None) -> None:
        """Read the files. Raises OSError (ssl.SSLError is one), ValueError.

        certificate  the chain, the server's own certificate first
        key          its private key; None when the certificate's file holds it too
        client_ca    authorities of client certificates; None for none
        """
        self._chain = (certificate, key) if key else (certificate,)
        self._client_ca = client_ca
        self._files = self._read(self._look(), frozenset())

    @property
    def authorities(self) -> tuple[x509.Certificate, ...]:
        """Whose client certificates have names that count."""
        return self._files.authorities

    def context(self, pinned: frozenset[str]) -> ssl.SSLContext:
        """Return the context; while the files cannot be used, the previous one."""
        stamp = self._look()
        if (stamp, pinned) != (self._files.stamp, self._files.pinned):
            try:
                self._files = self._read(stamp, pinned)
            except (OSError, ValueError) as error:  # mid-renewal: they do not match
                log.warning("TLS certificates not read again: %s", type(error).__name__)
            else:
                log.info("TLS certificates read again")
        return self._files.context

    def _look(self) -> _Stamp:
        files = (*self._chain, *([self._client_ca] if self._client_ca else []))
        try:
            found = [file.stat() for file in files]
        except OSError:
            return ()
        return tuple((status.st_ino, status.st_mtime_ns, status.st_size) for status in found)

    def _read(self, stamp: _Stamp, pinned: frozenset[str]) -> _Files:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996
        context.load_cert_chain(*self._chain)
        authorities: tuple[x509.Certificate, ...] = ()
        if self._client_ca is not None:
            context.load_verify_locations(self._client_ca)
            authorities = read_authorities(self._client_ca)
        for pem in pinned:
            context.load_verify_locations(cadata=pem)
        if self._client_ca is not None or pinned:
            context.verify_mode = ssl.CERT_OPTIONAL
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a pinned one is its own anchor
        return _Files(stamp, pinned, context, authorities)


def tls_source(settings: Settings) -> TlsSource | None:
    """Return what STARTTLS offers, None when no certificate is set.

    Raises SettingError.
    """
    if settings.tls_certificate is None:
        if settings.smtps_listen is not None:
            raise SettingError(
                "CAREER_RELAY_SMTPS_LISTEN is set and CAREER_RELAY_TLS_CERTIFICATE is not. "
                "Example: CAREER_RELAY_TLS_CERTIFICATE=/etc/career-relay/fullchain.pem"
            )
        if settings.tls_key is not None:
            raise SettingError(
                "CAREER_RELAY_TLS_KEY is set and CAREER_RELAY_TLS_CERTIFICATE is not. "
                "Example: CAREER_RELAY_TLS_CERTIFICATE=/etc/career-relay/fullchain.pem"
            )
        return None
    try:
        return TlsFiles(settings.tls_certificate, settings.tls_key, settings.tls_client_ca)
    except (OSError, ValueError) as error:
        raise SettingError(
            "CAREER_RELAY_TLS_CERTIFICATE, CAREER_RELAY_TLS_KEY and CAREER_RELAY_TLS_CLIENT_CA: "
            f"{error}. All are PEM files; the certificate's may hold the key too."
        ) from None
