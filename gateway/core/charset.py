"""One leaf's characters: bytes to text as real mails mean it, and a block's text back to bytes."""

import re

from gateway.core.memory import remembered
from gateway.core.spelling import spell_for_jis


class CharsetError(ValueError):
    """The bytes do not decode under their label, or the text has no place in the charset."""


_LABELS = {
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "x-sjis-jp", "ms_kanji"), "cp932"),
    **dict.fromkeys(("windows-31j", "cp932", "ms932", "csshiftjis", "cswindows31j"), "cp932"),
    **dict.fromkeys(("iso-2022-jp", "csiso2022jp", "iso2022-jp", "iso2022jp"), "iso-2022-jp"),
    **dict.fromkeys(("iso-2022-jp-1", "cp50220", "cp50221", "iso-2022-jp-ms"), "iso-2022-jp"),
    **dict.fromkeys(("euc-jp", "x-euc-jp", "eucjp", "euc_jp", "cp51932", "eucjp-win"), "euc-jp"),
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8", "utf_8", "utf8mb4"), "utf-8"),
    **dict.fromkeys(("us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us", "us"), "ascii"),
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "latin1", "iso_8859-1", "l1"), "cp1252"),
    **dict.fromkeys(("windows-1252", "cp1252", "x-cp1252"), "cp1252"),
    **dict.fromkeys(("iso-8859-15", "iso8859-15", "latin9"), "iso8859-15"),
    **dict.fromkeys(("gb2312", "gbk", "x-gbk", "cp936"), "gbk"),
    **dict.fromkeys(("gb18030",), "gb18030"),
    **dict.fromkeys(("big5", "cn-big5", "x-x-big5", "cp950"), "cp950"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "cp949", "korean"), "cp949"),
    **dict.fromkeys(("koi8-r",), "koi8-r"),
    **dict.fromkeys(("windows-1258", "cp1258"), "cp1258"),
    **{f"iso-8859-{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 16)},
    **{f"windows-{n}": f"cp{n}" for n in (874, 1250, 1251, 1253, 1254, 1255, 1256, 1257)},
}
"""Label to codec. Shift_JIS means CP932 and Latin-1 means Windows-1252, as every reader takes them;
all of these are ASCII where no escape or lead byte stands, so `\\n` and `<` are themselves."""

_ISO_2022_JP = "iso-2022-jp"
_EUC_JP = "euc-jp"


@remembered
def codec_for(label: str) -> str | None:
    """Return the name of our codec for a charset label, None when the label is unknown.

    A missing label is us-ascii (RFC 2045 section 5.2).
    """
    return _LABELS.get(label.strip().strip("\"'").lower()) if label else "ascii"


_NOT_ASCII_BASED = re.compile(
    r"utf[-_]?(?:16|32|7)|ucs|unicode|csunicode|iso-10646|hz|ebcdic|ibm|cp(?:0?37|273|424|5\d\d$|875"
    r"|10\d\d|11\d\d)|iso-2022|scsu|bocu|x-(?:imap|mac|ibm|utf|hz)|quoted|base64",
    re.IGNORECASE,
)


def is_ascii_based(label: str) -> bool:
    """Tell whether ASCII bytes are ASCII under an unknown label: not UTF-16, UTF-7, EBCDIC, HZ."""
    return _NOT_ASCII_BASED.search(label) is None


def decode(data: bytes, codec: str) -> str:
    """Return the text of `data`; raises CharsetError when it is not all of that codec."""
    if codec in _PLAIN_JIS:
        text = _decode_plain_jis(data, codec)
        if text is not None:
            return text
        return _decode_iso_2022_jp(data) if codec == _ISO_2022_JP else _decode_euc_jp(data)
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise CharsetError(str(error.reason)) from None


_PLAIN_JIS = {
    _ISO_2022_JP: (
        "iso2022_jp",
        re.compile(rb"\x1b(?!\(B|\$[@B][!-~]*(?![^\x1b]))"),
        (b"\x0e", b"\x0f"),
    ),
    _EUC_JP: ("euc_jp", re.compile(rb"\x8f"), ()),
}
"""Python's codec, and where it reads what readers of mail do not, or otherwise than they do: at a
pattern, at a byte."""
_AS_CP932 = (("〜", "～"), ("‖", "∥"), ("−", "－"), ("¢", "￠"), ("£", "￡"), ("¬", "￢"))
"""Where Python's codecs for JIS X 0208 and CP932 name a character differently."""


def _decode_plain_jis(data: bytes, codec: str) -> str | None:
    """Return the text of `data` when it has no vendor's characters: in C; None when it may."""
    name, doubtful, shifts = _PLAIN_JIS[codec]
    for shift in shifts:
        if shift in data:
            return None
    if doubtful.search(data):
        return None
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return None
    for character, named in _AS_CP932:
        if character in text:  # hardly any letter has one
            text = text.replace(character, named)
    return text


def decode_leniently(data: bytes, label: str) -> str:
    """Return the text of `data`, guessing where the label is wrong or missing; never raises."""
    codec = codec_for(label) or "utf-8"
    first = _ISO_2022_JP if b"\x1b" in data else codec
    for name in (first, codec, "utf-8", "cp932", _EUC_JP):
        try:
            return decode(data, name)
        except CharsetError:
            continue
    return data.decode("utf-8", "replace")


@remembered
def encode(text: str, codec: str) -> bytes:
    """Return `text` in `codec`; ISO-2022-JP begins and ends in ASCII and is JIS X 0208 alone.

    Characters the Japanese codecs lack are spelled otherwise; what then is still missing raises
    CharsetError, nothing ever becomes `?`.
    """
    try:
        if codec == _ISO_2022_JP:
            return spell_for_jis(text).encode("iso2022_jp")
        if codec == _EUC_JP:
            return _encode_euc_jp(spell_for_jis(text))
        return text.encode(codec)
    except UnicodeEncodeError as error:
        if codec == "cp932" and (spelled := spell_for_jis(text)) != text:
            return _encode_cp932(spelled)
        raise CharsetError(str(error.reason)) from None


def _encode_cp932(spelled: str) -> bytes:
    try:
        return spelled.encode("shift_jis")
    except UnicodeEncodeError as error:
        raise CharsetError(str(error.reason)) from None


def encode_html(markup: str, codec: str) -> bytes:
    """Return `markup` in `codec`, numeric references for every character it cannot carry."""
    try:
        return _encode_exactly(markup, codec)
    except UnicodeEncodeError:
        return b"\n".join(_encode_line(line, codec) for line in markup.split("\n"))


def _encode_line(line: str, codec: str) -> bytes:
    try:
        return _encode_exactly(line, codec)
    except UnicodeEncodeError:
        return b"".join(_encode_or_refer(character, codec) for character in line)


def _encode_exactly(text: str, codec: str) -> bytes:
    if codec == _ISO_2022_JP:
        return text.encode("iso2022_jp")
    return _encode_euc_jp(text) if codec == _EUC_JP else text.encode(codec)


def _encode_euc_jp(text: str) -> bytes:
    encoded = text.encode("euc_jp")
    if b"\x8f" in encoded:  # JIS X 0212, which hardly any reader of mail knows
        raise UnicodeEncodeError("euc_jp", text, 0, len(text), "JIS X 0212")
    return encoded


def _encode_or_refer(character: str, codec: str) -> bytes:
    try:
        return _encode_exactly(character, codec)
    except UnicodeEncodeError:
        return b"&#%d;" % ord(character)


_ESCAPE = re.compile(rb"\x1b(\([BJI]|\$[@B])")
_NO_JIS = re.compile(rb"[\x0e\x0f\x1b\x80-\xff]")
_KANA_TO_CP932 = bytes(b | 0x80 if 0x21 <= b <= 0x5F else b for b in range(256))


def _decode_iso_2022_jp(data: bytes) -> str:
    r"""Return ISO-2022-JP text as real mails have it (RFC 1468 and CP50221).

    Knows ASCII, JIS-Roman, both JIS X 0208 sets with NEC row 13 and IBM extensions, and half-width
    kana by ESC ( I. All runs are turned into CP932, which is ASCII between them, and decoded once.
    """
    runs = _ESCAPE.split(data)  # the runs at even places, the escapes between them
    if _NO_JIS.search(b"".join(runs[::2])):
        raise CharsetError("stray control or 8-bit byte")
    two_byte = [n for n in range(2, len(runs), 2) if runs[n - 1][0] == 0x24]
    if any(len(runs[n]) & 1 for n in two_byte):
        raise CharsetError("half a character")
    shifted = _shift_jis(b"".join([runs[n] for n in two_byte]))
    cursor = 0
    for n in two_byte:
        end = cursor + len(runs[n])
        runs[n] = shifted[cursor:end]
        cursor = end
    for n in range(1, len(runs), 2):
        if runs[n] == b"(I":
            runs[n + 1] = runs[n + 1].translate(_KANA_TO_CP932)
    return _decode_cp932(b"".join(runs[::2]))


def _decode_cp932(data: bytes) -> str:
    try:
        return data.decode("cp932")
    except UnicodeDecodeError as error:
        raise CharsetError(str(error.reason)) from None


_LEADS = bytes((((b + 1) >> 1) + (0x70 if b <= 0x5E else 0xB0)) & 0xFF for b in range(256))
_IS_ODD = bytes(0xFF if b & 1 else 0 for b in range(256))
_TRAILS_OF_ODD = bytes((b + (0x20 if b > 0x5F else 0x1F)) & 0xFF for b in range(256))
_TRAILS_OF_EVEN = bytes((b + 0x7E) & 0xFF for b in range(256))


_TWO_BYTES = re.compile(rb"[\x21-\x7e]*")


def _shift_jis(run: bytes) -> bytes:
    """Turn two-byte JIS into Shift_JIS of the same length, where CP932 knows the vendors' rows too.

    The bytes are moved by tables and long integers: a loop over characters would be the slowest
    thing that happens to a mail.
    """
    if not _TWO_BYTES.fullmatch(run):
        raise CharsetError("no two-byte character")
    leads, trails = run[0::2], run[1::2]
    odd = int.from_bytes(leads.translate(_IS_ODD), "big")
    of_odd = int.from_bytes(trails.translate(_TRAILS_OF_ODD), "big")
    of_even = int.from_bytes(trails.translate(_TRAILS_OF_EVEN), "big")
    chosen = (of_odd & odd) | (of_even ^ (of_even & odd))
    shifted = bytearray(len(run))
    shifted[0::2] = leads.translate(_LEADS)
    shifted[1::2] = chosen.to_bytes(len(trails), "big")
    return bytes(shifted)


_EUC_RUN = re.compile(rb"((?:\x8e[\xa1-\xdf])+)|((?:[\xa1-\xfe]{2})+)")
_LOW_HALF = bytes(b & 0x7F for b in range(256))


def _decode_euc_jp(data: bytes) -> str:
    pieces = _EUC_RUN.split(data)  # ASCII, kana, two-byte, ASCII, ...
    if not b"".join(pieces[::3]).isascii():
        raise CharsetError("no EUC-JP")
    pieces[1::3] = [kana.replace(b"\x8e", b"") if kana else b"" for kana in pieces[1::3]]
    shifted = _shift_jis(b"".join(filter(None, pieces[2::3])).translate(_LOW_HALF))
    cursor = 0
    for n in range(2, len(pieces), 3):
        end = cursor + len(pieces[n] or b"")
        pieces[n] = shifted[cursor:end]
        cursor = end
    return _decode_cp932(b"".join(pieces))


_NOT_ASCII = re.compile(rb"\x1b(?:\(I|\$[@B])[^\x1b]*")


def find_character(data: bytes, character: bytes, count: int, codec: str) -> int:
    """Return where the `<` or line end stands that has `count` others before it, -1 without one.

    character  b"<", CR or LF: in all codecs but ISO-2022-JP no byte of another character, and
               half of a two-byte character is left out there
    """
    if codec == _ISO_2022_JP:
        data = _NOT_ASCII.sub(lambda found: b"\0" * len(found[0]), data)
    pieces = data.split(character, count + 1)
    return len(data) - len(pieces[-1]) - 1 if len(pieces) == count + 2 else -1


def is_ascii_at(data: bytes, offset: int, codec: str) -> bool:
    """Tell whether ASCII may be put at `offset`: always, except in other states of ISO-2022-JP."""
    if codec != _ISO_2022_JP:
        return True
    last = data.rfind(b"\x1b", 0, offset)
    return last < 0 or data.startswith(b"\x1b(B", last)


def is_roman_at(data: bytes, offset: int, codec: str) -> bool:
    """Tell whether ISO-2022-JP is in JIS-Roman at `offset`, as some mailers end their lines."""
    if codec != _ISO_2022_JP:
        return False
    last = data.rfind(b"\x1b", 0, offset)
    return last >= 0 and data.startswith(TO_ROMAN, last)


TO_ASCII, TO_ROMAN = b"\x1b(B", b"\x1b(J"
