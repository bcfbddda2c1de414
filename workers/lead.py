"""One of many workers does the periodic work; when it dies another one takes over."""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from datetime import timedelta

from gateway.store import leases
from gateway.store.engine import sqlite_file, writing_session
from gateway.store.lock_file import LockFile
from workers.tools import Tools

log = logging.getLogger(__name__)

_LASTS = timedelta(seconds=15)
_ASK_SECONDS = 5.0
"""A killed leader is succeeded after the rest of its lease and this long: 20 s at most."""


class Lead:
    """Ask for the lease again and again, in a thread of its own.

    The lease only spares double work: everything it covers may be done twice at once. On a
    database server it is a row, beside an SQLite file a lock: nothing is written while nothing
    happens, and the system frees the lock of a process that was killed.
    """

    def __init__(
        self, tools: Tools, name: str = "periodic", ask_seconds: float = _ASK_SECONDS
    ) -> None:
        self._tools = tools
        self._name = name
        self._ask_seconds = ask_seconds
        self._holder = f"{socket.gethostname()[:60]} {os.getpid()} {secrets.token_hex(4)}"
        ledger = sqlite_file(tools.engine.url)
        self._lock = LockFile(ledger, self._holder) if ledger is not None else None
        self._is_held = False
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lead", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Give the lease back, so that another worker takes over at once."""
        self._is_stopped.set()
        if self._thread.is_alive():
            self._thread.join(60)
        if self._is_held:
            self._is_held = False
            try:
                self._let_go()
            except Exception as error:  # noqa: BLE001  then it runs out by itself
                log.warning("lease not given back: %s", type(error).__name__)

    def is_held(self) -> bool:
        """Tell whether this process has the lease."""
        return self._is_held

    def ask(self) -> None:
        """Take or keep the lease; without a database nobody has it."""
        had = self._is_held
        try:
            self._is_held = self._hold()
        except Exception as error:  # noqa: BLE001  the next question may find the database again
            self._is_held = False
            log.warning("lease: %s", type(error).__name__)
        if self._is_held and not had:
            log.info("the periodic work is this worker's: %s", self._holder)

    def _hold(self) -> bool:
        if self._lock is not None:
            return self._lock.take()
        now = self._tools.now()
        with writing_session(self._tools.engine).begin() as session:
            return leases.hold(session, self._name, self._holder, now, _LASTS)

    def _let_go(self) -> None:
        if self._lock is not None:
            self._lock.let_go()
            return
        with writing_session(self._tools.engine).begin() as session:
            leases.let_go(session, self._name, self._holder)

    def _run(self) -> None:
        while not self._is_stopped.is_set():
            self.ask()
            self._is_stopped.wait(self._ask_seconds)


def first_then_led(act: Callable[[], object], is_held: Callable[[], bool]) -> Callable[[], object]:
    """Return what a ticker calls: `act` once at the start, and from then on while it leads.

    The first time is for all: what a killed process left is found by the one that follows it.
    """
    is_first = True

    def act_if_due() -> object:
        nonlocal is_first
        if not (is_first or is_held()):
            return None
        is_first = False
        return act()

    return act_if_due
