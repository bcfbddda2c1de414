"""Line ends and the header section of a message's bytes (RFC 5321 section 2.3.8)."""

import re

BARE_CR = re.compile(rb"\r(?!\n)")
_RECEIVED = re.compile(rb"\nreceived[ \t]*:", re.IGNORECASE)


def has_bare_line_ends(raw: bytes) -> bool:
    """Tell whether `raw` has a CR or LF that is not half of a CRLF."""
    # Three scans at C speed; to count pairs takes twice as long as to look for a CR that is none.
    return BARE_CR.search(raw) is not None or raw.count(b"\n") != raw.count(b"\r")


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
