"""Whose domain is it: the TXT record, the command that asks for it, and what a mail gets."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from gateway.core.company import Company
from gateway.core.decide import decide
from gateway.core.envelope import Address, Envelope
from gateway.core.proof import is_proven, record_name, record_text
from gateway.core.why import Why
from gateway.demo.samples import DOMAIN, SENDER
from gateway.resolver import DnsError, DnsResolver
from gateway.store import domain_proofs
from gateway.store.domain_proofs import ProofKind
from gateway.store.engine import writing_session
from tests.dns_stub import DnsStub, running_dns
from tests.e2e.program import Installation, new_installation
from tests.relaying import DESK, KEY, MIDORI, REJECTION
from tests.store.records import NOW, write_company

TARO = Envelope(Address(SENDER), (Address("taro@one.example"),))


@pytest.fixture
def dns() -> Iterator[DnsStub]:
    with running_dns() as running:
        yield running


def test_the_record_is_the_same_for_ever_and_another_for_each_company_and_domain() -> None:
    texts = [record_text(KEY, *about) for about in [(1, "a.example"), (2, "a.example"), (1, "b.c")]]
    assert texts[0] == record_text(KEY, 1, "a.example")
    assert len(set(texts)) == 3
    assert all(text.startswith("career-relay-verify=") for text in texts)
    assert record_name("a.example") == "_career-relay.a.example"


@pytest.mark.parametrize(
    ("found", "proven"),
    [
        ((), False),
        (("v=spf1 -all", "career-relay-verify=x"), True),
        ((" career-relay-verify=x ",), True),
        (("career-relay-verify=y",), False),
        (("career-relay-verify=",), False),
        (("career-relay-verify=x\ufffd",), False),
    ],
)
def test_one_right_record_among_others_is_the_proof(found: tuple[str, ...], proven: bool) -> None:
    assert is_proven(found, "career-relay-verify=x") is proven


def test_dns_is_asked_and_a_failure_is_not_an_absence(dns: DnsStub) -> None:
    dns.records["_career-relay.a.example"] = ["one", "two"]
    resolver = DnsResolver(dns.address)
    assert sorted(resolver.txt("_career-relay.a.example")) == ["one", "two"]
    assert resolver.txt("_career-relay.b.example") == ()
    dns.is_failing = True
    with pytest.raises(DnsError, match="did not answer"):
        resolver.txt("_career-relay.c.example")


@pytest.mark.parametrize(
    ("proven", "why"),
    [((), Why.UNPROVEN_DOMAIN), (("other.example",), Why.UNPROVEN_DOMAIN), ((DOMAIN,), None)],
)
def test_where_proof_is_required_only_a_proven_domain_gets_links(
    proven: tuple[str, ...], why: Why | None
) -> None:
    desk = dataclasses.replace(DESK, require_proof=True)
    company: Company = dataclasses.replace(MIDORI, proven=proven)
    plan = decide(REJECTION.raw, TARO, company, desk)
    assert plan.why is (why or Why.LINK_ADDED)
    assert bool(plan.edits) is (why is None)
    assert decide(REJECTION.raw, TARO, company, DESK).why is Why.LINK_ADDED


def test_a_proof_is_kept_renewed_and_withdrawn(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        about = (session, company_id, "sakura.example")
        domain_proofs.save_proof(*about, ProofKind.VOUCHED, "a test", NOW)
        domain_proofs.save_proof(*about, ProofKind.DNS, "a test", NOW)
        domain_proofs.save_proof(*about, ProofKind.DNS, "a test", NOW)
        (proof,) = domain_proofs.load_proofs(session)[company_id]
        assert (proof.domain, proof.kind) == ("sakura.example", ProofKind.DNS)
        domain_proofs.withdraw_proof(*about, "a test", NOW)
        assert domain_proofs.load_proofs(session, company_id) == {}


def test_the_command_prints_the_record_and_believes_dns(tmp_path: Path, dns: DnsStub) -> None:
    relay: Installation = new_installation(tmp_path, CAREER_RELAY_DNS_SERVER=str(dns.address))
    relay.ask("company", "add", "Acme", "--domain", "acme.example", "--next-hop", "127.0.0.1:1")
    asked = relay.run("company", "prove", "Acme", "--json")
    assert asked.returncode == 1
    (one,) = json.loads(asked.stdout)
    assert (one["domain"], one["proof"], one["trouble"]) == (
        "acme.example",
        "",
        "The record is not there.",
    )
    dns.records[one["record"]] = [one["text"]]
    assert relay.ask("company", "prove", "Acme")[0]["proof"] == "dns"
    assert relay.ask("company", "show", "Acme")["proven_domains"] == ["acme.example"]
    dns.is_failing = True
    assert relay.ask("company", "prove", "Acme")[0]["proof"] == "dns", "DNS is down, that is all"
    relay.run("company", "prove", "Acme", "--withdraw", "acme.example")
    assert relay.ask("company", "prove", "Acme", "--vouch", "acme.example")[0]["proof"] == "vouched"
    assert relay.run("company", "prove", "Acme", "--vouch", "other.example").returncode == 1


def test_the_brake_s_command_sets_shows_and_lets_go(tmp_path: Path) -> None:
    relay = new_installation(tmp_path)
    relay.ask("company", "add", "Acme", "--domain", "acme.example", "--next-hop", "127.0.0.1:1")
    shown = relay.ask("company", "brake", "Acme", "--per-minute", "60", "--same-candidate", "10")
    assert (shown["most_per_minute"], shown["same_candidate_minutes"]) == (60, 10)
    assert relay.ask("company", "brake", "Acme", "--release")["pulled_at"] is None
    assert b"rejections a minute: 60" in relay.run("company", "brake", "Acme").stdout
    assert relay.run("company", "brake", "Acme", "--per-minute", "-1").returncode == 1
