"""How the work stands, in numbers: for the queue page and for Prometheus. Every query is short."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gateway.store.engine import sqlite_file
from gateway.store.holds import count_due
from gateway.store.leases import LeaseRow
from gateway.store.lock_file import holder_of
from gateway.store.mails import MailRow
from gateway.store.outages import lasting_outages
from gateway.store.outbox import NotificationRow
from gateway.store.referrals import ReferralRow, count_stale_relaying, count_unsettled

RECENT = timedelta(minutes=5)
_STALE_AFTER = timedelta(minutes=10)  # as long as a sender waits: RFC 5321 section 4.5.3.2.6
_OVERDUE_AFTER = timedelta(minutes=1)  # longer than the longest pause between two sweeps
_UNSETTLED = text("state = 'relayed' AND settled_at IS NULL")  # as the index says it
_PENDING, _PARKED = text("state = 'pending'"), text("state = 'parked'")


@dataclass(frozen=True, slots=True)
class Gauges:
    """How things stand at one moment.

    mails              of the last five minutes, by action and reason
    replies            what next hops said to them: "2", "4", "5", "none"
    unsettled          referrals relayed whose points are not worked out
    failed             of them, those that were tried in vain
    oldest_unsettled   when the first of them was relayed
    unknown            referrals whose outcome was never written down
    holds_overdue      held referrals whose wait was over a minute ago, and not decided on
    pending, parked    notifications that wait, and that were given up
    oldest_pending     when the first waiting one was written
    hops_failing       hosts of next hops that have taken no mail for a while
    leader             who does the periodic work, "" for nobody
    """

    mails: Mapping[tuple[str, str], int]
    replies: Mapping[str, int]
    unsettled: int
    failed: int
    oldest_unsettled: datetime | None
    unknown: int
    holds_overdue: int
    pending: int
    parked: int
    oldest_pending: datetime | None
    hops_failing: int
    leader: str


def read_gauges(session: Session, now: datetime) -> Gauges:
    """Return how the work stands."""
    referral, notification = ReferralRow, NotificationRow
    failed = select(func.count(referral.id)).where(_UNSETTLED, referral.attempts > 0)
    pending = select(func.count(notification.id), func.min(notification.created_at))
    waiting, oldest_pending = session.execute(pending.where(_PENDING)).one()
    return Gauges(
        mails=_recent_mails(session, now),
        replies=_recent_replies(session, now),
        unsettled=count_unsettled(session),
        failed=session.scalar(failed) or 0,
        oldest_unsettled=session.scalar(select(func.min(referral.relayed_at)).where(_UNSETTLED)),
        unknown=count_stale_relaying(session, now - _STALE_AFTER),
        holds_overdue=count_due(session, now - _OVERDUE_AFTER),
        pending=waiting,
        parked=session.scalar(select(func.count(notification.id)).where(_PARKED)) or 0,
        oldest_pending=oldest_pending,
        hops_failing=len(lasting_outages(session, now)),
        leader=_leader(session, now),
    )


def _leader(session: Session, now: datetime) -> str:
    ledger = sqlite_file(session.get_bind().engine.url)
    if ledger is not None:
        return holder_of(ledger)
    query = select(LeaseRow.holder).where(LeaseRow.until > now)
    return session.scalars(query).first() or ""


def _recent_mails(session: Session, now: datetime) -> dict[tuple[str, str], int]:
    query = (
        select(MailRow.action, MailRow.why, func.count())
        .where(MailRow.at >= now - RECENT)
        .group_by(MailRow.action, MailRow.why)
    )
    return {(action, why): number for action, why, number in session.execute(query)}


def _recent_replies(session: Session, now: datetime) -> dict[str, int]:
    query = (
        select(MailRow.reply_code, func.count())
        .where(MailRow.at >= now - RECENT)
        .group_by(MailRow.reply_code)
    )
    found: dict[str, int] = {}
    for code, number in session.execute(query):
        kind = "none" if code is None else str(code)[:1]
        found[kind] = found.get(kind, 0) + number
    return found
