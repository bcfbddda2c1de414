"""Forgetting: who was referred is gone, the sums, the chain and the opt-outs stay."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text, update

from gateway.core.candidate import CandidateHash, Masked
from gateway.errors import CareerRelayError
from gateway.store import ledger, referrals, retention
from gateway.store.company_changes import list_changes
from gateway.store.engine import reading_session, writing_session
from gateway.store.mails import MailRow, record_mails
from gateway.store.retention import Forgotten, forget
from gateway.store.verify import verify
from tests.store import reserving
from tests.store.records import NOW, digest, make_mail, make_referral, relay, write_company
from tests.workers.work import settle

YEAR = timedelta(days=365)
TARO = CandidateHash(digest("taro"))
MASKED = Masked("t•••@example.com")


def _everything(engine: Engine) -> str:
    """Return all rows of the tables that knew a person, as text."""
    with reading_session(engine)() as session:
        tables = ("referral", "mail", "ledger_entry", "notification", "hold")
        return repr([session.execute(text(f"SELECT * FROM {table}")).all() for table in tables])


def _relay_two(engine: Engine) -> tuple[int, int, int]:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        old = relay(session, company_id, "m1", "taro", NOW)
        new = relay(session, company_id, "m2", "hana", NOW)
        later = update(MailRow).where(MailRow.referral_id == new).values(at=NOW + YEAR)
        session.execute(later)
    for referral_id in (old, new):
        settle(engine, referral_id)
    return company_id, old, new


def test_nothing_is_forgotten_without_a_setting(engine: Engine) -> None:
    _relay_two(engine)
    with writing_session(engine).begin() as session:
        assert forget(session, NOW + 100 * YEAR) == Forgotten()


def test_old_candidates_are_forgotten_and_sums_stay(engine: Engine) -> None:
    company_id, old, new = _relay_two(engine)
    with writing_session(engine).begin() as session:
        retention.set_retention(session, company_id, 500, "a test", NOW)
        retention.set_retention(session, company_id, 400, "a test", NOW)
        noted = [(change.old, change.new) for change in list_changes(session, company_id)]
        assert noted == [("500", "400"), ("0", "500")]
        assert retention.retention_days(session, company_id) == 400
        assert forget(session, NOW + timedelta(days=399)) == Forgotten()
        assert forget(session, NOW + timedelta(days=401)) == Forgotten(1, 1)
        assert forget(session, NOW + timedelta(days=401)) == Forgotten()
        assert verify(session) == []
        assert ledger.balance(session, company_id).counted == 2
        gone, kept = (referrals.get_referral(session, id_) for id_ in (old, new))
    assert (gone.candidate_hash, gone.masked) == (f"erased-{old}", "")
    assert kept.candidate_hash == digest("hana")
    assert TARO not in _everything(engine)


def test_the_job_goes_on_where_it_stopped(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        for number in range(5):
            relay(session, company_id, f"m{number}", f"c{number}")
        retention.set_retention(session, company_id, 30, "a test", NOW)
    for left in (2, 2, 1, 0):
        with writing_session(engine).begin() as session:
            assert forget(session, NOW + YEAR, limit=2) == Forgotten(left, left)


def test_a_person_is_erased_everywhere_once(engine: Engine) -> None:
    first, second = (write_company(engine, name).company.id for name in ("Sakura", "Ume"))
    with writing_session(engine).begin() as session:
        ids = [relay(session, company_id, "m", "taro") for company_id in (first, second)]
        others = relay(session, first, "m2", "tomo")
        referrals.opt_out(session, TARO, NOW)
    for referral_id in (*ids, others):
        settle(engine, referral_id)
    with writing_session(engine).begin() as session:
        done = retention.erase_referral(session, ids[0])
        assert done.referrals == 2
        assert retention.erase_referral(session, ids[0]) == Forgotten()
        assert retention.erase_person(session, TARO, MASKED) == Forgotten()
        assert verify(session) == []
        assert referrals.get_referral(session, others).masked == "t•••@example.com"
        assert referrals.is_opted_out(session, TARO)  # or nobody could keep to it
    found = _everything(engine)
    assert TARO not in found
    assert digest("m") not in found


def test_who_looks_the_same_under_the_mask_is_still_forgotten_in_time(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        relay(session, company_id, "m", "taro")
        other = relay(session, company_id, "m2", "tomo")
        record_mails(session, [make_mail(company_id, "without-a-link")])
        retention.set_retention(session, company_id, 30, "a test", NOW)
        assert retention.erase_person(session, TARO, MASKED) == Forgotten(1, 2)
        assert referrals.get_referral(session, other).masked == MASKED
        assert forget(session, NOW + YEAR) == Forgotten(1, 1)
        assert referrals.get_referral(session, other).masked == ""
    assert MASKED not in _everything(engine)
    assert digest("tomo") not in _everything(engine)


def test_a_mail_that_comes_again_is_the_same_referral_after_erasure(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        first = relay(session, company_id, "m", "taro")
    settle(engine, first)
    with writing_session(engine).begin() as session:
        retention.erase_person(session, TARO, MASKED)
        again = reserving.reserve(
            session, make_referral(company_id, "m", "taro"), make_mail(company_id, "again"), NOW
        )
        assert again.referral_id == first
    assert MASKED not in _everything(engine)


def test_times_out_of_bounds_are_refused(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session, pytest.raises(CareerRelayError):
        retention.set_retention(session, company_id, -1, "a test", NOW)
