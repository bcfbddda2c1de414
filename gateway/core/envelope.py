"""The SMTP envelope (RFC 5321 section 2.3.1): who sends and who receives."""

from dataclasses import dataclass
from typing import NewType

Address = NewType("Address", str)
"""A mailbox as it stood between the angle brackets; it must never reach a log or the database."""

NULL_SENDER = Address("")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Reverse-path and recipients of one mail transaction.

    reverse_path  "" is the null sender (RFC 5321 section 4.5.5)
    recipients    those the next hop accepted, in the order given
    """

    reverse_path: Address
    recipients: tuple[Address, ...]


def domain_of(address: str) -> str:
    """Return the lower-case domain of `address`, "" when it has none.

    Everything after the last `@`: a quoted local part may hold others (RFC 5321 section 4.1.2).
    """
    _, at, domain = address.rpartition("@")
    return domain.strip().rstrip(".").lower() if at else ""


def is_within(domain: str, other: str) -> bool:
    """Tell whether `domain` is `other` or a subdomain of it, both in the same letter case."""
    return domain == other or domain.endswith("." + other)
