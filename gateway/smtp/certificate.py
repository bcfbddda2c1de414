"""The certificate that a client shows in the TLS handshake."""

import ssl
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from gateway.core.access import Pin, ShownCertificate


def shown_certificate(
    tls: ssl.SSLObject | None, authorities: tuple[x509.Certificate, ...]
) -> ShownCertificate | None:
    """Return the certificate that the client showed, None when it showed none.

    authorities  whose signature makes a certificate's names count: TLS also takes certificates
                 that a company pinned, and such a one may have signed others with any name
    """
    der = tls.getpeercert(binary_form=True) if tls is not None else None
    if der is None:
        return None
    shown = x509.load_der_x509_certificate(der)
    is_ours = any(_issued(shown, authority) for authority in authorities)
    return ShownCertificate(_fingerprint(shown), _names(shown) if is_ours else ())


def read_pin(pem: bytes) -> Pin:
    """Return the certificate in `pem` as a company is known by it. Raises ValueError."""
    found = x509.load_pem_x509_certificate(pem)
    return Pin(_fingerprint(found), ssl.DER_cert_to_PEM_cert(_der(found)))


def read_authorities(file: Path) -> tuple[x509.Certificate, ...]:
    """Return the certificates in the PEM file. Raises OSError, ValueError."""
    return tuple(x509.load_pem_x509_certificates(file.read_bytes()))


def _issued(shown: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        shown.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(SHA256()).hex()


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    names = [str(attribute.value) for attribute in common]
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        pass
    else:
        names += extension.value.get_values_for_type(x509.DNSName)
    return tuple(dict.fromkeys(name.lower() for name in names))
