"""What is forgotten of candidates, and when; sums and ledgers stay as they are.

A referral keeps its number, its times and its token's hash: the ledger names the number, and the
link must go on working. What tells who it was is erased: the candidate's hash, the masked address,
the identity of the mail. An opt-out stays, as a hash: without it nobody could honour it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    String,
    TextClause,
    cast,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.candidate import CandidateHash, Masked
from gateway.errors import CareerRelayError
from gateway.store.company_changes import CompanyChange, note_change
from gateway.store.mails import WITH_ORIGIN, MailRow
from gateway.store.recent_letters import drop_letters, drop_older
from gateway.store.referrals import ReferralRow
from gateway.store.tables import Base, dialect_of, insert_into

WORDING_DAYS = 30
"""For so many days a mail's line keeps what an answer is remembered by, for every company."""

_FOREVER = 0
_MOST_DAYS = 36500
_REMEMBERED_MAIL = "candidate_masked IS NOT NULL"  # as in the indexes, see referrals.py


class RetentionRow(Base):
    """After how many days a company's candidates are forgotten."""

    __tablename__ = "retention"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), unique=True)
    days: Mapped[int]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows had personal data erased."""

    referrals: int = 0
    mails: int = 0

    def __add__(self, other: "Forgotten") -> "Forgotten":
        return Forgotten(self.referrals + other.referrals, self.mails + other.mails)


def set_retention(session: Session, company_id: int, days: int, actor: str, now: datetime) -> None:
    """Keep a company's candidates for `days`, 0 for ever, and note who changed it.

    Raises CareerRelayError for a number out of bounds.
    """
    if not 0 <= days <= _MOST_DAYS:
        raise CareerRelayError(f"days must be between 0 and {_MOST_DAYS}.")
    before = retention_days(session, company_id)
    note_change(session, company_id, CompanyChange(now, actor, "retention", str(before), str(days)))
    insert = insert_into(dialect_of(session), RetentionRow)
    session.execute(
        insert.values(company_id=company_id, days=days).on_conflict_do_update(
            index_elements=["company_id"], set_={"days": days}
        )
    )


def retention_days(session: Session, company_id: int) -> int:
    """Return how many days a company's candidates are kept, 0 for ever."""
    query = select(RetentionRow.days).where(RetentionRow.company_id == company_id)
    return session.scalar(query) or _FOREVER


def forget(session: Session, now: datetime, limit: int = 1000) -> Forgotten:
    """Forget candidates that are older than their company keeps them, at most `limit` rows a kind.

    Run again, even at the same time, it goes on where it stopped; Forgotten(): nothing is left.
    """
    done = Forgotten()
    kept = select(RetentionRow.company_id, RetentionRow.days).where(RetentionRow.days > 0)
    for company_id, days in session.execute(kept.order_by(RetentionRow.company_id)).all():
        before = now - timedelta(days=days)
        left = limit - max(done.referrals, done.mails)
        if left <= 0:
            break
        done += _forget_mails(session, company_id, before, left)
    return done


def _forget_mails(session: Session, company_id: int, before: datetime, limit: int) -> Forgotten:
    """Forget the candidates of old mails, and the referrals that these mails made."""
    old = session.execute(
        select(MailRow.id, MailRow.referral_id)
        .where(text(_REMEMBERED_MAIL), MailRow.company_id == company_id, MailRow.at < before)
        .order_by(MailRow.at)
        .limit(limit)
    ).all()
    ids = [row.id for row in old]
    _forget_in(session, [MailRow.id.in_(ids)])
    referrals = {row.referral_id for row in old if row.referral_id is not None}
    return Forgotten(_erase_referrals(session, sorted(referrals)), len(ids))


def erase_person(session: Session, candidate: CandidateHash, masked: Masked) -> Forgotten:
    """Forget one person everywhere, now; again changes nothing.

    masked  the masked address: mails without a link hold nothing else of a person, so it is erased
            from every such mail that shows it; a mail with another referral is another person's

    A later mail to this person counts as a new candidate's: nothing is left to tell otherwise.
    """
    ids = session.scalars(
        select(ReferralRow.id).where(ReferralRow.candidate_hash == candidate)
    ).all()
    shows_it = (text(_REMEMBERED_MAIL), MailRow.candidate_masked == masked)
    is_of_nobody_else = or_(MailRow.referral_id.is_(None), MailRow.referral_id.in_(ids))
    mails = _forget_in(session, [*shows_it, is_of_nobody_else])
    return Forgotten(_erase_referrals(session, ids), mails)


def erase_referral(session: Session, referral_id: int) -> Forgotten:
    """Forget the person behind a referral everywhere; again changes nothing."""
    row = session.execute(
        select(ReferralRow.candidate_hash, ReferralRow.masked).where(
            ReferralRow.id == referral_id, ReferralRow.masked != ""
        )
    ).one_or_none()
    if row is None:
        return Forgotten()
    return erase_person(session, CandidateHash(row[0]), Masked(row[1]))


def _erase_referrals(session: Session, ids: Sequence[int]) -> int:
    """Erase whom these referrals were for: each one's own number takes the candidate's place."""
    if not ids:
        return 0
    nobody = literal("erased-") + cast(ReferralRow.id, String)
    session.execute(
        update(ReferralRow)
        .where(ReferralRow.id.in_(ids))
        .values(candidate_hash=nobody, message_key=nobody, masked="")
    )
    _forget_in(session, [MailRow.referral_id.in_(ids)])
    return len(ids)


def _forget_in(session: Session, which: Sequence[ColumnElement[bool] | TextClause]) -> int:
    """Erase what these mails tell of a person or of the wording; return how many they are."""
    mails = session.scalars(
        update(MailRow)
        .where(*which)
        .values(candidate_masked=None, origin=None)
        .returning(MailRow.queue_id)
    ).all()
    drop_letters(session, mails)
    return len(mails)


def forget_wording(session: Session, now: datetime, limit: int = 1000) -> int:
    """Forget sender, subject and phrases, all hashed, of mails that nobody will ask about any more.

    At most `limit` rows of each kind; 0 means that nothing is left.
    """
    before = now - timedelta(days=WORDING_DAYS)
    old = select(MailRow.id).where(text(WITH_ORIGIN), MailRow.at < before)
    ids = session.scalars(old.order_by(MailRow.at).limit(limit)).all()
    if ids:
        session.execute(update(MailRow).where(MailRow.id.in_(ids)).values(origin=None))
    return len(ids) + drop_older(session, before, limit)
