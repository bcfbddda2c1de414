"""A message on the wire, piece by piece: nobody waits while a large one is worked through.

Each pass over a whole message of 20 MB holds up all other connections for 10 to 40 ms; a pass over
the 64 KB that arrive at a time takes no noticeable time.
"""

import io
from collections.abc import Iterator

from gateway.core.lines import has_bare_line_ends, mend_line_ends

_END = b"\r\n.\r\n"
"""Only this ends a message (RFC 5321 section 4.1.1.4), never a dot beside a bare LF or CR."""


class Incoming:
    """The message that comes after DATA: its end is found and its dots are unstuffed.

    A dot that begins a line is dropped (section 4.5.2), however the message is cut into pieces.

    has_bare_line_ends  a CR or LF came that is not half of a CRLF
    """

    def __init__(self) -> None:
        # getvalue() hands its bytes out without a copy; growing may move them once or twice.
        self._content = io.BytesIO()
        self._rest = _END[:2]  # may begin the end or a stuffed dot; at first the start of a line
        self._held = 0
        self._begins = True
        self.has_bare_line_ends = False
        self.size = 0  # octets so far, without what may be the end

    @property
    def held_bytes(self) -> int:
        """How many octets are held now."""
        return self._held + len(self._rest)

    def take(self, piece: bytes) -> bytes | None:
        """Take the next bytes; return what follows the message's end, None until that has come."""
        wire = self._rest + piece
        end = _find_end(wire)
        if end >= 0:
            self._keep(wire[: end + 2])
            return wire[end + len(_END) :]
        # The end and a stuffed dot both begin with CR: from a late CR on, bytes are kept back.
        late = max(len(wire) - len(_END) + 1, 0)
        cut = wire.find(b"\r", late)
        cut = len(wire) if cut < 0 else cut
        self._keep(wire[:cut])
        self._rest = wire[cut:]
        return None

    def drop(self) -> None:
        """Let go of what is held: the message is too large, only its end matters now."""
        self._content = io.BytesIO()
        self._held = 0

    def message(self) -> bytes:
        """Return the message, when its end has come."""
        return self._content.getvalue()

    def _keep(self, wire: bytes) -> None:
        content = _replace(wire, b"\r\n.", b"\r\n")
        if self._begins and wire:
            self._begins = False
            wire, content = wire[2:], content[2:]  # drop the CRLF that we put in front
        self.has_bare_line_ends = self.has_bare_line_ends or has_bare_line_ends(wire)
        self.size += len(content)  # doubled dots do not count (RFC 1870 section 5)
        self._content.write(content)
        self._held += len(content)


def write_wire(content: bytes, piece_bytes: int) -> Iterator[bytes]:
    """Yield `content` as it goes on the wire: CRLF line ends, leading dots doubled.

    piece_bytes  about how long a piece is, at least 2

    A piece ends after a line end where there is one, and never between CR and LF (section 4.5.2).
    """
    start, begins_line = 0, True
    while start < len(content):
        end = _cut(content, start, start + piece_bytes)
        piece = mend_line_ends(content[start:end])
        stuffed = _replace(piece, b"\r\n.", b"\r\n..")
        yield b"." + stuffed if begins_line and piece.startswith(b".") else stuffed
        start, begins_line = end, piece.endswith(b"\r\n")


# A lone dot is found ten times faster than CRLF and dot, and base64 has no dots: after the last dot
# there is nothing to look for.


def _find_end(wire: bytes) -> int:
    return wire.find(_END, 0, wire.rfind(b".") + 3)


def _replace(wire: bytes, old: bytes, new: bytes) -> bytes:
    """Replace `old`, which ends with a dot."""
    behind = wire.rfind(b".") + 1
    return wire[:behind].replace(old, new) + wire[behind:] if behind else wire


def _cut(content: bytes, start: int, end: int) -> int:
    """Return where a piece from `start` ends: after a line end if possible, never in a CRLF."""
    if end >= len(content):
        return len(content)
    line_end = content.rfind(b"\r\n", start, end)
    return line_end + 2 if line_end >= 0 else end - content.endswith(b"\r", start, end)
