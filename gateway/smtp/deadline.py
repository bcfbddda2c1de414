"""A moment by which something must have happened, moved on without touching a timer.

An SMTP dialogue sets a limit for each command and each answer, and almost none is ever reached.
A timer of the event loop for each costs more than reading the command. So one timer runs for a
connection: when it fires too early, it begins anew for the rest.
"""

import asyncio
import math
from collections.abc import Callable

_NEVER = math.inf
_CLOCK_SECONDS = 0.001
"""uvloop counts in whole milliseconds: a timer may fire that much too early."""


class Deadline:
    """One moment at a time; `on_late` is called once when it passes without being moved."""

    __slots__ = ("_at", "_fires_at", "_loop", "_on_late", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, on_late: Callable[[], None]) -> None:
        """Prepare; nothing is due yet."""
        self._loop = loop
        self._on_late = on_late
        self._at = _NEVER
        self._fires_at = _NEVER
        self._timer: asyncio.TimerHandle | None = None

    def move(self, seconds: float) -> None:
        """Let it be in `seconds` from now, whenever it was before."""
        self._at = self._loop.time() + seconds
        if self._at < self._fires_at:
            self._arm()

    def lift(self) -> None:
        """Let nothing be due until it is moved again; a timer that runs fires for nothing."""
        self._at = _NEVER

    def cancel(self) -> None:
        """Lift it for good: neither it nor its timer keeps the callback's owner alive."""
        self.lift()
        self._on_late = _do_nothing
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._fires_at = None, _NEVER

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._fires_at = self._at
        self._timer = self._loop.call_at(self._at, self._fire)

    def _fire(self) -> None:
        self._timer, self._fires_at = None, _NEVER
        if self._loop.time() + _CLOCK_SECONDS >= self._at:
            self._at = _NEVER
            self._on_late()
        elif self._at < _NEVER:
            self._arm()


def _do_nothing() -> None:
    """Be called for nothing."""
