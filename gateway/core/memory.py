"""Remember what pure functions said of short texts: a company sends the same letter many times.

The next mail of a letter differs in a name or a date, so most of its lines and sentences were
seen before. Only the process remembers, and nothing of it is stored: docs/decisions/017.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Generic, TypeVar, TypeVarTuple, cast

_Text = TypeVar("_Text", str, bytes)
_More = TypeVarTuple("_More")
_Said = TypeVar("_Said")
_Kept = TypeVar("_Kept")

MOST_REMEMBERED = 2048
"""Answers of each function; the one asked for longest ago is forgotten first."""

LONGEST_REMEMBERED = 300
"""Characters or bytes of a text that is remembered, so that no mail can fill the memory."""


def remembered(function: Callable[[_Text, *_More], _Said]) -> Callable[[_Text, *_More], _Said]:
    """Return `function`, which must be pure, with its answers for short texts cached.

    What it returns is handed to everybody who asks, so it must not be changeable.
    """
    return _remember(function, MOST_REMEMBERED, LONGEST_REMEMBERED)


MOST_BLOCKS = 512
LONGEST_BLOCK = 1200


def remembered_block(function: Callable[[str], _Said]) -> Callable[[str], _Said]:
    """Return `function`, which must be pure, with its answers for blocks of lines cached."""
    return _remember(function, MOST_BLOCKS, LONGEST_BLOCK)


MOST_WHOLE = 6
"""Answers of each function that is asked about whole texts and headers, not about their lines."""

LONGEST_WHOLE = 1 << 16


def remembered_whole(
    function: Callable[[_Text, *_More], _Said],
) -> Callable[[_Text, *_More], _Said]:
    """Return `function`, which must be pure, with its answers for longer texts cached.

    For what is asked again of the mail in hand: the check reads the whole text that the edit left.
    """
    return _remember(function, MOST_WHOLE, LONGEST_WHOLE)


MOST_LETTERS = 32
LONGEST_LETTER = 12_288


def remembered_letter(
    function: Callable[[_Text, *_More], _Said],
) -> Callable[[_Text, *_More], _Said]:
    """Return `function`, which must be pure, with its answers for letters cached.

    A letter with the shared name (gateway.core.addressee) is the same text for everybody.
    """
    return _remember(remembered_whole(function), MOST_LETTERS, LONGEST_LETTER)


MOST_FORMS = 64
LONGEST_FORM = 8192


def remembered_form(function: Callable[[str], _Said]) -> Callable[[str], _Said]:
    """Return `function`, which must be pure, with its answers for forms of pages cached."""
    return _remember(function, MOST_FORMS, LONGEST_FORM)


class Shelf(Generic[_Kept]):
    """Values by number; beyond `most` the one asked for longest ago is forgotten.

    Other threads may ask and keep at the same time: then a value may be missed, never mistaken.
    """

    __slots__ = ("_kept", "_most")

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[int, _Kept] = {}

    def get(self, key: int) -> _Kept | None:
        """Return the value kept under `key`, None without one."""
        value = self._kept.pop(key, None)
        if value is not None:
            self._kept[key] = value  # at the end: the first is the one asked for longest ago
        return value

    def keep(self, key: int, value: _Kept) -> None:
        """Keep a value under `key`, instead of one that is there."""
        self._kept[key] = value
        for oldest in list(self._kept)[: max(0, len(self._kept) - self._most)]:
            self._kept.pop(oldest, None)

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()


def _remember(
    function: Callable[[_Text, *_More], _Said], most: int, longest: int
) -> Callable[[_Text, *_More], _Said]:
    kept = functools.lru_cache(most)(function)
    recall = cast("Callable[[_Text, *_More], _Said]", kept)

    @functools.wraps(function)
    def ask(text: _Text, /, *more: *_More) -> _Said:
        return (recall if len(text) <= longest else function)(text, *more)

    @functools.wraps(function)
    def ask_of_text_alone(text: _Text) -> _Said:  # a third of the time less, 150 times a mail
        return recall(text) if len(text) <= longest else function(text)  # type: ignore[call-arg]

    is_alone = len(inspect.signature(function).parameters) == 1
    return cast("Callable[[_Text, *_More], _Said]", ask_of_text_alone) if is_alone else ask
