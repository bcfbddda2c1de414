"""How much stricter a company is judged since people denied its verdicts."""

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.store.company_changes import CompanyChange, note_change
from gateway.store.tables import Base


class TuningRow(Base):
    """How many points more one company's mails need, above 0; a company without a row has none."""

    __tablename__ = "tuning"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), unique=True)
    points: Mapped[float]


def load_offsets(session: Session, company_id: int | None = None) -> dict[int, float]:
    """Return the offsets of all companies that have one, or of one, by company id."""
    query = select(TuningRow.company_id, TuningRow.points)
    if company_id is not None:
        query = query.where(TuningRow.company_id == company_id)
    return dict(session.execute(query).all())


def set_offset(session: Session, company_id: int, offset: float, actor: str, now: datetime) -> None:
    """Ask for so many points more before a link goes in, and note who brought it about."""
    row = session.scalars(select(TuningRow).where(TuningRow.company_id == company_id)).one_or_none()
    old = row.points if row is not None else 0.0
    if old == offset:
        return
    note_change(session, company_id, CompanyChange(now, actor, "offset", f"{old}", f"{offset}"))
    if row is None:
        session.add(TuningRow(company_id=company_id, points=offset))
    elif offset:
        row.points = offset
    else:
        session.delete(row)
    session.flush()
