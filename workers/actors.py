"""Load, call, done: what answers the queue. Row ids come in; nothing is ever dead-lettered."""

import contextlib
import logging
from collections.abc import Iterator

import dramatiq
from dramatiq import Broker

from gateway.store.engine import writing_session
from workers.deliver import deliver_notification
from workers.settle import settle_referral
from workers.tools import Tools

log = logging.getLogger(__name__)

_FIRST, _LATER = 0, 10  # Dramatiq takes the lower number first: points before mails about them


def declare(broker: Broker, tools: Tools) -> None:
    """Register the actors settle and deliver, each on the queue of its name.

    An actor that fails leaves its row to the sweep: the database says what is to be done, so a
    message is never tried again and no dead letter piles up.
    """

    @dramatiq.actor(broker=broker, actor_name="deliver", queue_name="deliver", priority=_LATER)
    def deliver(notification_id: int) -> None:
        with _left_to_the_sweep(f"notification {notification_id}"):
            deliver_notification(tools, notification_id)

    @dramatiq.actor(broker=broker, actor_name="settle", queue_name="settle", priority=_FIRST)
    def settle(referral_id: int) -> None:
        with _left_to_the_sweep(f"referral {referral_id}"):
            with writing_session(tools.engine).begin() as session:
                notification_ids = settle_referral(session, referral_id, tools.now())
            for notification_id in notification_ids:  # after the commit: the row is there
                with _left_to_the_sweep(f"notification {notification_id}"):
                    deliver.send(notification_id)

    # Nobody calls them by these names: the messages name the actors.
    log.debug("actors declared: %s %s", deliver.actor_name, settle.actor_name)


@contextlib.contextmanager
def _left_to_the_sweep(what: str) -> Iterator[None]:
    """Turn whatever goes wrong into one log line without values."""
    try:
        yield
    except Exception as error:  # noqa: BLE001
        log.warning("%s is left to the next sweep: %s", what, type(error).__name__)
