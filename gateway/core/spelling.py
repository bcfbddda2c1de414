"""Spell a text so that JIS X 0208 can carry it (RFC 1468): the block's text, never a mail's."""

import unicodedata

_SINGLE = dict(
    zip(
        "髙﨑德濵瀨昻栁桒槗𠮷郞増寬曻黑橫•·▶➡❖\uff5e\u2225\uff0d\uffe0\uffe1\uffe2"
        "\u2014\u2013\u2011\u00a0\u00a5\u203e",
        "高崎徳濱瀬昂柳桑橋吉郎増寛昇黒横・・→→◆\u301c\u2016\u2212\u00a2\u00a3\u00ac"
        "\u2015-- \uffe5\uffe3",
        strict=True,
    )
)
_SPELLINGS = _SINGLE | {
    "㈱": "(株)",
    "㈲": "(有)",
    "㈹": "(代)",
    "℡": "TEL",
    "№": "No.",
    "㏍": "K.K.",
    "©": "(C)",
    "®": "(R)",
    "™": "(TM)",
    "€": "EUR",
    "\u200b": "",
    "\ufeff": "",
}
"""What JIS X 0208 lacks and NFKC does not mend; the dashes and tildes are one character that
Microsoft's table and everybody else's give two names."""


def spell_for_jis(text: str) -> str:
    """Return `text` with the spellings JIS X 0208 has: 髙 as 高, ㈱ as (株), ① as (1), ｶﾅ as カナ.

    What has no other spelling stays, and the encoder then refuses it.
    """
    return text if text.isascii() else "".join(_spell(run) for run in _runs(text))


def _runs(text: str) -> list[str]:
    """Split into characters, a half-width kana kept together with its voicing mark."""
    found: list[str] = []
    for character in text:
        if character in "ﾞﾟ" and found and "ｦ" <= found[-1][0] <= "ﾝ":
            found[-1] += character
        else:
            found.append(character)
    return found


def _spell(run: str) -> str:
    if run in _SPELLINGS:
        return _SPELLINGS[run]
    if _carries(run):
        return run
    if "①" <= run[0] <= "⑳":
        return f"({ord(run[0]) - ord('①') + 1})"
    plain = unicodedata.normalize("NFKC", run)
    return plain if _carries(plain) else run


def _carries(text: str) -> bool:
    try:
        text.encode("iso2022_jp")
    except UnicodeEncodeError:
        return False
    return True
