"""Reviews: what waits for a person, what an answer writes, and what it takes back."""

import dataclasses
import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from gateway.core.account import Kind
from gateway.core.company import Mode
from gateway.core.review import Standing
from gateway.core.verdict import Verdict
from gateway.core.why import Action, Why
from gateway.errors import NotFoundError
from gateway.store import ledger, reviews, watching
from gateway.store.companies import set_mode
from gateway.store.company_changes import list_changes
from gateway.store.company_records import get_company
from gateway.store.corrections import is_withdrawn
from gateway.store.engine import reading_session, writing_session
from gateway.store.mails import MailRecord
from gateway.store.outbox import Event, list_notifications
from gateway.store.overview import count_possible
from gateway.store.reviews import Done, NotReviewedError
from gateway.store.verify import verify
from tests.store import reserving
from tests.store.records import NOW, make_mail, relay, write_company
from tests.workers.work import settle

INJECTED = "{}-m-{}"  # the queue_id that relay() gives


def observed(company_id: int, queue_id: str) -> MailRecord:
    mail = make_mail(company_id, queue_id)
    return dataclasses.replace(mail, why=Why.OBSERVED, action=Action.PASSED)


def doubtful(company_id: int, queue_id: str) -> MailRecord:
    mail = make_mail(company_id, queue_id)
    why = Why.POSSIBLE_REJECTION
    return dataclasses.replace(mail, verdict=Verdict.POSSIBLE, why=why, action=Action.PASSED)


def write(engine: Engine, *mails: MailRecord) -> None:
    with writing_session(engine).begin() as session:
        for mail in mails:
            reserving.record_mail(session, mail)


def say(engine: Engine, company_id: int, queue_id: str, *, yes: bool) -> Done:
    with writing_session(engine).begin() as session:
        return reviews.answer(
            session, company_id, queue_id, is_rejection=yes, actor="a test", now=NOW
        )


def standing(engine: Engine, company_id: int) -> Standing:
    with reading_session(engine)() as session:
        return reviews.standing(session, company_id)


def waiting(engine: Engine, company_id: int, before_id: int | None = None) -> list[str]:
    with reading_session(engine)() as session:
        found = reviews.waiting(session, company_id, before_id=before_id, limit=2)
        return [mail.queue_id for mail in found]


def inject_company(engine: Engine, *candidates: str) -> tuple[int, list[int]]:
    """Write a company in inject mode that referred these candidates, all counted."""
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        set_mode(session, company_id, Mode.INJECT, "a test", NOW)
        ids = [relay(session, company_id, "m", candidate) for candidate in candidates]
    for referral_id in ids:
        settle(engine, referral_id)
    return company_id, ids


def test_rejections_and_doubtful_mails_wait_newest_first(engine: Engine) -> None:
    company_id, other = write_company(engine).company.id, write_company(engine, "Ume").company.id
    write(
        engine,
        observed(company_id, "q-1"),
        doubtful(company_id, "q-2"),
        make_mail(company_id, "q-3"),
        dataclasses.replace(observed(company_id, "q-4"), verdict=Verdict.OTHER),
        dataclasses.replace(observed(company_id, "q-5"), reply_code=550),
        observed(other, "q-6"),
    )
    assert waiting(engine, company_id) == ["q-3", "q-2"]
    with reading_session(engine)() as session:
        last = reviews.waiting(session, company_id, limit=2)[-1].id
        assert reviews.count_waiting(session, company_id) == 3
    assert waiting(engine, company_id, before_id=last) == ["q-1"]


def test_an_answer_takes_a_mail_from_the_list_and_is_listed(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    write(engine, observed(company_id, "q-1"), doubtful(company_id, "q-2"))
    assert say(engine, company_id, "q-1", yes=True).is_new
    assert not say(engine, company_id, "q-1", yes=True).is_new
    assert say(engine, company_id, "q-2", yes=False).is_new
    assert waiting(engine, company_id) == []
    with reading_session(engine)() as session:
        found = reviews.answers(session, company_id)
        assert [(one.mail.queue_id, one.is_rejection, one.actor) for one in found] == [
            ("q-2", False, "a test"),
            ("q-1", True, "a test"),
        ]
        assert list_changes(session, company_id) == ()


def test_confirmed_rejections_count_in_a_row_and_doubtful_mails_do_not(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    write(engine, *(observed(company_id, f"q-{n}") for n in range(5)), doubtful(company_id, "d"))
    for n in range(3):
        say(engine, company_id, f"q-{n}", yes=True)
    say(engine, company_id, "d", yes=False)
    assert standing(engine, company_id) == Standing(in_a_row=3, wrong=0)
    say(engine, company_id, "q-3", yes=False)
    assert standing(engine, company_id) == Standing(in_a_row=0, wrong=1)
    say(engine, company_id, "q-4", yes=True)
    assert standing(engine, company_id) == Standing(in_a_row=1, wrong=1)


def test_a_changed_answer_is_the_newest_and_is_noted(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    write(engine, observed(company_id, "q-1"), observed(company_id, "q-2"))
    say(engine, company_id, "q-1", yes=False)
    say(engine, company_id, "q-2", yes=True)
    assert say(engine, company_id, "q-1", yes=True).is_new
    assert standing(engine, company_id) == Standing(in_a_row=2, wrong=0)
    say(engine, company_id, "q-1", yes=False)
    assert standing(engine, company_id) == Standing(in_a_row=0, wrong=1)
    with reading_session(engine)() as session:
        changes = list_changes(session, company_id)
    newest, earlier = [change for change in changes if change.what == "review"]
    assert (newest.what, newest.new) == ("review", "mail q-1: no rejection")
    assert earlier.old == newest.new


def test_a_false_injection_voids_the_referral_and_stops_the_company(engine: Engine) -> None:
    company_id, (referral_id, kept) = inject_company(engine, "a", "b")
    done = say(engine, company_id, INJECTED.format(company_id, "a"), yes=False)
    assert (done.withdrawn, done.to_observe) == (referral_id, True)
    with reading_session(engine)() as session:
        assert get_company(session, company_id).company.mode is Mode.OBSERVE
        assert is_withdrawn(session, referral_id)
        assert not is_withdrawn(session, kept)
        assert ledger.balance(session, company_id).counted == 1
        assert ledger.entries(session, company_id)[-1].kind is Kind.VOID
        assert verify(session) == []
        told = {one.event for one in list_notifications(session, company_id)}
        assert {Event.FALSE_INJECTION, Event.REFERRAL_VOIDED} <= told
        changes = {change.what for change in list_changes(session, company_id)}
        assert changes == {"mode", "false injection", "offset"}


def test_what_follows_a_false_injection_follows_once(engine: Engine) -> None:
    company_id, _ = inject_company(engine, "a")
    queue_id = INJECTED.format(company_id, "a")
    for yes in (False, False, True, False):
        say(engine, company_id, queue_id, yes=yes)
    with reading_session(engine)() as session:
        events = [one.event for one in list_notifications(session, company_id)]
        kinds = [entry.kind for entry in ledger.entries(session, company_id)]
    assert events.count(Event.FALSE_INJECTION) == 1
    assert kinds.count(Kind.VOID) == 1


def test_many_who_say_the_same_at_once_void_once(engine: Engine) -> None:
    company_id, _ = inject_company(engine, "a")
    done: list[Done] = []

    def deny() -> None:
        done.append(say(engine, company_id, INJECTED.format(company_id, "a"), yes=False))

    threads = [threading.Thread(target=deny) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.is_new for one in done) == [False, False, False, True]
    with reading_session(engine)() as session:
        assert verify(session) == []


def test_nothing_is_written_when_the_referral_cannot_be_voided(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    company_id, _ = inject_company(engine, "a")

    def fail(*_: object) -> None:
        raise RuntimeError("the ledger is broken")

    monkeypatch.setattr(reviews, "void", fail)
    with pytest.raises(RuntimeError):
        say(engine, company_id, INJECTED.format(company_id, "a"), yes=False)
    with reading_session(engine)() as session:
        assert get_company(session, company_id).company.mode is Mode.INJECT
        assert reviews.answers(session, company_id) == ()


def test_a_mail_of_another_company_is_not_found(engine: Engine) -> None:
    company_id, other = write_company(engine).company.id, write_company(engine, "Ume").company.id
    write(engine, observed(other, "q-1"))
    for queue_id in ("q-1", "q-2"):
        with pytest.raises(NotFoundError):
            say(engine, company_id, queue_id, yes=True)
    assert waiting(engine, other) == ["q-1"]


def test_inject_mode_is_refused_until_enough_are_confirmed(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    write(engine, observed(company_id, "q-1"), observed(company_id, "q-2"))
    say(engine, company_id, "q-1", yes=True)
    with writing_session(engine).begin() as session:
        with pytest.raises(NotReviewedError, match="1 of 2 rejection mails") as caught:
            reviews.check_reviewed(session, company_id, 2)
        assert caught.value.missing == 1
        reviews.check_reviewed(session, company_id, 1)
        reviews.check_reviewed(session, company_id, 0)


def test_who_does_without_reviews_is_noted(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        reviews.note_unreviewed(session, company_id, 0, "a test", NOW)  # nothing was missing
        reviews.note_unreviewed(session, company_id, 20, "a test", NOW)
        set_mode(session, company_id, Mode.INJECT, "a test", NOW)
        reviews.note_unreviewed(session, company_id, 20, "a test", NOW)  # it is so already
        (_, change) = list_changes(session, company_id)
    assert (change.what, change.old) == ("review", "0 of 20 confirmed")


def test_a_forgotten_candidate_does_not_hinder_a_review(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    write(engine, dataclasses.replace(observed(company_id, "q-1"), candidate_masked=None))
    assert say(engine, company_id, "q-1", yes=True).is_new
    with reading_session(engine)() as session:
        assert reviews.answers(session, company_id)[0].mail.candidate_masked is None


def offset(engine: Engine, company_id: int) -> float:
    with reading_session(engine)() as session:
        return get_company(session, company_id).company.offset


def test_denied_rejections_make_a_company_stricter_and_confirmed_ones_undo_it(
    engine: Engine,
) -> None:
    company_id, other = write_company(engine).company.id, write_company(engine, "Ume").company.id
    write(engine, *(observed(company_id, f"q-{n}") for n in range(23)))
    assert offset(engine, company_id) == 0
    seen = []
    for n in range(3):
        say(engine, company_id, f"q-{n}", yes=False)
        seen.append(offset(engine, company_id))
    assert seen == [0.5, 1.0, 1.0]
    for n in range(3, 23):
        say(engine, company_id, f"q-{n}", yes=True)
    assert offset(engine, company_id) == 0.5
    for n in range(3):
        say(engine, company_id, f"q-{n}", yes=True)
    assert offset(engine, company_id) == 0
    assert offset(engine, other) == 0
    with reading_session(engine)() as session:
        changes = [c for c in list_changes(session, company_id) if c.what == "offset"]
    assert [(c.old, c.new) for c in changes] == [
        ("0.5", "0.0"),
        ("1.0", "0.5"),
        ("0.5", "1.0"),
        ("0.0", "0.5"),
    ]


def test_what_was_looked_at_waits_neither_on_the_overview_nor_for_the_digest(
    engine: Engine,
) -> None:
    company_id = write_company(engine).company.id
    write(engine, *(doubtful(company_id, f"d-{n}") for n in range(2)))
    write(engine, *(observed(company_id, f"q-{n}") for n in range(2)))
    write(engine, dataclasses.replace(doubtful(company_id, "put off"), reply_code=451))
    for queue_id in ("d-0", "q-0"):
        say(engine, company_id, queue_id, yes=True)
    day = timedelta(days=1)
    with reading_session(engine)() as session:
        assert count_possible(session) == 1
        assert watching.observed(session, NOW - day, NOW + day) == {company_id: 1}
    say(engine, company_id, "q-1", yes=True)
    with reading_session(engine)() as session:
        assert watching.observed(session, NOW - day, NOW + day) == {}
