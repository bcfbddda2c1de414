"""Points and the slots they make: which are free, which slots are owed, and what must follow."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from gateway.core.account import IN_USE, Kind, SlotUse, Step, next_step
from gateway.core.credit import COUNTS_AGAIN_AFTER
from gateway.store.ledger import Draft, append, revoked_slots, uses_of_slots
from gateway.store.ledger_rows import LedgerEntryRow, SlotPointRow
from gateway.store.referrals import ReferralRow


def counted_near(
    session: Session, referral_id: int, window: timedelta = COUNTS_AGAIN_AFTER
) -> tuple[datetime, ...]:
    """Return when counted referrals of the same candidate and company were relayed.

    Only those less than `window` away from this referral's own time, and none that was voided.
    """
    this, other = aliased(ReferralRow), aliased(ReferralRow)
    relayed_at = session.scalar(select(this.relayed_at).where(this.id == referral_id))
    if relayed_at is None:
        return ()
    query = (
        select(other.relayed_at)
        .join(this, (other.company_id == this.company_id))
        .join(LedgerEntryRow, LedgerEntryRow.referral_id == other.id)
        .where(
            this.id == referral_id,
            other.candidate_hash == this.candidate_hash,
            other.relayed_at > relayed_at - window,
            other.relayed_at < relayed_at + window,
            LedgerEntryRow.kind == Kind.COUNTED.value,
            ~_is_voided(),
        )
    )
    return tuple(moment for moment in session.scalars(query) if moment is not None)


def open_points(session: Session, company_id: int) -> list[LedgerEntryRow]:
    """Return the counted entries that are in no slot, oldest first.

    A slot takes the oldest ten. So what is free came after the last point of the newest slot, or
    was given back by a slot revoked since: only that is read, however long the ledger is.
    """
    newest = session.execute(
        select(LedgerEntryRow.id, LedgerEntryRow.seq)
        .where(
            LedgerEntryRow.company_id == company_id,
            LedgerEntryRow.kind == Kind.SLOT_EARNED.value,
        )
        .order_by(LedgerEntryRow.seq.desc())
        .limit(1)
    ).one_or_none()
    is_new: ColumnElement[bool] = LedgerEntryRow.seq > 0
    if newest is not None:
        last_used, given_back = _since(session, company_id, newest.id, newest.seq)
        is_new = or_(LedgerEntryRow.seq > last_used, LedgerEntryRow.id.in_(given_back))
        is_new = is_new if given_back else LedgerEntryRow.seq > last_used
    return list(
        session.scalars(
            select(LedgerEntryRow)
            .where(
                LedgerEntryRow.company_id == company_id,
                LedgerEntryRow.kind == Kind.COUNTED.value,
                is_new,
                ~_is_voided(),
                ~_is_in_a_slot(),
            )
            .order_by(LedgerEntryRow.seq)
        )
    )


def _since(
    session: Session, company_id: int, slot_entry_id: int, slot_seq: int
) -> tuple[int, Sequence[int]]:
    """Return the last point of the newest slot, and the points given back after it was earned."""
    last_used = session.scalar(
        select(func.max(LedgerEntryRow.seq))
        .join(SlotPointRow, SlotPointRow.counted_entry_id == LedgerEntryRow.id)
        .where(SlotPointRow.slot_entry_id == slot_entry_id)
    )
    revoked = session.scalars(
        select(LedgerEntryRow.slot).where(
            LedgerEntryRow.company_id == company_id,
            LedgerEntryRow.kind == Kind.SLOT_REVOKED.value,
            LedgerEntryRow.seq > slot_seq,
        )
    ).all()
    if not revoked:
        return last_used or 0, ()
    of_slot = select(LedgerEntryRow.id).where(
        LedgerEntryRow.company_id == company_id,
        LedgerEntryRow.kind == Kind.SLOT_EARNED.value,
        or_(
            LedgerEntryRow.slot.in_(revoked),
            LedgerEntryRow.slot.is_(None) & LedgerEntryRow.seq.in_(revoked),
        ),
    )
    given_back = select(SlotPointRow.counted_entry_id).where(
        SlotPointRow.slot_entry_id.in_(session.scalars(of_slot).all())
    )
    return last_used or 0, session.scalars(given_back.distinct()).all()


def _is_voided() -> ColumnElement[bool]:
    """Return the condition that a counted entry's referral was voided."""
    void = aliased(LedgerEntryRow)
    return exists().where(
        void.referral_id == LedgerEntryRow.referral_id, void.kind == Kind.VOID.value
    )


def _is_in_a_slot() -> ColumnElement[bool]:
    """Return the condition that a counted entry is one of the ten of a slot that has them."""
    slot, revoked = aliased(LedgerEntryRow), aliased(LedgerEntryRow)
    is_revoked = exists().where(
        revoked.company_id == slot.company_id,
        revoked.slot == func.coalesce(slot.slot, slot.seq),
        revoked.kind == Kind.SLOT_REVOKED.value,
        revoked.seq > slot.seq,
    )
    return exists().where(
        SlotPointRow.counted_entry_id == LedgerEntryRow.id,
        slot.id == SlotPointRow.slot_entry_id,
        ~is_revoked,
    )


def slot_of(session: Session, entry_id: int) -> int | None:
    """Return the slot that a counted entry is in now, None when it is a free point."""
    in_slot = (
        select(func.coalesce(LedgerEntryRow.slot, LedgerEntryRow.seq), LedgerEntryRow.company_id)
        .join(SlotPointRow, SlotPointRow.slot_entry_id == LedgerEntryRow.id)
        .where(SlotPointRow.counted_entry_id == entry_id)
        .order_by(LedgerEntryRow.seq.desc())
        .limit(1)
    )
    found = session.execute(in_slot).one_or_none()
    if found is None:
        return None
    slot, company_id = found
    return None if slot in revoked_slots(session, company_id) else int(slot)


def is_first_counted(session: Session, entry: LedgerEntryRow) -> bool:
    """Tell whether a counted entry is the first one of its company."""
    earlier = select(LedgerEntryRow.id).where(
        LedgerEntryRow.company_id == entry.company_id,
        LedgerEntryRow.kind == Kind.COUNTED.value,
        LedgerEntryRow.seq < entry.seq,
    )
    return session.scalar(earlier.limit(1)) is None


def put_in_order(
    session: Session, company_id: int, actor: str, now: datetime
) -> list[LedgerEntryRow]:
    """Write the entries that must follow by gateway.core.account; return them.

    The caller holds the company's lock.
    """
    written: list[LedgerEntryRow] = []
    while True:
        free = open_points(session, company_id)
        owed, available = _owed_and_available(session, company_id)
        step = next_step([point.seq for point in free], owed, available)
        if step is None:
            return written
        written.append(_write(session, company_id, step, free, (actor, now)))


def _write(
    session: Session,
    company_id: int,
    step: Step,
    free: Sequence[LedgerEntryRow],
    by: tuple[str, datetime],
) -> LedgerEntryRow:
    actor, now = by
    points = [point for point in free if point.seq in step.points]
    draft = Draft(step.kind, actor=actor, slot=step.slot)
    return append(session, company_id, draft, now, points)


def _owed_and_available(session: Session, company_id: int) -> tuple[list[int], list[int]]:
    """Return the slots that are owed, oldest first, and of the available ones the newest."""
    revoked = revoked_slots(session, company_id)
    if not revoked:
        return [], []
    uses = uses_of_slots(session, company_id)
    owed = sorted(slot for slot in revoked if uses.get(slot) in IN_USE)
    if not owed:
        return [], []
    taken = {slot for slot, use in uses.items() if use is not SlotUse.AVAILABLE} | revoked
    earned = session.scalars(
        select(LedgerEntryRow.seq)
        .where(
            LedgerEntryRow.company_id == company_id,
            LedgerEntryRow.kind == Kind.SLOT_EARNED.value,
            LedgerEntryRow.slot.is_(None),
        )
        .order_by(LedgerEntryRow.seq.desc())
    )
    newest = next((seq for seq in earned if seq not in taken), None)
    return owed, [] if newest is None else [newest]
