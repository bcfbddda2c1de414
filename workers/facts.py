"""What a notification tells: the company's sums as they were, and what its event brought."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from gateway.hops import Route
from gateway.store import company_records, ledger, mails
from gateway.store.outbox import Notification


@dataclass(frozen=True, slots=True)
class Facts:
    """The values of the templates and of a webhook's data, and the way of the company's mail."""

    values: dict[str, object]
    route: Route


def gather(session: Session, claimed: Notification, admin_url: str) -> Facts:
    """Return the facts: the sums are those of the moment of the cause, if that is an entry."""
    record = company_records.get_company(session, claimed.company_id)
    entry_id = claimed.cause_entry_id
    seq = None if entry_id is None else ledger.seq_of(session, entry_id)
    balance = ledger.balance(session, claimed.company_id, up_to_seq=seq)
    values = {
        **claimed.facts,
        "candidate": _candidate_of(session, claimed),
        "company": record.company.name,
        "points": balance.points,
        "slots_available": balance.slots_available,
        "to_next": balance.to_next,
        "admin_url": admin_url,
    }
    return Facts(values, record.route)


def _candidate_of(session: Session, claimed: Notification) -> str:
    """Return the masked candidate of the mail it tells of, "" when none is known, or not any more.

    It is no fact of the row: who is forgotten in the log is forgotten here too.
    """
    queue_id = claimed.facts.get("queue_id")
    mail = None if queue_id is None else mails.find_mail(session, queue_id)
    return (mail.candidate_masked if mail else None) or ""
