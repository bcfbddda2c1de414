"""What follows from what is wrong with a rejection mail: the company is told, the brake counts.

However many mails it concerns, a company hears of a mistake once an hour, and of how its letter is
worded, or that candidates see each other, once a day.
"""

from datetime import datetime
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.core.findings import ALWAYS_NOTIFY, MISTAKES, Finding, Reaction, findings_in
from gateway.core.japan import JAPAN, start_of_day
from gateway.core.why import Why
from gateway.store import brakes
from gateway.store.announce import News, announce
from gateway.store.courtesy import load_courtesy
from gateway.store.mails import MailRecord
from gateway.store.outbox import Event, NotificationRow

_findings_in = lru_cache(128)(findings_in)
"""What is wrong with one letter is so with each mail of it."""


def tell(session: Session, record: MailRecord, now: datetime) -> None:
    """Do what the company wants done about a mail that has left, or that was refused for it."""
    is_refused = record.why is Why.DISCOURTEOUS
    findings = _findings_in(record.evidence)
    if not findings or not (is_refused or record.has_left):
        return
    company_id = record.company_id
    courtesy = load_courtesy(session, company_id).get(company_id, ALWAYS_NOTIFY)
    for finding in findings:
        if courtesy.reaction(finding) is not Reaction.LOG:
            news = _news(finding, record, now, is_refused=is_refused)
            if not _is_told(session, company_id, news):
                announce(session, company_id, news, now)
    if is_refused:
        brakes.note_refused(session, company_id, now)


def _news(finding: Finding, record: MailRecord, now: datetime, *, is_refused: bool) -> News:
    today = start_of_day(now)
    if finding is Finding.VISIBLE_CANDIDATES and not is_refused:
        facts = {"queue_id": record.queue_id}
        return News(Event.VISIBLE_RECIPIENTS, f"day:{today:%Y-%m-%d}", facts)
    when = f"{now:%Y-%m-%dT%H}" if finding in MISTAKES else f"{today:%Y-%m-%d}"
    return News(
        Event.COURTESY,
        f"{finding}:{when}",
        {
            "finding": finding.value,
            "queue_id": record.queue_id,
            "at": f"{record.at.astimezone(JAPAN):%Y-%m-%d %H:%M %Z}",
            "is_refused": is_refused,
        },
    )


def _is_told(session: Session, company_id: int, news: News) -> bool:
    """Tell whether the company has heard of it: cheaper than to gather whom to tell."""
    row = NotificationRow
    query = select(row.id).where(
        row.company_id == company_id,
        row.event == news.event.value,
        row.cause == news.name_of_cause,
    )
    return session.scalar(query.limit(1)) is not None
