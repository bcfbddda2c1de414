"""The few numbers an operator looks at first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.core.verdict import Verdict
from gateway.store.brakes import Brake, pulled_brakes
from gateway.store.company_records import CompanyRecord, load_companies
from gateway.store.ledger import Balance, balance
from gateway.store.mails import PASSED, MailRow
from gateway.store.outages import Outage, lasting_outages
from gateway.store.referrals import (
    Referral,
    count_stale_relaying,
    count_unsettled,
    stale_relaying,
)
from gateway.store.reviews import UNREVIEWED

MOST_COUNTED = 1000
"""Who has more mails to look through needs no exact number, and counting them takes its time."""

_STALE_AFTER = timedelta(minutes=10)  # as long as a sender waits: RFC 5321 section 4.5.3.2.6
_STALE_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Overview:
    """How things stand.

    mails_today    mails that passed since the moment given
    unsettled      referrals relayed whose points are not worked out yet
    possible       mails that may be rejections, to be looked at; counted to MOST_COUNTED + 1
    unknown        referrals handed over over ten minutes ago whose outcome was never written down
    unknown_shown  the oldest of them
    outages        next hops that have taken no mail for a while
    brakes         those that hold rejection mails, by company id
    """

    companies: tuple[tuple[CompanyRecord, Balance], ...]
    mails_today: int
    unsettled: int
    possible: int
    unknown: int
    unknown_shown: tuple[Referral, ...]
    outages: tuple[Outage, ...]
    brakes: dict[int, Brake]


def read_overview(session: Session, today: datetime, now: datetime) -> Overview:
    """Return how things stand `now`, with the mails since `today`."""
    records = load_companies(session)
    stale_before = now - _STALE_AFTER
    return Overview(
        companies=tuple((record, balance(session, record.company.id)) for record in records),
        mails_today=count_mails(session, today),
        unsettled=count_unsettled(session),
        possible=count_possible(session),
        unknown=count_stale_relaying(session, stale_before),
        unknown_shown=stale_relaying(session, stale_before, _STALE_SHOWN),
        outages=lasting_outages(session, now),
        brakes=pulled_brakes(session),
    )


def count_mails(session: Session, since: datetime) -> int:
    """Return how many mails passed since then."""
    return session.scalar(select(func.count()).where(MailRow.at >= since, PASSED)) or 0


def count_possible(session: Session) -> int:
    """Return how many mails passed in doubt that nobody looked at, at most MOST_COUNTED + 1."""
    is_possible = MailRow.verdict == Verdict.POSSIBLE.value
    doubtful = select(MailRow.id).where(is_possible, PASSED, UNREVIEWED)
    some = doubtful.limit(MOST_COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0
