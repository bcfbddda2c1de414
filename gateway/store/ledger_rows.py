"""The ledger's two tables, and what the hash of an entry covers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from gateway.core.account import Kind, Line, SlotUse
from gateway.core.chain import hash_content
from gateway.core.credit import POINTS_PER_SLOT
from gateway.store.tables import Base, BigId

_SETTLED = "kind IN ('counted', 'not_counted')"
_WITHDRAWN = "kind IN ('void', 'withdrawn')"
_HELD = "kind = 'held'"
_OF_A_SLOT = "slot IS NOT NULL"


class LedgerEntryRow(Base):
    """One entry; `seq` counts 1, 2, 3 … within the company, `hash` covers all but the id.

    A slot is called by the seq of the entry that first earned it. `slot` names it in every later
    entry about it and is empty in that first one. `became` is what an adjusted slot is now used
    for. Triggers see to it that entries only follow each other as gateway.core.account says.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("company_id", "seq"),
        UniqueConstraint("id", "company_id"),  # for slot_point's foreign keys
        CheckConstraint(f"NOT ({_SETTLED}) OR referral_id IS NOT NULL", name="names_referral"),
        Index("ix_ledger_entry_company_id_kind_seq", "company_id", "kind", "seq"),
        Index("ix_ledger_entry_company_id_at_seq", "company_id", "at", "seq"),
        Index("ix_ledger_entry_referral_id", "referral_id"),
        Index(
            "ix_ledger_entry_slot",
            "company_id",
            "slot",
            "seq",
            sqlite_where=text(_OF_A_SLOT),
            postgresql_where=text(_OF_A_SLOT),
        ),
        *(
            Index(
                f"uq_ledger_entry_{name}_referral",
                "referral_id",
                unique=True,
                sqlite_where=text(condition),
                postgresql_where=text(condition),
            )
            for name, condition in (
                ("settled", _SETTLED),
                ("withdrawn", _WITHDRAWN),
                ("held", _HELD),
            )
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
    slot: Mapped[int | None]
    became: Mapped[str | None] = mapped_column(String(20))


class SlotPointRow(Base):
    """One of the ten counted entries that a slot was made of.

    turn  1 the first time that an entry is in a slot, 2 when that slot was revoked and the entry
          went into one again, and so on
    """

    __tablename__ = "slot_point"
    __table_args__ = (
        UniqueConstraint("slot_entry_id", "ordinal"),
        UniqueConstraint("counted_entry_id", "turn"),
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
    turn: Mapped[int] = mapped_column(server_default="1")


def content_of(row: LedgerEntryRow, points: Sequence[int]) -> dict[str, object]:
    """Return what an entry says, all fields but its id and its own hash.

    points  the seq of each entry that the slot is made of, in order of their ordinal; so the
            chain vouches for slot_point as well

    Fields that came after the first version are left out where they are empty: entries written
    before have the hash they had.
    """
    content: dict[str, object] = {
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
    later = {"slot": row.slot, "became": row.became}
    return content | {name: value for name, value in later.items() if value is not None}


def hash_entry(row: LedgerEntryRow, points: Sequence[int]) -> str:
    """Return what an entry's `hash` must be."""
    return hash_content(content_of(row, points))


def line_of(row: LedgerEntryRow, points: Sequence[int]) -> Line:
    """Return what an entry means to its company's account.

    Raises ValueError for a kind that does not exist.
    """
    became = None if row.became is None else SlotUse(row.became)
    return Line(row.seq, Kind(row.kind), row.referral_id, row.slot, became, tuple(points))
