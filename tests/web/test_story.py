"""One mail's story and the overview, on both databases."""

import dataclasses
from datetime import timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gateway.core.account import Kind
from gateway.core.detect import Verdict
from gateway.core.why import Action, Why
from gateway.store import ledger
from gateway.store.engine import reading_session, writing_session
from gateway.store.outbox import Event, NotificationRow
from gateway.store.overview import read_overview
from gateway.store.story import Story, tell
from tests.store import reserving
from tests.store.records import NOW, make_mail, make_referral, relay, write_company
from workers.settle import settle_referral


def settled(session: Session, company_id: int, count: int) -> None:
    """Relay and settle `count` referrals of different candidates."""
    for number in range(count):
        referral_id = relay(session, company_id, f"m{number}", f"c{number}")
        settle_referral(session, referral_id, NOW)


def story_of(engine: Engine, queue_id: str) -> Story:
    with reading_session(engine)() as session:
        story = tell(session, queue_id)
    assert story is not None
    return story


def test_an_unknown_mail_has_no_story(engine: Engine) -> None:
    with reading_session(engine)() as session:
        assert tell(session, "none") is None


def test_a_mail_that_refers_nobody_has_a_short_story(engine: Engine) -> None:
    company = write_company(engine).company
    with writing_session(engine).begin() as session:
        mail = make_mail(company.id, "q")
        reserving.record_mail(
            session, dataclasses.replace(mail, why=Why.SIGNED, action=Action.PASSED)
        )
    story = story_of(engine, "q")
    assert story.mail.why is Why.SIGNED
    assert story.company.company == company
    assert (story.referral, story.attempts, story.entries, story.notifications) == (
        None,
        (),
        (),
        (),
    )


def test_a_referral_that_is_not_settled_has_no_entry_yet(engine: Engine) -> None:
    company = write_company(engine).company
    with writing_session(engine).begin() as session:
        relay(session, company.id, "m", "c")
    story = story_of(engine, f"{company.id}-m-c")
    assert story.referral is not None
    assert [mail.queue_id for mail in story.attempts] == [f"{company.id}-m-c"]
    assert story.entries == ()


def test_a_counted_referral_names_its_slot_and_what_the_company_was_told(engine: Engine) -> None:
    company = write_company(engine).company
    with writing_session(engine).begin() as session:
        settled(session, company.id, 23)
    third = story_of(engine, f"{company.id}-m2-c2")
    assert [entry.kind for entry in third.entries] == [Kind.COUNTED, Kind.SLOT_EARNED]
    assert [entry.seq for entry in third.entries] == [3, 11]
    assert [told.event for told in third.notifications] == [Event.SLOT_EARNED]
    first = story_of(engine, f"{company.id}-m0-c0")
    assert [told.event for told in first.notifications] == [Event.FIRST_REFERRAL, Event.SLOT_EARNED]
    twentieth = story_of(engine, f"{company.id}-m19-c19")
    assert [entry.seq for entry in twentieth.entries] == [21, 22]
    last = story_of(engine, f"{company.id}-m22-c22")
    assert [entry.kind for entry in last.entries] == [Kind.COUNTED]
    assert last.notifications == ()


def test_a_slots_ten_entries_are_known_by_their_numbers(engine: Engine) -> None:
    write_company(engine, "Ume")  # so that ids and numbers differ
    with writing_session(engine).begin() as session:
        settled(session, 1, 3)
    company = write_company(engine).company
    with writing_session(engine).begin() as session:
        settled(session, company.id, 10)
    slot = story_of(engine, f"{company.id}-m4-c4").entries[-1]
    assert slot.points == tuple(range(1, 11))


def test_the_overview_counts_each_thing_once(engine: Engine) -> None:
    company = write_company(engine).company
    other = write_company(engine, "Ume").company
    with writing_session(engine).begin() as session:
        settled(session, company.id, 11)
        relay(session, other.id, "m", "c")
        old = dataclasses.replace(make_mail(other.id, "old"), at=NOW - timedelta(days=1))
        reserving.record_mail(session, dataclasses.replace(old, verdict=Verdict.POSSIBLE))
    with reading_session(engine)() as session:
        overview = read_overview(session, NOW, NOW)
    assert overview.mails_today == 12
    assert overview.unsettled == 1
    assert overview.possible == 1
    sums = {record.company.name: balance for record, balance in overview.companies}
    assert (sums["Sakura"].points, sums["Sakura"].slots_available) == (1, 1)
    assert (sums["Ume"].points, sums["Ume"].counted) == (0, 0)


def test_the_overview_names_referrals_whose_outcome_was_never_written_down(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        for name, minutes in (("old", 11), ("new", 9)):
            then = NOW - timedelta(minutes=minutes)
            new, record = make_referral(company_id, name, name), make_mail(company_id, name)
            reserving.reserve(session, new, record, then)
        relay(session, company_id, "relayed", "relayed", NOW - timedelta(days=1))
    with reading_session(engine)() as session:
        overview = read_overview(session, NOW, NOW)
    assert overview.unknown == 1
    assert [referral.masked for referral in overview.unknown_shown] == ["o•••@example.com"]


def test_a_story_finds_its_notification_among_any_number(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        settled(session, company_id, 2)
        _first, second = ledger.entries(session, company_id)
        session.add_all(
            NotificationRow(
                company_id=company_id,
                event=f"later-{number}",
                cause=f"entry:{second.id}",
                cause_entry_id=second.id,
                facts={},
                recipient="hr@sakura.example",
                language="ja",
                state="sent",
                attempts=1,
                next_attempt_at=NOW,
                created_at=NOW,
            )
            for number in range(1001)
        )
    story = story_of(engine, f"{company_id}-m0-c0")
    assert [told.event for told in story.notifications] == [Event.FIRST_REFERRAL]
