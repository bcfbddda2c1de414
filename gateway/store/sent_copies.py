"""Which recipients of a mail that left in several copies have theirs: a retry skips them.

A row is a keyed hash of mail and recipient and tells nobody either. It is kept longer than a
sender's queue tries (RFC 5321 section 4.5.4.1: four to five days).
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.copy_mark import CopyMark
from gateway.store.tables import Base, insert_or_skip

KEPT = timedelta(days=10)


class SentCopyRow(Base):
    """One recipient of one mail who has it."""

    __tablename__ = "sent_copy"

    mark: Mapped[str] = mapped_column(String(64), unique=True)
    at: Mapped[datetime] = mapped_column(index=True)


def note_sent(session: Session, marks: Collection[CopyMark], now: datetime) -> None:
    """Write down that these recipients have the mail; again changes nothing."""
    for mark in marks:
        insert_or_skip(session, SentCopyRow, {"mark": mark, "at": now})


def sent_before(session: Session, marks: Collection[CopyMark]) -> frozenset[CopyMark]:
    """Return those of `marks` whose recipients have the mail."""
    found = session.scalars(select(SentCopyRow.mark).where(SentCopyRow.mark.in_(marks)))
    return frozenset(map(CopyMark, found))


def forget_old(session: Session, now: datetime) -> None:
    """Delete what no sender will ask for any more."""
    session.execute(delete(SentCopyRow).where(SentCopyRow.at < now - KEPT))
