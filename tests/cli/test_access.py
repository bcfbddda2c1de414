"""`company access`, `password` and `credential` at the command line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from gateway.cli.app import app
from gateway.core.access import PASSWORD_ONLY
from gateway.errors import CareerRelayError
from gateway.store.company_records import CompanyRecord, find_company
from gateway.store.credentials import find_password, find_routing_key
from gateway.store.engine import open_engine, reading_session
from tests.store.records import write_company

COMPANY = "Sakura"


class Line:
    """The command line on a ledger of one company."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._runner = CliRunner()

    def __call__(self, *arguments: str, fails: bool = False) -> str:
        done = self._runner.invoke(app, ["company", *arguments])
        assert (done.exit_code != 0) is fails, done.output
        if isinstance(done.exception, CareerRelayError):
            return str(done.exception)
        return done.output

    def record(self) -> CompanyRecord:
        with reading_session(self._engine)() as session:
            return find_company(session, COMPANY)


@pytest.fixture
def line(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    monkeypatch.setenv("CAREER_RELAY_DATABASE_URL", sqlite_url)
    engine = open_engine(sqlite_url)
    write_company(engine, COMPANY)
    yield Line(engine)
    engine.dispose()


def test_exchange_online_is_let_in_by_networks_and_a_header(line: Line) -> None:
    told = line("access", COMPANY, "--require", "network+header", fails=True)
    assert "--network" in told or "credential add" in told
    key = line("credential", "add", COMPANY, "header").split("X-Career-Relay-Key: ")[1].split()[0]
    networks = ["--network", "40.92.0.0/15", "--network", "2a01:111:f400::/48"]
    shown = line("access", COMPANY, "--require", "network+header", *networks)
    assert "requires network+header; networks 40.92.0.0/15 2a01:111:f400::/48" in shown
    assert "network+header" in line("show", COMPANY)
    record = line.record()
    assert find_routing_key([key], record.credentials) is not None
    line("access", COMPANY, "--require", "password", "--network", "none")
    assert line.record().access == PASSWORD_ONLY
    assert line("access", COMPANY).strip() == "requires password"


def test_a_wide_network_alone_is_refused(line: Line) -> None:
    told = line("access", COMPANY, "--require", "network", "--network", "10.0.0.0/8", fails=True)
    assert "network+header" in told


@pytest.mark.parametrize(
    "arguments", [("--require", "pigeon"), ("--network", "10.1.2.3/8"), ("--require", "header")]
)
def test_what_is_no_way_in_is_told(line: Line, arguments: tuple[str, str]) -> None:
    line("access", COMPANY, *arguments, fails=True)


def test_a_file_that_is_no_certificate_is_told(line: Line, tmp_path: Path) -> None:
    file = tmp_path / "x.pem"
    file.write_text("no certificate")
    assert "PEM" in line("access", COMPANY, "--certificate", str(file), fails=True)
    line("access", COMPANY, "--require", "certificate", "--certificate", "Mail.Sakura.example")
    assert line.record().access.names == ("mail.sakura.example",)


def test_a_password_is_replaced_with_or_without_a_time_for_both(line: Line) -> None:
    first = line("password", COMPANY).split("SMTP password")[1].split()[0]
    told = line("password", COMPANY, "--keep-old", "--days", "3")
    second = told.split("SMTP password")[1].split()[0]
    assert "valid until" in told
    hashes = [one.secret_hash for one in line.record().credentials]
    assert find_password(first, hashes[1:2]) is not None
    assert find_password(second, hashes[2:]) is not None
    rows = [json.loads(row) for row in line("credential", "list", COMPANY, "--json").splitlines()]
    assert [bool(row["expires_at"]) for row in rows] == [True, True, False]
    line("credential", "revoke", COMPANY, str(rows[1]["number"]))
    assert "void" in line("credential", "revoke", COMPANY, str(rows[2]["number"]), "--days", "2")
    line("credential", "revoke", COMPANY, "999", fails=True)
    assert "never used" in line("credential", "list", COMPANY)
