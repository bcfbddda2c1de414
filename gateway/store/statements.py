"""A company's ledger, entry by entry, as an export holds it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.store.ledger_rows import LedgerEntryRow, SlotPointRow, content_of


def read_statement(session: Session, company_id: int) -> list[dict[str, object]]:
    """Return what the hash of each entry covers, and the hash, in the ledger's order."""
    rows = session.scalars(
        select(LedgerEntryRow)
        .where(LedgerEntryRow.company_id == company_id)
        .order_by(LedgerEntryRow.seq)
    ).all()
    points: dict[int, list[int]] = {}
    for slot_entry_id, seq in session.execute(
        select(SlotPointRow.slot_entry_id, LedgerEntryRow.seq)
        .join(LedgerEntryRow, LedgerEntryRow.id == SlotPointRow.counted_entry_id)
        .where(LedgerEntryRow.company_id == company_id)
        .order_by(SlotPointRow.slot_entry_id, SlotPointRow.ordinal)
    ):
        points.setdefault(slot_entry_id, []).append(seq)
    return [content_of(row, points.get(row.id, ())) | {"hash": row.hash} for row in rows]
