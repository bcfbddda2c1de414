"""What a company's own systems report is found by the names that they know, and by no other's."""

import dataclasses
from datetime import timedelta

from sqlalchemy import Engine

from gateway.core.candidate import CandidateHash
from gateway.core.link import MessageKey
from gateway.store import reported
from gateway.store.credentials import (
    CredentialKind,
    add_credential,
    find_api_token,
    limit_credential,
    note_use,
)
from gateway.store.engine import writing_session
from tests.store import reserving
from tests.store.records import NOW, digest, make_mail, relay, write_company


def test_a_queue_id_finds_the_mail_s_referral_and_those_of_its_copies(engine: Engine) -> None:
    company_id, other = (write_company(engine, name).company.id for name in ("Sakura", "Ume"))
    with writing_session(engine).begin() as session:
        ids = [relay(session, company_id, "m", who) for who in ("a", "b", "c")]
        for name, referral_id in zip(("q", "q-2", "q-20"), ids, strict=True):
            line = dataclasses.replace(make_mail(company_id, name), referral_id=referral_id)
            reserving.record_mail(session, line)
        reserving.record_mail(session, make_mail(company_id, "without"))
        assert reported.of_queue_id(session, company_id, "q") == tuple(ids)
        assert reported.of_queue_id(session, company_id, "q-2") == (ids[1],)
        assert reported.of_queue_id(session, company_id, "without") == ()
        assert reported.of_queue_id(session, company_id, "unknown") is None
        assert reported.of_queue_id(session, other, "q") is None


def test_a_message_id_finds_all_its_referrals_or_those_of_one_candidate(engine: Engine) -> None:
    company_id, other = (write_company(engine, name).company.id for name in ("Sakura", "Ume"))
    with writing_session(engine).begin() as session:
        ids = tuple(relay(session, company_id, "m", who) for who in ("a", "b"))
        key, who = MessageKey(digest("m")), [CandidateHash(digest("b"))]
        assert reported.of_message(session, company_id, key) == ids
        assert reported.of_message(session, company_id, key, who) == ids[1:]
        assert reported.of_message(session, company_id, key, []) == ()
        assert reported.of_message(session, other, key) == ()


def test_a_token_is_known_until_it_ends_and_its_use_by_the_hour(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        one, token = add_credential(session, company_id, CredentialKind.API, "a test", NOW)
        found = find_api_token(session, token, NOW)
        assert found is not None
        assert (found.id, found.company_id) == (one.id, company_id)
        assert found.is_first_use_in(NOW)
        note_use(session, one.id, NOW)
        again = find_api_token(session, token, NOW + timedelta(minutes=20))
        assert again is not None
        assert not again.is_first_use_in(NOW + timedelta(minutes=20))
        limit_credential(session, company_id, one.id, None, "a test", NOW)
        assert find_api_token(session, token, NOW) is None
        assert find_api_token(session, "", NOW) is None
