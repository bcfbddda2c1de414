"""Which of a company's domains are surely its own: proven by DNS, or the operator vouches."""

import enum
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.store.company_changes import CompanyChange, note_change
from gateway.store.tables import Base


class ProofKind(enum.StrEnum):
    """How a domain is known to be a company's."""

    DNS = "dns"  # its TXT record was seen
    VOUCHED = "vouched"  # the operator knows


class DomainProofRow(Base):
    """One domain that is surely a company's; `seen_at` is when DNS last said so."""

    __tablename__ = "domain_proof"
    __table_args__ = (UniqueConstraint("company_id", "domain"),)

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    domain: Mapped[str] = mapped_column(String(253))
    kind: Mapped[str] = mapped_column(String(20))
    proven_at: Mapped[datetime]
    seen_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class DomainProof:
    """One proof as it stands."""

    domain: str
    kind: ProofKind
    proven_at: datetime
    seen_at: datetime


def load_proofs(session: Session, only: int | None = None) -> dict[int, tuple[DomainProof, ...]]:
    """Return the proofs of all companies, or of the one with the id `only`, by company id."""
    query = select(DomainProofRow).order_by(DomainProofRow.id)
    if only is not None:
        query = query.where(DomainProofRow.company_id == only)
    found: dict[int, tuple[DomainProof, ...]] = {}
    for row in session.scalars(query):
        proof = DomainProof(row.domain, ProofKind(row.kind), row.proven_at, row.seen_at)
        found[row.company_id] = (*found.get(row.company_id, ()), proof)
    return found


def save_proof(
    session: Session, company_id: int, domain: str, kind: ProofKind, actor: str, now: datetime
) -> None:
    """Write down that a domain is the company's; seen again, only the time changes."""
    row = _find(session, company_id, domain)
    if row is None:
        row = DomainProofRow(company_id=company_id, domain=domain, kind="")
        session.add(row)
    if row.kind != kind.value:
        old = f"{domain} {row.kind}" if row.kind else ""
        change = CompanyChange(now, actor, "domain_proof", old, f"{domain} {kind.value}")
        note_change(session, company_id, change)
        row.kind, row.proven_at = kind.value, now
    row.seen_at = now
    session.flush()


def withdraw_proof(
    session: Session, company_id: int, domain: str, actor: str, now: datetime
) -> None:
    """Write down that a domain is not known to be the company's any more."""
    row = _find(session, company_id, domain)
    if row is not None:
        change = CompanyChange(now, actor, "domain_proof", f"{domain} {row.kind}", "")
        note_change(session, company_id, change)
        session.delete(row)
        session.flush()


def _find(session: Session, company_id: int, domain: str) -> DomainProofRow | None:
    return session.scalars(
        select(DomainProofRow).where(
            DomainProofRow.company_id == company_id, DomainProofRow.domain == domain
        )
    ).one_or_none()
