"""Where the parts of an edited mail are, told from where they were.

The structure of a mail is in its headers and in the lines that begin with `--` and a boundary (RFC
2046 section 5.1.1). An edit within the body of a leaf that makes no such line leaves all parts as
they are and moves those behind it: they need not be looked for again.
"""

from collections.abc import Sequence

from gateway.core.mime import Part, walk
from gateway.core.splice import Edit, Span

Growths = Sequence[tuple[int, int]]
"""For each edit: where the bytes it replaces end, and by how many bytes the message grows."""


def move_parts(raw: bytes, root: Part, edited: bytes, edits: Sequence[Edit]) -> Part | None:
    """Return what `scan(edited)` returns, None where only that can tell.

    root    what `scan(raw)` returned
    edited  what `edits` make of `raw`; they are in order of position
    """
    parts = [one for one in walk(root) if not one.is_multipart]
    # where no empty line ends the header, the body is what comes behind all of it
    leaves = [one.body for one in parts if one.header.end < one.body.start]
    kept = keep_parts(raw, leaves, boundaries_of(root), edited, edits)
    return move_part(root, growths_of(edits)) if kept else None


def boundaries_of(root: Part) -> tuple[bytes, ...]:
    """Return the boundaries of all multiparts in the message."""
    told = [one.params.get("boundary", "") for one in walk(root) if one.is_multipart]
    return tuple([one.rstrip(" ").encode("latin-1", "replace") for one in told])


def keep_parts(
    raw: bytes,
    bodies: Sequence[Span],
    boundaries: Sequence[bytes],
    edited: bytes,
    edits: Sequence[Edit],
) -> bool:
    """Tell whether `edits` surely leave all parts of the message as they are.

    bodies      of leaves of `raw`; an edit anywhere else is not sure
    boundaries  of all its multiparts
    """
    marks = tuple([b"--" + one for one in boundaries])
    growth = 0
    for (start, end), new in edits:
        if not any(body.start <= start <= end <= body.end for body in bodies):
            return False
        behind = start + growth + len(new)
        if _may_delimit(raw, start, end, marks):
            return False
        if _may_delimit(edited, start + growth, behind, marks):
            return False
        growth = behind - end
    return True


def _may_delimit(raw: bytes, start: int, end: int, marks: tuple[bytes, ...]) -> bool:
    """Tell whether a line in which something of `start` to `end` is may be read as a delimiter.

    marks  how each delimiter begins
    """
    first = raw.rfind(b"\n", 0, start) + 1
    last = raw.find(b"\n", end)
    lines = raw[first : last if last >= 0 else len(raw)]
    # A CR at the end of what is put in could become part of the line end before a delimiter.
    if lines.startswith(marks) or raw[end - 1 : end] == b"\r":
        return True
    return b"\n--" in lines and any(b"\n" + mark in lines for mark in marks)


def move_part(part: Part, growths: Growths) -> Part:
    """Return a part, and all in it, where the edits have moved it."""
    moved = part.standing_at(move_span(part.header, growths), move_span(part.body, growths))
    if not part.children:
        return moved
    return moved._replace(children=tuple([move_part(one, growths) for one in part.children]))


def growths_of(edits: Sequence[Edit]) -> Growths:
    """Return what `edits` do to the offsets behind them."""
    return [(one.span.end, len(one.new) - one.span.end + one.span.start) for one in edits]


def move_span(span: Span, growths: Growths) -> Span:
    """Return where `span` of the original lies in the edited bytes, grown by edits in it."""
    start, end = moved_start, moved_end = span
    for at, growth in growths:
        if at < start:
            moved_start += growth
        if at <= end:
            moved_end += growth
    return Span(moved_start, moved_end)
