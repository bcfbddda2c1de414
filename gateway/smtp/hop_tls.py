"""What a route needs for TLS and login: an SSL context, and the unsealed password."""

import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from gateway.errors import CareerRelayError
from gateway.hops import HopSettings, HopTls
from gateway.keys.sealing import Seal

SEAL_PURPOSE = b"career-relay next hop secrets"


@dataclass(frozen=True, slots=True)
class Security:
    """How connections of one route are secured.

    context      None for no TLS
    is_required  no mail is sent without TLS: nobody on the way can strip it (RFC 3207)
    is_implicit  TLS from the first byte
    user         "" for no login
    """

    context: ssl.SSLContext | None = None
    is_required: bool = False
    is_implicit: bool = False
    user: str = ""
    password: str = field(default="", repr=False)


def bind_password(company_id: int) -> bytes:
    """Return what a sealed password belongs to."""
    return b"%d\0password" % company_id


def bind_key(company_id: int) -> bytes:
    """Return what the sealed key of a client certificate belongs to."""
    return b"%d\0certificate key" % company_id


def open_security(company_id: int, hop: HopSettings, seal: Seal) -> Security:
    """Return what `hop` asks for, its secrets opened.

    Raises CareerRelayError when a secret does not open, or a PEM text is not what it must be.
    """
    password, key = "", b""
    if hop.user:
        password = seal.unlock(hop.sealed_password, bind_password(company_id)).decode()
    if hop.certificate:
        key = seal.unlock(hop.sealed_key, bind_key(company_id))
    return Security(
        context=_context(hop, key),
        is_required=hop.implicit_tls or hop.tls in {HopTls.VERIFY, HopTls.PINNED},
        is_implicit=hop.implicit_tls,
        user=hop.user,
        password=password,
    )


def _context(hop: HopSettings, key: bytes) -> ssl.SSLContext | None:
    if hop.tls is HopTls.NONE:
        return None
    try:
        context = ssl.create_default_context(cadata=hop.authority or None)
    except (ssl.SSLError, ValueError):
        raise CareerRelayError("The authority is no PEM file with certificates.") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996
    if hop.tls is HopTls.OPPORTUNISTIC:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if hop.certificate:
        _load_certificate(context, hop.certificate.encode(), key)
    return context


def _load_certificate(context: ssl.SSLContext, chain: bytes, key: bytes) -> None:
    """Load a certificate and its key: OpenSSL reads files only, so they are one for a moment."""
    with tempfile.TemporaryDirectory(prefix="career-relay-") as folder:  # its owner's alone
        path = Path(folder) / "certificate.pem"
        path.write_bytes(chain + b"\n" + key)
        try:
            context.load_cert_chain(path, password=_no_password)
        except (OSError, ValueError):
            raise CareerRelayError(
                "The client certificate and its key do not fit each other, are not PEM, or the "
                "key asks for a password."
            ) from None


def _no_password() -> str:
    """Keep OpenSSL from asking at the terminal."""
    return ""
