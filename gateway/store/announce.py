"""Tell a company that something happened: one row for each way in which it wants to hear it.

Whoever causes an event writes these rows in the transaction of the cause. A new event is one
member of outbox.Event, its templates in templates/mail, and a call of announce().
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from gateway.core.company import Language
from gateway.store import outbox, webhooks
from gateway.store.company_rows import CompanyRow
from gateway.store.outbox import Event, NewNotification

_CONTACT = select(CompanyRow.contact, CompanyRow.language).where(
    CompanyRow.id == bindparam("company")
)


@dataclass(frozen=True, slots=True)
class News:
    """What happened.

    cause     what it is told about once, however often announce() is called: "week:2026-W03"
    facts     what the templates of the event need besides the company's sums
    entry_id  the ledger entry that is the cause; then the cause is that entry
    """

    event: Event
    cause: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    entry_id: int | None = None

    @property
    def name_of_cause(self) -> str:
        """The cause as the database keeps it."""
        return self.cause if self.entry_id is None else f"entry:{self.entry_id}"


def announce(session: Session, company_id: int, news: News, now: datetime) -> list[int]:
    """Write down that a company is to be told; return the ids of the notifications.

    None is written twice for one cause.
    """
    company = session.execute(_CONTACT, {"company": company_id}).one()
    ways: list[tuple[str, int | None]] = []
    if company.contact and news.event not in webhooks.muted_events(session, company_id):
        ways.append((company.contact, None))
    ways += [
        ("", endpoint.id)
        for endpoint in webhooks.list_endpoints(session, company_id)
        if endpoint.disabled_at is None
    ]
    new = (
        NewNotification(
            company_id=company_id,
            event=news.event,
            cause=news.name_of_cause,
            recipient=recipient,
            language=Language(company.language),
            cause_entry_id=news.entry_id,
            facts=news.facts,
            endpoint_id=endpoint_id,
        )
        for recipient, endpoint_id in ways
    )
    ids = [outbox.add(session, each, now) for each in new]
    return [id_ for id_ in ids if id_ is not None]
