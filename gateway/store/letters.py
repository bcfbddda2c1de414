"""Registered letters: keyed hashes of their phrases, never a word of them.

A removed letter stays as a row, so that the log's `letter-3` can always be told; its hashes go.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.letter import Letter, pack_hashes, unpack_hashes
from gateway.errors import CareerRelayError, NotFoundError, TakenError
from gateway.store.company_changes import CompanyChange, note_change
from gateway.store.company_rows import company_row
from gateway.store.tables import Base

MOST_LETTERS = 100
"""Of one company: each costs a moment on every mail."""


class LetterRow(Base):
    """One letter; `hashes`: of its verdict, courtesies, words, decisive ones, then of sentences."""

    __tablename__ = "letter"
    __table_args__ = (UniqueConstraint("company_id", "number"),)

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    number: Mapped[int]
    hashes: Mapped[bytes] = mapped_column(LargeBinary)
    sentences: Mapped[int]
    excused: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool]


@dataclass(frozen=True, slots=True)
class LetterEntry:
    """One letter in a company's list, removed ones among them."""

    number: int
    sentences: int
    created_at: datetime
    actor: str
    active: bool


def add_letter(
    session: Session, company_id: int, letter: Letter, actor: str, now: datetime
) -> Letter:
    """Write a company's next letter down and return it with its number.

    Raises NotFoundError when there is no such company, TakenError when somebody else added one
    at the same moment, CareerRelayError when it is registered already or there are too many.
    """
    company_row(session, company_id)
    known = load_letters(session, company_id).get(company_id, ())
    if len(known) >= MOST_LETTERS:
        raise CareerRelayError(f"A company has up to {MOST_LETTERS} letters: remove one first.")
    for one in known:
        if (one.sentences, one.common) == (letter.sentences, letter.common):
            raise CareerRelayError(f"This letter is registered already: no. {one.number}.")
    newest = select(func.max(LetterRow.number)).where(LetterRow.company_id == company_id)
    hashes, excused = pack_letter(letter)
    row = LetterRow(
        company_id=company_id,
        number=(session.scalar(newest) or 0) + 1,
        hashes=hashes,
        sentences=len(letter.sentences),
        excused=excused,
        created_at=now,
        actor=actor[:200],
        active=True,
    )
    try:
        session.add(row)
        session.flush()
    except IntegrityError as error:
        raise TakenError(
            "Somebody else registered a letter this very moment: try again."
        ) from error
    change = CompanyChange(now, actor, "letter", "", f"no. {row.number} registered")
    note_change(session, company_id, change)
    return _read(row)


def remove_letter(
    session: Session, company_id: int, number: int, actor: str, now: datetime
) -> None:
    """Compare no mail with this letter from now on, and forget its hashes.

    Raises NotFoundError when the company has no such letter.
    """
    row = session.scalars(
        select(LetterRow).where(
            LetterRow.company_id == company_id, LetterRow.number == number, LetterRow.active
        )
    ).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no registered letter no. {number}.")
    row.active = False
    row.hashes = b""
    note_change(
        session, company_id, CompanyChange(now, actor, "letter", f"no. {number}", "removed")
    )
    session.flush()


def load_letters(session: Session, company_id: int | None = None) -> dict[int, tuple[Letter, ...]]:
    """Return the letters in use of all companies, or of one, by company id."""
    query = select(LetterRow).where(LetterRow.active).order_by(LetterRow.number)
    if company_id is not None:
        query = query.where(LetterRow.company_id == company_id)
    found: defaultdict[int, list[Letter]] = defaultdict(list)
    for row in session.scalars(query):
        found[row.company_id].append(_read(row))
    return {company: tuple(letters) for company, letters in found.items()}


def list_letters(session: Session, company_id: int) -> tuple[LetterEntry, ...]:
    """Return all letters a company ever registered, newest first."""
    rows = session.scalars(
        select(LetterRow)
        .where(LetterRow.company_id == company_id)
        .order_by(LetterRow.number.desc())
    )
    return tuple(
        LetterEntry(row.number, row.sentences, row.created_at, row.actor, row.active)
        for row in rows
    )


def _read(row: LetterRow) -> Letter:
    return unpack_letter(row.number, row.hashes, row.excused)


def pack_letter(letter: Letter) -> tuple[bytes, str]:
    """Return a letter as a row keeps it: its hashes, and the rules that it excuses."""
    groups = (letter.verdict, letter.common, letter.words, letter.decisive, *letter.sentences)
    return pack_hashes(groups), " ".join(sorted(letter.excused))[:400]


def unpack_letter(number: int, hashes: bytes, excused: str) -> Letter:
    """Return the letter that pack_letter() wrote."""
    verdict, common, words, decisive, *sentences = unpack_hashes(hashes)
    rules = frozenset(excused.split())
    return Letter(number, tuple(sentences), verdict, common, words, decisive, rules)
