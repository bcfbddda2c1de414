"""How a company's next hop is spoken to, as the database keeps it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.errors import CareerRelayError
from gateway.hops import DEFAULT_HOP, EightBit, HopSettings, HopTls, describe_hop
from gateway.settings import HostPort, parse_host_port
from gateway.store.admission import check_next_hop
from gateway.store.company_changes import CompanyChange, note_change
from gateway.store.company_rows import company_row
from gateway.store.outages import forget_hosts
from gateway.store.tables import Base

_MOST_HOSTS = 5  # each may take its time, and the sender waits
_MOST_USER = 320
_MOST_CONNECTIONS = 1000
_MOST_IDLE_SECONDS = 3600
_MOST_MAILS = 10_000


class CompanyHopRow(Base):
    """The settings of one company's next hop; a company without a row has the defaults.

    fallbacks  HOST:PORT, blanks between, in the order they are tried after `company.next_hop`
    """

    __tablename__ = "company_hop"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), unique=True)
    fallbacks: Mapped[str] = mapped_column(Text)
    tls: Mapped[str] = mapped_column(String(20))
    implicit_tls: Mapped[bool]
    authority: Mapped[str] = mapped_column(Text)
    user: Mapped[str] = mapped_column("login_user", String(_MOST_USER))
    sealed_password: Mapped[str] = mapped_column(Text)
    certificate: Mapped[str] = mapped_column(Text)
    sealed_key: Mapped[str] = mapped_column(Text)
    most_connections: Mapped[int]
    idle_seconds: Mapped[int]
    mails_per_connection: Mapped[int]
    eight_bit: Mapped[str] = mapped_column(String(20))


def load_hops(session: Session, company_id: int | None = None) -> dict[int, HopSettings]:
    """Return the settings of all companies that have some, or of one, by company id."""
    query = select(CompanyHopRow)
    if company_id is not None:
        query = query.where(CompanyHopRow.company_id == company_id)
    return {row.company_id: _read(row) for row in session.scalars(query)}


def save_route(
    session: Session,
    company_id: int,
    first: HostPort,
    hop: HopSettings,
    actor: str,
    now: datetime,
) -> None:
    """Send the company's mails to `first` and its fallbacks from now on, and note who did it.

    Raises NotFoundError when there is no such company, CareerRelayError when the settings do not
    fit each other.
    """
    company = company_row(session, company_id)
    check_hop(first, hop)
    old = load_hops(session, company_id).get(company_id, DEFAULT_HOP)
    changes = [("next_hop", company.next_hop, str(first)), *_changes(old, hop)]
    for what, before, after in changes:
        note_change(session, company_id, CompanyChange(now, actor, what, before, after))
    company.next_hop = str(first)
    if hop != old:
        query = select(CompanyHopRow).where(CompanyHopRow.company_id == company_id)
        row = session.scalars(query).one_or_none() or CompanyHopRow(company_id=company_id)
        _write(row, hop)
        session.add(row)
    forget_hosts(session, company_id, (first, *hop.fallbacks))
    session.flush()


def check_hop(first: HostPort, hop: HopSettings) -> None:
    """Raise CareerRelayError, saying what to do, when the settings do not fit each other."""
    hosts = (first, *hop.fallbacks)
    for host in hosts:
        check_next_hop(host)
        if not host.host.isascii() or any(map(str.isspace, host.host)):
            raise CareerRelayError(f"{host} is no host: give its name in ASCII, IDNA A-labels.")
    if len(set(hosts)) != len(hosts) or len(hosts) > _MOST_HOSTS:
        raise CareerRelayError(
            f"A company has up to {_MOST_HOSTS} different next hops, in the order they are tried."
        )
    proves = hop.tls in {HopTls.VERIFY, HopTls.PINNED}
    if hop.user and not proves and not all(host.is_loopback for host in hosts):
        raise CareerRelayError(
            "A password goes to another machine only when that proves who it is: choose "
            "--tls verify, or --tls pinned --authority FILE."
        )
    if (hop.tls is HopTls.PINNED) != bool(hop.authority):
        raise CareerRelayError("--tls pinned and --authority FILE go together.")
    if hop.tls is HopTls.NONE and (hop.implicit_tls or hop.certificate):
        raise CareerRelayError("With --tls none there is no implicit TLS and no certificate.")
    if len(hop.user) > _MOST_USER or not hop.user.isprintable():
        raise CareerRelayError(f"A user name has {_MOST_USER} printable characters at most.")
    _check_range("--most-connections", hop.most_connections, _MOST_CONNECTIONS)
    _check_range("--idle-seconds", hop.idle_seconds, _MOST_IDLE_SECONDS)
    _check_range("--mails-per-connection", hop.mails_per_connection, _MOST_MAILS)


def _check_range(option: str, number: int, most: int) -> None:
    if not 1 <= number <= most:
        raise CareerRelayError(f"{option} is a number from 1 to {most}.")


def _changes(old: HopSettings, new: HopSettings) -> list[tuple[str, str, str]]:
    before, after = describe_hop(old), describe_hop(new)
    changes = [(f"hop_{name}", before[name], after[name]) for name in after]
    secrets = (
        ("hop_password", old.sealed_password, new.sealed_password),
        ("hop_authority", old.authority, new.authority),
        ("hop_certificate", old.certificate, new.certificate),
    )
    for what, gone, come in secrets:
        if gone != come:
            changes.append((what, "an older one" if gone else "", "a new one" if come else ""))
    return changes


def _read(row: CompanyHopRow) -> HopSettings:
    return HopSettings(
        fallbacks=tuple(HostPort(*parse_host_port(text)) for text in row.fallbacks.split()),
        tls=HopTls(row.tls),
        implicit_tls=row.implicit_tls,
        authority=row.authority,
        user=row.user,
        sealed_password=row.sealed_password,
        certificate=row.certificate,
        sealed_key=row.sealed_key,
        most_connections=row.most_connections,
        idle_seconds=row.idle_seconds,
        mails_per_connection=row.mails_per_connection,
        eight_bit=EightBit(row.eight_bit),
    )


def _write(row: CompanyHopRow, hop: HopSettings) -> None:
    row.fallbacks = " ".join(map(str, hop.fallbacks))
    row.tls = hop.tls.value
    row.implicit_tls = hop.implicit_tls
    row.authority = hop.authority
    row.user = hop.user
    row.sealed_password = hop.sealed_password
    row.certificate = hop.certificate
    row.sealed_key = hop.sealed_key
    row.most_connections = hop.most_connections
    row.idle_seconds = hop.idle_seconds
    row.mails_per_connection = hop.mails_per_connection
    row.eight_bit = hop.eight_bit.value
