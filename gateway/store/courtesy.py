"""What each company wants to follow from what is wrong with a rejection mail."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.findings import ALWAYS_NOTIFY, Courtesy, Finding, Reaction
from gateway.store.company_changes import CompanyChange, note_change
from gateway.store.tables import Base


class CourtesyRow(Base):
    """What follows from one finding; a company has no row where it said nothing."""

    __tablename__ = "courtesy"
    __table_args__ = (UniqueConstraint("company_id", "finding"),)

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    finding: Mapped[str] = mapped_column(String(40))
    reaction: Mapped[str] = mapped_column(String(20))


def load_courtesy(session: Session, only: int | None = None) -> dict[int, Courtesy]:
    """Return what companies chose, by company id; None asks for all companies."""
    query = select(CourtesyRow.company_id, CourtesyRow.finding, CourtesyRow.reaction)
    if only is not None:
        query = query.where(CourtesyRow.company_id == only)
    chosen: defaultdict[int, list[tuple[Finding, Reaction]]] = defaultdict(list)
    for company_id, finding, reaction in session.execute(query.order_by(CourtesyRow.finding)):
        chosen[company_id].append((Finding(finding), Reaction(reaction)))
    return {company_id: Courtesy(tuple(several)) for company_id, several in chosen.items()}


def set_reactions(
    session: Session,
    company_id: int,
    reactions: Mapping[Finding, Reaction],
    actor: str,
    now: datetime,
) -> None:
    """Set what follows from each of these findings, and note who did it."""
    old = load_courtesy(session, company_id).get(company_id, ALWAYS_NOTIFY)
    for finding, reaction in reactions.items():
        texts = f"{finding} {old.reaction(finding)}", f"{finding} {reaction}"
        note_change(session, company_id, CompanyChange(now, actor, "courtesy", *texts))
        query = select(CourtesyRow).where(
            CourtesyRow.company_id == company_id, CourtesyRow.finding == finding.value
        )
        row = session.scalars(query).one_or_none()
        if row is None:
            row = CourtesyRow(company_id=company_id, finding=finding.value)
            session.add(row)
        row.reaction = reaction.value
    session.flush()
