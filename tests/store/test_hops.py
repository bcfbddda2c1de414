"""How next hops are spoken to: kept, noted, and refused when the settings do not fit."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from gateway.errors import CareerRelayError, NotFoundError
from gateway.hops import DEFAULT_HOP, EightBit, HopSettings, HopTls, Route, describe_hop
from gateway.settings import HostPort
from gateway.store.companies import add_company, set_next_hop
from gateway.store.company_changes import list_changes
from gateway.store.company_records import find_company, load_companies
from gateway.store.engine import writing_session
from gateway.store.hops import save_route

NOW = datetime(2026, 1, 5, tzinfo=UTC)
FIRST, SECOND = HostPort("mx1.example", 25), HostPort("mx2.example", 587)
FULL = HopSettings(
    fallbacks=(SECOND, HostPort("2001:db8::1", 25)),
    tls=HopTls.PINNED,
    implicit_tls=True,
    authority="-----BEGIN CERTIFICATE-----",
    user="relay@acme.example",
    sealed_password="1:sealed",
    certificate="-----BEGIN CERTIFICATE----- of a client",
    sealed_key="1:also sealed",
    most_connections=3,
    idle_seconds=10,
    mails_per_connection=7,
    eight_bit=EightBit.REFUSE,
)


@pytest.fixture
def company_id(engine: Engine) -> int:
    """Give a company whose next hop is FIRST."""
    with writing_session(engine).begin() as session:
        added, _ = add_company(
            session, name="Acme", domains=["acme.example"], next_hop=FIRST, now=NOW
        )
    return added.company.id


def test_settings_come_back_as_they_were_saved(engine: Engine, company_id: int) -> None:
    with writing_session(engine).begin() as session:
        assert find_company(session, "Acme").hop == DEFAULT_HOP
        save_route(session, company_id, FIRST, FULL, "a test", NOW)
    with writing_session(engine).begin() as session:
        record = find_company(session, "Acme")
        assert record == load_companies(session)[0]
        assert record.hop == FULL
        assert record.route == Route(company_id, (FIRST, *FULL.fallbacks), FULL)
        save_route(session, company_id, SECOND, DEFAULT_HOP, "a test", NOW)
        assert find_company(session, "Acme").route == Route(company_id, (SECOND,), DEFAULT_HOP)


def test_each_change_is_noted_without_a_secret(engine: Engine, company_id: int) -> None:
    with writing_session(engine).begin() as session:
        save_route(session, company_id, FIRST, FULL, "admin", NOW)
        changed = replace(FULL, sealed_password="1:new", tls=HopTls.VERIFY, authority="")
        save_route(session, company_id, SECOND, replace(changed, fallbacks=()), "admin", NOW)
        changes = {(one.what, one.old, one.new) for one in list_changes(session, company_id)}
    assert ("next_hop", "mx1.example:25", "mx2.example:587") in changes
    assert ("hop_login", "", "relay@acme.example") in changes
    assert ("hop_password", "", "a new one") in changes
    assert ("hop_password", "an older one", "a new one") in changes
    assert ("hop_authority", "an older one", "") in changes
    assert ("hop_tls", "opportunistic", "pinned (from the first byte)") in changes
    assert "sealed" not in str(changes)
    assert "BEGIN" not in str(changes)


def test_nothing_of_a_secret_is_shown(company_id: int) -> None:
    shown = f"{FULL!r} {describe_hop(FULL)}"
    assert "sealed " not in shown
    assert "1:" not in shown.replace("2001:db8::1", "")
    assert "BEGIN" not in shown


LOOPBACK = HostPort("127.0.0.1", 25)


@pytest.mark.parametrize(
    ("first", "settings", "want"),
    [
        (FIRST, {"tls": HopTls.NONE, "user": "u"}, "proves who it is"),
        (
            LOOPBACK,
            {"tls": HopTls.NONE, "user": "u", "fallbacks": (FIRST,)},
            "proves who it is",
        ),
        (FIRST, {"user": "u"}, "proves who it is"),
        (FIRST, {"tls": HopTls.PINNED}, "go together"),
        (FIRST, {"tls": HopTls.VERIFY, "authority": "x"}, "go together"),
        (FIRST, {"tls": HopTls.NONE, "implicit_tls": True}, "no implicit TLS"),
        (FIRST, {"tls": HopTls.NONE, "certificate": "x"}, "no certificate"),
        (FIRST, {"fallbacks": (FIRST,)}, "different next hops"),
        (FIRST, {"fallbacks": tuple(HostPort("mx", n) for n in range(1, 6))}, "up to 5"),
        (FIRST, {"fallbacks": (HostPort("mx2.example", 0),)}, "no port"),
        (HostPort("mx .example", 25), {}, "is no host"),
        (HostPort("例え.example", 25), {}, "A-labels"),
        (LOOPBACK, {"user": "u\nQUIT"}, "printable"),
        (LOOPBACK, {"user": "u" * 321}, "320"),
        (FIRST, {"most_connections": 0}, "--most-connections is a number from 1 to 1000"),
        (FIRST, {"idle_seconds": 3601}, "--idle-seconds is a number from 1 to 3600"),
        (FIRST, {"mails_per_connection": 0}, "--mails-per-connection"),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    engine: Engine, company_id: int, first: HostPort, settings: dict[str, Any], want: str
) -> None:
    with (
        writing_session(engine).begin() as session,
        pytest.raises(CareerRelayError, match=want),
    ):
        save_route(session, company_id, first, HopSettings(**settings), "a test", NOW)
    with writing_session(engine).begin() as session:
        assert find_company(session, "Acme").route == Route(company_id, (FIRST,))


def test_a_login_in_clear_may_stay_on_this_machine(engine: Engine, company_id: int) -> None:
    clear = HopSettings(tls=HopTls.NONE, user="u")
    with writing_session(engine).begin() as session:
        save_route(session, company_id, LOOPBACK, clear, "a test", NOW)
        with pytest.raises(CareerRelayError, match="proves who it is"):
            set_next_hop(session, company_id, FIRST, "a test", NOW)


def test_a_company_that_is_not_there_has_no_next_hop(engine: Engine) -> None:
    with writing_session(engine).begin() as session, pytest.raises(NotFoundError):
        save_route(session, 7, FIRST, DEFAULT_HOP, "a test", NOW)
