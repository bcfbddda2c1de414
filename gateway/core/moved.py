"""Where the parts of an edited mail are, told from where they were.

The structure of a mail is in its headers and in the lines that begin with `--` (RFC 2046 section
5.1.1). An edit within the body of a leaf that makes no such line leaves all parts as they are and
moves those behind it: they need not be looked for again.
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
    growth = 0
    for (start, end), new in edits:
        if not any(body.start <= start <= end <= body.end for body in leaves):
            return None
        behind = start + growth + len(new)
        if _may_delimit(raw, start, end) or _may_delimit(edited, start + growth, behind):
            return None
        growth = behind - end
    return _moved(root, growths_of(edits))


def _may_delimit(raw: bytes, start: int, end: int) -> bool:
    """Tell whether a line in which something of `start` to `end` is may be read as a delimiter."""
    first = raw.rfind(b"\n", 0, start) + 1
    last = raw.find(b"\n", end)
    lines = raw[first : last if last >= 0 else len(raw)]
    # A CR at the end of what is put in could become part of the line end before a delimiter.
    return lines.startswith(b"--") or b"\n--" in lines or raw[end - 1 : end] == b"\r"


def _moved(part: Part, growths: Growths) -> Part:
    return part._replace(
        header=move_span(part.header, growths),
        body=move_span(part.body, growths),
        children=tuple([_moved(child, growths) for child in part.children]),
    )


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
