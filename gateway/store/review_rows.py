"""Answers as they are kept, and those that decide about other mails of the same origin."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.answer import MOST_ANSWERS, Answer, Origin
from gateway.store.mails import WITH_ORIGIN, MailRow
from gateway.store.tables import Base


class ReviewRow(Base):
    """One answer; `counts` when the verdict was one that puts a link in.

    With an `origin` it decides about other mails of the same one; `heard` are the mail's verdict
    rules.
    """

    __tablename__ = "review"
    __table_args__ = (
        Index("ix_review_company_id_id", "company_id", "id"),
        Index(
            "ix_review_origin",
            "company_id",
            "id",
            sqlite_where=text(WITH_ORIGIN),
            postgresql_where=text(WITH_ORIGIN),
        ),
    )

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    mail_id: Mapped[int] = mapped_column(ForeignKey("mail.id"), unique=True)
    is_rejection: Mapped[bool]
    counts: Mapped[bool]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))
    origin: Mapped[str | None] = mapped_column(String(32))
    heard: Mapped[str] = mapped_column(String(400), server_default="")


def forget_oldest(session: Session, company_id: int) -> None:
    """Let the newest answers decide about other mails; the older ones stay as answers."""
    mine = select(ReviewRow.id).where(ReviewRow.company_id == company_id, text(WITH_ORIGIN))
    last = session.scalar(mine.order_by(ReviewRow.id.desc()).offset(MOST_ANSWERS).limit(1))
    if last is not None:
        old = (ReviewRow.company_id == company_id, ReviewRow.id <= last, text(WITH_ORIGIN))
        session.execute(update(ReviewRow).where(*old).values(origin=None))


def load_answers(session: Session, company_id: int | None = None) -> dict[int, tuple[Answer, ...]]:
    """Return the answers that decide about other mails, by company id, newest first."""
    query = (
        select(
            ReviewRow.company_id,
            ReviewRow.origin,
            ReviewRow.is_rejection,
            ReviewRow.counts,
            ReviewRow.heard,
            MailRow.queue_id,
        )
        .join(MailRow, MailRow.id == ReviewRow.mail_id)
        .where(ReviewRow.origin.is_not(None))
        .order_by(ReviewRow.company_id, ReviewRow.id)  # as ix_review_origin has them
    )
    if company_id is not None:
        query = query.where(ReviewRow.company_id == company_id)
    found: defaultdict[int, list[Answer]] = defaultdict(list)
    for company, origin, is_rejection, was_taken, heard, queue_id in session.execute(query):
        rules = frozenset(heard.split())
        found[company].append(
            Answer(Origin(origin or ""), queue_id, is_rejection, was_taken, rules)
        )
    return {company: tuple(reversed(several)) for company, several in found.items()}
