"""Keys: sealed for the database, opened by the right secret alone, and who signs with which."""

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from gateway.core.dkim import Algorithm, DkimMode, NotSignableError
from gateway.errors import NotFoundError
from gateway.keys.signing import NewKey, Signer
from gateway.settings import HostPort
from gateway.store.companies import add_company, set_dkim
from gateway.store.company_changes import list_changes
from gateway.store.company_records import CompanyRecord, find_company, load_companies
from gateway.store.dkim_keys import DkimKey, add_key, list_keys, remove_key
from gateway.store.engine import reading_session, writing_session

NOW = datetime(2026, 1, 5, tzinfo=UTC)
SECRET = b"s" * 32
MAIL = b"From: hr@midori.example\r\n\r\nx\r\n"

Keys = dict[Algorithm, NewKey]


def sealed(key: NewKey, company_id: int = 1, selector: str = "a") -> DkimKey:
    private = Signer(SECRET).seal(company_id, selector, key)
    return DkimKey(company_id, selector, key.algorithm.value, key.public, private, NOW)


@pytest.fixture
def record(engine: Engine) -> CompanyRecord:
    """Give a company that began as all do."""
    with writing_session(engine).begin() as session:
        return add_company(
            session,
            name="Midori",
            domains=["midori.example"],
            next_hop=HostPort("127.0.0.1", 25),
            now=NOW,
        )[0]


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_sealed_key_signs_as_the_open_one(keys: Keys, algorithm: Algorithm) -> None:
    key = sealed(keys[algorithm])
    assert len(key.sealed_key) <= 4000
    assert len(key.public_key) <= 1000
    assert Signer(SECRET).open(key)(b"d" * 32) == Signer(SECRET).open(key)(b"d" * 32)


@pytest.mark.parametrize(
    ("secret", "change"),
    [
        pytest.param(b"another secret", {}, id="another secret"),
        pytest.param(SECRET, {"company_id": 2}, id="another company's row"),
        pytest.param(SECRET, {"selector": "b"}, id="another selector's row"),
        pytest.param(SECRET, {"algorithm": "ed25519-sha256"}, id="another algorithm"),
        pytest.param(SECRET, {"sealed_key": ""}, id="nothing"),
        pytest.param(SECRET, {"sealed_key": "1:eHh4"}, id="too short"),
        pytest.param(SECRET, {"sealed_key": "1:x"}, id="no base64"),
    ],
)
def test_a_key_opens_nowhere_else(keys: Keys, secret: bytes, change: dict[str, object]) -> None:
    key = replace(sealed(keys[Algorithm.RSA]), **change)  # type: ignore[arg-type]
    with pytest.raises(NotSignableError):
        Signer(secret).open(key)


def test_a_key_is_opened_once(keys: Keys) -> None:
    signer, key = Signer(SECRET), sealed(keys[Algorithm.RSA])
    assert signer.open(key) is signer.open(replace(key))


def test_no_secret_shows_in_what_is_printed(keys: Keys) -> None:
    for new in keys.values():
        key = sealed(new)
        assert repr(new.private) not in repr(new)
        assert key.sealed_key not in repr(key)
        assert new.private.hex() not in key.sealed_key


def test_every_company_begins_with_its_next_hop_signing(
    engine: Engine, record: CompanyRecord
) -> None:
    assert (record.dkim.mode, record.dkim.key) == (DkimMode.NEXT_HOP_SIGNS, None)
    with reading_session(engine)() as session:
        assert load_companies(session) == (record,)


def test_a_company_signs_with_the_key_it_is_set_to(
    engine: Engine, record: CompanyRecord, keys: Keys
) -> None:
    company_id = record.company.id
    first = sealed(keys[Algorithm.RSA], company_id, "a")
    second = sealed(keys[Algorithm.ED25519], company_id, "b")
    with writing_session(engine).begin() as session:
        add_key(session, first)
        add_key(session, second)
        assert list_keys(session, company_id) == (first, second)
        assert set_dkim(session, company_id, "a", "test", NOW).dkim.key == first
        assert set_dkim(session, company_id, "b", "test", NOW).dkim.key == second
    with reading_session(engine)() as session:
        (loaded,) = load_companies(session)
        assert loaded == find_company(session, "Midori")
        changes = [(one.what, one.old, one.new) for one in list_changes(session, company_id)]
    assert loaded.dkim.key == second
    assert b"a=ed25519-sha256;" in Signer(SECRET).sign(MAIL, loaded, NOW)
    assert changes == [
        ("dkim", "relay-signs a", "relay-signs b"),
        ("dkim", "next-hop-signs", "relay-signs a"),
    ]
    with writing_session(engine).begin() as session:
        assert set_dkim(session, company_id, "", "test", NOW).dkim.mode is DkimMode.NEXT_HOP_SIGNS
        assert remove_key(session, company_id, "a")
        assert not remove_key(session, company_id, "a")
        assert list_keys(session, company_id) == (second,)


def test_a_key_that_is_not_there_cannot_be_chosen(engine: Engine, record: CompanyRecord) -> None:
    with (
        writing_session(engine)() as session,
        pytest.raises(NotFoundError, match="no DKIM key of the selector"),
    ):
        set_dkim(session, record.company.id, "nothing", "test", NOW)


def test_the_database_never_holds_a_key_in_the_clear(
    engine: Engine, record: CompanyRecord, keys: Keys
) -> None:
    new = keys[Algorithm.ED25519]
    with writing_session(engine).begin() as session:
        add_key(session, sealed(new, record.company.id))
        row = session.execute(text("SELECT * FROM dkim_key")).one()

    secret_part = new.private[-32:]
    for column in row:
        assert base64.b64encode(secret_part)[:40].decode() not in str(column)
        assert secret_part.hex() not in str(column)


def test_a_signing_company_without_a_key_is_told_so(record: CompanyRecord) -> None:
    broken = replace(record, dkim=replace(record.dkim, mode=DkimMode.RELAY_SIGNS))
    with pytest.raises(NotSignableError, match="no key"):
        Signer(SECRET).sign(MAIL, broken, NOW)
