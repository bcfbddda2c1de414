"""What `connect` prints, typed literally into a real Postfix; and what `doctor` says of it all."""

import json
import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.demo.samples import COMPANY, DOMAIN
from tests.dns_stub import DnsStub, running_dns
from tests.e2e.conftest import add_company
from tests.e2e.postfix import postfix
from tests.e2e.program import Installation, links, new_installation
from tests.e2e.sink import Sink
from tests.e2e.test_main_job import REJECTIONS, from_company


@pytest.fixture
def dns() -> Iterator[DnsStub]:
    with running_dns() as running:
        yield running


def printed_files(text: str) -> dict[str, str]:
    """Return what the snippet says to write, by the file's name."""
    files: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("# ---"):
            name = next((word for word in line.split() if word.startswith("/etc/")), "")
        elif name and line and not line.startswith("#"):
            files[name] = files.get(name, "") + line + "\n"
    return files


@pytest.mark.postfix
def test_postfix_set_up_word_for_word_sends_through_the_relay(
    installation: Installation, sink: Sink, tmp_path: Path
) -> None:
    with installation.up():
        login = add_company(installation, sink)
        said = installation.run(
            *("connect", COMPANY, "--for", "postfix", "--password-file", "-"),
            stdin=f"{login['smtp_password']}\n".encode(),
        )
        files = printed_files(said.stdout.decode())
        assert set(files) == {"/etc/postfix/main.cf", "/etc/postfix/career-relay"}
        secrets = tmp_path / "career-relay"
        secrets.write_text(files["/etc/postfix/career-relay"], "utf-8")
        secrets.chmod(0o644)
        settings = dict(
            line.split(" = ", 1)
            for line in files["/etc/postfix/main.cf"]
            .replace("/etc/postfix/career-relay", str(secrets))
            .splitlines()
        )
        with postfix(tmp_path / "front", **settings) as door:
            sender, recipient, raw = REJECTIONS[0]
            with smtplib.SMTP(*door) as client:
                client.sendmail(sender, [recipient], raw)
            assert sink.wait_for(lambda: len(from_company(sink)) == 1, 60)
    assert len(links(from_company(sink)[0])) == 1


@pytest.mark.parametrize("product", ["postfix", "exchange-online", "google", "ses", "generic"])
def test_each_snippet_is_filled_in(tmp_path: Path, product: str) -> None:
    relay = new_installation(tmp_path)
    login = relay.ask(
        *("company", "add", "Acme", "--domain", "acme.example", "--next-hop", "127.0.0.1:1")
    )
    said = relay.run("connect", "Acme", "--for", product, "--relay", "relay.acme.example:587")
    text = said.stdout.decode()
    assert said.returncode == 0, said.stderr.decode()
    assert "relay.acme.example" in text
    assert "acme.example" in text
    assert login["smtp_password"] not in text
    assert ("X-Career-Relay-Key" in text) is (product in {"exchange-online", "google"})


def test_doctor_finds_what_is_wrong_and_is_content_when_it_is_not(
    tmp_path: Path, sink: Sink, dns: DnsStub
) -> None:
    relay = new_installation(
        tmp_path,
        CAREER_RELAY_DNS_SERVER=str(dns.address),
        CAREER_RELAY_REQUIRE_DOMAIN_PROOF="true",
    )
    add_company(relay, sink)

    def diagnose() -> tuple[int, dict[str, str]]:
        done = relay.run("doctor", COMPANY, "--json")
        found = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, {one["what"]: one["health"] for one in found}

    code, health = diagnose()
    assert code == 1
    assert health == {
        "relay": "fail",
        f"domain {DOMAIN}": "fail",
        f"next hop {sink.address}": "ok",
        "loop": "ok",
        "links": "fail",
        f"SPF {DOMAIN}": "warn",
        "DKIM": "ok",
    }
    (proof,) = json.loads(relay.run("company", "prove", COMPANY, "--json").stdout)
    dns.records[proof["record"]] = [proof["text"]]
    dns.records[DOMAIN] = ["v=spf1 a:mx.midori.example -all"]
    with relay.up():
        relay.ask("company", "prove", COMPANY)
        code, health = diagnose()
        assert (code, set(health.values()) - {"ok"}) == (0, {"warn"}), health
        relay.run("company", "hop", COMPANY, str(relay.smtp))
        code, health = diagnose()
        assert (code, health["loop"]) == (1, "fail")
