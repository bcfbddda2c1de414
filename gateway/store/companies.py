"""Companies change here: one is added, or a setting of one is, which is noted with who did it."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.core.company import Language, Mode
from gateway.core.dkim import DkimMode
from gateway.errors import NotFoundError, TakenError
from gateway.hops import DEFAULT_HOP
from gateway.settings import HostPort
from gateway.store import members
from gateway.store.admission import (
    check_contact,
    check_name,
    check_next_hop,
    read_domain,
    read_sender,
)
from gateway.store.company_changes import CompanyChange, note_change
from gateway.store.company_records import CompanyRecord, get_company
from gateway.store.company_rows import CompanyDomainRow, CompanyRow, CompanySenderRow, company_row
from gateway.store.credentials import (
    CredentialKind,
    add_credential,
    limit_credential,
    list_credentials,
)
from gateway.store.dkim_keys import find_key
from gateway.store.hops import load_hops, save_route


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
    senders  who sends rejection mails, as in `Company.senders`; () means all of `domains`
    contact  whom candidates may ask, and the first member who is told; "" for nobody

    Raises TakenError when the name, or a domain with its parents and subdomains, is another
    company's; CareerRelayError when something is missing, too long or not what it must be.
    """
    own = _unique(read_domain(domain) for domain in domains)
    allowed = _unique(read_sender(sender, own) for sender in senders)
    check_name(name.strip(), own)
    check_contact(contact.strip())
    check_next_hop(next_hop)
    _refuse_taken(session, name.strip(), own)
    row = CompanyRow(
        name=name.strip(),
        mode=mode.value,
        contact=contact.strip(),
        language=language.value,
        next_hop=str(next_hop),
        smtp_user=f"company-{secrets.token_hex(4)}",
        created_at=now,
    )
    try:
        session.add(row)
        session.flush()
        session.add_all(CompanyDomainRow(company_id=row.id, domain=domain) for domain in own)
        session.add_all(CompanySenderRow(company_id=row.id, sender=sender) for sender in allowed)
        _, password = add_credential(session, row.id, CredentialKind.PASSWORD, "", now)
        if row.contact:
            members.add_member(session, row.id, row.contact, language, "", now)
    except IntegrityError as error:  # added by somebody else this very moment
        raise TakenError(f"Company {name} or one of its domains exists already.") from error
    return get_company(session, row.id), password


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


def set_mode(
    session: Session, company_id: int, mode: Mode, actor: str, now: datetime
) -> CompanyRecord:
    """Let the company's mails be changed (inject) or only judged (observe), and note who did it.

    Raises NotFoundError when there is no such company.
    """
    row = company_row(session, company_id)
    _note(session, row, ("mode", row.mode, mode.value), actor, now)
    row.mode = mode.value
    session.flush()
    return get_company(session, row.id)


def set_senders(
    session: Session, company_id: int, senders: Sequence[str], actor: str, now: datetime
) -> CompanyRecord:
    """Let these alone send the company's rejection mails from now on, and note who did it.

    senders  as in `Company.senders`, at least one

    Raises NotFoundError when there is no such company, CareerRelayError for a sender outside its
    domains.
    """
    row = company_row(session, company_id)
    old = get_company(session, company_id).company
    new = _unique(read_sender(sender, old.domains) for sender in senders)
    _note(session, row, ("senders", ", ".join(old.senders), ", ".join(new)), actor, now)
    session.execute(delete(CompanySenderRow).where(CompanySenderRow.company_id == company_id))
    session.add_all(CompanySenderRow(company_id=company_id, sender=sender) for sender in new)
    session.flush()
    return get_company(session, company_id)


def set_contact(
    session: Session, company_id: int, contact: str, actor: str, now: datetime
) -> CompanyRecord:
    """Name another address to candidates, "" for none, and note who did it.

    The member who had the old one is told at the new one from now on, unless somebody is already.

    Raises NotFoundError when there is no such company, CareerRelayError for what is no address.
    """
    row = company_row(session, company_id)
    wanted = contact.strip()
    check_contact(wanted)
    by_address = {m.address.lower(): m for m in members.list_members(session, company_id)}
    member = by_address.get(row.contact.lower())
    if wanted and member is not None and by_address.get(wanted.lower(), member) is member:
        members.set_address(session, member, wanted, actor, now)
    elif wanted and wanted.lower() not in by_address:
        members.add_member(session, company_id, wanted, Language(row.language), actor, now)
    _note(session, row, ("contact", row.contact, wanted), actor, now)
    row.contact = wanted
    session.flush()
    return get_company(session, company_id)


def set_next_hop(
    session: Session, company_id: int, next_hop: HostPort, actor: str, now: datetime
) -> CompanyRecord:
    """Send the company's mails to another server from now on, and note who did it.

    Raises NotFoundError when there is no such company, CareerRelayError when nothing can listen
    there, or when its other settings do not fit (gateway.store.hops).
    """
    hop = load_hops(session, company_id).get(company_id, DEFAULT_HOP)
    save_route(session, company_id, next_hop, hop, actor, now)
    return get_company(session, company_id)


def set_dkim(
    session: Session, company_id: int, selector: str, actor: str, now: datetime
) -> CompanyRecord:
    """Sign the company's edited mails with its key of this selector; "" lets the next hop sign.

    Raises NotFoundError when there is no such company or key.
    """
    row = company_row(session, company_id)
    if selector and find_key(session, company_id, selector) is None:
        raise NotFoundError(f'{row.name} has no DKIM key of the selector "{selector}".')
    mode = DkimMode.RELAY_SIGNS if selector else DkimMode.NEXT_HOP_SIGNS
    old = f"{row.dkim} {row.dkim_selector}".strip()
    _note(session, row, ("dkim", old, f"{mode.value} {selector}".strip()), actor, now)
    row.dkim, row.dkim_selector = mode.value, selector
    session.flush()
    return get_company(session, row.id)


def renew_password(
    session: Session,
    company_id: int,
    actor: str,
    now: datetime,
    keep_old_until: datetime | None = None,
) -> tuple[CompanyRecord, str]:
    """Give the company a new SMTP password, which is told only now; the old one is void.

    keep_old_until  the newest of the old ones goes on until then

    Raises NotFoundError when there is no such company.
    """
    row = company_row(session, company_id)
    old = [
        one
        for one in list_credentials(session, row.id)
        if one.kind is CredentialKind.PASSWORD and one.is_valid(now)
    ]
    for one in old[:-1]:
        limit_credential(session, row.id, one.id, None, actor, now)
    for one in old[-1:]:
        limit_credential(session, row.id, one.id, keep_old_until, actor, now)
    _, password = add_credential(session, row.id, CredentialKind.PASSWORD, actor, now)
    return get_company(session, row.id), password


def _note(
    session: Session, row: CompanyRow, change: tuple[str, str, str], actor: str, now: datetime
) -> None:
    what, old, new = change
    note_change(session, row.id, CompanyChange(now, actor, what, old, new))


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
