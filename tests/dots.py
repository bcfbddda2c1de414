"""Dots on the wire as RFC 5321 section 4.5.2 words it: of a whole message, at once."""


def stuff_dots(content: bytes) -> bytes:
    """Return `content` as it goes on the wire: a dot more before each line that starts with one."""
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def unstuff_dots(wire: bytes) -> bytes:
    """Return the message that `wire` carries: undo `stuff_dots`, and drop any other leading dot."""
    content = wire.replace(b"\r\n.", b"\r\n")
    return content[1:] if content.startswith(b".") else content
