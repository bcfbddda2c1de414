"""One mail's way through, with a real database, a real next hop and faults in between."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from gateway.core.candidate import hash_candidate
from gateway.core.decide import decide
from gateway.core.envelope import NULL_SENDER, Address, Envelope
from gateway.core.plan import Plan
from gateway.core.why import Why
from gateway.demo.samples import SENDER
from gateway.errors import StoreUnavailableError
from gateway.reply import Reply
from gateway.store import brakes
from gateway.store.brakes import Brake, HeldState
from gateway.store.company_records import CompanyRecord
from gateway.store.engine import reading_session, writing_session
from gateway.store.mails import MailRecord
from gateway.store.referrals import ReferralState, get_referral, opt_out
from gateway.transit import stamp
from tests.e2e.program import below_trace, links
from tests.e2e.sink import Sink
from tests.relaying import DESK, KEY, MIDORI, NOW, OFFER, REJECTION, Send, logged, relaying
from tests.store.records import pull_brake


def state(ledger: Engine, mail: MailRecord) -> ReferralState:
    assert mail.referral_id is not None
    with reading_session(ledger)() as session:
        return get_referral(session, mail.referral_id).state


def run(
    ledger: Engine,
    company: CompanyRecord,
    talk: Callable[[Send], Awaitable[Any]],
    patience_seconds: float = 20.0,
) -> Any:
    async def main() -> Any:
        async with relaying(ledger, company, patience_seconds) as send:
            return await talk(send)

    return asyncio.run(main())


def move_away(ledger: Engine) -> Path:
    """Take the ledger's file away: every use of the database fails from now on."""
    file = Path(str(ledger.url.database).removeprefix("file:"))
    return file.rename(file.with_name("away"))


@pytest.mark.parametrize("loop_bytes", [1 << 20, 0], ids=["small", "in a thread"])
def test_a_rejection_leaves_with_a_link_and_is_written_down(
    ledger: Engine,
    company: CompanyRecord,
    sink: Sink,
    monkeypatch: pytest.MonkeyPatch,
    loop_bytes: int,
) -> None:
    monkeypatch.setattr(stamp, "_WRITTEN_IN_THE_LOOP_BYTES", loop_bytes)
    reply = run(ledger, company, lambda send: send(REJECTION.raw, REJECTION.recipient))
    assert str(reply) == "250 2.0.0 Ok: cr-1 -> 2.0.0 Ok: taken"
    assert len(links(sink.mails[0].raw)) == 1
    (mail,) = logged(ledger)
    assert (mail.why, mail.reply_code, mail.parts) == (Why.LINK_ADDED, 250, ("1",))
    assert state(ledger, mail) is ReferralState.RELAYED


def test_without_a_database_a_rejection_is_not_accepted_and_did_not_leave(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    move_away(ledger)
    with pytest.raises(StoreUnavailableError):
        run(ledger, company, lambda send: send(REJECTION.raw, REJECTION.recipient))
    assert sink.mails == []


def test_without_a_database_every_other_mail_flows(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    move_away(ledger)
    reply = run(ledger, company, lambda send: send(OFFER.raw, OFFER.recipient))
    assert reply.code == 250
    assert below_trace(sink.mails[0].raw) == OFFER.raw


def test_a_database_that_fails_after_the_mail_left_still_means_250_and_is_asked_again(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    moved: list[Path] = []
    sink.before_answer = lambda: moved.append(move_away(ledger))

    async def talk(send: Send) -> Reply:
        reply = await send(REJECTION.raw, REJECTION.recipient)
        assert moved, "the database was away when 250 was said"
        moved[0].rename(moved[0].with_name("ledger.sqlite3"))
        return reply

    assert run(ledger, company, talk, patience_seconds=0.1).code == 250
    (mail,) = logged(ledger)
    assert mail.reply_code == 250
    assert state(ledger, mail) is ReferralState.RELAYED


def test_a_fault_after_the_mail_left_still_means_250(
    ledger: Engine, company: CompanyRecord, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    def break_table() -> None:
        with ledger.begin() as connection:
            connection.exec_driver_sql(
                "CREATE TRIGGER broken BEFORE UPDATE ON referral"
                " BEGIN SELECT RAISE(ABORT, 'a constraint nobody thought of'); END"
            )

    sink.before_answer = break_table
    reply = run(ledger, company, lambda send: send(REJECTION.raw, REJECTION.recipient))
    assert reply.code == 250
    assert "outcome not written down" in caplog.text


def test_a_mail_that_flowed_while_the_database_was_away_is_logged_when_it_is_back(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    async def talk(send: Send) -> None:
        away = move_away(ledger)
        assert (await send(OFFER.raw, OFFER.recipient)).code == 250
        away.rename(away.with_name("ledger.sqlite3"))

    run(ledger, company, talk)
    (mail,) = logged(ledger)
    assert (mail.why, mail.reply_code) == (Why.NOT_A_REJECTION, 250)


def test_what_the_next_hop_says_can_forge_no_line_of_the_log(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    sink.answer = "250-ok\r\n250 2026-01-01 cr-forged rejection \x1b[31m <taro@example.com>"
    run(ledger, company, lambda send: send(OFFER.raw, OFFER.recipient))
    (mail,) = logged(ledger)
    assert mail.reply_text is not None
    assert mail.reply_text.replace("•", "").isprintable()
    assert "\n" not in mail.reply_text
    assert "taro" not in mail.reply_text


def test_a_database_that_recovers_while_the_sender_waits_loses_nothing(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    async def talk(send: Send) -> Reply:
        loop, moved = asyncio.get_running_loop(), asyncio.Queue[Path]()

        def take_away() -> None:
            loop.call_soon_threadsafe(moved.put_nowait, move_away(ledger))

        sink.before_answer = take_away
        sending = asyncio.ensure_future(send(REJECTION.raw, REJECTION.recipient))
        away = await moved.get()
        away.rename(away.with_name("ledger.sqlite3"))
        return await sending

    assert run(ledger, company, talk).code == 250
    (mail,) = logged(ledger)
    assert state(ledger, mail) is ReferralState.RELAYED


def test_a_candidate_who_opted_out_gets_the_mail_as_it_was(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    with writing_session(ledger).begin() as session:
        opt_out(session, hash_candidate(KEY, Address(REJECTION.recipient)), NOW)
    run(ledger, company, lambda send: send(REJECTION.raw, REJECTION.recipient))
    assert below_trace(sink.mails[0].raw) == REJECTION.raw
    (mail,) = logged(ledger)
    assert (mail.why, mail.referral_id, mail.candidate_masked) == (Why.OPTED_OUT, None, None)


def test_a_mail_that_comes_back_through_the_relay_is_not_edited_again(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    async def talk(send: Send) -> None:
        await send(REJECTION.raw, REJECTION.recipient)
        await send(sink.mails[0].raw, REJECTION.recipient)

    run(ledger, company, talk)
    assert below_trace(sink.mails[1].raw) == sink.mails[0].raw
    assert [mail.why for mail in logged(ledger)] == [Why.ALREADY_RELAYED, Why.LINK_ADDED]


def test_a_fault_in_the_decision_passes_the_mail() -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError("a bug in a template")

    envelope = Envelope(Address(SENDER), (Address(REJECTION.recipient),))
    plan: Plan = decide(REJECTION.raw, envelope, MIDORI, replace(DESK, write_block=broken))
    assert (plan.why, plan.edits) == (Why.FAULT, ())
    assert plan.evidence[0].label == "fault: RuntimeError"


def test_a_bounce_passes() -> None:
    envelope = Envelope(NULL_SENDER, (Address(REJECTION.recipient),))
    assert decide(REJECTION.raw, envelope, MIDORI, DESK).why is Why.NULL_SENDER


def test_a_braked_rejection_stays_with_the_sender_until_it_is_released(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    def say(verdict: HeldState) -> None:
        with writing_session(ledger).begin() as session:
            brakes.let_go(session, company.company.id, verdict, "a test", NOW)

    with writing_session(ledger).begin() as session:
        pull_brake(session, company.company.id, "a test", NOW)

    async def talk(send: Send) -> None:
        held = await send(REJECTION.raw, REJECTION.recipient)
        assert str(held).startswith("451 4.7.1 Held by the company's brake")
        assert (await send(OFFER.raw, OFFER.recipient)).code == 250, "ordinary mail flows"
        assert len(sink.mails) == 1
        say(HeldState.RELEASED)
        assert (await send(REJECTION.raw, REJECTION.recipient)).code == 250
        assert len(links(sink.mails[1].raw)) == 1

    run(ledger, company, talk)
    assert [mail.why for mail in logged(ledger)].count(Why.BRAKED) == 1


def test_a_braked_mail_to_several_candidates_is_held_and_refused_as_one(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    crowd = ("taro@one.example", "hanako@two.example", "emma@three.example")
    with writing_session(ledger).begin() as session:
        brakes.set_limits(session, company.company.id, Brake(2), "a test", NOW)

    async def talk(send: Send) -> None:
        assert (await send(REJECTION.raw, *crowd)).code == 451
        with writing_session(ledger).begin() as session:
            brakes.let_go(session, company.company.id, HeldState.REFUSED, "a test", NOW)
        refused = await send(REJECTION.raw, *crowd)
        assert str(refused).startswith("550 5.7.1 Refused by an administrator of the company")
        assert (await send(REJECTION.raw, crowd[0])).code == 550

    run(ledger, company, talk)
    assert sink.mails == []
