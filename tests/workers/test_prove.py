"""Domains are proven again every day, and lost only when DNS denied them for days."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from gateway.core.company import Language
from gateway.core.proof import record_name, record_text
from gateway.render import Renderer
from gateway.resolver import Resolver
from gateway.settings import HERE
from gateway.store import outbox
from gateway.store.company_changes import list_changes
from gateway.store.company_records import get_company
from gateway.store.domain_proofs import LOST_AFTER, ProofKind, miss_proof, save_proof
from gateway.store.engine import reading_session, writing_session
from gateway.store.outbox import Event, Notification
from tests.dns_stub import DnsStub, running_dns
from tests.store.records import write_company
from tests.workers.work import SECRET, Clock, make_tools
from workers.prove import prove_again

DAY = timedelta(days=1)
DOMAIN = "a.example"


@pytest.fixture
def dns() -> Iterator[DnsStub]:
    with running_dns() as running:
        yield running


class Days:
    """A company with one domain proven by DNS, and days that pass."""

    def __init__(self, engine: Engine, dns: DnsStub, kind: ProofKind = ProofKind.DNS) -> None:
        write_company(engine)
        self.engine, self.dns, self.clock = engine, dns, Clock()
        self.tools = make_tools(engine, self.clock, dns=dns.address)
        self.publish()
        with writing_session(engine).begin() as session:
            save_proof(session, 1, DOMAIN, kind, "a test", self.clock.now())

    def publish(self) -> None:
        """Have DNS show the record."""
        self.dns.records[record_name(DOMAIN)] = [record_text(SECRET, 1, DOMAIN)]

    def take_away(self) -> None:
        """Have DNS say that there is none."""
        self.dns.records.clear()

    def pass_days(self, days: int) -> list[int]:
        """Ask once a day; return how many records DNS answered for on each."""
        answered = []
        for _ in range(days):
            self.clock.time += DAY
            answered.append(prove_again(self.tools))
        return answered

    def is_proven(self) -> bool:
        """Whether mails of the domain get links where proofs are asked for."""
        with reading_session(self.engine)() as session:
            return DOMAIN in get_company(session, 1).company.proven

    def told(self) -> list[Notification]:
        """Return what the company was told of."""
        with reading_session(self.engine)() as session:
            every = outbox.list_notifications(session, 1)
        return [one for one in every if one.event is Event.DOMAIN_PROOF_LOST]


def test_a_record_is_asked_for_once_a_day(engine: Engine, dns: DnsStub) -> None:
    days = Days(engine, dns)
    assert prove_again(days.tools) == 0, "it was proven just now"
    assert days.pass_days(1) == [1]
    days.clock.time += DAY / 2
    assert prove_again(days.tools) == 0
    assert days.is_proven()


def test_a_record_that_is_missing_for_days_is_lost_and_told_once(
    engine: Engine, dns: DnsStub
) -> None:
    days = Days(engine, dns)
    days.take_away()
    days.pass_days(3)
    assert days.is_proven(), "a mistake of some days is mended in time"
    days.pass_days(4)
    assert not days.is_proven()
    (told,) = days.told()
    text = record_text(SECRET, 1, DOMAIN)
    assert told.facts == {"domain": DOMAIN, "record": record_name(DOMAIN), "text": text}
    with reading_session(engine)() as session:
        newest = list_changes(session, 1)[0]
    assert (newest.actor, newest.old, newest.new) == (
        "the relay",
        f"{DOMAIN} dns",
        f"{DOMAIN} lost",
    )


def test_a_domain_of_any_length_is_lost_and_told_of(engine: Engine, dns: DnsStub) -> None:
    days = Days(engine, dns)
    alike = [f"{'.'.join(['a' * 60] * 3)}.{last}.example" for last in ("b", "c")]
    with writing_session(engine).begin() as session:
        for domain in alike:
            save_proof(session, 1, domain, ProofKind.DNS, "a test", days.clock.now())
    days.take_away()
    days.pass_days(5)
    assert sorted(one.facts["domain"] for one in days.told()) == [DOMAIN, *alike]


class _Ill:
    """A resolver that fails in a way of its own at one domain."""

    def __init__(self, sound: Resolver) -> None:
        self._sound = sound

    def txt(self, name: str) -> tuple[str, ...]:
        """Return the records, but of the one domain."""
        if name == record_name(DOMAIN):
            raise ValueError(name)
        return self._sound.txt(name)


def test_what_goes_wrong_with_one_domain_keeps_no_other_from_being_asked_for(
    engine: Engine, dns: DnsStub
) -> None:
    days = Days(engine, dns)
    with writing_session(engine).begin() as session:
        save_proof(session, 1, "b.example", ProofKind.DNS, "a test", days.clock.now())
    proofs = days.tools.proofs
    ill = dataclasses.replace(proofs, resolver=_Ill(proofs.resolver))
    days.tools = dataclasses.replace(days.tools, proofs=ill)
    assert days.pass_days(2) == [1, 1]


def test_a_record_that_comes_back_proves_again(engine: Engine, dns: DnsStub) -> None:
    days = Days(engine, dns)
    days.take_away()
    days.pass_days(5)
    assert not days.is_proven()
    days.publish()
    days.pass_days(1)
    assert days.is_proven()
    days.take_away()
    days.pass_days(3)
    assert days.is_proven(), "and the days are counted anew"
    days.pass_days(1)
    assert len(days.told()) == 2


def test_missing_for_a_day_and_back_is_nothing(engine: Engine, dns: DnsStub) -> None:
    days = Days(engine, dns)
    for _ in range(5):
        days.take_away()
        days.pass_days(1)
        days.publish()
        days.pass_days(1)
    assert days.is_proven()
    assert days.told() == []


def test_dns_that_does_not_answer_loses_nothing_and_is_asked_again(
    engine: Engine, dns: DnsStub
) -> None:
    days = Days(engine, dns)
    dns.is_failing = True
    assert days.pass_days(10) == [0] * 10
    assert days.is_proven()
    dns.is_failing = False
    assert prove_again(days.tools) == 1, "at the next round, not the next day"


def test_two_misses_far_apart_are_not_enough(engine: Engine, dns: DnsStub) -> None:
    days = Days(engine, dns)
    days.take_away()
    days.pass_days(1)
    dns.is_failing = True
    days.pass_days(5)
    dns.is_failing = False
    days.pass_days(1)
    assert days.is_proven(), "nobody knows what DNS would have said in between"
    days.pass_days(1)
    assert not days.is_proven()


def test_two_workers_who_ask_at_once_count_one_miss(engine: Engine, dns: DnsStub) -> None:
    days = Days(engine, dns)
    lost = []
    for pause in (DAY, LOST_AFTER, DAY):
        days.clock.time += pause
        for _worker in range(2):  # both read what is due before either of them wrote
            with writing_session(engine).begin() as session:
                lost.append(miss_proof(session, 1, DOMAIN, "a test", days.clock.now()))
    assert lost == [False, False, False, False, True, False]


def test_asking_often_loses_nothing(engine: Engine, dns: DnsStub) -> None:
    days = Days(engine, dns)
    days.take_away()
    days.pass_days(1)
    for _ in range(20):
        prove_again(days.tools)
    assert days.is_proven()


def test_who_was_vouched_for_is_not_asked_for(engine: Engine, dns: DnsStub) -> None:
    days = Days(engine, dns, ProofKind.VOUCHED)
    days.take_away()
    assert days.pass_days(5) == [0] * 5
    assert days.is_proven()


@pytest.mark.parametrize(
    ("language", "says"), [(Language.EN, "within a day"), (Language.JA, "再度公開")]
)
def test_the_mail_says_what_to_publish(language: Language, says: str) -> None:
    sums = {"company": "Acme", "points": 0, "slots_available": 0, "to_next": 10, "candidate": ""}
    facts = {"domain": DOMAIN, "record": "_career-relay.a.example", "text": "career-relay-verify=x"}
    mail = Renderer(HERE / "templates").mail(
        "domain-proof-lost", language, {**sums, **facts, "admin_url": "https://relay.example/admin"}
    )
    assert DOMAIN in mail.subject
    for body in (mail.text, mail.html):
        assert "_career-relay.a.example. IN TXT" in body
        assert says in body
