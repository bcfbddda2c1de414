"""What the next hop offers decides what is said to it: nothing is silently mangled."""

import dataclasses

import pytest

from gateway.hops import EightBit, HopSettings
from tests.smtp.conftest import StartGateway
from tests.smtp.gateways import OUTSIDE, SENDER, Gateway
from tests.smtp.sink import Sink

ASKED = "NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Taro+2Bx@outside.example"


@pytest.mark.parametrize(
    ("offer", "declared", "passed_on"),
    [
        pytest.param("SIZE 1000000", 5000, b" SIZE=21384", id="with what it may grow by"),
        pytest.param("SIZE 10000", 5000, b" SIZE=10000", id="up to the limit"),
        pytest.param("SIZE 10000", 20000, b" SIZE=20000", id="over the limit as it came"),
        pytest.param("SIZE", 5000, b" SIZE=21384", id="no limit told"),
        pytest.param("SIZE 0", 5000, b" SIZE=21384", id="no fixed limit"),
        pytest.param("SIZE many", 5000, b" SIZE=21384", id="a limit that is no number"),
        pytest.param("HELP", 5000, b"", id="SIZE not offered"),
    ],
)
def test_the_declared_size_is_passed_on(
    gateway: Gateway, sink: Sink, offer: str, declared: int, passed_on: bytes
) -> None:
    sink.offers = (offer,)
    with gateway.wire() as wire:
        assert wire.ask(f"MAIL FROM:<{SENDER}> SIZE={declared}").startswith("250")
    sink.wait_for_line(b"MAIL")
    assert b"MAIL FROM:<hr@acme.example>" + passed_on in sink.lines


def test_a_mail_that_is_too_large_for_the_next_hop_hears_so_at_once(
    gateway: Gateway, sink: Sink
) -> None:
    sink.answers[b"MAIL FROM:<HR@ACME.EXAMPLE> SIZE=20000"] = "552 5.3.4 too large"
    sink.offers = ("SIZE 10000",)
    with gateway.wire() as wire:
        assert wire.ask(f"MAIL FROM:<{SENDER}> SIZE=20000") == "552 5.3.4 too large"


def test_notices_are_asked_of_a_next_hop_that_gives_them(gateway: Gateway, sink: Sink) -> None:
    sink.offers = ("DSN",)
    with gateway.wire() as wire:
        assert wire.ask(f"MAIL FROM:<{SENDER}> RET=hdrs ENVID=QQ+2B1").startswith("250")
        assert wire.ask(f"RCPT TO:<{OUTSIDE}> {ASKED}").startswith("250")
        assert wire.ask("RCPT TO:<jiro@outside.example>").startswith("250")
    assert b"MAIL FROM:<hr@acme.example> RET=hdrs ENVID=QQ+2B1" in sink.lines
    assert f"RCPT TO:<{OUTSIDE}> {ASKED}".encode() in sink.lines
    assert b"RCPT TO:<jiro@outside.example>" in sink.lines


def test_notices_are_not_asked_of_a_next_hop_that_does_not_know_them(
    gateway: Gateway, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"), gateway.wire() as wire:
        assert wire.ask(f"MAIL FROM:<{SENDER}> RET=FULL ENVID=a").startswith("250")
        assert wire.ask(f"RCPT TO:<{OUTSIDE}> {ASKED}").startswith("250")
    assert b"MAIL FROM:<hr@acme.example>" in sink.lines
    assert b"RCPT TO:<taro@outside.example>" in sink.lines
    assert "offers no DSN" in caplog.text


@pytest.mark.parametrize("is_offered", [False, True])
def test_dsn_is_offered_when_the_operator_says_so(start: StartGateway, *, is_offered: bool) -> None:
    gateway = start(offer_dsn=is_offered)
    with gateway.wire() as wire:
        assert ("250-DSN" in wire.ask("EHLO client.example")) is is_offered


def test_who_first_sent_a_mail_is_not_passed_on(gateway: Gateway, sink: Sink) -> None:
    sink.offers = ("AUTH PLAIN",)
    with gateway.wire() as wire:
        assert wire.ask(f"MAIL FROM:<{SENDER}> AUTH=boss@acme.example").startswith("250")
    sink.wait_for_line(b"MAIL")
    assert b"MAIL FROM:<hr@acme.example>" in sink.lines


def test_eight_bits_are_refused_where_the_company_wants_it(gateway: Gateway, sink: Sink) -> None:
    strict = HopSettings(eight_bit=EightBit.REFUSE)
    gateway.directory.record = dataclasses.replace(gateway.directory.record, hop=strict)
    sink.offers = ()
    with gateway.wire() as wire:
        wire.begin_data()
        assert wire.ask(b"Subject: x\r\n\r\ncaf\xc3\xa9\r\n.").startswith("554 5.6.3")
        wire.begin_data()
        assert wire.ask(b"Subject: x\r\n\r\ncafe\r\n.").startswith("250")
    assert sink.lines.count(b"DATA") == 1


def test_eight_bits_go_to_a_next_hop_that_offers_them(gateway: Gateway, sink: Sink) -> None:
    strict = HopSettings(eight_bit=EightBit.REFUSE)
    gateway.directory.record = dataclasses.replace(gateway.directory.record, hop=strict)
    with gateway.wire() as wire:
        wire.begin_data()
        assert wire.ask(b"Subject: x\r\n\r\ncaf\xc3\xa9\r\n.").startswith("250")
    assert sink.mails[0].content.endswith(b"caf\xc3\xa9\r\n")
