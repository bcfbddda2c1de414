"""Do something again and again in a thread of its own, until told to stop."""

import logging
import threading
from collections.abc import Callable

from dramatiq import Broker, Middleware, Worker

from workers.lead import Lead

log = logging.getLogger(__name__)


class Ticker:
    """Call `act` at once and then every `seconds`; a failure is logged, and the ticking goes on."""

    def __init__(self, name: str, seconds: float, act: Callable[[], object]) -> None:
        self._act = act
        self._seconds = seconds
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout_seconds: float = 60.0) -> None:
        """Let the running call finish, then end."""
        self._is_stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while not self._is_stopped.is_set():
            try:
                self._act()
            except Exception as error:  # noqa: BLE001  the next round may find the database again
                log.warning("%s: %s", self._thread.name, type(error).__name__)
            self._is_stopped.wait(self._seconds)


class Ticking(Middleware):
    """Run tickers as long as a Dramatiq worker process lives."""

    def __init__(self, lead: Lead, tickers: tuple[Ticker, ...]) -> None:
        self._lead = lead
        self._tickers = tickers

    def after_worker_boot(self, broker: Broker, worker: Worker) -> None:  # noqa: ARG002
        """Start them when the worker is ready."""
        self._lead.start()
        for ticker in self._tickers:
            ticker.start()

    def before_worker_shutdown(self, broker: Broker, worker: Worker) -> None:  # noqa: ARG002
        """Stop them first: no new work while the worker finishes its own."""
        for ticker in self._tickers:
            ticker.stop()
        self._lead.stop()
