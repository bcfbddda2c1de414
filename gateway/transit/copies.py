"""A mail to several candidates who do not see each other (Bcc): each gets a copy of their own.

1. decide for each copy, ask which recipients have theirs, reserve every link   one commit
2. send one copy after the other, each in a transaction of its own; what became of it is
   committed before the next one leaves
3. one reply for all

Each copy is what a mail to that candidate alone would have been. SMTP has one reply to the final
dot, so when one recipient has to wait the sender retries all of them: those who have their copy
are skipped then. docs/decisions/011-copies.md explains the replies.
"""

import dataclasses
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from gateway.core.copy_mark import CopyMark, mark_copies
from gateway.core.envelope import Address, Envelope
from gateway.core.verdict import Evidence
from gateway.core.why import Why
from gateway.errors import TryLaterError, reply_for
from gateway.hops import Bounds
from gateway.nexthop import NextHopSilentError, NextHopTransaction
from gateway.reply import Reply
from gateway.smtp.received import ReceivedMail
from gateway.store import sent_copies
from gateway.store.brakes import HeldState
from gateway.store.group_writer import GroupWriter
from gateway.transit.aside import run_aside
from gateway.transit.outcome import Outcomes
from gateway.transit.planning import Planner, fit
from gateway.transit.record import (
    Decided,
    Reserved,
    ask_brake,
    begin_record,
    brake_reply,
    complete_record,
    hold_record,
    log_record,
    pass_record,
    reserve_links,
)
from gateway.transit.stamp import Clockwork, write_message

LONGEST_SECONDS = 300.0
"""No copy is begun later: the sender waits ten minutes (RFC 5321 section 4.5.3.2.6)."""

_MARKED_IN_THE_LOOP_BYTES = 32 << 10
"""Larger mails are marked in a thread, so that nobody else has to wait."""

_HAS_IT = Reply(250, "2.0.0 Ok: has it from an earlier attempt")
_NOT_TRIED = Reply(451, "4.3.0 Not all copies sent yet, try again")


@dataclass(frozen=True, slots=True)
class _Copy:
    """One copy on its way.

    mail  its envelope names those who still need the copy
    old   recipients who have it from an earlier attempt
    """

    mail: ReceivedMail
    reserved: Reserved
    old: tuple[Address, ...] = ()

    @property
    def is_stopped(self) -> bool:
        """Whether the company's brake stopped the mail."""
        return self.reserved.brake is not HeldState.RELEASED


@dataclass(frozen=True, slots=True)
class _Told:
    """What became of one recipient's copy."""

    reply: Reply
    is_old: bool = False
    is_lost: bool = False


class Copies:
    """Hands over the copies of a mail, and no copy twice as far as can be known."""

    def __init__(
        self,
        planner: Planner,
        writer: GroupWriter,
        outcomes: Outcomes,
        clockwork: Clockwork,
        longest_seconds: float = LONGEST_SECONDS,
    ) -> None:
        self._planner = planner
        self._writer = writer
        self._outcomes = outcomes
        self._clockwork = clockwork
        self._longest_seconds = longest_seconds
        self._in_hand: set[CopyMark] = set()

    async def hand_over(
        self,
        queue_id: str,
        mail: ReceivedMail,
        envelopes: Sequence[Envelope],
        hop: NextHopTransaction,
    ) -> Reply:
        """Send a copy of `mail` for each envelope; return the reply to the final dot.

        hop  the transaction that heard all recipients: it is given up, the copies get their own

        Raises TryLaterError when no record could be written, or when the same mail is already in
        hand: its sender lost patience with the first attempt.
        """
        marks = await mark_mail(self._clockwork.key, mail)
        if not self._in_hand.isdisjoint(marks.values()):
            raise TryLaterError
        hop.abandon()
        self._in_hand.update(marks.values())
        try:
            copies = await self._prepare(queue_id, mail, envelopes, marks, hop.bounds)
            stopped = next((one for one in copies if one.is_stopped), None)
            if stopped is not None:
                reply = brake_reply(stopped.reserved.brake, queue_id)
                self._give_up(stopped, reply, may_have_left=False)
                return reply
            return _one_reply(await self._send_all(copies, marks, hop), queue_id)
        finally:
            self._in_hand.difference_update(marks.values())

    async def _prepare(
        self,
        queue_id: str,
        mail: ReceivedMail,
        envelopes: Sequence[Envelope],
        marks: Mapping[Address, CopyMark],
        bounds: Bounds,
    ) -> list[_Copy]:
        mails = [dataclasses.replace(mail, envelope=envelope) for envelope in envelopes]
        plans = [fit(plan, mail, bounds) for plan in await self._planner.plan_all(mails)]
        now = self._clockwork.now()
        copies = []
        for number, (each, plan) in enumerate(zip(mails, plans, strict=True), 1):
            name = queue_id if number == 1 else f"{queue_id}-{number}"
            record = begin_record(name, each, plan, now)
            label = f"copy {number} of {len(mails)} of one mail"
            evidence = (*record.evidence, Evidence("copy", 0.0, "envelope", 0, 0, label))
            record = dataclasses.replace(record, evidence=evidence)
            copies.append(_Copy(each, Reserved(plan, record)))
        return await self._writer.write(lambda session: _reserve_all(session, copies, marks, now))

    async def _send_all(
        self, copies: Sequence[_Copy], marks: Mapping[Address, CopyMark], hop: NextHopTransaction
    ) -> list[_Told]:
        told: list[_Told] = []
        started = time.monotonic()
        for copy in copies:
            is_late = time.monotonic() - started > self._longest_seconds
            told += [_Told(_HAS_IT, is_old=True)] * len(copy.old)
            if not copy.mail.envelope.recipients:
                self._note_old(copy)
            elif is_late or any(one.is_lost for one in told):
                self._give_up(copy, _NOT_TRIED, may_have_left=False)
                told += [_Told(_NOT_TRIED)] * len(copy.mail.envelope.recipients)
            else:
                told += await self._send(copy, marks, hop)
        return told

    async def _send(
        self, copy: _Copy, marks: Mapping[Address, CopyMark], hop: NextHopTransaction
    ) -> list[_Told]:
        """Send one copy and write down what became of it; return that for each recipient."""
        started = time.monotonic()
        try:
            heard = await self._transact(copy, hop)
        except TryLaterError as error:
            lost = reply_for(error)
            self._give_up(copy, lost, may_have_left=isinstance(error, NextHopSilentError))
            return [_Told(lost, is_lost=True)] * len(copy.mail.envelope.recipients)
        taken = [address for address, reply in heard.items() if reply.is_positive]
        reply = next((heard[address] for address in taken), next(iter(heard.values())))
        if taken:
            reserved = copy.reserved
            record = complete_record(reserved.record, reply, started, reserved.referral_id)
            log_record(record)
            await self._outcomes.conclude(record, [marks[address] for address in taken])
        else:
            self._give_up(copy, reply, may_have_left=False)
        return [_Told(reply) for reply in heard.values()]

    async def _transact(self, copy: _Copy, hop: NextHopTransaction) -> dict[Address, Reply]:
        """Return what the next hop said in the end to each recipient of one copy."""
        recipients = copy.mail.envelope.recipients
        transaction, reply = await hop.again()
        if not reply.is_positive:
            return dict.fromkeys(recipients, reply)
        try:
            heard = {
                address: await transaction.rcpt(b"<%s>" % address.encode())
                for address in recipients
            }
            accepted = [address for address, reply in heard.items() if reply.is_positive]
            if accepted:
                reserved = copy.reserved
                message = await write_message(
                    reserved.record.queue_id, copy.mail, reserved.plan, self._clockwork
                )
                heard |= dict.fromkeys(accepted, await transaction.send(message))
        finally:
            transaction.abandon()
        return heard

    def _give_up(self, copy: _Copy, reply: Reply, *, may_have_left: bool) -> None:
        """Write down that a copy was not taken; if it may have left, its row stays `relaying`."""
        referral_id = None if may_have_left else copy.reserved.referral_id
        record = complete_record(copy.reserved.record, reply, time.monotonic(), referral_id)
        log_record(record)
        if referral_id is None:
            self._outcomes.note(record)
        else:
            self._outcomes.refuse(record)

    def _note_old(self, copy: _Copy) -> None:
        record = complete_record(copy.reserved.record, _HAS_IT, time.monotonic())
        log_record(record)
        self._outcomes.note(record)


async def mark_mail(key: bytes, mail: ReceivedMail) -> dict[Address, CopyMark]:
    """Return the mark of a mail for each recipient; off the event loop when it is large."""
    facts = (key, mail.record.company.id, mail.raw, mail.envelope)
    if len(mail.raw) <= _MARKED_IN_THE_LOOP_BYTES:
        return mark_copies(*facts)
    return await run_aside(mark_copies, *facts)


def _reserve_all(
    session: Session, copies: Sequence[_Copy], marks: Mapping[Address, CopyMark], now: datetime
) -> list[_Copy]:
    """Reserve the links of those copies that somebody still needs."""
    sent_copies.forget_old(session, now)
    gone = sent_copies.sent_before(session, marks.values())
    needed = [one for one in copies if _is_needed(one, marks, gone)]
    plans = [copy.reserved.plan for copy in needed]
    brake = ask_brake(session, plans, copies[0].reserved.record.company_id, now)
    if brake is not HeldState.RELEASED:
        record = hold_record(copies[0].reserved.record)
        return [_Copy(copies[0].mail, Reserved(plans[0], record, brake=brake))]
    return [_reserve_one(session, copy, marks, gone) for copy in copies]


def _is_needed(copy: _Copy, marks: Mapping[Address, CopyMark], gone: frozenset[CopyMark]) -> bool:
    return any(marks[one] not in gone for one in copy.mail.envelope.recipients)


def _reserve_one(
    session: Session,
    copy: _Copy,
    marks: Mapping[Address, CopyMark],
    gone: frozenset[CopyMark],
) -> _Copy:
    envelope = copy.mail.envelope
    old = tuple(one for one in envelope.recipients if marks[one] in gone)
    needed = tuple(one for one in envelope.recipients if marks[one] not in gone)
    plan, record = copy.reserved.plan, copy.reserved.record
    reserved = copy.reserved
    if not needed:
        passed = plan.passed(Why.SENT_BEFORE)
        reserved = Reserved(passed, pass_record(record, passed))
    elif plan.edits:
        (reserved,) = reserve_links(session, [Decided(plan, record)])
    narrowed = dataclasses.replace(envelope, recipients=needed)
    return _Copy(dataclasses.replace(copy.mail, envelope=narrowed), reserved, old)


def _one_reply(told: Sequence[_Told], queue_id: str) -> Reply:
    """Return the one reply for all recipients; a 5yz is held back while others get the mail.

    A 5yz at once would make the sender bounce a mail that others have just got. So the reply is
    451 as long as anything moves; at the retry each recipient hears the next hop's answer to RCPT.
    """
    refused = [one.reply for one in told if not one.reply.is_positive]
    if not refused:
        return Reply(250, f"2.0.0 Ok: {queue_id} -> {told[-1].reply.text}")
    waiting = next((reply for reply in refused if reply.code < 500), None)
    if waiting is not None:
        return Reply(waiting.code, f"{waiting.text} ({queue_id})")
    count = f"{len(refused)} of {len(told)} recipients refused"
    if any(one.reply.is_positive and not one.is_old for one in told):
        return Reply(451, f"4.5.0 {count} by the next hop, to be tried once more ({queue_id})")
    others = "" if len(refused) == len(told) else f"5.5.0 {count}, the others have this mail: "
    return Reply(refused[0].code, f"{others}{refused[0].text} ({queue_id})")
