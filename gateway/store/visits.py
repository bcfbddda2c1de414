"""What a person did with a referral's link, and what a counting rule asks of it."""

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from gateway.core.credit import Facts, Waits
from gateway.store import holds
from gateway.store.referrals import ReferralRow, ReferralState
from gateway.store.tables import table_of

_REFERRAL = table_of(ReferralRow).c
_FACTS = (  # every settled referral asks: built once
    select(
        _REFERRAL.relayed_at,
        _REFERRAL.opened_at,
        _REFERRAL.registered_at,
        _REFERRAL.candidate_hash,
    )
    .where(
        _REFERRAL.id == bindparam("referral_id"),
        _REFERRAL.state == ReferralState.RELAYED.value,
    )
    .with_for_update(key_share=True)
)


def mark_opened(session: Session, referral_id: int, now: datetime) -> bool:
    """Write down that a person went on from the landing page; tell whether it is the first time.

    Only for a POST: whoever scans mails opens every link. A referral that waited for this is
    due now.
    """
    is_first = _mark(session, referral_id, ReferralRow.opened_at, now)
    holds.wake(session, referral_id, Waits.OPENED, now)
    return is_first


def mark_registered(session: Session, referral_id: int, now: datetime) -> bool:
    """Write down that a person joined with consent; tell whether it is the first time."""
    is_first = _mark(session, referral_id, ReferralRow.registered_at, now)
    for waited_for in (Waits.OPENED, Waits.REGISTERED):
        holds.wake(session, referral_id, waited_for, now)
    return is_first


def _mark(
    session: Session,
    referral_id: int,
    column: InstrumentedAttribute[datetime | None],
    now: datetime,
) -> bool:
    # Settling locks the row, so it sees this visit either before or after, never half.
    done = session.execute(
        update(ReferralRow)
        .where(ReferralRow.id == referral_id, column.is_(None))
        .values({column: now})
        .returning(ReferralRow.id)
    )
    return done.first() is not None


def read_facts(session: Session, referral_id: int) -> Facts | None:
    """Return what a rule asks of a relayed referral, and lock it; None when it has not left."""
    row = session.execute(_FACTS, {"referral_id": referral_id}).one_or_none()
    if row is None or row.relayed_at is None:
        return None
    return Facts(row.relayed_at, row.opened_at, row.registered_at, row.candidate_hash)
