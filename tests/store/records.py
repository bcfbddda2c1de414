"""Values that the store's tests write: companies, mails and referrals with all fields filled."""

import hashlib
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gateway.core.candidate import CandidateHash, Masked
from gateway.core.link import MessageKey
from gateway.core.verdict import Evidence, Verdict
from gateway.core.why import Action, Why
from gateway.settings import HostPort
from gateway.store.brakes import BrakeRow
from gateway.store.companies import add_company
from gateway.store.company_records import CompanyRecord
from gateway.store.engine import writing_session
from gateway.store.mails import MailRecord
from gateway.store.reservations import NewReferral
from tests.store import reserving

NOW = datetime(2026, 4, 1, 9, 30, 15, 123456, tzinfo=UTC)


def digest(text: str) -> str:
    """Return 64 hexadecimal digits that stand for `text`."""
    return hashlib.sha256(text.encode()).hexdigest()


def write_company(engine: Engine, name: str = "Sakura", contact: str = "") -> CompanyRecord:
    """Add a company with one domain of its own; notifications go to `contact`."""
    with writing_session(engine).begin() as session:
        record, _password = add_company(
            session,
            name=name,
            domains=[f"{name.lower()}.example"],
            next_hop=HostPort("127.0.0.1", 2526),
            contact=contact or f"hr@{name.lower()}.example",
            now=NOW,
        )
    return record


def make_mail(company_id: int, queue_id: str) -> MailRecord:
    """Return a mail log line before the next hop answered."""
    return MailRecord(
        queue_id=queue_id,
        company_id=company_id,
        at=NOW,
        verdict=Verdict.REJECTION,
        score=0.93,
        rules_version="1",
        why=Why.LINK_ADDED,
        evidence=(Evidence("ja.regret", 0.6, "1", 10, 20, "残念ながら"),),
        action=Action.INJECTED,
        parts=("1", "1.2"),
        size_bytes=4321,
        recipients=1,
        candidate_masked=Masked("t•••@example.com"),
    )


def make_referral(company_id: int, message: str, candidate: str) -> NewReferral:
    """Return a referral that two texts identify."""
    return NewReferral(
        company_id=company_id,
        candidate_hash=CandidateHash(digest(candidate)),
        masked=Masked(f"{candidate[:1]}•••@example.com"),
        message_key=MessageKey(digest(message)),
        token_hash=digest(f"{company_id}/{message}/{candidate}"),
    )


def relay(
    session: Session, company_id: int, message: str, candidate: str, now: datetime = NOW
) -> int:
    """Reserve and confirm one referral, as the gateway does; return its id."""
    new = make_referral(company_id, message, candidate)
    record = make_mail(company_id, f"{company_id}-{message}-{candidate}")
    reservation = reserving.reserve(session, new, record, now)
    assert reservation.referral_id is not None
    reserving.confirm(session, reservation.referral_id, now)
    return reservation.referral_id


def pull_brake(session: Session, company_id: int, cause: str, now: datetime) -> None:
    """Leave a company's brake pulled, without limits by which it would pull itself."""
    row = BrakeRow(company_id=company_id, most_per_minute=0, same_candidate_minutes=0, cause=cause)
    row.pulled_at = now
    session.add(row)
    session.flush()
