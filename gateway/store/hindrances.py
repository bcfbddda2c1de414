"""What may stand in the way of mails that are about to leave, asked of the database at once.

Nearly always nothing does. A statement costs ten times as much as the index lookup it makes, so
four questions are asked in one.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    CompoundSelect,
    String,
    bindparam,
    cast,
    exists,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from gateway.core.candidate import CandidateHash
from gateway.core.copy_mark import CopyMark
from gateway.store.brakes import BrakeRow
from gateway.store.ready import ReadyStatement, is_among
from gateway.store.referrals import OptOutRow
from gateway.store.sent_copies import SentCopyRow, oldest_needed
from gateway.store.tables import table_of

_COPY = table_of(SentCopyRow).c
_CANDIDATE = table_of(OptOutRow).c.candidate_hash
_COMPANY = table_of(BrakeRow).c.company_id


def _write(dialect: str) -> CompoundSelect[tuple[str, str]]:
    return union_all(
        select(literal_column("'sent'").label("what"), _COPY.mark.label("which")).where(
            is_among(dialect, _COPY.mark, "marks")
        ),
        select(literal_column("'copies'"), literal_column("''")).where(
            exists().where(_COPY.at >= bindparam("since"))
        ),
        select(literal_column("'opted out'"), _CANDIDATE).where(
            is_among(dialect, _CANDIDATE, "candidates")
        ),
        select(literal_column("'braked'"), cast(_COMPANY, String)).where(
            is_among(dialect, _COMPANY, "companies")
        ),
    )


_AMONG = ReadyStatement(_write)


@dataclass(frozen=True, slots=True)
class Hindrances:
    """What was found.

    sent        marks of the recipients who have the mail from an earlier attempt
    has_copies  whether any mail left in copies lately, so that marks tell something
    opted_out   candidates who want no links
    braked      companies that have a brake, pulled or not
    """

    sent: frozenset[CopyMark]
    has_copies: bool
    opted_out: frozenset[CandidateHash]
    braked: frozenset[int]


NOTHING = Hindrances(frozenset(), has_copies=False, opted_out=frozenset(), braked=frozenset())


def find_hindrances(
    session: Session,
    marks: Collection[CopyMark],
    candidates: Collection[CandidateHash],
    companies: Collection[int],
    now: datetime,
) -> Hindrances:
    """Return what stands in the way of mails to these recipients, of these companies."""
    rows = _AMONG.ask(
        session,
        marks=tuple(marks),
        since=oldest_needed(now),
        candidates=[*candidates],
        companies=tuple(companies),
    )
    if not rows:
        return NOTHING
    found: defaultdict[str, list[str]] = defaultdict(list)
    for what, which in rows:
        found[what].append(which)
    return Hindrances(
        sent=frozenset(map(CopyMark, found["sent"])),
        has_copies="copies" in found,
        opted_out=frozenset(map(CandidateHash, found["opted out"])),
        braked=frozenset(map(int, found["braked"])),
    )
