"""Recipients that have come already are told to the next hop in one breath (RFC 2920)."""

import pytest

from tests.smtp.conftest import StartGateway
from tests.smtp.gateways import SENDER, Gateway
from tests.smtp.sink import Sink

MAIL = f"MAIL FROM:<{SENDER}>"


def rcpt(name: str) -> str:
    return f"RCPT TO:<{name}@outside.example>"


def wired(*commands: str) -> bytes:
    return "".join(f"{command}\r\n" for command in commands).encode()


def test_mail_and_its_recipients_are_one_breath(gateway: Gateway, sink: Sink) -> None:
    sink.ahead = 2
    sink.answers[b"RCPT TO:<GONE@"] = "550 5.1.1 No such person"
    with gateway.wire() as wire:
        wire.send(wired(MAIL, rcpt("good"), rcpt("gone"), "DATA"))
        said = [wire.reply() for _ in range(4)]
        assert [line[:3] for line in said] == ["250", "250", "550", "354"]
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    assert sink.mails[0].rcpt_to == [b"<good@outside.example>"]
    assert gateway.relay.mails[0].envelope.recipients == ("good@outside.example",)


def test_a_next_hop_that_takes_one_command_at_a_time_gets_them_so(
    start: StartGateway, sink: Sink
) -> None:
    sink.offers = ("8BITMIME",)
    gateway = start()
    with gateway.wire() as wire:
        wire.send(wired(MAIL, rcpt("a"), rcpt("b"), "DATA"))
        assert [wire.reply()[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    assert sink.mails[0].rcpt_to == [b"<a@outside.example>", b"<b@outside.example>"]


def test_of_a_refused_mail_no_recipient_is_heard(gateway: Gateway, sink: Sink) -> None:
    sink.answers[b"MAIL"] = "450 4.7.1 Greylisted"
    with gateway.wire() as wire:
        wire.send(wired(MAIL, rcpt("a"), "NOOP"))
        assert [wire.reply()[:3] for _ in range(3)] == ["450", "503", "250"]
        sink.answers.clear()
        wire.begin_mail()
        assert wire.ask("DATA").startswith("354")


def test_what_needs_a_word_of_ours_is_not_told_ahead(gateway: Gateway, sink: Sink) -> None:
    given = (MAIL, rcpt("a"), "RCPT TO:<b", "RCPT TO:<ü@outside.example>", rcpt("c"), "DATA")
    with gateway.wire() as wire:
        wire.send(wired(*given))
        assert [wire.reply()[:3] for _ in given] == ["250", "250", "501", "553", "250", "354"]
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    assert sink.mails[0].rcpt_to == [b"<a@outside.example>", b"<c@outside.example>"]


@pytest.mark.parametrize("most", [1, 3])
def test_more_recipients_than_may_be_are_told_to_nobody(
    start: StartGateway, sink: Sink, most: int
) -> None:
    gateway = start(max_recipients=most)
    with gateway.wire() as wire:
        wire.send(wired(MAIL, *map(rcpt, "abcde"), "DATA"))
        said = [wire.reply()[:3] for _ in range(7)]
        assert said == ["250", *["250"] * most, *["452"] * (5 - most), "354"]
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    assert len(sink.mails[0].rcpt_to) == most


def test_hundreds_of_recipients_all_get_their_answer(gateway: Gateway, sink: Sink) -> None:
    sink.answers[b"RCPT TO:<N77@"] = "452 4.2.2 full"
    with gateway.wire() as wire:
        wire.send(wired(MAIL, *(rcpt(f"n{n}") for n in range(300)), "DATA"))
        said = [wire.reply() for _ in range(302)]
        assert [n for n, line in enumerate(said) if line.startswith("452")] == [78]
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    assert len(sink.mails[0].rcpt_to) == 299


def test_a_kept_connection_that_died_is_replaced_with_all_that_was_told(
    gateway: Gateway, sink: Sink
) -> None:
    with gateway.wire() as wire:
        wire.begin_data()
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
        sink.drops = {b"RCPT TO:<B@"}
        wire.send(wired(MAIL, rcpt("a"), rcpt("b"), "NOOP"))
        said = [wire.reply()[:3] for _ in range(4)]
        assert said == ["451", "503", "503", "250"]  # dropped twice: on the old one and anew
        sink.drops.clear()
        wire.send(wired(MAIL, rcpt("a"), rcpt("b"), "DATA"))
        assert [wire.reply()[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        assert wire.ask(b"Subject: y\r\n\r\nhello\r\n.").startswith("250")
    assert sink.mails[1].rcpt_to == [b"<a@outside.example>", b"<b@outside.example>"]
