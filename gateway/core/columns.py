"""How wide a line is for a Japanese reader, and how a name is made to fit one."""

import unicodedata

_WIDE = frozenset("WFA")  # ambiguous ones (― …) are wide in a Japanese reader's font


def one_line(text: str) -> str:
    """Return `text` as one line: no line end, control or direction character survives.

    A company's name is typed by a person; a line end in it would forge lines of the block.
    """
    shown = (" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    return " ".join("".join(shown).split())


def columns(text: str) -> float:
    """Return the width of `text` in full-width columns; an ASCII character takes half a one."""
    return sum(map(_width, text))


def _width(char: str) -> float:
    if unicodedata.combining(char):
        return 0
    return 1 if unicodedata.east_asian_width(char) in _WIDE else 0.5


def shorten(text: str, limit: float) -> str:
    """Return `text`, cut and ended by an ellipsis where it is wider than `limit` columns."""
    if columns(text) <= limit:
        return text
    ellipsis = "..." if text.isascii() else "…"  # an ASCII mail can carry an ASCII name, shortened
    kept, used = "", columns(ellipsis)
    for char in text:
        used += _width(char)
        if used > limit:
            break
        kept += char
    return kept.rstrip() + ellipsis
