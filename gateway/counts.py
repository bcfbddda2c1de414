"""What a gateway has done since it started: mails counted where they are logged."""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.board import COUNTERS, REPLIES, Gauge, Seat
from gateway.transit.record import log as mail_log

_FIELD = "reply"


@dataclass(frozen=True, slots=True)
class GatewayCounts:
    """How a gateway stands, all its processes together.

    mails        since it started, by action and reason
    replies      what next hops, or we, answered: by "2", "4", "5", and "none"
    processes    that serve now
    connections  of clients, open now
    in_hand      mails on their way to a next hop now
    waiting      rows that wait for the group writers
    """

    mails: Mapping[tuple[str, str], int]
    replies: Mapping[str, int]
    processes: int = 1
    connections: int = 0
    in_hand: int = 0
    waiting: int = 0


class MailCounts(logging.Handler):
    """Counts every mail that gateway.transit.record logs, at this process's seat."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(logging.INFO)
        self._seat = seat
        self._counting = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Count a line that is about a mail."""
        values = vars(record)
        if not str(values.get("event", "")).startswith("mail."):
            return
        code = str(values.get(_FIELD))[:1]
        with self._counting:
            self._seat.count((values["action"], values["why"]))
            self._seat.count(code if code in REPLIES else "none")

    def start(self) -> None:
        """Begin to count."""
        if not mail_log.isEnabledFor(logging.INFO):
            mail_log.setLevel(logging.INFO)
        mail_log.addHandler(self)

    def stop(self) -> None:
        """Count no more."""
        mail_log.removeHandler(self)


def read_counts(seat: Seat) -> GatewayCounts:
    """Return how the gateway stands, as its processes last reported."""
    counted = {name: number for name in COUNTERS if (number := seat.counted(name))}
    return GatewayCounts(
        {name: number for name, number in counted.items() if isinstance(name, tuple)},
        {name: counted.get(name, 0) for name in REPLIES},
        *map(seat.total, (Gauge.SERVING, Gauge.CONNECTIONS, Gauge.IN_HAND, Gauge.WAITING)),
    )
