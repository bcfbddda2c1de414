"""Decide on a mail, and have it signed: off the event loop when it is large."""

import asyncio
import dataclasses
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain, islice

from gateway.core.author import refuse_author
from gateway.core.company import Company
from gateway.core.dkim import DkimMode, NotSignableError
from gateway.core.envelope import Envelope
from gateway.core.leaf import count_shown
from gateway.core.mime import scan
from gateway.core.outgoing import apply_changes
from gateway.core.plan import Plan
from gateway.core.why import Why
from gateway.hops import Bounds
from gateway.smtp.received import ReceivedMail
from gateway.store.company_records import CompanyRecord
from gateway.store.foreign_from import ForeignFrom
from gateway.transit.aside import run_aside

log = logging.getLogger(__name__)

Decide = Callable[[bytes, Envelope, Company], Plan]

Sign = Callable[[bytes, CompanyRecord, datetime], bytes]
"""Return our DKIM-Signature field for a message; raises NotSignableError."""

_DECIDED_IN_THE_LOOP_BYTES = 32 << 10
"""Mails that show more text than this are decided and signed in a thread: nobody waits for them."""

_LOOKED_THROUGH_BYTES = 512 << 10
"""Larger mails always are: finding their text takes a millisecond or more. In smaller ones only the
text takes time, less than a change of threads, as long as they have no more parts and header
fields than mails of people."""
_MOST_DELIMITERS = 20
_MOST_SIGNS = 2000  # `:` and `;` together, and `-`: each one is looked at
_MOST_HEADER_BYTES = 16 << 10

_ONE_AT_A_TIME_BYTES = 1 << 20
"""Larger mails are decided one at a time: each takes about four times its size for a moment, which
must not add up beyond the memory budget. They would share one core anyway."""

_LONGEST_TURN_SECONDS = 0.02
"""Small mails that arrive within two turns of the event loop are decided one after another, while
the processor's caches still hold what deciding needs. After this long the loop serves others."""

_OUR_FIELDS_BYTES = 1024
"""Received and X-Career-Relay, which every mail gets."""


def _is_decided_soon(raw: bytes) -> bool:
    """Tell whether deciding is quick enough to be done on the event loop."""
    if len(raw) <= _DECIDED_IN_THE_LOOP_BYTES:
        return True
    if len(raw) > _LOOKED_THROUGH_BYTES or not _has_plain_form(raw):
        return False
    try:
        return count_shown(raw) <= _DECIDED_IN_THE_LOOP_BYTES
    except Exception:  # noqa: BLE001  decide() will log the fault
        return False


def _has_plain_form(raw: bytes) -> bool:
    """Tell whether a larger mail has few parts and short headers, so that parsing it is quick."""
    if raw.find(b"\r\n\r\n", 0, _MOST_HEADER_BYTES) < 0:
        return False
    fields = [*islice(chain(_places(raw, b":"), _places(raw, b";")), _MOST_SIGNS + 1)]
    dashes = [*islice(_places(raw, b"-"), _MOST_SIGNS + 1)]
    if max(len(fields), len(dashes)) > _MOST_SIGNS:
        return False
    return sum(raw.startswith(b"\n--", at - 1) for at in dashes) <= _MOST_DELIMITERS


def _places(raw: bytes, sign: bytes) -> Iterator[int]:
    """Yield each place of the byte `sign`, which base64 never has: that is skipped at C speed."""
    at = raw.find(sign)
    while at >= 0:
        yield at
        at = raw.find(sign, at + 1)


def fit(plan: Plan, mail: ReceivedMail, bounds: Bounds) -> Plan:
    """Return `plan`, without its edits when the next hop would not take the mail because of them.

    bounds  what it takes (NextHopTransaction.bounds)
    """
    if not plan.edits:
        return plan
    if not bounds.eight_bit and not all(edit.new.isascii() for edit in plan.edits):
        return plan.passed(Why.NEXT_HOP_EIGHT_BIT)
    added = len(plan.signature) + sum(len(edit.new) for edit in plan.edits)
    fits = bounds.size is None or len(mail.raw) + added + _OUR_FIELDS_BYTES <= bounds.size
    return plan if fits else plan.passed(Why.NEXT_HOP_SIZE)


def refuses_author(plan: Plan, record: CompanyRecord) -> bool:
    """Tell whether the mail must not go because its From is not surely the company's."""
    strange = plan.why in {Why.FOREIGN_FROM, Why.ODD_FROM}
    return strange and record.foreign_from is ForeignFrom.REFUSE


def _with_author(plan: Plan, mail: ReceivedMail) -> Plan:
    """Return `plan`, or what it is for a mail whose From is not surely the company's.

    decide() checks the From only of mails that may get a link. A company that refuses a foreign
    From means all its mails, except those with a null sender: no bounce may cause another one.
    """
    if not mail.envelope.reverse_path:
        return plan
    try:
        why = refuse_author(mail.raw, scan(mail.raw), mail.record.company)
    except Exception as error:  # noqa: BLE001  the mail comes first
        log.warning("company %s: From not read: %s", mail.record.company.id, type(error).__name__)
        return plan
    return plan if why is None else plan.passed(why)


def sign_nothing(_message: bytes, _record: CompanyRecord, _now: datetime) -> bytes:
    """Refuse: for a relay without keys."""
    raise NotSignableError("this relay has no keys")


_LETTERS_A_MINUTE = 50


class KeptLetters:
    """Limits how many of a company's mails a minute are kept as letters: more would be dropped."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._minute = 0
        self._kept: dict[int, int] = {}

    def take(self, company_id: int) -> bool:
        """Count one more of the company's mails, and tell whether it may be kept."""
        minute = int(self._now() // 60)
        if minute != self._minute:
            self._minute, self._kept = minute, {}
        kept = self._kept[company_id] = self._kept.get(company_id, 0) + 1
        return kept <= _LETTERS_A_MINUTE


class _Gathering:
    """Decides mails that come at the same moment one after another, on the event loop."""

    def __init__(self, work: Callable[[ReceivedMail], Plan]) -> None:
        self._work = work
        self._waiting: deque[tuple[ReceivedMail, asyncio.Future[Plan]]] = deque()

    def plan(self, mail: ReceivedMail) -> asyncio.Future[Plan]:
        """Return what to await for the plan of a mail, made in one batch with others."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Plan] = loop.create_future()
        if not self._waiting:
            loop.call_soon(loop.call_soon, self._work_on)
        self._waiting.append((mail, future))
        return future

    def _work_on(self) -> None:
        """Decide what waits; after a while let the event loop serve others in between."""
        until = time.monotonic() + _LONGEST_TURN_SECONDS
        while self._waiting:
            mail, future = self._waiting.popleft()
            if not future.done():  # a cancelled caller needs no plan
                try:
                    future.set_result(self._work(mail))
                except Exception as error:  # noqa: BLE001  it belongs to this mail alone
                    future.set_exception(error)
            if self._waiting and time.monotonic() > until:
                asyncio.get_running_loop().call_soon(self._work_on)
                return


class Planner:
    """Makes the plan of each mail."""

    def __init__(self, decide: Decide, sign: Sign, now: Callable[[], datetime]) -> None:
        self._decide = decide
        self._sign = sign
        self._now = now
        self._large = asyncio.Lock()
        self._letters = KeptLetters()
        self._small = _Gathering(self._plan)

    async def plan(self, mail: ReceivedMail) -> Plan:
        """Return the plan of one mail; a mail that should be signed but cannot be is passed."""
        if _is_decided_soon(mail.raw):
            return await self._small.plan(mail)
        if len(mail.raw) <= _ONE_AT_A_TIME_BYTES:
            return await run_aside(self._plan, mail)
        async with self._large:
            return await run_aside(self._plan, mail)

    async def plan_all(self, mails: list[ReceivedMail]) -> list[Plan]:
        """Return the plan of each mail, in order; never on the event loop."""
        return await run_aside(lambda: [self._plan(mail) for mail in mails])

    def _plan(self, mail: ReceivedMail) -> Plan:
        plan = self._decided(mail)
        return plan if plan.as_letter is None else self._with_letter(plan, mail.record.company.id)

    def _with_letter(self, plan: Plan, company_id: int) -> Plan:
        """Return `plan` with the letter that the mail is, should a person confirm it later."""
        if plan.as_letter is None or not self._letters.take(company_id):
            return plan
        try:
            return dataclasses.replace(plan, letter=plan.as_letter(), as_letter=None)
        except Exception as error:  # noqa: BLE001  the mail comes first
            log.warning("company %s: no letter kept: %s", company_id, type(error).__name__)
            return plan

    def _decided(self, mail: ReceivedMail) -> Plan:
        plan = self._decide(mail.raw, mail.envelope, mail.record.company)
        if mail.record.foreign_from is ForeignFrom.REFUSE:
            plan = _with_author(plan, mail)
        if not plan.edits or mail.record.dkim.mode is DkimMode.NEXT_HOP_SIGNS:
            return plan
        try:
            edited = apply_changes(mail.raw, plan.edits, plan.removed)
            return plan.signed(self._sign(edited, mail.record, self._now()))
        except Exception as error:  # noqa: BLE001  the mail comes first
            known = isinstance(error, NotSignableError)
            because = str(error) if known else type(error).__name__
            log.warning("company %s: mail not signed: %s", mail.record.company.id, because)
            return plan.unsigned(because)
