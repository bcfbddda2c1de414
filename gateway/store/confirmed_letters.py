"""A mail that a person called a rejection becomes a registered letter, by one more word."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from gateway.core.letter import Letter
from gateway.errors import CareerRelayError, NotFoundError
from gateway.store.letters import add_letter, load_letters
from gateway.store.mails import MailRow
from gateway.store.recent_letters import drop_letters, find_recent
from gateway.store.review_rows import ReviewRow


class LikeLetterError(CareerRelayError):
    """The company has a letter that is nearly the same: no. `number`."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"Nearly the same letter is registered already: no. {number}.")


def remember_letter(
    session: Session, company_id: int, queue_id: str, actor: str, now: datetime
) -> Letter:
    """Register the mail as one of the company's letters and return it with its number.

    Raises NotFoundError when nobody called this mail of the company a rejection, or nothing is kept
    of it (any more); LikeLetterError when nearly the same letter is registered; CareerRelayError
    when there are too many.
    """
    confirmed = exists().where(
        MailRow.queue_id == queue_id,
        ReviewRow.mail_id == MailRow.id,
        ReviewRow.company_id == company_id,
        ReviewRow.is_rejection,
    )
    if not session.scalar(select(confirmed)):
        raise NotFoundError(f'Nobody has called mail "{queue_id}" of the company a rejection yet.')
    letter = find_recent(session, company_id, queue_id)
    if letter is None:
        raise NotFoundError(
            "The mail cannot be remembered: its phrases are kept for 30 days, of the newest mails "
            "that wait for review alone, and only where it reads as a letter of its own."
        )
    for known in load_letters(session, company_id).get(company_id, ()):
        if known.is_like(letter):
            raise LikeLetterError(known.number)
    added = add_letter(session, company_id, letter, actor, now)
    drop_letters(session, [queue_id])
    return added
