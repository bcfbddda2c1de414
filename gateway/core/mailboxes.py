"""The addresses in a From, To or Cc field (RFC 5322 section 3.4), read alike by every Python.

The standard library's reader differs between Python versions: from a field that it finds odd it
returns some of the addresses, or none. Here whatever may be an address counts as one, also in
obsolete forms (section 4.4): blanks and comments around the `@`, a doubled `@`, a quoted address.
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

    Comments are skipped, and so are quoted names without a `<`; a quotation mark that is never
    closed is ignored.
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
