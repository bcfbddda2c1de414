"""Which of many patterns can match in a text: those whose words it holds, found all at once."""

import functools
from collections import Counter
from collections.abc import Iterable, Sequence
from operator import add

from gateway.core.rules.needs import Words, ways_of

_SHORT = 20.0
_WORD = 0.1
"""What a word weighs besides how common it is: short of a run, and each one to be looked for."""


class Index:
    """Patterns by the words that they need.

    A text's runs of `size` characters call the words that they stand in, those call the ways of
    matching that need one of them, and of these ways the other words are looked for.
    """

    def __init__(self, patterns: Sequence[str], sample: Iterable[str], size: int) -> None:
        """Take the patterns, and texts by which rare words are known from common ones.

        size  2 for scripts of many characters, 3 for the Latin one
        """
        self._size = size
        self._common = Counter(run for text in sample for run in _runs(text, size))
        self._rarest: dict[str, str] = {}
        self._always: set[int] = set()
        self._ways: list[tuple[int, tuple[frozenset[str], ...]]] = []
        calls: dict[str, list[int]] = {}
        for place, pattern in enumerate(patterns):
            for way in ways_of(pattern, self._weight):
                self._add(place, way, calls)
        words = [(word, frozenset(ways)) for word, ways in calls.items()]
        self._short = [one for one in words if len(one[0]) < size]
        self._by_run: dict[str, list[tuple[str, frozenset[int]]]] = {}
        for one in words:
            if len(one[0]) >= size:
                self._by_run.setdefault(self._rarest_run(one[0]), []).append(one)
        self._keys = frozenset(self._by_run)

    def _add(self, place: int, way: Sequence[Words], calls: dict[str, list[int]]) -> None:
        if not way:
            self._always.add(place)
            return
        for word in way[0]:
            calls.setdefault(word, []).append(len(self._ways))
        others = (one for one in way[1:] if all(len(word) >= self._size for word in one))
        runs = tuple(frozenset(map(self._rarest_run, words)) for words in others)
        self._ways.append((place, runs))

    def _weight(self, word: str) -> float:
        is_short = len(word) < self._size
        return _WORD + (_SHORT if is_short else self._common[self._rarest_run(word)])

    def _rarest_run(self, word: str) -> str:
        found = self._rarest.get(word)
        if found is None:
            runs = sorted(_runs(word, self._size))
            found = self._rarest[word] = min(runs, key=self._common.__getitem__)
        return found

    def called(self, text: str) -> list[int]:
        """Return the places of the patterns that may match in `text`, in order."""
        called: set[int] = set()
        for word, ways in self._short:
            if word in text:
                called |= ways
        runs = _runs(text, self._size)
        for run in self._keys & runs:
            for word, ways in self._by_run[run]:
                if word in text:
                    called |= ways
        return sorted(self._fulfilled(called, runs)) if called else sorted(self._always)

    def _fulfilled(self, called: set[int], runs: frozenset[str]) -> set[int]:
        """Return the places of those `called` ways of whose other words some may stand there too.

        And of those that are always called.
        """
        places = set(self._always)
        for way in called:
            place, others = self._ways[way]
            for one in others:  # all() would make a generator each time: this is the inner loop
                if one.isdisjoint(runs):
                    break
            else:
                places.add(place)
        return places


@functools.lru_cache(16)  # a sentence is asked about for some languages, and for two kinds of rules
def _runs(text: str, size: int) -> frozenset[str]:
    """Return all runs of `size` characters of the text, two or three."""
    pairs = map(add, text, text[1:])
    return frozenset(pairs if size == 2 else map(add, pairs, text[2:]))
