"""Which referrals are meant when a company's own systems report on a mail that they sent."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.core.candidate import CandidateHash
from gateway.core.link import MessageKey
from gateway.store.mails import MailRow
from gateway.store.referrals import ReferralRow

_MOST_COPIES = 1000


def of_queue_id(session: Session, company_id: int, queue_id: str) -> tuple[int, ...] | None:
    """Return the referrals of the mail that our 250 called `queue_id`, those of its copies too.

    () for a mail without a link; None when the company sent no such mail.
    """
    copies = (f"{queue_id}-{number}" for number in range(2, _MOST_COPIES + 1))
    found = session.scalars(
        select(MailRow.referral_id)
        .where(MailRow.queue_id.in_([queue_id, *copies]), MailRow.company_id == company_id)
        .order_by(MailRow.id)
    ).all()
    return tuple(dict.fromkeys(id_ for id_ in found if id_ is not None)) if found else None


def of_message(
    session: Session,
    company_id: int,
    message: MessageKey,
    candidates: Sequence[CandidateHash] | None = None,
) -> tuple[int, ...]:
    """Return the referrals of a mail of the company, of these candidates or of all.

    A mail without a link leaves no trace of its Message-ID: it looks like one never sent.
    """
    query = select(ReferralRow.id).where(
        ReferralRow.company_id == company_id, ReferralRow.message_key == message
    )
    if candidates is not None:
        query = query.where(ReferralRow.candidate_hash.in_(candidates))
    return tuple(session.scalars(query.order_by(ReferralRow.id)))
