"""Remember what pure functions said of short texts: a company sends the same letter many times.

The next mail of a letter differs in a name or a date, so most of its lines and sentences were
seen before. Only the process remembers, and nothing of it is stored: docs/decisions/017.
"""

import functools
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple, cast

_Text = TypeVar("_Text", str, bytes)
_More = TypeVarTuple("_More")
_Said = TypeVar("_Said")

MOST_REMEMBERED = 2048
"""Answers of each function; the one asked for longest ago is forgotten first."""

LONGEST_REMEMBERED = 300
"""Characters or bytes of a text that is remembered, so that no mail can fill the memory."""


def remembered(function: Callable[[_Text, *_More], _Said]) -> Callable[[_Text, *_More], _Said]:
    """Return `function`, pure, which does not work twice for a short text.

    What it returns is handed to everybody who asks, so it must not be changeable.
    """
    kept = functools.lru_cache(MOST_REMEMBERED)(function)
    recall = cast("Callable[[_Text, *_More], _Said]", kept)

    @functools.wraps(function)
    def ask(text: _Text, /, *more: *_More) -> _Said:
        return (recall if len(text) <= LONGEST_REMEMBERED else function)(text, *more)

    return ask
