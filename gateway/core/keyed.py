"""Hashes that nobody can make without the installation's secret (HMAC-SHA256, RFC 2104)."""

import base64
import functools
import hashlib

_BLOCK_BYTES = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


@functools.lru_cache(8)
def _begun(key: bytes) -> "tuple[hashlib._Hash, hashlib._Hash]":
    """Return the inner and the outer hash with the key's own part of the work done."""
    if len(key) > _BLOCK_BYTES:
        key = hashlib.sha256(key).digest()
    key = key.ljust(_BLOCK_BYTES, b"\0")
    return hashlib.sha256(key.translate(_INNER)), hashlib.sha256(key.translate(_OUTER))


def keyed_hash(key: bytes, text: bytes) -> bytes:
    """Return the HMAC-SHA256 of `text` under `key`, 32 bytes.

    Each mail asks up to five times with the same key: two copies of hashes that have seen it take
    half the time of a copy of Python's HMAC object, which is written in Python.
    """
    begun = _begun(key)
    inner, outer = begun[0].copy(), begun[1].copy()
    inner.update(text)
    outer.update(inner.digest())
    return outer.digest()


def keyed_word(key: bytes, text: bytes) -> str:
    """Return the first 130 bits of the keyed hash: 26 characters of RFC 4648 base32, lower case."""
    return base64.b32encode(keyed_hash(key, text)[:20]).decode("ascii").lower()[:26]
