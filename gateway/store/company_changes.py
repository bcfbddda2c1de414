"""Who changed what of a company, and when: written once, read by auditors."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.store.tables import Base


class CompanyChangeRow(Base):
    """One change of one setting."""

    __tablename__ = "company_change"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))
    what: Mapped[str] = mapped_column(String(40))
    old: Mapped[str] = mapped_column(String(300))
    new: Mapped[str] = mapped_column(String(300))


@dataclass(frozen=True, slots=True)
class CompanyChange:
    """One line of a company's history; `what` is the name of what changed ("mode")."""

    at: datetime
    actor: str
    what: str
    old: str
    new: str


def note_change(session: Session, company_id: int, change: CompanyChange) -> None:
    """Write `change` down, unless nothing changed; texts that are too long are cut."""
    if change.old == change.new:
        return
    session.add(
        CompanyChangeRow(
            company_id=company_id,
            at=change.at,
            actor=change.actor[:200],
            what=change.what,
            old=change.old[:300],
            new=change.new[:300],
        )
    )


def list_changes(session: Session, company_id: int) -> tuple[CompanyChange, ...]:
    """Return what was changed of a company, newest first."""
    rows = session.scalars(
        select(CompanyChangeRow)
        .where(CompanyChangeRow.company_id == company_id)
        .order_by(CompanyChangeRow.id.desc())
    )
    return tuple(CompanyChange(row.at, row.actor, row.what, row.old, row.new) for row in rows)
