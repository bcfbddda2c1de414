"""Companies' secrets, locked away with the installation's key before a database holds them."""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.errors import CareerRelayError

_VERSION = "1:"
_NONCE_BYTES = 12


class SealError(CareerRelayError):
    """A secret was sealed with another installation's key, or for another place."""


class Seal:
    """Locks and unlocks secrets of one purpose with AES-GCM."""

    def __init__(self, secret: bytes, purpose: bytes) -> None:
        """Derive the key from the installation's secret (HKDF, RFC 5869).

        purpose  never changes: what was sealed for one purpose does not open for another
        """
        derive = HKDF(hashes.SHA256(), length=32, salt=None, info=purpose)
        self._key = AESGCM(derive.derive(secret))

    def lock(self, plain: bytes, bound_to: bytes) -> str:
        """Return `plain` as the database may hold it: useless without the secret.

        bound_to  what it belongs to: in another row it does not open
        """
        nonce = os.urandom(_NONCE_BYTES)
        locked = nonce + self._key.encrypt(nonce, plain, bound_to)
        return _VERSION + base64.b64encode(locked).decode("ascii")

    def unlock(self, sealed: str, bound_to: bytes) -> bytes:
        """Return what lock() was given.

        Raises SealError.
        """
        try:
            data = base64.b64decode(sealed.removeprefix(_VERSION), validate=True)
            return self._key.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], bound_to)
        except (InvalidTag, ValueError):
            raise SealError("sealed with another CAREER_RELAY_SECRET_KEY") from None
