"""Make and read the referral token: one mail to one candidate has one token, for ever."""

import hashlib
import re
from typing import NewType

from gateway.core.candidate import CandidateHash
from gateway.core.keyed import keyed_word

Token = NewType("Token", str)
"""26 characters of RFC 4648 base32, lower case: 130 bits that nobody without the key can guess."""

MessageKey = NewType("MessageKey", str)
"""SHA-256 of what identifies a mail (its Message-ID, else its content), 64 hexadecimal digits."""

_TOKEN = re.compile(r"[a-z2-7]{26}")


def identify_message(message_id: bytes | None, content: bytes) -> MessageKey:
    """Return the identity of a mail: of its Message-ID (RFC 5322 section 3.6.4), else its content.

    message_id  the field's value as it stands, None or blank when the mail has none
    content     the whole message as received
    """
    stripped = (message_id or b"").strip()
    basis = b"id\0" + stripped if stripped else b"content\0" + content
    return MessageKey(hashlib.sha256(basis).hexdigest())


def make_token(key: bytes, company_id: int, message: MessageKey, who: CandidateHash) -> Token:
    """Return the token of `message` of company `company_id` to candidate `who`: always the same."""
    basis = f"token\0{company_id}\0{message}\0{who}".encode()
    return Token(keyed_word(key, basis))


def hash_token(token: Token) -> str:
    """Return what is stored of a token: reading the database must not open anybody's link."""
    return hashlib.sha256(b"token\0" + token.encode()).hexdigest()


def read_token(text: str) -> Token | None:
    """Return the token that `text` is, or None when it is not of a token's shape."""
    return Token(text) if _TOKEN.fullmatch(text) else None


def link_for(base: str, token: Token) -> str:
    """Return the address that opens `token`; `base` has no final slash."""
    return f"{base}/r/{token}"
