"""The credit ledger: append-only, hash-chained entries per company; balances are sums.

Points are counted referrals that are in no slot yet. When there are ten, a slot_earned entry
names them in `slot_point`, each once for ever: constraints refuse an eleventh and a second use,
triggers refuse to change or delete what stands here (the migration makes them).
"""

import enum
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from gateway.core.credit import COUNTS_AGAIN_AFTER, POINTS_PER_SLOT, RULE_VERSION
from gateway.errors import NotFoundError
from gateway.store.company_rows import CompanyRow
from gateway.store.referrals import ReferralRow
from gateway.store.tables import Base, BigId

GENESIS = "0" * 64
"""What the first entry of every company has for `prev_hash`."""

_SETTLED = "kind IN ('counted', 'not_counted')"


class Kind(enum.StrEnum):
    """What an entry says; later kinds (void, reserved, introduced, …) are further words."""

    COUNTED = "counted"  # one point
    NOT_COUNTED = "not_counted"  # no point, `reason` says why
    SLOT_EARNED = "slot_earned"  # ten points became one slot


SETTLING_KINDS = (Kind.COUNTED.value, Kind.NOT_COUNTED.value)
"""What a settled referral has one entry of, and every such entry has a settled referral."""


class LedgerEntryRow(Base):
    """One entry; `seq` counts 1, 2, 3 … within the company, `hash` covers all but the id."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("company_id", "seq"),
        UniqueConstraint("id", "company_id"),  # for slot_point's foreign keys
        CheckConstraint(f"NOT ({_SETTLED}) OR referral_id IS NOT NULL", name="names_referral"),
        Index("ix_ledger_entry_company_id_kind_seq", "company_id", "kind", "seq"),
        Index("ix_ledger_entry_referral_id", "referral_id"),
        Index(
            "uq_ledger_entry_settled_referral",
            "referral_id",
            unique=True,
            sqlite_where=text(_SETTLED),
            postgresql_where=text(_SETTLED),
        ),
    )

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    referral_id: Mapped[int | None] = mapped_column(ForeignKey("referral.id"))
    reason: Mapped[str | None] = mapped_column(String(100))
    rule_version: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class SlotPointRow(Base):
    """One of the ten counted entries that a slot was made of."""

    __tablename__ = "slot_point"
    __table_args__ = (
        UniqueConstraint("slot_entry_id", "ordinal"),
        UniqueConstraint("counted_entry_id"),
        CheckConstraint(f"ordinal BETWEEN 1 AND {POINTS_PER_SLOT}", name="ordinal"),
        ForeignKeyConstraint(
            ["slot_entry_id", "company_id"], ["ledger_entry.id", "ledger_entry.company_id"]
        ),
        ForeignKeyConstraint(
            ["counted_entry_id", "company_id"], ["ledger_entry.id", "ledger_entry.company_id"]
        ),
    )

    company_id: Mapped[int] = mapped_column(BigId)
    slot_entry_id: Mapped[int] = mapped_column(BigId)
    ordinal: Mapped[int]
    counted_entry_id: Mapped[int] = mapped_column(BigId)


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has its place in the chain."""

    kind: Kind
    referral_id: int | None = None
    reason: str | None = None
    actor: str = "settle"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a company's ledger; `points` are the ids of the entries a slot is made of."""

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


@dataclass(frozen=True, slots=True)
class Balance:
    """A company's sums.

    points           counted referrals that are in no slot yet, 0 to 9
    counted          counted referrals in all
    slots_earned     slots in all
    slots_available  slots not used yet
    """

    points: int
    counted: int
    slots_earned: int
    slots_available: int

    @property
    def to_next(self) -> int:
        """How many referrals are missing to the next slot."""
        return POINTS_PER_SLOT - self.points


def lock_company(session: Session, company_id: int) -> None:
    """Wait until nobody else writes this company's ledger; the lock ends with the transaction.

    PostgreSQL: the company's row, FOR NO KEY UPDATE, which leaves mails and referrals free to
    name the company meanwhile. SQLite: a writing session holds the only write lock already.

    Raises NotFoundError when there is no such company.
    """
    query = select(CompanyRow.id).where(CompanyRow.id == company_id)
    if session.scalar(query.with_for_update(key_share=True)) is None:
        raise NotFoundError(f"There is no company with the number {company_id}.")


def append(
    session: Session,
    company_id: int,
    draft: Draft,
    now: datetime,
    points: Sequence[LedgerEntryRow] = (),
) -> LedgerEntryRow:
    """Write the next entry of a company; the caller holds its lock (lock_company).

    points  for a slot_earned entry: the ten counted entries it is made of
    """
    last = session.scalars(
        select(LedgerEntryRow)
        .where(LedgerEntryRow.company_id == company_id)
        .order_by(LedgerEntryRow.seq.desc())
        .limit(1)
    ).one_or_none()
    row = LedgerEntryRow(
        company_id=company_id,
        seq=1 if last is None else last.seq + 1,
        kind=draft.kind.value,
        referral_id=draft.referral_id,
        reason=draft.reason,
        rule_version=RULE_VERSION,
        actor=draft.actor,
        at=now.astimezone(UTC),
        prev_hash=GENESIS if last is None else last.hash,
    )
    row.hash = hash_entry(row, [point.seq for point in points])
    session.add(row)
    session.flush()
    session.add_all(
        SlotPointRow(
            company_id=company_id,
            slot_entry_id=row.id,
            ordinal=ordinal,
            counted_entry_id=point.id,
        )
        for ordinal, point in enumerate(points, start=1)
    )
    session.flush()
    return row


def hash_entry(row: LedgerEntryRow, points: Sequence[int]) -> str:
    """Return the SHA-256 of an entry's canonical JSON: all fields but the id, keys in order.

    points  the seq of each entry that the slot is made of, in order of their ordinal; so the
            chain vouches for slot_point as well
    """
    content = {
        "company_id": row.company_id,
        "seq": row.seq,
        "kind": row.kind,
        "referral_id": row.referral_id,
        "reason": row.reason,
        "rule_version": row.rule_version,
        "actor": row.actor,
        "at": row.at.isoformat(timespec="microseconds"),
        "points": list(points),
        "prev_hash": row.prev_hash,
    }
    canonical = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def counted_near(session: Session, referral_id: int) -> tuple[datetime, ...]:
    """Return when counted referrals of the same candidate and company were relayed.

    Only those less than COUNTS_AGAIN_AFTER away from this referral's own time.
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
            other.relayed_at > relayed_at - COUNTS_AGAIN_AFTER,
            other.relayed_at < relayed_at + COUNTS_AGAIN_AFTER,
            LedgerEntryRow.kind == Kind.COUNTED.value,
        )
    )
    return tuple(moment for moment in session.scalars(query) if moment is not None)


def open_points(session: Session, company_id: int) -> list[LedgerEntryRow]:
    """Return the counted entries that are in no slot yet, oldest first.

    A slot is made of the oldest ten, so all points up to the last one of the newest slot are
    used. Only what came after it is read, however long the ledger is.
    """
    newest_slot = (
        select(LedgerEntryRow.id)
        .where(
            LedgerEntryRow.company_id == company_id,
            LedgerEntryRow.kind == Kind.SLOT_EARNED.value,
        )
        .order_by(LedgerEntryRow.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    used = aliased(LedgerEntryRow)
    last_used = (
        select(func.coalesce(func.max(used.seq), 0))
        .join(SlotPointRow, SlotPointRow.counted_entry_id == used.id)
        .where(SlotPointRow.slot_entry_id == newest_slot)
        .scalar_subquery()
    )
    return list(
        session.scalars(
            select(LedgerEntryRow)
            .where(
                LedgerEntryRow.company_id == company_id,
                LedgerEntryRow.kind == Kind.COUNTED.value,
                LedgerEntryRow.seq > last_used,
            )
            .order_by(LedgerEntryRow.seq)
        )
    )


def is_first_counted(session: Session, entry: LedgerEntryRow) -> bool:
    """Tell whether a counted entry is the first one of its company."""
    earlier = select(LedgerEntryRow.id).where(
        LedgerEntryRow.company_id == entry.company_id,
        LedgerEntryRow.kind == Kind.COUNTED.value,
        LedgerEntryRow.seq < entry.seq,
    )
    return session.scalar(earlier.limit(1)) is None


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
    query = (
        select(LedgerEntryRow.kind, func.count())
        .where(LedgerEntryRow.company_id == company_id)
        .group_by(LedgerEntryRow.kind)
    )
    if up_to_seq is not None:
        query = query.where(LedgerEntryRow.seq <= up_to_seq)
    sums = dict(session.execute(query).all())
    counted, slots = sums.get(Kind.COUNTED, 0), sums.get(Kind.SLOT_EARNED, 0)
    return Balance(
        points=counted - POINTS_PER_SLOT * slots,
        counted=counted,
        slots_earned=slots,
        slots_available=slots,
    )


def entries(
    session: Session, company_id: int, *, after_seq: int = 0, limit: int | None = None
) -> tuple[Entry, ...]:
    """Return a company's entries in their order, from `after_seq` on, at most `limit`."""
    rows = session.scalars(
        select(LedgerEntryRow)
        .where(LedgerEntryRow.company_id == company_id, LedgerEntryRow.seq > after_seq)
        .order_by(LedgerEntryRow.seq)
        .limit(limit)
    ).all()
    points = _points_of_slots(session, company_id, rows[0].seq, rows[-1].seq) if rows else {}
    return tuple(_entry(row, tuple(points.get(row.id, ()))) for row in rows)


def _points_of_slots(
    session: Session, company_id: int, first_seq: int, last_seq: int
) -> dict[int, list[int]]:
    """Return what each slot between two entries is made of, by the slot entry's id."""
    points: dict[int, list[int]] = {}
    for slot_entry_id, counted_entry_id in session.execute(
        select(SlotPointRow.slot_entry_id, SlotPointRow.counted_entry_id)
        .join(LedgerEntryRow, LedgerEntryRow.id == SlotPointRow.slot_entry_id)
        .where(
            LedgerEntryRow.company_id == company_id,
            LedgerEntryRow.kind == Kind.SLOT_EARNED.value,
            LedgerEntryRow.seq.between(first_seq, last_seq),
        )
        .order_by(SlotPointRow.slot_entry_id, SlotPointRow.ordinal)
    ):
        points.setdefault(slot_entry_id, []).append(counted_entry_id)
    return points


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
    )
