"""One mail's line in the log: begun when it is decided, completed when the next hop answered."""

import dataclasses
import enum
import logging
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from gateway.core.candidate import CandidateHash, mask_addresses
from gateway.core.copy_mark import CopyMark
from gateway.core.findings import LABELS, Courtesy, findings_in
from gateway.core.link import hash_token
from gateway.core.plan import Plan, Referral
from gateway.core.why import Action, Why
from gateway.reply import Reply, printable
from gateway.smtp.received import ReceivedMail
from gateway.store import reservations
from gateway.store.brakes import HeldState, Rejection, check_brake
from gateway.store.company_records import CompanyRecord
from gateway.store.hindrances import Hindrances, find_hindrances
from gateway.store.mails import MailRecord
from gateway.store.reservations import Leaving, NewReferral, Reservation
from gateway.transit.planning import refuses_author

log = logging.getLogger("gateway.relay")


@dataclass(frozen=True, slots=True)
class Decided:
    """A mail before it leaves.

    record  its line, as begin_record() gave it
    marks   its recipients' copy marks: it may be the rest of a mail that left in copies. None
            where reserve_all() is to say whether they are needed
    """

    plan: Plan
    record: MailRecord
    marks: tuple[CopyMark, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reserved:
    """A mail ready to leave; its plan has no link left when the candidate opted out.

    referral_id  of its `relaying` row
    brake        RELEASED; anything else: the company's brake stops this mail
    """

    plan: Plan
    record: MailRecord
    referral_id: int | None = None
    brake: HeldState = HeldState.RELEASED


class Unreserved(enum.Enum):
    """Why reserve_all() wrote nothing for a mail."""

    HAS_IT = "a recipient already has the mail"
    UNMARKED = "mails have left in copies lately: come again with the marks"


def begin_record(queue_id: str, mail: ReceivedMail, plan: Plan, now: datetime) -> MailRecord:
    """Return the line of a mail that was decided just now."""
    return MailRecord(
        queue_id=queue_id,
        company_id=mail.record.company.id,
        at=now,
        verdict=plan.verdict,
        score=plan.score,
        rules_version=plan.rules_version,
        why=plan.why,
        evidence=plan.evidence,
        action=plan.action,
        parts=plan.parts,
        size_bytes=len(mail.raw),
        recipients=len(mail.envelope.recipients),
        candidate_masked=plan.referral.masked if plan.referral else None,
        origin=plan.origin,
        letter=plan.letter,
    )


def reserve_all(session: Session, decided: Sequence[Decided]) -> list[Reserved | Unreserved]:
    """Write what must be written before mails leave; return what was, or why nothing was.

    decided  at least one

    That is the `relaying` row and the line of each mail with a link. An opted-out candidate has
    neither.
    """
    linked = [one for one in decided if one.plan.edits]
    found = find_hindrances(
        session,
        marks={mark for one in decided for mark in one.marks or ()},
        candidates={_referral(one).candidate for one in linked},
        companies={one.record.company_id for one in linked},
        now=decided[0].record.at,
    )
    unreserved = {one.record.queue_id: why for one in decided if (why := _stop(one, found))}
    here = [one for one in decided if one.record.queue_id not in unreserved]
    free = [one for one in here if one.plan.edits and one.record.company_id not in found.braked]
    names = [one.record.queue_id for one in free]
    reserved = dict(zip(names, reserve_links(session, free, found.opted_out), strict=True))
    for one in here:
        if not one.plan.edits:
            reserved[one.record.queue_id] = Reserved(one.plan, one.record)
        elif one.record.company_id in found.braked:  # one by one: each may be one too many
            reserved[one.record.queue_id] = _reserve_braked(session, one, found.opted_out)
    answers: dict[str, Reserved | Unreserved] = {**unreserved, **reserved}
    return [answers[one.record.queue_id] for one in decided]


def _stop(one: Decided, found: Hindrances) -> Unreserved | None:
    if one.marks is None:
        return Unreserved.UNMARKED if found.has_copies else None
    return None if found.sent.isdisjoint(one.marks) else Unreserved.HAS_IT


def _reserve_braked(
    session: Session, one: Decided, opted_out: Collection[CandidateHash]
) -> Reserved:
    brake = ask_brake(session, [one.plan], one.record.company_id, one.record.at)
    if brake is not HeldState.RELEASED:
        return Reserved(one.plan, hold_record(one.record), brake=brake)
    return reserve_links(session, [one], opted_out)[0]


def reserve_links(
    session: Session, linked: Sequence[Decided], opted_out: Collection[CandidateHash] | None = None
) -> list[Reserved]:
    """Do the same for mails with a link that no brake holds.

    opted_out  those of the candidates who want no links; None where nobody has asked yet
    """
    leaving = [Leaving(_new_referral(one), one.record, one.record.at) for one in linked]
    made = reservations.reserve_all(session, leaving, opted_out)
    return [_reserved(one, reservation) for one, reservation in zip(linked, made, strict=True)]


def _referral(linked: Decided) -> Referral:
    if linked.plan.referral is None:
        raise ValueError("a plan with edits names a candidate: decide() makes both together")
    return linked.plan.referral


def _new_referral(linked: Decided) -> NewReferral:
    referral = _referral(linked)
    return NewReferral(
        company_id=linked.record.company_id,
        candidate_hash=referral.candidate,
        masked=referral.masked,
        message_key=linked.plan.message,
        token_hash=hash_token(referral.token),
    )


def _reserved(linked: Decided, reservation: Reservation) -> Reserved:
    if reservation.opted_out:
        passed = linked.plan.passed(Why.OPTED_OUT)
        return Reserved(passed, pass_record(linked.record, passed))
    return Reserved(linked.plan, linked.record, reservation.referral_id)


def ask_brake(session: Session, plans: Sequence[Plan], company_id: int, now: datetime) -> HeldState:
    """Return what the company's brake says to a mail: one answer for all its copies."""
    linked = [
        Rejection(company_id, plan.message, plan.referral.candidate)
        for plan in plans
        if plan.edits and plan.referral
    ]
    said = [check_brake(session, one, now, ahead) for ahead, one in enumerate(linked)]
    if HeldState.REFUSED in said:
        return HeldState.REFUSED
    if HeldState.HELD not in said:
        return HeldState.RELEASED
    for one in linked:  # the copies before the one too many are held with it
        check_brake(session, one, now)
    return HeldState.HELD


def hold_record(record: MailRecord) -> MailRecord:
    """Return the line of a mail that the brake stopped: it goes nowhere, changed or not."""
    return dataclasses.replace(record, action=Action.PASSED, why=Why.BRAKED, parts=())


def brake_reply(said: HeldState, queue_id: str) -> Reply:
    """Return what the sender of a mail that the brake stopped is told."""
    if said is HeldState.REFUSED:
        return Reply(550, f"5.7.1 Refused by an administrator of the company ({queue_id})")
    return Reply(
        451,
        "4.7.1 Held by the company's brake against mass mistakes: an administrator must release "
        f"or refuse the mails that wait ({queue_id})",
    )


def refusal_of(plan: Plan, record: MailRecord, company: CompanyRecord) -> Reply | None:
    """Return the refusal of a mail that the company does not let go, None when it may go."""
    if plan.why is Why.DISCOURTEOUS:
        return _courtesy_reply(record, company.company.courtesy)
    return _author_reply(record) if refuses_author(plan, company) else None


def _courtesy_reply(record: MailRecord, courtesy: Courtesy) -> Reply:
    wrong = "; ".join(LABELS[one] for one in courtesy.refused(findings_in(record.evidence)))
    text = f"5.7.1 The mail was not sent: {wrong}. Mend it and send it again ({record.queue_id})"
    return Reply(550, text)


def _author_reply(record: MailRecord) -> Reply:
    wrong = (
        "From is not of the company's domains"
        if record.why is Why.FOREIGN_FROM
        else "From must stand once and name one address"
    )
    return Reply(550, f"5.7.1 The mail was not sent: {wrong} ({record.queue_id})")


def pass_record(record: MailRecord, passed: Plan) -> MailRecord:
    """Return the line of a mail that after all goes as it came."""
    return dataclasses.replace(
        record,
        action=passed.action,
        why=passed.why,
        evidence=passed.evidence,
        parts=(),
        candidate_masked=None,
    )


def complete_record(
    record: MailRecord, reply: Reply, started: float, referral_id: int | None = None
) -> MailRecord:
    """Return the line with what was answered.

    started      time.monotonic() at the final dot
    referral_id  of the mail's `relaying` row; None when it has none, or when that shall stay
    """
    return dataclasses.replace(
        record,
        referral_id=referral_id,
        reply_code=reply.code,
        reply_text=mask_addresses(printable(reply.text))[:500],
        milliseconds=round((time.monotonic() - started) * 1000),
    )


def log_record(record: MailRecord) -> None:
    """Write the line to the process's log."""
    injected = record.action is Action.INJECTED
    log.info(
        "mail relayed",
        extra={
            "event": "mail.relayed" if (record.reply_code or 0) < 400 else "mail.refused",
            "queue_id": record.queue_id,
            "company": record.company_id,
            "action": record.action.value,
            "why": record.why.value,
            "candidate": record.candidate_masked if injected else None,
            "reply": record.reply_code,
            "ms": record.milliseconds,
            "size": record.size_bytes,
        },
    )
