"""Line ends and the header section of a message's bytes (RFC 5321 section 2.3.8)."""

import re
from collections.abc import Iterator

BARE_CR = re.compile(rb"\r(?!\n)")
_RECEIVED = re.compile(rb"\nreceived[ \t]*:", re.IGNORECASE)


_PIECE_BYTES = 16 << 10
"""So much is looked at in one go. The line ends of a piece with lines of one length are told by
their places; one in which an attachment ends and the next begins is looked through."""


def has_bare_line_ends(raw: bytes) -> bool:
    """Tell whether `raw` has a CR or LF that is not half of a CRLF."""
    if len(raw) <= _PIECE_BYTES:
        return _has_bare(raw)
    return any(_has_bare(piece) for piece in _pieces(raw) if not _is_ruled(piece))


def has_bare_cr(raw: bytes) -> bool:
    """Tell whether `raw` has a CR without its LF."""
    if len(raw) <= _PIECE_BYTES:
        return BARE_CR.search(raw) is not None
    return any(BARE_CR.search(piece) for piece in _pieces(raw) if not _is_ruled(piece))


def _has_bare(raw: bytes) -> bool:
    # Three scans at C speed; to count pairs takes twice as long as to look for a CR that is none.
    return BARE_CR.search(raw) is not None or raw.count(b"\n") != raw.count(b"\r")


def _pieces(raw: bytes) -> Iterator[bytes]:
    """Cut `raw`, never between CR and LF: a thread that looks at 20 MB lets others in between."""
    start = 0
    while start < len(raw):
        end = start + _PIECE_BYTES
        end += raw.startswith(b"\r\n", end - 1)
        yield raw[start:end]
        start = end


def _is_ruled(piece: bytes) -> bool:
    """Tell whether all lines of `piece` have the same length and CRLF, as base64 does.

    Said in a fifth of the time that a look for each line end takes: where they should be stands
    each n-th byte, and without these there are none.
    """
    first = piece.find(b"\r\n")
    second = piece.find(b"\r\n", first + 2)
    if first < 0 or second < 0:
        return False
    width = second - first
    returns, feeds = piece[first::width], piece[first + 1 :: width]
    if returns != b"\r" * len(feeds) or feeds != b"\n" * len(feeds):
        return False
    rest = bytearray(piece)
    del rest[first + 1 :: width]
    del rest[first :: width - 1]
    return b"\r" not in rest and b"\n" not in rest


def mend_line_ends(raw: bytes) -> bytes:
    """Return `raw` with every bare CR and bare LF made CRLF; the same object when there is none.

    Two servers that disagree about a bare LF can be made to see two mails in one (SMTP
    smuggling): no mail with one passes.
    """
    if not has_bare_line_ends(raw):
        return raw
    # At C speed: a pattern takes five seconds for a mail of 25 MB that is all LF.
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def header_block(raw: bytes) -> bytes:
    """Return the header section of `raw` with its last line end, without the empty line."""
    if raw.startswith(b"\r\n"):
        return b""
    end = raw.find(b"\r\n\r\n")
    return raw if end < 0 else raw[: end + 2]


def count_received(raw: bytes) -> int:
    """Return how many hops `raw` has seen: its Received fields (RFC 5321 section 6.3)."""
    # Behind a line end, not at ^: a literal is looked for at C speed.
    return len(_RECEIVED.findall(b"\n" + header_block(raw)))
