"""Answers that decide about other mails: what the company's record carries, and for how long."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from gateway.core.answer import MOST_ANSWERS, Answer, Origin
from gateway.core.candidate import CandidateHash, Masked
from gateway.core.letter import Letter
from gateway.core.review import Rule
from gateway.core.verdict import Evidence, Verdict
from gateway.core.why import Action, Why
from gateway.store import recent_letters, retention, reviews
from gateway.store.company_changes import list_changes
from gateway.store.company_records import get_company, load_companies
from gateway.store.engine import reading_session, writing_session
from gateway.store.mails import MailRecord, complete_mails, find_mail, record_mails
from gateway.store.recent_letters import MOST_KEPT, RecentLetterRow, find_recent
from gateway.store.retention import WORDING_DAYS, forget_wording
from gateway.store.reviews import Done
from tests.store.records import NOW, make_mail, relay, write_company

ONE, OTHER = Origin("1" * 32), Origin("2" * 32)
HEARD = (Evidence("ja.put-off", 4.0, "1", 0, 9, "verdict: put off"),)
LETTER = Letter(
    number=0,
    sentences=(frozenset({1, 2, 3}), frozenset({4})),
    verdict=frozenset({1}),
    common=frozenset({2**64 - 1}),
    words=frozenset({7}),
    decisive=frozenset({8}),
    excused=frozenset({"ja.offer"}),
)


def mail(company_id: int, queue_id: str, verdict: Verdict, origin: Origin = ONE) -> MailRecord:
    return dataclasses.replace(
        make_mail(company_id, queue_id),
        verdict=verdict,
        why=Why.OBSERVED,
        action=Action.PASSED,
        evidence=HEARD,
        origin=origin,
        letter=LETTER,
    )


def write(engine: Engine, *mails: MailRecord) -> None:
    with writing_session(engine).begin() as session:
        record_mails(session, mails)


def say(engine: Engine, company_id: int, queue_id: str, *, yes: bool) -> Done:
    with writing_session(engine).begin() as session:
        return reviews.answer(
            session, company_id, queue_id, is_rejection=yes, actor="a test", now=NOW
        )


def carried(engine: Engine, company_id: int) -> tuple[Answer, ...]:
    with reading_session(engine)() as session:
        answers = get_company(session, company_id).company.answers
        (same,) = [
            one.company.answers for one in load_companies(session) if one.company.id == company_id
        ]
        assert answers == same
        return answers


@pytest.mark.parametrize(
    ("verdict", "yes", "rule"),
    [
        pytest.param(Verdict.REJECTION, False, Rule.FORBIDS, id="wrongly taken"),
        pytest.param(Verdict.POSSIBLE, True, Rule.EASES, id="a doubtful one was one"),
        pytest.param(Verdict.POSSIBLE, False, Rule.DOUBTS, id="a doubtful one was none"),
        pytest.param(Verdict.REJECTION, True, None, id="rightly taken"),
    ],
)
def test_an_answer_is_carried_by_the_record(
    engine: Engine, verdict: Verdict, yes: bool, rule: Rule | None
) -> None:
    company_id, other = write_company(engine).company.id, write_company(engine, "Ume").company.id
    write(engine, mail(company_id, "q-1", verdict))
    assert say(engine, company_id, "q-1", yes=yes).rule is rule
    was_taken = verdict is Verdict.REJECTION
    answer = Answer(ONE, "q-1", yes, was_taken, frozenset({"ja.put-off"}))
    assert carried(engine, company_id) == ((answer,) if rule is not None else ())
    assert carried(engine, other) == ()
    with reading_session(engine)() as session:
        told = [one.new for one in list_changes(session, company_id) if one.what == "judging"]
    assert told == ([f"mail q-1: {rule} for its sender and subject"] if rule else [])


def test_an_answer_that_is_taken_back_takes_its_rule_with_it(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    write(engine, mail(company_id, "q-1", Verdict.REJECTION))
    say(engine, company_id, "q-1", yes=False)
    assert carried(engine, company_id)[0].forbids
    say(engine, company_id, "q-1", yes=True)
    assert carried(engine, company_id) == ()


def test_of_a_mail_without_origin_nothing_is_remembered(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    plain = mail(company_id, "q-1", Verdict.REJECTION)
    write(engine, dataclasses.replace(plain, origin=None))
    assert say(engine, company_id, "q-1", yes=False).rule is None
    assert carried(engine, company_id) == ()


def test_the_newest_answers_win(engine: Engine) -> None:
    company_id, other = write_company(engine).company.id, write_company(engine, "Ume").company.id
    write(engine, mail(other, "u", Verdict.REJECTION))
    say(engine, other, "u", yes=False)
    count = MOST_ANSWERS + 2
    doubtful = [mail(company_id, f"q-{n}", Verdict.POSSIBLE) for n in range(count)]
    write(engine, *(dataclasses.replace(one, letter=None) for one in doubtful))
    for n in range(count):
        say(engine, company_id, f"q-{n}", yes=True)
    found = [one.mail for one in carried(engine, company_id)]
    assert (len(found), found[0], found[-1]) == (MOST_ANSWERS, f"q-{count - 1}", "q-2")
    assert len(carried(engine, other)) == 1


def kept(engine: Engine) -> list[str]:
    with reading_session(engine)() as session:
        query = select(RecentLetterRow.queue_id).order_by(RecentLetterRow.id)
        return list(session.scalars(query))


def origins(engine: Engine, *queue_ids: str) -> list[str | None]:
    with reading_session(engine)() as session:
        found = [find_mail(session, one) for one in queue_ids]
        return [one.origin if one else "gone" for one in found]


def test_a_mail_is_kept_as_a_letter_beside_its_line_once(engine: Engine) -> None:
    company_id, other = write_company(engine).company.id, write_company(engine, "Ume").company.id
    first = mail(company_id, "q-1", Verdict.POSSIBLE)
    plain = dataclasses.replace(mail(company_id, "q-2", Verdict.REJECTION), letter=None)
    write(engine, first, plain)
    write(engine, first)
    with writing_session(engine).begin() as session:
        complete_mails(session, [dataclasses.replace(first, reply_code=250)])
    assert kept(engine) == ["q-1"]
    with reading_session(engine)() as session:
        assert find_recent(session, company_id, "q-1") == LETTER
        assert find_recent(session, other, "q-1") is None
        assert recent_letters.kept_among(session, ["q-1", "q-2"]) == {"q-1"}
        assert recent_letters.kept_among(session, []) == frozenset()


def test_after_some_weeks_the_wording_is_forgotten_and_the_answers_stay(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    old = mail(company_id, "q-old", Verdict.REJECTION)
    old = dataclasses.replace(old, at=NOW - timedelta(days=WORDING_DAYS, seconds=1))
    young = dataclasses.replace(old, queue_id="q-young", at=NOW - timedelta(days=WORDING_DAYS - 1))
    write(engine, old, young)
    say(engine, company_id, "q-old", yes=False)
    with writing_session(engine).begin() as session:
        assert forget_wording(session, NOW) == 2
        assert forget_wording(session, NOW) == 0
    assert origins(engine, "q-old", "q-young") == [None, ONE]
    assert kept(engine) == ["q-young"]
    assert [one.mail for one in carried(engine, company_id)] == ["q-old"]


def test_of_each_company_the_newest_letters_are_kept(engine: Engine) -> None:
    company_id, other = write_company(engine).company.id, write_company(engine, "Ume").company.id
    write(engine, mail(other, "u", Verdict.POSSIBLE))
    write(engine, *(mail(company_id, f"q-{n}", Verdict.POSSIBLE) for n in range(MOST_KEPT + 2)))
    with writing_session(engine).begin() as session:
        assert forget_wording(session, NOW) == 2
    assert kept(engine)[:2] == ["u", "q-2"]
    assert len(kept(engine)) == MOST_KEPT + 1


def test_who_is_erased_is_gone_from_the_wording_as_well(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    mine = mail(company_id, "q-1", Verdict.REJECTION)
    yours = dataclasses.replace(mine, queue_id="q-2", candidate_masked=Masked("y•••@example.org"))
    write(engine, mine, yours)
    with writing_session(engine).begin() as session:
        retention.erase_person(session, CandidateHash("0" * 64), Masked("t•••@example.com"))
    assert origins(engine, "q-1", "q-2") == [None, ONE]
    assert kept(engine) == ["q-2"]


def test_a_referral_that_is_erased_takes_the_wording_of_its_mail(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        referral_id = relay(session, company_id, "m", "taro")
        found = find_mail(session, f"{company_id}-m-taro")
        assert found is not None
        linked = dataclasses.replace(mail(company_id, "q-9", Verdict.REJECTION), id=0)
        record_mails(session, [dataclasses.replace(linked, referral_id=referral_id)])
        retention.erase_referral(session, referral_id)
    assert origins(engine, "q-9") == [None]
    assert kept(engine) == []
