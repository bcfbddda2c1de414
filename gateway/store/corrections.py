"""Taking a referral back: a new entry reverses an earlier one; nothing is ever changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from gateway.core.account import Kind
from gateway.core.credit import NotCounted
from gateway.errors import NotFoundError
from gateway.store import holds, ledger, points, referrals
from gateway.store.announce import News, announce
from gateway.store.ledger import Balance, Draft, append, balance
from gateway.store.ledger_rows import LedgerEntryRow
from gateway.store.outbox import Event

_WITHDRAWAL = select(LedgerEntryRow).where(
    LedgerEntryRow.referral_id == bindparam("referral"),
    LedgerEntryRow.kind.in_((Kind.VOID.value, Kind.WITHDRAWN.value)),
)


@dataclass(frozen=True, slots=True)
class Correction:
    """What void() did.

    kind    VOID took a point back; WITHDRAWN means that there was none
    seq     the entry's place in the company's ledger
    is_new  False when the referral had been taken back before: nothing was written
    """

    company_id: int
    kind: Kind
    seq: int
    is_new: bool
    balance: Balance


def void(session: Session, referral_id: int, reason: str, actor: str, now: datetime) -> Correction:
    """Take a referral back: its point is reversed, or it will never get one.

    reason  in a few words, kept for ever: addresses in it are masked

    A slot that loses one of its ten is revoked, and whatever must follow is written too. A second
    time changes nothing. The candidate's link goes on working, and says that the notice was
    withdrawn.

    Raises NotFoundError when there is no such referral.
    """
    company_id = referrals.company_of(session, referral_id)
    if company_id is None:
        raise NotFoundError(f"There is no referral with the number {referral_id}.")
    ledger.lock_company(session, company_id)
    earlier = _withdrawal(session, referral_id)
    if earlier is not None:
        sums = balance(session, company_id)
        return Correction(company_id, Kind(earlier.kind), earlier.seq, is_new=False, balance=sums)
    draft = Draft(Kind.VOID, referral_id, ledger.clean_reason(reason), actor)
    entry = _take_back(session, company_id, draft, now)
    announce(
        session,
        company_id,
        News(
            Event.REFERRAL_VOIDED,
            facts={"referral": referral_id, "reason": draft.reason or ""},
            entry_id=entry.id,
        ),
        now,
    )
    return Correction(
        company_id, Kind(entry.kind), entry.seq, is_new=True, balance=balance(session, company_id)
    )


def is_withdrawn(session: Session, referral_id: int) -> bool:
    """Tell whether a referral was taken back."""
    return _withdrawal(session, referral_id) is not None


def _withdrawal(session: Session, referral_id: int) -> LedgerEntryRow | None:
    return session.scalars(_WITHDRAWAL, {"referral": referral_id}).one_or_none()


def _take_back(session: Session, company_id: int, draft: Draft, now: datetime) -> LedgerEntryRow:
    settled = ledger.entry_of_referral(session, draft.referral_id or 0)
    if settled is None or settled.kind is not Kind.COUNTED:
        return _withdraw(session, company_id, draft, now)
    slot = points.slot_of(session, settled.id)
    entry = append(session, company_id, draft, now)
    if slot is not None:
        revoked = Draft(Kind.SLOT_REVOKED, actor=draft.actor, slot=slot)
        append(session, company_id, revoked, now)
        points.put_in_order(session, company_id, draft.actor, now)
    return entry


def _withdraw(session: Session, company_id: int, draft: Draft, now: datetime) -> LedgerEntryRow:
    """Write down that a referral without a point is taken back, and that it gets none."""
    entry = append(
        session,
        company_id,
        Draft(Kind.WITHDRAWN, draft.referral_id, draft.reason, draft.actor),
        now,
    )
    referral_id = draft.referral_id or 0
    was_held = holds.take(session, referral_id) is not None
    if was_held or referrals.settle_once(session, referral_id, now) is not None:
        no_point = Draft(Kind.NOT_COUNTED, referral_id, NotCounted.VOIDED.value, draft.actor)
        append(session, company_id, no_point, now)
    return entry
