"""Hosts of next hops that take no mail, as the gateways found them: one row for each host.

Several gateways write the same row. Failures add up, whoever saw them, until a mail is taken by
that host through any of them; what fails afterwards is another outage in the same row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    case,
    delete,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.settings import HostPort
from gateway.store.tables import Base, dialect_of, insert_into, table_of

MOST_CAUSE = 200
_MOST_HOST = 300
_LEAST_FAILURES = 3
_LASTING = timedelta(minutes=15)  # a sender tries again after five, and after ten more
_FORGOTTEN_AFTER = timedelta(days=1)  # senders try for days: nobody tries this host any more
_OPEN = text("ended_at IS NULL")  # word for word as in the index


class HopOutageRow(Base):
    """The last outage of one host of a company's route; `ended_at` is None while it lasts.

    told_at  when the company was told that it fails; None once it was told that it works again
    """

    __tablename__ = "hop_outage"
    __table_args__ = (
        UniqueConstraint("company_id", "host"),
        Index("ix_hop_outage_open", "last_failed_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    host: Mapped[str] = mapped_column(String(_MOST_HOST))
    began_at: Mapped[datetime]
    last_failed_at: Mapped[datetime]
    failures: Mapped[int]
    cause: Mapped[str] = mapped_column(String(MOST_CAUSE))
    told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Failures:
    """Mails that one host did not take, one after the other and none taken in between.

    cause  of the last: what was tried and the code it was answered with, no words of the host's
    """

    company_id: int
    host: HostPort
    first_at: datetime
    last_at: datetime
    count: int
    cause: str


@dataclass(frozen=True, slots=True)
class Outage:
    """How long a host of a company's next hop took no mail, as it stands in the database.

    began_at        the first failure behind the last mail that it took
    last_failed_at  the last failure so far
    failures        mails that it did not take in that time
    ended_at        when it took a mail again, None while it takes none
    is_told         the company knows of it, and not yet that it is over
    """

    id: int
    company_id: int
    host: str
    began_at: datetime
    last_failed_at: datetime
    failures: int
    cause: str
    ended_at: datetime | None
    is_told: bool

    @property
    def minutes(self) -> int:
        """How long it was seen to fail, in whole minutes."""
        return int((self.last_failed_at - self.began_at).total_seconds()) // 60

    @property
    def is_lasting(self) -> bool:
        """Whether it failed for so long, and so often, that somebody should look."""
        lasted = self.last_failed_at - self.began_at
        return lasted >= _LASTING and self.failures >= _LEAST_FAILURES


def describe_outage(outage: Outage) -> str:
    """Return an outage as a person reads it; times are in UTC."""
    began = f"{outage.began_at:%Y-%m-%d %H:%M}"
    when = f"since {began}"
    if outage.ended_at is not None:
        when = f"from {began} to {outage.ended_at:%Y-%m-%d %H:%M}"
    met = f"mails: {outage.failures}, the last: {outage.cause}"
    return f"{outage.host} took no mail {when} UTC ({met})"


def note_failures(session: Session, failures: Failures) -> None:
    """Add failures to the host's outage, or begin one; called again it adds them again.

    What another gateway saw later, a mail taken, stands. A failure that nobody was told of and
    that nobody met again for a day is no part of it.
    """
    row = table_of(HopOutageRow).c
    insert = insert_into(dialect_of(session), HopOutageRow).values(
        company_id=failures.company_id,
        host=str(failures.host)[:_MOST_HOST],
        began_at=failures.first_at,
        last_failed_at=failures.last_at,
        failures=failures.count,
        cause=failures.cause[:MOST_CAUSE],
    )
    new = insert.excluded
    is_recent = row.last_failed_at > failures.first_at - _FORGOTTEN_AFTER
    goes_on = and_(row.ended_at.is_(None), or_(is_recent, row.told_at.is_not(None)))
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["company_id", "host"],
            set_={
                "began_at": case((goes_on, row.began_at), else_=new.began_at),
                "last_failed_at": new.last_failed_at,
                "failures": case((goes_on, row.failures + new.failures), else_=new.failures),
                "cause": new.cause,
                "ended_at": None,  # and told_at as it is: whoever was told does not hear it twice
            },
            where=or_(row.ended_at.is_(None), row.ended_at < new.last_failed_at),
        )
    )


def note_taken(session: Session, company_id: int, host: HostPort, at: datetime) -> None:
    """End the host's outage, if there is one: it took a mail."""
    row = HopOutageRow
    session.execute(
        update(row)
        .where(
            row.company_id == company_id,
            row.host == str(host)[:_MOST_HOST],
            row.ended_at.is_(None),
            row.last_failed_at <= at,
        )
        .values(ended_at=at)
    )


def failing_hosts(session: Session) -> frozenset[tuple[int, str]]:
    """Return company and host of every outage that lasts: what a taken mail would end."""
    query = select(HopOutageRow.company_id, HopOutageRow.host).where(_OPEN)
    return frozenset((company_id, host) for company_id, host in session.execute(query))


def forget_hosts(session: Session, company_id: int, kept: Iterable[HostPort]) -> None:
    """Forget the outages of hosts that are no longer on the company's route."""
    hosts = [str(host)[:_MOST_HOST] for host in kept]
    row = HopOutageRow
    session.execute(delete(row).where(row.company_id == company_id, row.host.not_in(hosts)))


def open_outages(session: Session, now: datetime) -> tuple[Outage, ...]:
    """Return every outage that lasts, of whatever company, the longest first.

    Hosts that nobody has tried for a day are not among them.
    """
    row = HopOutageRow
    query = select(row).where(_OPEN, row.last_failed_at > now - _FORGOTTEN_AFTER)
    return tuple(map(_outage, session.scalars(query.order_by(row.began_at, row.id))))


def lasting_outages(session: Session, now: datetime) -> tuple[Outage, ...]:
    """Return those of them that last so long that somebody should look."""
    return tuple(one for one in open_outages(session, now) if one.is_lasting)


def over_and_untold(session: Session) -> tuple[Outage, ...]:
    """Return outages that are over, of which companies know only that they began."""
    row = HopOutageRow
    query = select(row).where(row.ended_at.is_not(None), row.told_at.is_not(None))
    return tuple(map(_outage, session.scalars(query.order_by(row.id))))


def list_outages(session: Session, company_id: int) -> tuple[Outage, ...]:
    """Return the last outage of each of a company's hosts that had one, the newest first."""
    row = HopOutageRow
    query = select(row).where(row.company_id == company_id).order_by(row.began_at.desc())
    return tuple(map(_outage, session.scalars(query)))


def mark_told(session: Session, outage: Outage, now: datetime | None) -> None:
    """Note that the company was told of an outage at `now`; None: that it is over."""
    row = HopOutageRow
    session.execute(update(row).where(row.id == outage.id).values(told_at=now))


def _outage(row: HopOutageRow) -> Outage:
    return Outage(
        id=row.id,
        company_id=row.company_id,
        host=row.host,
        began_at=row.began_at,
        last_failed_at=row.last_failed_at,
        failures=row.failures,
        cause=row.cause,
        ended_at=row.ended_at,
        is_told=row.told_at is not None,
    )
