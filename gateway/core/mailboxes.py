"""The addresses in a From, To or Cc field (RFC 5322 section 3.4), read alike by every Python.

The standard library's reader changed within its versions: of a field that it finds odd it gives
some addresses or none. Here what may be an address counts as one.
"""

import re

_PIECE = re.compile(
    r'(?:"(?:[^"\\]|\\.?)*(?:"|(?P<unclosed>\Z))|[^\s<>()\[\]",;:@]+)'
    r'(?P<domain>@[^\s<>()\[\]",;:@]+)?'
    r"|\([^()]*\)",
    re.DOTALL,
)


def addresses_in(value: str) -> list[str]:
    """Return the addresses in an unfolded field's value, in order, as they are written.

    Names in quotation marks and comments are not looked at; a mark that is never closed is none.
    """
    found: list[str] = []
    for piece in _PIECE.finditer(value):
        if piece["unclosed"] is not None:
            rest = value[piece.start() :].replace('"', " ")
            return found + addresses_in(rest)
        if piece["domain"]:
            found.append(piece[0])
    return found
