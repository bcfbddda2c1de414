"""What follows from a rejection mail that nobody should get: told once, or refused with 550."""

import asyncio
import dataclasses
from collections.abc import Sequence

import pytest
from sqlalchemy import Engine

from gateway.core.company import Language, Mode
from gateway.core.decide import decide
from gateway.core.envelope import Address, Envelope
from gateway.core.findings import ALWAYS_NOTIFY, Courtesy, Finding, Reaction
from gateway.core.why import Why
from gateway.demo.samples import DOMAIN, SENDER
from gateway.reply import Reply
from gateway.store import brakes, outbox
from gateway.store.brakes import Brake
from gateway.store.company_records import CompanyRecord, get_company
from gateway.store.courtesy import set_reactions
from gateway.store.engine import reading_session, writing_session
from gateway.store.members import add_member
from gateway.store.outbox import Event, Notification
from tests.e2e.sink import Sink
from tests.relaying import DESK, MIDORI, NOW, OFFER, logged, relaying

TARO, HANAKO = "taro@one.example", "hanako@two.example"
THANKS = "この度は弊社の採用選考にご応募いただき、誠にありがとうございました。\r\n"
REFUSAL = (
    "慎重に選考を重ねました結果、誠に残念ながら、今回は採用を見送らせていただくことになりました。\r\n"
    "今後のご活躍をお祈り申し上げます。\r\n"
)
REFUSE_PLACEHOLDERS = Courtesy(((Finding.PLACEHOLDER, Reaction.REFUSE),))


def write(
    text: str = "〇〇様\r\n\r\n" + THANKS + REFUSAL, number: int = 1, to: str = TARO, head: str = ""
) -> bytes:
    fields = (
        f"From: {SENDER}",
        f"To: {to}",
        "Subject: =?utf-8?B?6YG46ICD57WQ5p6c?=",
        f"Message-ID: <{number}@{DOMAIN}>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    )
    return ("\r\n".join((*fields, head + "\r\n")) + text).encode()


def send(
    ledger: Engine, company: CompanyRecord, mails: Sequence[bytes], *recipients: str
) -> list[Reply]:
    async def main() -> list[Reply]:
        async with relaying(ledger, company) as relay:
            return [await relay(raw, *(recipients or (TARO,))) for raw in mails]

    return asyncio.run(main())


@pytest.fixture
def wary(ledger: Engine, company: CompanyRecord) -> CompanyRecord:
    """Give a company that is told by mail, and that lets no placeholder go."""
    company_id = company.company.id
    with writing_session(ledger).begin() as session:
        add_member(session, company.company.id, f"hr@{DOMAIN}", Language.JA, "a test", NOW)
        reactions = {Finding.PLACEHOLDER: Reaction.REFUSE}
        set_reactions(session, company_id, reactions, "a test", NOW)
    with reading_session(ledger)() as session:
        return get_company(session, company_id)


@pytest.fixture
def told(ledger: Engine, company: CompanyRecord) -> CompanyRecord:
    """Give a company that is told by mail, and that chose nothing."""
    with writing_session(ledger).begin() as session:
        add_member(session, company.company.id, f"hr@{DOMAIN}", Language.JA, "a test", NOW)
    return company


def heard(ledger: Engine, company: CompanyRecord) -> list[Notification]:
    with reading_session(ledger)() as session:
        every = outbox.list_notifications(session, company.company.id)
    return [one for one in every if one.event is Event.COURTESY]


def test_a_placeholder_is_told_of_once_an_hour_and_the_mail_goes(
    ledger: Engine, told: CompanyRecord, sink: Sink
) -> None:
    replies = send(ledger, told, [write(number=number) for number in range(3)])
    assert [reply.code for reply in replies] == [250] * 3
    assert len(sink.mails) == 3
    (only,) = heard(ledger, told)
    assert only.facts["finding"] == "placeholder"
    assert only.facts["is_refused"] is False
    assert "taro" not in repr(only.facts)


def test_what_the_company_wants_only_in_the_log_is_told_to_nobody(
    ledger: Engine, told: CompanyRecord, sink: Sink
) -> None:
    with writing_session(ledger).begin() as session:
        reactions = {Finding.PLACEHOLDER: Reaction.LOG}
        set_reactions(session, told.company.id, reactions, "a test", NOW)
    assert send(ledger, told, [write()])[0].code == 250
    assert heard(ledger, told) == []
    (line,) = logged(ledger)
    assert "courtesy.placeholder" in {one.rule for one in line.evidence}


def test_a_company_may_have_a_mail_refused_and_nothing_leaves(
    ledger: Engine, wary: CompanyRecord, sink: Sink
) -> None:
    (reply,) = send(ledger, wary, [write()])
    assert str(reply) == (
        "550 5.7.1 The mail was not sent: a placeholder was left in. "
        "Mend it and send it again (cr-1)"
    )
    assert str(reply).isascii()
    assert sink.mails == []
    (line,) = logged(ledger)
    assert (line.why, line.reply_code, line.referral_id) == (Why.DISCOURTEOUS, 550, None)
    assert line.candidate_masked
    assert line.candidate_masked != TARO
    (only,) = heard(ledger, wary)
    assert only.facts["is_refused"] is True


def test_no_copy_of_a_refused_mail_leaves(ledger: Engine, wary: CompanyRecord, sink: Sink) -> None:
    (reply,) = send(ledger, wary, [write(to=SENDER)], TARO, HANAKO, SENDER)
    assert reply.code == 550
    assert sink.mails == []
    (line,) = logged(ledger)
    assert (line.why, line.candidate_masked) == (Why.DISCOURTEOUS, None)


def test_a_mended_mail_goes(ledger: Engine, wary: CompanyRecord, sink: Sink) -> None:
    mended = write("山田様\r\n\r\n" + THANKS + REFUSAL)
    assert [one.code for one in send(ledger, wary, [write(), mended])] == [550, 250]
    assert len(sink.mails) == 1


def test_refused_mails_pull_a_brake_that_is_set(
    ledger: Engine, wary: CompanyRecord, sink: Sink
) -> None:
    company_id = wary.company.id
    with writing_session(ledger).begin() as session:
        brakes.set_limits(session, company_id, Brake(most_per_minute=2), "a test", NOW)
    send(ledger, wary, [write(number=number) for number in range(3)])
    mended = write("山田様\r\n\r\n" + THANKS + REFUSAL, number=3)
    assert send(ledger, wary, [mended])[0].code == 451
    with reading_session(ledger)() as session:
        found = brakes.find_brake(session, company_id)
    assert (found.held, found.pulled_at) == (1, NOW)
    assert sink.mails == []


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        pytest.param(OFFER.raw, Why.NOT_A_REJECTION, id="no rejection"),
        pytest.param(
            write("〇〇様\r\n\r\n" + THANKS), Why.NOT_A_REJECTION, id="a placeholder alone"
        ),
        pytest.param(
            write().replace(b"From: " + SENDER.encode(), b"From: a@elsewhere.example"),
            Why.FOREIGN_FROM,
            id="not the company's mail",
        ),
        pytest.param(
            write(head="List-Id: <jobs.a.example>\r\n"), Why.MAILING_LIST, id="a mailing list"
        ),
    ],
)
def test_only_a_rejection_of_the_companys_own_is_refused(raw: bytes, why: Why) -> None:
    company = dataclasses.replace(MIDORI, courtesy=REFUSE_PLACEHOLDERS)
    envelope = Envelope(Address(SENDER), (Address(TARO),))
    assert decide(raw, envelope, company, DESK).why is why


def test_candidates_who_see_each_other_may_be_refused_too() -> None:
    chosen = Courtesy(((Finding.VISIBLE_CANDIDATES, Reaction.REFUSE),))
    company = dataclasses.replace(MIDORI, courtesy=chosen)
    envelope = Envelope(Address(SENDER), (Address(TARO), Address(HANAKO)))
    raw = write("各位\r\n\r\n" + THANKS + REFUSAL, to=f"{TARO}, {HANAKO}")
    plan = decide(raw, envelope, company, DESK)
    assert (plan.why, plan.referral) == (Why.DISCOURTEOUS, None)
    told = dataclasses.replace(company, courtesy=ALWAYS_NOTIFY)
    assert decide(raw, envelope, told, DESK).why is Why.SEVERAL_VISIBLE_RECIPIENTS


@pytest.mark.parametrize("mode", list(Mode))
def test_a_refusal_is_the_companys_word_in_both_modes(mode: Mode) -> None:
    company = dataclasses.replace(MIDORI, courtesy=REFUSE_PLACEHOLDERS, mode=mode)
    envelope = Envelope(Address(SENDER), (Address(TARO),))
    plan = decide(write(), envelope, company, DESK)
    assert (plan.why, plan.edits) == (Why.DISCOURTEOUS, ())
    assert plan.verdict == "rejection"
