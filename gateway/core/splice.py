"""Put new bytes in the place of old ones; all others stay identical."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class SpliceError(ValueError):
    """The edits overlap or point outside the message: a fault of ours, never of the mail."""


class Span(NamedTuple):
    """Bytes `start` to `end` (exclusive) of a message.

    A tuple, for a mail has a hundred of them: made in half the time of a frozen dataclass.
    """

    start: int
    end: int

    def of(self, raw: bytes) -> bytes:
        """Return the bytes this span covers."""
        return raw[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes of `span` by `new`; an empty span inserts."""

    span: Span
    new: bytes


def in_order(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return `edits` in order of position, as `apply_edits` takes them."""
    return tuple(sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)))


def apply_edits(raw: bytes, edits: Sequence[Edit]) -> bytes:
    """Return `raw` with every edit spliced in and all other bytes identical.

    raw    the message as received
    edits  in order of position, not overlapping; () returns `raw` itself

    Raises SpliceError when the edits overlap or point outside `raw`.
    """
    if not edits:
        return raw
    view = memoryview(raw)  # no copies: a mail may be large
    pieces: list[bytes | memoryview] = []
    cursor = 0
    for edit in edits:
        if not cursor <= edit.span.start <= edit.span.end <= len(raw):
            raise SpliceError(f"{edit.span} after byte {cursor} of {len(raw)}")
        pieces += (view[cursor : edit.span.start], edit.new)
        cursor = edit.span.end
    return b"".join((*pieces, view[cursor:]))
