"""Slots and what becomes of them: reserved, introduced, hired, returned, expired, corrected."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from gateway.core.account import IN_USE, USES, Kind, SlotUse
from gateway.errors import CareerRelayError, NotFoundError, TakenError
from gateway.store import points
from gateway.store.announce import News, announce
from gateway.store.ledger import (
    Draft,
    append,
    clean_reason,
    lock_company,
    revoked_slots,
    uses_of_slots,
)
from gateway.store.ledger_rows import LedgerEntryRow
from gateway.store.outbox import Event
from gateway.store.rules import CountingRuleRow, rules_by_version
from gateway.store.tables import table_of

EXPIRY_ACTOR = "expiry"

_TOLD = {
    Kind.RESERVED: Event.SLOT_USED,
    Kind.RETURNED: Event.SLOT_RETURNED,
    Kind.EXPIRED: Event.SLOT_EXPIRED,
}
"""What a company is told about a slot; it knows by itself who was introduced or hired."""

_ENTRY = table_of(LedgerEntryRow).c
_EARNED = (
    select(_ENTRY.seq, _ENTRY.at, _ENTRY.rule_version)
    .where(
        _ENTRY.company_id == bindparam("company"),
        _ENTRY.kind == Kind.SLOT_EARNED.value,
        _ENTRY.slot.is_(None),
    )
    .order_by(_ENTRY.seq)
)


@dataclass(frozen=True, slots=True)
class SlotState:
    """A slot as it stands; an available one has its ten points, or it would be gone.

    number     the entry that first earned it
    is_earned  whether it has its ten points; a slot in use without them is owed
    earned_at  when it got its points the first time
    """

    number: int
    use: SlotUse
    is_earned: bool
    earned_at: datetime
    rule_version: str


def list_slots(session: Session, company_id: int) -> tuple[SlotState, ...]:
    """Return a company's slots, oldest first; revoked slots that are not owed are left out."""
    return tuple(_slots(session, company_id))


def _slots(session: Session, company_id: int) -> Iterator[SlotState]:
    revoked = revoked_slots(session, company_id)
    uses = uses_of_slots(session, company_id)
    for number, at, version in session.execute(_EARNED, {"company": company_id}):
        use = uses.get(number, SlotUse.AVAILABLE)
        if number not in revoked or use in IN_USE:
            yield SlotState(number, use, number not in revoked, at, version)


def reserve_slot(
    session: Session, company_id: int, actor: str, now: datetime, reason: str = ""
) -> int:
    """Reserve the oldest available slot for one hiring; return its number.

    Raises TakenError when there is none.
    """
    lock_company(session, company_id)
    slots = _slots(session, company_id)
    found = next((slot for slot in slots if slot.use is SlotUse.AVAILABLE), None)
    if found is None:
        raise TakenError("There is no available slot.")
    return _write(
        session, company_id, Draft(Kind.RESERVED, slot=found.number), (reason, actor, now)
    )


def use_slot(  # noqa: PLR0913, PLR0917  which slot, what, and who says so
    session: Session,
    company_id: int,
    slot: int,
    kind: Kind,
    actor: str,
    now: datetime,
    reason: str = "",
) -> int:
    """Write what became of a slot: RESERVED, INTRODUCED, HIRED, RETURNED or EXPIRED.

    Raises NotFoundError when the company has no such slot, TakenError when its use does not
    lead there.
    """
    lock_company(session, company_id)
    state = _find(session, company_id, slot)
    before, _ = USES[kind]
    if state.use not in before:
        raise TakenError(f"Slot {slot} is {state.use}.")
    return _write(session, company_id, Draft(kind, slot=slot), (reason, actor, now))


def adjust_slot(  # noqa: PLR0913, PLR0917
    session: Session,
    company_id: int,
    slot: int,
    became: SlotUse,
    reason: str,
    actor: str,
    now: datetime,
) -> int:
    """Correct what a slot is used for; the reason stays in the ledger.

    Raises NotFoundError when the company has no such slot, CareerRelayError without a reason.
    """
    if not reason.strip():
        raise CareerRelayError("a correction needs a reason")
    lock_company(session, company_id)
    _find(session, company_id, slot)
    draft = Draft(Kind.ADJUSTED, slot=slot, became=became)
    return _write(session, company_id, draft, (reason, actor, now))


def expire_due(session: Session, company_id: int, now: datetime) -> int:
    """Let slots expire that were not used within the time their rule gives; return how many."""
    lock_company(session, company_id)
    old = [slot.number for slot, ends_at in _ending(session, company_id) if ends_at <= now]
    for number in old:
        _write(session, company_id, Draft(Kind.EXPIRED, slot=number), ("", EXPIRY_ACTOR, now))
    return len(old)


def expiring(
    session: Session, company_id: int, until: datetime
) -> tuple[tuple[int, datetime], ...]:
    """Return the available slots that expire before `until`, and when."""
    ending = _ending(session, company_id)
    return tuple((slot.number, ends_at) for slot, ends_at in ending if ends_at < until)


def _ending(session: Session, company_id: int) -> Iterator[tuple[SlotState, datetime]]:
    """Yield the available slots whose rule gives them an end; one that nobody knows gives none."""
    rules = rules_by_version(session, company_id)
    for slot in _slots(session, company_id):
        rule = rules.get(slot.rule_version)
        if rule is not None and rule.slot_days and slot.use is SlotUse.AVAILABLE:
            yield slot, slot.earned_at + timedelta(days=rule.slot_days)


def companies_with_expiry(session: Session) -> tuple[int, ...]:
    """Return the companies that have, or had, a rule by which slots expire."""
    query = select(CountingRuleRow.company_id).where(CountingRuleRow.slot_days > 0)
    return tuple(session.scalars(query.distinct().order_by(CountingRuleRow.company_id)))


def _find(session: Session, company_id: int, number: int) -> SlotState:
    found = next((s for s in _slots(session, company_id) if s.number == number), None)
    if found is None:
        raise NotFoundError(f"There is no slot {number}.")
    return found


def _write(session: Session, company_id: int, draft: Draft, by: tuple[str, str, datetime]) -> int:
    reason, actor, now = by
    entry = Draft(
        draft.kind,
        reason=clean_reason(reason) or None,
        actor=actor,
        slot=draft.slot,
        became=draft.became,
    )
    written = append(session, company_id, entry, now)
    points.put_in_order(session, company_id, actor, now)
    event = _TOLD.get(draft.kind)
    if event is not None:
        news = News(event, facts={"slot": draft.slot}, entry_id=written.id)
        announce(session, company_id, news, now)
    return draft.slot or 0
