"""Notifications waiting to be sent: rows written together with their cause."""

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.company import Language
from gateway.store.tables import Base, insert_or_skip

MOST_ATTEMPTS = 12
_LEASE = timedelta(minutes=5)  # longer than all timeouts of one delivery together
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=6)
_PENDING = "state = 'pending'"  # word for word in index and queries, see referrals.py


class Event(enum.StrEnum):
    """What a company is told of; also the name of the template folder."""

    FIRST_REFERRAL = "first-referral"
    HALFWAY = "halfway"  # five points
    SLOT_EARNED = "slot-earned"


class NotificationState(enum.StrEnum):
    """How far a notification came."""

    PENDING = "pending"
    SENT = "sent"
    PARKED = "parked"  # given up after MOST_ATTEMPTS; a person has to look


class NotificationRow(Base):
    """One notification; `message_id` is made at the first attempt and never changes."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("company_id", "event", "cause_entry_id"),
        Index(
            "ix_notification_due",
            "next_attempt_at",
            sqlite_where=text(_PENDING),
            postgresql_where=text(_PENDING),
        ),
    )

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    event: Mapped[str] = mapped_column(String(40))
    cause_entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), index=True)
    recipient: Mapped[str] = mapped_column(String(320))
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime]
    message_id: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class NewNotification:
    """What a company is to be told, and why."""

    company_id: int
    event: Event
    cause_entry_id: int
    recipient: str
    language: Language


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification as it stands in the database."""

    id: int
    company_id: int
    event: Event
    cause_entry_id: int
    recipient: str
    language: Language
    state: NotificationState
    attempts: int
    next_attempt_at: datetime
    message_id: str | None
    sent_at: datetime | None


def add(session: Session, new: NewNotification, now: datetime) -> int | None:
    """Write a notification down and return its id; None when this cause has it already."""
    return insert_or_skip(
        session,
        NotificationRow,
        {
            "company_id": new.company_id,
            "event": new.event.value,
            "cause_entry_id": new.cause_entry_id,
            "recipient": new.recipient,
            "language": new.language.value,
            "state": NotificationState.PENDING.value,
            "attempts": 0,
            "next_attempt_at": now,
            "created_at": now,
        },
    )


def claim(
    session: Session, notification_id: int, message_id: str, now: datetime
) -> Notification | None:
    """Take a due notification for one attempt, or None when it is not due or somebody else's.

    message_id  kept by the first attempt, so that every duplicate carries the same

    The attempt is counted and the next one set _LEASE ahead before anything is sent: who is
    killed in the middle leaves a row that becomes due again by itself.
    """
    row = session.scalars(
        update(NotificationRow)
        .where(
            NotificationRow.id == notification_id,
            NotificationRow.state == NotificationState.PENDING.value,
            NotificationRow.next_attempt_at <= now,
            NotificationRow.attempts < MOST_ATTEMPTS,
        )
        .values(attempts=NotificationRow.attempts + 1, next_attempt_at=now + _LEASE)
        .returning(NotificationRow)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    if row.message_id is None:
        row.message_id = message_id
        session.flush()
    return _notification(row)


def mark_sent(session: Session, notification_id: int, now: datetime) -> None:
    """Write down that the server took the mail."""
    session.execute(
        update(NotificationRow)
        .where(NotificationRow.id == notification_id)
        .values(state=NotificationState.SENT.value, sent_at=now)
    )


def mark_failed(session: Session, claimed: Notification, now: datetime) -> None:
    """Set the next attempt, further ahead each time; after MOST_ATTEMPTS park the notification."""
    is_last = claimed.attempts >= MOST_ATTEMPTS
    state = NotificationState.PARKED if is_last else NotificationState.PENDING
    session.execute(
        update(NotificationRow)
        .where(
            NotificationRow.id == claimed.id,
            NotificationRow.state == NotificationState.PENDING.value,
        )
        .values(state=state.value, next_attempt_at=now + pause_after(claimed.attempts))
    )


def pause_after(attempts: int) -> timedelta:
    """Return the pause after that many attempts: 30 s, doubled each time, at most 6 hours."""
    doublings = max(0, min(attempts - 1, 20))
    return min(_FIRST_PAUSE * (1 << doublings), _LONGEST_PAUSE)


def due(session: Session, now: datetime, limit: int = 500) -> tuple[int, ...]:
    """Return ids of notifications to be sent now, the longest waiting first."""
    return tuple(
        session.scalars(
            select(NotificationRow.id)
            .where(
                text(_PENDING),
                NotificationRow.next_attempt_at <= now,
                NotificationRow.attempts < MOST_ATTEMPTS,
            )
            .order_by(NotificationRow.next_attempt_at)
            .limit(limit)
        )
    )


def park_exhausted(session: Session, now: datetime) -> int:
    """Park notifications whose last attempt never came back; return how many."""
    return len(
        session.scalars(
            update(NotificationRow)
            .where(
                text(_PENDING),
                NotificationRow.next_attempt_at <= now,
                NotificationRow.attempts >= MOST_ATTEMPTS,
            )
            .values(state=NotificationState.PARKED.value)
            .returning(NotificationRow.id)
        ).all()
    )


def list_notifications(
    session: Session, company_id: int, limit: int = 100
) -> Sequence[Notification]:
    """Return a company's notifications, newest first."""
    rows = session.scalars(
        select(NotificationRow)
        .where(NotificationRow.company_id == company_id)
        .order_by(NotificationRow.id.desc())
        .limit(limit)
    )
    return tuple(_notification(row) for row in rows)


def caused_by(session: Session, entry_ids: Collection[int]) -> tuple[Notification, ...]:
    """Return what a company was told because of these ledger entries, oldest first."""
    if not entry_ids:
        return ()
    rows = session.scalars(
        select(NotificationRow)
        .where(NotificationRow.cause_entry_id.in_(entry_ids))
        .order_by(NotificationRow.id)
    )
    return tuple(_notification(row) for row in rows)


def _notification(row: NotificationRow) -> Notification:
    return Notification(
        id=row.id,
        company_id=row.company_id,
        event=Event(row.event),
        cause_entry_id=row.cause_entry_id,
        recipient=row.recipient,
        language=Language(row.language),
        state=NotificationState(row.state),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        message_id=row.message_id,
        sent_at=row.sent_at,
    )
