"""One mail's way through: write down, forward, confirm. The only order in which things happen.

1. decide (pure), sign                  a fault passes the mail as it came
2. a link goes in: reserve, committed   no record, no mail: 451
3. forward; the next hop's reply is our reply
4. it said 250: confirm, committed, wake a worker, 250

Between 3 and 4 the mail has left: a commit that fails there is tried again while the sender
waits, and then 250 is said all the same and it is tried on. A mail without a link needs no
database: its log line is written afterwards, when the database likes (gateway/outcome.py).
"""

import asyncio
import dataclasses
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from gateway.core.candidate import mask_addresses
from gateway.core.company import Company
from gateway.core.dkim import DkimMode, NotSignableError
from gateway.core.envelope import Envelope
from gateway.core.link import hash_token
from gateway.core.outgoing import apply_changes, write_changes
from gateway.core.plan import Plan
from gateway.core.trace import new_trace, write_trace
from gateway.core.why import Action, Why
from gateway.errors import StoreUnavailableError, reply_for
from gateway.nexthop import NextHopSilentError, NextHopTransaction
from gateway.outcome import Outcomes
from gateway.reply import Reply, printable
from gateway.smtp.received import ReceivedMail
from gateway.store import referrals
from gateway.store.company_records import CompanyRecord
from gateway.store.engine import GroupWriter
from gateway.store.mails import MailRecord
from gateway.store.referrals import NewReferral

log = logging.getLogger(__name__)

Decide = Callable[[bytes, Envelope, Company], Plan]

Sign = Callable[[bytes, CompanyRecord, datetime], bytes]
"""Return our DKIM-Signature field for a message; raises NotSignableError."""

_DECIDED_IN_THE_LOOP_BYTES = 32 << 10
"""Larger mails are decided and signed in a thread, so that nobody else waits for them."""


@dataclass(frozen=True, slots=True)
class Clockwork:
    """Time, chance and names, from outside."""

    now: Callable[[], datetime]
    new_id: Callable[[], str]
    hostname: str
    key: bytes


def sign_nothing(_message: bytes, _record: CompanyRecord, _now: datetime) -> bytes:
    """Refuse: for a relay without keys."""
    raise NotSignableError("this relay has no keys")


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
        self._decide = decide
        self._writer = writer
        self._outcomes = outcomes
        self._clockwork = clockwork
        self._sign = sign

    async def accept(self, mail: ReceivedMail, hop: NextHopTransaction) -> Reply:
        """Return the reply to the final dot: the next hop's own, with our id.

        Raises TryLaterError when no record could be written or the next hop was lost.
        """
        started = time.monotonic()
        queue_id = self._clockwork.new_id()
        company = mail.record.company
        plan = await self._plan(mail)
        record = _record(queue_id, mail, plan, self._clockwork.now())
        referral_id = None
        if plan.edits:
            plan, record, referral_id = await self._reserve(company, plan, record)
        try:
            reply = await hop.send(self._outgoing(queue_id, mail, plan))
        except NextHopSilentError as error:
            # It may have left (RFC 1047): the row stays `relaying`, the sender's retry decides.
            await self._write_down(None, _replied(record, reply_for(error), started))
            raise
        except Exception as error:
            await self._write_down(referral_id, _replied(record, reply_for(error), started))
            raise
        await self._write_down(referral_id, _replied(record, reply, started))
        return _with_id(reply, queue_id)

    async def _plan(self, mail: ReceivedMail) -> Plan:
        if len(mail.raw) <= _DECIDED_IN_THE_LOOP_BYTES:
            return self._decide_and_sign(mail)
        return await asyncio.to_thread(self._decide_and_sign, mail)

    def _decide_and_sign(self, mail: ReceivedMail) -> Plan:
        """Return the plan; a mail that should be signed and cannot be passes as it came."""
        plan = self._decide(mail.raw, mail.envelope, mail.record.company)
        if not plan.edits or mail.record.dkim.mode is DkimMode.NEXT_HOP_SIGNS:
            return plan
        try:
            edited = apply_changes(mail.raw, plan.edits, plan.removed)
            return plan.signed(self._sign(edited, mail.record, self._clockwork.now()))
        except Exception as error:  # noqa: BLE001  the mail comes first
            known = isinstance(error, NotSignableError)
            because = str(error) if known else type(error).__name__
            log.warning("company %s: mail not signed: %s", mail.record.company.id, because)
            return plan.unsigned(because)

    async def _reserve(
        self, company: Company, plan: Plan, record: MailRecord
    ) -> tuple[Plan, MailRecord, int | None]:
        """Commit the `relaying` row and the mail's log row; an opted-out candidate has neither."""
        referral = plan.referral
        if referral is None:  # a plan with edits has one: decide() makes them together
            raise StoreUnavailableError
        new = NewReferral(
            company_id=company.id,
            candidate_hash=referral.candidate,
            masked=referral.masked,
            message_key=plan.message,
            token_hash=hash_token(referral.token),
        )
        reservation = await self._writer.write(
            lambda session: referrals.reserve(session, new, record, self._clockwork.now())
        )
        if not reservation.opted_out:
            return plan, record, reservation.referral_id
        passed = plan.passed(Why.OPTED_OUT)
        return (
            passed,
            dataclasses.replace(
                record,
                action=passed.action,
                why=passed.why,
                evidence=passed.evidence,
                parts=(),
                candidate_masked=None,
            ),
            None,
        )

    def _outgoing(self, queue_id: str, mail: ReceivedMail, plan: Plan) -> bytes:
        trace = new_trace(queue_id, plan.action, plan.why, mail.record.company.id, mail.raw)
        return b"".join(
            (
                plan.signature,
                _received(queue_id, mail, self._clockwork),
                write_trace(self._clockwork.key, trace, plan.message),
                write_changes(mail.raw, plan.edits, plan.removed),
            )
        )

    async def _write_down(self, referral_id: int | None, record: MailRecord) -> None:
        """Write what became of the mail: at leisure, or before the reply when a referral left."""
        _log_mail(record)
        if referral_id is None:
            self._outcomes.note(record)
        elif record.reply_code is not None and record.reply_code < 400:
            await self._outcomes.conclude(referral_id, record)
        else:
            self._outcomes.refuse(referral_id, record)


def _record(queue_id: str, mail: ReceivedMail, plan: Plan, now: datetime) -> MailRecord:
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
    )


def _replied(record: MailRecord, reply: Reply, started: float) -> MailRecord:
    return dataclasses.replace(
        record,
        reply_code=reply.code,
        reply_text=mask_addresses(printable(reply.text))[:500],
        milliseconds=round((time.monotonic() - started) * 1000),
    )


def _received(queue_id: str, mail: ReceivedMail, clockwork: Clockwork) -> bytes:
    """Return the Received field (RFC 5321 section 4.4) with its final CRLF.

    No FOR clause: with several recipients it would tell one of the others.
    """
    peer = f"IPv6:{mail.peer}" if ":" in mail.peer else mail.peer
    return (
        f"Received: from {mail.helo} ([{peer}])\r\n"
        f"\tby {clockwork.hostname} (Career Relay) with {mail.with_protocol}\r\n"
        f"\tid {queue_id}; {format_datetime(mail.received_at)}\r\n"
    ).encode("ascii", "replace")


def _with_id(reply: Reply, queue_id: str) -> Reply:
    """Return the next hop's reply with our id, so that both logs can be joined."""
    if reply.is_positive:
        return Reply(reply.code, f"2.0.0 Ok: {queue_id} -> {reply.text}")
    return Reply(reply.code, f"{reply.text} ({queue_id})")


def _log_mail(record: MailRecord) -> None:
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
