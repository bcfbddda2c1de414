"""A message as it leaves: our fields on top, the edits made, all other bytes as they came."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from gateway.core.outgoing import write_changes
from gateway.core.plan import Plan
from gateway.core.trace import new_trace, write_trace
from gateway.smtp.received import ReceivedMail
from gateway.transit.aside import run_aside

_WRITTEN_IN_THE_LOOP_BYTES = 1 << 20
"""Copying and hashing 20 MB takes 50 ms, for which nobody else should wait."""


@dataclass(frozen=True, slots=True)
class Clockwork:
    """What the core may not know by itself: the time, fresh ids, our name, the key."""

    now: Callable[[], datetime]
    new_id: Callable[[], str]
    hostname: str
    key: bytes


async def write_message(
    queue_id: str, mail: ReceivedMail, plan: Plan, clockwork: Clockwork
) -> bytes:
    """Return the bytes that go to the next hop; written in a thread when they are many."""
    if len(mail.raw) <= _WRITTEN_IN_THE_LOOP_BYTES:
        return _write(queue_id, mail, plan, clockwork)
    return await run_aside(_write, queue_id, mail, plan, clockwork)


def _write(queue_id: str, mail: ReceivedMail, plan: Plan, clockwork: Clockwork) -> bytes:
    trace = new_trace(queue_id, plan.action, plan.why, mail.record.company.id, mail.raw)
    above = (
        plan.signature,
        _received(queue_id, mail, clockwork.hostname),
        write_trace(clockwork.key, trace, plan.message),
    )
    return write_changes(mail.raw, plan.edits, plan.removed, above)


def _received(queue_id: str, mail: ReceivedMail, hostname: str) -> bytes:
    """Return the Received field (RFC 5321 section 4.4) with its final CRLF.

    No FOR clause: with several recipients it would tell them about each other.
    """
    peer = f"IPv6:{mail.peer}" if ":" in mail.peer else mail.peer
    return (
        f"Received: from {mail.helo} ([{peer}])\r\n"
        f"\tby {hostname} (Career Relay) with {mail.with_protocol}\r\n"
        f"\tid {queue_id}; {_write_date(mail.received_at.replace(microsecond=0))}\r\n"
    ).encode("ascii", "replace")


@functools.lru_cache(maxsize=1)
def _write_date(at: datetime) -> str:
    """Return a date as fields have it (RFC 5322 section 3.3); mails of one second share it."""
    return format_datetime(at)
