"""The words without which a pattern cannot match: what tells early that it need not be tried.

They are read off the pattern itself, by the parser of Python's own `re`. What that says in a way
unknown here needs no word: the pattern is then tried more often, never less.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

Words = frozenset[str]
Way = tuple[Words, ...]
"""One way of matching: a text that holds none of the words of some set is not matched so."""

Weight = Callable[[str], float]
"""How common a word is in the texts to expect: the rarer, the sooner it tells."""

_Items = Sequence[tuple[Any, Any]]

_MOST_WORDS = 64
_MOST_CHARS = 16  # that a class may hold and still be spelled out
_LONGEST = 8
_WIDE = "\u2e7f"  # characters behind this one tell something even alone


def ways_of(pattern: str, weight: Weight) -> tuple[Way, ...]:
    """Return the ways in which `pattern`, as it is given to `re.compile`, can match."""
    return tuple(
        tuple(sorted(dict.fromkeys(way), key=lambda words: sum(map(weight, words))))
        for way in _ways(_parser.parse(pattern), weight)
    )


def _ways(items: _Items, weight: Weight) -> list[Way]:
    """Return the ways of `items`, those of each branch apart."""
    said = [one for one in items if one[0] not in _ZERO_WIDTH]
    if len(said) == 1:
        kind, value = said[0]
        if kind is op.SUBPATTERN:
            return _ways(value[-1], weight)
        if kind is op.BRANCH:
            return [way for branch in value[1] for way in _ways(branch, weight)]
    return [tuple(_needed(items, weight))]


def _needed(items: _Items, weight: Weight) -> list[Words]:
    """Return sets of words, of each of which one must stand in what `items` match."""
    found: list[Words] = []
    spelled: Words = _NOTHING
    for kind, value in items:
        said = _spelled(kind, value)
        joined = None if said is None else _joined(spelled, said)
        if joined is not None:
            spelled = joined
            continue
        found.append(spelled)
        spelled = said or _NOTHING
        if said is None:
            found += _needed_by(kind, value, weight)
    return [_tidy(words) for words in (*found, spelled) if _tells(words)]


def _needed_by(kind: Any, value: Any, weight: Weight) -> list[Words]:
    """Return what one item needs that can match too many words to spell them out."""
    if kind is op.SUBPATTERN:
        return _needed(value[-1], weight)
    if kind in _REPEATS and value[0] >= 1:
        return _needed(value[2], weight)
    if kind is not op.BRANCH:
        return []
    rarest = [
        min(_needed(one, weight), key=lambda words: sum(map(weight, words)), default=_NOTHING)
        for one in value[1]
    ]
    return [frozenset().union(*rarest)]


_NOTHING: Words = frozenset(("",))
_ZERO_WIDTH = (op.AT, op.ASSERT, op.ASSERT_NOT)
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


def _tells(words: Words) -> bool:
    return all(len(one) > 1 or one > _WIDE for one in words)


def _tidy(words: Words) -> Words:
    """Return the words, shortened, without those that hold another one."""
    short = {one[:_LONGEST] for one in words}
    sizes = sorted({len(one) for one in short})
    return frozenset(one for one in short if not _holds_another(one, short, sizes))


def _holds_another(word: str, words: set[str], sizes: Sequence[int]) -> bool:
    for size in sizes:
        if size >= len(word):
            return False
        if any(word[start : start + size] in words for start in range(len(word) - size + 1)):
            return True
    return False


def _spelled(kind: Any, value: Any) -> Words | None:
    """Return all that one item can match, if that is few words."""
    if kind is op.LITERAL:
        return frozenset((chr(value),))
    if kind in _ZERO_WIDTH:
        return _NOTHING
    if kind is op.IN:
        return _spelled_class(value)
    if kind is op.SUBPATTERN:
        return _spelled_all(value[-1])
    if kind is op.BRANCH:
        return _either(_spelled_all(one) for one in value[1])
    if kind in _REPEATS and value[1] == 1:
        once = _spelled_all(value[2])
        return once if once is None or value[0] else once | _NOTHING
    return None


def _spelled_all(items: _Items) -> Words | None:
    spelled: Words | None = _NOTHING
    for kind, value in items:
        said = _spelled(kind, value)
        spelled = None if said is None or spelled is None else _joined(spelled, said)
        if spelled is None:
            return None
    return spelled


def _spelled_class(members: _Items) -> Words | None:
    chars: set[str] = set()
    for kind, value in members:
        if kind is op.LITERAL:
            chars.add(chr(value))
        elif kind is op.RANGE and value[1] - value[0] < _MOST_CHARS:
            chars.update(map(chr, range(value[0], value[1] + 1)))
        else:
            return None
    return frozenset(chars) if len(chars) <= _MOST_CHARS else None


def _either(branches: Iterable[Words | None]) -> Words | None:
    words: set[str] = set()
    for one in branches:
        if one is None:
            return None
        words |= one
    return frozenset(words) if len(words) <= _MOST_WORDS else None


def _joined(left: Words, right: Words) -> Words | None:
    if len(left) * len(right) > _MOST_WORDS:
        return None
    return frozenset(one + other for one, other in product(left, right))
