"""The mark of one mail to one recipient: the same for every attempt of a sender to send it."""

import hashlib
import re
from typing import NewType

from gateway.core.envelope import Address, Envelope
from gateway.core.head import header_of
from gateway.core.keyed import keyed_hash

CopyMark = NewType("CopyMark", str)
"""HMAC-SHA256 of company, mail, reverse-path and recipient, 64 hexadecimal digits."""

_OF_THE_WAY = re.compile(
    rb"^(?:received|x-received|return-path|delivered-to|x-original-to|authentication-results"
    rb"|received-spf|dkim-signature|x-career-relay|arc-(?:seal|message-signature"
    rb"|authentication-results))[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*\n?",
    re.IGNORECASE | re.MULTILINE,
)
"""Fields that servers on the way here put on top anew at each attempt."""


def mark_copies(
    key: bytes, company_id: int, raw: bytes, envelope: Envelope
) -> dict[Address, CopyMark]:
    """Return the mark of the mail `raw` for each recipient.

    It covers the whole content, not just the Message-ID: two mails that share one are both
    delivered. Fields that servers on the way here add are left out.
    """
    content = hashlib.sha256()
    cursor = 0
    for field in _OF_THE_WAY.finditer(raw, *header_of(raw)):
        content.update(memoryview(raw)[cursor : field.start()])
        cursor = field.end()
    content.update(memoryview(raw)[cursor:])
    mail = f"copy\0{company_id}\0{content.hexdigest()}\0{envelope.reverse_path}\0"
    return {
        address: CopyMark(keyed_hash(key, (mail + address).encode()).hex())
        for address in envelope.recipients
    }
