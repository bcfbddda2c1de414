"""Passwords of companies' mail servers: made here, kept only as a hash."""

import hashlib
import hmac
import secrets


def new_password() -> str:
    """Return a fresh password: 43 url-safe characters, 256 random bits."""
    return secrets.token_urlsafe(32)


def hash_password(password: str) -> str:
    """Return what is stored of `password`: its SHA-256, 64 hexadecimal digits.

    No slow hash: its only purpose is to make guessing dear, and nobody guesses 256 random
    bits. People never choose these passwords. A mail server logs in for every mail, and 400 ms
    of argon2 each would cost more than the rest of the relay.
    """
    return hashlib.sha256(b"smtp-password\0" + password.encode("utf-8", "replace")).hexdigest()


def matches(password: str, password_hash: str) -> bool:
    """Tell whether `password` is the one behind `password_hash`, in constant time."""
    return hmac.compare_digest(hash_password(password), password_hash)
