"""One mail's whole story: decided, changed, handed on, referred, counted, told."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.store.company_records import CompanyRecord, get_company
from gateway.store.ledger import Entry, LedgerEntryRow, SlotPointRow, entries, entry_of_referral
from gateway.store.mails import MailRecord, find_mail, mails_of_referral
from gateway.store.outbox import Notification, caused_by
from gateway.store.referrals import Referral, get_referral


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of one mail, and what came of it.

    attempts       all tries to relay the referral's mail, oldest first; () without a referral
    entries        what it did to the ledger: whether it counted, and the slot it is part of
    notifications  what the company was told because of these entries
    """

    mail: MailRecord
    company: CompanyRecord
    referral: Referral | None = None
    attempts: tuple[MailRecord, ...] = ()
    entries: tuple[Entry, ...] = ()
    notifications: tuple[Notification, ...] = ()


def tell(session: Session, queue_id: str) -> Story | None:
    """Return the story of the mail that our reply called `queue_id`, None for an unknown one."""
    mail = find_mail(session, queue_id)
    if mail is None:
        return None
    company = get_company(session, mail.company_id)
    if mail.referral_id is None:
        return Story(mail, company)
    caused = _entries_of(session, mail.referral_id)
    return Story(
        mail,
        company,
        get_referral(session, mail.referral_id),
        mails_of_referral(session, mail.referral_id),
        caused,
        caused_by(session, [entry.id for entry in caused]),
    )


def number_entries(session: Session, shown: Iterable[Entry]) -> dict[int, int]:
    """Return the seq of each entry that a slot among `shown` is made of, by its id."""
    ids = [id_ for entry in shown for id_ in entry.points]
    query = select(LedgerEntryRow.id, LedgerEntryRow.seq).where(LedgerEntryRow.id.in_(ids))
    return dict(session.execute(query).all()) if ids else {}


def _entries_of(session: Session, referral_id: int) -> tuple[Entry, ...]:
    """Return the entry that settled a referral, and the slot that names it, if any."""
    settled = entry_of_referral(session, referral_id)
    if settled is None:
        return ()
    slot_seq = session.scalar(
        select(LedgerEntryRow.seq)
        .join(SlotPointRow, SlotPointRow.slot_entry_id == LedgerEntryRow.id)
        .where(SlotPointRow.counted_entry_id == settled.id)
    )
    if slot_seq is None:
        return (settled,)
    return (settled, *entries(session, settled.company_id, after_seq=slot_seq - 1, limit=1))
