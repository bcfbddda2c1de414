"""The edited message as it leaves: header fields taken out, leaf parts edited, all to be undone."""

from collections.abc import Sequence

from gateway.core.mime import Part, scan
from gateway.core.removed import MAX_BYTES, take_out, write_removed
from gateway.core.restore import originals
from gateway.core.splice import Edit, Span, apply_edits, edited_pieces, in_order


def apply_changes(raw: bytes, edits: Sequence[Edit], removed: Sequence[Span]) -> bytes:
    """Return `raw` with the edits made and the removed header fields gone.

    Raises SpliceError when they overlap or point outside `raw`.
    """
    return apply_edits(raw, _together(edits, removed))


def write_changes(
    raw: bytes, edits: Sequence[Edit], removed: Sequence[Span], above: Sequence[bytes] = ()
) -> bytes:
    """Return the message as it leaves: our field listing what was removed, then the edited message.

    above  fields to put above all that, in the same copy: a message may have 20 MB
    """
    own = write_removed(take_out(raw, removed)) if removed else b""
    return b"".join((*above, own, *edited_pieces(raw, _together(edits, removed))))


def _together(edits: Sequence[Edit], removed: Sequence[Span]) -> Sequence[Edit]:
    """Return all changes, in order of position."""
    if not removed:
        return edits
    return in_order((*(Edit(span, b"") for span in removed), *edits))


def may_remove(raw: bytes, edits: Sequence[Edit], removed: Sequence[Span]) -> bool:
    """Tell whether the fields can go, together with the edits, and come back to the byte.

    All other header fields and the form of the mail must be what the edits alone make of them.
    """
    if sum(span.end - span.start for span in removed) > MAX_BYTES:
        return False
    edited, changed = apply_edits(raw, edits), apply_changes(raw, edits, removed)
    before, after = scan(edited), scan(changed)
    gone = {span.of(raw) for span in removed}
    kept = [text for text in _texts(edited, before) if text not in gone]
    if _texts(changed, after) != kept or after.media_type != before.media_type:
        return False
    return raw in originals(write_changes(raw, edits, removed))


def _texts(message: bytes, root: Part) -> list[bytes]:
    return [one.span.of(message) for one in root.fields]
