"""One mail's whole story: decided, changed, handed on, referred, counted, told."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from gateway.core.account import Kind
from gateway.store.company_records import CompanyRecord, get_company
from gateway.store.ledger import Entry, entries_of_referral
from gateway.store.mails import MailRecord, find_mail, mails_of_referral
from gateway.store.outbox import Notification, caused_by
from gateway.store.referrals import Referral, get_referral


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of one mail, and what came of it.

    attempts       all tries to relay the referral's mail, oldest first; () without a referral
    entries        what it did to the ledger: whether it counted, and the slots it was ever part of
    notifications  what the company was told because of these entries
    """

    mail: MailRecord
    company: CompanyRecord
    referral: Referral | None = None
    attempts: tuple[MailRecord, ...] = ()
    entries: tuple[Entry, ...] = ()
    notifications: tuple[Notification, ...] = ()

    @property
    def is_withdrawn(self) -> bool:
        """Whether the referral was taken back."""
        return any(entry.kind in {Kind.VOID, Kind.WITHDRAWN} for entry in self.entries)


def tell(session: Session, queue_id: str) -> Story | None:
    """Return the story of the mail that our reply called `queue_id`, None for an unknown one."""
    mail = find_mail(session, queue_id)
    if mail is None:
        return None
    company = get_company(session, mail.company_id)
    if mail.referral_id is None:
        return Story(mail, company)
    caused = entries_of_referral(session, mail.referral_id)
    return Story(
        mail,
        company,
        get_referral(session, mail.referral_id),
        mails_of_referral(session, mail.referral_id),
        caused,
        caused_by(session, [entry.id for entry in caused]),
    )
