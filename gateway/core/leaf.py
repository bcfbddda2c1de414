"""Which leaves a reader shows as the message, and what one of them says."""

import re
from typing import NamedTuple

from gateway.core.charset import CharsetError, codec_for, decode, is_ascii_based
from gateway.core.lines import BARE_CR
from gateway.core.mime import Part, scan
from gateway.core.transfer import IDENTITY, TransferError, decode_transfer
from gateway.core.why import Why

MAX_LEAF_BYTES = 4 << 20
"""Nobody writes more; a larger leaf comes from a program, and takes seconds to judge."""


class LeafError(ValueError):
    """The leaf cannot be read with certainty."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class Leaf(NamedTuple):
    r"""One text leaf, read.

    data      its bytes with the transfer encoding undone
    text      those as characters, line ends as they stand in the leaf
    codec     the charset's name in gateway.core.charset
    line_end  b"\r\n" or b"\n", what ends its first line (the message's when it has a single line)
    guessed   the label is us-ascii or missing, and the bytes are certainly `codec`: additions must
              be ASCII, because readers may guess differently
    """

    part: Part
    data: bytes
    text: str
    codec: str
    line_end: bytes
    guessed: bool = False

    @property
    def is_html(self) -> bool:
        """Whether the text is markup."""
        return self.part.media_type == "text/html"


def split_lines(text: str) -> list[str]:
    r"""Return the lines of `text` without their ends, split at \n alone."""
    return text.replace("\r\n", "\n").removesuffix("\r").split("\n")


def read_leaf(raw: bytes, part: Part) -> Leaf:
    """Read a text leaf by its own labels.

    Bytes without a label, or labelled us-ascii, may be ISO-2022-JP or UTF-8: both are certain when
    they decode; HTML may name its charset itself. Raises LeafError: ODD_ENCODING when it does not
    decode, has a bare CR, or bare LFs among CRLFs that no transfer encoding covers; CHARSET when
    the charset is unknown, TOO_LARGE beyond MAX_LEAF_BYTES.
    """
    if part.body.end - part.body.start > MAX_LEAF_BYTES:
        raise LeafError(Why.TOO_LARGE)
    body = part.body.of(raw)
    try:
        data = decode_transfer(part.transfer_encoding, body)
    except TransferError:
        raise LeafError(Why.ODD_ENCODING) from None
    if b"\0" in data:
        raise LeafError(Why.ODD_ENCODING)
    labelled = _codec(part, data)
    codec = _seen_in(part, data) if labelled == "ascii" else labelled
    if b"\x1b" in data and codec != "iso-2022-jp":
        raise LeafError(Why.ODD_ENCODING)  # ISO-2022-JP without its label
    try:
        text = decode(data, codec)
    except CharsetError:
        raise LeafError(Why.ODD_ENCODING) from None
    return Leaf(part, data, text, codec, _line_end(data, raw, part), codec != labelled)


def _codec(part: Part, data: bytes) -> str:
    label = part.params.get("charset", "")
    codec = codec_for(label)
    if codec is not None:
        return codec
    if data.isascii() and is_ascii_based(label):
        return "ascii"  # whatever the label may mean, these bytes are ASCII in it
    raise LeafError(Why.CHARSET)


_META = re.compile(rb"<meta\s[^<>]*?charset\s*=\s*[\"']?([\w.:-]{3,40})", re.IGNORECASE)
_META_BYTES = 1024
"""Where HTML says its charset, if at all (HTML 4.2.5.4)."""


def _seen_in(part: Part, data: bytes) -> str:
    """Return the codec that bytes without a label are in."""
    if data.isascii():
        return "iso-2022-jp" if b"\x1b" in data else "ascii"
    named = _META.search(data, 0, _META_BYTES) if part.media_type == "text/html" else None
    if named is None or _is_utf_8(data):
        return "utf-8"
    return codec_for(named[1].decode("ascii")) or "utf-8"


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _line_end(data: bytes, raw: bytes, part: Part) -> bytes:
    if BARE_CR.search(data):
        raise LeafError(Why.ODD_ENCODING)
    # A template with one kind and a form's text with the other, both in base64: all readers cope.
    if part.transfer_encoding in IDENTITY and data.count(b"\r") not in (0, data.count(b"\n")):
        raise LeafError(Why.ODD_ENCODING)
    first = data.find(b"\n")
    if first < 0:
        return raw_line_end(raw, part)
    return b"\r\n" if data[first - 1 : first] == b"\r" else b"\n"


def raw_line_end(raw: bytes, part: Part) -> bytes:
    """Return what ends the first line of the part's body, or the last of its header without one.

    CRLF when there is none at all. A filter may have added header lines with other ends.
    """
    found = raw.find(b"\n", part.body.start, part.body.end)
    if found < 0:
        found = part.body.start - 1
    is_feed = found >= 0 and raw[found] == 0x0A and raw[found - 1 : found] != b"\r"
    return b"\n" if is_feed else b"\r\n"


class Shown(NamedTuple):
    """The leaves a reader shows as the message, alternatives of each other when both are there.

    more   leaves that go on with the HTML within its alternative (Apple Mail, around attachments)
    extra  further inline text leaves behind them (a list's footer, text behind an attachment)
    """

    plain: Part | None
    html: Part | None
    more: tuple[Part, ...] = ()
    extra: tuple[Part, ...] = ()

    @property
    def leaves(self) -> tuple[Part, ...]:
        """The plain and the HTML leaf, those there are."""
        plain = () if self.plain is None else (self.plain,)
        return plain if self.html is None else (*plain, self.html)

    @property
    def texts(self) -> tuple[Part, ...]:
        """All inline text leaves: what a block can stand in, or be found in."""
        return (*self.leaves, *self.more, *self.extra)


def shown_leaves(root: Part) -> Shown:
    """Return the leaves that a reader shows as the message itself.

    Through mixed, related and alternative; no attachments, nothing inside message/rfc822, no
    calendar, AMP or enriched text.
    """
    units = _units(root)
    if not units:
        return Shown(None, None)
    first, *others = units
    if not others:
        return first
    extra = tuple(part for unit in others for part in unit.texts)
    return Shown(first.plain, first.html, first.more, (*first.extra, *extra))


def count_shown(raw: bytes) -> int:
    """Return how many bytes the text leaves of a message take in it."""
    texts = shown_leaves(scan(raw)).texts
    return sum(part.body.end - part.body.start for part in texts)


def _units(part: Part) -> list[Shown]:
    """Return what is shown one below the other; the depth is bounded by mime.MAX_DEPTH."""
    if part.disposition == "attachment" or (part.filename and part.path):
        return []
    if part.media_type == "text/plain":
        return [Shown(part, None)]
    if part.media_type == "text/html":
        return [Shown(None, part)]
    if part.media_type == "multipart/alternative":
        return _alternative(part)
    if part.media_type == "multipart/related":
        return _units(_related_root(part)) if part.children else []
    if part.is_multipart:
        return [unit for child in part.children for unit in _units(child)]
    return []


def _alternative(part: Part) -> list[Shown]:
    plain = html = None
    more: list[Part] = []
    extra: list[Part] = []
    for units in map(_units, part.children):
        if not units:
            continue
        first, *others = units
        rest = [leaf for unit in others for leaf in unit.texts] if others else []
        if first.html is not None and html is None:
            html = first.html
            plain = plain or first.plain
            more += first.more
            if rest and all(leaf.media_type == "text/html" for leaf in rest):
                more += rest
            else:
                extra += rest
        elif first.html is None and first.plain is not None and plain is None:
            plain = first.plain
            extra += rest
        else:
            extra += (*first.leaves, *first.more, *rest)
        extra += first.extra
    return [Shown(plain, html, tuple(more), tuple(extra))] if plain or html else []


def _related_root(part: Part) -> Part:
    """Return the root of multipart/related: the first part (RFC 2387 section 3.2)."""
    return part.children[0]


def line_offset(data: bytes, index: int) -> int:
    r"""Return where line `index` of decoded `data` begins; its length when it has no such line.

    Lines as `data.split(b"\n")` counts them: the last one may be empty.
    """
    rest = data.split(b"\n", index)[index:]
    return len(data) - len(rest[0]) if rest else len(data)
