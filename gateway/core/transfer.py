"""Transfer encodings (RFC 2045 section 6): decode a leaf, and change a stretch of it in place."""

import binascii
import re
from typing import NamedTuple

from gateway.core.lines import BARE_CR
from gateway.core.memory import remembered_letter, remembered_whole
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
    # Only a bare CR behind a `=` is read otherwise; to search for any takes half the time.
    if not pairs or not BARE_CR.search(body) or body.count(b"=\r\n") == pairs:
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


def _raw_offset(body: bytes, decoded_offset: int, start: int, count: int, size: int) -> int:
    """Return the first place in quoted-printable `body` before which `decoded_offset` bytes are.

    start, count  where to begin, between two tokens, and how many decoded bytes lie before it
    size          to how many bytes `body` decodes
    """
    if decoded_offset == count:
        return start
    start, count = _skip_lines(body, decoded_offset, start, count, len(body) / (size or 1))
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


def _find_line(body: bytes, data: bytes, offset: int, line_end: bytes) -> tuple[int, int]:
    """Return where the line of `data` in which `offset` lies begins, in `body` and in `data`.

    0, 0 when that is not sure, or the first line. The line ends behind are counted in what stands
    at the end of `body`, with soft breaks hidden and escaped line ends shown. It is sure when what
    stands behind the place decodes to as much as it should, and the line end before it, which is
    then the last byte decoded before, ends no soft break of another form.
    """
    first = data.rfind(b"\n", 0, offset) + 1
    if not first:
        return 0, 0
    rest, ends = len(data) - first, data.count(b"\n", first)
    behind = body[-4 * rest - 2 * _MAX_ENCODED_LINE :]  # an escape takes three bytes
    soft = b"=" + line_end
    shown = behind.replace(soft, b" " * len(soft)).replace(b"=0A", b"=0\n")
    above, *lines = shown.rsplit(b"\n", ends + 1)
    if len(lines) <= ends or above.removesuffix(b"\r")[-1:] in b"= \t":
        return 0, 0
    start = len(body) - len(behind) + len(above) + 1
    return (start, first) if len(_decode_qp(body[start:])) == rest else (0, 0)


def _change_qp(body: bytes, data: bytes, change: Change, line_end: bytes) -> Edit:
    if not change.new:
        found = _find_as_written(body, data, change.span, line_end)
        return Edit(found or _find_encoded(body, data, change.span, line_end), b"")
    span = _find_encoded(body, data, change.span, line_end)
    before = body[span.start - 1 : span.start] if span.start else b""
    if before == b"=":
        raise TransferError("a stray = would swallow what is put behind it")
    # A blank at the end of an encoded line is lost on the way (RFC 2045 6.7 rule 3): keep it off.
    guard = b"=" + line_end if before in (b" ", b"\t") else b""
    return Edit(span, guard + _encode_qp(change.new, line_end))


def _find_encoded(body: bytes, data: bytes, span: Span, line_end: bytes) -> Span:
    """Return where quoted-printable `body` says what stands at `span` in `data`."""
    first, last = span
    size = len(data)
    start = _raw_offset(body, first, *_find_line(body, data, first, line_end), size)
    return Span(start, _raw_offset(body, last, start, first, size))


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
    before = body[:start][-76:]
    if b"=" in before[-2:] or before.rstrip(b" \t\r\n")[-1:] in b"=":
        return None
    end = start + len(encoded)
    is_there = len(_decode_qp(body[end:])) == len(data) - span.end
    return Span(start, end) if is_there else None


_QP_PIECE = re.compile(
    # 72 to 74 bytes of a line that goes on, no escape cut in two; a line of 75 stays as it is
    rb"(?!^.{%d}$).{%d}(?:(?==)|[^=\n](?:(?==)|[^=\n](?=.)))|.*\n"
    % (_MAX_ENCODED_LINE, _MAX_ENCODED_LINE - 3),
    re.MULTILINE,
)


@remembered_whole
def _encode_qp(text: bytes, line_end: bytes) -> bytes:
    newline, escape = (b"\r\n", b"=0D=0A") if b"\r\n" in text else (b"\n", b"=0A")
    soft = b"=" + line_end
    joint = line_end if newline == line_end else escape + soft
    # Of a company's block only the line with the link changes from mail to mail.
    before, scheme, behind = text.partition(b"://")
    above, is_below, start = before.rpartition(newline)
    end, is_above, below = behind.partition(newline)
    encoded = _encode_lines(start + scheme + end, escape, joint, soft)
    if is_below:
        encoded = _encode_known(above, escape, joint, soft) + joint + encoded
    if is_above:
        encoded += joint + _encode_known(below, escape, joint, soft)
    # A soft break at the end would stay behind when the text is taken out again.
    return encoded.removesuffix(soft)


def _encode_lines(lines: bytes, escape: bytes, joint: bytes, soft: bytes) -> bytes:
    """Return `lines` encoded; what ends them has the form `escape` and is to become `joint`."""
    # In C, which breaks lines otherwise than we do, and escapes a dot that it puts at their start.
    escaped = binascii.b2a_qp(lines, istext=False).replace(b"\r", b"").replace(b"=\n", b"")
    ended = escaped.replace(b"=2E", b".").replace(escape, b"\n") + b"\n"
    ended = ended.replace(b" \n", b"=20\n").replace(b"\t\n", b"=09\n")
    return soft.join(_QP_PIECE.findall(ended))[:-1].replace(b"\n" + soft, joint)


_encode_known = remembered_letter(_encode_lines)


class _Wrapping(NamedTuple):
    """How a base64 body is laid out.

    start     where its text begins
    text      without blanks or line ends around it
    line_end  blanks that stand before every line end are part of it
    stride    from the start of a line to that of the next: the width and the line end
    """

    start: int
    text: bytes
    width: int
    line_end: bytes
    stride: int


def _wrapping(body: bytes, line_end: bytes) -> _Wrapping:
    behind = body.lstrip(b"\r\n")
    text = behind.rstrip(b"\r\n \t")
    start = len(body) - len(behind)
    feed = text.find(b"\n")
    if feed >= 0:
        width = len(text[: feed - (text[feed - 1] == 0x0D)].rstrip(b" \t"))
        return _Wrapping(start, text, width, text[width : feed + 1], feed + 1)
    # A single line that fits is the first of a wrapped body; a longer one was never wrapped.
    width = 76 if len(text) <= 76 else _UNWRAPPED
    return _Wrapping(start, text, width, line_end, width + len(line_end))


def _decode_base64(body: bytes) -> bytes:
    packed = body.translate(None, b"\r\n \t")
    try:
        return binascii.a2b_base64(packed, strict_mode=True)
    except binascii.Error as error:
        raise TransferError(f"base64: {error}") from None


def _wrap(data: bytes, width: int, line_end: bytes) -> bytes:
    packed = binascii.b2a_base64(data, newline=False)
    return line_end.join([packed[at : at + width] for at in range(0, len(packed), width)])


def _is_regular(data: bytes, wrapping: _Wrapping) -> bool:
    """Tell whether the text, which decodes to `data`, is what `_wrap(data, ...)` would give."""
    _, text, width, end, stride = wrapping
    length, size = len(text), len(data)
    ends = length // stride
    if width % 4 or length % stride > width:
        return False
    if length != -(-size // 3) * 4 + ends * (stride - width):
        return False
    # Where line ends should be are all bytes that are no base64: each n-th byte, at C speed.
    for n in range(stride - width):
        if text[width + n :: stride] != end[n : n + 1] * ends:
            return False
    # What is left is as long as it must be for `data`: only the last byte or two can be written in
    # several ways, for some of the bits there mean nothing.
    odd = size % 3
    return not odd or text.endswith(binascii.b2a_base64(data[-odd:], newline=False))


def _change_base64(body: bytes, data: bytes, change: Change, line_end: bytes) -> Edit:
    wrapping = _wrapping(body, line_end)
    if not _is_regular(data, wrapping):
        raise TransferError("base64 laid out unusually")
    start, text, width, joint, stride = wrapping
    if width == _TAKEN_APART:
        if change.new:
            raise TransferError("base64 that looks taken apart")
        width = _UNWRAPPED
    first, last = change.span
    per_line = width // 4 * 3
    line = first // per_line
    # At a line's very end, begin with the line before: the rest then starts with a line of its own.
    line -= 1 if line and line * per_line == first else 0
    kept = line * per_line
    changed = data[kept:first] + change.new + data[last:]
    new = _wrap(changed, width, joint)
    if width == _UNWRAPPED and change.new and len(new) > MAX_LINE_BYTES:
        new = _wrap(changed, _TAKEN_APART, joint)
    return Edit(Span(start + line * stride, start + len(text)), new)
