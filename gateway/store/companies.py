"""Companies: whose mail it is, where it goes next, and how their mail server logs in."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.company import BlockTemplate, Company, Language, Mode
from gateway.core.dkim import DkimMode
from gateway.core.envelope import Address
from gateway.errors import NotFoundError, TakenError
from gateway.settings import HostPort, parse_host_port
from gateway.store.admission import (
    MOST_ADDRESS,
    MOST_NAME,
    MOST_NEXT_HOP,
    check_contact,
    check_name,
    check_next_hop,
    read_domain,
    read_sender,
)
from gateway.store.block_templates import newest_blocks
from gateway.store.credentials import hash_password, new_password
from gateway.store.dkim_keys import (
    NEXT_HOP_SIGNS,
    DkimKey,
    DkimSetting,
    find_key,
    load_keys,
)
from gateway.store.tables import Base


class CompanyRow(Base):
    """One company; `next_hop` is HOST:PORT."""

    __tablename__ = "company"

    name: Mapped[str] = mapped_column(String(MOST_NAME), unique=True)
    mode: Mapped[str] = mapped_column(String(20))
    contact: Mapped[str] = mapped_column(String(MOST_ADDRESS))
    language: Mapped[str] = mapped_column(String(8))
    next_hop: Mapped[str] = mapped_column(String(MOST_NEXT_HOP))
    smtp_user: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    dkim: Mapped[str] = mapped_column(String(20), server_default="next-hop-signs")
    dkim_selector: Mapped[str] = mapped_column(String(63), server_default="")


class CompanyDomainRow(Base):
    """A domain and the one company it belongs to."""

    __tablename__ = "company_domain"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    domain: Mapped[str] = mapped_column(String(253), unique=True)


class CompanySenderRow(Base):
    """An address or domain that sends rejection mails for a company."""

    __tablename__ = "company_sender"
    __table_args__ = (UniqueConstraint("company_id", "sender"),)

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    sender: Mapped[str] = mapped_column(String(MOST_ADDRESS))


class CompanyChangeRow(Base):
    """Who changed what of a company, and when: written once, read by auditors."""

    __tablename__ = "company_change"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))
    what: Mapped[str] = mapped_column(String(40))
    old: Mapped[str] = mapped_column(String(300))
    new: Mapped[str] = mapped_column(String(300))


@dataclass(frozen=True, slots=True)
class CompanyRecord:
    """A company with what only the shells need: where its mail goes, and how it logs in."""

    company: Company
    next_hop: HostPort
    smtp_user: str
    password_hash: str
    dkim: DkimSetting = NEXT_HOP_SIGNS


@dataclass(frozen=True, slots=True)
class CompanyChange:
    """One line of a company's history; `what` is the name of what changed ("mode")."""

    at: datetime
    actor: str
    what: str
    old: str
    new: str


def add_company(  # noqa: PLR0913  a company is that much, and every name is given
    session: Session,
    *,
    name: str,
    domains: Sequence[str],
    next_hop: HostPort,
    mode: Mode = Mode.OBSERVE,
    senders: Sequence[str] = (),
    contact: str = "",
    language: Language = Language.JA,
    now: datetime,
) -> tuple[CompanyRecord, str]:
    """Write down a new company; return it with its SMTP password, which is told only now.

    domains  own and sibling domains, at least one; any letter case, IDNA or not
    senders  addresses or domains that send rejection mails; () means all of `domains`
    contact  where notifications go, "" for nobody

    Raises TakenError when the name, or a domain with its parents and subdomains, is another
    company's; CareerRelayError when something is missing, too long or not what it must be.
    """
    own = _unique(read_domain(domain) for domain in domains)
    allowed = _unique(read_sender(sender, own) for sender in senders)
    check_name(name.strip(), own)
    check_contact(contact.strip())
    check_next_hop(next_hop)
    _refuse_taken(session, name.strip(), own)
    password = new_password()
    row = CompanyRow(
        name=name.strip(),
        mode=mode.value,
        contact=contact.strip(),
        language=language.value,
        next_hop=str(next_hop),
        smtp_user=f"company-{secrets.token_hex(4)}",
        password_hash=hash_password(password),
        created_at=now,
    )
    try:
        session.add(row)
        session.flush()
        session.add_all(CompanyDomainRow(company_id=row.id, domain=domain) for domain in own)
        session.add_all(CompanySenderRow(company_id=row.id, sender=sender) for sender in allowed)
        session.flush()
    except IntegrityError as error:  # added by somebody else this very moment
        raise TakenError(f"Company {name} or one of its domains exists already.") from error
    return _record(row, own, allowed, None), password


def _refuse_taken(session: Session, name: str, domains: tuple[str, ...]) -> None:
    if session.scalar(select(CompanyRow.id).where(CompanyRow.name == name)) is not None:
        raise TakenError(f'There is a company called "{name}" already.')
    for domain in domains:
        found = session.execute(
            select(CompanyDomainRow.domain, CompanyRow.name)
            .join(CompanyRow, CompanyRow.id == CompanyDomainRow.company_id)
            .where(
                or_(
                    CompanyDomainRow.domain.in_(_with_parents(domain)),
                    CompanyDomainRow.domain.endswith(f".{domain}", autoescape=True),
                )
            )
            .limit(1)
        ).first()
        if found is not None:
            raise TakenError(
                f'Domain {domain} cannot be added: {found.domain} belongs to "{found.name}".'
            )


def _with_parents(domain: str) -> tuple[str, ...]:
    labels = domain.split(".")
    return tuple(".".join(labels[start:]) for start in range(len(labels)))


def load_companies(session: Session) -> tuple[CompanyRecord, ...]:
    """Return all companies in the order they came, by five queries however many there are."""
    rows = session.scalars(select(CompanyRow).order_by(CompanyRow.id)).all()
    domains: defaultdict[int, list[str]] = defaultdict(list)
    for company_id, domain in session.execute(
        select(CompanyDomainRow.company_id, CompanyDomainRow.domain).order_by(CompanyDomainRow.id)
    ):
        domains[company_id].append(domain)
    senders: defaultdict[int, list[str]] = defaultdict(list)
    for company_id, sender in session.execute(
        select(CompanySenderRow.company_id, CompanySenderRow.sender).order_by(CompanySenderRow.id)
    ):
        senders[company_id].append(sender)
    keys, blocks = load_keys(session), newest_blocks(session)
    return tuple(
        _record(
            row,
            tuple(domains[row.id]),
            tuple(senders[row.id]),
            keys.get((row.id, row.dkim_selector)),
            blocks.get(row.id, ()),
        )
        for row in rows
    )


def find_company(session: Session, name: str) -> CompanyRecord:
    """Return the company called `name`.

    Raises NotFoundError telling what to do.
    """
    row = session.scalars(select(CompanyRow).where(CompanyRow.name == name.strip())).one_or_none()
    if row is None:
        raise NotFoundError(
            f'There is no company called "{name}". '
            "`career-relay company list` names them all, `career-relay company add` adds one."
        )
    return _complete(session, row)


def get_company(session: Session, company_id: int) -> CompanyRecord:
    """Return the company with this id.

    Raises NotFoundError.
    """
    return _complete(session, _row(session, company_id))


def set_mode(
    session: Session, company_id: int, mode: Mode, actor: str, now: datetime
) -> CompanyRecord:
    """Let the company's mails be changed (inject) or only judged (observe), and note who did it.

    Raises NotFoundError when there is no such company.
    """
    row = _row(session, company_id)
    _note(session, row, ("mode", row.mode, mode.value), actor, now)
    row.mode = mode.value
    session.flush()
    return _complete(session, row)


def set_next_hop(
    session: Session, company_id: int, next_hop: HostPort, actor: str, now: datetime
) -> CompanyRecord:
    """Send the company's mails to another server from now on, and note who did it.

    Raises NotFoundError when there is no such company, CareerRelayError when nothing can listen
    there.
    """
    check_next_hop(next_hop)
    row = _row(session, company_id)
    _note(session, row, ("next_hop", row.next_hop, str(next_hop)), actor, now)
    row.next_hop = str(next_hop)
    session.flush()
    return _complete(session, row)


def set_dkim(
    session: Session, company_id: int, selector: str, actor: str, now: datetime
) -> CompanyRecord:
    """Sign the company's edited mails with its key of this selector; "" lets the next hop sign.

    Raises NotFoundError when there is no such company or key.
    """
    row = _row(session, company_id)
    if selector and find_key(session, company_id, selector) is None:
        raise NotFoundError(f'{row.name} has no DKIM key of the selector "{selector}".')
    mode = DkimMode.RELAY_SIGNS if selector else DkimMode.NEXT_HOP_SIGNS
    old = f"{row.dkim} {row.dkim_selector}".strip()
    _note(session, row, ("dkim", old, f"{mode.value} {selector}".strip()), actor, now)
    row.dkim, row.dkim_selector = mode.value, selector
    session.flush()
    return _complete(session, row)


def renew_password(
    session: Session, company_id: int, actor: str, now: datetime
) -> tuple[CompanyRecord, str]:
    """Give the company a new SMTP password, which is told only now; the old one is void.

    Raises NotFoundError when there is no such company.
    """
    row = _row(session, company_id)
    password = new_password()
    _note(session, row, ("smtp_password", "an older one", "a new one"), actor, now)
    row.password_hash = hash_password(password)
    session.flush()
    return _complete(session, row), password


def list_changes(session: Session, company_id: int) -> tuple[CompanyChange, ...]:
    """Return what was changed of a company, newest first."""
    rows = session.scalars(
        select(CompanyChangeRow)
        .where(CompanyChangeRow.company_id == company_id)
        .order_by(CompanyChangeRow.id.desc())
    )
    return tuple(CompanyChange(row.at, row.actor, row.what, row.old, row.new) for row in rows)


def _note(
    session: Session, row: CompanyRow, change: tuple[str, str, str], actor: str, now: datetime
) -> None:
    what, old, new = change
    if old != new:
        session.add(
            CompanyChangeRow(
                company_id=row.id, at=now, actor=actor[:200], what=what, old=old, new=new
            )
        )


def _row(session: Session, company_id: int) -> CompanyRow:
    row = session.get(CompanyRow, company_id, populate_existing=True)
    if row is None:
        raise NotFoundError(f"There is no company with the number {company_id}.")
    return row


def _complete(session: Session, row: CompanyRow) -> CompanyRecord:
    domains = session.scalars(
        select(CompanyDomainRow.domain)
        .where(CompanyDomainRow.company_id == row.id)
        .order_by(CompanyDomainRow.id)
    )
    senders = session.scalars(
        select(CompanySenderRow.sender)
        .where(CompanySenderRow.company_id == row.id)
        .order_by(CompanySenderRow.id)
    )
    key = find_key(session, row.id, row.dkim_selector) if row.dkim_selector else None
    blocks = newest_blocks(session, row.id).get(row.id, ())
    return _record(row, tuple(domains), tuple(senders), key, blocks)


def _record(
    row: CompanyRow,
    domains: tuple[str, ...],
    senders: tuple[str, ...],
    key: DkimKey | None,
    blocks: tuple[BlockTemplate, ...] = (),
) -> CompanyRecord:
    return CompanyRecord(
        company=Company(
            id=row.id,
            name=row.name,
            domains=domains,
            mode=Mode(row.mode),
            senders=senders,
            contact=Address(row.contact),
            language=Language(row.language),
            blocks=blocks,
        ),
        next_hop=HostPort(*parse_host_port(row.next_hop)),
        smtp_user=row.smtp_user,
        password_hash=row.password_hash,
        dkim=DkimSetting(DkimMode(row.dkim), key),
    )


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
