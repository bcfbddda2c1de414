"""Points and the slots they make: which are free, which slots are owed, and what must follow."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from gateway.core.account import IN_USE, Kind, SlotUse, Step, next_step
from gateway.core.credit import COUNTS_AGAIN_AFTER, Facts, Habit
from gateway.store.ledger import Draft, Point, append, revoked_slots, uses_of_slots
from gateway.store.ledger_rows import LedgerEntryRow, SlotPointRow
from gateway.store.referrals import ReferralRow
from gateway.store.rules import rule_at
from gateway.store.tables import table_of

# Settling a referral runs these, so they are built (and compiled) once, on tables instead of mapped
# classes: that costs a third.
_ENTRIES, _SLOTS, _OTHERS = (table_of(LedgerEntryRow).alias() for _ in range(3))
_POINTS, _REFERRALS = table_of(SlotPointRow), table_of(ReferralRow)
_ENTRY, _SLOT, _OTHER = _ENTRIES.c, _SLOTS.c, _OTHERS.c
_POINT, _REFERRAL, _REVOKED = _POINTS.c, _REFERRALS.c, table_of(LedgerEntryRow).alias().c
_IS_VOIDED = exists().where(
    _OTHER.referral_id == _ENTRY.referral_id, _OTHER.kind == Kind.VOID.value
)
_IS_REVOKED = exists().where(
    _REVOKED.company_id == _SLOT.company_id,
    _REVOKED.slot == func.coalesce(_SLOT.slot, _SLOT.seq),
    _REVOKED.kind == Kind.SLOT_REVOKED.value,
    _REVOKED.seq > _SLOT.seq,
)
_IS_IN_A_SLOT = exists().where(
    _POINT.counted_entry_id == _ENTRY.id, _SLOT.id == _POINT.slot_entry_id, ~_IS_REVOKED
)
_COUNTED_NEAR = (
    select(_REFERRAL.relayed_at)
    .select_from(_REFERRALS)
    .join(_ENTRIES, _ENTRY.referral_id == _REFERRAL.id)
    .where(
        _REFERRAL.company_id == bindparam("company"),
        _REFERRAL.candidate_hash == bindparam("candidate"),
        _REFERRAL.relayed_at > bindparam("after"),
        _REFERRAL.relayed_at < bindparam("before"),
        _ENTRY.kind == Kind.COUNTED.value,
        ~_IS_VOIDED,
    )
)
_FREE = (
    select(_ENTRY.id, _ENTRY.seq)
    .where(
        _ENTRY.company_id == bindparam("company"),
        _ENTRY.kind == Kind.COUNTED.value,
        ~_IS_VOIDED,
        ~_IS_IN_A_SLOT,
    )
    .order_by(_ENTRY.seq)
)
_FREE_AFTER = _FREE.where(_ENTRY.seq > bindparam("last_used"))
_FREE_AGAIN = _FREE.where(_ENTRY.id.in_(bindparam("given_back", expanding=True)))
_NEWEST_SLOT = (
    select(_ENTRY.seq, func.max(_OTHER.seq).label("last_used"))
    .select_from(_ENTRIES)
    .join(_POINTS, _POINT.slot_entry_id == _ENTRY.id)
    .join(_OTHERS, _OTHER.id == _POINT.counted_entry_id)
    .where(
        _ENTRY.id
        == select(_SLOT.id)
        .where(
            _SLOT.company_id == bindparam("company"),
            _SLOT.kind == Kind.SLOT_EARNED.value,
        )
        .order_by(_SLOT.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    .group_by(_ENTRY.seq)
)
_REVOKED_SINCE = select(_ENTRY.slot).where(
    _ENTRY.company_id == bindparam("company"),
    _ENTRY.kind == Kind.SLOT_REVOKED.value,
    _ENTRY.seq > bindparam("slot_seq"),
)


_COUNTED_BEFORE = (
    select(_ENTRY.id)
    .where(
        _ENTRY.company_id == bindparam("company"),
        _ENTRY.kind == Kind.COUNTED.value,
        _ENTRY.seq < bindparam("seq"),
    )
    .limit(1)
)
_SEQ_AT = (
    select(_ENTRY.seq)
    .where(_ENTRY.company_id == bindparam("company"), _ENTRY.at <= bindparam("moment"))
    .order_by(_ENTRY.at.desc(), _ENTRY.seq.desc())
    .limit(1)
)


def counted_near(
    session: Session, company_id: int, facts: Facts, window: timedelta = COUNTS_AGAIN_AFTER
) -> tuple[datetime, ...]:
    """Return when counted referrals of the same candidate and company were relayed.

    Only those less than `window` away from this referral's own time, and none that was voided.
    """
    values = {
        "company": company_id,
        "candidate": facts.candidate,
        "after": facts.relayed_at - window,
        "before": facts.relayed_at + window,
    }
    found = session.scalars(_COUNTED_NEAR, values)
    return tuple(moment for moment in found if moment is not None)


def open_points(session: Session, company_id: int) -> list[Point]:
    """Return the counted entries that are in no slot, oldest first.

    A slot takes the oldest ten. So a free point came after the last point of the newest slot, or a
    slot revoked since then gave it back: only these are read, however long the ledger is.
    """
    company = {"company": company_id}
    newest = session.execute(_NEWEST_SLOT, company).one_or_none()
    if newest is None:
        return _read_points(session, _FREE_AFTER, company | {"last_used": 0})
    free = _read_points(session, _FREE_AFTER, company | {"last_used": newest.last_used})
    revoked = session.scalars(_REVOKED_SINCE, company | {"slot_seq": newest.seq}).all()
    if not revoked:
        return free
    given_back = _given_back(session, company_id, revoked)
    again = _read_points(session, _FREE_AGAIN, company | {"given_back": given_back})
    return sorted({*free, *again}, key=lambda point: point.seq)


def _read_points(session: Session, query: Executable, values: Mapping[str, Any]) -> list[Point]:
    return [Point(id_, seq) for id_, seq in session.execute(query, values)]


def _given_back(session: Session, company_id: int, revoked: Sequence[int | None]) -> Sequence[int]:
    """Return the points that these slots ever had."""
    of_slot = select(LedgerEntryRow.id).where(
        LedgerEntryRow.company_id == company_id,
        LedgerEntryRow.kind == Kind.SLOT_EARNED.value,
        or_(
            LedgerEntryRow.slot.in_(revoked),
            LedgerEntryRow.slot.is_(None) & LedgerEntryRow.seq.in_(revoked),
        ),
    )
    points = select(SlotPointRow.counted_entry_id).where(
        SlotPointRow.slot_entry_id.in_(session.scalars(of_slot).all())
    )
    return session.scalars(points.distinct()).all()


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
    earlier = {"company": entry.company_id, "seq": entry.seq}
    return session.scalar(_COUNTED_BEFORE, earlier) is None


def habit_of(session: Session, company_id: int, now: datetime, at_least: int) -> Habit:
    """Return how busy a company's ledger is, from differences of seq: no rows are counted.

    at_least  with fewer entries today the days before are not read: it is no burst anyway
    """
    a_day_ago = now - timedelta(days=1)
    before = _seq_at(session, company_id, a_day_ago)
    today = _seq_at(session, company_id, now) - before
    if today < at_least:
        return Habit(today, 0, 0)
    first = session.scalar(
        select(LedgerEntryRow.at).where(
            LedgerEntryRow.company_id == company_id, LedgerEntryRow.seq == 1
        )
    )
    days = 0.0 if first is None else max(0.0, (a_day_ago - first) / timedelta(days=1))
    four_weeks_before = _seq_at(session, company_id, a_day_ago - timedelta(days=28))
    return Habit(today, before - four_weeks_before, days)


def _seq_at(session: Session, company_id: int, moment: datetime) -> int:
    return session.scalar(_SEQ_AT, {"company": company_id, "moment": moment}) or 0


def put_in_order(
    session: Session, company_id: int, actor: str, now: datetime
) -> list[LedgerEntryRow]:
    """Write the entries that must follow (see gateway.core.account); return them.

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
    free: Sequence[Point],
    by: tuple[str, datetime],
) -> LedgerEntryRow:
    actor, now = by
    points = [point for point in free if point.seq in step.points]
    rule = rule_at(session, company_id, now)
    draft = Draft(step.kind, actor=actor, slot=step.slot, rule_version=rule.version)
    return append(session, company_id, draft, now, points)


def _owed_and_available(session: Session, company_id: int) -> tuple[list[int], list[int]]:
    """Return the owed slots, oldest first, and the newest available one (only if any is owed)."""
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
