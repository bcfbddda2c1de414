"""`company courtesy` and `company senders`: settings as a person types them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.app import app


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["company", *arguments])


@pytest.fixture(autouse=True)
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give an installation with one company, Acme."""
    monkeypatch.setenv("CAREER_RELAY_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("CAREER_RELAY_DATABASE_URL", raising=False)
    done = run("add", "Acme", "--domain", "acme.example", "--next-hop", "127.0.0.1:1")
    assert done.exit_code == 0, done.output


def test_what_follows_from_a_finding_is_shown_and_set() -> None:
    assert json.loads(run("courtesy", "Acme", "--json").stdout)["placeholder"] == "notify"
    chosen = ("--finding", "all=log", "--finding", "placeholder=refuse")
    said = json.loads(run("courtesy", "Acme", *chosen, "--json").stdout)
    assert said.pop("placeholder") == "refuse"
    assert set(said.values()) == {"log"}
    assert "placeholder=refuse" in run("show", "Acme").stdout


@pytest.mark.parametrize("text", ["placeholder", "placeholder=never", "rude=log"])
def test_a_setting_that_is_none_is_refused(text: str) -> None:
    done = run("courtesy", "Acme", "--finding", text)
    assert done.exit_code == 2
    assert "FINDING=log|notify|refuse" in " ".join(done.output.split())


def test_senders_are_named_and_everybody_is_a_choice() -> None:
    inject = ("mode", "Acme", "inject", "--unreviewed")
    assert "No recruiting sender of Acme is named" in run(*inject).stderr
    named = ("--sender", "HR@acme.example", "--sender-header", "X-Mailer: HERP")
    said = json.loads(run("senders", "Acme", *named, "--json").stdout)
    assert said == ["hr@acme.example", "header:x-mailer=HERP"]
    assert run(*inject).stderr == ""
    assert run("senders", "Acme", "--all-senders").stdout == "everybody, as chosen\n"
    assert run(*inject).stderr == ""


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (("--sender", "hr@elsewhere.example"), 1),
        (("--sender", "header:x"), 1),
        (("--sender-header", "no field"), 2),
        (("--sender", "hr@acme.example", "--all-senders"), 1),
    ],
)
def test_senders_that_cannot_be_are_refused(arguments: tuple[str, ...], exit_code: int) -> None:
    done = run("senders", "Acme", *arguments)
    assert done.exit_code == exit_code
    assert json.loads(run("senders", "Acme", "--json").stdout) == []
