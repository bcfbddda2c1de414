"""Load, call, done: what answers the queue. Row ids come in; nothing is ever dead-lettered."""

import logging

import dramatiq
from dramatiq import Broker

from gateway.store.engine import writing_session
from workers.deliver import deliver_notification
from workers.settle import settle_referral
from workers.sweep import sweep_once
from workers.tools import Tools

log = logging.getLogger(__name__)


def declare(broker: Broker, tools: Tools) -> None:
    """Register the actors settle, deliver and sweep, each on the queue of its name.

    An actor that fails leaves its row to the sweep: the database says what is to be done, so a
    message is never tried again and no dead letter piles up.
    """

    @dramatiq.actor(broker=broker, actor_name="deliver", queue_name="deliver")
    def deliver(notification_id: int) -> None:
        try:
            deliver_notification(tools, notification_id)
        except Exception as error:  # noqa: BLE001
            _leave_to_the_sweep("notification", notification_id, error)

    @dramatiq.actor(broker=broker, actor_name="settle", queue_name="settle")
    def settle(referral_id: int) -> None:
        try:
            with writing_session(tools.engine).begin() as session:
                notification_ids = settle_referral(session, referral_id, tools.now())
        except Exception as error:  # noqa: BLE001
            _leave_to_the_sweep("referral", referral_id, error)
            return
        for notification_id in notification_ids:  # after the commit: the row is there
            try:
                deliver.send(notification_id)
            except Exception as error:  # noqa: BLE001  whatever the broker's client raises
                _leave_to_the_sweep("notification", notification_id, error)

    @dramatiq.actor(broker=broker, actor_name="sweep", queue_name="sweep")
    def sweep() -> None:
        try:
            sweep_once(tools)
        except Exception as error:  # noqa: BLE001
            log.warning("sweep not finished: %s", type(error).__name__)

    # Nobody calls them by these names: the messages name the actors.
    log.debug("actors declared: %s %s %s", deliver.actor_name, settle.actor_name, sweep.actor_name)


def _leave_to_the_sweep(what: str, row_id: int, error: Exception) -> None:
    log.warning("%s %d is left to the sweep: %s", what, row_id, type(error).__name__)
