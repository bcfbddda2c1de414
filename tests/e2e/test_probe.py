"""`doctor --probe`: one mail through the relay's own door, told step by step, and never counted."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.demo.samples import COMPANY, DOMAIN
from tests.certificates import Authority
from tests.dns_stub import running_dns
from tests.e2e.conftest import add_company
from tests.e2e.program import Installation, new_installation
from tests.e2e.sink import Sink
from tests.services import wait_until

READER = f"reader@{DOMAIN}"


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Installation]:
    """Give a relay whose certificate nobody else trusts."""
    chain, key = Authority().issue("relay.midori.example")
    (tmp_path / "chain.pem").write_text(chain, "ascii")
    (tmp_path / "key.pem").write_text(key, "ascii")
    with running_dns() as dns:
        yield new_installation(
            tmp_path,
            CAREER_RELAY_HOSTNAME="relay.midori.example",
            CAREER_RELAY_TLS_CERTIFICATE=str(tmp_path / "chain.pem"),
            CAREER_RELAY_TLS_KEY=str(tmp_path / "key.pem"),
            CAREER_RELAY_DNS_SERVER=str(dns.address),
        )


def probe(relay: Installation, to: str = READER) -> tuple[int, dict[str, tuple[str, str]]]:
    """Return the exit code, and health and text of each step of the probe."""
    done = relay.run("doctor", COMPANY, "--probe", to, "--json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert found, done.stderr.decode()
    steps = {one["what"]: (one["health"], one["text"]) for one in found}
    return done.returncode, {k: v for k, v in steps.items() if k.startswith("probe")}


def credentials(relay: Installation) -> list[bool]:
    """Return of each secret whether it is for ever."""
    listed = relay.lines("company", "credential", "list", COMPANY)
    return [one["expires_at"] is None for one in listed]


def test_a_probe_goes_all_the_way_without_the_company_s_password(
    relay: Installation, sink: Sink
) -> None:
    add_company(relay, sink)
    with relay.up():
        _, steps = probe(relay)
        (mail,) = sink.to(READER)
        sink.refused.add("nobody@people.example")
        code, refused = probe(relay, "nobody@people.example")
    assert {what: health for what, (health, _) in steps.items()} == {
        "probe door": "ok",
        "probe TLS": "warn",
        "probe login": "ok",
        "probe sender": "ok",
        "probe recipient": "ok",
        "probe mail": "ok",
        "probe log": "ok",
        "probe mailbox": "ok",
    }
    assert "not to be verified for relay.midori.example" in steps["probe TLS"][1]
    assert "taken" in steps["probe mail"][1], "the next hop's own words"
    head = mail.raw.partition(b"\r\n\r\n")[0]
    assert head.count(b"X-Career-Relay: id=") == head.count(b"X-Career-Relay:") == 1
    results = b"Authentication-Results: mx; spf=pass smtp.mailfrom=" + DOMAIN.encode() + b"\r\n"
    seen = relay.run("doctor", COMPANY, "--received", "-", "--json", stdin=results + mail.raw)
    told = {one["what"]: one["health"] for one in map(json.loads, seen.stdout.splitlines())}
    assert (told["received trace"], told["received SPF"]) == ("ok", "ok")
    (line,) = relay.lines("log")
    assert (line["why"], line["action"]) == ("override-off", "passed")
    assert relay.ask("ledger", COMPANY)["counted"] == 0
    assert (code, refused["probe recipient"]) == (1, ("fail", "550 5.1.1 No such user here"))
    assert "probe mail" not in refused
    assert credentials(relay) == [True, False, False], "what was made for it is void"


def test_it_shows_what_the_company_is_known_by(relay: Installation, sink: Sink) -> None:
    """A password that it is given, the network it is in; and else it sends nothing."""
    login = add_company(relay, sink)
    assert relay.run("company", "credential", "add", COMPANY, "password").returncode == 0
    with relay.up():
        code, steps = probe(relay)
        assert (code, steps["probe login"][0]) == (1, "fail"), "there may not be a third one"
        for password, answer in (("wrong", "535 5.7.8"), (login["smtp_password"], "as company-")):
            known = {**relay.settings, "CAREER_RELAY_PROBE_PASSWORD": password}
            _, steps = probe(replace(relay, settings=known))
            assert steps["probe login"][1].startswith(answer)
        require(relay, "127.0.0.1")
        probed = [steps]

        def is_known() -> bool:
            probed.append(probe(relay)[1])
            return "probe mail" in probed[-1]

        wait_until(is_known, "the gateway has read that the network is enough")
        steps = probed[-1]
        assert "probe login" not in steps
        assert steps["probe mail"][0] == "ok"
        require(relay, "192.0.2.0/24")
        _, steps = probe(relay)
    (only,) = steps.items()
    assert only[0] == "probe"
    assert only[1][0] == "warn"
    assert "which this machine cannot show" in only[1][1]
    assert len(sink.mails) == 2
    assert credentials(relay) == [True, True]


def require(relay: Installation, network: str) -> None:
    """Have the company known by its network alone."""
    known = ("--require", "network", "--network", network)
    assert relay.run("company", "access", COMPANY, *known).returncode == 0


def test_what_is_no_address_is_said_before_anything_is_sent(relay: Installation) -> None:
    done = relay.run("doctor", COMPANY, "--probe", "a@b>\r\nRCPT TO:<c@d")
    assert (done.returncode, b"an address" in done.stderr) == (2, True)
