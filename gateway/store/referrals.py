"""Referrals: one mail that offered one candidate the company's link, from first to last."""

import dataclasses
import enum
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
from gateway.core.link import MessageKey
from gateway.errors import NotFoundError
from gateway.store.mails import MailRecord, complete_mail, record_mail
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
    """One mail to one candidate; `settled_at` says when the workers had counted it, or not."""

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


# Every mail with a link runs these: built once, on the tables, past the ORM.
_REFERRAL, _OPTED_OUT = table_of(ReferralRow).c, table_of(OptOutRow).c
_OPT_OUT = select(_OPTED_OUT.id).where(_OPTED_OUT.candidate_hash == bindparam("candidate"))
_CONFIRM = (
    table_of(ReferralRow)
    .update()
    .where(_REFERRAL.id == bindparam("referral_id"), _REFERRAL.state != ReferralState.RELAYED.value)
    .values(state=ReferralState.RELAYED.value, relayed_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class NewReferral:
    """What is known of a referral before its mail leaves."""

    company_id: int
    candidate_hash: CandidateHash
    masked: Masked
    message_key: MessageKey
    token_hash: str
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """What reserve() did.

    referral_id  None when the candidate opted out: nothing was written
    state        as reserve() left it: RELAYED means that this very mail has left before
    is_new       whether this is the mail's first attempt
    """

    referral_id: int | None
    state: ReferralState | None
    opted_out: bool
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral as it stands in the database; attempts are the sweep's, to settle it."""

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


def reserve(session: Session, new: NewReferral, record: MailRecord, now: datetime) -> Reservation:
    """Write down that a mail with a link is about to leave, with its line in the mail log.

    The same mail to the same candidate is found again, whoever relays it; one that the next hop
    refused before is `relaying` again. A candidate who opted out gets no link and no row.
    """
    if is_opted_out(session, new.candidate_hash):
        return Reservation(None, None, opted_out=True)
    inserted = insert_or_skip(session, ReferralRow, _new_values(new, now))
    if inserted is not None:
        reservation = Reservation(inserted, ReferralState.RELAYING, opted_out=False, is_new=True)
    else:
        reservation = _find_again(session, new)
    record_mail(session, dataclasses.replace(record, referral_id=reservation.referral_id))
    return reservation


def _find_again(session: Session, new: NewReferral) -> Reservation:
    row = session.scalars(
        select(ReferralRow)
        # The token is made of company, mail and candidate: it finds also whom we have forgotten.
        .where(ReferralRow.token_hash == new.token_hash)
        .execution_options(populate_existing=True)
    ).one()
    if row.state == ReferralState.REFUSED:
        row.state = ReferralState.RELAYING.value
        session.flush()
    return Reservation(row.id, ReferralState(row.state), opted_out=False)


def conclude(session: Session, referral_id: int, record: MailRecord, now: datetime) -> None:
    """Write down what the next hop said: the referral's state and the mail's log line."""
    code = record.reply_code
    if code is not None and code < 400:
        confirm(session, referral_id, now)
    elif code is not None:
        refuse(session, referral_id)
    complete_mail(session, dataclasses.replace(record, referral_id=referral_id))


def confirm(session: Session, referral_id: int, now: datetime) -> None:
    """Write down that the next hop took the mail; the first time is kept, again changes nothing.

    Also from `refused`: of two attempts at once one may be refused and the other one taken.
    """
    session.execute(_CONFIRM, {"referral_id": referral_id, "now": now})


def refuse(session: Session, referral_id: int) -> None:
    """Write down that the next hop did not take the mail; what has left stays `relayed`."""
    session.execute(
        update(ReferralRow)
        .where(ReferralRow.id == referral_id, ReferralRow.state == ReferralState.RELAYING.value)
        .values(state=ReferralState.REFUSED.value)
    )


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
    return session.scalar(_OPT_OUT, {"candidate": candidate_hash}) is not None


def unsettled(
    session: Session,
    now: datetime,
    head_start: timedelta = timedelta(0),
    limit: int = 500,
) -> tuple[int, ...]:
    """Return ids of relayed referrals that are to be settled now, fewest attempts first.

    head_start  for the worker that was woken when the mail was relayed

    A row that fails is tried 20 s after it was relayed, 40 s, 80 s and so on: ever more rarely,
    in nobody's way, and never given up, for each one is somebody's point. The queue page shows
    those that failed, and can have them tried now.
    """
    row = ReferralRow
    is_time = or_(
        and_(row.attempts == 0, row.relayed_at <= now - head_start),
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
    """Have all referrals that could not be settled tried now; return how many."""
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

    None as well when its mail has not left.
    """
    return session.scalar(
        update(ReferralRow)
        .where(
            ReferralRow.id == referral_id,
            ReferralRow.state == ReferralState.RELAYED.value,
            ReferralRow.settled_at.is_(None),
        )
        .values(settled_at=now)
        .returning(ReferralRow.relayed_at)
    )


def company_of(session: Session, referral_id: int) -> int | None:
    """Return the id of the company whose referral this is, None when there is no such referral."""
    return session.scalar(select(ReferralRow.company_id).where(ReferralRow.id == referral_id))


def note_attempt(session: Session, referral_id: int) -> None:
    """Count that settling a referral did not work."""
    session.execute(
        update(ReferralRow)
        .where(ReferralRow.id == referral_id)
        .values(attempts=ReferralRow.attempts + 1)
    )


def stale_relaying(session: Session, before: datetime, limit: int = 500) -> tuple[Referral, ...]:
    """Return referrals handed over before `before` whose answer was never written down.

    They left, or they did not: only the sender's retry or a person can tell. They count nothing.
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


def _new_values(new: NewReferral, now: datetime) -> dict[str, object]:
    return {
        "company_id": new.company_id,
        "candidate_hash": new.candidate_hash,
        "masked": new.masked,
        "message_key": new.message_key,
        "token_hash": new.token_hash,
        "state": ReferralState.RELAYING.value,
        "language": None if new.language is None else new.language.value,
        "created_at": now,
        "attempts": 0,
    }


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
