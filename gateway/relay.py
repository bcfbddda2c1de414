"""One mail's way through: write down, forward, confirm. The only order in which things happen.

1. decide (pure), sign                  a fault passes the mail as it came
2. a link goes in: reserve, committed   no record, no mail: 451
3. forward; the next hop's reply is our reply
4. it said 250: confirm, committed, wake a worker, 250

Between 3 and 4 the mail has left. A commit that fails there is retried while the sender waits;
when that takes too long 250 is said all the same, and the retries go on. A mail without a link
needs no database: its log line is written afterwards (gateway/transit/outcome.py). A mail to
several candidates takes these steps once for each: gateway/transit/copies.py.
"""

import time

from gateway.core.plan import Plan
from gateway.core.why import Why
from gateway.errors import StoreUnavailableError, reply_for
from gateway.nexthop import NextHopSilentError, NextHopTransaction
from gateway.reply import Reply
from gateway.smtp.received import ReceivedMail
from gateway.store.brakes import HeldState
from gateway.store.group_writer import GroupWriter
from gateway.store.mails import MailRecord
from gateway.transit.copies import Copies, mark_mail
from gateway.transit.outcome import Outcomes
from gateway.transit.planning import Decide, Planner, Sign, fit, sign_nothing
from gateway.transit.record import (
    Decided,
    Reserved,
    Unreserved,
    begin_record,
    brake_reply,
    complete_record,
    log_record,
    refusal_of,
    reserve_all,
)
from gateway.transit.stamp import Clockwork, write_message

__all__ = ["Clockwork", "Relay", "Sign", "sign_nothing"]

_MAY_BE_A_REST = frozenset(
    {
        *(Why.NO_OUTSIDE_RECIPIENT, Why.ROLE_RECIPIENT, Why.SIGNING_FAILED),
        *(Why.NEXT_HOP_SIZE, Why.NEXT_HOP_EIGHT_BIT),
    }
)
"""Why a mail has no link, where it may be what is left of a mail that went out in copies."""

_MARKED_SECONDS = 600.0
"""After marks were asked for, they are made at once for so long: which saves asking twice."""


class Relay:
    """Take each mail through the four steps."""

    def __init__(
        self,
        decide: Decide,
        writer: GroupWriter,
        outcomes: Outcomes,
        clockwork: Clockwork,
        sign: Sign = sign_nothing,
    ) -> None:
        self._planner = Planner(decide, sign, clockwork.now)
        self._writer = writer
        self._outcomes = outcomes
        self._clockwork = clockwork
        self._marked_until = 0.0
        self._copies = Copies(self._planner, writer, outcomes, clockwork)

    async def accept(self, mail: ReceivedMail, hop: NextHopTransaction) -> Reply:
        """Return the reply to the final dot: the next hop's own, with our id.

        Raises TryLaterError when no record could be written or the next hop was lost.
        """
        started = time.monotonic()
        queue_id = self._clockwork.new_id()
        plan = await self._planner.plan(mail)
        if plan.edits:
            plan = fit(plan, mail, hop.bounds)
        record = begin_record(queue_id, mail, plan, self._clockwork.now())
        refusal = refusal_of(plan, record, mail.record)
        if refusal is not None:
            return await self._stop(record, refusal, started)
        if plan.copies:
            return await self._copies.hand_over(queue_id, mail, plan.copies, hop)
        reserved = await self._reserve(mail, plan, record)
        if reserved is None:
            return await self._copies.hand_over(queue_id, mail, (mail.envelope,), hop)
        record = reserved.record
        if reserved.brake is not HeldState.RELEASED:
            return await self._stop(record, brake_reply(reserved.brake, queue_id), started)
        try:
            message = await write_message(queue_id, mail, reserved.plan, self._clockwork)
            reply = await hop.send(message)
        except NextHopSilentError as error:
            # It may have left (RFC 1047): the row stays `relaying` until the sender tries again.
            await self._write_down(complete_record(record, reply_for(error), started))
            raise
        except Exception as error:
            said = reply_for(error)
            await self._write_down(complete_record(record, said, started, reserved.referral_id))
            raise
        await self._write_down(complete_record(record, reply, started, reserved.referral_id))
        return _with_id(reply, queue_id)

    async def _reserve(self, mail: ReceivedMail, plan: Plan, record: MailRecord) -> Reserved | None:
        """Return the mail with its link reserved, if any; None when a recipient already has it.

        After a mail has left in copies the sender may retry it for any of its recipients, even for
        one alone: then only the marks tell that this is the rest of a mail in copies. They are made
        of the whole mail, and only when mails have left in copies lately.
        """
        if not plan.edits and plan.why not in _MAY_BE_A_REST:
            return Reserved(plan, record)
        told: Reserved | Unreserved = Unreserved.UNMARKED
        try:
            if time.monotonic() >= self._marked_until:
                told = await self._writer.write_together(reserve_all, Decided(plan, record))
                if told is Unreserved.UNMARKED:
                    self._marked_until = time.monotonic() + _MARKED_SECONDS
            if told is Unreserved.UNMARKED:
                marks = await mark_mail(self._clockwork.key, mail)
                decided = Decided(plan, record, tuple(marks.values()))
                told = await self._writer.write_together(reserve_all, decided)
        except StoreUnavailableError:
            if plan.edits:
                raise
            return Reserved(plan, record)  # a mail without a link needs no database
        return told if isinstance(told, Reserved) else None

    async def _stop(self, record: MailRecord, reply: Reply, started: float) -> Reply:
        """Write down that a mail stops here for a reason of ours, and return `reply`."""
        await self._write_down(complete_record(record, reply, started))
        return reply

    async def _write_down(self, record: MailRecord) -> None:
        """Write what became of the mail: later, or before the reply when a referral has left."""
        log_record(record)
        if record.referral_id is None:
            self._outcomes.note(record)
        elif record.has_left:
            await self._outcomes.conclude(record)
        else:
            self._outcomes.refuse(record)


def _with_id(reply: Reply, queue_id: str) -> Reply:
    """Return the next hop's reply with our id, so that both logs can be joined."""
    if reply.is_positive:
        return Reply(reply.code, f"2.0.0 Ok: {queue_id} -> {reply.text}")
    return Reply(reply.code, f"{reply.text} ({queue_id})")
