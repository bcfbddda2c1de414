"""Which language a text is in, of the two that blocks exist in."""

import re

from gateway.core.company import Language
from gateway.core.memory import remembered_letter

_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_JAPANESE = re.compile("[\u3041-\u3096\u30a1-\u30fc\uff66-\uff9d\u3005\u4e00-\u9fff]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]+")


@remembered_letter
def language_of(text: str) -> Language:
    """Return JA when a good part of the newly written `text` is Japanese, else EN.

    Kana decide: Chinese has none, and an English mail may well name a 株式会社. A kana says about
    as much as three Latin letters.
    """
    if not _KANA.search(text):
        return Language.EN
    japanese = sum(map(len, _JAPANESE.findall(text)))
    if japanese * 4 >= len(text):  # then Latin letters cannot be more than three times as many
        return Language.JA
    latin = sum(map(len, _LATIN.findall(text)))
    return Language.JA if japanese * 3 >= latin else Language.EN
