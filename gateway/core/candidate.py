"""One person, one identity: normalise an address, its keyed hash, its masked form."""

import re
import unicodedata
from typing import NewType

from gateway.core.envelope import Address, domain_of
from gateway.core.keyed import keyed_hash

CandidateHash = NewType("CandidateHash", str)
"""HMAC-SHA256 of a normalised address, 64 hexadecimal digits: the only identity that is kept."""

Masked = NewType("Masked", str)
"""An address as a person may see it in a log: `t•••@example.com`."""

_ADDRESS = re.compile(r"[^\s<>()\[\],;:]+@[^\s<>()\[\],;:]+")

_ROLE_LOCAL_PARTS = frozenset(
    (
        *("abuse", "admin", "administrator", "contact", "do-not-reply", "donotreply", "help"),
        *("hostmaster", "hr", "info", "jinji", "mail", "mailer-daemon", "marketing", "no-reply"),
        *("no_reply", "nobody", "noreply", "office", "postmaster", "press", "recruit"),
        *("recruiting", "root", "saiyo", "sales", "security", "soumu", "support", "webmaster"),
    )
)
"""Mailboxes of a function, not of a person (RFC 2142 and Japanese habit)."""


def normalise(address: Address) -> str:
    """Return the one spelling of `address` that stands for the person behind it.

    Lower case, NFKC, quotes and a +tag removed, IDNA A-label domain. Dots in the local part
    stay: `a..b@docomo.ne.jp` and `ab@docomo.ne.jp` are two people.
    """
    local, _, _ = unicodedata.normalize("NFKC", address).rpartition("@")
    if len(local) > 1 and local.startswith('"') and local.endswith('"'):
        local = local[1:-1].replace("\\", "")
    base, plus, _ = local.partition("+")
    local = base if plus and base else local
    return f"{local.lower()}@{_ascii_domain(domain_of(address))}"


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return unicodedata.normalize("NFKC", domain).encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def hash_candidate(key: bytes, address: Address) -> CandidateHash:
    """Return the keyed hash that identifies the person behind `address` everywhere."""
    return CandidateHash(keyed_hash(key, b"candidate\0" + normalise(address).encode()).hex())


def mask(address: Address) -> Masked:
    """Return `address` with all but the first character of its local part hidden."""
    local, at, domain = address.rpartition("@")
    if not at:
        return Masked("•••")
    first = local.lstrip('"')[:1]
    return Masked(f"{first if first.isprintable() else ''}•••@{_printable(domain.lower())}")


def _printable(text: str) -> str:
    """Return `text` with whatever is not printable as `?`.

    With SMTPUTF8 an address may hold control characters (U+009B is a terminal's CSI), line
    separators and marks that turn the direction of writing: no log may be forged by them.
    """
    if text.isprintable():  # as nearly all are
        return text
    return "".join([sign if sign.isprintable() else "?" for sign in text])


def is_role(address: Address) -> bool:
    """Tell whether `address` is a role mailbox (info@, noreply@): not a person to refer."""
    return is_of_role(normalise(address))


def is_of_role(spelling: str) -> bool:
    """Tell the same of what normalise() returned."""
    return spelling.rpartition("@")[0] in _ROLE_LOCAL_PARTS


def mask_addresses(text: str) -> str:
    """Return `text`, say another server's reply, with every address in it masked."""
    return _ADDRESS.sub(lambda found: mask(Address(found.group())), text)
