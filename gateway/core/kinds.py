"""Texts by kind: alike in all but characters that patterns do not tell apart.

A kanji that no rule names is to the rules like any other such kanji: a sentence with another name
is of a kind that was heard before. A digit is like any other too, where no rule counts.
"""

import functools
import re
from bisect import bisect_right
from collections.abc import Sequence

from gateway.core.index import Index
from gateway.core.memory import MOST_REMEMBERED
from gateway.core.rules.needs import ways_of

_FIRST, _LAST = 0x3041, 0x9FFF
"""Kana and kanji: of these two may be alike. Every other character but a digit is itself alone."""

_DIGITS = "0123456789"
_Patterns = Sequence[re.Pattern[str]]
_REPEATS = re.compile(r"\{[0-9,]+\}")
_RANGE = re.compile(r"(?=(.)-(.))", re.DOTALL)


class Kinds:
    """The kinds of texts that some patterns can tell apart.

    whole   patterns that say something only where they match in the text itself
    pieces  those that are searched in pieces of it as well
    joined  those that are searched in such pieces put together

    None of them has flags, an escaped letter or a reference back.
    """

    def __init__(self, whole: _Patterns, pieces: _Patterns, joined: _Patterns) -> None:
        """Read the patterns' sources; takes 0.06 s."""
        self._exact = self._kind = _stand_ins((*whole, *pieces, *joined))
        if not any(map(_counts, joined)):
            self._kind = self._exact.replace(_DIGITS, _DIGITS[0] * len(_DIGITS))
        self._counting = [one for one in whole if _counts(one)]
        self._may_count = Index([one.pattern for one in self._counting], (), 2)
        self._counts_in_piece = _words_of([one.pattern for one in pieces if _counts(one)])
        self._is_kind_counted = functools.lru_cache(MOST_REMEMBERED)(self._is_counted)

    def of(self, text: str) -> str:
        """Return what stands for all texts of its kind: as long, and alike at each character."""
        kind, exact = text.translate(self._kind), text.translate(self._exact)
        is_exact = kind != exact and (self._is_counted(exact) or self._is_kind_counted(kind))
        return exact if is_exact else kind

    def _is_counted(self, text: str) -> bool:
        """Tell whether a pattern that tells digits apart matches, or may match in a piece."""
        if self._counts_in_piece.match(text):
            return True
        called = self._may_count.called(text)
        return bool(called) and any(self._counting[place].search(text) for place in called)


def _counts(pattern: re.Pattern[str]) -> bool:
    """Tell whether a pattern names digits, other than all of them."""
    said = _REPEATS.sub("", pattern.pattern).replace("0-9", "")
    return any(digit in said for digit in _DIGITS)


def _words_of(sources: Sequence[str]) -> re.Pattern[str]:
    """Return what matches at the start of each text in which one of the patterns may match.

    One may match in a piece of a text and not in the text (`^`, `$`), but never without its words.
    """
    ways = [way for source in sources for way in ways_of(source, len)]
    asked = ["".join(f"(?=.*(?:{'|'.join(sorted(map(re.escape, words)))}))" for words in way)
             for way in ways]  # fmt: skip
    return re.compile("|".join(asked) if asked else "(?!)", re.DOTALL)


def _stand_ins(patterns: _Patterns) -> str:
    r"""Return each character's stand-in at its place, for `str.translate`.

    A character that a pattern's source holds is itself alone. Others are alike between the same
    ends of ranges, and within the same of the categories that `re` knows: `\w`, `\d`, `\s`.
    """
    sources = [one.pattern for one in patterns]
    ranges = [ends for one in sources for ends in _RANGE.findall(one)]
    borders = sorted({end for first, last in ranges for end in (ord(first), ord(last) + 1)})
    named = frozenset("".join(sources))
    kinds: dict[tuple[int, bool, bool, bool], str] = {}
    letters = [chr(code) for code in range(_LAST + 1)]
    for code in range(_FIRST, _LAST + 1):
        one = letters[code]
        if one not in named:
            place = bisect_right(borders, code)
            kind = (place, one.isalnum(), one.isdecimal(), one.isspace())
            letters[code] = kinds.setdefault(kind, one)
    return "".join(letters)
