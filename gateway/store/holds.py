"""Referrals that are relayed and do not count yet: what each waits for.

The ledger says that a referral waits (`held`); these rows only tell the workers where to look, and
are deleted when it is decided.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    String,
    and_,
    delete,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.credit import Waits
from gateway.store.clocks import is_ahead
from gateway.store.referrals import ReferralRow
from gateway.store.tables import Base


class HoldRow(Base):
    """One referral that waits; it is due at `until`, or never while that is NULL."""

    __tablename__ = "hold"
    __table_args__ = (Index("ix_hold_company_id_id", "company_id", "id"),)

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), unique=True)
    waits_for: Mapped[str] = mapped_column(String(20))
    until: Mapped[datetime | None] = mapped_column(index=True)
    released_by: Mapped[str | None] = mapped_column(String(200))


@dataclass(frozen=True, slots=True)
class Hold:
    """A referral that waits."""

    company_id: int
    referral_id: int
    waits_for: Waits
    until: datetime | None
    released_by: str | None


def hold(
    session: Session, company_id: int, referral_id: int, waits: tuple[Waits, datetime | None]
) -> None:
    """Let a referral wait; the caller writes the ledger's entry."""
    session.add(
        HoldRow(
            company_id=company_id,
            referral_id=referral_id,
            waits_for=waits[0].value,
            until=waits[1],
        )
    )
    session.flush()


def take(session: Session, referral_id: int, due_at: datetime | None = None) -> Hold | None:
    """Take a referral's hold away to decide on it; None when somebody else did, or none is.

    due_at  take it only if it is due by then; None takes any
    """
    is_due = true() if due_at is None else _is_over(due_at)
    row = session.execute(
        delete(HoldRow)
        .where(HoldRow.referral_id == referral_id, is_due)
        .returning(
            HoldRow.company_id,
            HoldRow.referral_id,
            HoldRow.waits_for,
            HoldRow.until,
            HoldRow.released_by,
        )
    ).one_or_none()
    return None if row is None else Hold(row[0], row[1], Waits(row[2]), row[3], row[4])


def wake(session: Session, referral_id: int, waited_for: Waits, now: datetime) -> bool:
    """Make a hold due now because what it waited for has happened; tell whether there was one."""
    done = session.execute(
        update(HoldRow)
        .where(HoldRow.referral_id == referral_id, HoldRow.waits_for == waited_for.value)
        .values(until=now)
        .returning(HoldRow.id)
    )
    return done.first() is not None


def release(session: Session, referral_id: int, actor: str, now: datetime) -> bool:
    """Let a referral count that was held as part of a burst; tell whether it was."""
    done = session.execute(
        update(HoldRow)
        .where(HoldRow.referral_id == referral_id, HoldRow.waits_for == Waits.REVIEW.value)
        .values(until=now, released_by=actor[:200])
        .returning(HoldRow.id)
    )
    return done.first() is not None


def due(session: Session, now: datetime, limit: int = 500) -> tuple[int, ...]:
    """Return ids of referrals whose wait is over, fewest attempts first, then the longest waiting.

    In that order failing ones delay no others, however many there are.
    """
    row = HoldRow
    query = select(row.referral_id).join(ReferralRow, ReferralRow.id == row.referral_id)
    order = (ReferralRow.attempts, row.until)
    return tuple(session.scalars(query.where(_is_over(now)).order_by(*order).limit(limit)))


def count_due(session: Session, now: datetime) -> int:
    """Return how many referrals have waited long enough at `now`, of all companies."""
    return session.scalar(select(func.count(HoldRow.id)).where(_is_over(now))) or 0


def _is_over(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a wait is over.

    Where no hours are waited for, `until` is when somebody ended the wait, perhaps by a clock that
    was wrong.
    """
    was_ended = HoldRow.waits_for != Waits.HOURS.value
    return or_(HoldRow.until <= now, and_(was_ended, is_ahead(HoldRow.until, now)))


def list_holds(session: Session, company_id: int, limit: int = 200) -> tuple[Hold, ...]:
    """Return a company's referrals that wait, oldest first."""
    query = select(HoldRow).where(HoldRow.company_id == company_id)
    rows = session.scalars(query.order_by(HoldRow.id).limit(limit))
    return tuple(
        Hold(row.company_id, row.referral_id, Waits(row.waits_for), row.until, row.released_by)
        for row in rows
    )


def count_holds(session: Session, company_id: int) -> int:
    """Return how many of a company's referrals wait."""
    query = select(func.count(HoldRow.id)).where(HoldRow.company_id == company_id)
    return session.scalar(query) or 0
