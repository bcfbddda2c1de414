"""Wording as shingles: what stays of a sentence when names, dates and numbers are left out.

A shingle is two words of a language with blanks, or three characters of one without, that stand
next to each other. Change three words in ten and about half of the shingles stay, wherever the
sentences move; two letters that merely say the same share few.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.core.courtesies import COMMON_SENTENCES
from gateway.core.memory import remembered
from gateway.core.reader import read_text


@dataclass(frozen=True, slots=True)
class Shingle:
    """A few words of a sentence, and the characters between which they stand in it."""

    text: str
    start: int
    end: int


_SLOTS = re.compile(
    r"[\[{<【〔«%$]{1,3}[^\[\]{}<>【】〔〕«»%\n]{1,30}[\]}>】〕»%]{1,2}"  # {{name}}, [NAME], <氏名>
    r"|[^\s@]{1,64}@[^\s@]{1,255}|https?://\S{1,2000}"
    r"|\d[\d,.:/年月日時分万円%-]*(?:\([月火水木金土日]\))?|[月火水木金土日]曜日?"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    r"|\b(?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december)\b"
    r"|[^\s、。,を]{0,8}(?:株式会社|有限会社|合同会社|法人)[^\s、。,のにを]{0,10}"
    r"|[〇○●◯×✕＿_]{2,}"
    r"|[一-龥々ァ-ヶー]{1,6} ?[一-龥々ァ-ヶー]{0,5} ?(?:様|さん|さま|殿|氏|君|くん|先生)(?!子)"
    r"|^(?:dear|hi|hello|hey)\b.{0,40}"
)
"""What differs from mail to mail: placeholders, addresses, numbers, dates, companies, names."""

_GAP = "\0"
_WORD = re.compile(r"\0|[a-z0-9à-ÿ']+|[^\W_]")
_CHARACTER = re.compile(r"[\u2e80-\u9fff\uac00-\ud7ff]")  # of a script without blanks, or Hangul
_WIDTH_OF_CHARACTER, _WIDTH_OF_WORD = 2, 3
PHRASE, WORD = 2 * _WIDTH_OF_WORD, _WIDTH_OF_WORD
"""The widths of shingles: two words or three characters, and one word or two characters."""


def shingles(sentence: str, width: int = PHRASE) -> Iterator[Shingle]:
    """Yield the shingles of a sentence as the reader gives it; none spans a slot."""
    neutral = _SLOTS.sub(lambda slot: _GAP * len(slot[0]), sentence)
    words = list(_WORD.finditer(neutral))
    for first in range(len(words)):
        reached = 0
        taken = []
        for word in words[first : first + PHRASE // _WIDTH_OF_CHARACTER]:
            if word[0] == _GAP:
                break
            taken.append(word[0])
            reached += _WIDTH_OF_CHARACTER if _CHARACTER.match(word[0]) else _WIDTH_OF_WORD
            if reached >= width:
                yield Shingle(" ".join(taken), words[first].start(), word.end())
                break


@remembered
def form_of(subject: str) -> str:
    """Return the words of a subject as the reader gives it, without what differs from mail to mail.

    What stands in brackets belongs to a subject's form: 【選考結果のご連絡】.
    """
    neutral = _SLOTS.sub(_GAP, _BRACKETS.sub(" ", subject))
    return " ".join(word for word in _WORD.findall(neutral) if word != _GAP)


_BRACKETS = re.compile(r"[\[\]{}<>【】〔〕«»()「」『』]")


@functools.cache
def common_shingles(width: int = PHRASE) -> frozenset[str]:
    """Return the shingles of the sentences that letters of all kinds share."""
    return frozenset(
        one.text
        for line in COMMON_SENTENCES
        for sentence in read_text(line).sentences
        for one in shingles(sentence.text, width)
    )
