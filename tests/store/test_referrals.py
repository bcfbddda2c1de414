"""Referrals: one mail to one candidate is one row, whatever happens on its way."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from gateway.core.candidate import CandidateHash
from gateway.errors import NotFoundError
from gateway.store import mails, referrals, visits
from gateway.store.engine import reading_session, writing_session
from gateway.store.referrals import Referral, ReferralState
from gateway.store.reservations import Reservation
from tests.store import reserving
from tests.store.records import NOW, digest, make_mail, make_referral, write_company

LATER = NOW + timedelta(minutes=1)


def _reserve(engine: Engine, company_id: int, queue_id: str = "q1") -> Reservation:
    new = make_referral(company_id, "message", "taro")
    with writing_session(engine).begin() as session:
        return reserving.reserve(session, new, make_mail(company_id, queue_id), NOW)


def _read(engine: Engine, reservation: Reservation) -> Referral:
    assert reservation.referral_id is not None
    with reading_session(engine)() as session:
        return referrals.get_referral(session, reservation.referral_id)


def _answer(engine: Engine, reservation: Reservation, queue_id: str, code: int) -> None:
    assert reservation.referral_id is not None
    with writing_session(engine).begin() as session:
        company_id = referrals.get_referral(session, reservation.referral_id).company_id
        mail = make_mail(company_id, queue_id)
        record = dataclasses.replace(mail, reply_code=code, reply_text="said", milliseconds=12)
        reserving.conclude(session, reservation.referral_id, record, LATER)


def test_reserve_writes_a_relaying_row_and_the_mails_log_line(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    reservation = _reserve(engine, company_id)
    assert not reservation.opted_out
    referral = _read(engine, reservation)
    assert referral.state is ReferralState.RELAYING
    assert (referral.created_at, referral.relayed_at) == (NOW, None)
    with reading_session(engine)() as session:
        mail = mails.find_mail(session, "q1")
    assert mail is not None
    assert mail.referral_id == referral.id
    assert mail.reply_code is None


def test_the_same_mail_again_is_the_same_referral(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    first, again = _reserve(engine, company_id), _reserve(engine, company_id, "q2")
    assert again == first
    with reading_session(engine)() as session:
        assert first.referral_id is not None
        tries = mails.mails_of_referral(session, first.referral_id)
    assert [mail.queue_id for mail in tries] == ["q1", "q2"]


def test_the_same_mail_through_many_gateways_at_once_is_one_referral(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(lambda n: _reserve(engine, company_id, f"q{n}"), range(16)))
    assert len({reservation.referral_id for reservation in done}) == 1


def test_a_confirmed_referral_stays_relayed(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    reservation = _reserve(engine, company_id)
    _answer(engine, reservation, "q1", 250)
    again = _reserve(engine, company_id, "q2")
    assert _read(engine, again).state is ReferralState.RELAYED
    _answer(engine, reservation, "q2", 451)
    referral = _read(engine, reservation)
    assert (referral.state, referral.relayed_at) == (ReferralState.RELAYED, LATER)
    with writing_session(engine).begin() as session:
        reserving.confirm(session, referral.id, LATER + timedelta(days=1))
    assert _read(engine, reservation).relayed_at == LATER


def test_a_refused_referral_is_tried_again(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    reservation = _reserve(engine, company_id)
    _answer(engine, reservation, "q1", 450)
    assert _read(engine, reservation).state is ReferralState.REFUSED
    again = _reserve(engine, company_id, "q2")
    assert _read(engine, again).state is ReferralState.RELAYING
    _answer(engine, reservation, "q2", 250)
    assert _read(engine, reservation).state is ReferralState.RELAYED
    with reading_session(engine)() as session:
        assert reservation.referral_id is not None
        tries = mails.mails_of_referral(session, reservation.referral_id)
    assert [(mail.reply_code, mail.milliseconds) for mail in tries] == [(450, 12), (250, 12)]


def test_a_candidate_who_opted_out_gets_no_row(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        for _ in range(2):
            referrals.opt_out(session, CandidateHash(digest("taro")), NOW)
    reservation = _reserve(engine, company_id)
    assert reservation == Reservation(None)
    with reading_session(engine)() as session:
        assert mails.find_mail(session, "q1") is None
        assert referrals.is_opted_out(session, CandidateHash(digest("taro")))
        assert not referrals.is_opted_out(session, CandidateHash(digest("hanako")))


def test_opening_is_noted_once(engine: Engine) -> None:
    reservation = _reserve(engine, write_company(engine).company.id)
    referral = _read(engine, reservation)
    with writing_session(engine).begin() as session:
        assert visits.mark_opened(session, referral.id, LATER)
        assert not visits.mark_opened(session, referral.id, LATER + timedelta(days=1))
    assert _read(engine, reservation).opened_at == LATER


def test_a_token_finds_its_referral_and_no_other_does(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    referral = _read(engine, _reserve(engine, company_id))
    with reading_session(engine)() as session:
        token_hash = make_referral(company_id, "message", "taro").token_hash
        assert referrals.find_by_token_hash(session, token_hash) == referral
        assert referrals.find_by_token_hash(session, digest("forged")) is None
        with pytest.raises(NotFoundError):
            referrals.get_referral(session, referral.id + 1)


def test_the_sweep_finds_relayed_rows_with_the_fewest_attempts_first(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        ids = []
        for number in range(3):
            new = make_referral(company_id, f"m{number}", "taro")
            mail = make_mail(company_id, f"q{number}")
            ids.append(reserving.reserve(session, new, mail, NOW).referral_id or 0)
        for referral_id in ids[:2]:
            reserving.confirm(session, referral_id, NOW)
        referrals.note_attempt(session, ids[0])
    with reading_session(engine)() as session:
        second = timedelta(seconds=1)
        assert referrals.unsettled(session, NOW) == (ids[1],)
        assert referrals.unsettled(session, NOW + 19 * second) == (ids[1],)
        assert referrals.unsettled(session, NOW + 20 * second) == (ids[1], ids[0])
        assert referrals.unsettled(session, NOW + 20 * second, limit=1) == (ids[1],)
        assert referrals.unsettled(session, NOW, second) == ()
        assert [each.id for each in referrals.stuck(session)] == [ids[0]]
        stale = referrals.stale_relaying(session, NOW + timedelta(seconds=1))
        assert [referral.id for referral in stale] == [ids[2]]
        assert referrals.stale_relaying(session, NOW) == ()


def test_what_failed_is_tried_more_and_more_rarely_and_at_once_when_a_person_says_so(
    engine: Engine,
) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        new, mail = make_referral(company_id, "m", "taro"), make_mail(company_id, "q")
        id_ = reserving.reserve(session, new, mail, NOW).referral_id or 0
        reserving.confirm(session, id_, NOW)
        for attempt in range(1, 30):
            referrals.note_attempt(session, id_)
            pause = timedelta(seconds=10) * 2 ** min(attempt, 20)
            assert referrals.unsettled(session, NOW + pause - timedelta(seconds=1)) == ()
            assert referrals.unsettled(session, NOW + pause) == (id_,)
        assert referrals.try_again(session) == 1
        assert referrals.unsettled(session, NOW) == (id_,)
        assert referrals.stuck(session) == ()
