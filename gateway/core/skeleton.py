"""What the mails of one letter share byte for byte, and where what differs stands between.

A company sends one letter to many people. Their mails differ in fields that nothing is decided by
(Date, Received, most of X-), in the candidate's address, the Message-ID and the boundaries, and in
the texts. Where all else is the same, the leaves that hold the texts are found without looking for
parts.
"""

import functools
import re
from collections.abc import Hashable, Sequence
from itertools import permutations
from typing import NamedTuple

from gateway.core.header import decode_words, unfold
from gateway.core.lines import BARE_CR
from gateway.core.mime import Part
from gateway.core.moved import boundaries_of
from gateway.core.sender import HEADER_RULE
from gateway.core.splice import Span

_COMPARED = (
    *("from", "sender", "resent-from"),
    *("mime-version", "content-type", "content-transfer-encoding", "content-disposition"),
    *("content-md5", "content-class", "arc-seal", "arc-message-signature", "list-id", "list-post"),
    *("auto-submitted", "precedence", "x-autoreply", "x-autorespond"),
)
"""Fields that decide about a mail: they are compared, folds and letter case included."""

_OWN = ("to", "subject", "message-id")
"""Fields that are read anew for each mail."""

_UNSURE = ("cc", "x-career-relay", "dkim-signature", "content-length", "lines")
"""Fields that ask for more than a comparison: a mail that has one is not taken for a known one."""

READ_FIELDS = frozenset((*_COMPARED, *_OWN, *_UNSURE))
"""All fields by which anything is decided, but for those that a company's senders are known by."""

_MAX_HEADER_BYTES = 16 << 10
_MAX_SHARED_BYTES = 256 << 10
_MOST_LEAVES = 3
_MOST_MULTIPARTS = 2
_MAX_TOLD_BYTES = 2000
"""Of a Content-Type, and of all that stands above the texts of a nested multipart."""

_ODD_LINE = re.compile(rb"\r\n(?![!-9;-~]+:|[ \t])")
"""A header line that some readers take for no field: also one with a blank before its colon."""

_BOUNDARY = re.compile(rb'boundary="?([0-9A-Za-z_.=+/:?-]{1,70})(?=["\s;]|\Z)', re.IGNORECASE)


class Outline(NamedTuple):
    """The header of a message.

    key         equal in all messages whose headers decide alike
    to, subject, message_id  their values, unfolded, None without one
    boundary    of the outermost multipart, b"" without one
    header      where it ends: behind its last line end
    """

    key: Hashable
    to: bytes | None
    subject: bytes | None
    message_id: bytes | None
    boundary: bytes
    header: int

    @property
    def shown_subject(self) -> str:
        """The subject as a reader sees it."""
        return "" if self.subject is None else decode_words(self.subject)


@functools.lru_cache(64)
def _fields_read(senders: tuple[str, ...]) -> re.Pattern[bytes] | None:
    """Return the pattern of fields to look at, None where a sender is known by what may differ."""
    rules = [one.lower() for one in senders]
    rules = [one.removeprefix(HEADER_RULE) for one in rules if one.startswith(HEADER_RULE)]
    named = {rule.partition("=")[0] for rule in rules}
    if not named.isdisjoint((*_OWN, "content-type")):
        return None
    either = b"|".join(sorted(re.escape(name.encode()) for name in READ_FIELDS | named))
    return re.compile(rb"\r\n(" + either + rb"):([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", re.IGNORECASE)


def outline(raw: bytes, senders: tuple[str, ...]) -> Outline | None:
    """Return the outline of a message, None when its header is long, odd or asks for more.

    senders  of the company: those known by a field of the header
    """
    fields = _fields_read(senders)
    end = raw.find(b"\r\n\r\n", 0, _MAX_HEADER_BYTES)
    if fields is None or end <= 0 or raw[0] in b" \t\r\n":
        return None
    header = b"\r\n" + raw[:end]
    ends = header.count(b"\r\n")
    if ends != header.count(b"\n") or ends != header.count(b"\r") or b"\0" in header:
        return None
    if _ODD_LINE.search(header):
        return None
    own: dict[bytes, bytes] = {}
    compared: list[tuple[bytes, bytes]] = []
    boundary = b""
    for name, value in fields.findall(header):
        lower = name.lower()
        if lower in _OWN_NAMES and lower not in own:
            own[lower] = unfold(value)
        elif lower in _STOPS:
            return None
        elif lower == b"content-type" and (told := _told_by(value)):
            boundary = told[1]
            compared.append((lower, value[: told.start(1)] + b"\0" + value[told.end(1) :]))
        else:
            compared.append((lower, value))
    to, subject, message_id = map(own.get, _OWN_NAMES)
    return Outline(tuple(compared), to, subject, message_id, boundary, end + 2)


def _told_by(content_type: bytes) -> re.Match[bytes] | None:
    """Return where a multipart's Content-Type tells its boundary."""
    is_multipart = content_type.lstrip().lower().startswith(b"multipart/")
    return _told_boundary(content_type) if is_multipart else None


def _told_boundary(text: bytes) -> re.Match[bytes] | None:
    """Return where a boundary is told; None when the text is long, or may tell another one."""
    if len(text) > _MAX_TOLD_BYTES or text.lower().count(b"boundary") != 1:
        return None
    return _BOUNDARY.search(text)


_OWN_NAMES = tuple(name.encode() for name in _OWN)
_STOPS = frozenset(name.encode() for name in (*_OWN, *_UNSURE))


class Found(NamedTuple):
    """The text leaves of a message, in order, and the boundaries of all its multiparts."""

    parts: tuple[Part, ...]
    boundaries: tuple[bytes, ...]


NOTHING_FOUND = Found((), ())


Stretch = tuple[bytes | int, ...]
"""Bytes around the texts; a number stands for the boundary of that number."""


class Skeleton(NamedTuple):
    """What stands around the texts of a message, in all messages of one letter.

    parts       of the message that it was taken from: its text leaves that are shown, in order
    boundaries  of that message, outermost first
    around      what stands before, between and behind their bodies, from the end of the header on
    """

    parts: tuple[Part, ...]
    boundaries: tuple[bytes, ...]
    around: tuple[Stretch, ...]

    def find_leaves(self, raw: bytes, outlined: Outline) -> Found | None:
        """Return the text leaves of a message of the same outline, None when it is another letter.

        What stands around them is the same to the byte, and no boundary stands in them.
        """
        boundaries = _boundaries_of(raw, outlined, len(self.boundaries))
        if boundaries is None or (boundaries != self.boundaries and not self._may_have(boundaries)):
            return None
        first, *others = self.around
        at = _pass(raw, outlined.header, first, boundaries)
        found: list[Part] = []
        for part, behind in zip(self.parts, others, strict=True):
            end = raw.find(_DELIMITER + boundaries[_number(behind)], at) if behind else len(raw)
            if at < 0 or end < 0 or not _is_one_leaf(raw, at, end, boundaries):
                return None
            moved = at - part.body.start
            header = Span(part.header.start + moved, part.header.end + moved)
            header = header if part.path else Span(0, outlined.header)
            found.append(part.standing_at(header, Span(at, end)))
            at = _pass(raw, end, behind, boundaries)
        return Found(tuple(found), boundaries) if at == len(raw) else None

    def _may_have(self, boundaries: Sequence[bytes]) -> bool:
        """Tell whether other boundaries part nothing but what they part in the skeleton."""
        texts = [one for stretch in self.around for one in stretch if isinstance(one, bytes)]
        return _are_apart(boundaries) and not any(
            b"--" + one in text for one in boundaries for text in texts
        )


def _are_apart(boundaries: Sequence[bytes]) -> bool:
    """Tell whether no delimiter can be taken for another one."""
    return not any(one.startswith(other) for one, other in permutations(boundaries, 2))


_DELIMITER = b"\r\n--"


def _number(behind: Stretch) -> int:
    """Return the number of the boundary that ends a leaf."""
    return behind[1] if isinstance(behind[1], int) else 0


def _pass(raw: bytes, at: int, stretch: Stretch, boundaries: Sequence[bytes]) -> int:
    """Return where a stretch that stands at `at` ends, -1 when it does not stand there."""
    for one in stretch:
        text = boundaries[one] if isinstance(one, int) else one
        if not raw.startswith(text, at):
            return -1
        at += len(text)
    return at


def skeleton_of(
    raw: bytes, outlined: Outline, root: Part, texts: Sequence[Part]
) -> Skeleton | None:
    """Return the skeleton of a message; None when it is large, or not surely read in one way.

    texts  all text leaves that are shown
    """
    parts = tuple(sorted(texts, key=lambda part: part.body.start))
    starts = [outlined.header, *(part.body.end for part in parts)]
    ends = [*(part.body.start for part in parts), len(raw)]
    spans = [Span(start, end) for start, end in zip(starts, ends, strict=True)]
    if not 0 < len(parts) <= _MOST_LEAVES or any(start > end for start, end in spans):
        return None
    if sum(end - start for start, end in spans) > _MAX_SHARED_BYTES:
        return None
    boundaries = boundaries_of(root)
    if boundaries != _boundaries_of(raw, outlined, len(boundaries)) or not _are_apart(boundaries):
        return None
    around = [_cut([span.of(raw)], boundaries) for span in spans]
    if len(boundaries) > 1:
        around[0] = _cut(_parted_where_told(spans[0].of(raw)), boundaries)
    if any(one and one[0] != _DELIMITER for one in around[1:]):
        return None
    skeleton = Skeleton(parts, boundaries, tuple(around))
    found = skeleton.find_leaves(raw, outlined)
    return skeleton if found is not None and found.parts == parts else None


def _boundaries_of(raw: bytes, outlined: Outline, count: int) -> tuple[bytes, ...] | None:
    """Return the boundaries of a message with `count` multiparts, outermost first.

    The first is told in the header, the second soon behind it; None where that is not so.
    """
    outer, header = outlined.boundary, outlined.header
    if not count:
        return ()
    if not outer or count > _MOST_MULTIPARTS:
        return None
    if count == 1:
        return (outer,)
    told = _told_boundary(raw[header : header + _MAX_TOLD_BYTES])
    return None if told is None else (outer, told[1])


def _parted_where_told(above: bytes) -> list[bytes | int]:
    """Return what stands above the texts of a nested multipart, its boundary as a number."""
    told = _told_boundary(above)
    return [above] if told is None else [above[: told.start(1)], 1, above[told.end(1) :]]


def _cut(pieces: list[bytes | int], boundaries: Sequence[bytes]) -> Stretch:
    """Return the pieces with numbers for the boundaries in all lines that may be delimiters."""
    for number, boundary in enumerate(boundaries):
        parted: list[bytes | int] = []
        for piece in pieces:
            if isinstance(piece, int):
                parted.append(piece)
                continue
            *before, last = piece.split(b"\n--" + boundary)
            parted += [one for text in before for one in (text + b"\n--", number)]
            parted.append(last)
        pieces = parted
    return tuple([one for one in pieces if one != b""])


def _is_one_leaf(raw: bytes, start: int, end: int, boundaries: Sequence[bytes]) -> bool:
    """Tell whether `start` to `end` hold no line that could part them, and no odd bytes."""
    if raw.startswith(b"--", start) or raw.find(b"\0", start, end) >= 0:
        return False
    if any(raw.find(b"\n--" + one, start, end) >= 0 for one in boundaries):
        return False
    return BARE_CR.search(raw, start, end) is None
