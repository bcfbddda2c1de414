"""Nudge a worker, after the commit; a nudge never delays a mail, and it may get lost.

The message names the actor; this side never imports it. A lost nudge costs only the time until
the sweep finds the row.
"""

import logging
import queue
import threading

import dramatiq

log = logging.getLogger(__name__)

_QUEUE = "settle"
_MOST_WAITING = 10_000
_LONGEST_QUEUE = 1000
"""With this many nudges waiting no worker is running, and more would wake none: the next sweep
does all the work, and the broker's memory stays free."""

_MOST_UNMEASURED = 20
"""Nudges between two looks at the queue's length: a look costs as much as a nudge."""


class Waker:
    """Hand row ids to the broker from a thread of its own.

    Enqueueing blocks for as long as Redis likes (measured: 59 s when it is frozen), so no mail
    may wait for it.
    """

    def __init__(self, broker: dramatiq.Broker | None) -> None:
        """Prepare; with None for a broker nobody is woken, and the sweep finds every row."""
        self._broker = broker
        # The simple one is written in C; its length is looked at before anything is put in.
        self._waiting: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        # Redis's broker counts what waits; the one in memory is emptied by this very process.
        self._measure = getattr(broker, "do_qsize", None)
        self._is_long = False
        self._room = 0  # nudges that may be handed over before the next look
        self._thread = threading.Thread(target=self._run, name="waker", daemon=True)

    def start(self) -> None:
        """Begin to hand over."""
        self._thread.start()

    def close(self, timeout_seconds: float = 2.0) -> None:
        """Stop when what waits is handed over, or when the time is up."""
        self._waiting.put(None)
        self._thread.join(timeout_seconds)

    def settle(self, referral_id: int) -> None:
        """Ask for referral `referral_id` to be settled; returns at once."""
        if self._broker is not None and self._waiting.qsize() < _MOST_WAITING:
            self._waiting.put(referral_id)  # what does not get in, the sweep finds

    def _run(self) -> None:
        while (referral_id := self._waiting.get()) is not None:
            if self._broker is None:
                continue
            try:
                if not self._find_long():
                    self._broker.enqueue(_settle_message(referral_id))
                    self._room -= 1
            except Exception as error:  # noqa: BLE001  whatever the broker's client raises
                self._room = 0
                log.warning("worker not woken, the sweep will: %s", type(error).__name__)

    def _find_long(self) -> bool:
        """Tell whether the broker's queue is too long to add to it; log when that changes."""
        if self._measure is None or self._room > 0:
            return False
        was_long = self._is_long
        self._room = min(_LONGEST_QUEUE - self._measure(_QUEUE), _MOST_UNMEASURED)
        self._is_long = self._room <= 0
        if self._is_long and not was_long:
            log.warning("%d nudges wait: does a worker run?", _LONGEST_QUEUE)
        return self._is_long


def _settle_message(referral_id: int) -> dramatiq.Message[None]:
    return dramatiq.Message(
        queue_name=_QUEUE,
        actor_name="settle",
        args=(referral_id,),
        kwargs={},
        options={},
    )
