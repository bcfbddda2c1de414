"""Which notifications are to be sent now, so that every server has its turn."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gateway.store.outbox import MOST_ATTEMPTS, PENDING, NotificationRow, is_time


@dataclass(frozen=True, slots=True)
class Due:
    """A notification to be sent now, and where to: what waits for one server goes in order."""

    id: int
    company_id: int
    endpoint_id: int | None


def due(session: Session, now: datetime, limit: int = 500) -> tuple[Due, ...]:
    """Return notifications to be sent now: of each server's the longest waiting first.

    All servers' first ones come before the second ones, so that what piles up for a server that
    is down leaves room for the others.
    """
    row = NotificationRow
    place = func.row_number().over(
        partition_by=(row.company_id, row.endpoint_id), order_by=(row.next_attempt_at, row.id)
    )
    query = (
        select(row.id, row.company_id, row.endpoint_id)
        .where(text(PENDING), is_time(now), row.attempts < MOST_ATTEMPTS)
        .order_by(place, row.next_attempt_at, row.id)
        .limit(limit)
    )
    return tuple(Due(*found) for found in session.execute(query))
