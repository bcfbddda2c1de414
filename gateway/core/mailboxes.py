"""The addresses in a From, To or Cc field (RFC 5322 section 3.4), read alike by every Python.

The standard library's reader changed within its versions: of a field that it finds odd it gives
some addresses or none. Here what may be an address counts as one, in obsolete forms as well
(section 4.4): blanks and comments around the `@`, one too many of it, an address in quotes.
"""

import re

_ATOM = r"[^\s<>()\[\]\",;:@]+"
_BETWEEN = r"(?:\s|\([^()]*\))*"
_PIECE = re.compile(
    rf'(?P<local>"(?:[^"\\]|\\.?)*(?:"|(?P<unclosed>\Z))|{_ATOM})'
    rf"(?:{_BETWEEN}@+{_BETWEEN}(?P<domain>{_ATOM}|\[[^\[\]]*\]))?"
    r"|\([^()]*\)",
    re.DOTALL | re.ASCII,  # latin-1 knows blanks that are bytes of UTF-8
)


def addresses_in(value: str) -> list[str]:
    """Return the addresses in an unfolded field's value, in order, without blanks and comments.

    Comments are not looked at, nor are names in quotation marks that hold no `<`; a mark that is
    never closed is none.
    """
    found: list[str] = []
    seen = 0
    for piece in _PIECE.finditer(value):
        if piece["unclosed"] is not None:
            return found + addresses_in(_unquoted(value[piece.start() :]))
        local, domain = piece["local"], piece["domain"]
        if domain:
            found.append(f"{local}@{domain}")
        elif local and local.startswith('"'):
            between = value[seen : piece.start()].rstrip()
            if "<" in local or between.endswith("<"):  # marks that stand alone, or a mistake
                found += addresses_in(_unquoted(local))
        seen = piece.end()
    return found


def _unquoted(text: str) -> str:
    return text.replace('"', " ")
