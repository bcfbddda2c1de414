"""The secret routing header: it shows whose mail this is, and is taken out here.

Exchange Online's and Google's addresses are shared by all their customers: the address alone
names nobody, so the customer's own rule adds `X-Career-Relay-Key:` with a secret.
"""

import re

from gateway.core.lines import header_block

FIELD_NAME = "X-Career-Relay-Key"

_FIELD = re.compile(
    rb"^x-career-relay-key[ \t]*:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)(?:\r\n|\Z)",
    re.IGNORECASE | re.MULTILINE,
)
_WHITESPACE = re.compile(rb"\s+")


def take_out_keys(raw: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return the message without any secret routing header, and the values these had.

    raw  the message, every line end CRLF

    All other bytes stay; without such a field the same object comes back.
    """
    header = header_block(raw)
    found = list(_FIELD.finditer(header))
    if not found:
        return raw, ()
    values = tuple(_WHITESPACE.sub(b"", one[1]).decode("ascii", "replace") for one in found)
    return _FIELD.sub(b"", header) + raw[len(header) :], values
