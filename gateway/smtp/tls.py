"""The server side of TLS: certificate files, read again when they change."""

import logging
import ssl
from collections.abc import Callable
from pathlib import Path

from gateway.errors import SettingError
from gateway.settings import Settings

log = logging.getLogger(__name__)

TlsSource = Callable[[], ssl.SSLContext]
"""Gives the context for the next handshake: its certificate may change while the relay runs."""

_Stamp = tuple[tuple[int, int, int], ...]


class TlsFiles:
    """A context from PEM files; each handshake gets what the files say then.

    certificate  the chain, the server's own certificate first
    key          its private key; None when the certificate's file holds it too
    """

    def __init__(self, certificate: Path, key: Path | None) -> None:
        """Read the files. Raises OSError (ssl.SSLError is one) when they are no such thing."""
        self._files = (certificate, key) if key else (certificate,)
        self._stamp = self._look()
        self._context = self._read()

    def __call__(self) -> ssl.SSLContext:
        """Return the context; files that cannot be used leave the one that was."""
        stamp = self._look()
        if stamp != self._stamp:
            try:
                self._context = self._read()
            except OSError as error:  # in the middle of a renewal: the two do not fit each other
                log.warning("TLS certificate not read again: %s", type(error).__name__)
            else:
                self._stamp = stamp
                log.info("TLS certificate read again")
        return self._context

    def _look(self) -> _Stamp:
        try:
            found = tuple(file.stat() for file in self._files)
        except OSError:
            return ()
        return tuple((status.st_ino, status.st_mtime_ns, status.st_size) for status in found)

    def _read(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996
        context.load_cert_chain(*self._files)
        return context


def tls_source(settings: Settings) -> TlsSource | None:
    """Return what STARTTLS offers, None when no certificate is set.

    Raises SettingError.
    """
    if settings.tls_certificate is None:
        if settings.tls_key is not None:
            raise SettingError(
                "CAREER_RELAY_TLS_KEY is set and CAREER_RELAY_TLS_CERTIFICATE is not. "
                "Example: CAREER_RELAY_TLS_CERTIFICATE=/etc/career-relay/fullchain.pem"
            )
        return None
    try:
        return TlsFiles(settings.tls_certificate, settings.tls_key)
    except OSError as error:
        raise SettingError(
            f"CAREER_RELAY_TLS_CERTIFICATE and CAREER_RELAY_TLS_KEY: {error}. "
            "Both are PEM files; the certificate's may hold the key too."
        ) from None
