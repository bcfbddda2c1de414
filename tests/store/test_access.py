"""Secrets and ways in of companies, as they are kept."""

import hashlib
from datetime import timedelta

import pytest
from argon2 import extract_parameters
from sqlalchemy import Engine, text

from gateway.core.access import PASSWORD_ONLY, Access, Pin, Way, read_requires
from gateway.core.network import read_network
from gateway.errors import CareerRelayError, NotFoundError
from gateway.store import credentials
from gateway.store.access import describe_access, set_access, shared_networks
from gateway.store.companies import renew_password
from gateway.store.company_changes import list_changes
from gateway.store.company_records import CompanyRecord, get_company
from gateway.store.credentials import (
    MOST_PASSWORDS,
    CredentialKind,
    add_credential,
    find_password,
    find_routing_key,
    hash_password,
    limit_credential,
    note_use,
)
from gateway.store.engine import reading_session, writing_session
from tests.store.records import NOW, write_company

LATER = NOW + timedelta(days=7)
PASSWORD, HEADER = CredentialKind.PASSWORD, CredentialKind.HEADER


def again(engine: Engine, record: CompanyRecord) -> CompanyRecord:
    with reading_session(engine)() as session:
        return get_company(session, record.company.id)


def add(engine: Engine, record: CompanyRecord, kind: CredentialKind) -> str:
    with writing_session(engine).begin() as session:
        return add_credential(session, record.company.id, kind, "test", NOW)[1]


def fits(record: CompanyRecord, password: str) -> bool:
    return find_password(password, [c.secret_hash for c in record.valid(PASSWORD, NOW)]) is not None


def test_two_passwords_are_valid_while_one_replaces_the_other(engine: Engine) -> None:
    record = write_company(engine)
    with writing_session(engine).begin() as session:
        _, old = renew_password(session, record.company.id, "test", NOW)
        _, new = renew_password(session, record.company.id, "test", NOW, keep_old_until=LATER)
    found = again(engine, record)
    assert fits(found, old)
    assert fits(found, new)
    assert len(found.valid(PASSWORD, LATER)) == 1
    with writing_session(engine).begin() as session:
        _, newest = renew_password(session, record.company.id, "test", NOW)
    found = again(engine, record)
    assert [fits(found, each) for each in (old, new, newest)] == [False, False, True]


def test_a_company_has_no_more_secrets_than_can_be_checked(engine: Engine) -> None:
    record = write_company(engine)
    add(engine, record, PASSWORD)
    with pytest.raises(CareerRelayError, match="credential revoke"):
        add(engine, record, PASSWORD)
    with writing_session(engine).begin() as session:
        first = again(engine, record).credentials[0]
        limit_credential(session, record.company.id, first.id, NOW - timedelta(1), "test", NOW)
    add(engine, record, PASSWORD)  # an expired one is none
    assert len(again(engine, record).valid(PASSWORD, NOW)) == MOST_PASSWORDS


def test_a_revoked_secret_is_gone_and_its_history_stays(engine: Engine) -> None:
    record = write_company(engine)
    key = add(engine, record, HEADER)
    made = again(engine, record).valid(HEADER, NOW)[0]
    assert find_routing_key([key], [made]) == made
    assert find_routing_key([key + "x", ""], [made]) is None
    with writing_session(engine).begin() as session:
        limit_credential(session, record.company.id, made.id, None, "test", NOW)
    assert again(engine, record).valid(HEADER, NOW) == ()
    with reading_session(engine)() as session:
        history = [(c.what, c.old, c.new) for c in list_changes(session, record.company.id)]
    what = f"credential {made.id} (header)"
    assert history == [(what, "valid", "revoked"), (what, "", "added")]


def test_nobody_revokes_another_companys_secret(engine: Engine) -> None:
    one, other = write_company(engine), write_company(engine, "Beta")
    with pytest.raises(NotFoundError), writing_session(engine).begin() as session:
        limit_credential(session, one.company.id, other.credentials[0].id, None, "test", NOW)


def test_the_last_use_is_kept_to_the_hour(engine: Engine) -> None:
    record = write_company(engine)
    assert record.credentials[0].last_used_at is None
    with writing_session(engine).begin() as session:
        note_use(session, record.credentials[0].id, NOW + timedelta(minutes=29))
    assert again(engine, record).credentials[0].last_used_at == NOW.replace(
        minute=0, second=0, microsecond=0
    )


def test_a_password_of_before_argon2_still_fits(engine: Engine) -> None:
    record = write_company(engine)
    old = hashlib.sha256(b"smtp-password\0of-before").hexdigest()
    with writing_session(engine).begin() as session:
        session.execute(text("UPDATE credential SET secret_hash = :hash"), {"hash": old})
    found = again(engine, record)
    assert fits(found, "of-before")
    assert not fits(found, "of-behind")


def test_a_user_whom_nobody_knows_costs_as_much_as_one_who_is() -> None:
    assert extract_parameters(credentials._NOBODYS) == extract_parameters(hash_password("x"))


def test_what_is_stored_is_argon2_and_shows_nothing(engine: Engine) -> None:
    record = write_company(engine)
    assert record.credentials[0].secret_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "argon2" not in repr(record)
    assert find_password("x", ["$argon2id$broken", ""]) is None


def test_ways_in_are_found_again(engine: Engine) -> None:
    record = write_company(engine)
    assert record.access == PASSWORD_ONLY
    add(engine, record, HEADER)
    ways = Access(
        requires=read_requires(["password", "HEADER+network", "certificate"]),
        networks=(read_network("40.92.0.0/15"), read_network("2001:db8::/32")),
        pins=(Pin("ab" * 32, "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"),),
        names=("mail.sakura.example",),
    )
    with writing_session(engine).begin() as session:
        set_access(session, record.company.id, ways, "test", NOW)
    assert again(engine, record).access == ways
    with writing_session(engine).begin() as session:
        set_access(session, record.company.id, PASSWORD_ONLY, "test", NOW)
        history = list_changes(session, record.company.id)
    assert again(engine, record).access == PASSWORD_ONLY
    assert [change.what for change in history[:2]] == ["access", "access"]
    assert describe_access(ways).startswith(
        "requires password or network+header or certificate; networks 40.92.0.0/15"
    )


@pytest.mark.parametrize(
    ("ways", "told"),
    [
        (Access(read_requires(["network"])), "no network"),
        (Access(read_requires(["password+certificate"])), "no certificate"),
        (Access(read_requires(["network+header"]), (read_network("10.0.0.0/8"),)), "no key"),
        (Access(read_requires(["network"]), (read_network("10.0.0.0/8"),)), "network.header"),
        (Access(read_requires(["network"]), (read_network("::/0"),)), "too large"),
        (Access(networks=tuple(read_network(f"10.0.{n}.0/24") for n in range(256)) * 2), "more"),
    ],
)
def test_what_lets_in_nobody_or_everybody_is_refused(
    engine: Engine, ways: Access, told: str
) -> None:
    record = write_company(engine)
    with pytest.raises(CareerRelayError, match=told), writing_session(engine).begin() as session:
        set_access(session, record.company.id, ways, "test", NOW)
    assert again(engine, record).access == PASSWORD_ONLY


def test_a_network_that_two_companies_name_is_seen(engine: Engine) -> None:
    one, other = write_company(engine), write_company(engine, "Beta")
    ways = Access(read_requires(["network"]), (read_network("192.0.2.0/24"),))
    with writing_session(engine).begin() as session:
        set_access(session, one.company.id, ways, "test", NOW)
        mine = Access(ways.requires, (read_network("192.0.2.7"), read_network("2001:db8::1")))
        assert shared_networks(session, other.company.id, mine) == ("192.0.2.7/32",)
        assert shared_networks(session, one.company.id, mine) == ()


@pytest.mark.parametrize("text", ["", "header", "password+pigeon", "network,header"])
def test_ways_that_are_none_are_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"header|one or several"):
        read_requires([text])


def test_the_ways_are_those_the_tables_may_hold() -> None:
    assert max(map(len, Way)) <= 20
