"""Recompute every ledger from its first entry, and name the first row that is not right.

Entries and referrals are compared both ways: an entry without a mail that left is as wrong as a
mail that was settled without an entry. No hash tells that the newest entries are missing, so what
followed from an entry vouches for it: a notification, an answer on a mail.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row, bindparam, exists, func, select, text, union
from sqlalchemy.orm import Session, aliased

from gateway.core.account import Account, Kind
from gateway.core.chain import GENESIS
from gateway.core.credit import DEFAULT_RULE, Rule
from gateway.store.company_rows import CompanyRow
from gateway.store.holds import HoldRow
from gateway.store.ledger import SETTLING_KINDS
from gateway.store.ledger_rows import (
    LedgerEntryRow,
    SlotPointRow,
    hash_entry,
    line_of,
)
from gateway.store.referrals import ReferralRow, ReferralState
from gateway.store.rules import missing_rule, rules_by_version
from gateway.store.tables import dialect_of
from gateway.store.unreadable import READ_ERRORS, find_unreadable, is_unreadable
from gateway.store.witnesses import lost_causes

_PAGE = 1000
_OWN = LedgerEntryRow.company_id == bindparam("company")
_VOID, _DECIDED = aliased(LedgerEntryRow), aliased(LedgerEntryRow)
_IS_VOID = (_VOID.referral_id == LedgerEntryRow.referral_id) & (_VOID.kind == Kind.VOID.value)
_IS_POINT = (_OWN, LedgerEntryRow.kind == Kind.COUNTED.value)
# Built (and compiled) once: there may be thousands of companies.
_ENTRIES = (
    select(LedgerEntryRow, ReferralRow)
    .outerjoin(ReferralRow, ReferralRow.id == LedgerEntryRow.referral_id)
    .where(_OWN, LedgerEntryRow.seq > bindparam("last_seq"))
    .order_by(LedgerEntryRow.seq)
    .limit(_PAGE)
)
_POINTS = (
    select(SlotPointRow.slot_entry_id, SlotPointRow.counted_entry_id, SlotPointRow.turn)
    .where(SlotPointRow.company_id == bindparam("company"))
    .order_by(SlotPointRow.slot_entry_id, SlotPointRow.ordinal)
)
_COUNTED_SEVERAL_TIMES = (
    select(ReferralRow.candidate_hash)
    .join(LedgerEntryRow, LedgerEntryRow.referral_id == ReferralRow.id)
    .where(*_IS_POINT)
    .group_by(ReferralRow.candidate_hash)
    .having(func.count() > 1)
    .correlate(None)
)
_COUNTED = (
    select(
        LedgerEntryRow.seq,
        LedgerEntryRow.rule_version,
        ReferralRow.candidate_hash,
        ReferralRow.relayed_at,
        _VOID.seq.label("voided"),
    )
    .join(ReferralRow, ReferralRow.id == LedgerEntryRow.referral_id)
    .outerjoin(_VOID, _IS_VOID)
    .where(*_IS_POINT, ReferralRow.candidate_hash.in_(_COUNTED_SEVERAL_TIMES))
    .order_by(ReferralRow.candidate_hash, LedgerEntryRow.seq)
)
_WITHOUT_ENTRY = (
    select(ReferralRow.id)
    .outerjoin(
        LedgerEntryRow,
        (LedgerEntryRow.referral_id == ReferralRow.id)
        & LedgerEntryRow.kind.in_((*SETTLING_KINDS, Kind.HELD.value)),
    )
    .where(
        ReferralRow.company_id == bindparam("company"),
        ReferralRow.settled_at.is_not(None),
        LedgerEntryRow.id.is_(None),
    )
    .order_by(ReferralRow.id)
    .limit(1)
)
_LOST = (
    select(LedgerEntryRow.seq, LedgerEntryRow.referral_id)
    .where(
        _OWN,
        LedgerEntryRow.kind == Kind.HELD.value,
        exists().where(
            _DECIDED.referral_id == LedgerEntryRow.referral_id, _DECIDED.kind.in_(SETTLING_KINDS)
        )
        == exists().where(HoldRow.referral_id == LedgerEntryRow.referral_id),
    )
    .order_by(LedgerEntryRow.seq)
    .limit(1)
)
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

    The session must see a single moment throughout, as those of reading_session do.
    """
    wanted = _companies(session) if company_id is None else [company_id]
    found = (_first_problem(session, id_) for id_ in wanted)
    return [problem for problem in found if problem is not None]


def wrong_file(session: Session) -> str | None:
    """Return what SQLite finds wrong with its file, None when nothing is, or it is PostgreSQL.

    An index that does not name all rows lets a candidate count twice, and no hash tells of it.
    """
    if dialect_of(session) != "sqlite":
        return None
    found: str = session.scalars(text("PRAGMA integrity_check(1)")).one()
    return None if found == "ok" else found


def names_of_companies(session: Session) -> dict[int, str]:
    """Return the name of each company, for people who read what verify() found."""
    return dict(session.execute(select(CompanyRow.id, CompanyRow.name)).all())


def _companies(session: Session) -> Sequence[int]:
    """Return every company, also one of which nothing but entries or referrals is left."""
    columns = (CompanyRow.id, LedgerEntryRow.company_id, ReferralRow.company_id)
    every = union(*(select(column.label("company_id")) for column in columns))
    return session.scalars(every.order_by("company_id")).all()


def _first_problem(session: Session, company_id: int) -> Problem | None:
    try:
        return next(_problems(session, company_id), None)
    except READ_ERRORS as error:
        if not is_unreadable(error):
            raise
    return _unreadable(session, company_id)


def _unreadable(session: Session, company_id: int) -> Problem:
    found = find_unreadable(session, company_id)
    if found is None:
        return Problem(company_id, None, "one of its rows holds a value that cannot be read")
    if found.table != LedgerEntryRow.__tablename__:
        told = f"row {found.row_id} of {found.table}: {found.column} cannot be read"
        return Problem(company_id, None, told)
    seq = session.scalar(select(LedgerEntryRow.seq).where(LedgerEntryRow.id == found.row_id))
    return Problem(company_id, seq, f"its {found.column} cannot be read")


def _problems(session: Session, company_id: int) -> Iterator[Problem]:
    if session.get(CompanyRow, company_id) is None:
        yield Problem(company_id, None, "the company is missing")
    yield from _wrong_chain(session, company_id)
    yield from _counted_twice(session, company_id)
    yield from _wrong_referrals(session, company_id)
    yield from _forgotten_holds(session, company_id)
    for told in lost_causes(session, company_id):
        yield Problem(company_id, None, told)


@dataclass(slots=True)
class _Points:
    """The points of a company's slots, and those counted so far."""

    rows: dict[int, list[tuple[int, int]]]  # slot's entry id -> (counted entry id, turn)
    seqs: dict[int, int] = field(default_factory=dict)  # counted entry id -> seq
    turns: dict[int, int] = field(default_factory=dict)  # counted entry id -> times in a slot

    def take(self, entry_id: int) -> tuple[list[int], str | None]:
        """Return the seqs of an entry's points, 0 for what is no point, and a wrong turn in words.

        Each entry is asked for once, in their order.
        """
        rows, wrong = self.rows.pop(entry_id, []), None
        for id_, turn in rows:
            due = self.turns[id_] = self.turns.get(id_, 0) + 1
            if turn != due and wrong is None:
                seq = self.seqs.get(id_, 0)
                wrong = f"entry {seq} is in a slot for time {due}, its row says {turn}"
        return [self.seqs.get(id_, 0) for id_, _ in rows], wrong


def _wrong_chain(session: Session, company_id: int) -> Iterator[Problem]:
    rules = rules_by_version(session, company_id)
    yield from _wrong_rules(session, company_id)
    points = _points(session, company_id)
    account = Account()
    prev_hash = GENESIS
    for seq, (row, referral) in enumerate(_rows(session, company_id), start=1):
        if row.seq != seq:
            yield Problem(company_id, seq, f"entry {seq} is missing")
            return
        used, wrong_turn = points.take(row.id)
        yield from _wrong_entry(row, prev_hash, used)
        if wrong_turn is not None:
            yield Problem(company_id, seq, wrong_turn)
        yield from _wrong_cause(row, referral)
        yield from _wrong_rule(row, rules)
        wrong = _apply(account, row, used)
        if wrong is not None:
            yield Problem(company_id, seq, wrong)
            return
        prev_hash = row.hash
        if row.kind == Kind.COUNTED:
            points.seqs[row.id] = row.seq
    if points.rows:
        yield Problem(company_id, None, "points name a slot that does not exist")
    missing = account.finish()
    if missing is not None:
        yield Problem(company_id, None, missing)


def _apply(account: Account, row: LedgerEntryRow, points: Sequence[int]) -> str | None:
    try:
        return account.apply(line_of(row, points))
    except ValueError:
        return "there is no such kind of entry"


def _rows(session: Session, company_id: int) -> Iterator[_EntryWithReferral]:
    """Read a company's entries, each with its referral, page by page: a ledger may be long."""
    page: Sequence[_EntryWithReferral] = ()
    while not page or len(page) == _PAGE:
        last_seq = page[-1][0].seq if page else -1
        page = session.execute(_ENTRIES, {"company": company_id, "last_seq": last_seq}).all()
        if not page:
            return
        yield from page


def _wrong_entry(row: LedgerEntryRow, prev_hash: str, points: list[int]) -> Iterator[Problem]:
    """Compare one entry with what was written; a slot's points that do not exist have seq 0."""
    if row.prev_hash != prev_hash:
        yield Problem(row.company_id, row.seq, "it does not follow from the entry before it")
    if row.hash != hash_entry(row, points):
        yield Problem(row.company_id, row.seq, "its content is not what was written")


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


def _wrong_rule(row: LedgerEntryRow, rules: Mapping[str, Rule]) -> Iterator[Problem]:
    """Look for the rule that an entry names: the name holds a digest of the rule's numbers."""
    if row.rule_version not in rules:
        told = f"it names rule {row.rule_version}, and no rule says now what that one said"
        yield Problem(row.company_id, row.seq, told)


def _wrong_rules(session: Session, company_id: int) -> Iterator[Problem]:
    number = missing_rule(session, company_id)
    if number is not None:
        yield Problem(company_id, None, f"counting rule own-{number} is missing")


def _points(session: Session, company_id: int) -> _Points:
    rows: dict[int, list[tuple[int, int]]] = {}
    for slot_entry_id, counted_entry_id, turn in session.execute(_POINTS, {"company": company_id}):
        rows.setdefault(slot_entry_id, []).append((counted_entry_id, turn))
    return _Points(rows)


def _counted_twice(session: Session, company_id: int) -> Iterator[Problem]:
    """Find candidates who counted twice within their rule's window.

    A second time is right if the first one had been voided by then.
    """
    counted = session.execute(_COUNTED, {"company": company_id}).all()
    rules = rules_by_version(session, company_id)
    for _, group in itertools.groupby(counted, key=lambda row: row.candidate_hash):
        for first, second in itertools.combinations(group, 2):
            was_voided = first.voided is not None and first.voided < second.seq
            window = rules.get(second.rule_version, DEFAULT_RULE).window
            is_near = abs(second.relayed_at - first.relayed_at) < window
            if is_near and not was_voided:
                told = f"its candidate counted already by entry {first.seq}"
                yield Problem(company_id, second.seq, told)


def _wrong_referrals(session: Session, company_id: int) -> Iterator[Problem]:
    """Find a settled referral without an entry: no hash tells that the newest ones are missing."""
    missing = session.scalar(_WITHOUT_ENTRY, {"company": company_id})
    if missing is not None:
        yield Problem(company_id, None, f"referral {missing} is settled without an entry")


def _forgotten_holds(session: Session, company_id: int) -> Iterator[Problem]:
    """Find a held referral that is undecided and waits nowhere, or is decided and still waits."""
    lost = session.execute(_LOST, {"company": company_id}).one_or_none()
    if lost is not None:
        told = f"referral {lost.referral_id} is held, but nothing says what it waits for"
        yield Problem(company_id, lost.seq, told)
