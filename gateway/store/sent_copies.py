"""Which recipients of a mail that left in several copies have theirs: a retry skips them.

A row is a keyed hash of mail and recipient, and reveals neither. It is kept longer than a sender's
queue retries (RFC 5321 section 4.5.4.1: four to five days).
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import String, bindparam, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.copy_mark import CopyMark
from gateway.store.tables import Base, dialect_of, insert_unless_there, table_of

KEPT = timedelta(days=10)


class SentCopyRow(Base):
    """One recipient of one mail who has it."""

    __tablename__ = "sent_copy"

    mark: Mapped[str] = mapped_column(String(64), unique=True)
    at: Mapped[datetime] = mapped_column(index=True)


_MARK = table_of(SentCopyRow).c.mark
_AMONG = select(_MARK).where(_MARK.in_(bindparam("marks", expanding=True)))


def note_sent(session: Session, marks: Collection[CopyMark], now: datetime) -> None:
    """Write down that these recipients have the mail; again changes nothing."""
    if marks:
        insert = insert_unless_there(dialect_of(session), SentCopyRow)
        session.execute(insert, [{"mark": mark, "at": now} for mark in marks])


def sent_before(session: Session, marks: Collection[CopyMark]) -> frozenset[CopyMark]:
    """Return those of `marks` whose recipients have the mail."""
    found = session.scalars(_AMONG, {"marks": list(marks)})
    return frozenset(map(CopyMark, found))


def oldest_needed(now: datetime) -> datetime:
    """Return when the day began before which no mark is needed any more.

    Of the day: all that are asked in one day ask alike, and the driver's value is made once.
    """
    return (now - KEPT).replace(hour=0, minute=0, second=0, microsecond=0)


def forget_old(session: Session, now: datetime) -> None:
    """Delete marks that no sender's retry will need any more."""
    session.execute(delete(SentCopyRow).where(SentCopyRow.at < now - KEPT))
