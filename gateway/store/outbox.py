"""Notifications waiting to be sent: rows written together with their cause."""

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    and_,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.company import Language
from gateway.store.clocks import is_ahead
from gateway.store.tables import Base, insert_or_skip

MOST_ATTEMPTS = 16  # over almost three days
MOST_CAUSE = 80
_LEASE = timedelta(seconds=60)  # longer than one delivery may take
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=12)
PENDING = "state = 'pending'"  # word for word in index and queries, see referrals.py
_PARKED = "state = 'parked'"
_BY_MAIL = text("endpoint_id IS NULL")
_BY_WEBHOOK = text("endpoint_id IS NOT NULL")


class Event(enum.StrEnum):
    """What a company is told of; also the name of the template folder."""

    FIRST_REFERRAL = "first-referral"
    HALFWAY = "halfway"  # five points
    SLOT_EARNED = "slot-earned"
    SLOT_USED = "slot-used"
    SLOT_RETURNED = "slot-returned"
    SLOT_EXPIRING = "slot-expiring"
    SLOT_EXPIRED = "slot-expired"
    REFERRAL_VOIDED = "referral-voided"  # the mail was no rejection, or never arrived
    REVIEW_WAITING = "review-waiting"  # observe mode has seen rejection mails
    FALSE_INJECTION = "false-injection"  # a link went into a mail that was no rejection
    BRAKE = "brake"  # too many rejection mails at once: they are held
    VISIBLE_RECIPIENTS = "visible-recipients"  # candidates see each other in To or Cc
    COURTESY = "courtesy"  # a rejection mail that nobody should get: a placeholder was left in
    NEXT_HOP_FAILING = "next-hop-failing"  # it takes no mail, or cannot be reached
    NEXT_HOP_WORKING = "next-hop-working"  # again, after that was told
    CREDENTIAL_EXPIRING = "credential-expiring"
    DOMAIN_PROOF_LOST = "domain-proof-lost"  # DNS does not show it any more, for days
    WEEKLY_REPORT = "weekly-report"
    MONTHLY_REPORT = "monthly-report"
    TEST = "test"  # asked for, to see whether it arrives


REPORTS = frozenset({Event.WEEKLY_REPORT, Event.MONTHLY_REPORT})
"""Events that nobody needs to know of: one click ends their mails."""


class NotificationState(enum.StrEnum):
    """How far a notification came."""

    PENDING = "pending"
    SENT = "sent"
    PARKED = "parked"  # given up after MOST_ATTEMPTS; a person has to look


class NotificationRow(Base):
    """One notification; `message_id` is made at the first attempt and never changes."""

    __tablename__ = "notification"
    __table_args__ = (
        Index(
            "ix_notification_due",
            "next_attempt_at",
            sqlite_where=text(PENDING),
            postgresql_where=text(PENDING),
        ),
        Index(
            "ix_notification_parked",
            "id",
            sqlite_where=text(_PARKED),
            postgresql_where=text(_PARKED),
        ),
        Index("ix_notification_company_id_id", "company_id", "id"),
        Index(
            "uq_notification_by_mail",
            "company_id",
            "event",
            "cause",
            "member_id",
            unique=True,
            sqlite_where=_BY_MAIL,
            postgresql_where=_BY_MAIL,
        ),
        Index(
            "uq_notification_by_webhook",
            "company_id",
            "event",
            "cause",
            "endpoint_id",
            unique=True,
            sqlite_where=_BY_WEBHOOK,
            postgresql_where=_BY_WEBHOOK,
        ),
    )

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    event: Mapped[str] = mapped_column(String(40))
    cause: Mapped[str] = mapped_column(String(MOST_CAUSE))
    cause_entry_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id"), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    endpoint_id: Mapped[int | None] = mapped_column(ForeignKey("webhook_endpoint.id"))
    recipient: Mapped[str] = mapped_column(String(320))
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime]
    message_id: Mapped[str | None] = mapped_column(String(200))
    last_answer: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))


@dataclass(frozen=True, slots=True)
class NewNotification:
    """What a company is to be told, why, and by which way.

    cause           what it is told about once: "entry:12", "week:2026-W03"
    cause_entry_id  the ledger entry when that is the cause: the sums are those of its moment
    facts           what the mail tells besides: numbers, names of settings, no person
    endpoint_id     the webhook that hears it; None: a mail to `recipient`
    member_id       whose address that is
    """

    company_id: int
    event: Event
    cause: str
    recipient: str
    language: Language
    cause_entry_id: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    endpoint_id: int | None = None
    member_id: int | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification as it stands in the database.

    last_answer  what the last attempt came to: a reply code, or the name of what went wrong
    """

    id: int
    company_id: int
    event: Event
    cause: str
    cause_entry_id: int | None
    facts: Mapping[str, Any]
    endpoint_id: int | None
    recipient: str
    language: Language
    state: NotificationState
    attempts: int
    next_attempt_at: datetime
    message_id: str | None
    last_answer: str | None
    created_at: datetime
    sent_at: datetime | None
    member_id: int | None = None


def add(session: Session, new: NewNotification, now: datetime) -> int | None:
    """Write a notification down and return its id; None when this cause has it already."""
    return insert_or_skip(
        session,
        NotificationRow,
        {
            "company_id": new.company_id,
            "event": new.event.value,
            "cause": new.cause,
            "cause_entry_id": new.cause_entry_id,
            "facts": dict(new.facts),
            "endpoint_id": new.endpoint_id,
            "member_id": new.member_id,
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
    """Claim a due notification for one attempt; None when it is not due or claimed by another.

    message_id  kept by the first attempt, so that every duplicate carries the same

    The attempt is counted and the next one set _LEASE ahead before anything is sent: a worker
    killed in the middle leaves a row that becomes due again by itself.
    """
    row = session.scalars(
        update(NotificationRow)
        .where(
            NotificationRow.id == notification_id,
            NotificationRow.state == NotificationState.PENDING.value,
            is_time(now),
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


def mark_sent(session: Session, notification_id: int, answer: str, now: datetime) -> None:
    """Write down that the server took the notification."""
    session.execute(
        update(NotificationRow)
        .where(NotificationRow.id == notification_id)
        .values(state=NotificationState.SENT.value, sent_at=now, last_answer=answer[:80])
    )


def mark_failed(
    session: Session, claimed: Notification, answer: str, now: datetime, *, is_final: bool = False
) -> None:
    """Set the next attempt, further ahead each time; after MOST_ATTEMPTS park the notification.

    answer    a code or the name of an error, no words of the server: they may name a person
    is_final  nobody is there to hear it: park it now
    """
    is_last = is_final or claimed.attempts >= MOST_ATTEMPTS
    state = NotificationState.PARKED if is_last else NotificationState.PENDING
    session.execute(
        update(NotificationRow)
        .where(
            NotificationRow.id == claimed.id,
            NotificationRow.state == NotificationState.PENDING.value,
        )
        .values(
            state=state.value,
            next_attempt_at=now + pause_after(claimed.attempts),
            last_answer=answer[:80],
        )
    )


def pause_after(attempts: int) -> timedelta:
    """Return the pause after that many attempts: 30 s, doubled each time, at most 12 hours."""
    doublings = max(0, min(attempts - 1, 20))
    return min(_FIRST_PAUSE * (1 << doublings), _LONGEST_PAUSE)


def is_time(now: datetime) -> ColumnElement[bool]:
    """Return the condition that the next attempt may be made.

    The first one is due when it is written down: one in the future was set by a clock that was
    wrong (clocks.py). A later one was, when it is twice as far ahead as the longest pause: sooner,
    the company might be told while another worker, whose clock is right, is telling it.
    """
    row, at = NotificationRow, NotificationRow.next_attempt_at
    is_first = and_(row.attempts == 0, is_ahead(at, now))
    return or_(at <= now, is_first, at > now + 2 * _LONGEST_PAUSE)


def park_exhausted(session: Session, now: datetime) -> int:
    """Park notifications whose last attempt never came back; return how many."""
    return len(
        session.scalars(
            update(NotificationRow)
            .where(
                text(PENDING),
                is_time(now),
                NotificationRow.attempts >= MOST_ATTEMPTS,
            )
            .values(state=NotificationState.PARKED.value)
            .returning(NotificationRow.id)
        ).all()
    )


def resend(session: Session, notification_id: int, now: datetime) -> bool:
    """Have a notification sent from now on as if it were new; tell whether there is such a one.

    Its Message-ID or webhook-id stays, so a receiver that has it already recognises it.
    """
    return _set_state(
        session, notification_id, NotificationState.PENDING, {"attempts": 0, "next_attempt_at": now}
    )


def park(session: Session, notification_id: int) -> bool:
    """Give a notification up; tell whether there is such a one that was not sent."""
    return _set_state(
        session, notification_id, NotificationState.PARKED, {}, NotificationRow.sent_at.is_(None)
    )


def park_waiting(session: Session, *of: ColumnElement[bool]) -> None:
    """Give up what waits for a webhook or a member that is told nothing more."""
    waiting = update(NotificationRow).where(text(PENDING), *of)
    session.execute(waiting.values(state=NotificationState.PARKED.value))


def _set_state(
    session: Session,
    notification_id: int,
    state: NotificationState,
    values: Mapping[str, Any],
    *only: ColumnElement[bool],
) -> bool:
    changed = (
        update(NotificationRow)
        .where(NotificationRow.id == notification_id, *only)
        .values(state=state.value, **values)
        .returning(NotificationRow.id)
    )
    return session.scalar(changed) is not None


def unsent(
    session: Session, state: NotificationState, limit: int = 100
) -> tuple[Notification, ...]:
    """Return notifications that wait (PENDING), the next one first, or were given up (PARKED)."""
    row = NotificationRow
    is_pending = state is NotificationState.PENDING
    condition, order = (
        (text(PENDING), row.next_attempt_at) if is_pending else (text(_PARKED), row.id.desc())
    )
    query = select(row).where(condition).order_by(order).limit(limit)
    return tuple(_notification(each) for each in session.scalars(query))


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
        cause=row.cause,
        cause_entry_id=row.cause_entry_id,
        facts=row.facts,
        endpoint_id=row.endpoint_id,
        recipient=row.recipient,
        language=Language(row.language),
        state=NotificationState(row.state),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        message_id=row.message_id,
        last_answer=row.last_answer,
        created_at=row.created_at,
        sent_at=row.sent_at,
        member_id=row.member_id,
    )
