"""What must never be touched: one table, one reason a row."""

import re
from collections.abc import Callable
from typing import NamedTuple

from gateway.core.leaf import MAX_LEAF_BYTES, LeafError
from gateway.core.lines import has_bare_cr
from gateway.core.mime import Defect, Part, field_values, walk
from gateway.core.texts import Texts
from gateway.core.transfer import IDENTITY, TransferError, decode_transfer
from gateway.core.why import Why

MAX_BYTES = 50 << 20

_SIGNED_TYPES = frozenset(
    (
        *("multipart/signed", "application/pkcs7-signature", "application/x-pkcs7-signature"),
        "application/pgp-signature",
    )
)
_PKCS7_TYPES = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime"))
_ENCRYPTED_TYPES = frozenset(("multipart/encrypted", "application/pgp-encrypted"))
_RIGHTS_TYPES = frozenset(("application/x-microsoft-rpmsg-message", "application/vnd.ms-rpmsg"))
_REPORT_TYPES = frozenset(
    (
        *("multipart/report", "message/delivery-status", "message/disposition-notification"),
        *("message/feedback-report", "message/global-delivery-status", "text/rfc822-headers"),
        *("message/global-disposition-notification", "message/tracking-status"),
    )
)
_TNEF_TYPES = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
_ODD_MULTIPARTS = frozenset(
    (
        *("multipart/appledouble", "multipart/byteranges", "multipart/header-set"),
        *("multipart/voice-message", "multipart/x-mixed-replace", "multipart/multilingual"),
    )
)
"""Multiparts that make up one file, or of which a reader shows only one part. Any other unknown
multipart is read as mixed (RFC 2046 section 5.1.7)."""
_MAIL_TYPES = frozenset(("message/rfc822", "message/global"))
_SEALS = frozenset(("arc-seal", "arc-message-signature"))
_MARKS_OF_REPLIES = frozenset(("x-autoreply", "x-autorespond"))
_LIST_FIELDS = frozenset(("list-id", "list-post"))


class _Line(NamedTuple):
    """A line of a text: how it starts, and the pattern of it."""

    start: bytes
    pattern: re.Pattern[bytes]


_PGP, _BEGIN = b"-----BEGIN PGP", b"begin"
_STARTS = (_PGP, _BEGIN)
"""Looked for first: most texts have neither."""

_PGP_ENCRYPTED = _Line(_PGP, re.compile(rb"^-----BEGIN PGP MESSAGE", re.MULTILINE))
_PGP_SIGNED = _Line(_PGP, re.compile(rb"^-----BEGIN PGP SIGN", re.MULTILINE))
_UUENCODED = _Line(_BEGIN, re.compile(rb"^begin(?:-base64)? [0-7]{3,4} \S", re.MULTILINE))


_LINES = (_PGP_ENCRYPTED, _PGP_SIGNED, _UUENCODED)


def telling_lines_in(data: bytes) -> tuple[bool, ...]:
    """Return which of the lines that the table asks for stand in a leaf's decoded data."""
    if not any(start in data for start in _STARTS):
        return ()
    return tuple([one.pattern.search(data) is not None for one in _LINES])


class _Look:
    """What the rows of the table ask about one mail."""

    def __init__(self, raw: bytes, root: Part, texts: Texts) -> None:
        self.raw = raw
        self.root = root
        self.parts = tuple(walk(root))
        self.types = {part.media_type for part in self.parts}
        self.names = {part.filename.lower() for part in self.parts if part.filename}
        self.fields = root.head.names
        self.shown = texts.shown
        self.shown_texts = texts.shown.texts
        self.texts = tuple([self._decode(texts, part) for part in self.shown_texts])
        self.starts = [one for one in _STARTS for text in self.texts if one in text]
        self.signs = self._signs()

    def _signs(self) -> set[str | bytes]:
        """Return all signs that a row may ask for: types, field names, file names, line starts.

        Each file name also stands by its extension alone.
        """
        signs: set[str | bytes] = {*self.types, *self.names, *self.starts}
        for part in self.parts:
            signs |= part.head.names
        return signs.union([name[name.rfind(".") :] for name in self.names])

    def _decode(self, texts: Texts, part: Part) -> bytes:
        if part.body.end - part.body.start > MAX_LEAF_BYTES:
            return b""  # refused when it is read
        try:
            return texts.leaf(part).data
        except LeafError:  # its content may still give a better reason than "unreadable"
            body = part.body.of(self.raw)
        try:
            return decode_transfer(part.transfer_encoding, body)
        except TransferError:
            return body

    def header(self, name: str) -> str:
        """Return the values of a field of the message, in lower case."""
        if name not in self.fields:
            return ""
        values = field_values(self.raw, self.root, name)
        return b" ".join(values).decode("latin-1").strip().lower()

    def has_header(self, names: frozenset[str]) -> bool:
        """Tell whether the message has one of these fields."""
        return not self.fields.isdisjoint(names)

    def says(self, line: _Line) -> bool:
        """Tell whether a shown leaf has a line like this."""
        if line.start not in self.starts:
            return False
        return any(line.pattern.search(text) for text in self.texts)


def _is_encrypted(look: _Look) -> bool:
    if look.types & _ENCRYPTED_TYPES or look.says(_PGP_ENCRYPTED):
        return True
    if any(_is_pkcs7(part) and "signed" not in _smime_type(part) for part in look.parts):
        return True
    return "smime.p7m" in look.names and not look.types & _PKCS7_TYPES


def _is_pkcs7(part: Part) -> bool:
    return part.media_type in _PKCS7_TYPES


def _smime_type(part: Part) -> str:
    return part.params.get("smime-type", "").lower()


def _is_signed(look: _Look) -> bool:
    if look.types & (_SIGNED_TYPES | _PKCS7_TYPES) or "smime.p7s" in look.names:
        return True
    # RFC 1864: a digest of the body, which an edit would make false
    digested = any("content-md5" in part.head.names for part in look.parts)
    return digested or look.says(_PGP_SIGNED)


def _is_rights_managed(look: _Look) -> bool:
    named = any(name.endswith(".rpmsg") for name in look.names)
    return bool(look.types & _RIGHTS_TYPES) or named or "rpmsg" in look.header("content-class")


def _is_sealed(look: _Look) -> bool:
    return look.has_header(_SEALS)


def _is_calendar(look: _Look) -> bool:
    if "calendarmessage" in look.header("content-class"):
        return True
    calendars = (part for part in look.parts if part.media_type == "text/calendar")
    return any("method" in part.params or part.disposition != "attachment" for part in calendars)


def _is_report(look: _Look) -> bool:
    return bool(look.types & _REPORT_TYPES)


_AFTER_WORD = re.compile(r"[;\s(]")


def _is_auto_reply(look: _Look) -> bool:
    said = look.header("auto-submitted")
    if said and _AFTER_WORD.split(said, maxsplit=1)[0] not in ("", "no", "auto-generated"):
        return True
    return look.has_header(_MARKS_OF_REPLIES) or "auto_reply" in look.header("precedence")


def _is_mailing_list(look: _Look) -> bool:
    return look.has_header(_LIST_FIELDS)


def _is_partial(look: _Look) -> bool:
    return "message/partial" in look.types


def _is_tnef(look: _Look) -> bool:
    return bool(look.types & _TNEF_TYPES) or "winmail.dat" in look.names


def _is_attached_mail(look: _Look) -> bool:
    digest = "multipart/digest" in look.types or look.root.media_type in _MAIL_TYPES
    return digest or (bool(look.types & _MAIL_TYPES) and not look.shown.leaves)


def _is_odd_structure(look: _Look) -> bool:
    return any(_is_odd_part(look, part) for part in look.parts)


def _is_odd_part(look: _Look, part: Part) -> bool:
    if part.is_multipart:
        if part.media_type in _ODD_MULTIPARTS or part.transfer_encoding not in IDENTITY:
            return True
    elif not part.defects:
        return False
    elif part not in look.shown_texts:
        # an attachment's odd parameters harm no text; its odd boundaries may
        return bool(set(part.defects) - {Defect.ODD_CONTENT_TYPE, Defect.NOT_CLOSED})
    return bool(set(part.defects) - {Defect.NOT_CLOSED})


def _has_no_text(look: _Look) -> bool:
    return not look.shown.leaves


def _is_odd_encoding(look: _Look) -> bool:
    raw = look.raw  # mixed line ends of a leaf are found when it is read
    if b"\0" in raw or has_bare_cr(raw):
        return True
    return look.says(_UUENCODED)


class _Row(NamedTuple):
    """A reason, and when it applies. A row with signs is asked only of mails that have one of them.

    Most mails have no sign at all, so most rows are never asked.
    """

    why: Why
    applies: Callable[[_Look], bool]
    signs: frozenset[str | bytes] = frozenset()


_TABLE = (
    _Row(Why.ENCRYPTED, _is_encrypted, _ENCRYPTED_TYPES | _PKCS7_TYPES | {"smime.p7m", _PGP}),
    _Row(Why.SIGNED, _is_signed, _SIGNED_TYPES | _PKCS7_TYPES | {"smime.p7s", "content-md5", _PGP}),
    _Row(Why.RIGHTS_MANAGED, _is_rights_managed, _RIGHTS_TYPES | {".rpmsg", "content-class"}),
    _Row(Why.SEALED, _is_sealed, _SEALS),
    _Row(Why.CALENDAR, _is_calendar, frozenset(("text/calendar", "content-class"))),
    _Row(Why.REPORT, _is_report, _REPORT_TYPES),
    _Row(Why.AUTO_REPLY, _is_auto_reply, _MARKS_OF_REPLIES | {"auto-submitted", "precedence"}),
    _Row(Why.MAILING_LIST, _is_mailing_list, _LIST_FIELDS),
    _Row(Why.PARTIAL, _is_partial, frozenset(("message/partial",))),
    _Row(Why.TNEF, _is_tnef, _TNEF_TYPES | {"winmail.dat"}),
    _Row(Why.ATTACHED_MAIL, _is_attached_mail, _MAIL_TYPES | {"multipart/digest"}),
    _Row(Why.ODD_STRUCTURE, _is_odd_structure),
    _Row(Why.NO_TEXT, _has_no_text),
    _Row(Why.ODD_ENCODING, _is_odd_encoding),
)


def refuse(raw: bytes, root: Part, texts: Texts | None = None) -> Why | None:
    """Return why the message must not be touched, None when nothing forbids it.

    texts  of the message, when they are shared with other readers

    The first row that applies gives the reason; rows about what would break come before rows
    about what is merely unclear. Whether there is a place for a block is not asked here.
    """
    if len(raw) > MAX_BYTES:
        return Why.TOO_LARGE
    look = _Look(raw, root, texts or Texts(raw, root))
    asked = (row for row in _TABLE if not row.signs or not row.signs.isdisjoint(look.signs))
    return next((row.why for row in asked if row.applies(look)), None)
