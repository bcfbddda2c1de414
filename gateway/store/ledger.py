"""The credit ledger: append-only, hash-chained entries per company; balances are sums.

Entries are written under the company's lock and never changed: constraints and triggers refuse
it (the migrations make them). What an entry means is gateway.core.account's affair.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from gateway.core.account import IN_USE, USES, Kind, SlotUse
from gateway.core.candidate import mask_addresses
from gateway.core.chain import GENESIS
from gateway.core.credit import POINTS_PER_SLOT, RULE_VERSION
from gateway.errors import NotFoundError
from gateway.store.company_rows import CompanyRow
from gateway.store.ledger_rows import LedgerEntryRow, SlotPointRow, hash_entry
from gateway.store.tables import table_of

MOST_REASON = 100

SETTLING_KINDS = (Kind.COUNTED.value, Kind.NOT_COUNTED.value)
"""Each settled referral has one entry of these kinds, each such entry a settled referral."""

_USE_KINDS = (*(kind.value for kind in USES), Kind.ADJUSTED.value)
_NO_END = 2**31 - 1  # no entry has a higher seq

# Settling a referral runs these, so they are built (and compiled) once, on tables instead of mapped
# classes: that costs a third.
_ENTRY, _COMPANY = table_of(LedgerEntryRow).c, table_of(CompanyRow).c
_IS_OWN = (
    _ENTRY.company_id == bindparam("company"),
    _ENTRY.seq <= bindparam("last"),
)
_LOCK = (
    select(_COMPANY.id).where(_COMPANY.id == bindparam("company")).with_for_update(key_share=True)
)
_NEWEST = (
    select(_ENTRY.seq, _ENTRY.hash)
    .where(_ENTRY.company_id == bindparam("company"))
    .order_by(_ENTRY.seq.desc())
    .limit(1)
)
_APPEND = table_of(LedgerEntryRow).insert().returning(_ENTRY.id)
_SUMS = select(_ENTRY.kind, func.count()).where(*_IS_OWN).group_by(_ENTRY.kind)
_USES = select(_ENTRY.slot, _ENTRY.kind, _ENTRY.became).where(
    _ENTRY.company_id == bindparam("company"),
    _ENTRY.seq.in_(
        select(func.max(_ENTRY.seq))
        .where(*_IS_OWN, _ENTRY.kind.in_(_USE_KINDS))
        .group_by(_ENTRY.slot)
    ),
)
_REVOKED = (
    select(_ENTRY.slot)
    .where(
        *_IS_OWN,
        _ENTRY.slot.is_not(None),
        _ENTRY.kind.in_((Kind.SLOT_EARNED.value, Kind.SLOT_REVOKED.value)),
    )
    .group_by(_ENTRY.slot)
    .having(func.sum(case((_ENTRY.kind == Kind.SLOT_REVOKED.value, 1), else_=-1)) > 0)
)
_AFTER = (
    select(LedgerEntryRow)
    .where(
        LedgerEntryRow.company_id == bindparam("company"),
        LedgerEntryRow.seq > bindparam("after"),
    )
    .order_by(LedgerEntryRow.seq)
)


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has its place in the chain."""

    kind: Kind
    referral_id: int | None = None
    reason: str | None = None
    actor: str = "settle"
    slot: int | None = None
    became: SlotUse | None = None
    rule_version: str = RULE_VERSION


@dataclass(frozen=True, slots=True)
class Point:
    """A counted entry, as what a slot is made of."""

    id: int
    seq: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a company's ledger.

    points  numbers (seq) of the entries that a slot is made of
    slot    which slot a later entry is about: the seq of the entry that first earned it
    became  what an adjusted slot is used for from now on
    """

    id: int
    company_id: int
    seq: int
    kind: Kind
    referral_id: int | None
    reason: str | None
    rule_version: str
    actor: str
    at: datetime
    prev_hash: str
    hash: str
    points: tuple[int, ...] = ()
    slot: int | None = None
    became: SlotUse | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """A company's sums.

    points           counted referrals that are in no slot yet, 0 to 9
    counted          counted referrals in all, without the voided ones
    slots_earned     ⌊counted / 10⌋
    slots_available  slots earned and not used; below zero: how many used slots are owed
    slots_in_use     slots reserved, introduced or hired
    slots_expired    slots that nobody used in time
    voided           referrals that had counted and were taken back
    """

    points: int
    counted: int
    slots_earned: int
    slots_available: int
    slots_in_use: int = 0
    slots_expired: int = 0
    voided: int = 0

    @property
    def to_next(self) -> int:
        """How many more referrals the next slot needs."""
        return POINTS_PER_SLOT - self.points


def lock_company(session: Session, company_id: int) -> None:
    """Wait until nobody else writes this company's ledger, or adds members or webhooks.

    The lock ends with the transaction. PostgreSQL: the company's row, FOR NO KEY UPDATE, which
    leaves mails and referrals free to name the company meanwhile. SQLite: a writing session holds
    the only write lock already.

    Raises NotFoundError when there is no such company.
    """
    if session.scalar(_LOCK, {"company": company_id}) is None:
        raise NotFoundError(f"There is no company with the number {company_id}.")


def append(
    session: Session,
    company_id: int,
    draft: Draft,
    now: datetime,
    points: Sequence[Point] = (),
) -> LedgerEntryRow:
    """Write the next entry of a company; the caller holds its lock (lock_company).

    points  for a slot_earned entry: the ten counted entries it is made of
    """
    last = session.execute(_NEWEST, {"company": company_id}).one_or_none()
    row = LedgerEntryRow(
        company_id=company_id,
        seq=1 if last is None else last.seq + 1,
        kind=draft.kind.value,
        referral_id=draft.referral_id,
        reason=draft.reason,
        rule_version=draft.rule_version,
        actor=draft.actor,
        at=now.astimezone(UTC),
        prev_hash=GENESIS if last is None else last.hash,
        slot=draft.slot,
        became=None if draft.became is None else draft.became.value,
    )
    row.hash = hash_entry(row, [point.seq for point in points])
    # Bypasses the session's unit of work, which costs four times as much.
    values = {name: getattr(row, name) for name in _ENTRY.keys() if name != "id"}  # noqa: SIM118
    row.id = session.execute(_APPEND, values).scalar_one()
    if points:
        _fill_slot(session, row, points)
    return row


def _fill_slot(session: Session, slot: LedgerEntryRow, points: Sequence[Point]) -> None:
    turns = _turns(session, [point.id for point in points])
    values = [
        {
            "company_id": slot.company_id,
            "slot_entry_id": slot.id,
            "ordinal": ordinal,
            "counted_entry_id": point.id,
            "turn": turns.get(point.id, 0) + 1,
        }
        for ordinal, point in enumerate(points, start=1)
    ]
    session.execute(table_of(SlotPointRow).insert(), values)


def _turns(session: Session, entry_ids: Sequence[int]) -> dict[int, int]:
    """Return how often each of these counted entries was in a slot, if it ever was."""
    query = (
        select(SlotPointRow.counted_entry_id, func.count())
        .where(SlotPointRow.counted_entry_id.in_(entry_ids))
        .group_by(SlotPointRow.counted_entry_id)
    )
    return dict(session.execute(query).all())


def clean_reason(words: str, most: int = MOST_REASON) -> str:
    """Return a reason as it is kept for ever: one line, addresses masked, not too long."""
    return mask_addresses(" ".join(words.split()))[:most]


def seq_of(session: Session, entry_id: int) -> int:
    """Return an entry's place in its company's ledger.

    Raises NotFoundError.
    """
    seq = session.scalar(select(LedgerEntryRow.seq).where(LedgerEntryRow.id == entry_id))
    if seq is None:
        raise NotFoundError(f"There is no ledger entry with the number {entry_id}.")
    return seq


def balance(session: Session, company_id: int, up_to_seq: int | None = None) -> Balance:
    """Return a company's sums, now or as they were at entry `up_to_seq`."""
    sums: dict[str, int] = dict(session.execute(_SUMS, _until(company_id, up_to_seq)).all())
    counted = sums.get(Kind.COUNTED, 0) - sums.get(Kind.VOID, 0)
    earned = sums.get(Kind.SLOT_EARNED, 0) - sums.get(Kind.SLOT_REVOKED, 0)
    uses = uses_of_slots(session, company_id, up_to_seq)
    in_use = sum(use in IN_USE for use in uses.values())
    expired = {slot for slot, use in uses.items() if use is SlotUse.EXPIRED}
    if expired:  # a revoked slot is gone, not expired
        expired -= revoked_slots(session, company_id, up_to_seq)
    return Balance(
        points=counted - POINTS_PER_SLOT * earned,
        counted=counted,
        slots_earned=earned,
        slots_available=earned - in_use - len(expired),
        slots_in_use=in_use,
        slots_expired=len(expired),
        voided=sums.get(Kind.VOID, 0),
    )


def uses_of_slots(
    session: Session, company_id: int, up_to_seq: int | None = None
) -> dict[int, SlotUse]:
    """Return the use of each slot that ever was used or corrected, by the slot's number."""
    found = session.execute(_USES, _until(company_id, up_to_seq))
    return {
        slot: SlotUse(became) if became else USES[Kind(kind)][1]
        for slot, kind, became in found
        if slot is not None
    }


def revoked_slots(session: Session, company_id: int, up_to_seq: int | None = None) -> set[int]:
    """Return the slots that gave their points back and have none again."""
    found = session.scalars(_REVOKED, _until(company_id, up_to_seq))
    return {slot for slot in found if slot is not None}


def _until(company_id: int, seq: int | None) -> dict[str, int]:
    return {"company": company_id, "last": _NO_END if seq is None else seq}


def entries(
    session: Session, company_id: int, *, after_seq: int = 0, limit: int | None = None
) -> tuple[Entry, ...]:
    """Return a company's entries in their order, from `after_seq` on, at most `limit`."""
    query = _AFTER if limit is None else _AFTER.limit(limit)
    rows = session.scalars(query, {"company": company_id, "after": after_seq}).all()
    return _with_points(session, rows)


def entries_of_referral(session: Session, referral_id: int) -> tuple[Entry, ...]:
    """Return the entries about a referral, and those that put it into a slot."""
    point = aliased(LedgerEntryRow)
    slots = (
        select(SlotPointRow.slot_entry_id)
        .join(point, point.id == SlotPointRow.counted_entry_id)
        .where(point.referral_id == referral_id)
    )
    query = select(LedgerEntryRow).where(
        or_(LedgerEntryRow.referral_id == referral_id, LedgerEntryRow.id.in_(slots))
    )
    return _with_points(session, session.scalars(query.order_by(LedgerEntryRow.seq)).all())


def _with_points(session: Session, rows: Sequence[LedgerEntryRow]) -> tuple[Entry, ...]:
    """Return entries, each slot with the points that it is made of."""
    slots = [row.id for row in rows if row.kind == Kind.SLOT_EARNED]
    points: dict[int, list[int]] = {}
    query = (
        select(SlotPointRow.slot_entry_id, LedgerEntryRow.seq)
        .join(LedgerEntryRow, LedgerEntryRow.id == SlotPointRow.counted_entry_id)
        .where(SlotPointRow.slot_entry_id.in_(slots))
        .order_by(SlotPointRow.slot_entry_id, SlotPointRow.ordinal)
    )
    for slot_entry_id, seq in session.execute(query) if slots else ():
        points.setdefault(slot_entry_id, []).append(seq)
    return tuple(_entry(row, tuple(points.get(row.id, ()))) for row in rows)


def entry_of_referral(session: Session, referral_id: int) -> Entry | None:
    """Return the entry that says whether a referral counted, or None before it is settled."""
    row = session.scalars(
        select(LedgerEntryRow).where(
            LedgerEntryRow.referral_id == referral_id,
            LedgerEntryRow.kind.in_(SETTLING_KINDS),
        )
    ).one_or_none()
    return None if row is None else _entry(row, ())


def _entry(row: LedgerEntryRow, points: tuple[int, ...]) -> Entry:
    return Entry(
        id=row.id,
        company_id=row.company_id,
        seq=row.seq,
        kind=Kind(row.kind),
        referral_id=row.referral_id,
        reason=row.reason,
        rule_version=row.rule_version,
        actor=row.actor,
        at=row.at,
        prev_hash=row.prev_hash,
        hash=row.hash,
        points=points,
        slot=row.slot,
        became=None if row.became is None else SlotUse(row.became),
    )
