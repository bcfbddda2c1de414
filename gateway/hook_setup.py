"""Webhooks as a company changes them, by command or page: each change is noted with who did it."""

import base64
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from gateway.keys.sealing import Seal
from gateway.store import webhooks
from gateway.store.company_changes import CompanyChange, note_change
from gateway.store.outbox import Event
from gateway.store.webhooks import WEBHOOK_SEAL, Endpoint, bound_to

_SECRET_BYTES = 32


def add_hook(  # noqa: PLR0913, PLR0917  a webhook is that much
    session: Session,
    key: bytes,
    company_id: int,
    url: str,
    events: Collection[Event] | None,
    actor: str,
    now: datetime,
) -> tuple[Endpoint, str]:
    """Add a webhook; return it with its secret as Standard Webhooks writes it, told only now.

    key     the installation's
    events  the events it is called for, None for all

    Raises ValueError when the company has as many as it may.
    """
    sealed, shown = _new_secret(key, company_id)
    made = webhooks.add_endpoint(session, company_id, url, sealed, now)
    webhooks.set_filter(session, made, events)
    _note(session, made, ("", _told_as(url, events)), actor, now)
    return webhooks.get_endpoint(session, made.id), shown


def rotate_hook(
    session: Session,
    key: bytes,
    endpoint: Endpoint,
    both_for: timedelta,
    actor: str,
    now: datetime,
) -> str:
    """Give a webhook a new secret, returned as add_hook() does; for a while the old one signs too.

    A receiver accepts a call if one of the signatures is right, so it may change over at any
    moment in that time.
    """
    sealed, shown = _new_secret(key, endpoint.company_id)
    webhooks.rotate_secret(session, endpoint, sealed, now + both_for)
    until = f"new secret; the old one until {now + both_for:%Y-%m-%d %H:%M} UTC"
    _note(session, endpoint, ("secret", until), actor, now)
    return shown


def tell_secret(key: bytes, endpoint: Endpoint) -> str:
    """Return the secret of a webhook as add_hook() does: to whom it was told and not seen."""
    secret = Seal(key, WEBHOOK_SEAL).unlock(endpoint.secret_sealed, bound_to(endpoint.company_id))
    return _written(secret)


def filter_hook(
    session: Session,
    endpoint: Endpoint,
    events: Collection[Event] | None,
    actor: str,
    now: datetime,
) -> None:
    """Call a webhook only for these events; None for all."""
    webhooks.set_filter(session, endpoint, events)
    told = _told_as(endpoint.url, endpoint.events), _told_as(endpoint.url, events)
    _note(session, endpoint, told, actor, now)


def remove_hook(session: Session, endpoint: Endpoint, actor: str, now: datetime) -> None:
    """Stop calling a webhook."""
    webhooks.disable(session, endpoint.id, "removed", actor, now)


def _new_secret(key: bytes, company_id: int) -> tuple[str, str]:
    secret = secrets.token_bytes(_SECRET_BYTES)
    sealed = Seal(key, WEBHOOK_SEAL).lock(secret, bound_to(company_id))
    return sealed, _written(secret)


def _written(secret: bytes) -> str:
    return "whsec_" + base64.b64encode(secret).decode()


def _told_as(url: str, events: Collection[Event] | None) -> str:
    return f"{url}: {'everything' if events is None else ', '.join(sorted(events))}"


def _note(
    session: Session, endpoint: Endpoint, change: tuple[str, str], actor: str, now: datetime
) -> None:
    old, new = change
    change_ = CompanyChange(now, actor, f"webhook {endpoint.id}", old, new)
    note_change(session, endpoint.company_id, change_)
