"""What recent mails would be as registered letters, for a person's word to make them such.

The same keyed hashes as a registered letter's, of a mail that waits for review, for some weeks.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.letter import Letter
from gateway.store.letters import pack_letter, unpack_letter
from gateway.store.tables import Base, dialect_of, insert_unless_there

MOST_KEPT = 50
"""Of one company; the newest stay."""


class RecentLetterRow(Base):
    """One mail's phrases as keyed hashes: see letters.py."""

    __tablename__ = "recent_letter"
    __table_args__ = (Index("ix_recent_letter_company_id_id", "company_id", "id"),)

    queue_id: Mapped[str] = mapped_column(String(64), unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    at: Mapped[datetime]
    hashes: Mapped[bytes] = mapped_column(LargeBinary)
    excused: Mapped[str] = mapped_column(String(400))


@dataclass(frozen=True, slots=True)
class RecentLetter:
    """A logged mail as a letter; its number is 0."""

    queue_id: str
    company_id: int
    at: datetime
    letter: Letter


def keep_letters(session: Session, letters: Sequence[RecentLetter]) -> None:
    """Write them down beside the log's lines; one that is there stays as it is."""
    values = []
    for one in letters:
        hashes, excused = pack_letter(one.letter)
        row = {"queue_id": one.queue_id, "company_id": one.company_id, "at": one.at}
        values.append({**row, "hashes": hashes, "excused": excused})
    session.execute(insert_unless_there(dialect_of(session), RecentLetterRow), values)


def find_recent(session: Session, company_id: int, queue_id: str) -> Letter | None:
    """Return what is kept of a company's mail, None when nothing is, or no more."""
    row = session.scalars(
        select(RecentLetterRow).where(
            RecentLetterRow.queue_id == queue_id, RecentLetterRow.company_id == company_id
        )
    ).one_or_none()
    return None if row is None else unpack_letter(0, row.hashes, row.excused)


def kept_among(session: Session, queue_ids: Collection[str]) -> frozenset[str]:
    """Return those of the mails of which something is kept."""
    query = select(RecentLetterRow.queue_id).where(RecentLetterRow.queue_id.in_(queue_ids))
    return frozenset(session.scalars(query)) if queue_ids else frozenset()


def drop_letters(session: Session, queue_ids: Collection[str]) -> None:
    """Keep nothing of these mails any longer."""
    if queue_ids:
        session.execute(delete(RecentLetterRow).where(RecentLetterRow.queue_id.in_(queue_ids)))


def drop_older(session: Session, before: datetime, limit: int) -> int:
    """Drop what is older than `before` or beyond the newest MOST_KEPT of a company; count it."""
    newest_first = func.row_number().over(
        partition_by=RecentLetterRow.company_id, order_by=RecentLetterRow.id.desc()
    )
    ranked = select(RecentLetterRow.id, RecentLetterRow.at, newest_first.label("place")).subquery()
    gone = session.scalars(
        select(ranked.c.id)
        .where((ranked.c.place > MOST_KEPT) | (ranked.c.at < before))
        .order_by(ranked.c.id)
        .limit(limit)
    ).all()
    if gone:
        session.execute(delete(RecentLetterRow).where(RecentLetterRow.id.in_(gone)))
    return len(gone)
