"""Reservations: many mails at once are written as each would be alone."""

import dataclasses
from datetime import timedelta

from sqlalchemy import Engine

from gateway.core.candidate import CandidateHash
from gateway.store import mails, reservations
from gateway.store.engine import reading_session, writing_session
from gateway.store.referrals import ReferralState, get_referral, opt_out
from gateway.store.reservations import Leaving, Reservation
from tests.store.records import NOW, digest, make_mail, make_referral, write_company

LATER = NOW + timedelta(minutes=1)


def _leaving(company_id: int, candidate: str, queue_id: str) -> Leaving:
    new = make_referral(company_id, "message", candidate)
    return Leaving(new, make_mail(company_id, queue_id), NOW)


def _reserve(engine: Engine, *leaving: Leaving) -> list[Reservation]:
    with writing_session(engine).begin() as session:
        return reservations.reserve_all(session, leaving)


def test_each_of_many_mails_gets_its_own_answer_in_order(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    (known,) = _reserve(engine, _leaving(company_id, "known", "q0"))
    with writing_session(engine).begin() as session:
        opt_out(session, CandidateHash(digest("gone")), NOW)
    names = ("new", "gone", "known", "other", "new")
    given = [_leaving(company_id, name, f"q{n}") for n, name in enumerate(names, 1)]
    new, gone, again, other, twice = _reserve(engine, *given)
    assert gone == Reservation(None)
    assert gone.opted_out
    assert again == known
    assert twice == new
    assert len({one.referral_id for one in (known, new, other)}) == 3
    with reading_session(engine)() as session:
        assert mails.find_mail(session, "q2") is None
        lines = {n: mails.find_mail(session, f"q{n}") for n in (1, 3, 4, 5)}
        rows = {n: line.referral_id for n, line in lines.items() if line is not None}
    assert rows == {
        1: new.referral_id,
        3: known.referral_id,
        4: other.referral_id,
        5: new.referral_id,
    }


def test_many_mails_are_concluded_each_with_its_own_reply(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    codes = {"taken": 250, "refused": 550, "silent": None}
    names = list(codes)
    given = [_leaving(company_id, name, name) for name in names]
    reserved = dict(zip(names, _reserve(engine, *given), strict=True))
    records = [
        dataclasses.replace(
            make_mail(company_id, name), referral_id=reserved[name].referral_id, reply_code=code
        )
        for name, code in codes.items()
    ]
    with writing_session(engine).begin() as session:
        reservations.conclude_all(session, records, LATER)
    with reading_session(engine)() as session:
        states = {
            name: get_referral(session, one.referral_id or 0).state
            for name, one in reserved.items()
        }
        lines = [mails.find_mail(session, name) for name in names]
    assert states == {
        "taken": ReferralState.RELAYED,
        "refused": ReferralState.REFUSED,
        "silent": ReferralState.RELAYING,
    }
    assert [line and line.reply_code for line in lines] == [250, 550, None]


def test_an_outcome_without_its_line_is_written_whole_beside_others(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    (reserved,) = _reserve(engine, _leaving(company_id, "taro", "there"))
    records = [
        dataclasses.replace(
            make_mail(company_id, queue_id), referral_id=reserved.referral_id, reply_code=250
        )
        for queue_id in ("there", "missing")
    ]
    with writing_session(engine).begin() as session:
        reservations.conclude_all(session, records, LATER)
    with reading_session(engine)() as session:
        lines = [mails.find_mail(session, queue_id) for queue_id in ("there", "missing")]
    assert [line and line.reply_code for line in lines] == [250, 250]
