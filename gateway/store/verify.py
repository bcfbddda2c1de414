"""Recompute every ledger from its first entry, and name the first row that is not right.

Entries and referrals are compared both ways: an entry without a mail that left is as wrong as a
mail that was settled without an entry.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from gateway.core.credit import COUNTS_AGAIN_AFTER, POINTS_PER_SLOT, slots_earned
from gateway.store.company_rows import CompanyRow
from gateway.store.ledger import (
    GENESIS,
    SETTLING_KINDS,
    Kind,
    LedgerEntryRow,
    SlotPointRow,
    hash_entry,
)
from gateway.store.referrals import ReferralRow, ReferralState

_PAGE = 1000
_EntryWithReferral = Row[LedgerEntryRow, ReferralRow]
"""The second is None where the entry names no referral that exists."""


@dataclass(frozen=True, slots=True)
class Problem:
    """The first thing wrong in a company's ledger; `seq` is None when no entry is to blame."""

    company_id: int
    seq: int | None
    what: str


def verify(session: Session, company_id: int | None = None) -> list[Problem]:
    """Return the first problem of each company, or of one; [] when all is as it must be.

    The session must see one moment all along (reading_session does).
    """
    ids = session.scalars(select(CompanyRow.id).order_by(CompanyRow.id)).all()
    wanted = [id_ for id_ in ids if company_id in {None, id_}]
    found = (next(_problems(session, id_), None) for id_ in wanted)
    return [problem for problem in found if problem is not None]


def _problems(session: Session, company_id: int) -> Iterator[Problem]:
    yield from _wrong_chain(session, company_id)
    yield from _counted_twice(session, company_id)
    yield from _wrong_referrals(session, company_id)


def _wrong_chain(session: Session, company_id: int) -> Iterator[Problem]:
    points = _points(session, company_id)
    counted: dict[int, int] = {}  # entry id -> seq, of the points in no slot
    total = slots = 0
    prev_hash = GENESIS
    for seq, (row, referral) in enumerate(_rows(session, company_id), start=1):
        if row.seq != seq:
            yield Problem(company_id, seq, f"entry {seq} is missing")
            return
        if slots != slots_earned(total) and row.kind != Kind.SLOT_EARNED:
            yield Problem(company_id, seq, "ten points before it made no slot")
        used = points.pop(row.id, [])
        seqs = [counted.pop(id_, 0) for id_ in used]
        yield from _wrong_entry(row, prev_hash, seqs)
        yield from _wrong_cause(row, referral)
        prev_hash = row.hash
        if row.kind == Kind.COUNTED:
            counted[row.id] = row.seq
            total += 1
        slots += row.kind == Kind.SLOT_EARNED
    if points:
        yield Problem(company_id, None, "points name a slot that does not exist")
    if slots != slots_earned(total):
        yield Problem(company_id, None, f"{total} counted referrals, but {slots} slots")


def _rows(session: Session, company_id: int) -> Iterator[_EntryWithReferral]:
    """Read a company's entries, each with its referral, page by page: a ledger may be long."""
    page: Sequence[_EntryWithReferral] = ()
    while not page or len(page) == _PAGE:
        last_seq = page[-1][0].seq if page else -1
        page = session.execute(
            select(LedgerEntryRow, ReferralRow)
            .outerjoin(ReferralRow, ReferralRow.id == LedgerEntryRow.referral_id)
            .where(LedgerEntryRow.company_id == company_id, LedgerEntryRow.seq > last_seq)
            .order_by(LedgerEntryRow.seq)
            .limit(_PAGE)
        ).all()
        if not page:
            return
        yield from page


def _wrong_entry(row: LedgerEntryRow, prev_hash: str, seqs: list[int]) -> Iterator[Problem]:
    """Compare one entry with what it must be; a slot's points that do not exist have seq 0."""
    if row.prev_hash != prev_hash:
        yield Problem(row.company_id, row.seq, "it does not follow from the entry before it")
    if row.hash != hash_entry(row, seqs):
        yield Problem(row.company_id, row.seq, "its content is not what was written")
    is_slot = row.kind == Kind.SLOT_EARNED
    if len(seqs) != (POINTS_PER_SLOT if is_slot else 0) or 0 in seqs:
        yield Problem(row.company_id, row.seq, "a slot is made of exactly ten free points")


def _wrong_cause(row: LedgerEntryRow, referral: ReferralRow | None) -> Iterator[Problem]:
    """Compare an entry with the referral it settled: this company's, relayed and settled."""
    if row.kind not in SETTLING_KINDS:
        return
    if referral is None or referral.company_id != row.company_id:
        yield Problem(row.company_id, row.seq, "it names no referral of this company")
    elif referral.state != ReferralState.RELAYED or referral.relayed_at is None:
        yield Problem(row.company_id, row.seq, f"referral {referral.id} never left")
    elif referral.settled_at is None:
        yield Problem(row.company_id, row.seq, f"referral {referral.id} was never settled")


def _points(session: Session, company_id: int) -> dict[int, list[int]]:
    points: dict[int, list[int]] = {}
    for slot_entry_id, counted_entry_id in session.execute(
        select(SlotPointRow.slot_entry_id, SlotPointRow.counted_entry_id)
        .where(SlotPointRow.company_id == company_id)
        .order_by(SlotPointRow.slot_entry_id, SlotPointRow.ordinal)
    ):
        points.setdefault(slot_entry_id, []).append(counted_entry_id)
    return points


def _counted_twice(session: Session, company_id: int) -> Iterator[Problem]:
    """No candidate has two counted entries whose mails left within COUNTS_AGAIN_AFTER."""
    is_point = (
        LedgerEntryRow.company_id == company_id,
        LedgerEntryRow.kind == Kind.COUNTED.value,
    )
    several = (
        select(ReferralRow.candidate_hash)
        .join(LedgerEntryRow, LedgerEntryRow.referral_id == ReferralRow.id)
        .where(*is_point)
        .group_by(ReferralRow.candidate_hash)
        .having(func.count() > 1)
        .correlate(None)
    )
    counted = session.execute(
        select(LedgerEntryRow.seq, ReferralRow.candidate_hash, ReferralRow.relayed_at)
        .join(ReferralRow, ReferralRow.id == LedgerEntryRow.referral_id)
        .where(*is_point, ReferralRow.candidate_hash.in_(several))
        .order_by(ReferralRow.candidate_hash, ReferralRow.relayed_at)
    ).all()
    for before, row in itertools.pairwise(counted):
        is_same = before.candidate_hash == row.candidate_hash
        if is_same and row.relayed_at - before.relayed_at < COUNTS_AGAIN_AFTER:
            first, second = sorted((before.seq, row.seq))
            yield Problem(company_id, second, f"its candidate counted already by entry {first}")


def _wrong_referrals(session: Session, company_id: int) -> Iterator[Problem]:
    """Every settled referral has its entry: also the newest ones, which no hash follows."""
    missing = session.scalar(
        select(ReferralRow.id)
        .outerjoin(
            LedgerEntryRow,
            (LedgerEntryRow.referral_id == ReferralRow.id)
            & LedgerEntryRow.kind.in_(SETTLING_KINDS),
        )
        .where(
            ReferralRow.company_id == company_id,
            ReferralRow.settled_at.is_not(None),
            LedgerEntryRow.id.is_(None),
        )
        .order_by(ReferralRow.id)
        .limit(1)
    )
    if missing is not None:
        yield Problem(company_id, None, f"referral {missing} is settled without an entry")
