"""A word on one mail, and the next of the same sender and subject: through the relay."""

import asyncio
import dataclasses
import logging

import pytest
from sqlalchemy import Engine

from gateway.core.company import Mode
from gateway.core.envelope import Address, Envelope
from gateway.core.letter import Letter
from gateway.core.why import Action, Why
from gateway.demo.samples import SENDER
from gateway.smtp.received import ReceivedMail
from gateway.store import reviews
from gateway.store.companies import set_mode
from gateway.store.company_records import CompanyRecord, get_company
from gateway.store.confirmed_letters import remember_letter
from gateway.store.engine import reading_session, writing_session
from gateway.store.recent_letters import kept_among
from gateway.transit.planning import KeptLetters, Planner, sign_nothing
from tests.e2e.sink import Sink
from tests.relaying import NOW, decide_here, logged, relaying
from tests.test_courtesy import REFUSAL, TARO, THANKS, write

CLOSING = "お送りいただいた作品集は来週までにお手元へ返送いたしますので、お受け取りください。\r\n"
LETTER = "様\r\n\r\n" + THANKS + REFUSAL + CLOSING


def mail(number: int, name: str = "山田") -> bytes:
    return write(name + LETTER, number)


def relay(ledger: Engine, *mails: bytes) -> None:
    """Relay mails one after the other, each as the company is judged by then."""
    with reading_session(ledger)() as session:
        company = get_company(session, 1)

    async def main() -> None:
        async with relaying(ledger, company) as send:
            for raw in mails:
                assert (await send(raw, TARO)).code == 250

    asyncio.run(main())


def in_mode(ledger: Engine, mode: Mode) -> None:
    with writing_session(ledger).begin() as session:
        set_mode(session, 1, mode, "a test", NOW)


def say(ledger: Engine, queue_id: str, *, yes: bool) -> None:
    with writing_session(ledger).begin() as session:
        reviews.answer(session, 1, queue_id, is_rejection=yes, actor="a test", now=NOW)


def newest(ledger: Engine) -> tuple[str, Why]:
    found = logged(ledger)[0]
    return found.queue_id, found.why


def test_a_denied_mail_keeps_links_out_until_the_answer_is_taken_back(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    assert company.company.id == 1
    in_mode(ledger, Mode.OBSERVE)
    relay(ledger, mail(1))
    queue_id, why = newest(ledger)
    assert why is Why.OBSERVED
    say(ledger, queue_id, yes=False)
    in_mode(ledger, Mode.INJECT)
    with reading_session(ledger)() as session:
        assert len(get_company(session, 1).company.answers) == 1
    second = mail(2, "鈴木")
    assert judged(ledger, second) is Why.POSSIBLE_REJECTION
    say(ledger, queue_id, yes=True)
    assert judged(ledger, second) is Why.LINK_ADDED
    assert len(sink.mails) == 1


def judged(ledger: Engine, raw: bytes) -> Why:
    """Return why a mail gets a link or not, as the company stands now."""
    with reading_session(ledger)() as session:
        return asyncio.run(planner().plan(received(get_company(session, 1), raw))).why


def planner() -> Planner:
    return Planner(decide_here, sign_nothing, lambda: NOW)


def received(company: CompanyRecord, raw: bytes) -> ReceivedMail:
    envelope = Envelope(Address(SENDER), (Address(TARO),))
    return ReceivedMail(company, envelope, raw, "127.0.0.1", "mx", "ESMTPA", NOW)


def test_a_confirmed_mail_becomes_a_letter_that_the_next_one_is_known_by(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    in_mode(ledger, Mode.OBSERVE)
    relay(ledger, mail(1))
    queue_id, _ = newest(ledger)
    say(ledger, queue_id, yes=True)
    with writing_session(ledger).begin() as session:
        assert remember_letter(session, 1, queue_id, "a test", NOW).number == 1
    with reading_session(ledger)() as session:
        knows = get_company(session, company.company.id)
    plan = asyncio.run(planner().plan(received(knows, mail(2, "鈴木"))))
    assert "letter-1" in [one.rule for one in plan.evidence]
    assert plan.letter is None
    assert len(sink.mails) == 1


def test_of_a_mail_that_gets_its_link_no_letter_is_kept(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    in_mode(ledger, Mode.INJECT)
    relay(ledger, mail(1))
    queue_id, why = newest(ledger)
    assert (why, logged(ledger)[0].action) == (Why.LINK_ADDED, Action.INJECTED)
    assert logged(ledger)[0].origin is not None
    with reading_session(ledger)() as session:
        assert kept_among(session, [queue_id]) == frozenset()


def test_so_many_mails_a_minute_are_kept_as_letters() -> None:
    seconds = [0.0]
    kept = KeptLetters(lambda: seconds[0])
    assert [kept.take(1) for _ in range(51)] == [True] * 50 + [False]
    assert kept.take(2)
    seconds[0] = 60.0
    assert kept.take(1)


def test_a_fault_in_making_the_letter_lets_the_mail_go(
    company: CompanyRecord, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> Letter | None:
        raise ZeroDivisionError

    broken = Planner(
        lambda *mail: dataclasses.replace(decide_here(*mail), as_letter=fail),
        sign_nothing,
        lambda: NOW,
    )
    with caplog.at_level(logging.WARNING):
        plan = asyncio.run(broken.plan(received(company, mail(1))))
    assert plan.why in {Why.LINK_ADDED, Why.OBSERVED}
    assert "no letter kept: ZeroDivisionError" in caplog.text
