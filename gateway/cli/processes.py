"""Several processes behind one port: a parent holds the sockets and replaces children that end.

The children are forked and accept connections from the parent's sockets, so a waiting connection
belongs to none of them, and is not lost when one stops or is killed. The parent has no event loop
and no thread, which makes forking safe at any time, and it handles no mail.

A child stops when the *lifeline* breaks, a pipe whose writing end only the parent has: because the
parent closed it, or because the parent is gone. docs/decisions/023 says why it is like this.
"""

import asyncio
import contextlib
import logging
import os
import select
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from gateway.board import Board, Gauge
from gateway.cli.doors import Doors
from gateway.cli.supervised import tell, watchdog_seconds
from gateway.log_lines import say
from gateway.smtpd import Shared

log = logging.getLogger(__name__)

_STOP_SECONDS = 42.0
"""Children finish the mails in hand within 30 s and what follows them; systemd waits 45."""

_SOUND_SECONDS = 10.0
"""A child that lived this long is replaced at once, others after ever longer pauses."""

_LONGEST_PAUSE_SECONDS = 30.0
_SHORTEST_WATCH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Child:
    """What a child is given.

    lifeline  readable, once there is no reason to go on
    """

    shared: Shared
    metrics: socket.socket | None
    lifeline: int
    news: int

    def say_serving(self) -> None:
        """Tell the parent that connections are accepted."""
        with contextlib.suppress(OSError):  # the parent is gone: the lifeline says so too
            os.write(self.news, b"!")

    @contextlib.asynccontextmanager
    async def until_told(self) -> AsyncIterator[asyncio.Event]:
        """Give an event that the lifeline's end and SIGTERM set; a second SIGTERM ends at once.

        A service manager may send SIGTERM to every process while the parent stops too: both
        count as one request.
        """
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        heard: list[int] = []

        def on_end() -> None:
            loop.remove_reader(self.lifeline)
            stop.set()

        def on_signal() -> None:
            if heard:
                os._exit(128 + signal.SIGTERM)
            heard.append(signal.SIGTERM)
            stop.set()

        loop.add_reader(self.lifeline, on_end)
        loop.add_signal_handler(signal.SIGTERM, on_signal)
        try:
            yield stop
        finally:
            loop.remove_reader(self.lifeline)
            loop.remove_signal_handler(signal.SIGTERM)


@dataclass(slots=True)
class _Place:
    """A child, or the pause before it; times are those of time.monotonic().

    serves_since  when it was first seen to serve
    """

    pid: int | None = None
    serves_since: float | None = None
    started_at: float = 0.0
    starts_at: float = 0.0
    failures: int = 0

    @property
    def has_served(self) -> bool:
        """Whether the child was ever seen to serve."""
        return self.serves_since is not None


class Parent:
    """Holds the sockets, and keeps a child in every place."""

    def __init__(self, count: int, doors: Doors, on_up: Callable[[], None]) -> None:
        """Prepare for `count` children; `on_up` is called once, when connections are taken."""
        self._doors = doors
        self._on_up: Callable[[], None] | None = on_up
        self._board = Board(count)
        self._places = [_Place() for _ in range(count)]
        self._lifeline = _Pipe()
        self._news = _Pipe()
        self._signals: list[int] = []
        self._stopped_at: float | None = None
        self._exit_code = 0
        self._watch_seconds = watchdog_seconds()
        signal.set_wakeup_fd(self._news.writing, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, lambda heard, _: self._signals.append(heard))

    def divide(self) -> Child:
        """Start the children, each of which returns; the parent stays until all is over.

        Raises SystemExit in the parent then, with the exit code.
        """
        while True:
            number = self._next_vacancy()
            place = self._places[number]
            place.serves_since, place.started_at = None, time.monotonic()
            try:
                pid = os.fork()
            except OSError as error:  # no memory, or too many processes: perhaps later
                self._postpone(place, f"no process to be had: {error.strerror}")
                continue
            if pid == 0:
                return self._begin_as_child(number)
            place.pid = pid

    def _begin_as_child(self, number: int) -> Child:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
        os.close(self._lifeline.writing)
        os.close(self._news.reading)
        doors = self._doors
        shared = Shared(self._board.seat(number), doors.smtp, doors.smtps)
        return Child(shared, doors.metrics, self._lifeline.reading, self._news.writing)

    def _next_vacancy(self) -> int:
        """Look after all children until a place must be filled; return its number."""
        while True:
            self._obey_signals()
            self._collect()
            if self._stopped_at is None:
                self._announce()
                now = time.monotonic()
                for number, place in enumerate(self._places):
                    if place.pid is None and place.starts_at <= now:
                        return number
                self._watch()
            elif not self._pids:
                raise SystemExit(self._exit_code)
            elif time.monotonic() > self._stopped_at + _STOP_SECONDS:
                self._kill()
            self._wait()

    @property
    def _pids(self) -> list[int]:
        return [place.pid for place in self._places if place.pid is not None]

    def _is_serving(self, number: int) -> bool:
        return bool(self._board.read(number, Gauge.SERVING))

    def _obey_signals(self) -> None:
        while self._signals:
            heard = self._signals.pop(0)
            if heard == signal.SIGCHLD:
                continue
            if self._stopped_at is not None:
                self._kill()
                os._exit(128 + heard)
            say("Finishing the mails in hand; once more stops at once.")
            self._stop()

    def _stop(self, exit_code: int = 0) -> None:
        """Take no more connections; the children finish what they have in hand."""
        if self._stopped_at is None:
            self._stopped_at = time.monotonic()
            self._exit_code = exit_code
            tell("STOPPING=1")
            self._doors.close()
            os.close(self._lifeline.writing)

    def _kill(self) -> None:
        for pid in self._pids:
            os.kill(pid, signal.SIGKILL)

    def _collect(self) -> None:
        """See which children have ended."""
        for number, place in enumerate(self._places):
            if place.pid is None:
                continue
            pid, status = os.waitpid(place.pid, os.WNOHANG)
            if pid:
                self._note_end(number, os.waitstatus_to_exitcode(status))

    def _note_end(self, number: int, code: int) -> None:
        place = self._places[number]
        has_served = place.has_served or self._is_serving(number)
        self._board.vacate(number)
        pid, place.pid = place.pid, None
        if self._stopped_at is not None:
            is_clean = code in {0, -signal.SIGTERM}  # a child still starting obeys SIGTERM at once
            self._exit_code = self._exit_code or int(not is_clean)
            return
        if not (has_served or any(map(self._is_serving, range(len(self._places))))):
            self._stop(code if code > 0 else 1)  # a wrong setting, or no database: it said so
            return
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        self._postpone(place, f"process {pid} ended with {how}")

    def _postpone(self, place: _Place, why: str) -> None:
        """Let another child begin at this place: the more have failed, the later."""
        now = time.monotonic()
        place.failures = 0 if now - place.started_at > _SOUND_SECONDS else place.failures + 1
        pause = pause_seconds(place.failures)
        place.starts_at = now + pause
        log.warning("%s; another begins in %.0f s", why, pause)

    def _announce(self) -> None:
        """Say once that the gateway is up: when each child serves, or waits for another try."""
        for number, place in enumerate(self._places):
            if not place.has_served and self._is_serving(number):
                place.serves_since = time.monotonic()
        is_starting = any(not (place.has_served or place.failures) for place in self._places)
        if self._on_up is not None and not is_starting:
            self._on_up()
            self._on_up = None
            tell("READY=1")

    def _watch(self) -> None:
        """Tell systemd that all is well, and kill children whose event loop is stuck."""
        if self._watch_seconds is None or self._on_up is not None:
            return
        tell("WATCHDOG=1")
        patience = max(self._watch_seconds, _SHORTEST_WATCH_SECONDS)
        now = time.monotonic()
        for number, place in enumerate(self._places):
            if place.pid is None or place.serves_since is None or not self._is_serving(number):
                continue
            beat = self._board.read(number, Gauge.BEAT) / 1000
            # It may stand still before its first beat.
            if max(beat, place.serves_since) < now - patience:
                log.error("process %s stands still and is ended", place.pid)
                os.kill(place.pid, signal.SIGKILL)

    def _wait(self) -> None:
        """Return when there is news, or something is due."""
        due = [1.0 if self._watch_seconds is None else self._watch_seconds / 2]
        now = time.monotonic()
        due += [place.starts_at - now for place in self._places if place.pid is None]
        seconds = max(0.0, min(due)) if self._stopped_at is None else 1.0
        if select.select([self._news.reading], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                os.read(self._news.reading, 4096)


def pause_seconds(failures: int) -> float:
    """Return how long a place stays empty after so many children in a row that soon ended."""
    if failures == 0:
        return 0.0
    doublings = min(failures - 1, 10)  # 2.0 ** 1024 is an OverflowError, after a night
    return min(2.0**doublings, _LONGEST_PAUSE_SECONDS)


@dataclass(frozen=True, slots=True)
class _Pipe:
    """A pipe that does not block, handed on by forks."""

    ends: tuple[int, int] = field(default_factory=os.pipe)

    def __post_init__(self) -> None:
        for end in self.ends:
            os.set_blocking(end, False)

    @property
    def reading(self) -> int:
        return self.ends[0]

    @property
    def writing(self) -> int:
        return self.ends[1]
