"""Find what the broker forgot, from the rows alone: it may be flushed, frozen or absent."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from gateway.store import holds, outbox, referrals
from gateway.store.due import due
from gateway.store.engine import reading_session, writing_session
from workers.deliver import Outcome, deliver_notification
from workers.settle import settle_held, settle_referral
from workers.tools import Tools

log = logging.getLogger(__name__)

_BATCH = 500
_MOST_SERVERS_AT_ONCE = 4
_HEAD_START = timedelta(seconds=1)
"""Left to the worker that was woken just now, so that the sweep does not repeat its work."""


def settle_due(tools: Tools) -> int:
    """Settle what was forgotten, and decide on what has waited long enough; return how many."""
    return settle_forgotten(tools) + settle_waiting(tools)


def settle_forgotten(tools: Tools) -> int:
    """Settle all relayed referrals that no worker has settled; return how many.

    A row that fails is counted and goes to the back of the queue; the others go on.
    """
    settled = 0
    while True:
        with reading_session(tools.engine)() as session:
            ids = referrals.unsettled(session, tools.now(), _HEAD_START, _BATCH)
        done = sum(_settle(tools, referral_id) for referral_id in ids)
        settled += done
        if len(ids) < _BATCH or not done:
            return settled


def settle_waiting(tools: Tools) -> int:
    """Decide on held referrals whose wait is over, a batch of them; return how many.

    A row that fails is counted and goes to the back of the queue; the others go on.
    """
    with reading_session(tools.engine)() as session:
        ids = holds.due(session, tools.now(), _BATCH)
    return sum(_settle(tools, referral_id, settle_held) for referral_id in ids)


def _settle(
    tools: Tools,
    referral_id: int,
    act: Callable[[Session, int, datetime], object] = settle_referral,
) -> bool:
    try:
        with writing_session(tools.engine).begin() as session:
            act(session, referral_id, tools.now())
    except Exception as error:  # noqa: BLE001  one bad row must not hold up the others
        log.warning("referral %d not settled: %s", referral_id, type(error).__name__)
        with writing_session(tools.engine).begin() as session:
            referrals.note_attempt(session, referral_id)
        return False
    return True


def deliver_due(tools: Tools) -> tuple[int, int]:
    """Deliver all due notifications once; return how many were taken and how many parked.

    What goes to one server goes in order, and after a failure the rest waits for the next
    sweep; so a server that is slow or gone delays nobody else's.
    """
    now = tools.now()
    with writing_session(tools.engine).begin() as session:
        parked = outbox.park_exhausted(session, now)
    if parked:
        log.error("%d notifications given up", parked)
    with reading_session(tools.engine)() as session:
        found = due(session, now, _BATCH)
    lines: dict[tuple[int, int | None], list[int]] = {}
    for each in found:
        lines.setdefault((each.company_id, each.endpoint_id), []).append(each.id)
    if not lines:
        return 0, parked
    with ThreadPoolExecutor(_MOST_SERVERS_AT_ONCE, "deliver") as threads:
        delivered = sum(threads.map(lambda ids: _deliver_line(tools, ids), lines.values()))
    return delivered, parked


def _deliver_line(tools: Tools, notification_ids: list[int]) -> int:
    """Deliver until one fails; return how many were taken. Another worker's is no failure."""
    taken = 0
    for notification_id in notification_ids:
        outcome = deliver_notification(tools, notification_id)
        if outcome is Outcome.FAILED:
            break
        taken += outcome is Outcome.TAKEN
    return taken
