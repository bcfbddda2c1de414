"""The brake against mass mistakes, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gateway.core.candidate import CandidateHash, Masked
from gateway.core.link import MessageKey
from gateway.errors import CareerRelayError
from gateway.store import brakes, outbox
from gateway.store.brakes import Brake, HeldState, Rejection
from gateway.store.company_changes import list_changes
from gateway.store.engine import writing_session
from gateway.store.outbox import Event
from gateway.store.referrals import ReferralRow
from gateway.store.reservations import NewReferral, refuse_all
from tests.store import reserving
from tests.store.records import NOW, digest, make_mail, pull_brake, write_company

RELEASED, HELD, REFUSED = HeldState.RELEASED, HeldState.HELD, HeldState.REFUSED


class Sender:
    """Sends rejections through a company's brake as the relay does."""

    def __init__(self, session: Session, company_id: int, limits: Brake) -> None:
        self.session, self.company_id, self.now = session, company_id, NOW
        brakes.set_limits(session, company_id, limits, "a test", NOW)

    def send(self, mail: str, candidate: str = "", ahead: int = 0) -> HeldState:
        candidate_hash = CandidateHash(digest(candidate or mail))
        rejection = Rejection(self.company_id, MessageKey(digest(mail)), candidate_hash)
        said = brakes.check_brake(self.session, rejection, self.now, ahead)
        if said is RELEASED:
            token = digest(mail + candidate)
            new = NewReferral(
                self.company_id, candidate_hash, Masked("t"), rejection.message, token
            )
            record = make_mail(self.company_id, f"{mail} {candidate} {self.now}")
            reserving.reserve(self.session, new, record, self.now)
        return said

    def let_go(self, verdict: HeldState) -> int:
        return brakes.let_go(self.session, self.company_id, verdict, "a test", self.now)


def test_a_company_without_limits_is_never_held(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        sender = Sender(session, company_id, Brake())
        assert {sender.send(str(number), "one candidate") for number in range(30)} == {RELEASED}


def test_one_rejection_too_many_in_a_minute_pulls_the_brake(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        sender = Sender(session, company_id, Brake(most_per_minute=3))
        assert [sender.send(one) for one in "abcde"] == [RELEASED] * 3 + [HELD] * 2
        brake = brakes.find_brake(session, company_id)
        assert (brake.held, brake.pulled_at) == (2, NOW)
        assert brake.cause == "more than 3 rejections within a minute"
        (told,) = outbox.list_notifications(session, company_id)
        assert (told.event, told.facts["per_minute"]) == (Event.BRAKE, 3)
        sender.now += timedelta(hours=1)
        assert sender.send("f") is HELD, "it stays pulled until a person has looked"


def test_one_company_s_brake_is_no_other_s(engine: Engine) -> None:
    ours, theirs = (write_company(engine, name).company.id for name in ("Sakura", "Ume"))
    with writing_session(engine).begin() as session:
        sender = Sender(session, ours, Brake(most_per_minute=1))
        other = Sender(session, theirs, Brake(most_per_minute=1))
        assert [sender.send("a"), other.send("b")] == [RELEASED] * 2, "each counts its own"
        assert [sender.send("c"), other.send("d")] == [HELD] * 2
        assert sender.let_go(REFUSED) == 1
        assert brakes.find_brake(session, theirs).held == 1
        assert other.send("d") is HELD
        assert other.let_go(RELEASED) == 1
        assert [sender.send("c"), other.send("d")] == [REFUSED, RELEASED]


def test_a_slow_stream_and_a_retry_pull_nothing(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        sender = Sender(session, company_id, Brake(most_per_minute=2))
        for one in "abcdef":
            assert sender.send(one) is RELEASED
            sender.now += timedelta(seconds=31)
        assert [sender.send(one) for one in ("g", "g", "f")] == [RELEASED] * 3
        assert sender.send("h") is HELD, "g and f are as many as may be"


def test_the_candidates_of_one_mail_count_each(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        sender = Sender(session, company_id, Brake(most_per_minute=2))
        assert sender.send("a", ahead=1) is RELEASED
        assert sender.send("b", ahead=2) is HELD


def test_the_same_candidate_twice_within_minutes_pulls_the_brake(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        sender = Sender(session, company_id, Brake(same_candidate_minutes=10))
        assert sender.send("a", "taro") is RELEASED
        assert sender.send("a", "taro") is RELEASED, "a sender's retry is the same mail"
        assert sender.send("b", "hanako") is RELEASED
        assert sender.send("c", "taro") is HELD
        assert sender.let_go(RELEASED) == 1
        sender.now += timedelta(minutes=11)
        assert sender.send("d", "taro") is RELEASED


def test_a_mail_that_the_next_hop_refused_was_no_first_one(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        sender = Sender(session, company_id, Brake(same_candidate_minutes=10))
        assert sender.send("a", "taro") is RELEASED
        refuse_all(session, list(session.scalars(select(ReferralRow.id))))
        assert sender.send("b", "taro") is RELEASED
        assert sender.send("c", "taro") is HELD


@pytest.mark.parametrize("word", [RELEASED, REFUSED])
def test_held_mails_hear_what_a_person_said_and_new_ones_flow(
    engine: Engine, word: HeldState
) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        sender = Sender(session, company_id, Brake(most_per_minute=1))
        assert [sender.send(one) for one in "abc"] == [RELEASED, HELD, HELD]
        assert sender.let_go(word) == 2
        assert sender.let_go(word) == 0
        assert [sender.send(one) for one in "bc"] == [word] * 2
        sender.now += timedelta(minutes=2)
        assert sender.send("d") is RELEASED
        assert sender.send("b") is word
        whats = [change.what for change in list_changes(session, company_id)]
        assert whats == ["brake_pulled", "brake_pulled", "brake"]


def test_a_person_s_word_is_forgotten_when_no_sender_tries_any_more(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        sender = Sender(session, company_id, Brake(most_per_minute=1))
        assert [sender.send(one) for one in "ab"] == [RELEASED, HELD]
        assert sender.let_go(REFUSED) == 1
        sender.now += timedelta(days=9)
        assert [sender.send(one) for one in "bcd"] == [REFUSED, RELEASED, HELD]
        assert sender.send("b") is REFUSED
        assert sender.let_go(RELEASED) == 1
        sender.now += timedelta(days=2)
        assert [sender.send(one) for one in "efb"] == [RELEASED, HELD, HELD]


def test_one_company_s_brake_holds_nobody_else(engine: Engine) -> None:
    first, second = (write_company(engine, name).company.id for name in ("Sakura", "Midori"))
    with writing_session(engine).begin() as session:
        pull_brake(session, first, "a finding", NOW)
        assert Sender(session, first, Brake()).send("a") is HELD
        assert Sender(session, second, Brake(1, 1)).send("a") is RELEASED


def test_a_limit_that_is_none_is_refused(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session, pytest.raises(CareerRelayError, match="0"):
        brakes.set_limits(session, company_id, Brake(-1), "a test", NOW)
