"""What a gateway's process has done since it started: mails counted where they are logged."""

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.record import log as mail_log

_FIELD = "reply"


@dataclass(frozen=True, slots=True)
class GatewayCounts:
    """How a gateway stands.

    mails        since it started, by action and reason
    replies      what next hops, or we, answered: by "2", "4", "5", and "none"
    connections  of clients, open now
    in_hand      mails on their way to a next hop now
    waiting      rows that wait for the group writer
    """

    mails: Mapping[tuple[str, str], int]
    replies: Mapping[str, int]
    connections: int = 0
    in_hand: int = 0
    waiting: int = 0


class MailCounts(logging.Handler):
    """Counts every mail that gateway.record logs; two short dictionaries, however long it runs."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._mails: Counter[tuple[str, str]] = Counter()
        self._replies: Counter[str] = Counter()
        self._counting = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Count a line that is about a mail."""
        values = vars(record)
        if not str(values.get("event", "")).startswith("mail."):
            return
        reply = values.get(_FIELD)
        with self._counting:
            self._mails[values["action"], values["why"]] += 1
            self._replies["none" if reply is None else str(reply)[0]] += 1

    def read(self) -> tuple[Mapping[tuple[str, str], int], Mapping[str, int]]:
        """Return mails and replies as they stand."""
        with self._counting:
            return dict(self._mails), dict(self._replies)

    def start(self) -> None:
        """Begin to count."""
        if not mail_log.isEnabledFor(logging.INFO):
            mail_log.setLevel(logging.INFO)
        mail_log.addHandler(self)

    def stop(self) -> None:
        """Count no more."""
        mail_log.removeHandler(self)
