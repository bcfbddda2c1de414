"""Members of a company: who is told by mail, in which language, and of which events not."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    String,
    UniqueConstraint,
    bindparam,
    delete,
    exists,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.company import Language
from gateway.core.path import PathError, read_rcpt
from gateway.errors import CareerRelayError, NotFoundError, TakenError
from gateway.store.admission import MOST_ADDRESS, check_contact
from gateway.store.company_changes import CompanyChange, note_change
from gateway.store.ledger import lock_company
from gateway.store.outbox import (
    REPORTS,
    Event,
    NotificationRow,
    NotificationState,
    park_waiting,
)
from gateway.store.tables import Base, insert_or_skip, table_of

_MOST_MEMBERS = 50


class MemberRow(Base):
    """One member; whoever was removed stays, for the notifications that name them."""

    __tablename__ = "member"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    address: Mapped[str] = mapped_column(String(MOST_ADDRESS))
    language: Mapped[str] = mapped_column(String(8))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class MutedRow(Base):
    """An event that a member does not want to be told of."""

    __tablename__ = "member_muted"
    __table_args__ = (UniqueConstraint("member_id", "event"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    event: Mapped[str] = mapped_column(String(40))


_MEMBER, _MUTED = table_of(MemberRow).c, table_of(MutedRow).c
_TOLD = (  # every event asks: built once
    select(_MEMBER.id, _MEMBER.address, _MEMBER.language)
    .where(
        _MEMBER.company_id == bindparam("company"),
        _MEMBER.removed_at.is_(None),
        ~exists().where(_MUTED.member_id == _MEMBER.id, _MUTED.event == bindparam("event")),
    )
    .order_by(_MEMBER.id)
)


@dataclass(frozen=True, slots=True)
class Member:
    """A member who was not removed.

    muted  events of which no mail is sent; the reports among them say which digest comes
    """

    id: int
    company_id: int
    address: str
    language: Language
    added_at: datetime
    muted: frozenset[Event] = frozenset()

    @property
    def digest(self) -> str:
        """Which reports come: "both", "weekly", "monthly" or "none"."""
        return next(name for name, left_out in DIGESTS.items() if left_out == self.muted & REPORTS)


DIGESTS: dict[str, frozenset[Event]] = {
    "both": frozenset(),
    "weekly": frozenset({Event.MONTHLY_REPORT}),
    "monthly": frozenset({Event.WEEKLY_REPORT}),
    "none": REPORTS,
}
"""The reports that each choice leaves out."""


def add_member(
    session: Session,
    company_id: int,
    address: str,
    language: Language,
    actor: str,
    now: datetime,
) -> Member:
    """Add a person who is told of everything; noted with who did it ("" for a new company).

    Raises TakenError when the address is a member's, CareerRelayError when it is none or there
    are as many members as there may be.
    """
    wanted = _read_address(address)
    lock_company(session, company_id)
    members = list_members(session, company_id)
    if any(each.address.lower() == wanted.lower() for each in members):
        raise TakenError("This address is a member's already.")
    if len(members) >= _MOST_MEMBERS:
        raise CareerRelayError(f"{_MOST_MEMBERS} members are the most a company may have.")
    row = MemberRow(company_id=company_id, address=wanted, language=language.value, added_at=now)
    session.add(row)
    session.flush()
    if actor:
        _note(session, row, ("", _told_as(row)), actor, now)
    return _member(row, frozenset())


def list_members(session: Session, company_id: int) -> tuple[Member, ...]:
    """Return a company's members, oldest first."""
    rows = session.scalars(
        select(MemberRow)
        .where(MemberRow.company_id == company_id, MemberRow.removed_at.is_(None))
        .order_by(MemberRow.id)
    ).all()
    muted: defaultdict[int, set[Event]] = defaultdict(set)
    query = select(MutedRow).where(MutedRow.member_id.in_([row.id for row in rows]))
    for each in session.scalars(query) if rows else ():
        muted[each.member_id].add(Event(each.event))
    return tuple(_member(row, frozenset(muted[row.id])) for row in rows)


def find_member(session: Session, company_id: int, address: str) -> Member:
    """Return the member with this address, or of this number.

    Raises NotFoundError.
    """
    wanted = address.strip().lower()
    for each in list_members(session, company_id):
        if wanted in {each.address.lower(), str(each.id)}:
            return each
    raise NotFoundError("The company has no such member: career-relay member list COMPANY")


def company_of_member(session: Session, member_id: int) -> int | None:
    """Return whose member this is or was, None when there never was such a one."""
    return session.scalar(select(MemberRow.company_id).where(MemberRow.id == member_id))


def is_told(session: Session, member_id: int) -> bool:
    """Tell whether this member was not removed."""
    query = select(MemberRow.id).where(MemberRow.id == member_id, MemberRow.removed_at.is_(None))
    return session.scalar(query) is not None


def told_by_mail(
    session: Session, company_id: int, event: Event
) -> tuple[tuple[int, str, Language], ...]:
    """Return who is told of an event by mail: number, address and language of each."""
    found = session.execute(_TOLD, {"company": company_id, "event": event.value})
    return tuple((id_, address, Language(language)) for id_, address, language in found)


def set_address(session: Session, member: Member, address: str, actor: str, now: datetime) -> None:
    """Tell a member at another address from now on, also of what was not sent yet.

    Raises TakenError and CareerRelayError as add_member() does.
    """
    wanted = _read_address(address)
    lock_company(session, member.company_id)
    others = (each for each in list_members(session, member.company_id) if each.id != member.id)
    if any(each.address.lower() == wanted.lower() for each in others):
        raise TakenError("This address is a member's already.")
    row = _row(session, member)
    before = _told_as(row)
    row.address = wanted
    _note(session, row, (before, _told_as(row)), actor, now)
    session.execute(
        update(NotificationRow)
        .where(
            NotificationRow.company_id == member.company_id,
            NotificationRow.member_id == member.id,
            NotificationRow.state != NotificationState.SENT.value,
        )
        .values(recipient=wanted)
    )
    session.flush()


def set_language(
    session: Session, member: Member, language: Language, actor: str, now: datetime
) -> None:
    """Write to a member in another language from now on."""
    row = _row(session, member)
    before = _told_as(row)
    row.language = language.value
    _note(session, row, (before, _told_as(row)), actor, now)
    session.flush()


def set_muted(
    session: Session, member: Member, muted: Collection[Event], actor: str, now: datetime
) -> None:
    """Tell a member of everything but `muted` from now on; what waits of that is given up."""
    wanted = set(muted)
    before, after = (", ".join(sorted(each)) for each in (member.muted, wanted))
    change = CompanyChange(
        now, actor, f"member {member.id}", f"without {before}", f"without {after}"
    )
    note_change(session, member.company_id, change)
    gone = [event.value for event in member.muted - wanted]
    session.execute(
        delete(MutedRow).where(MutedRow.member_id == member.id, MutedRow.event.in_(gone))
    )
    new = sorted(wanted - member.muted)
    for event in new:
        insert_or_skip(session, MutedRow, {"member_id": member.id, "event": event.value})
    if new:
        is_muted = NotificationRow.event.in_([event.value for event in new])
        park_waiting(session, NotificationRow.member_id == member.id, is_muted)


def mute(
    session: Session, member_id: int, events: Collection[Event], actor: str, now: datetime
) -> None:
    """Send a member no more mails of these events; again, or for a removed one, changes nothing."""
    company_id = company_of_member(session, member_id)
    for member in () if company_id is None else list_members(session, company_id):
        if member.id == member_id:
            set_muted(session, member, member.muted | frozenset(events), actor, now)


def remove_member(session: Session, member: Member, actor: str, now: datetime) -> None:
    """Tell a member nothing more, and give up what waits for them."""
    row = _row(session, member)
    _note(session, row, (_told_as(row), "removed"), actor, now)
    row.removed_at = now
    park_waiting(session, NotificationRow.member_id == member.id)
    session.flush()


def _read_address(text: str) -> str:
    address = text.strip()
    check_contact(address)
    try:
        path, _ = read_rcpt(b"TO:<%s>" % address.encode())
    except (PathError, UnicodeError):
        path = None
    if path is None or not path.domain or not address.isprintable():
        raise CareerRelayError("That is no address. Example: recruiting@example.com")
    return address


def _row(session: Session, member: Member) -> MemberRow:
    return session.get_one(MemberRow, member.id, populate_existing=True)


def _told_as(row: MemberRow) -> str:
    return f"{row.address} ({row.language})"


def _note(
    session: Session, row: MemberRow, change: tuple[str, str], actor: str, now: datetime
) -> None:
    old, new = change
    note_change(session, row.company_id, CompanyChange(now, actor, f"member {row.id}", old, new))


def _member(row: MemberRow, muted: frozenset[Event]) -> Member:
    return Member(row.id, row.company_id, row.address, Language(row.language), row.added_at, muted)
