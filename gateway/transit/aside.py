"""Work that takes long, done in a thread beside the event loop, which goes on serving others."""

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Final, TypeVar, TypeVarTuple, Unpack

Args = TypeVarTuple("Args")
T = TypeVar("T")

_TURN_SECONDS: Final = 0.0002
"""How long the thread keeps the interpreter when the event loop wants it. Python's own 5 ms are
waited for anew whenever the loop has paused: for each command and answer of every other mail."""


class _ShortTurns:
    """While somebody is within, threads of this process take turns sooner than usual."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._within = 0
        self._usual_seconds = 0.0

    def __enter__(self) -> None:
        with self._lock:
            self._within += 1
            if self._within == 1:
                self._usual_seconds = sys.getswitchinterval()
                sys.setswitchinterval(_TURN_SECONDS)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._within -= 1
            if not self._within:
                sys.setswitchinterval(self._usual_seconds)


_short_turns = _ShortTurns()


async def run_aside(work: Callable[[Unpack[Args]], T], *args: *Args) -> T:
    """Return what `work` returns, called in a thread; raises what it raises."""
    with _short_turns:
        return await asyncio.to_thread(work, *args)
