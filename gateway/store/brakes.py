"""The brake against mass mistakes: rejections of a company are held until a person has looked.

Held means 451: the sender's own queue keeps the mail and retries it. A held mail is recognised by
its key and candidate, so it is released or refused as the person said through whichever gateway
it comes next. Rows of held mails are deleted when no sender retries them any more.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ForeignKey,
    String,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.candidate import CandidateHash
from gateway.core.link import MessageKey
from gateway.core.why import Why
from gateway.errors import CareerRelayError
from gateway.store.announce import News, announce
from gateway.store.company_changes import CompanyChange, note_change
from gateway.store.ledger import clean_reason
from gateway.store.mails import MailRow
from gateway.store.outbox import Event
from gateway.store.referrals import ReferralRow, ReferralState
from gateway.store.tables import Base, insert_or_skip, table_of

_KEPT = timedelta(days=10)
_MINUTE = timedelta(minutes=1)
_MOST_PER_MINUTE = 1_000_000
_MOST_MINUTES = 60 * 24 * 7
_LONGEST_REASON = 200


class HeldState(enum.StrEnum):
    """What a person said of a held mail."""

    HELD = "held"  # no answer yet: 451
    RELEASED = "released"  # it may go, and does not count towards the limits again
    REFUSED = "refused"  # 550


class BrakeRow(Base):
    """One company's brake; `pulled_at` is None while mails flow."""

    __tablename__ = "brake"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), unique=True)
    most_per_minute: Mapped[int]
    same_candidate_minutes: Mapped[int]
    cause: Mapped[str] = mapped_column(String(200))
    pulled_at: Mapped[datetime | None]


class HeldMailRow(Base):
    """One rejection that met the brake."""

    __tablename__ = "held_mail"
    __table_args__ = (UniqueConstraint("company_id", "message_key", "candidate_hash"),)

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    message_key: Mapped[str] = mapped_column(String(64))
    candidate_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(index=True)


# hindrances.py asks the same for many mails at once; most companies have no brake.
_COMPANY = table_of(BrakeRow).c.company_id
_BRAKED = select(_COMPANY).where(_COMPANY.in_(bindparam("companies", expanding=True)))


@dataclass(frozen=True, slots=True)
class Brake:
    """A company's brake; 0 switches a limit off, as both are at first.

    most_per_minute         more rejections than this in a minute pull it
    same_candidate_minutes  a second rejection to one candidate within this time pulls it
    cause, pulled_at        why and since when it holds mails; "" and None while they flow
    held                    mails that wait for a person's answer
    """

    most_per_minute: int = 0
    same_candidate_minutes: int = 0
    cause: str = ""
    pulled_at: datetime | None = None
    held: int = 0


@dataclass(frozen=True, slots=True)
class Rejection:
    """One rejection mail to one candidate, as the brake knows it."""

    company_id: int
    message: MessageKey
    candidate: CandidateHash


@dataclass(frozen=True, slots=True)
class _Cause:
    """Why the brake is pulled: too many in a minute, one candidate twice, or something else."""

    text: str
    is_rate: bool = False
    is_repetition: bool = False


def braked_among(session: Session, companies: Iterable[int]) -> frozenset[int]:
    """Return those of `companies` that have a brake, pulled or not."""
    return frozenset(session.scalars(_BRAKED, {"companies": list(companies)}))


def check_brake(session: Session, rejection: Rejection, now: datetime, ahead: int = 0) -> HeldState:
    """Return whether a rejection may go (RELEASED), waits (HELD) or was refused by a person.

    ahead  copies of the same mail, to other candidates, that were let through just now

    Pulls the brake when this rejection is one too many. Asked only of mails that carry a link.
    """
    row = _row(session, rejection.company_id)
    if row is None:
        return HeldState.RELEASED
    known = _find_held(session, rejection)
    if known is not None and known is not HeldState.HELD:
        return known
    if row.pulled_at is None:
        cause = _cause(session, row, rejection, now, ahead)
        if cause is None:
            return HeldState.RELEASED
        _pull(session, row, cause, now)
    _hold(session, rejection, now)
    return HeldState.HELD


def note_refused(session: Session, company_id: int, now: datetime) -> None:
    """Take note of a rejection that was refused for discourtesy and is already in the log.

    Pulls the brake when these and the rejections that left exceed the limit within a minute: what
    the company sends next should wait until a person has looked.
    """
    row = _row(session, company_id)
    if row is None or not row.most_per_minute or row.pulled_at is not None:
        return
    if _count_refused(session, row, now) + _count_recent(session, row, now) > row.most_per_minute:
        text = (
            f"more than {row.most_per_minute} rejections within a minute, refused ones among them"
        )
        _pull(session, row, _Cause(text, is_rate=True), now)


def set_limits(session: Session, company_id: int, limits: Brake, actor: str, now: datetime) -> None:
    """Set both limits of a company's brake, and note who did it.

    Raises CareerRelayError for a limit out of bounds.
    """
    _check("rejections a minute", limits.most_per_minute, _MOST_PER_MINUTE)
    _check("minutes", limits.same_candidate_minutes, _MOST_MINUTES)
    row = _row(session, company_id) or _new_row(session, company_id)
    old, new = (
        _limits(row.most_per_minute, row.same_candidate_minutes),
        _limits(limits.most_per_minute, limits.same_candidate_minutes),
    )
    note_change(session, company_id, CompanyChange(now, actor, "brake", old, new))
    row.most_per_minute = limits.most_per_minute
    row.same_candidate_minutes = limits.same_candidate_minutes
    session.flush()


def let_go(
    session: Session,
    company_id: int,
    verdict: HeldState,
    actor: str,
    now: datetime,
    reason: str = "",
) -> int:
    """Let mails flow again; release or refuse the held ones and return how many there were.

    reason  the person's words, kept for ever in the company's history
    """
    row = _row(session, company_id)
    if row is None or row.pulled_at is None:
        return 0
    reason = clean_reason(reason, _LONGEST_REASON)
    said = f"held mails {verdict}: {reason}" if reason else f"held mails {verdict}"
    change = CompanyChange(now, actor, "brake_pulled", row.cause, said)
    note_change(session, company_id, change)
    row.pulled_at, row.cause = None, ""
    held = session.scalars(
        update(HeldMailRow)
        .where(HeldMailRow.company_id == company_id, HeldMailRow.state == HeldState.HELD.value)
        .values(state=verdict.value, at=now)
        .returning(HeldMailRow.id)
    ).all()
    session.flush()
    return len(held)


def find_brake(session: Session, company_id: int) -> Brake:
    """Return a company's brake as it stands."""
    row = _row(session, company_id)
    if row is None:
        return Brake()
    held = session.scalar(
        select(func.count(HeldMailRow.id)).where(
            HeldMailRow.company_id == company_id, HeldMailRow.state == HeldState.HELD.value
        )
    )
    limits = row.most_per_minute, row.same_candidate_minutes
    return Brake(*limits, row.cause, row.pulled_at, held or 0)


def pulled_brakes(session: Session) -> dict[int, Brake]:
    """Return the brakes that hold mails, by company id, the longest first."""
    query = select(BrakeRow.company_id).where(BrakeRow.pulled_at.is_not(None))
    found = session.scalars(query.order_by(BrakeRow.pulled_at)).all()
    return {company_id: find_brake(session, company_id) for company_id in found}


def _row(session: Session, company_id: int) -> BrakeRow | None:
    if not braked_among(session, [company_id]):
        return None
    query = select(BrakeRow).where(BrakeRow.company_id == company_id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _new_row(session: Session, company_id: int) -> BrakeRow:
    row = BrakeRow(company_id=company_id, most_per_minute=0, same_candidate_minutes=0, cause="")
    session.add(row)
    return row


def _find_held(session: Session, rejection: Rejection) -> HeldState | None:
    state = session.scalar(
        select(HeldMailRow.state).where(
            HeldMailRow.company_id == rejection.company_id,
            HeldMailRow.message_key == rejection.message,
            HeldMailRow.candidate_hash == rejection.candidate,
        )
    )
    return None if state is None else HeldState(state)


def _cause(
    session: Session, row: BrakeRow, rejection: Rejection, now: datetime, ahead: int
) -> _Cause | None:
    """Return which limit this rejection breaks, None when none."""
    if row.most_per_minute:
        is_over = _count_recent(session, row, now) + ahead >= row.most_per_minute
        if is_over and not _is_known(session, rejection):
            text = f"more than {row.most_per_minute} rejections within a minute"
            return _Cause(text, is_rate=True)
    if row.same_candidate_minutes and _had_another(session, row, rejection, now):
        text = f"one candidate twice within {row.same_candidate_minutes} minutes"
        return _Cause(text, is_repetition=True)
    return None


def _count_recent(session: Session, row: BrakeRow, now: datetime) -> int:
    """Return how many rejections began within the last minute, counted up to the limit."""
    recent = (
        select(ReferralRow.id)
        .where(ReferralRow.company_id == row.company_id, ReferralRow.created_at > now - _MINUTE)
        .limit(row.most_per_minute)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(recent)) or 0


def _count_refused(session: Session, row: BrakeRow, now: datetime) -> int:
    """Return how many mails were refused for discourtesy within the last minute."""
    recent = (
        select(MailRow.id)
        .where(
            MailRow.company_id == row.company_id,
            MailRow.why == Why.DISCOURTEOUS.value,
            MailRow.at > now - _MINUTE,
        )
        .limit(row.most_per_minute + 1)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(recent)) or 0


def _had_another(session: Session, row: BrakeRow, rejection: Rejection, now: datetime) -> bool:
    """Tell whether the candidate had another rejection mail of the company just now."""
    query = select(ReferralRow.id).where(
        ReferralRow.company_id == row.company_id,
        ReferralRow.candidate_hash == rejection.candidate,
        ReferralRow.message_key != rejection.message,
        ReferralRow.state != ReferralState.REFUSED.value,
        ReferralRow.created_at > now - timedelta(minutes=row.same_candidate_minutes),
    )
    return session.scalar(query.limit(1)) is not None


def _is_known(session: Session, rejection: Rejection) -> bool:
    """Tell whether this very mail was let through before: then it is the sender's retry."""
    query = select(ReferralRow.id).where(
        ReferralRow.company_id == rejection.company_id,
        ReferralRow.message_key == rejection.message,
        ReferralRow.candidate_hash == rejection.candidate,
    )
    return session.scalar(query) is not None


def _pull(session: Session, row: BrakeRow, cause: "_Cause", now: datetime) -> None:
    session.execute(delete(HeldMailRow).where(HeldMailRow.at < now - _KEPT))
    change = CompanyChange(now, "the relay", "brake_pulled", "", cause.text)
    note_change(session, row.company_id, change)
    row.pulled_at, row.cause = now, cause.text[:200]
    session.flush()
    facts = {
        "reason": cause.text,
        "per_minute": row.most_per_minute if cause.is_rate else 0,
        "minutes": row.same_candidate_minutes if cause.is_repetition else 0,
    }
    news = News(Event.BRAKE, f"brake:{now.isoformat()}", facts)
    announce(session, row.company_id, news, now)


def _hold(session: Session, rejection: Rejection, now: datetime) -> None:
    values = {
        "company_id": rejection.company_id,
        "message_key": rejection.message,
        "candidate_hash": rejection.candidate,
        "state": HeldState.HELD.value,
        "at": now,
    }
    insert_or_skip(session, HeldMailRow, values)


def _limits(per_minute: int, minutes: int) -> str:
    return f"{per_minute} a minute, one candidate again after {minutes} minutes"


def _check(what: str, value: int, most: int) -> None:
    if not 0 <= value <= most:
        raise CareerRelayError(f"{value} {what}: between 0, which is off, and {most}.")
