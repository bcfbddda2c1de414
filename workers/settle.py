"""Settle one referral: a ledger entry, perhaps a slot, the notifications. One transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from gateway.core.account import Kind
from gateway.core.credit import POINTS_PER_SLOT, Credit, NotCounted, judge_referral
from gateway.store import corrections, ledger, points, referrals
from gateway.store.announce import News, announce
from gateway.store.ledger import Draft
from gateway.store.ledger_rows import LedgerEntryRow
from gateway.store.outbox import Event

_HALFWAY = POINTS_PER_SLOT // 2


def settle_referral(session: Session, referral_id: int, now: datetime) -> list[int]:
    """Work out what a relayed referral is worth; return the ids of notifications to deliver.

    Run twice, or twice at once, it has the effect of once: the company's ledger is locked,
    and the WHERE clause of settle_once() lets one pass. What has not left, or does not exist,
    is left alone.
    """
    company_id = referrals.company_of(session, referral_id)
    if company_id is None:
        return []
    ledger.lock_company(session, company_id)
    relayed_at = referrals.settle_once(session, referral_id, now)
    if relayed_at is None:
        return []
    credit = _judge(session, referral_id, relayed_at)
    kind = Kind.COUNTED if credit.is_counted else Kind.NOT_COUNTED
    entry = ledger.append(session, company_id, Draft(kind, referral_id, credit.reason), now)
    if not credit.is_counted:
        return []
    causes = _count(session, entry, now)
    return _write_notifications(session, company_id, causes, now)


def _judge(session: Session, referral_id: int, relayed_at: datetime) -> Credit:
    if corrections.is_withdrawn(session, referral_id):
        return Credit(NotCounted.VOIDED)
    return judge_referral(relayed_at, points.counted_near(session, referral_id))


def _count(session: Session, entry: LedgerEntryRow, now: datetime) -> list[tuple[Event, int]]:
    """Make a slot of ten points; return what the company is to be told, with the entry's id."""
    causes: list[tuple[Event, int]] = []
    if points.is_first_counted(session, entry):
        causes.append((Event.FIRST_REFERRAL, entry.id))
    free = points.open_points(session, entry.company_id)
    if len(free) == _HALFWAY:
        causes.append((Event.HALFWAY, entry.id))
    if len(free) >= POINTS_PER_SLOT:
        written = points.put_in_order(session, entry.company_id, entry.actor, now)
        # A slot that is earned again was used before: there is nothing new to be told.
        causes += [(Event.SLOT_EARNED, slot.id) for slot in written if slot.slot is None]
    return causes


def _write_notifications(
    session: Session, company_id: int, causes: list[tuple[Event, int]], now: datetime
) -> list[int]:
    return [
        id_
        for event, entry_id in causes
        for id_ in announce(session, company_id, News(event, entry_id=entry_id), now)
    ]
