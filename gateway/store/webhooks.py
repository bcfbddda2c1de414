"""Where a company's own programs hear of events, and what it does not want to be told by mail."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.errors import NotFoundError
from gateway.store.outbox import Event, NotificationRow, NotificationState
from gateway.store.tables import Base, insert_or_skip

_MOST_ENDPOINTS = 10


class WebhookEndpointRow(Base):
    """An address that hears every event of a company; the secret is sealed."""

    __tablename__ = "webhook_endpoint"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    url: Mapped[str] = mapped_column(String(2000))
    secret_sealed: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    disabled_why: Mapped[str | None] = mapped_column(String(40))


class MutedEventRow(Base):
    """An event that a company does not want to be told by mail."""

    __tablename__ = "muted_event"
    __table_args__ = (UniqueConstraint("company_id", "event"),)

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    event: Mapped[str] = mapped_column(String(40))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A webhook; `secret_sealed` opens with the installation's key (WEBHOOK_SEAL)."""

    id: int
    company_id: int
    url: str
    secret_sealed: str
    created_at: datetime
    disabled_at: datetime | None = None
    disabled_why: str | None = None


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
        WebhookEndpointRow.disabled_why.is_distinct_from("removed"),
    )
    rows = session.scalars(query.order_by(WebhookEndpointRow.id))
    return tuple(_endpoint(row) for row in rows)


def get_endpoint(session: Session, endpoint_id: int) -> Endpoint:
    """Return one webhook.

    Raises NotFoundError.
    """
    row = session.get(WebhookEndpointRow, endpoint_id, populate_existing=True)
    if row is None:
        raise NotFoundError(f"There is no webhook with the number {endpoint_id}.")
    return _endpoint(row)


def disable(session: Session, endpoint_id: int, why: str, now: datetime) -> None:
    """Tell a webhook nothing more, and give up what waits for it; its history stays.

    why  "gone" (it answered 410) or "removed" (by a person)
    """
    session.execute(
        update(WebhookEndpointRow)
        .where(WebhookEndpointRow.id == endpoint_id)
        .values(disabled_at=now, disabled_why=why)
    )
    session.execute(
        update(NotificationRow)
        .where(
            NotificationRow.endpoint_id == endpoint_id,
            NotificationRow.state == NotificationState.PENDING.value,
        )
        .values(state=NotificationState.PARKED.value)
    )


def enable(session: Session, endpoint_id: int) -> None:
    """Tell a webhook of what happens from now on."""
    session.execute(
        update(WebhookEndpointRow)
        .where(WebhookEndpointRow.id == endpoint_id)
        .values(disabled_at=None, disabled_why=None)
    )


def mute(session: Session, company_id: int, event: Event) -> None:
    """Send a company no more mails of `event`; again changes nothing."""
    insert_or_skip(session, MutedEventRow, {"company_id": company_id, "event": event.value})


def unmute(session: Session, company_id: int, event: Event) -> None:
    """Send a company mails of `event` again."""
    session.execute(
        delete(MutedEventRow).where(
            MutedEventRow.company_id == company_id, MutedEventRow.event == event.value
        )
    )


def muted_events(session: Session, company_id: int) -> frozenset[Event]:
    """Return what a company is not told by mail."""
    query = select(MutedEventRow.event).where(MutedEventRow.company_id == company_id)
    return frozenset(Event(event) for event in session.scalars(query))


def _endpoint(row: WebhookEndpointRow) -> Endpoint:
    return Endpoint(
        id=row.id,
        company_id=row.company_id,
        url=row.url,
        secret_sealed=row.secret_sealed,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        disabled_why=row.disabled_why,
    )
