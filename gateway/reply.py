"""An SMTP reply (RFC 5321 section 4.2): three digits and text, printable ASCII only on the wire."""

import re
from dataclasses import dataclass

_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_LONGEST_LINE = 500  # RFC 5321 section 4.5.3.1.5: 512 octets with code and line end


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: `code` is 200 to 599, `text` its lines without the code, newlines between."""

    code: int
    text: str

    @property
    def is_positive(self) -> bool:
        """Whether the command succeeded (2yz) or may go on (3yz)."""
        return self.code < 400

    def __str__(self) -> str:
        """Return the reply as it goes on the wire, without the last line end.

        Whatever is not printable ASCII becomes `?`: a reply text may come from another server,
        and must not be able to forge a reply or a log line.
        """
        if len(self.text) <= _LONGEST_LINE and self.text.isascii() and self.text.isprintable():
            return f"{self.code:03d} {self.text}"  # as nearly all are
        *above, last = [printable(line)[:_LONGEST_LINE] for line in self.text.split("\n")]
        head = "".join([f"{self.code:03d}-{line}\r\n" for line in above])
        return f"{head}{self.code:03d} {last}"


def printable(text: str) -> str:
    """Return `text` on one line, with `?` for whatever is not printable ASCII.

    Another server wrote it; a terminal or a log must not obey control characters in it.
    """
    if text.isascii() and text.isprintable():  # as nearly all are
        return text
    return _UNPRINTABLE.sub("?", text.replace("\r", "").replace("\n", " "))
