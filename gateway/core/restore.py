"""Give back the exact original of a mail that passed the relay."""

import hashlib

from gateway.core.strip import strip_block
from gateway.core.trace import find_traces


def restore(raw: bytes) -> bytes:
    """Return the message as it was before the link block and the trace headers went in.

    Below each trace header, the oldest first, the block is taken out: what has the SHA-256 that
    the trace names is the original, proven, and whatever stands above was added later. Where no
    trace proves anything, only the block is removed; a mail without block is returned as it is.
    """
    for trace, _mac, end in reversed(list(find_traces(raw))):
        original = strip_block(raw[end:])
        if hashlib.sha256(original).hexdigest() == trace.sha256:
            return original
    return strip_block(raw)
