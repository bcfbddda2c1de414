"""The tables of what every company has from its first day."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.errors import NotFoundError
from gateway.store.admission import MOST_ADDRESS, MOST_NAME, MOST_NEXT_HOP
from gateway.store.tables import Base


class CompanyRow(Base):
    """One company; `next_hop` is HOST:PORT."""

    __tablename__ = "company"

    name: Mapped[str] = mapped_column(String(MOST_NAME), unique=True)
    mode: Mapped[str] = mapped_column(String(20))
    contact: Mapped[str] = mapped_column(String(MOST_ADDRESS))
    language: Mapped[str] = mapped_column(String(8))
    next_hop: Mapped[str] = mapped_column(String(MOST_NEXT_HOP))
    smtp_user: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    dkim: Mapped[str] = mapped_column(String(20), server_default="next-hop-signs")
    dkim_selector: Mapped[str] = mapped_column(String(63), server_default="")


class CompanyDomainRow(Base):
    """A domain and the one company it belongs to."""

    __tablename__ = "company_domain"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    domain: Mapped[str] = mapped_column(String(253), unique=True)


class CompanySenderRow(Base):
    """An address or domain that sends rejection mails for a company."""

    __tablename__ = "company_sender"
    __table_args__ = (UniqueConstraint("company_id", "sender"),)

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    sender: Mapped[str] = mapped_column(String(MOST_ADDRESS))


def company_names(session: Session) -> dict[int, str]:
    """Return the names of all companies by id, in the order they came."""
    found = session.execute(select(CompanyRow.id, CompanyRow.name).order_by(CompanyRow.id))
    return dict(found.all())


def company_row(session: Session, company_id: int) -> CompanyRow:
    """Return the company's row as it is in the database now.

    Raises NotFoundError when there is no such company.
    """
    row = session.get(CompanyRow, company_id, populate_existing=True)
    if row is None:
        raise NotFoundError(f"There is no company with the number {company_id}.")
    return row
