"""Members of a company: each is told in their own language of what they chose, at their address."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gateway.core.company import Language
from gateway.errors import CareerRelayError, NotFoundError, TakenError
from gateway.store import members, outbox
from gateway.store.announce import News, announce
from gateway.store.companies import set_contact
from gateway.store.company_changes import list_changes
from gateway.store.company_rows import CompanyRow
from gateway.store.engine import reading_session, writing_session
from gateway.store.members import DIGESTS, add_member, list_members
from gateway.store.outbox import REPORTS, Event, NotificationState
from tests.store.records import NOW, write_company

ACTOR = "a test"


def _told(session: Session, company_id: int, event: Event) -> list[tuple[str, Language]]:
    announce(session, company_id, News(event, "a test"), NOW)
    rows = outbox.list_notifications(session, company_id)
    return sorted((row.recipient, row.language) for row in rows if row.event is event)


def test_each_member_is_told_of_what_they_chose_in_their_language(engine: Engine) -> None:
    company_id = write_company(engine, contact="hr@sakura.example").company.id
    with writing_session(engine).begin() as session:
        other = add_member(session, company_id, "ceo@sakura.example", Language.EN, ACTOR, NOW)
        members.set_muted(session, other, {Event.BRAKE, Event.WEEKLY_REPORT}, ACTOR, NOW)
        both = [("ceo@sakura.example", Language.EN), ("hr@sakura.example", Language.JA)]
        assert _told(session, company_id, Event.HALFWAY) == both
        assert _told(session, company_id, Event.HALFWAY) == both  # and each but once
        assert _told(session, company_id, Event.BRAKE) == both[1:]
        assert _told(session, company_id, Event.WEEKLY_REPORT) == both[1:]
        assert _told(session, company_id, Event.MONTHLY_REPORT) == both
        (_, found) = list_members(session, company_id)
        assert found.digest == "monthly"
        assert found.muted == {Event.BRAKE, Event.WEEKLY_REPORT}


def test_what_waits_for_a_removed_member_is_given_up(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        (member,) = list_members(session, company_id)
        announce(session, company_id, News(Event.TEST, "before"), NOW)
        members.remove_member(session, member, ACTOR, NOW)
        assert announce(session, company_id, News(Event.TEST, "after"), NOW) == []
        (row,) = outbox.list_notifications(session, company_id)
        assert row.state is NotificationState.PARKED
        assert list_members(session, company_id) == ()
        again = add_member(session, company_id, member.address, Language.JA, ACTOR, NOW)
        assert again.id != member.id


def test_what_was_not_sent_goes_to_the_new_address(engine: Engine) -> None:
    company_id = write_company(engine, contact="hr@sakura.exmaple").company.id
    with writing_session(engine).begin() as session:
        (member,) = list_members(session, company_id)
        add_member(session, company_id, "ceo@sakura.example", Language.EN, ACTOR, NOW)
        sent, waits, given_up = (
            announce(session, company_id, News(Event.TEST, cause), NOW)[0] for cause in "abc"
        )
        outbox.mark_sent(session, sent, "250", NOW)
        outbox.park(session, given_up)
        members.set_address(session, member, "hr@sakura.example", ACTOR, NOW)
    with reading_session(engine)() as session:
        told = {one.id: one.recipient for one in outbox.list_notifications(session, company_id)}
    assert (told[waits], told[given_up]) == ("hr@sakura.example",) * 2
    assert told[sent] == "hr@sakura.exmaple"
    assert list(told.values()).count("ceo@sakura.example") == 3


def test_what_waits_of_a_muted_event_is_given_up(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        (member,) = list_members(session, company_id)
        other = add_member(session, company_id, "ceo@sakura.example", Language.EN, ACTOR, NOW)
        for event in (Event.WEEKLY_REPORT, Event.BRAKE):
            announce(session, company_id, News(event, "a test"), NOW)
        members.mute(session, member.id, REPORTS, ACTOR, NOW)
    with reading_session(engine)() as session:
        rows = outbox.list_notifications(session, company_id)
    parked = [(one.member_id, one.event) for one in rows if one.state is NotificationState.PARKED]
    assert parked == [(member.id, Event.WEEKLY_REPORT)]
    assert len(rows) == 4
    assert other.id != member.id


def test_the_contact_is_changed_and_its_member_moves_along(engine: Engine) -> None:
    company_id = write_company(engine, contact="hr@sakura.example").company.id
    with writing_session(engine).begin() as session:
        record = set_contact(session, company_id, "saiyo@sakura.example", ACTOR, NOW)
        assert record.company.contact == "saiyo@sakura.example"
        assert [one.address for one in list_members(session, company_id)] == [
            "saiyo@sakura.example"
        ]
        add_member(session, company_id, "ceo@sakura.example", Language.EN, ACTOR, NOW)
        set_contact(session, company_id, "CEO@sakura.example", ACTOR, NOW)
        set_contact(session, company_id, "", ACTOR, NOW)
        assert len(list_members(session, company_id)) == 2
        changes = {(each.what, each.old, each.new) for each in list_changes(session, company_id)}
    assert ("contact", "hr@sakura.example", "saiyo@sakura.example") in changes
    assert ("contact", "CEO@sakura.example", "") in changes
    assert ("member 1", "hr@sakura.example (ja)", "saiyo@sakura.example (ja)") in changes


@pytest.mark.parametrize(
    "address", ["", "hr", "@a.example", "hr@", "a b@a.example", "a@b\r\nTo:c", "a,b@a.example"]
)
def test_what_is_no_address_becomes_no_member(ledger: Engine, address: str) -> None:
    company_id = write_company(ledger).company.id
    with writing_session(ledger).begin() as session:
        (member,) = list_members(session, company_id)
        with pytest.raises(CareerRelayError):
            add_member(session, company_id, address, Language.JA, ACTOR, NOW)
        with pytest.raises(CareerRelayError):
            members.set_address(session, member, address, ACTOR, NOW)


def test_an_address_is_one_member_s_and_is_found_by_it_or_by_number(ledger: Engine) -> None:
    company_id = write_company(ledger, contact="hr@sakura.example").company.id
    with writing_session(ledger).begin() as session:
        with pytest.raises(TakenError):
            add_member(session, company_id, "HR@sakura.example", Language.JA, ACTOR, NOW)
        found = [members.find_member(session, company_id, t).id for t in ("hr@SAKURA.example", "1")]
        assert found == [1, 1]
    write_company(ledger, "Ume")
    with writing_session(ledger).begin() as session:
        for theirs in ("2", "hr@ume.example"):
            with pytest.raises(NotFoundError):
                members.find_member(session, company_id, theirs)


def test_two_who_add_the_same_address_at_once_make_one_member(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    both = threading.Barrier(2)

    def add(_number: int) -> bool:
        with writing_session(engine)() as session:
            session.get(CompanyRow, company_id)
            if engine.dialect.name == "postgresql":
                both.wait(10)
            try:
                add_member(session, company_id, "ceo@sakura.example", Language.EN, ACTOR, NOW)
                session.commit()
            except TakenError:
                return False
            return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(add, range(2))) == [False, True]
    with reading_session(engine)() as session:
        assert len(list_members(session, company_id)) == 2


def test_every_digest_is_a_choice_of_its_own() -> None:
    assert len(set(DIGESTS.values())) == len(DIGESTS) == 4
    assert all(left_out <= REPORTS for left_out in DIGESTS.values())
