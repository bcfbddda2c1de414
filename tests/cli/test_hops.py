"""`career-relay company hop` as a person types it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.app import app
from gateway.cli.parts import Parts
from gateway.errors import CareerRelayError
from gateway.hops import DEFAULT_HOP, EightBit, HopTls
from gateway.settings import HostPort, load_settings
from gateway.smtp.hop_tls import open_security
from gateway.store.company_records import CompanyRecord, find_company
from tests.certificates import Authority
from tests.store.records import write_company

COMPANY = "Sakura"


class Line:
    """The command line on an installation with one company."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def __call__(self, *arguments: str, typed: str = "", fails: bool = False) -> str:
        done = CliRunner().invoke(app, ["company", "hop", COMPANY, *arguments], input=typed)
        assert (done.exit_code != 0) is fails, done.output
        return str(done.exception) if isinstance(done.exception, CareerRelayError) else done.output

    def record(self) -> CompanyRecord:
        with self.parts.reading() as session:
            return find_company(session, COMPANY)


@pytest.fixture
def line(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """Give the command line of an installation with one company."""
    monkeypatch.setenv("CAREER_RELAY_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("CAREER_RELAY_DATA_DIR", str(tmp_path))
    parts = Parts(load_settings())
    write_company(parts.engine, COMPANY)
    yield Line(parts)
    parts.engine.dispose()


def test_a_next_hop_with_tls_and_login_is_set_and_shown(line: Line) -> None:
    told = line(
        *("mx1.example:587", "mx2.example:587", "--tls", "verify"),
        *("--user", "relay@acme.example", "--most-connections", "5", "--eight-bit", "refuse"),
        typed="secret word\n",
    )
    assert "secret" not in told
    record = line.record()
    assert record.route.hosts == (HostPort("mx1.example", 587), HostPort("mx2.example", 587))
    assert (record.hop.tls, record.hop.user) == (HopTls.VERIFY, "relay@acme.example")
    assert (record.hop.most_connections, record.hop.eight_bit) == (5, EightBit.REFUSE)
    security = open_security(record.company.id, record.hop, line.parts.hop_seal)
    assert security.password == "secret word"
    shown = json.loads(line("--json"))
    assert shown["next_hop"] == "mx1.example:587"
    assert shown["fallbacks"] == "mx2.example:587"
    assert shown["login"] == "relay@acme.example"


def test_what_is_not_named_stays(line: Line) -> None:
    line("mx1.example:587", "mx2.example:587", "--tls", "verify", "--idle-seconds", "7")
    line("--mails-per-connection", "9")
    hop = line.record().hop
    assert (hop.idle_seconds, hop.mails_per_connection, hop.tls) == (7, 9, HopTls.VERIFY)
    assert hop.fallbacks == (HostPort("mx2.example", 587),)
    line("mx1.example:25")
    assert line.record().hop.fallbacks == ()


def test_the_password_may_come_from_a_file(line: Line, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from a file\n", "utf-8")
    line("127.0.0.1:25", "--user", "u", "--password-file", str(file))
    record = line.record()
    security = open_security(record.company.id, record.hop, line.parts.hop_seal)
    assert security.password == "from a file"
    line("--user", "")
    assert (line.record().hop.user, line.record().hop.sealed_password) == ("", "")


def test_authority_and_certificate_are_read_from_files(line: Line, tmp_path: Path) -> None:
    authority = Authority()
    trusted, chain, key = (tmp_path / name for name in ("ca.pem", "chain.pem", "key.pem"))
    trusted.write_text(authority.pem, "ascii")
    for file, text in zip((chain, key), authority.issue("acme.relay.example"), strict=True):
        file.write_text(text, "ascii")
    pinned = ["--tls", "pinned", "--authority", str(trusted)]
    line(
        "mx.example:465", "--implicit-tls", *pinned, "--certificate", str(chain), "--key", str(key)
    )
    record = line.record()
    assert (record.hop.tls, record.hop.implicit_tls) == (HopTls.PINNED, True)
    assert key.read_text("ascii") not in repr(record)
    assert open_security(record.company.id, record.hop, line.parts.hop_seal).is_required
    line("--tls", "verify", "--starttls", "--no-certificate")
    hop = line.record().hop
    assert (hop.authority, hop.certificate, hop.sealed_key, hop.implicit_tls) == ("", "", "", False)


def test_what_cannot_work_is_said_at_once_and_nothing_is_saved(line: Line, tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense", "ascii")
    two = tmp_path / "two-lines"
    two.write_text("one\ntwo\n", "ascii")
    before = line.record()
    for arguments, want in (
        (["nowhere"], "HOST:PORT"),
        (["mx.example:25", "--user", "u"], "proves who it is"),
        (["--tls", "pinned"], "--authority FILE go together"),
        (["--tls", "pinned", "--authority", str(nonsense)], "no PEM file with certificates"),
        (["--tls", "pinned", "--authority", str(tmp_path / "no")], "cannot be read"),
        (["--certificate", str(nonsense)], "go together"),
        (["--certificate", str(nonsense), "--key", str(nonsense)], "do not fit"),
        (["--password-file", str(nonsense)], "goes with --user"),
        (["--user", "u", "--password-file", str(two)], "more than one line"),
        (["--user", "u", "--password-file", str(tmp_path / "no")], "cannot be read"),
        (["--most-connections", "0"], "a number from 1 to 1000"),
    ):
        assert want in " ".join(line(*arguments, typed="x\n", fails=True).split())
    assert line.record() == before
    assert before.hop == DEFAULT_HOP
