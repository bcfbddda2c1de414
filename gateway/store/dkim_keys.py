"""DKIM keys of companies: sealed private halves, public halves for DNS, and which one signs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.dkim import DkimMode
from gateway.store.tables import Base


class DkimKeyRow(Base):
    """One key of a company; its private half is sealed with a key that no database holds."""

    __tablename__ = "dkim_key"
    __table_args__ = (UniqueConstraint("company_id", "selector"),)

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    selector: Mapped[str] = mapped_column(String(63))
    algorithm: Mapped[str] = mapped_column(String(20))
    public_key: Mapped[str] = mapped_column(String(1000))
    sealed_key: Mapped[str] = mapped_column(String(4000))
    created_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class DkimKey:
    """One key of a company.

    algorithm   "rsa-sha256" or "ed25519-sha256", as the a= tag says it
    public_key  base64, the p= tag of the DNS record
    sealed_key  the private half, encrypted: only gateway.keys.signing can open it
    """

    company_id: int
    selector: str
    algorithm: str
    public_key: str
    sealed_key: str = field(repr=False)
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DkimSetting:
    """Who signs a company's edited mails; `key` is the relay's, None when it has none to use."""

    mode: DkimMode = DkimMode.NEXT_HOP_SIGNS
    key: DkimKey | None = None


NEXT_HOP_SIGNS = DkimSetting()
"""How every company begins."""


def add_key(session: Session, key: DkimKey) -> None:
    """Keep a new key; it does not sign before the company's setting names its selector.

    Raises sqlalchemy.exc.IntegrityError when the company has a key of this selector.
    """
    session.add(
        DkimKeyRow(
            company_id=key.company_id,
            selector=key.selector,
            algorithm=key.algorithm,
            public_key=key.public_key,
            sealed_key=key.sealed_key,
            created_at=key.created_at,
        )
    )
    session.flush()


def list_keys(session: Session, company_id: int) -> tuple[DkimKey, ...]:
    """Return the company's keys, oldest first."""
    rows = session.scalars(
        select(DkimKeyRow).where(DkimKeyRow.company_id == company_id).order_by(DkimKeyRow.id)
    )
    return _keys(rows.all())


def load_keys(session: Session, company_id: int | None = None) -> dict[tuple[int, str], DkimKey]:
    """Return the keys of all companies, or of one, found by company id and selector."""
    query = select(DkimKeyRow).order_by(DkimKeyRow.id)
    if company_id is not None:
        query = query.where(DkimKeyRow.company_id == company_id)
    return {(key.company_id, key.selector): key for key in _keys(session.scalars(query).all())}


def find_key(session: Session, company_id: int, selector: str) -> DkimKey | None:
    """Return the company's key of this selector, None when it has none."""
    rows = session.scalars(
        select(DkimKeyRow).where(
            DkimKeyRow.company_id == company_id, DkimKeyRow.selector == selector
        )
    )
    return next(iter(_keys(rows.all())), None)


def remove_key(session: Session, company_id: int, selector: str) -> bool:
    """Remove a key for ever; tell whether it was there."""
    done = session.execute(
        delete(DkimKeyRow)
        .where(DkimKeyRow.company_id == company_id, DkimKeyRow.selector == selector)
        .returning(DkimKeyRow.id)
    )
    return done.first() is not None


def _keys(rows: Sequence[DkimKeyRow]) -> tuple[DkimKey, ...]:
    return tuple(
        DkimKey(
            company_id=row.company_id,
            selector=row.selector,
            algorithm=row.algorithm,
            public_key=row.public_key,
            sealed_key=row.sealed_key,
            created_at=row.created_at,
        )
        for row in rows
    )
