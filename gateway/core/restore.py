"""Give back the exact original of a mail that passed the relay."""

import hashlib
from collections.abc import Iterator
from itertools import islice

from gateway.core.removed import put_back, read_removed
from gateway.core.splice import SpliceError
from gateway.core.strip import strip_block
from gateway.core.trace import find_traces

_MOST_TRACES = 25
"""More relays than any real path has; each costs a pass over the whole mail."""


def restore(raw: bytes) -> bytes:
    """Return the message as it was before the link block and the trace headers went in.

    Below each trace header, the oldest first, the block is taken out and header fields that had
    to go are put back: what has the SHA-256 that the trace names is the original, proven, and
    whatever stands above was added later. Where no trace proves anything, only the block is
    removed; a mail without block is returned as it is.
    """
    newest = list(islice(find_traces(raw), _MOST_TRACES))
    for trace, _mac, end in reversed(newest):
        for original in originals(raw[end:]):
            if hashlib.sha256(original).hexdigest() == trace.sha256:
                return original
    return strip_block(raw)


def originals(rest: bytes) -> Iterator[bytes]:
    """Yield what the mail may have been, from what stands below its trace header.

    As it is (it passed untouched), without the block, and with the removed fields put back.
    """
    yield rest
    yield strip_block(rest)
    found = read_removed(rest)
    if found is not None:
        removed, edited = found
        try:
            yield put_back(strip_block(edited), removed)
        except SpliceError:  # somebody else's field, with places that cannot be
            return
