"""Settle one referral: a ledger entry, perhaps a slot, the notifications. One transaction."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from gateway.core.account import Kind
from gateway.core.credit import (
    POINTS_PER_SLOT,
    Credit,
    Facts,
    NotCounted,
    Rule,
    Waits,
    is_burst,
    judge_referral,
    waits_for,
)
from gateway.store import corrections, holds, ledger, points, referrals, visits
from gateway.store.announce import News, announce
from gateway.store.holds import Hold
from gateway.store.ledger import Draft
from gateway.store.ledger_rows import LedgerEntryRow
from gateway.store.outbox import Event
from gateway.store.rules import rule_at

_HALFWAY = POINTS_PER_SLOT // 2


class _Ids(NamedTuple):
    """A referral, and the company whose locked ledger it goes into."""

    company_id: int
    referral_id: int


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
    if referrals.settle_once(session, referral_id, now) is None:
        return []
    return _decide(session, _Ids(company_id, referral_id), None, now)


def settle_held(session: Session, referral_id: int, now: datetime) -> list[int]:
    """Decide on a referral whose wait is over; return the ids of notifications to deliver.

    Run twice, or twice at once, it has the effect of once: one takes the hold away.
    """
    company_id = referrals.company_of(session, referral_id)
    if company_id is None:
        return []
    ledger.lock_company(session, company_id)
    waited = holds.take(session, referral_id, due_at=now)
    if waited is None:
        return []
    return _decide(session, _Ids(company_id, referral_id), waited, now)


def _decide(session: Session, ids: _Ids, waited: Hold | None, now: datetime) -> list[int]:
    """Let a referral count, not count or wait, by the rule in force when it was relayed."""
    company_id, referral_id = ids
    facts = visits.read_facts(session, referral_id)
    if facts is None:
        return []
    rule = rule_at(session, company_id, facts.relayed_at)
    credit = _judge(session, ids, facts, rule)
    actor = waited.released_by if waited is not None and waited.released_by else "settle"
    draft = Draft(Kind.COUNTED, referral_id, credit.reason, actor, rule_version=rule.version)
    if not credit.is_counted:
        ledger.append(session, company_id, replace(draft, kind=Kind.NOT_COUNTED), now)
        return []
    waits = waits_for(rule, facts, now) or _review(session, company_id, rule, waited, now)
    if waits is not None:
        holds.hold(session, company_id, referral_id, waits)
        if waited is None:
            held = replace(draft, kind=Kind.HELD, reason=waits[0].value)
            ledger.append(session, company_id, held, now)
        return []
    entry = ledger.append(session, company_id, draft, now)
    return _write_notifications(session, company_id, _count(session, entry, now), now)


def _judge(session: Session, ids: _Ids, facts: Facts, rule: Rule) -> Credit:
    if corrections.is_withdrawn(session, ids.referral_id):
        return Credit(NotCounted.VOIDED)
    near = points.counted_near(session, ids.company_id, facts, rule.window)
    return judge_referral(facts.relayed_at, near, rule.window)


def _review(
    session: Session, company_id: int, rule: Rule, waited: Hold | None, now: datetime
) -> tuple[Waits, datetime | None] | None:
    """Return a wait for a person if the referral is part of a burst nobody has reviewed yet."""
    if rule.burst_limit == 0 or (waited is not None and waited.released_by):
        return None
    habit = points.habit_of(session, company_id, now, rule.burst_limit)
    return (Waits.REVIEW, None) if is_burst(rule, habit) else None


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
        # A slot that is earned again was used before: that is no news to the company.
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
