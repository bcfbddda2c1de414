"""Put new bytes in the place of old ones; all others stay identical."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class SpliceError(ValueError):
    """The edits overlap or point outside the message: a fault of ours, never of the mail."""


class Span(NamedTuple):
    """Bytes `start` to `end` (exclusive) of a message.

    A tuple, because a mail has a hundred of them: it takes half as long to make as a dataclass.
    """

    start: int
    end: int

    def of(self, raw: bytes) -> bytes:
        """Return the bytes this span covers."""
        return raw[self.start : self.end]


class Edit(NamedTuple):
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
    return b"".join(edited_pieces(raw, edits)) if edits else raw


def gives(raw: bytes, edits: Sequence[Edit], wanted: bytes) -> bool:
    """Tell whether `apply_edits(raw, edits)` is `wanted`, without making a copy of the message.

    Raises SpliceError as apply_edits() does.
    """
    cursor = 0
    for piece in edited_pieces(raw, edits):
        if not wanted.startswith(piece, cursor):
            return False
        cursor += len(piece)
    return cursor == len(wanted)


def edited_pieces(raw: bytes, edits: Sequence[Edit]) -> Iterator[bytes | memoryview]:
    """Yield the pieces that `apply_edits(raw, edits)` joins, without copying the message.

    Raises SpliceError as apply_edits() does.
    """
    view = memoryview(raw)
    cursor = 0
    for edit in edits:
        if not cursor <= edit.span.start <= edit.span.end <= len(raw):
            raise SpliceError(f"{edit.span} after byte {cursor} of {len(raw)}")
        yield view[cursor : edit.span.start]
        yield edit.new
        cursor = edit.span.end
    yield view[cursor:]
