"""Where a company's own programs hear of events."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.errors import NotFoundError
from gateway.store.company_changes import CompanyChange, note_change
from gateway.store.ledger import lock_company
from gateway.store.outbox import Event, NotificationRow, park_waiting
from gateway.store.tables import Base

_MOST_ENDPOINTS = 10
_REMOVED = "removed"


class WebhookEndpointRow(Base):
    """An address that hears events of a company; the secrets are sealed."""

    __tablename__ = "webhook_endpoint"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    url: Mapped[str] = mapped_column(String(2000))
    secret_sealed: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    disabled_why: Mapped[str | None] = mapped_column(String(40))
    events: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    old_secret_sealed: Mapped[str | None] = mapped_column(String(400))
    old_secret_until: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A webhook; its secrets open with the installation's key (WEBHOOK_SEAL).

    events             of what it is told, None for everything
    old_secret_sealed  the one before; until `old_secret_until` both sign
    """

    id: int
    company_id: int
    url: str
    secret_sealed: str
    created_at: datetime
    disabled_at: datetime | None = None
    disabled_why: str | None = None
    events: frozenset[Event] | None = None
    old_secret_sealed: str | None = None
    old_secret_until: datetime | None = None

    def wants(self, event: Event) -> bool:
        """Tell whether it is told of `event`; a test goes everywhere."""
        return self.events is None or event in self.events or event is Event.TEST

    def secrets_at(self, now: datetime) -> tuple[str, ...]:
        """Return the sealed secrets that sign at `now`, the newest first."""
        is_old_valid = self.old_secret_until is not None and now < self.old_secret_until
        old = self.old_secret_sealed if is_old_valid else None
        return (self.secret_sealed,) if old is None else (self.secret_sealed, old)


WEBHOOK_SEAL = b"career-relay webhook"
"""The purpose that secrets of webhooks are sealed for; never changes."""


def bound_to(company_id: int) -> bytes:
    """Return what a secret is sealed to: in another company's row it does not open."""
    return b"company %d" % company_id


def add_endpoint(
    session: Session, company_id: int, url: str, secret_sealed: str, now: datetime
) -> Endpoint:
    """Write a webhook down.

    Raises ValueError when the company has as many as it may.
    """
    lock_company(session, company_id)
    if len(list_endpoints(session, company_id)) >= _MOST_ENDPOINTS:
        raise ValueError(f"{_MOST_ENDPOINTS} webhooks are the most a company may have")
    row = WebhookEndpointRow(
        company_id=company_id, url=url, secret_sealed=secret_sealed, created_at=now
    )
    session.add(row)
    session.flush()
    return _endpoint(row)


def list_endpoints(session: Session, company_id: int) -> tuple[Endpoint, ...]:
    """Return a company's webhooks that were not removed, also the disabled, oldest first."""
    query = select(WebhookEndpointRow).where(
        WebhookEndpointRow.company_id == company_id,
        WebhookEndpointRow.disabled_why.is_distinct_from(_REMOVED),
    )
    rows = session.scalars(query.order_by(WebhookEndpointRow.id))
    return tuple(_endpoint(row) for row in rows)


def find_endpoint(session: Session, company_id: int, number: int) -> Endpoint:
    """Return a company's webhook that was not removed.

    Raises NotFoundError.
    """
    for endpoint in list_endpoints(session, company_id):
        if endpoint.id == number:
            return endpoint
    raise NotFoundError(f"The company has no webhook {number}: career-relay webhook list COMPANY")


def get_endpoint(session: Session, endpoint_id: int) -> Endpoint:
    """Return one webhook.

    Raises NotFoundError.
    """
    row = session.get(WebhookEndpointRow, endpoint_id, populate_existing=True)
    if row is None:
        raise NotFoundError(f"There is no webhook with the number {endpoint_id}.")
    return _endpoint(row)


def disable(session: Session, endpoint_id: int, why: str, actor: str, now: datetime) -> None:
    """Stop calling a webhook, and give up what waits for it; its history stays.

    why    "gone" (it answered 410) or "removed" (by a person): a removed one stays that
    actor  who did it, for the company's history
    """
    row = session.get_one(WebhookEndpointRow, endpoint_id, populate_existing=True)
    if row.disabled_why not in {why, _REMOVED}:
        change = CompanyChange(now, actor, f"webhook {endpoint_id}", row.url, why)
        note_change(session, row.company_id, change)
        row.disabled_at, row.disabled_why = now, why
        session.flush()
    park_waiting(session, NotificationRow.endpoint_id == endpoint_id)


def enable(session: Session, endpoint: Endpoint, actor: str, now: datetime) -> None:
    """Call a disabled webhook again for what happens from now on, and note who did it."""
    old = endpoint.disabled_why or "enabled"
    change = CompanyChange(now, actor, f"webhook {endpoint.id}", old, "enabled")
    note_change(session, endpoint.company_id, change)
    session.execute(
        update(WebhookEndpointRow)
        .where(WebhookEndpointRow.id == endpoint.id)
        .values(disabled_at=None, disabled_why=None)
    )


def set_filter(session: Session, endpoint: Endpoint, events: Collection[Event] | None) -> None:
    """Tell a webhook of these events alone, and of tests; None: of all, also of those to come."""
    session.execute(
        update(WebhookEndpointRow)
        .where(WebhookEndpointRow.id == endpoint.id)
        .values(events=None if events is None else sorted(event.value for event in events))
    )


def rotate_secret(session: Session, endpoint: Endpoint, sealed: str, until: datetime) -> None:
    """Sign by a new secret; until `until` by the old one too, so that receivers can change over."""
    session.execute(
        update(WebhookEndpointRow)
        .where(WebhookEndpointRow.id == endpoint.id)
        .values(
            secret_sealed=sealed,
            old_secret_sealed=endpoint.secret_sealed,
            old_secret_until=until,
        )
    )


def hear(session: Session, company_id: int, event: Event) -> tuple[int, ...]:
    """Return the webhooks of a company that are told of an event."""
    return tuple(
        endpoint.id
        for endpoint in list_endpoints(session, company_id)
        if endpoint.disabled_at is None and endpoint.wants(event)
    )


def _endpoint(row: WebhookEndpointRow) -> Endpoint:
    return Endpoint(
        id=row.id,
        company_id=row.company_id,
        url=row.url,
        secret_sealed=row.secret_sealed,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        disabled_why=row.disabled_why,
        events=None if row.events is None else frozenset(Event(each) for each in row.events),
        old_secret_sealed=row.old_secret_sealed,
        old_secret_until=row.old_secret_until,
    )
