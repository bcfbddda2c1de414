"""Transfer encodings (RFC 2045 section 6): decode a leaf, and change a stretch of it in place."""

import binascii
import re
from typing import NamedTuple

from gateway.core.lines import BARE_CR
from gateway.core.memory import remembered, remembered_whole
from gateway.core.splice import Edit, Span

IDENTITY = ("", "7bit", "8bit", "binary")
_MAX_ENCODED_LINE = 75  # one less than RFC 2045 allows: a `=` of the mail may follow


MAX_LINE_BYTES = 998
"""Without the line end (RFC 5322 section 2.1.1)."""
_UNWRAPPED = 1 << 62
_TAKEN_APART = 996
"""The width of base64 that had no line ends and grew too long: by it strip knows to join it."""


class TransferError(ValueError):
    """The body is not what its Content-Transfer-Encoding says, or cannot be changed in place."""


def decode_transfer(encoding: str, body: bytes) -> bytes:
    """Return the decoded bytes of a leaf's body.

    encoding  lower case, "" means 7bit

    Raises TransferError for an unknown encoding and for base64 that two readers would take
    differently.
    """
    if encoding in IDENTITY:
        return body
    if encoding == "quoted-printable":
        return _decode_qp(body)
    if encoding == "base64":
        return _decode_base64(body)
    raise TransferError(f"transfer encoding {encoding[:20]!r}")


class Change(NamedTuple):
    """Replace the decoded bytes of `span` by `new`; line ends in `new` are the leaf's own."""

    span: Span
    new: bytes


def encode_change(encoding: str, body: bytes, data: bytes, change: Change, line_end: bytes) -> Edit:
    r"""Return the edit of `body` that makes `change` in what it decodes to.

    data      what it decodes to
    line_end  of the message: b"\r\n" or b"\n"

    A change and its reversal give back the same bytes. Raises TransferError where that cannot be.
    """
    if encoding in IDENTITY:
        return Edit(change.span, change.new)
    if encoding == "quoted-printable":
        return _change_qp(body, data, change, line_end)
    if encoding == "base64":
        return _change_base64(body, data, change, line_end)
    raise TransferError(f"transfer encoding {encoding[:20]!r}")


_QP_TOKEN = re.compile(rb"((?:=[0-9A-Fa-f]{2})+)|((?:=[ \t]*(?:\r?\n|\Z))+)|([^=]+|=)")


def _decode_qp(body: bytes) -> bytes:
    # In C where that reads it as we do: whatever is no escape and no line end changes the size.
    # An escape is two bytes longer than what it means; a soft break is `=` and a line end.
    pairs = body.count(b"=\r")
    if not BARE_CR.search(body) or body.count(b"=\r\n") == pairs:  # the pattern takes half the time
        decoded = binascii.a2b_qp(body)
        if len(decoded) == len(body) - 2 * body.count(b"=") - pairs:
            return decoded
    pieces = []
    for token in _QP_TOKEN.finditer(body):
        if token[1]:
            pieces.append(binascii.unhexlify(token[1].replace(b"=", b"")))
        elif token[3]:
            pieces.append(token[3])
    return b"".join(pieces)


def _raw_offset(
    body: bytes, decoded_offset: int, start: int = 0, count: int = 0, stretch: float = 1
) -> int:
    """Return the first place in quoted-printable `body` before which `decoded_offset` bytes are.

    start, count  where to begin, between two tokens, and how many decoded bytes lie before it
    stretch       how many times longer `body` is than what it decodes to, if known
    """
    if decoded_offset == count:
        return start
    start, count = _skip_lines(body, decoded_offset, start, count, stretch)
    for token in _QP_TOKEN.finditer(body, start):
        escapes, literal = token[1], token[3]
        width = 3 if escapes else 1
        size = len(escapes) // 3 if escapes else len(literal or b"")
        if count + size >= decoded_offset:
            return token.start() + (decoded_offset - count) * width
        count += size
    raise TransferError("behind the end")


def _skip_lines(
    body: bytes, decoded_offset: int, start: int, count: int, stretch: float
) -> tuple[int, int]:
    """Return the start of a line that lies before `decoded_offset`, and what is decoded before it.

    A line end always ends a token. Stretches of lines are decoded in C: each a little shorter than
    the last one makes likely, but at least as long as is safe, since no decoded byte takes less
    than one encoded byte.
    """
    likely = int((decoded_offset - count) * stretch * 15 / 16)
    while True:
        sure = decoded_offset - count - 1
        end = body.rfind(b"\n", start, start + max(likely, sure)) + 1
        if not end:
            return start, count
        length, size = end - start, len(_decode_qp(body[start:end]))
        if size <= sure:
            start, count, sure = end, count + size, sure - size
        likely = sure * length * 15 // (size * 16) if size else 2 * length


def _line_near_end(body: bytes, decoded_offset: int, size: int) -> tuple[int, int]:
    """Return the start of a line that lies before `decoded_offset`, and what is decoded before it.

    size  to how many bytes `body` decodes: the place is searched for from the end
    """
    missing = size - decoded_offset
    likely = len(body) - missing * len(body) * 17 // (size * 16 or 1) - 2 * _MAX_ENCODED_LINE
    start = body.rfind(b"\n", 0, likely) + 1 if likely > len(body) // 2 else 0
    count = size - len(_decode_qp(body[start:])) if start else 0
    return (start, count) if count < decoded_offset else (0, 0)


def _change_qp(body: bytes, data: bytes, change: Change, line_end: bytes) -> Edit:
    if not change.new:
        found = _find_as_written(body, data, change.span, line_end)
        return Edit(found or _find_encoded(body, data, change.span), b"")
    start, end = _find_encoded(body, data, change.span)
    if start and body[start - 1] == 0x3D:
        raise TransferError("a stray = would swallow what is put behind it")
    # A blank at the end of an encoded line is lost on the way (RFC 2045 6.7 rule 3): keep it off.
    guard = b"=" + line_end if body[start - 1 : start] in (b" ", b"\t") and start else b""
    return Edit(Span(start, end), guard + _encode_qp(change.new, line_end))


def _find_encoded(body: bytes, data: bytes, span: Span) -> Span:
    """Return where quoted-printable `body` says what stands at `span` in `data`."""
    first, last = span
    stretch = len(body) / len(data) if data else 1
    start = _raw_offset(body, first, *_line_near_end(body, first, len(data)), stretch)
    return Span(start, _raw_offset(body, last, start, first, stretch))


_FIRST_BYTES = 64


def _find_as_written(body: bytes, data: bytes, span: Span, line_end: bytes) -> Span | None:
    """Return where `span` of `data` stands as we would write it, None when that is not sure.

    What is taken out was mostly put in by us: then only what follows it needs decoding.
    """
    encoded = _encode_qp(span.of(data), line_end)
    start = body.find(encoded[:_FIRST_BYTES])
    if start <= 0 or not encoded or not body.startswith(encoded, start):
        return None
    # Not inside an escape nor after a soft break: such places are left to the token search.
    before = body[max(0, start - 76) : start]
    line = before.rstrip(b" \t\r\n")
    if b"=" in before[-2:] or not line or line.endswith(b"="):
        return None
    end = start + len(encoded)
    is_there = len(_decode_qp(body[end:])) == len(data) - span.end
    return Span(start, end) if is_there else None


_QP_UNSAFE = re.compile(rb"[^\x21-\x3c\x3e-\x7e \t]+|[ \t]\Z")


@remembered_whole
def _encode_qp(text: bytes, line_end: bytes) -> bytes:
    newline = b"\r\n" if b"\r\n" in text else b"\n"
    as_escapes = b"".join(b"=%02X" % byte for byte in newline) + b"=" + line_end
    joint = line_end if newline == line_end else as_escapes
    encoded = joint.join(_encode_qp_line(line, line_end) for line in text.split(newline))
    # A soft break at the end would stay behind when the text is taken out again.
    return encoded.removesuffix(b"=" + line_end)


@remembered
def _encode_qp_line(line: bytes, line_end: bytes) -> bytes:
    escaped = _QP_UNSAFE.sub(_escape, line)
    if len(escaped) <= _MAX_ENCODED_LINE:
        return escaped
    lines, cursor = [], 0
    while len(escaped) - cursor >= _MAX_ENCODED_LINE:
        end = cursor + _MAX_ENCODED_LINE - 1
        escape = escaped.find(b"=", end - 2, end)  # one that would be cut in two
        end = end if escape < 0 else escape
        lines.append(escaped[cursor:end])
        cursor = end
    return (b"=" + line_end).join((*lines, escaped[cursor:]))


def _escape(found: re.Match[bytes]) -> bytes:
    return b"=" + found[0].hex("=").upper().encode("ascii")


class _Wrapping(NamedTuple):
    """How a base64 body is laid out: where the text of it lies, its line width and line end.

    Blanks that stand before every line end are part of it.
    """

    core: Span
    width: int
    line_end: bytes


def _wrapping(body: bytes, line_end: bytes) -> _Wrapping:
    start = len(body) - len(body.lstrip(b"\r\n"))
    end = max(start, len(body.rstrip(b"\r\n \t")))
    feed = body.find(b"\n", start, end)
    if feed >= 0:
        width = len(body[start:feed].removesuffix(b"\r").rstrip(b" \t"))
        return _Wrapping(Span(start, end), width, body[start + width : feed + 1])
    # A single line that fits is the first of a wrapped body; a longer one was never wrapped.
    width = 76 if end - start <= 76 else _UNWRAPPED
    return _Wrapping(Span(start, end), width, line_end)


def _decode_base64(body: bytes) -> bytes:
    packed = body.translate(None, b"\r\n \t")
    try:
        return binascii.a2b_base64(packed, strict_mode=True)
    except binascii.Error as error:
        raise TransferError(f"base64: {error}") from None


def _wrap(data: bytes, wrapping: _Wrapping) -> bytes:
    packed = binascii.b2a_base64(data, newline=False)
    width = wrapping.width
    return wrapping.line_end.join([packed[at : at + width] for at in range(0, len(packed), width)])


def _is_regular(text: bytes, data: bytes, wrapping: _Wrapping) -> bool:
    """Tell whether `text`, which decodes to `data`, is what `_wrap(data, wrapping)` would give.

    text  without blanks or line ends around it
    """
    width, end = wrapping.width, wrapping.line_end
    stride = width + len(end)
    ends, last = divmod(len(text), stride)
    if width % 4 or last > width or len(text) != -(-len(data) // 3) * 4 + ends * len(end):
        return False
    # Where line ends should be are all bytes that are no base64: each n-th byte, at C speed.
    if any(text[width + n :: stride] != end[n : n + 1] * ends for n in range(len(end))):
        return False
    # What is left is as long as it must be for `data`: only the last byte or two can be written in
    # several ways, for some of the bits there mean nothing.
    odd = len(data) % 3
    return not odd or text.endswith(binascii.b2a_base64(data[-odd:], newline=False))


def _change_base64(body: bytes, data: bytes, change: Change, line_end: bytes) -> Edit:
    wrapping = _wrapping(body, line_end)
    core = wrapping.core
    if not _is_regular(core.of(body), data, wrapping):
        raise TransferError("base64 laid out unusually")
    if wrapping.width == _TAKEN_APART:
        if change.new:
            raise TransferError("base64 that looks taken apart")
        wrapping = wrapping._replace(width=_UNWRAPPED)
    per_line = wrapping.width // 4 * 3
    line = change.span.start // per_line
    # At a line's very end, begin with the line before: the rest then starts with a line of its own.
    line -= 1 if line and line * per_line == change.span.start else 0
    kept = line * per_line
    changed = data[kept : change.span.start] + change.new + data[change.span.end :]
    start = core.start + line * (wrapping.width + len(wrapping.line_end))
    new = _wrap(changed, wrapping)
    if wrapping.width == _UNWRAPPED and change.new and len(new) > MAX_LINE_BYTES:
        new = _wrap(changed, wrapping._replace(width=_TAKEN_APART))
    return Edit(Span(start, core.end), new)
