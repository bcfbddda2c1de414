"""What becomes of a company's mail whose header From is another's, or cannot be read for sure."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.store.company_changes import CompanyChange, note_change
from gateway.store.tables import Base


class ForeignFrom(enum.StrEnum):
    """What a company wants: at first such a mail passes, and gets no link."""

    PASS = "pass"  # noqa: S105  as it came
    REFUSE = "refuse"  # 550: nobody sends as somebody else through the company's login


class ForeignFromRow(Base):
    """One company's choice; a company has no row before it chose."""

    __tablename__ = "foreign_from"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), unique=True)
    policy: Mapped[str] = mapped_column(String(20))


def load_foreign_from(session: Session, only: int | None = None) -> dict[int, ForeignFrom]:
    """Return what companies chose, by company id; None asks for all companies."""
    query = select(ForeignFromRow.company_id, ForeignFromRow.policy)
    if only is not None:
        query = query.where(ForeignFromRow.company_id == only)
    return {company_id: ForeignFrom(policy) for company_id, policy in session.execute(query)}


def set_foreign_from(
    session: Session, company_id: int, policy: ForeignFrom, actor: str, now: datetime
) -> None:
    """Set what becomes of such mails, and note who did it."""
    row = session.scalars(
        select(ForeignFromRow).where(ForeignFromRow.company_id == company_id)
    ).one_or_none()
    if row is None:
        row = ForeignFromRow(company_id=company_id, policy=ForeignFrom.PASS.value)
        session.add(row)
    change = CompanyChange(now, actor, "foreign_from", row.policy, policy.value)
    note_change(session, company_id, change)
    row.policy = policy.value
    session.flush()
