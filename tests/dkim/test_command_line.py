"""`career-relay company dkim` as a person types it, up to a signed mail at the next hop."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer

from gateway.cli import dkim as command
from gateway.cli.dkim import KeyKind, zone_line
from gateway.cli.parts import Parts
from gateway.core.restore import restore
from gateway.demo.samples import COMPANY, DOMAIN, SENDER, samples
from gateway.errors import CareerRelayError, NotFoundError
from gateway.settings import HostPort, load_settings
from gateway.store.companies import add_company
from tests.dkim.oracle import Verifier
from tests.e2e import conftest
from tests.e2e.program import new_installation
from tests.e2e.sink import running_sink

REJECTION = next(iter(samples()))
STALE = b"DKIM-Signature: v=1; a=rsa-sha256; d=%s; s=old; h=from; bh=eA==; b=eA==\r\n"
NOW = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def parts(sqlite_url: str, tmp_path: Path) -> Iterator[Parts]:
    """Give an installation with the sample company."""
    made = Parts(load_settings(data_dir=tmp_path, database_url=sqlite_url))
    with made.writing() as session:
        hop = HostPort("127.0.0.1", 25)
        add_company(session, name=COMPANY, domains=[DOMAIN], next_hop=hop, now=NOW)
    yield made
    made.engine.dispose()


@pytest.fixture
def shown(parts: Parts, capsys: pytest.CaptureFixture[str]) -> Callable[[], Any]:
    """Give a function that returns what `--json` prints."""

    def read() -> Any:
        capsys.readouterr()
        command._show(parts, COMPANY, "", as_json=True)
        return json.loads(capsys.readouterr().out)

    return read


def in_use(answer: Any) -> list[str]:
    return [key["selector"] for key in answer["keys"] if key["in_use"]]


def test_a_company_has_the_relay_sign_changes_its_key_and_stops(
    parts: Parts, shown: Callable[[], Any]
) -> None:
    assert shown() == {"company": COMPANY, "dkim": "next-hop-signs", "keys": []}
    command._sign(parts, COMPANY, "first", KeyKind.ED25519)
    assert (shown()["dkim"], in_use(shown())) == ("relay-signs", ["first"])
    waits = command._sign(parts, COMPANY, "second", None)
    assert "first goes on signing" in waits
    assert in_use(shown()) == ["first"], "a key beside one in use waits for its record"
    command._sign(parts, COMPANY, "second", None)
    assert in_use(shown()) == ["second"]
    assert [(key["selector"], key["algorithm"]) for key in shown()["keys"]] == [
        ("first", "ed25519-sha256"),
        ("second", "rsa-sha256"),
    ]
    command._sign(parts, COMPANY, None, None)
    assert in_use(shown()) == ["second"], "without a selector the one in use stays"
    command._turn_off(parts, COMPANY)
    assert (shown()["dkim"], in_use(shown()), len(shown()["keys"])) == ("next-hop-signs", [], 2)
    command._sign(parts, COMPANY, None, None)
    assert in_use(shown()) == ["second"], "the newest key is used again"
    command._forget(parts, COMPANY, "first")
    assert [key["selector"] for key in shown()["keys"]] == ["second"]


@pytest.mark.parametrize(
    ("selector", "kind", "told"),
    [
        pytest.param("not a label", None, "letters a-z", id="blanks"),
        pytest.param("x" * 64, None, "letters a-z", id="too long"),
        pytest.param("a..b", None, "letters a-z", id="an empty label"),
        pytest.param("mine", KeyKind.RSA, "is ed25519", id="another algorithm"),
    ],
)
def test_a_wrong_selector_is_refused(
    parts: Parts, shown: Callable[[], Any], selector: str, kind: KeyKind | None, told: str
) -> None:
    command._sign(parts, COMPANY, "mine", KeyKind.ED25519)
    with pytest.raises((typer.BadParameter, CareerRelayError), match=told):
        command._sign(parts, COMPANY, selector, kind)
    assert [key["selector"] for key in shown()["keys"]] == ["mine"]


def test_a_key_in_use_or_unknown_is_not_forgotten(parts: Parts) -> None:
    command._sign(parts, COMPANY, "mine", KeyKind.ED25519)
    with pytest.raises(CareerRelayError, match="is in use"):
        command._forget(parts, COMPANY, "mine")
    with pytest.raises(NotFoundError, match="no DKIM key"):
        command._forget(parts, COMPANY, "other")


@pytest.mark.parametrize(
    "arguments",
    [
        {"sign": True, "off": True},
        {"off": True, "forget": "x"},
        {"selector": "x"},
        {"off": True, "algorithm": KeyKind.RSA},
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(typer.BadParameter, match="take one of"):
        command.dkim(COMPANY, **arguments)


def test_a_key_of_another_secret_is_not_chosen(parts: Parts, shown: Callable[[], Any]) -> None:
    command._sign(parts, COMPANY, "mine", KeyKind.ED25519)
    command._turn_off(parts, COMPANY)
    other = Parts(parts.settings.model_copy(update={"data_dir": parts.settings.data_dir / "x"}))
    try:
        with pytest.raises(CareerRelayError, match="CAREER_RELAY_SECRET_KEY"):
            command._sign(other, COMPANY, None, None)
    finally:
        other.engine.dispose()
    assert shown()["dkim"] == "next-hop-signs"


def test_a_record_is_printed_as_zone_files_have_it(
    parts: Parts, shown: Callable[[], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    command._sign(parts, COMPANY, "mine", KeyKind.RSA)
    (record,) = shown()["keys"][0]["records"]
    assert (record["name"], record["type"]) == (f"mine._domainkey.{DOMAIN}", "TXT")
    assert record["value"].startswith("v=DKIM1; k=rsa; p=MIIB")
    command._show(parts, COMPANY, "said", as_json=False)
    printed = capsys.readouterr().out
    assert zone_line(record["name"], record["value"]) in printed
    strings = re.findall(r'"([^"]*)"', printed)
    assert "".join(strings) == record["value"]
    assert max(map(len, strings)) <= 255


def test_the_printed_record_verifies_what_arrives(
    tmp_path: Path, python_verifier: Verifier
) -> None:
    installation = new_installation(tmp_path)
    with running_sink() as sink:
        login = conftest.add_company(installation, sink)
        answer = installation.ask("company", "dkim", COMPANY, "--sign")
        raw = STALE % DOMAIN.encode() + REJECTION.raw
        with installation.up():
            installation.send(login, [(SENDER, REJECTION.recipient, raw)])
        arrived = sink.mails[0].raw
    assert python_verifier.passes(arrived, answer["keys"][0]["records"][0]["value"])
    assert installation.run("strip", stdin=arrived).stdout == raw == restore(arrived)
    assert "PRIVATE" not in installation.logs()
