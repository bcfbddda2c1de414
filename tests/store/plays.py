"""Random plays on one company's ledger, with a plain model beside it that says what must be."""

import dataclasses
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from gateway.core.account import IN_USE, Account, Kind, Line, SlotUse
from gateway.core.candidate import CandidateHash, Masked
from gateway.core.company import Language, Mode
from gateway.core.credit import CountAt, Rule
from gateway.core.link import MessageKey
from gateway.errors import CareerRelayError
from gateway.store import (
    bounces,
    holds,
    ledger,
    points,
    retention,
    rules,
    slots,
    visits,
)
from gateway.store.company_rows import CompanyRow
from gateway.store.corrections import void
from gateway.store.engine import writing_session
from gateway.store.members import MemberRow
from gateway.store.referrals import ReferralRow
from gateway.store.verify import verify
from tests.store import reserving
from tests.store.records import NOW, digest, make_mail, make_referral
from workers.settle import settle_held, settle_referral

CANDIDATES = 24
CRASHES = 0.05
T = TypeVar("T")


@dataclass
class Mail:
    """What the model knows of a referral."""

    message: str
    candidate: str
    relayed_at: datetime
    window: timedelta
    is_counted: bool = False
    is_voided: bool = False
    is_erased: bool = False


class CrashError(Exception):
    """A worker that is killed before it commits."""


@contextmanager
def crashing(engine: Engine, statements: int) -> Iterator[None]:
    """Kill whoever runs one statement more than so many."""
    run = 0

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal run
        run += not statement.startswith(("PRAGMA", "BEGIN"))
        if run > statements:
            raise CrashError

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", count)


@dataclass
class Play:
    """One company, one clock, one generator of chance."""

    engine: Engine
    seed: int
    name: str = ""
    now: datetime = NOW
    mails: dict[int, Mail] = field(default_factory=dict)
    account: Account = field(default_factory=Account)
    _seq: int = 0
    _attempts: int = 0
    _sums: ledger.Balance | None = None
    _rule: Rule = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._rule = Rule(burst_limit=0, slot_days=self.chance.choice((0, 0, 60)))
        self._sessions = writing_session(self.engine)
        self.company_id = self._write_company()
        self.write(lambda s: rules.set_rule(s, self.company_id, self._rule, "a test", self.now))
        self.now += timedelta(seconds=1)

    def _write_company(self) -> int:
        """Write a company with a contact, and no password: to hash one costs half a play."""
        row = CompanyRow(
            name=self.name or f"c{self.seed}",
            mode=Mode.INJECT.value,
            contact="hr@sakura.example",
            language=Language.JA.value,
            next_hop="127.0.0.1:2526",
            smtp_user=f"company-{self.name}{self.seed}",
            created_at=NOW,
        )
        with self._sessions.begin() as session:
            session.add(row)
            session.flush()
            session.add(
                MemberRow(
                    company_id=row.id, address=row.contact, language=row.language, added_at=NOW
                )
            )
            return row.id

    def run(self, acts: int) -> None:
        """Play, and compare with the model after every act; at the end verify all."""
        weights = {name: weight for name, weight in WEIGHTS.items() if weight}
        for name in self.chance.choices(list(weights), list(weights.values()), k=acts):
            self.now += timedelta(minutes=self.chance.choice((0, 1, 60, 60 * 24 * 20)))
            getattr(self, name)()
            self.check()
        with self._sessions.begin() as session:
            assert verify(session, self.company_id) == [], self.seed

    def write(self, act: Callable[[Session], T]) -> T:
        """Run one act in its transaction; some are begun by a worker that is killed before."""
        if self.chance.random() < CRASHES:
            self.crash(act)
        with self._sessions.begin() as session:
            return act(session)

    def crash(self, act: Callable[[Session], object]) -> None:
        """Kill the worker in the midst of an act, at the latest before the commit."""
        with (
            suppress(CrashError),
            crashing(self.engine, self.chance.randrange(12)),
            self._sessions.begin() as session,
        ):
            act(session)
            raise CrashError

    def relay(self, candidate: str | None = None) -> int:
        """Relay a mail, or the same mail twice."""
        who = candidate or f"p{self.chance.randrange(CANDIDATES)}"
        mail = Mail(f"{self.seed}/{len(self.mails)}", who, self.now, self._rule.window)
        found = {self._hand_over(mail) for _ in range(self.chance.choice((1, 1, 1, 2)))}
        assert len(found) == 1
        self.mails[min(found)] = mail
        return min(found)

    def relay_again(self) -> None:
        """Relay a mail again that left before, whatever became of it since."""
        chosen = self._some()
        if chosen is not None:
            assert self._hand_over(self.mails[chosen]) == chosen

    def _hand_over(self, mail: Mail) -> int:
        self._attempts += 1
        new = make_referral(self.company_id, mail.message, mail.candidate)
        line = make_mail(self.company_id, f"{self.company_id}-{self._attempts}")
        line = dataclasses.replace(line, at=self.now)
        found = self.write(lambda s: reserving.reserve(s, new, line, self.now)).referral_id
        assert found is not None
        self.write(lambda s: reserving.confirm(s, found, self.now))
        return found

    def settle(self, referral_id: int | None = None) -> None:
        """Settle a mail, perhaps again; some workers are killed, and nobody tries again."""
        chosen = referral_id or self._some()
        if chosen is None:
            return
        run = self.crash if self.chance.random() < 0.1 else self.write
        run(lambda s: settle_referral(s, chosen, self.now))

    def relay_and_settle(self) -> None:
        """Relay and settle one or several mails to people who had none."""
        for _ in range(self.chance.choice((1, 1, 9, 11))):
            self.settle(self.relay(f"n{len(self.mails)}"))

    def settle_held(self) -> None:
        """Decide on what has waited long enough."""
        for referral_id in self.write(lambda s: holds.due(s, self.now)):
            self.write(partial(settle_held, referral_id=referral_id, now=self.now))

    def open(self) -> None:
        """Let a person go on from the landing page, or join."""
        chosen = self._some()
        mark = self.chance.choice((visits.mark_opened, visits.mark_registered))
        if chosen is not None:
            self.write(lambda s: mark(s, chosen, self.now))

    def release(self) -> None:
        """Let a mail count that was held in a burst."""
        chosen = self._some()
        if chosen is not None:
            self.write(lambda s: holds.release(s, chosen, "a test", self.now))

    def void(self) -> None:
        """Take a referral back, perhaps one that was taken back before."""
        chosen = self._some()
        if chosen is None:
            return
        self.write(lambda s: void(s, chosen, "wrong", "a test", self.now))
        self.mails[chosen].is_voided = True

    def bounce(self) -> None:
        """Hear that a mail came back; of whom we have forgotten nothing is found."""
        chosen = self._some()
        if chosen is None:
            return
        mail = self.mails[chosen]
        message = MessageKey(digest(mail.message))
        who = [CandidateHash(digest(each)) for each in (mail.candidate, "somebody else")]
        found = self.write(lambda s: bounces.find_bounced(s, message, who))
        assert found == (None if mail.is_erased else chosen), self.seed
        if found is not None:
            self.write(lambda s: bounces.reverse(s, found, "5.1.1", self.now))
            mail.is_voided = True

    def use(self) -> None:
        """Reserve a slot, or go on with one, whether that is allowed or not."""
        numbers = list(self.account.slots) or [11]
        slot, kind = self.chance.choice(numbers), self.chance.choice(list(USE))
        for step in self.chance.choice(([kind], [kind], _TO_HIRED)):
            self._use(step, slot)

    def _use(self, step: str, slot: int) -> None:
        self.write(lambda s: USE[step](s, self.company_id, slot, self.now))

    def adjust(self) -> None:
        """Correct what a slot is used for."""
        slot = self.chance.choice(list(self.account.slots) or [11])
        became = self.chance.choice(list(SlotUse))
        self.write(
            lambda s: _allowed(
                lambda: slots.adjust_slot(
                    s, self.company_id, slot, became, "a typing error", "a test", self.now
                )
            )
        )

    def expire(self) -> None:
        """Let slots expire whose time is over."""
        self.now += timedelta(days=self.chance.choice((0, 70)))
        self.write(lambda s: slots.expire_due(s, self.company_id, self.now))

    def change_rule(self) -> None:
        """Count by another rule from now on."""
        self._rule = Rule(
            count_at=self.chance.choice((CountAt.RELAYED, CountAt.RELAYED, *CountAt)),
            window_days=self.chance.choice((0, 30, 365)),
            hold_hours=self.chance.choice((0, 0, 24)),
            burst_limit=self.chance.choice((0, 0, 1)),
            slot_days=self.chance.choice((0, 60)),
        )
        self.write(lambda s: rules.set_rule(s, self.company_id, self._rule, "a test", self.now))

    def erase(self) -> None:
        """Forget one person."""
        chosen = self._some()
        if chosen is None:
            return
        who = self.mails[chosen].candidate
        self.write(lambda s: retention.erase_person(s, CandidateHash(digest(who)), Masked(who)))
        for mail in self.mails.values():
            mail.is_erased |= mail.candidate == who

    def forget(self) -> None:
        """Forget some of those whose time is over."""
        for days in (self.chance.choice((1, 30, 365)), 0):
            self.write(partial(self._keep, days))
            self.write(lambda s: retention.forget(s, self.now, 5))
        gone = select(ReferralRow.id).where(
            ReferralRow.company_id == self.company_id, ReferralRow.masked == ""
        )
        for referral_id in self.write(lambda s: s.scalars(gone).all()):
            self.mails[referral_id].is_erased = True

    def _keep(self, days: int, session: Session) -> None:
        retention.set_retention(session, self.company_id, days, "a test", self.now)

    def _some(self) -> int | None:
        return self.chance.choice(list(self.mails)) if self.mails else None

    def check(self) -> None:
        """Compare sums, points and slots with the model; apply the new entries to it first."""
        with self._sessions.begin() as session:
            found = ledger.entries(session, self.company_id, after_seq=self._seq)
            if not found and self._sums is not None:  # all sums are sums of entries
                self._compare(self._sums)
                return
            for entry in found:
                self._apply(entry, entry.points)
            sums = ledger.balance(session, self.company_id)
            free = [point.seq for point in points.open_points(session, self.company_id)]
            stand = {
                s.number: (s.use, s.is_earned) for s in slots.list_slots(session, self.company_id)
            }
        self._sums = sums
        self._compare(sums)
        told = (self.seed, self._seq)
        assert self.account.must_follow() is None, told
        assert self.account.earned == self.account.counted // 10, told
        assert sums.counted == self.account.counted, told
        assert sums.slots_available == self.account.available, told
        assert free == list(self.account.free), told
        assert stand == {
            slot.number: (slot.use, bool(slot.points))
            for slot in self.account.slots.values()
            if slot.points or slot.use in IN_USE
        }, told

    def _compare(self, sums: ledger.Balance) -> None:
        """Compare the sums with the mails that must have counted."""
        counted = sum(mail.is_counted and not mail.is_voided for mail in self.mails.values())
        assert (sums.counted, sums.slots_earned, sums.points) == (
            counted,
            counted // 10,
            counted % 10,
        ), (self.seed, self._seq)

    def _apply(self, entry: ledger.Entry, made_of: tuple[int, ...]) -> None:
        """Apply an entry to the model's account, and say whether it had to be so."""
        line = Line(entry.seq, entry.kind, entry.referral_id, entry.slot, entry.became, made_of)
        assert self.account.apply(line) is None, (self.seed, entry.seq)
        self._seq = entry.seq
        mail = self.mails.get(entry.referral_id or 0)
        if mail is None or entry.kind not in {Kind.COUNTED, Kind.NOT_COUNTED}:
            return
        assert (entry.kind is Kind.COUNTED) == self._must_count(mail), (self.seed, entry.seq)
        mail.is_counted = entry.kind is Kind.COUNTED

    def _must_count(self, mail: Mail) -> bool:
        if mail.is_voided:
            return False
        return not any(
            other.is_counted
            and not other.is_voided
            and other.candidate == mail.candidate
            and not (other.is_erased or mail.is_erased)
            and abs(other.relayed_at - mail.relayed_at) < mail.window
            for other in self.mails.values()
            if other is not mail
        )


def _allowed(act: Callable[[], object]) -> None:
    """Act, or be told in words that it cannot be."""
    try:
        act()
    except CareerRelayError:
        return


def _use_as(kind: Kind) -> Callable[[Session, int, int, datetime], None]:
    def use(session: Session, company_id: int, slot: int, now: datetime) -> None:
        _allowed(lambda: slots.use_slot(session, company_id, slot, kind, "a test", now))

    return use


USE: dict[str, Callable[[Session, int, int, datetime], None]] = {
    "reserve": lambda session, company_id, _slot, now: _allowed(
        lambda: slots.reserve_slot(session, company_id, "a test", now)
    ),
    **{kind.value: _use_as(kind) for kind in (Kind.RESERVED, Kind.INTRODUCED, Kind.HIRED)},
    "introduced too": _use_as(Kind.INTRODUCED),
    Kind.RETURNED.value: _use_as(Kind.RETURNED),
}
_TO_HIRED = [Kind.RESERVED.value, Kind.INTRODUCED.value, Kind.HIRED.value]
WEIGHTS = {
    "relay_and_settle": 12,
    "relay": 6,
    "settle": 8,
    "settle_held": 4,
    "open": 3,
    "release": 2,
    "void": 6,
    "bounce": 4,
    "relay_again": 3,
    "use": 9,
    "adjust": 2,
    "expire": 1,
    "change_rule": 2,
    "erase": 2,
    "forget": 1,
}
