"""The key that signs exports of ledgers: Ed25519 (RFC 8032), from the installation's secret."""

import base64
import hashlib
import json
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ALGORITHM = "ed25519"


class StatementKey:
    """Signs what was exported."""

    def __init__(self, secret: bytes) -> None:
        """Derive the key from the installation's secret (HKDF, RFC 5869): nothing is stored."""
        derive = HKDF(hashes.SHA256(), length=32, salt=None, info=b"career-relay ledger exports")
        self._private = Ed25519PrivateKey.from_private_bytes(derive.derive(secret))

    @property
    def public(self) -> str:
        """The public half, base64: what an auditor notes."""
        return _base64(self._private.public_key().public_bytes_raw())

    def sign(self, files: Mapping[str, bytes]) -> bytes:
        """Return the signature file for `files`, by their names."""
        signed = _signed(files)
        signature = {"signature": _base64(self._private.sign(_canonical(signed)))}
        answer = {"algorithm": ALGORITHM, "public_key": self.public, **signed, **signature}
        return (json.dumps(answer, indent=1, sort_keys=True) + "\n").encode("ascii")


def check_signature(signature: bytes, files: Mapping[str, bytes], public_key: str) -> str | None:
    """Return what is wrong with a signature file, in words, or None.

    public_key  base64, of whom the export must be
    """
    try:
        claimed = json.loads(signature)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        mark = base64.b64decode(claimed["signature"], validate=True)
        if claimed["public_key"] != public_key:
            return "it was signed with another key"
        if {"files": claimed["files"]} != _signed(files):
            return "the files are not those that were signed"
        key.verify(mark, _canonical({"files": claimed["files"]}))
    except InvalidSignature:
        return "the signature is forged"
    except (KeyError, TypeError, ValueError):
        return "the signature cannot be read"
    return None


def _signed(files: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    return {"files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}}


def _canonical(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
