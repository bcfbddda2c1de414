"""The few numbers an operator looks at first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.core.verdict import Verdict
from gateway.store.companies import CompanyRecord, load_companies
from gateway.store.ledger import Balance, balance
from gateway.store.mails import MailRow
from gateway.store.referrals import ReferralRow, ReferralState


@dataclass(frozen=True, slots=True)
class Overview:
    """How things stand.

    mails_today  mails that passed since the moment given
    unsettled    referrals relayed whose points are not worked out yet
    possible     mails that may be rejections, to be looked at
    """

    companies: tuple[tuple[CompanyRecord, Balance], ...]
    mails_today: int
    unsettled: int
    possible: int


def read_overview(session: Session, today: datetime) -> Overview:
    """Return how things stand, with the mails since `today`."""
    records = load_companies(session)
    return Overview(
        companies=tuple((record, balance(session, record.company.id)) for record in records),
        mails_today=count_mails(session, today),
        unsettled=count_unsettled(session),
        possible=count_possible(session),
    )


def count_mails(session: Session, since: datetime) -> int:
    """Return how many mails passed since then."""
    return session.scalar(select(func.count()).where(MailRow.at >= since)) or 0


def count_unsettled(session: Session) -> int:
    """Return how many relayed referrals wait for the workers."""
    query = select(func.count()).where(
        ReferralRow.state == ReferralState.RELAYED.value, ReferralRow.settled_at.is_(None)
    )
    return session.scalar(query) or 0


def count_possible(session: Session) -> int:
    """Return how many mails were passed in doubt."""
    query = select(func.count()).where(MailRow.verdict == Verdict.POSSIBLE.value)
    return session.scalar(query) or 0
