"""Tell a company that something happened: one row for each way in which it wants to be told.

Whoever causes an event writes these rows in the transaction of the cause. A new event is one
member of outbox.Event, its templates in templates/mail, and a call of announce().
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from gateway.core.company import Language
from gateway.store import members, outbox, webhooks
from gateway.store.outbox import MOST_CAUSE, Event, NewNotification


@dataclass(frozen=True, slots=True)
class News:
    """What happened.

    cause     names the occasion, which is told once however often announce() is called:
              "week:2026-W03"
    facts     what the templates of the event need besides the company's sums
    entry_id  the ledger entry that is the cause; then the cause is that entry
    """

    event: Event
    cause: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    entry_id: int | None = None

    @property
    def name_of_cause(self) -> str:
        """The cause as the database keeps it: of one that is too long the beginning and a hash."""
        if self.entry_id is not None:
            return f"entry:{self.entry_id}"
        if len(self.cause) <= MOST_CAUSE:
            return self.cause
        digest = hashlib.sha256(self.cause.encode()).hexdigest()[:32]
        return f"{self.cause[: MOST_CAUSE - len(digest) - 1]}~{digest}"


def announce(session: Session, company_id: int, news: News, now: datetime) -> list[int]:
    """Write down that a company is to be told; return the ids of the notifications.

    No notification is written twice for one cause.
    """
    told = partial(
        NewNotification,
        company_id=company_id,
        event=news.event,
        cause=news.name_of_cause,
        cause_entry_id=news.entry_id,
        facts=news.facts,
    )
    new = [
        *(
            told(recipient=address, language=language, member_id=member_id)
            for member_id, address, language in members.told_by_mail(
                session, company_id, news.event
            )
        ),
        *(
            told(recipient="", language=Language.JA, endpoint_id=endpoint_id)  # reads none
            for endpoint_id in webhooks.hear(session, company_id, news.event)
        ),
    ]
    ids = [outbox.add(session, each, now) for each in new]
    return [id_ for id_ in ids if id_ is not None]
