"""What the mails of one letter share byte for byte, and where what differs stands between.

A company sends one letter to many people. Their mails differ in fields that nothing is decided by
(Date, Received, most of X-), in the candidate's address, the Message-ID and the boundaries, and in
the texts. Where all else is the same, the leaves that hold the texts are found without looking for
parts.
"""

import functools
import re
from collections.abc import Hashable, Sequence
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
    """Return the pattern of fields to look at, None where one tells both sender and mail."""
    rules = [one.removeprefix(HEADER_RULE) for one in senders if one.startswith(HEADER_RULE)]
    named = {rule.partition("=")[0].lower() for rule in rules}
    if not named.isdisjoint(_OWN):
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
        elif lower in _NOT_COMPARED:
            return None
        elif lower == b"content-type" and (found := _BOUNDARY.search(value)):
            boundary = found[1]
            compared.append((lower, value[: found.start(1)] + b"\0" + value[found.end(1) :]))
        else:
            compared.append((lower, value))
    to, subject, message_id = map(own.get, _OWN_NAMES)
    return Outline(tuple(compared), to, subject, message_id, boundary, end + 2)


_OWN_NAMES = tuple(name.encode() for name in _OWN)
_NOT_COMPARED = frozenset(name.encode() for name in (*_OWN, *_UNSURE))


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
        first, *others = self.around
        searched = outlined.header + _MAX_MORE_BYTES + sum(map(len, _literals(first)))
        boundaries = boundaries_in(raw, outlined, searched)
        if boundaries != self.boundaries and not self._are_apart(boundaries):
            return None
        at = _pass(raw, outlined.header, first, boundaries)
        found: list[Part] = []
        for part, behind in zip(self.parts, others, strict=True):
            end = raw.find(_DELIMITER + boundaries[_number(behind)], at) if behind else len(raw)
            if at < 0 or end < 0 or not _is_one_leaf(raw, at, end, boundaries):
                return None
            moved = at - part.body.start
            header = Span(part.header.start + moved, part.header.end + moved)
            found.append(part.standing_at(header, Span(at, end)))
            at = _pass(raw, end, behind, boundaries)
        return Found(tuple(found), boundaries) if at == len(raw) else None

    def _are_apart(self, boundaries: Sequence[bytes]) -> bool:
        """Tell whether other boundaries part nothing but what they part in the skeleton."""
        lines = [b"--" + one for one in boundaries]
        if len(lines) != len(self.boundaries) or any(
            one.startswith(other) for one in lines for other in lines if one is not other
        ):
            return False
        texts = [text for stretch in self.around for text in _literals(stretch)]
        return not any(line in text for line in lines for text in texts)


_DELIMITER = b"\r\n--"
_MAX_MORE_BYTES = 400
"""How much longer what stands above the texts may be in another mail, boundaries included."""


def _literals(stretch: Stretch) -> list[bytes]:
    return [one for one in stretch if isinstance(one, bytes)]


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
    """Return the skeleton of a message; None when it is large, nested, or finds no leaf again.

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
    boundaries = boundaries_in(raw, outlined, ends[0])
    if not set(boundaries_of(root)) <= set(boundaries):
        return None
    around = tuple([_stretch(span.of(raw), boundaries) for span in spans])
    if any(one and one[0] != _DELIMITER for one in around[1:]):
        return None
    skeleton = Skeleton(parts, boundaries, around)
    found = skeleton.find_leaves(raw, outlined)
    return skeleton if found is not None and found.parts == parts else None


def boundaries_in(raw: bytes, outlined: Outline, end: int) -> tuple[bytes, ...]:
    """Return the boundaries of the message, outermost first: of the header, of what comes first.

    end  how far the second is looked for
    """
    if not outlined.boundary:
        return ()
    inner = _BOUNDARY.search(raw, outlined.header, end)
    return (outlined.boundary,) if inner is None else (outlined.boundary, inner[1])


def _stretch(around: bytes, boundaries: Sequence[bytes]) -> Stretch:
    """Return bytes with numbers for the boundaries, where those part something or are told."""
    if not boundaries:
        return (around,) if around else ()
    escaped = [re.escape(one) for one in sorted(boundaries, key=len, reverse=True)]
    places = (rb"(?<=--)", rb"(?<=(?i:boundary=))", rb"(?<=(?i:boundary=\"))")
    either = b"|".join([place + one for one in escaped for place in places])
    pieces = enumerate(re.split(b"(" + either + b")", around))
    return tuple([boundaries.index(one) if at % 2 else one for at, one in pieces if one])


def _is_one_leaf(raw: bytes, start: int, end: int, boundaries: Sequence[bytes]) -> bool:
    """Tell whether `start` to `end` hold no line that could part them, and no odd bytes."""
    if raw.startswith(b"--", start) or raw.find(b"\0", start, end) >= 0:
        return False
    if any(raw.find(b"\n--" + one, start, end) >= 0 for one in boundaries):
        return False
    return BARE_CR.search(raw, start, end) is None
