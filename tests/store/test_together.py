"""Mails that wait together are written as each would be alone, in any mixture of them."""

import dataclasses
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gateway.core.candidate import CandidateHash, Masked
from gateway.core.copy_mark import CopyMark
from gateway.core.link import MessageKey, Token
from gateway.core.plan import Plan, Referral
from gateway.core.splice import Edit, Span
from gateway.core.why import Why
from gateway.store import brakes, reservations, sent_copies
from gateway.store.brakes import Brake, HeldMailRow, HeldState
from gateway.store.engine import writing_session
from gateway.store.mails import MailRecord, MailRow
from gateway.store.referrals import ReferralRow, opt_out
from gateway.transit.record import Decided, Reserved, Unreserved, reserve_all
from tests.store import reserving
from tests.store.records import NOW, digest, make_mail, write_company

ROUNDS, MOST = 4, 12


@dataclass(frozen=True)
class Mail:
    """One attempt to relay: `kind` is link, plain (needs nothing) or rest (of one in copies)."""

    name: str
    is_braked: bool
    message: str
    candidate: str
    kind: str
    reply_code: int | None


class Side:
    """Companies and candidates of one of the two ways, alike but for their names."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.name = name
        self.companies = [
            write_company(engine, f"{name}{brake}").company.id for brake in ("free", "braked")
        ]
        with writing_session(engine).begin() as session:
            limits = Brake(most_per_minute=4, same_candidate_minutes=5)
            brakes.set_limits(session, self.companies[1], limits, "a test", NOW)
            opt_out(session, self.hash("gone"), NOW)
            sent_copies.note_sent(session, [self.mark("has it")], NOW)

    def hash(self, candidate: str) -> CandidateHash:
        return CandidateHash(digest(f"{self.name}/{candidate}"))

    def mark(self, candidate: str) -> CopyMark:
        return CopyMark(digest(f"mark/{self.name}/{candidate}"))

    def decided(self, mail: Mail) -> Decided:
        company_id = self.companies[mail.is_braked]
        message = MessageKey(digest(mail.message))
        token = Token(f"{company_id}/{mail.message}/{mail.candidate}")
        is_linked = mail.kind == "link"
        plan = Plan(
            message,
            Why.LINK_ADDED if is_linked else Why.NO_OUTSIDE_RECIPIENT,
            edits=(Edit(Span(0, 0), b"x"),) if is_linked else (),
            referral=Referral(self.hash(mail.candidate), Masked("t"), token) if is_linked else None,
        )
        record = dataclasses.replace(
            make_mail(company_id, f"{self.name}-{mail.name}"), why=plan.why, action=plan.action
        )
        marks = () if mail.kind == "plain" else (self.mark(mail.candidate),)
        return Decided(plan, record, marks)

    def rows(self, session: Session) -> dict[str, Any]:
        """Return all that was written for this side, without its own names and numbers."""
        of_us = ReferralRow.company_id.in_(self.companies)
        referrals = {row.id: row for row in session.scalars(select(ReferralRow).where(of_us))}
        lines = select(MailRow).where(MailRow.company_id.in_(self.companies))
        held = select(HeldMailRow).where(HeldMailRow.company_id.in_(self.companies))
        known = {self.hash(one): one for one in ("gone", "has it", *"abcd")}
        return {
            "referrals": sorted(
                (row.message_key, known[CandidateHash(row.candidate_hash)], row.state)
                for row in referrals.values()
            ),
            "lines": sorted(
                (row.queue_id.partition("-")[2], row.why, row.reply_code, row.referral_id and 1)
                for row in session.scalars(lines)
            ),
            "held": sorted(
                (row.message_key, known[CandidateHash(row.candidate_hash)], row.state)
                for row in session.scalars(held)
            ),
        }


def _draw(dice: random.Random, number: int) -> list[Mail]:
    return [
        Mail(
            name=f"{number}.{place}",
            is_braked=dice.random() < 0.4,
            message=dice.choice("mno"),
            candidate=dice.choice(["gone", "has it", *"abcd"]),
            kind=dice.choice(["link", "link", "link", "plain", "rest"]),
            reply_code=dice.choice([250, 250, 550, 451, None]),
        )
        for place in range(dice.randint(1, MOST))
    ]


def _outcomes(mails: Sequence[Mail], told: Sequence[Reserved | Unreserved]) -> list[MailRecord]:
    return [
        dataclasses.replace(
            one.record, referral_id=one.referral_id, reply_code=mail.reply_code, milliseconds=7
        )
        for mail, one in zip(mails, told, strict=True)
        if isinstance(one, Reserved) and one.referral_id is not None
    ]


def _seen(told: Sequence[Reserved | Unreserved]) -> list[object]:
    return [
        (one.plan.why, one.record.why, one.brake, one.referral_id is None)
        if isinstance(one, Reserved)
        else one
        for one in told
    ]


@pytest.mark.parametrize("seed", range(15))
def test_whatever_waits_together_is_written_as_one_by_one(engine: Engine, seed: int) -> None:
    dice = random.Random(seed)
    together, apart = Side(engine, "Together"), Side(engine, "Apart")
    new_session = writing_session(engine)
    for number in range(ROUNDS):
        mails = _draw(dice, number)
        with new_session.begin() as session:
            told = reserve_all(session, [together.decided(one) for one in mails])
        singly = []
        for one in mails:
            with new_session.begin() as session:
                singly += reserve_all(session, [apart.decided(one)])
        assert _seen(told) == _seen(singly)
        with new_session.begin() as session:
            reservations.conclude_all(session, _outcomes(mails, told), NOW)
        for record in _outcomes(mails, singly):
            with new_session.begin() as session:
                assert record.referral_id is not None
                reserving.conclude(session, record.referral_id, record, NOW)
        with new_session() as session:
            assert together.rows(session) == apart.rows(session)


def test_of_mails_that_wait_together_each_is_told_its_own(engine: Engine) -> None:
    side = Side(engine, "Group")
    free = [Mail(f"free {name}", False, "m", name, "link", 250) for name in ("a", "gone", "has it")]
    braked = [Mail(f"braked {name}", True, name, name, "link", 250) for name in "abcdef"]
    plain = [Mail(f"plain {name}", True, "p", name, "plain", 250) for name in ("gone", "has it")]
    with writing_session(engine).begin() as session:
        told = reserve_all(session, [side.decided(one) for one in (*free, *braked, *plain)])
    whys = [
        (one.plan.why, one.brake, one.referral_id is not None) if isinstance(one, Reserved) else one
        for one in told
    ]
    assert whys[:3] == [
        (Why.LINK_ADDED, HeldState.RELEASED, True),
        (Why.OPTED_OUT, HeldState.RELEASED, False),
        Unreserved.HAS_IT,
    ]
    assert whys[3:9] == [
        *[(Why.LINK_ADDED, HeldState.RELEASED, True)] * 4,
        *[(Why.LINK_ADDED, HeldState.HELD, False)] * 2,
    ]
    assert whys[9:] == [(Why.NO_OUTSIDE_RECIPIENT, HeldState.RELEASED, False)] * 2


@pytest.mark.parametrize(("days", "is_asked_for"), [(None, False), (12, False), (10, True)])
def test_the_marks_are_asked_for_only_while_a_mail_in_copies_may_be_retried(
    engine: Engine, days: int | None, is_asked_for: bool
) -> None:
    company_id = write_company(engine, "Marks").company.id
    plan = Plan(MessageKey(digest("m")), Why.NO_OUTSIDE_RECIPIENT)
    late = NOW.replace(hour=23, minute=59)
    record = dataclasses.replace(make_mail(company_id, "m"), at=late)
    unmarked, marked = Decided(plan, record), Decided(plan, record, (CopyMark(digest("mine")),))
    with writing_session(engine).begin() as session:
        if days is not None:
            other = CopyMark(digest("of another mail"))
            sent_copies.note_sent(session, [other], late - timedelta(days=days))
        told = [reserve_all(session, [one])[0] for one in (unmarked, marked)]
    assert (told[0] is Unreserved.UNMARKED) == is_asked_for
    assert isinstance(told[1], Reserved)


def test_a_mail_that_must_come_again_with_its_marks_holds_up_no_other(engine: Engine) -> None:
    side = Side(engine, "Unmarked")
    mails = [Mail(name, False, name, name, "link", 250) for name in "abc"]
    decided = [side.decided(one) for one in mails]
    decided[1] = dataclasses.replace(decided[1], marks=None)
    with writing_session(engine).begin() as session:
        told = reserve_all(session, decided)
    assert [isinstance(one, Reserved) for one in told] == [True, False, True]
    with writing_session(engine).begin() as session:
        assert len(side.rows(session)["referrals"]) == 2, "nothing is written for it yet"
