"""The mark of one mail to one recipient: the same for every attempt of a sender to send it."""

import hashlib
from typing import NewType

from gateway.core.envelope import Address, Envelope
from gateway.core.keyed import keyed_hash
from gateway.core.mime import header_fields

CopyMark = NewType("CopyMark", str)
"""HMAC-SHA256 of company, mail, reverse-path and recipient, 64 hexadecimal digits."""

_OF_THE_WAY = frozenset(
    (
        *("received", "x-received", "return-path", "delivered-to", "x-original-to"),
        *("authentication-results", "received-spf", "dkim-signature", "x-career-relay"),
        *("arc-seal", "arc-message-signature", "arc-authentication-results"),
    )
)
"""Fields that servers on the way here put on top anew at each attempt."""


def mark_copies(
    key: bytes, company_id: int, raw: bytes, envelope: Envelope
) -> dict[Address, CopyMark]:
    """Return the mark of the mail `raw` for each recipient.

    It covers the whole content, not just the Message-ID: two mails that share one are both
    delivered. Fields that servers on the way here add are left out.
    """
    fields = [one.span for one in header_fields(raw) if one.name in _OF_THE_WAY]
    content = hashlib.sha256()
    cursor = 0
    for span in fields:
        content.update(memoryview(raw)[cursor : span.start])
        cursor = span.end
    content.update(memoryview(raw)[cursor:])
    mail = f"copy\0{company_id}\0{content.hexdigest()}\0{envelope.reverse_path}\0"
    return {
        address: CopyMark(keyed_hash(key, (mail + address).encode()).hex())
        for address in envelope.recipients
    }
