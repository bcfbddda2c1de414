"""What the periodic watch asks the rows: what ends soon, what a period brought."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from gateway.core.account import Kind
from gateway.core.verdict import Verdict
from gateway.core.why import Why
from gateway.store.credentials import CredentialRow
from gateway.store.ledger_rows import LedgerEntryRow
from gateway.store.mails import PASSED, MailRow
from gateway.store.reviews import UNREVIEWED


@dataclass(frozen=True, slots=True)
class Period:
    """What a company had in some time.

    mails       that passed
    rejections  of them, those judged to be rejections
    counted     candidates counted as referred
    """

    mails: int = 0
    rejections: int = 0
    counted: int = 0


def expiring_credentials(
    session: Session, now: datetime, until: datetime
) -> tuple[tuple[int, int, datetime], ...]:
    """Return company, number and end of every credential that expires from `now` to `until`."""
    row = CredentialRow
    query = (
        select(row.company_id, row.id, row.expires_at)
        .where(row.expires_at > now, row.expires_at <= until)
        .order_by(row.id)
    )
    return tuple((company, id_, at) for company, id_, at in session.execute(query) if at)


def observed(session: Session, since: datetime, until: datetime) -> dict[int, int]:
    """Return how many rejections observe mode saw in that time and nobody reviewed, by company."""
    query = (
        select(MailRow.company_id, func.count())
        .where(
            MailRow.at >= since,
            MailRow.at < until,
            MailRow.why == Why.OBSERVED.value,
            PASSED,
            UNREVIEWED,
        )
        .group_by(MailRow.company_id)
    )
    return dict(session.execute(query).all())


def periods(session: Session, since: datetime, until: datetime) -> dict[int, Period]:
    """Return what each company had in that time; who had nothing is not among them."""
    is_rejection = MailRow.verdict == Verdict.REJECTION.value
    passed = (
        select(MailRow.company_id, func.count(), func.sum(_one_if(is_rejection)))
        .where(MailRow.at >= since, MailRow.at < until, PASSED)
        .group_by(MailRow.company_id)
    )
    counted = (
        select(LedgerEntryRow.company_id, func.count())
        .where(
            LedgerEntryRow.at >= since,
            LedgerEntryRow.at < until,
            LedgerEntryRow.kind == Kind.COUNTED.value,
        )
        .group_by(LedgerEntryRow.company_id)
    )
    mails = {company: (n, int(rejections)) for company, n, rejections in session.execute(passed)}
    points = dict(session.execute(counted).all())
    return {
        company: Period(*mails.get(company, (0, 0)), points.get(company, 0))
        for company in mails.keys() | points.keys()
    }


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)
