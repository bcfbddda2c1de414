"""Companies as they are read: every fact of a company, from whichever table, in one record.

To add a fact: one defaulted field in `CompanyRecord` (or in the core's `Company`), and in
`_records` one line that loads it and one that hands it over. A loader takes the company's id, or
None for all companies, and returns what it found by company id, with one query. company_reader.py
must look at its table: a test tells.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from gateway.core.access import PASSWORD_ONLY, Access
from gateway.core.company import Company, Language, Mode
from gateway.core.dkim import DkimMode
from gateway.core.envelope import Address
from gateway.core.findings import ALWAYS_NOTIFY
from gateway.errors import NotFoundError
from gateway.hops import DEFAULT_HOP, HopSettings, Route
from gateway.settings import HostPort, parse_host_port
from gateway.store.access import load_access
from gateway.store.block_templates import newest_blocks
from gateway.store.company_rows import (
    CompanyDomainRow,
    CompanyRow,
    CompanySenderRow,
    company_row,
)
from gateway.store.courtesy import load_courtesy
from gateway.store.credentials import Credential, CredentialKind, load_credentials
from gateway.store.dkim_keys import NEXT_HOP_SIGNS, DkimSetting, load_keys
from gateway.store.domain_proofs import load_proofs
from gateway.store.foreign_from import ForeignFrom, load_foreign_from
from gateway.store.hops import load_hops
from gateway.store.letters import load_letters
from gateway.store.review_rows import load_answers
from gateway.store.tuning import load_offsets


@dataclass(frozen=True, slots=True)
class CompanyRecord:
    """A company with what only the shells need: where its mail goes, and how it logs in."""

    company: Company
    next_hop: HostPort
    smtp_user: str
    dkim: DkimSetting = NEXT_HOP_SIGNS
    credentials: tuple[Credential, ...] = ()
    access: Access = PASSWORD_ONLY
    hop: HopSettings = DEFAULT_HOP
    foreign_from: ForeignFrom = ForeignFrom.PASS

    def valid(self, kind: CredentialKind, now: datetime) -> tuple[Credential, ...]:
        """Return the company's secrets of this kind that have not expired."""
        return tuple(one for one in self.credentials if one.kind is kind and one.is_valid(now))

    @property
    def route(self) -> Route:
        """Where the company's mails go, and how."""
        return Route(self.company.id, (self.next_hop, *self.hop.fallbacks), self.hop)


def load_companies(session: Session) -> tuple[CompanyRecord, ...]:
    """Return all companies in the order they came; one query for each kind of fact."""
    return _records(session, session.scalars(select(CompanyRow).order_by(CompanyRow.id)).all())


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
    return _records(session, [row], row.id)[0]


def get_company(session: Session, company_id: int) -> CompanyRecord:
    """Return the company with this id.

    Raises NotFoundError.
    """
    return _records(session, [company_row(session, company_id)], company_id)[0]


def _records(
    session: Session, rows: Sequence[CompanyRow], only: int | None = None
) -> tuple[CompanyRecord, ...]:
    """Return the companies of `rows`: all that there are, or the one with the id `only`."""
    domains, senders = _load_domains(session, only), _load_senders(session, only)
    keys = load_keys(session, only)
    blocks = newest_blocks(session, only)
    credentials, access = load_credentials(session, only), load_access(session, only)
    hops = load_hops(session, only)
    letters = load_letters(session, only)
    proofs = load_proofs(session, only)
    offsets = load_offsets(session, only)
    answers = load_answers(session, only)
    courtesy = load_courtesy(session, only)
    foreign_from = load_foreign_from(session, only)
    return tuple(
        CompanyRecord(
            company=Company(
                id=row.id,
                name=row.name,
                domains=domains.get(row.id, ()),
                mode=Mode(row.mode),
                senders=senders.get(row.id, ()),
                contact=Address(row.contact),
                language=Language(row.language),
                blocks=blocks.get(row.id, ()),
                letters=letters.get(row.id, ()),
                offset=offsets.get(row.id, 0.0),
                proven=tuple(proof.domain for proof in proofs.get(row.id, ())),
                courtesy=courtesy.get(row.id, ALWAYS_NOTIFY),
                answers=answers.get(row.id, ()),
            ),
            next_hop=HostPort(*parse_host_port(row.next_hop)),
            smtp_user=row.smtp_user,
            credentials=credentials.get(row.id, ()),
            access=access.get(row.id, PASSWORD_ONLY),
            dkim=DkimSetting(DkimMode(row.dkim), keys.get((row.id, row.dkim_selector))),
            hop=hops.get(row.id, DEFAULT_HOP),
            foreign_from=foreign_from.get(row.id, ForeignFrom.PASS),
        )
        for row in rows
    )


def _load_domains(session: Session, only: int | None) -> dict[int, tuple[str, ...]]:
    query = select(CompanyDomainRow.company_id, CompanyDomainRow.domain)
    if only is not None:
        query = query.where(CompanyDomainRow.company_id == only)
    return _by_company(session.execute(query.order_by(CompanyDomainRow.id)))


def _load_senders(session: Session, only: int | None) -> dict[int, tuple[str, ...]]:
    query = select(CompanySenderRow.company_id, CompanySenderRow.sender)
    if only is not None:
        query = query.where(CompanySenderRow.company_id == only)
    return _by_company(session.execute(query.order_by(CompanySenderRow.id)))


def _by_company(found: Iterable[Row[int, str]]) -> dict[int, tuple[str, ...]]:
    texts: defaultdict[int, list[str]] = defaultdict(list)
    for company_id, text in found:
        texts[company_id].append(text)
    return {company_id: tuple(several) for company_id, several in texts.items()}
