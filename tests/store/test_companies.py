"""Companies: added once, found again, changed with a trace."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from gateway.core.company import Language, Mode
from gateway.errors import CareerRelayError, NotFoundError, TakenError
from gateway.settings import HostPort
from gateway.store import companies
from gateway.store.admission import MOST_ADDRESS
from gateway.store.companies import add_company
from gateway.store.company_changes import list_changes
from gateway.store.company_records import find_company, get_company, load_companies
from gateway.store.credentials import CredentialKind, find_password
from gateway.store.engine import reading_session, writing_session
from tests.store.records import NOW, write_company

HOP = HostPort("::1", 2526)


def test_an_added_company_is_found_again_with_everything_given(engine: Engine) -> None:
    with writing_session(engine).begin() as session:
        added, password = add_company(
            session,
            name="株式会社さくら",
            domains=["Sakura.example", "@桜.example", "sakura.example."],
            next_hop=HOP,
            mode=Mode.INJECT,
            senders=["HR@Sakura.example", "recruit.sakura.example"],
            contact="jinji@sakura.example",
            language=Language.EN,
            now=NOW,
        )
    with reading_session(engine)() as session:
        found = find_company(session, "株式会社さくら")
        assert load_companies(session) == (found,)
        assert get_company(session, found.company.id) == found
    assert found == added
    assert found.company.domains == ("sakura.example", "xn--xyv.example")
    assert found.company.senders == ("hr@sakura.example", "recruit.sakura.example")
    assert (found.company.mode, found.company.language) == (Mode.INJECT, Language.EN)
    assert found.company.contact == "jinji@sakura.example"
    assert found.next_hop == HOP
    assert len(password) >= 32
    hashes = [one.secret_hash for one in found.valid(CredentialKind.PASSWORD, NOW)]
    assert find_password(password, hashes) == hashes[0]
    assert find_password(password + "x", hashes) is None
    assert password not in repr(found)


def test_a_company_begins_in_observe_mode(engine: Engine) -> None:
    assert write_company(engine).company.mode is Mode.OBSERVE


@pytest.mark.parametrize(
    ("name", "domain", "told"),
    [
        pytest.param("Sakura", "other.example", 'called "Sakura"', id="name"),
        pytest.param("Other", "SAKURA.example", 'sakura.example belongs to "Sakura"', id="domain"),
        pytest.param("Other", "hr.sakura.example", 'belongs to "Sakura"', id="subdomain"),
        pytest.param("Other", "example.jp", 'a.example.jp belongs to "Sakura"', id="parent"),
    ],
)
def test_a_name_or_domain_belongs_to_one_company(
    engine: Engine, name: str, domain: str, told: str
) -> None:
    with writing_session(engine).begin() as session:
        add_company(
            session,
            name="Sakura",
            domains=["sakura.example", "a.example.jp"],
            next_hop=HOP,
            now=NOW,
        )
    with pytest.raises(TakenError, match=told), writing_session(engine).begin() as session:
        add_company(session, name=name, domains=[domain], next_hop=HOP, now=NOW)
    with reading_session(engine)() as session:
        assert len(load_companies(session)) == 1


def test_a_longer_name_with_the_same_end_is_another_domain(engine: Engine) -> None:
    write_company(engine, "Sakura")
    with writing_session(engine).begin() as session:
        add_company(session, name="My", domains=["mysakura.example"], next_hop=HOP, now=NOW)


@pytest.mark.parametrize(
    "domain", ["", " ", "jp", "a b.example", "-a.example", "a@b.example", "a..example", "%"]
)
def test_what_is_no_domain_is_refused(engine: Engine, domain: str) -> None:
    with (
        pytest.raises(CareerRelayError, match="domain"),
        writing_session(engine).begin() as session,
    ):
        add_company(session, name="Sakura", domains=[domain], next_hop=HOP, now=NOW)


def test_a_company_that_is_not_there_is_told_with_what_to_do(engine: Engine) -> None:
    with reading_session(engine)() as session:
        with pytest.raises(NotFoundError, match="career-relay company list"):
            find_company(session, "Nobody")
        with pytest.raises(NotFoundError, match="number 7"):
            get_company(session, 7)


def test_a_change_of_mode_and_next_hop_is_noted_with_its_actor(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    later = NOW + timedelta(hours=1)
    with writing_session(engine).begin() as session:
        companies.set_mode(session, company_id, Mode.INJECT, "admin", NOW)
        companies.set_mode(session, company_id, Mode.INJECT, "admin", NOW)
        changed = companies.set_next_hop(session, company_id, HOP, "cli", later)
    assert (changed.company.mode, changed.next_hop) == (Mode.INJECT, HOP)
    with reading_session(engine)() as session:
        history = list_changes(session, company_id)
    assert [(change.what, change.old, change.new, change.actor) for change in history] == [
        ("next_hop", "127.0.0.1:2526", "[::1]:2526", "cli"),
        ("mode", "observe", "inject", "admin"),
    ]
    assert history[0].at == later


def _add(engine: Engine, **changes: Any) -> None:
    given = {"name": "Sakura", "domains": ["sakura.example"], "next_hop": HOP, "now": NOW}
    with writing_session(engine).begin() as session:
        add_company(session, **{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"name": "株" * 201}, "name has 200 characters at most", id="name"),
        pytest.param({"contact": "a" * 321}, "contact address has 320", id="contact"),
        pytest.param({"next_hop": HostPort("h" * 298, 25)}, "next hop has 300", id="next hop"),
        pytest.param(
            {"senders": ["a" * 310 + "@sakura.example"]}, "sender has 320", id="a long sender"
        ),
        pytest.param(
            {"senders": ["hr@ats.example"]},
            r"hr@ats.example is in none of the company's domains \(sakura.example\)",
            id="a foreign sender",
        ),
        pytest.param(
            {"senders": ["mysakura.example"]}, "--domain mysakura.example", id="a foreign domain"
        ),
        pytest.param({"name": " Verify "}, 'cannot be called "Verify"', id="a word of ours"),
        pytest.param({"next_hop": HostPort("mx.example", 0)}, "mx.example:25", id="port 0"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    engine: Engine, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(CareerRelayError, match=told):
        _add(engine, **changes)
    with reading_session(engine)() as session:
        assert load_companies(session) == ()


def test_the_longest_of_everything_is_taken(engine: Engine) -> None:
    hop = HostPort("h" * 297, 25)
    longest = "a" * 304 + "@sakura.example"
    contact = f"{'a' * 255}@{'b' * 49}.sakura.example"
    assert len(contact) == MOST_ADDRESS
    _add(engine, name="株" * 200, contact=contact, next_hop=hop, senders=[longest])
    with reading_session(engine)() as session:
        assert load_companies(session)[0].next_hop == hop


def test_a_next_hop_without_a_port_is_no_change(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with (
        pytest.raises(CareerRelayError, match="nothing listens on 0"),
        writing_session(engine).begin() as session,
    ):
        companies.set_next_hop(session, company_id, HostPort("mx.example", 0), "a test", NOW)
