"""A milter that puts a footer into text and HTML: run by a Python that has pymilter.

    python3 bench/footer_milter.py SOCKET        prints "ready"

The splice is as cheap as it can be made without looking at the mail: what is compared is the way
through Postfix and libmilter.
"""

import sys

import Milter  # type: ignore[import-not-found]  # of the system's Python

FOOTER = b"\r\nhttps://relay.example/r/abcdefghijklmnopqrstuvwx22\r\n"
GO_ON: int = Milter.CONTINUE


class Footer(Milter.Base):  # type: ignore[misc]
    """Collect the body, put the footer before the last boundary, hand it back."""

    def __init__(self) -> None:
        self._body: list[bytes] = []

    def envfrom(self, *_: object) -> int:
        """Begin a mail."""
        self._body = []
        return GO_ON

    def body(self, block: bytes) -> int:
        """Keep a piece of the body."""
        self._body.append(block)
        return GO_ON

    def eom(self) -> int:
        """Put the footer in."""
        body = b"".join(self._body)
        cut = body.rfind(b"\r\n--")
        self.replacebody(body[:cut] + FOOTER + body[cut:] if cut >= 0 else body + FOOTER)
        return GO_ON


Milter.factory = Footer
Milter.set_flags(Milter.CHGBODY)
print("ready", flush=True)  # noqa: T201
Milter.runmilter("footer", sys.argv[1], 240)
