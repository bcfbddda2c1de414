"""What followed from a ledger entry vouches for it: no hash tells that the newest are missing."""

from collections.abc import Iterator

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.orm import Session

from gateway.core.account import Kind
from gateway.core.why import Action
from gateway.store.ledger_rows import LedgerEntryRow
from gateway.store.mails import MailRow
from gateway.store.outbox import Event, NotificationRow
from gateway.store.review_rows import ReviewRow

_TOLD_OF = {
    Event.FIRST_REFERRAL: (Kind.COUNTED,),
    Event.HALFWAY: (Kind.COUNTED,),
    Event.SLOT_EARNED: (Kind.SLOT_EARNED,),
    Event.SLOT_USED: (Kind.RESERVED,),
    Event.SLOT_RETURNED: (Kind.RETURNED,),
    Event.SLOT_EXPIRED: (Kind.EXPIRED,),
    Event.REFERRAL_VOIDED: (Kind.VOID, Kind.WITHDRAWN),
}
"""Of which entries a company is told; another one may have got the id of one taken away."""

_TOLD_OF_NOTHING = (
    select(NotificationRow.id, NotificationRow.event)
    .outerjoin(
        LedgerEntryRow,
        (LedgerEntryRow.id == NotificationRow.cause_entry_id)
        & (LedgerEntryRow.company_id == NotificationRow.company_id),
    )
    .where(
        NotificationRow.company_id == bindparam("company"),
        NotificationRow.cause_entry_id.is_not(None),
        or_(
            LedgerEntryRow.id.is_(None),
            *(
                (NotificationRow.event == event.value) & LedgerEntryRow.kind.not_in(kinds)
                for event, kinds in _TOLD_OF.items()
            ),
        ),
    )
    .order_by(NotificationRow.id)
    .limit(1)
)
_DENIED_AND_COUNTED = (
    select(MailRow.queue_id, MailRow.referral_id)
    .join(ReviewRow, ReviewRow.mail_id == MailRow.id)
    .where(
        ReviewRow.company_id == bindparam("company"),
        ~ReviewRow.is_rejection,
        MailRow.action == Action.INJECTED.value,
        MailRow.referral_id.is_not(None),
        ~exists().where(
            LedgerEntryRow.referral_id == MailRow.referral_id,
            LedgerEntryRow.kind.in_((Kind.VOID.value, Kind.WITHDRAWN.value)),
        ),
    )
    .order_by(ReviewRow.id)
    .limit(1)
)


def lost_causes(session: Session, company_id: int) -> Iterator[str]:
    """Yield, in words, what followed from an entry of a company that is not there any more."""
    told = session.execute(_TOLD_OF_NOTHING, {"company": company_id}).one_or_none()
    if told is not None:
        yield f"notification {told.id} ({told.event}) tells of an entry that is missing"
    denied = session.execute(_DENIED_AND_COUNTED, {"company": company_id}).one_or_none()
    if denied is not None:
        yield (
            f"mail {denied.queue_id} was no rejection, and nothing takes back its referral "
            f"{denied.referral_id}"
        )
