"""Which of a company's domains are surely its own: proven by DNS, or the operator vouches.

DNS is asked again every day. A missing record may be a mistake that somebody is about to mend, so a
proof is lost only when it was missing repeatedly, over days. No answer from DNS says nothing.
"""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.store.company_changes import CompanyChange, note_change
from gateway.store.tables import Base

ASKED_EVERY = timedelta(days=1)
LOST_AFTER = timedelta(days=3)
_LEAST_MISSES = 3


class ProofKind(enum.StrEnum):
    """How a domain is known to be a company's."""

    DNS = "dns"  # its TXT record was seen
    VOUCHED = "vouched"  # the operator knows


class DomainProofRow(Base):
    """One domain that is surely a company's; `seen_at` is when DNS last said so.

    asked_at       when DNS last answered, whatever it said
    missing_since  since when it has said that there is no record; `misses` counts how often
    lost_at        since when the domain no longer counts as the company's
    """

    __tablename__ = "domain_proof"
    __table_args__ = (UniqueConstraint("company_id", "domain"),)

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    domain: Mapped[str] = mapped_column(String(253))
    kind: Mapped[str] = mapped_column(String(20))
    proven_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    missing_since: Mapped[datetime | None]
    misses: Mapped[int] = mapped_column(default=0, server_default="0")
    lost_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class DomainProof:
    """One proof as it stands."""

    domain: str
    kind: ProofKind
    proven_at: datetime
    seen_at: datetime


def load_proofs(session: Session, only: int | None = None) -> dict[int, tuple[DomainProof, ...]]:
    """Return the proofs of all companies, or of the one with the id `only`, by company id.

    Those that are lost are not among them.
    """
    query = (
        select(DomainProofRow).where(DomainProofRow.lost_at.is_(None)).order_by(DomainProofRow.id)
    )
    if only is not None:
        query = query.where(DomainProofRow.company_id == only)
    found: dict[int, tuple[DomainProof, ...]] = {}
    for row in session.scalars(query):
        proof = DomainProof(row.domain, ProofKind(row.kind), row.proven_at, row.seen_at)
        found[row.company_id] = (*found.get(row.company_id, ()), proof)
    return found


def proofs_to_ask(session: Session, now: datetime) -> tuple[tuple[int, str], ...]:
    """Return company and domain of the proofs by DNS that nobody asked for within a day.

    Lost ones too: a record that is published again proves again.
    """
    row = DomainProofRow
    query = select(row.company_id, row.domain).where(
        row.kind == ProofKind.DNS.value,
        or_(row.asked_at.is_(None), row.asked_at <= now - ASKED_EVERY),
    )
    return tuple((company_id, domain) for company_id, domain in session.execute(query))


def save_proof(
    session: Session, company_id: int, domain: str, kind: ProofKind, actor: str, now: datetime
) -> None:
    """Write down that a domain is the company's; seen again, only the time changes."""
    row = _find(session, company_id, domain)
    if row is None:
        row = DomainProofRow(company_id=company_id, domain=domain, kind="", misses=0)
        session.add(row)
    if row.kind != kind.value or row.lost_at is not None:
        old = f"{domain} {row.kind}" if row.kind and row.lost_at is None else ""
        change = CompanyChange(now, actor, "domain_proof", old, f"{domain} {kind.value}")
        note_change(session, company_id, change)
        row.kind, row.proven_at = kind.value, now
    row.seen_at = row.asked_at = now
    row.missing_since, row.misses, row.lost_at = None, 0, None
    session.flush()


def miss_proof(session: Session, company_id: int, domain: str, actor: str, now: datetime) -> bool:
    """Write down that DNS has no such record; True when the proof is lost by that.

    Asked again within half a day it is the same miss: two workers at once count one.
    """
    row = _find(session, company_id, domain)
    if row is None or row.kind != ProofKind.DNS.value:
        return False
    if row.asked_at is not None and now - row.asked_at < ASKED_EVERY / 2:
        return False
    row.asked_at = now
    row.missing_since = row.missing_since or now
    row.misses += 1
    is_for_days = row.misses >= _LEAST_MISSES and now - row.missing_since >= LOST_AFTER
    if row.lost_at is not None or not is_for_days:
        return False
    row.lost_at = now
    change = CompanyChange(now, actor, "domain_proof", f"{domain} {row.kind}", f"{domain} lost")
    note_change(session, company_id, change)
    return True


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
