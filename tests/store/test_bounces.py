"""Bounces: the referral of a mail that came back is found by keyed hashes, or not at all."""

from sqlalchemy import Engine

from gateway.core.account import Kind
from gateway.core.candidate import CandidateHash
from gateway.core.link import MessageKey
from gateway.store.bounces import find_bounced, reverse
from gateway.store.engine import writing_session
from gateway.store.retention import erase_referral
from tests.store.records import NOW, digest, relay, write_company
from workers.settle import settle_referral


def _key(message: str) -> MessageKey:
    return MessageKey(digest(message))


def _hashes(*candidates: str) -> list[CandidateHash]:
    return [CandidateHash(digest(candidate)) for candidate in candidates]


def test_a_referral_is_found_by_its_mail_and_any_of_the_addresses(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        taro = relay(session, company_id, "m1", "taro")
        relay(session, company_id, "m1", "hana")
        assert find_bounced(session, _key("m1"), _hashes("as written", "taro")) == taro
        assert find_bounced(session, _key("m1"), _hashes("somebody")) is None
        assert find_bounced(session, _key("m2"), _hashes("taro")) is None
        assert find_bounced(session, _key("m1"), []) is None


def test_a_mail_that_two_companies_may_have_sent_is_nobody_s(engine: Engine) -> None:
    companies = [write_company(engine, name).company.id for name in ("Sakura", "Ume")]
    with writing_session(engine).begin() as session:
        for company_id in companies:
            relay(session, company_id, "m1", "taro")
        assert find_bounced(session, _key("m1"), _hashes("taro")) is None


def test_a_bounce_reverses_once_and_before_the_mail_is_settled_too(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        counted, early = (relay(session, company_id, m, m) for m in ("m1", "m2"))
        settle_referral(session, counted, NOW)
        first, again = (reverse(session, counted, "5.1.1", NOW) for _ in range(2))
        assert (first.kind, first.is_new, again.is_new) == (Kind.VOID, True, False)
        assert again.seq == first.seq
        assert reverse(session, early, "", NOW).kind is Kind.WITHDRAWN
        assert settle_referral(session, early, NOW) == []
        assert reverse(session, early, "", NOW).balance.counted == 0


def test_whoever_was_forgotten_is_not_found(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        taro = relay(session, company_id, "m1", "taro")
        erase_referral(session, taro)
        assert find_bounced(session, _key("m1"), _hashes("taro")) is None
