"""DKIM keys of companies: made, sealed for the database, opened and used to sign."""

import base64
import functools
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.core.dkim import (
    Algorithm,
    NotSignableError,
    SignDigest,
    Terms,
    write_signature,
)
from gateway.keys.sealing import Seal, SealError
from gateway.store.company_records import CompanyRecord
from gateway.store.dkim_keys import DkimKey

RSA_BITS = 2048
"""RFC 8301 section 3.2 asks for it; a longer key's record no longer fits one UDP answer."""

_MOST_OPEN_KEYS = 1024


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made.

    private  PKCS #8, DER
    public   base64, the p= tag of the DNS record
    """

    algorithm: Algorithm
    private: bytes = field(repr=False)
    public: str


def make_key(algorithm: Algorithm) -> NewKey:
    """Make a key; for RSA this takes a moment."""
    if algorithm is Algorithm.RSA:
        private = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        der = serialization.Encoding.DER
        info = serialization.PublicFormat.SubjectPublicKeyInfo
        public = private.public_key().public_bytes(der, info)
        return NewKey(algorithm, _private_bytes(private), _base64(public))
    young = Ed25519PrivateKey.generate()
    return NewKey(algorithm, _private_bytes(young), _base64(young.public_key().public_bytes_raw()))


def _private_bytes(private: rsa.RSAPrivateKey | Ed25519PrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


class Signer:
    """Seals, opens and uses the keys of all companies of this installation.

    A key is opened once and kept in memory, however many mails it signs.
    """

    def __init__(self, secret: bytes) -> None:
        """Take the installation's secret, from which the sealing key is derived."""
        self._seal = Seal(secret, b"career-relay dkim keys")
        self._open_once = functools.lru_cache(_MOST_OPEN_KEYS)(self._open)

    def seal(self, company_id: int, selector: str, key: NewKey) -> str:
        """Return the private key as the database may hold it: useless without the secret."""
        return self._seal.lock(key.private, _binding(company_id, selector, key.algorithm))

    def sign(self, message: bytes, record: CompanyRecord, now: datetime) -> bytes:
        """Return a DKIM-Signature field by the company's key for `message`, as it will leave.

        Raises NotSignableError.
        """
        key = record.dkim.key
        if key is None:
            raise NotSignableError("there is no key of the selector that the company signs with")
        terms = Terms(Algorithm(key.algorithm), key.selector, int(now.timestamp()))
        return write_signature(message, record.company, terms, self.open(key))

    def open(self, key: DkimKey) -> SignDigest:
        """Return the operation of a sealed key.

        Raises NotSignableError when it was sealed with another secret or for another company.
        """
        return self._open_once(key.company_id, key.selector, key.algorithm, key.sealed_key)

    def _open(self, company_id: int, selector: str, algorithm: str, sealed: str) -> SignDigest:
        try:
            der = self._seal.unlock(sealed, _binding(company_id, selector, algorithm))
        except SealError as error:
            raise NotSignableError(f"the key was {error}") from None
        return digest_signer(der)


def _binding(company_id: int, selector: str, algorithm: str) -> bytes:
    """Return what a sealed key belongs to: in another row it does not open."""
    return f"{company_id}\0{selector}\0{algorithm}".encode()


def digest_signer(der: bytes) -> SignDigest:
    """Return the signing operation of a private key (PKCS #8, DER).

    RSA signs the digest by PKCS #1 v1.5 (RFC 6376 section 3.3), Ed25519 signs it as a message
    (RFC 8463 section 3).
    """
    # It came out of an authenticated seal, so checking its primes again would waste 40 ms.
    private = serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    if isinstance(private, Ed25519PrivateKey):
        return private.sign
    if not isinstance(private, rsa.RSAPrivateKey):
        raise NotSignableError("neither an RSA nor an Ed25519 key")
    scheme, hashed = padding.PKCS1v15(), utils.Prehashed(hashes.SHA256())
    return lambda digest: private.sign(digest, scheme, hashed)
