"""What people say of verdicts: one answer for each mail, and what follows from it.

A review works from the line in the log: nothing else is kept of a mail. An answer that is changed
takes the place of the earlier one, as the newest, and the company's history tells of it.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, exists, func, select, text
from sqlalchemy.orm import Session

from gateway.core.company import Mode
from gateway.core.review import (
    Consequence,
    Rule,
    Standing,
    consequence,
    counts,
    offset_of,
    rule_of,
)
from gateway.core.verdict import verdicts_in
from gateway.errors import CareerRelayError, NotFoundError
from gateway.store.announce import News, announce
from gateway.store.companies import set_mode
from gateway.store.company_changes import CompanyChange, note_change
from gateway.store.company_rows import company_row
from gateway.store.corrections import void
from gateway.store.ledger import lock_company
from gateway.store.mails import PASSED, REVIEWABLE, MailRecord, MailRow, find_mail, mail_record
from gateway.store.outbox import Event
from gateway.store.review_rows import ReviewRow, forget_oldest
from gateway.store.tuning import set_offset

T = TypeVar("T", bound=Any)

MOST_COUNTED = 1000
"""Waiting mails are counted up to this."""

_LETTER = re.compile(r"letter-(\d+)")

_REASON = "not a rejection mail, says a person who looked"


UNREVIEWED = ~exists().where(ReviewRow.mail_id == MailRow.id)
"""Condition of queries on mails: nobody has said what this one was."""


class NotReviewedError(CareerRelayError):
    """Too few verdicts were confirmed; `missing` is how many more are."""

    def __init__(self, standing: Standing, needed: int) -> None:
        self.missing = standing.missing(needed)
        super().__init__(
            f"{standing.in_a_row} of {needed} rejection mails are confirmed in a row: "
            f"{self.missing} more with `career-relay review`, or say --unreviewed."
        )


@dataclass(frozen=True, slots=True)
class Answered:
    """A mail that somebody looked at; `letter`: the registered one that it was recognised by."""

    mail: MailRecord
    is_rejection: bool
    at: datetime
    actor: str

    @property
    def letter(self) -> int | None:
        """The number of the registered letter that the mail was recognised by, if it was."""
        numbers = (_LETTER.fullmatch(one.rule) for one in self.mail.evidence)
        return next((int(found[1]) for found in numbers if found), None)


@dataclass(frozen=True, slots=True)
class Done:
    """What an answer did.

    is_new      False when the same answer stood there: nothing was written
    withdrawn   the referral that was taken back for it, now or before
    to_observe  the company was switched to observe mode for it, now
    rule        what it says of other mails of the same sender and subject, where these are known
    """

    mail: MailRecord
    is_new: bool
    withdrawn: int | None = None
    to_observe: bool = False
    rule: Rule | None = None


def answer(
    session: Session,
    company_id: int,
    queue_id: str,
    *,
    is_rejection: bool,
    actor: str,
    now: datetime,
) -> Done:
    """Write down whether a mail was a rejection, and do what follows, all in this transaction.

    A mail that got a link and was none: the referral is voided, the company goes back to observe
    mode and is told. Denied rejections make the company's judging stricter. The same answer again
    changes nothing.

    Raises NotFoundError when the company has no such mail.
    """
    lock_company(session, company_id)
    mail = find_mail(session, queue_id)
    if mail is None or mail.company_id != company_id:
        raise NotFoundError(f'The company has no mail "{queue_id}".')
    follows = consequence(mail.action, _mode(session, company_id), is_rejection=is_rejection)
    withdrawn = mail.referral_id if follows.withdraws else None
    if not _write(session, mail, is_rejection=is_rejection, actor=actor, now=now):
        return Done(mail, is_new=False, withdrawn=withdrawn)
    if follows.withdraws:
        _undo(session, mail, follows, actor, now)
    session.flush()
    set_offset(session, company_id, offset_of(standing(session, company_id)), actor, now)
    rule = _rule_of(mail, is_rejection=is_rejection)
    return Done(mail, is_new=True, withdrawn=withdrawn, to_observe=follows.to_observe, rule=rule)


def waiting(
    session: Session, company_id: int, *, before_id: int | None = None, limit: int = 50
) -> tuple[MailRecord, ...]:
    """Return a company's rejections and doubtful mails that nobody looked at, newest first.

    before_id  only mails that came earlier: to page back
    """
    query = _waiting(select(MailRow), company_id).order_by(MailRow.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(MailRow.id < before_id)
    return tuple(mail_record(row) for row in session.scalars(query))


def count_waiting(session: Session, company_id: int) -> int:
    """Return how many mails of a company wait for a person, at most MOST_COUNTED + 1."""
    some = _waiting(select(MailRow.id), company_id).limit(MOST_COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def answers(session: Session, company_id: int, limit: int = 10) -> tuple[Answered, ...]:
    """Return what was answered of a company's mails, the newest answer first."""
    query = (
        select(MailRow, ReviewRow)
        .join(ReviewRow, ReviewRow.mail_id == MailRow.id)
        .where(ReviewRow.company_id == company_id)
        .order_by(ReviewRow.id.desc())
        .limit(limit)
    )
    return tuple(
        Answered(mail_record(mail), said.is_rejection, said.at, said.actor)
        for mail, said in session.execute(query)
    )


def standing(session: Session, company_id: int) -> Standing:
    """Return how the company's verdicts fared so far."""
    counted = ReviewRow.company_id == company_id, ReviewRow.counts
    last, wrong = session.execute(
        select(func.max(ReviewRow.id), func.count()).where(*counted, ~ReviewRow.is_rejection)
    ).one()
    confirmed = select(func.count()).where(*counted, ReviewRow.is_rejection)
    in_a_row = session.scalar(confirmed.where(ReviewRow.id > (last or 0)))
    return Standing(in_a_row or 0, wrong)


def check_reviewed(session: Session, company_id: int, needed: int) -> None:
    """Return when a company may be switched to inject mode, or is in it already.

    Nobody answers until this transaction ends: an answer given meanwhile would go unseen.

    Raises NotReviewedError when too few of its verdicts were confirmed in a row.
    """
    lock_company(session, company_id)
    mode, found = _mode(session, company_id), standing(session, company_id)
    if found.missing(needed) and mode is not Mode.INJECT:
        raise NotReviewedError(found, needed)


def note_unreviewed(
    session: Session, company_id: int, needed: int, actor: str, now: datetime
) -> None:
    """Write into the company's history that somebody chose inject mode without enough reviews."""
    found = standing(session, company_id)
    if found.missing(needed) and _mode(session, company_id) is not Mode.INJECT:
        old = f"{found.in_a_row} of {needed} confirmed"
        change = CompanyChange(now, actor, "review", old, "inject mode without more")
        note_change(session, company_id, change)


def _mode(session: Session, company_id: int) -> Mode:
    """Return the mode as it is now, whatever this session read before it had the company's lock."""
    row = company_row(session, company_id)
    session.refresh(row)
    return Mode(row.mode)


def _waiting(query: Select[T], company_id: int) -> Select[T]:
    """Narrow to mails that wait: what the next hop refused never reached anybody."""
    return query.where(MailRow.company_id == company_id, text(REVIEWABLE), PASSED, UNREVIEWED)


def _write(
    session: Session, mail: MailRecord, *, is_rejection: bool, actor: str, now: datetime
) -> bool:
    """Write the answer down; return False when it stood there already."""
    earlier = session.scalars(select(ReviewRow).where(ReviewRow.mail_id == mail.id)).one_or_none()
    if earlier is not None:
        if earlier.is_rejection == is_rejection:
            return False
        change = CompanyChange(
            now,
            actor,
            "review",
            f"mail {mail.queue_id}: {_say(is_rejection=earlier.is_rejection)}",
            f"mail {mail.queue_id}: {_say(is_rejection=is_rejection)}",
        )
        note_change(session, mail.company_id, change)
        session.delete(earlier)
        session.flush()
    rule = _rule_of(mail, is_rejection=is_rejection)
    row = ReviewRow(
        company_id=mail.company_id,
        mail_id=mail.id,
        is_rejection=is_rejection,
        counts=counts(mail.verdict),
        at=now,
        actor=actor[:200],
        origin=mail.origin if rule is not None else None,
        heard=" ".join(sorted(verdicts_in(mail.evidence)))[:400],
    )
    session.add(row)
    session.flush()
    if rule is not None:
        forget_oldest(session, mail.company_id)
        note = f"mail {mail.queue_id}: {rule} for its sender and subject"
        note_change(session, mail.company_id, CompanyChange(now, actor, "judging", "", note))
    return True


def _rule_of(mail: MailRecord, *, is_rejection: bool) -> Rule | None:
    """Return what an answer says of others; nothing when it is not known which these are."""
    return None if mail.origin is None else rule_of(mail.verdict, is_rejection=is_rejection)


def _undo(
    session: Session, mail: MailRecord, follows: Consequence, actor: str, now: datetime
) -> None:
    """Take back what a link that should not have gone out brought about, and tell the company."""
    if follows.to_observe:
        set_mode(session, mail.company_id, Mode.OBSERVE, actor, now)
    if mail.referral_id is not None:
        void(session, mail.referral_id, _REASON, actor, now)
    change = CompanyChange(now, actor, "false injection", "", f"mail {mail.queue_id}")
    note_change(session, mail.company_id, change)
    facts = {"mail": mail.queue_id, "referral": mail.referral_id or "-"}
    news = News(Event.FALSE_INJECTION, f"mail:{mail.id}", facts)
    announce(session, mail.company_id, news, now)


def _say(*, is_rejection: bool) -> str:
    return "a rejection" if is_rejection else "no rejection"
