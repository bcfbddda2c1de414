"""Referrals: one mail that offered one candidate the company's link, from first to last."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.candidate import CandidateHash, Masked
from gateway.core.company import Language
from gateway.errors import NotFoundError
from gateway.store.clocks import is_ahead
from gateway.store.tables import Base, insert_or_skip, table_of

_UNSETTLED = "state = 'relayed' AND settled_at IS NULL"
_RELAYING = "state = 'relaying'"
"""Conditions of partial indexes. The queries repeat them word for word, without parameters:
PostgreSQL plans a prepared statement for any parameter, and then cannot use such an index."""

_FIRST_PAUSE = timedelta(seconds=10)
_MOST_DOUBLINGS = 20  # about four months


class ReferralState(enum.StrEnum):
    """How far the mail came."""

    RELAYING = "relaying"  # handed to the next hop, its answer is not known
    RELAYED = "relayed"  # the next hop said 250
    REFUSED = "refused"  # the next hop said no


class ReferralRow(Base):
    """One mail to one candidate; `settled_at`: when the workers had decided whether it counts."""

    __tablename__ = "referral"
    __table_args__ = (
        UniqueConstraint("company_id", "message_key", "candidate_hash"),
        Index("ix_referral_candidate_hash_company_id", "candidate_hash", "company_id"),
        Index("ix_referral_company_id_created_at", "company_id", "created_at"),
        Index(
            "ix_referral_unsettled",
            "attempts",
            "id",
            sqlite_where=text(_UNSETTLED),
            postgresql_where=text(_UNSETTLED),
        ),
        Index(
            "ix_referral_relaying",
            "created_at",
            sqlite_where=text(_RELAYING),
            postgresql_where=text(_RELAYING),
        ),
    )

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    candidate_hash: Mapped[str] = mapped_column(String(64))
    masked: Mapped[str] = mapped_column(String(320))
    message_key: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    language: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[datetime]
    relayed_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    registered_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)


class OptOutRow(Base):
    """A candidate who wants no links, from no company."""

    __tablename__ = "opt_out"

    candidate_hash: Mapped[str] = mapped_column(String(64), unique=True)
    at: Mapped[datetime]


_REFERRAL = table_of(ReferralRow).c

# Settling a referral runs these: built once, bypassing the ORM.
_OPTED_OUT = table_of(OptOutRow).c.candidate_hash
_OPT_OUT = select(_OPTED_OUT).where(_OPTED_OUT.in_(bindparam("candidates", expanding=True)))
_SETTLE = (
    table_of(ReferralRow)
    .update()
    .where(
        _REFERRAL.id == bindparam("referral_id"),
        _REFERRAL.state == ReferralState.RELAYED.value,
        _REFERRAL.settled_at.is_(None),
    )
    .values(settled_at=bindparam("now"))
    .returning(_REFERRAL.relayed_at)
)
_COMPANY = select(_REFERRAL.company_id).where(_REFERRAL.id == bindparam("referral_id"))


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral as it stands in the database; `attempts` counts failed attempts to settle it."""

    id: int
    company_id: int
    candidate_hash: CandidateHash
    masked: Masked
    state: ReferralState
    language: Language | None
    created_at: datetime
    relayed_at: datetime | None
    settled_at: datetime | None
    opened_at: datetime | None
    attempts: int


def get_referral(session: Session, referral_id: int) -> Referral:
    """Return the referral with this id.

    Raises NotFoundError.
    """
    row = session.get(ReferralRow, referral_id, populate_existing=True)
    if row is None:
        raise NotFoundError(f"There is no referral with the number {referral_id}.")
    return _referral(row)


def find_by_token_hash(session: Session, token_hash: str) -> Referral | None:
    """Return the referral whose link holds the token behind `token_hash`, or None."""
    row = session.scalars(
        select(ReferralRow).where(ReferralRow.token_hash == token_hash)
    ).one_or_none()
    return None if row is None else _referral(row)


def opt_out(session: Session, candidate_hash: CandidateHash, now: datetime) -> None:
    """Write down that a candidate wants no more links; again changes nothing."""
    insert_or_skip(session, OptOutRow, {"candidate_hash": candidate_hash, "at": now})


def is_opted_out(session: Session, candidate_hash: CandidateHash) -> bool:
    """Tell whether a candidate wants no links."""
    return bool(opted_out_among(session, [candidate_hash]))


def opted_out_among(
    session: Session, candidates: Iterable[CandidateHash]
) -> frozenset[CandidateHash]:
    """Return those of `candidates` who want no links."""
    found = session.scalars(_OPT_OUT, {"candidates": list(candidates)})
    return frozenset(map(CandidateHash, found))


def unsettled(
    session: Session,
    now: datetime,
    head_start: timedelta = timedelta(0),
    limit: int = 500,
) -> tuple[int, ...]:
    """Return ids of relayed referrals that are to be settled now, fewest attempts first.

    head_start  time that the worker woken at relaying has before the sweep does its work

    A row that fails is retried 20 s after it was relayed, then after 40 s, 80 s and so on: ever
    more rarely, so that it delays no other, but it is never given up, because it is somebody's
    point. The queue page shows failed rows and can have them retried at once. A row relayed in the
    future was relayed by a clock that was wrong (clocks.py): it is due at once.
    """
    row = ReferralRow
    is_time = or_(
        and_(row.attempts == 0, row.relayed_at <= now - head_start),
        is_ahead(row.relayed_at, now),
        *(
            and_(row.attempts == count, row.relayed_at <= now - _FIRST_PAUSE * (1 << count))
            for count in range(1, _MOST_DOUBLINGS)
        ),
        and_(
            row.attempts >= _MOST_DOUBLINGS,
            row.relayed_at <= now - _FIRST_PAUSE * (1 << _MOST_DOUBLINGS),
        ),
    )
    return tuple(
        session.scalars(
            select(row.id)
            .where(text(_UNSETTLED), is_time)
            .order_by(row.attempts, row.id)
            .limit(limit)
        )
    )


def try_again(session: Session) -> int:
    """Make all referrals that could not be settled due now; return how many."""
    return len(
        session.scalars(
            update(ReferralRow)
            .where(text(_UNSETTLED), ReferralRow.attempts > 0)
            .values(attempts=0)
            .returning(ReferralRow.id)
        ).all()
    )


def stuck(session: Session, limit: int = 100) -> tuple[Referral, ...]:
    """Return referrals that could not be settled, those with most attempts first."""
    rows = session.scalars(
        select(ReferralRow)
        .where(text(_UNSETTLED), ReferralRow.attempts > 0)
        .order_by(ReferralRow.attempts.desc(), ReferralRow.id.desc())
        .limit(limit)
    )
    return tuple(_referral(row) for row in rows)


def settle_once(session: Session, referral_id: int, now: datetime) -> datetime | None:
    """Mark a relayed referral as settled; return when it was relayed, None if someone already has.

    Also None when its mail has not left.
    """
    found: datetime | None = session.scalar(_SETTLE, {"referral_id": referral_id, "now": now})
    return found


def company_of(session: Session, referral_id: int) -> int | None:
    """Return the id of the company whose referral this is, None when there is no such referral."""
    found: int | None = session.scalar(_COMPANY, {"referral_id": referral_id})
    return found


def note_attempt(session: Session, referral_id: int) -> None:
    """Count a failed attempt to settle a referral."""
    session.execute(
        update(ReferralRow)
        .where(ReferralRow.id == referral_id)
        .values(attempts=ReferralRow.attempts + 1)
    )


def stale_relaying(session: Session, before: datetime, limit: int = 500) -> tuple[Referral, ...]:
    """Return referrals handed over before `before` whose answer was never written down.

    Whether they left, only the sender's retry or a person can tell. They count for nothing.
    """
    rows = session.scalars(
        select(ReferralRow)
        .where(text(_RELAYING), ReferralRow.created_at < before)
        .order_by(ReferralRow.created_at)
        .limit(limit)
    )
    return tuple(_referral(row) for row in rows)


def count_unsettled(session: Session) -> int:
    """Return how many relayed referrals wait for the workers."""
    return session.scalar(select(func.count(ReferralRow.id)).where(text(_UNSETTLED))) or 0


def count_stale_relaying(session: Session, before: datetime) -> int:
    """Return how many referrals stale_relaying() would find without a limit."""
    is_stale = (text(_RELAYING), ReferralRow.created_at < before)
    return session.scalar(select(func.count(ReferralRow.id)).where(*is_stale)) or 0


def _referral(row: ReferralRow) -> Referral:
    return Referral(
        id=row.id,
        company_id=row.company_id,
        candidate_hash=CandidateHash(row.candidate_hash),
        masked=Masked(row.masked),
        state=ReferralState(row.state),
        language=None if row.language is None else Language(row.language),
        created_at=row.created_at,
        relayed_at=row.relayed_at,
        settled_at=row.settled_at,
        opened_at=row.opened_at,
        attempts=row.attempts,
    )
