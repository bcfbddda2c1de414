"""The proof that a domain is a company's: a TXT record that only its owner can publish."""

import hmac
from collections.abc import Iterable

from gateway.core.keyed import keyed_word

_LABEL = "_career-relay"
_PREFIX = "career-relay-verify="


def record_name(domain: str) -> str:
    """Return the name of the TXT record, below `domain` as RFC 8552 would have it."""
    return f"{_LABEL}.{domain}"


def record_text(key: bytes, company_id: int, domain: str) -> str:
    """Return what the TXT record says: for ever the same for one company and domain."""
    return _PREFIX + keyed_word(key, f"proof\0{company_id}\0{domain}".encode())


def is_proven(found: Iterable[str], expected: str) -> bool:
    """Tell whether one of the records found is the expected one, blanks around it or not."""
    return any(hmac.compare_digest(one.strip().encode(), expected.encode()) for one in found)
