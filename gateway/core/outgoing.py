"""The edited message as it leaves: header fields taken out, leaf parts edited, all to be undone."""

from collections.abc import Sequence

from gateway.core.mime import Part, scan
from gateway.core.removed import MAX_BYTES, take_out, write_removed
from gateway.core.restore import originals
from gateway.core.splice import Edit, Span, apply_edits


def apply_changes(raw: bytes, edits: Sequence[Edit], removed: Sequence[Span]) -> bytes:
    """Return `raw` with the edits made and the removed header fields gone.

    Raises SpliceError when they overlap or point outside `raw`.
    """
    if not removed:
        return apply_edits(raw, edits)
    changes = [*(Edit(span, b"") for span in removed), *edits]
    return apply_edits(raw, sorted(changes, key=lambda edit: edit.span.start))


def write_changes(raw: bytes, edits: Sequence[Edit], removed: Sequence[Span]) -> bytes:
    """Return what stands below the trace header: our field on what was removed, the message."""
    return write_removed(take_out(raw, removed)) + apply_changes(raw, edits, removed)


def may_remove(raw: bytes, root: Part, edits: Sequence[Edit], removed: Sequence[Span]) -> bool:
    """Tell whether the fields can go, together with the edits, and come back to the byte.

    The other header fields and the form of the mail must be what they were.
    """
    if sum(span.end - span.start for span in removed) > MAX_BYTES:
        return False
    after = scan(apply_changes(raw, edits, removed))
    kept = [one.name for one in root.fields if one.span not in removed]
    if [one.name for one in after.fields] != kept or after.media_type != root.media_type:
        return False
    return raw in originals(write_changes(raw, edits, removed))
