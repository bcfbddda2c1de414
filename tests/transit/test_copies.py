"""A mail to several candidates: a copy for each, and no copy twice, whatever happens between."""

import asyncio
import dataclasses
import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gateway import relay
from gateway.core.candidate import hash_candidate
from gateway.core.company import Company, Language
from gateway.core.copy_mark import CopyMark, mark_copies
from gateway.core.decide import decide
from gateway.core.envelope import Address, Envelope
from gateway.core.recipients import sort_recipients
from gateway.core.restore import restore
from gateway.core.why import Why
from gateway.demo.samples import DOMAIN, SENDER
from gateway.errors import StoreUnavailableError, TryLaterError
from gateway.hops import HopSettings
from gateway.reply import Reply
from gateway.store import outbox, sent_copies
from gateway.store.company_records import CompanyRecord
from gateway.store.engine import reading_session, writing_session
from gateway.store.members import add_member
from gateway.store.outbox import Event
from gateway.store.referrals import ReferralState, get_referral, opt_out
from gateway.transit.record import Decided, reserve_all
from tests.e2e.program import below_trace, links
from tests.e2e.sink import Sink
from tests.relaying import DESK, KEY, MIDORI, NOW, OFFER, REJECTION, Send, logged, relaying

TARO, HANAKO, EMMA = "taro@one.example", "hanako@two.example", "emma@three.example"
INSIDE, ROLE = f"boss@{DOMAIN}", "info@agency.example"


def run(
    ledger: Engine, company: CompanyRecord, talk: Callable[[Send], Awaitable[Any]], **options: Any
) -> Any:
    async def main() -> Any:
        async with relaying(ledger, company, **options) as send:
            return await talk(send)

    return asyncio.run(main())


def send_once(ledger: Engine, company: CompanyRecord, *recipients: str) -> Reply:
    reply = run(ledger, company, lambda send: send(REJECTION.raw, *recipients))
    assert isinstance(reply, Reply)
    return reply


def recipients_of(sink: Sink) -> list[tuple[str, ...]]:
    return [mail.recipients for mail in sink.mails]


def states(ledger: Engine) -> list[str]:
    ids = {mail.referral_id for mail in logged(ledger) if mail.referral_id}
    with reading_session(ledger)() as session:
        return sorted(get_referral(session, id_).state for id_ in ids)


def test_each_candidate_gets_a_copy_with_a_link_of_their_own(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    reply = send_once(ledger, company, TARO, HANAKO, EMMA)
    assert str(reply) == "250 2.0.0 Ok: cr-1 -> 2.0.0 Ok: taken"
    assert recipients_of(sink) == [(TARO,), (HANAKO,), (EMMA,)]
    found = [links(mail.raw) for mail in sink.mails]
    assert [len(each) for each in found] == [1, 1, 1]
    assert len(set.union(*found)) == 3
    assert [restore(mail.raw) for mail in sink.mails] == [REJECTION.raw] * 3
    assert [mail.queue_id for mail in logged(ledger)] == ["cr-1-3", "cr-1-2", "cr-1"]
    assert {mail.why for mail in logged(ledger)} == {Why.LINK_ADDED}
    assert states(ledger) == [ReferralState.RELAYED] * 3


def test_a_copy_is_what_a_mail_to_that_candidate_alone_would_have_been(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    send_once(ledger, company, HANAKO)
    send_once(ledger, company, TARO, HANAKO)
    alone = decide(REJECTION.raw, Envelope(Address(SENDER), (Address(HANAKO),)), MIDORI, DESK)
    assert alone.referral is not None
    assert alone.referral.token.encode() in b"".join(links(sink.mails[0].raw))
    assert below_trace(sink.mails[2].raw) == below_trace(sink.mails[0].raw)


@pytest.mark.parametrize("rest", [(TARO,), (INSIDE, ROLE), (ROLE,), (INSIDE,)])
def test_whoever_has_a_copy_gets_no_other_when_the_sender_tries_them_alone(
    ledger: Engine, company: CompanyRecord, sink: Sink, rest: tuple[str, ...]
) -> None:
    sink.answers[HANAKO] = "451 4.2.0 Mailbox busy"
    assert send_once(ledger, company, TARO, HANAKO, INSIDE, ROLE).code == 451
    assert recipients_of(sink) == [(TARO,), (INSIDE, ROLE)]
    assert send_once(ledger, company, *rest).code == 250
    assert recipients_of(sink) == [(TARO,), (INSIDE, ROLE)]
    sink.answers.clear()
    assert send_once(ledger, company, HANAKO, *rest).code == 250
    assert recipients_of(sink) == [(TARO,), (INSIDE, ROLE), (HANAKO,)]


def test_one_connection_is_enough_for_all_copies(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    narrow = dataclasses.replace(company, hop=HopSettings(most_connections=1))
    assert send_once(ledger, narrow, TARO, HANAKO, INSIDE).code == 250
    assert recipients_of(sink) == [(TARO,), (HANAKO,), (INSIDE,)]


def test_everybody_else_gets_the_mail_as_it_was(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    send_once(ledger, company, INSIDE, TARO, ROLE, HANAKO)
    assert recipients_of(sink) == [(TARO,), (HANAKO,), (INSIDE, ROLE)]
    assert below_trace(sink.mails[2].raw) == REJECTION.raw
    assert logged(ledger)[0].why is Why.ROLE_RECIPIENT


def test_a_role_outside_does_not_get_the_link_of_the_one_candidate(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    send_once(ledger, company, ROLE, TARO)
    assert recipients_of(sink) == [(TARO,), (ROLE,)]
    assert [len(links(mail.raw)) for mail in sink.mails] == [1, 0]


def test_two_addresses_of_one_person_are_one_copy(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    send_once(ledger, company, TARO, HANAKO, "Taro+job@one.example")
    assert recipients_of(sink) == [(TARO, "Taro+job@one.example"), (HANAKO,)]


def test_what_is_no_rejection_leaves_once_for_all(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    run(ledger, company, lambda send: send(OFFER.raw, TARO, HANAKO))
    assert recipients_of(sink) == [(TARO, HANAKO)]
    assert below_trace(sink.mails[0].raw) == OFFER.raw


def test_a_candidate_who_opted_out_gets_a_copy_as_it_was(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    with writing_session(ledger).begin() as session:
        opt_out(session, hash_candidate(KEY, Address(HANAKO)), NOW)
    assert send_once(ledger, company, TARO, HANAKO).code == 250
    assert [len(links(mail.raw)) for mail in sink.mails] == [1, 0]
    assert {mail.why for mail in logged(ledger)} == {Why.LINK_ADDED, Why.OPTED_OUT}


def test_more_candidates_than_copies_are_made_for_pass_as_they_came() -> None:
    crowd = tuple(Address(f"taro{number}@one.example") for number in range(51))
    plan = decide(REJECTION.raw, Envelope(Address(SENDER), crowd), MIDORI, DESK)
    assert (plan.why, plan.edits, plan.copies) == (Why.TOO_MANY_CANDIDATES, (), ())
    plan = decide(REJECTION.raw, Envelope(Address(SENDER), crowd[:50]), MIDORI, DESK)
    assert (plan.why, len(plan.copies)) == (Why.SEVERAL_CANDIDATES, 50)


def test_a_copy_that_must_wait_makes_the_sender_try_again_and_only_it_is_sent_then(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    sink.answers[HANAKO] = "452 4.2.2 mailbox full"

    async def talk(send: Send) -> None:
        mail = (REJECTION.raw, TARO, HANAKO, EMMA, INSIDE)
        assert str(await send(*mail)) == "452 4.2.2 mailbox full (cr-1)"
        assert recipients_of(sink) == [(TARO,), (EMMA,), (INSIDE,)]
        sink.answers.clear()
        assert (await send(*mail)).code == 250
        assert (await send(*mail)).code == 250

    run(ledger, company, talk)
    assert recipients_of(sink) == [(TARO,), (EMMA,), (INSIDE,), (HANAKO,)]
    assert states(ledger) == [ReferralState.RELAYED] * 3
    assert [mail.why for mail in logged(ledger)].count(Why.SENT_BEFORE) == 3 + 4


def test_a_copy_refused_for_good_waits_once_and_is_then_refused_for_good(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    sink.answers[HANAKO] = "554 5.7.1 spam"

    async def talk(send: Send) -> None:
        first = await send(REJECTION.raw, TARO, HANAKO)
        assert first.code == 451
        second = await send(REJECTION.raw, TARO, HANAKO)
        assert second.code == 554
        assert "1 of 2 recipients refused, the others have this mail: 5.7.1 spam" in second.text

    run(ledger, company, talk)
    assert recipients_of(sink) == [(TARO,)]
    assert states(ledger) == [ReferralState.REFUSED, ReferralState.RELAYED]


def test_when_all_copies_are_refused_the_sender_hears_the_next_hop(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    sink.answer = "554 5.7.1 spam"
    assert str(send_once(ledger, company, TARO, HANAKO)) == "554 5.7.1 spam (cr-1)"
    assert states(ledger) == [ReferralState.REFUSED] * 2


def test_without_a_database_no_copy_leaves(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    file = Path(str(ledger.url.database))
    file.rename(file.with_name("away"))
    with pytest.raises(StoreUnavailableError):
        send_once(ledger, company, TARO, HANAKO)
    assert sink.mails == []


def test_a_database_that_goes_away_between_two_copies_loses_and_doubles_nothing(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    file = Path(str(ledger.url.database))
    away = file.with_name("away")

    def take_away() -> None:
        if file.exists():
            file.rename(away)

    sink.before_answer = take_away

    async def talk(send: Send) -> None:
        assert (await send(REJECTION.raw, TARO, HANAKO)).code == 250
        away.rename(file)

    run(ledger, company, talk, patience_seconds=0.1)
    assert states(ledger) == [ReferralState.RELAYED] * 2
    sink.before_answer = None
    send_once(ledger, company, TARO, HANAKO)
    assert recipients_of(sink) == [(TARO,), (HANAKO,)]


def test_a_next_hop_that_breaks_between_two_copies_is_asked_for_the_second_one_only(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    sink.answers[HANAKO] = "421 4.3.0 restarting"

    async def talk(send: Send) -> None:
        assert (await send(REJECTION.raw, TARO, HANAKO, EMMA)).code == 451
        sink.answers.clear()
        assert (await send(REJECTION.raw, TARO, HANAKO, EMMA)).code == 250

    run(ledger, company, talk)
    assert sorted(recipients_of(sink)) == [(EMMA,), (HANAKO,), (TARO,)]


def test_a_copy_that_may_have_left_stays_open_and_no_other_is_tried_then(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    def break_off() -> None:
        sink.before_answer = None
        raise ConnectionResetError

    sink.before_answer = break_off
    assert send_once(ledger, company, TARO, HANAKO).code == 451
    assert sink.mails == []
    assert states(ledger) == [ReferralState.REFUSED, ReferralState.RELAYING]
    assert send_once(ledger, company, TARO, HANAKO).code == 250
    assert states(ledger) == [ReferralState.RELAYED] * 2


def test_no_copy_is_begun_when_the_sender_has_waited_for_long(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    late = run(
        ledger, company, lambda send: send(REJECTION.raw, TARO, HANAKO), longest_seconds=-1.0
    )
    assert str(late).startswith("451 4.3.0 Not all copies sent yet")
    assert sink.mails == []
    assert send_once(ledger, company, TARO, HANAKO).code == 250
    assert recipients_of(sink) == [(TARO,), (HANAKO,)]
    assert states(ledger) == [ReferralState.RELAYED] * 2


def test_a_sender_that_tries_again_too_early_does_not_double_a_copy(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    goes_on = threading.Event()

    async def talk(send: Send) -> None:
        loop, arrived = asyncio.get_running_loop(), asyncio.Event()

        def hold() -> None:
            loop.call_soon_threadsafe(arrived.set)
            goes_on.wait(10)

        sink.before_answer = hold
        first = asyncio.ensure_future(send(REJECTION.raw, TARO, HANAKO))
        await arrived.wait()
        with pytest.raises(TryLaterError):
            await send(REJECTION.raw, TARO, HANAKO)
        goes_on.set()
        assert (await first).code == 250

    run(ledger, company, talk)
    assert recipients_of(sink) == [(TARO,), (HANAKO,)]


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(b"Received: by mx; Tue\r\n" + REJECTION.raw, id="a new Received on top"),
        pytest.param(b"DKIM-Signature: t=2\r\n" + REJECTION.raw, id="signed anew"),
    ],
)
def test_what_servers_on_the_way_add_does_not_make_it_another_mail(again: bytes) -> None:
    envelope = Envelope(Address(SENDER), (Address(TARO),))
    assert mark_copies(KEY, 1, again, envelope) == mark_copies(KEY, 1, REJECTION.raw, envelope)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(REJECTION.raw.replace(b"Date: ", b"Date: x"), id="another date"),
        pytest.param(REJECTION.raw + b"P.S.\r\n", id="another text, the same Message-ID"),
    ],
)
def test_another_mail_has_other_marks(other: bytes) -> None:
    envelope = Envelope(Address(SENDER), (Address(TARO), Address(HANAKO)))
    marks = mark_copies(KEY, 1, REJECTION.raw, envelope)
    assert len(set(marks.values())) == 2
    assert set(marks.values()).isdisjoint(mark_copies(KEY, 1, other, envelope).values())
    assert set(marks.values()).isdisjoint(mark_copies(KEY, 2, REJECTION.raw, envelope).values())
    from_another = dataclasses.replace(envelope, reverse_path=Address(f"it@{DOMAIN}"))
    assert set(marks.values()).isdisjoint(mark_copies(KEY, 1, REJECTION.raw, from_another).values())


def test_a_company_whose_candidates_see_each_other_is_told_once_a_day(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    with writing_session(ledger).begin() as session:
        add_member(session, company.company.id, f"hr@{DOMAIN}", Language.JA, "a test", NOW)
    to = b"To: " + REJECTION.recipient.encode()
    raw = REJECTION.raw.replace(to, b"To: " + f"{TARO}, {HANAKO}".encode())
    assert raw != REJECTION.raw

    async def talk(send: Send) -> None:
        assert (await send(raw, TARO, HANAKO)).code == 250
        assert (await send(b"X-Again: yes\r\n" + raw, TARO, HANAKO)).code == 250

    run(ledger, company, talk)
    assert [mail.why for mail in logged(ledger)] == [Why.SEVERAL_VISIBLE_RECIPIENTS] * 2
    assert below_trace(sink.mails[0].raw) == raw
    with reading_session(ledger)() as session:
        (told,) = outbox.list_notifications(session, company.company.id)
        assert (told.event, told.facts) == (Event.VISIBLE_RECIPIENTS, {"queue_id": "cr-1"})


def test_an_observed_mail_leaves_once_for_all() -> None:
    envelope = Envelope(Address(SENDER), (Address(TARO), Address(HANAKO)))
    watched = Company(MIDORI.id, MIDORI.name, MIDORI.domains)
    plan = decide(REJECTION.raw, envelope, watched, DESK)
    assert (plan.why, plan.copies, plan.referral) == (Why.OBSERVED, (), None)
    assert plan.evidence[-1].label == "leaves in 2 copies"


def test_only_inside_recipients_are_nobody_to_refer() -> None:
    sorted_ = sort_recipients(Envelope(Address(SENDER), (Address(INSIDE),)), MIDORI)
    assert (sorted_.people, sorted_.inside, sorted_.roles) == ((), (Address(INSIDE),), ())


def test_marks_that_no_sender_needs_go_with_the_next_mail_in_copies(
    ledger: Engine, company: CompanyRecord
) -> None:
    old, young = CopyMark("a" * 32), CopyMark("b" * 32)
    with writing_session(ledger).begin() as session:
        sent_copies.note_sent(session, [old], NOW - sent_copies.KEPT - timedelta(seconds=1))
        sent_copies.note_sent(session, [young], NOW - sent_copies.KEPT)
    send_once(ledger, company, TARO, HANAKO)
    with reading_session(ledger)() as session:
        assert sent_copies.sent_before(session, [old, young]) == {young}


def test_marks_are_asked_for_once_and_then_made_at_once(
    ledger: Engine, company: CompanyRecord, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked: list[bool] = []

    def reserve(session: Session, decided: Sequence[Decided]) -> Sequence[object]:
        marked.extend(one.marks is not None for one in decided)
        return reserve_all(session, decided)

    monkeypatch.setattr(relay, "reserve_all", reserve)
    other = REJECTION.raw.replace(b"Message-ID: <", b"Message-ID: <another-")

    async def talk(send: Send) -> None:
        await send(REJECTION.raw, TARO)
        await send(REJECTION.raw, TARO, HANAKO)  # leaves in copies
        for raw in (REJECTION.raw, REJECTION.raw, other):
            await send(raw, TARO)

    run(ledger, company, talk)
    assert marked == [False, False, True, True, True]
    assert recipients_of(sink) == [(TARO,), (TARO,), (HANAKO,), (TARO,)]
    assert [line.why for line in logged(ledger)].count(Why.SENT_BEFORE) == 2
