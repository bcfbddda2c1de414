"""What goes through: bytes in are bytes out, and every answer is the next hop's own."""

import smtplib

import pytest

from tests.smtp.conftest import StartGateway
from tests.smtp.gateways import OUTSIDE, SENDER, Gateway
from tests.smtp.sink import Sink

MAIL = b"Subject: x\r\nFrom: <hr@acme.example>\r\n\r\nhello\r\n"


def test_a_mail_arrives_as_it_was_sent(gateway: Gateway, sink: Sink) -> None:
    with gateway.client() as client:
        assert client.sendmail(SENDER, [OUTSIDE], MAIL) == {}
    assert [mail.content for mail in sink.mails] == [MAIL]
    assert sink.mails[0].mail_from == b"<hr@acme.example> SIZE=%d" % (len(MAIL) + 16384)
    assert sink.mails[0].rcpt_to == [b"<taro@outside.example>"]
    received = gateway.relay.mails[0]
    assert (received.helo, received.peer, received.with_protocol) == (
        "client.example",
        "127.0.0.1",
        "ESMTPA",
    )
    assert received.envelope.recipients == (OUTSIDE,)


def test_the_final_answer_is_the_next_hops_own(gateway: Gateway, sink: Sink) -> None:
    sink.answers[b"."] = "550-5.7.1 No\n550 5.7.1 thank you"
    with gateway.wire() as wire:
        wire.begin_data()
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.") == "550-5.7.1 No\n550 5.7.1 thank you"
        assert sink.mails == []
        sink.answers.clear()
        wire.begin_data()
        assert wire.ask(b"Subject: y\r\n\r\nhello\r\n.") == "250 2.0.0 queued as 4711"


def test_each_recipient_hears_the_next_hops_own_answer(gateway: Gateway, sink: Sink) -> None:
    sink.answers = {
        b"RCPT TO:<GONE@": "550 5.1.1 No such person",
        b"RCPT TO:<FULL@": "452-4.2.2 Mailbox\n452 4.2.2 full",
        b"RCPT TO:<OLD@": "550 no enhanced code",
    }
    with gateway.wire() as wire:
        wire.begin_mail("good@outside.example")
        assert wire.ask("RCPT TO:<gone@outside.example>") == "550 5.1.1 No such person"
        assert wire.ask("RCPT TO:<full@o.example>") == "452-4.2.2 Mailbox\n452 4.2.2 full"
        assert wire.ask("RCPT TO:<old@o.example>") == "550 5.0.0 no enhanced code"
        assert wire.ask("DATA").startswith("354")
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    assert sink.mails[0].rcpt_to == [b"<good@outside.example>"]
    assert gateway.relay.mails[0].envelope.recipients == ("good@outside.example",)


def test_a_sender_that_the_next_hop_refuses_hears_so(gateway: Gateway, sink: Sink) -> None:
    sink.answers[b"MAIL"] = "450 4.7.1 Greylisted"
    with gateway.wire() as wire:
        assert wire.ask(f"MAIL FROM:<{SENDER}>") == "450 4.7.1 Greylisted"
        assert wire.ask(f"RCPT TO:<{OUTSIDE}>").startswith("503 5.5.1")
        sink.answers.clear()
        wire.begin_mail()


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(b'<"a..b"@docomo.ne.jp>', id="quoted docomo"),
        pytest.param(b"<a..b@docomo.ne.jp>", id="two dots"),
        pytest.param(b"<.a.@docomo.ne.jp>", id="dots at the ends"),
        pytest.param(b'<"a b>,<c@evil.example"@own.example>', id="quoted specials"),
        pytest.param(b'<"a\\"b\\\\"@own.example>', id="quoted pairs"),
        pytest.param(b"<=?x?q?=41=42?=@own.example>", id="looks like an encoded word"),
        pytest.param(b"<Taro.YAMADA+jobs@Own.Example>", id="case and tag"),
        pytest.param(b"<a@[192.0.2.1]>", id="IPv4 literal"),
        pytest.param(b"<a@[IPv6:2001:db8::1]>", id="IPv6 literal"),
        pytest.param(b"<Postmaster>", id="postmaster without a domain"),
    ],
)
def test_a_path_is_forwarded_as_the_very_bytes_that_came(
    gateway: Gateway, sink: Sink, path: bytes
) -> None:
    with gateway.wire() as wire:
        assert wire.ask(b"MAIL FROM:<hr@acme.example>").startswith("250")
        assert wire.ask(b"RCPT TO:" + path).startswith("250")
        assert wire.ask(b"DATA").startswith("354")
        assert wire.ask(b"\r\nx\r\n.").startswith("250")
    assert sink.mails[0].rcpt_to == [path]


def test_a_bounce_has_the_null_sender(gateway: Gateway, sink: Sink) -> None:
    with gateway.client() as client:
        assert client.sendmail("", [OUTSIDE], MAIL) == {}
    assert sink.mails[0].mail_from.startswith(b"<> ")
    assert gateway.relay.mails[0].envelope.reverse_path == ""


def test_a_utf8_address_needs_smtputf8_on_both_sides(gateway: Gateway, sink: Sink) -> None:
    with gateway.wire() as wire:
        assert wire.ask(f"MAIL FROM:<{SENDER}> SMTPUTF8 BODY=8BITMIME").startswith("250")
        assert wire.ask("RCPT TO:<太郎@例え.example>").startswith("250")
        assert wire.ask("DATA").startswith("354")
        assert wire.ask("Subject: 題\r\n\r\n本文\r\n.").startswith("250")
        assert wire.ask(f"MAIL FROM:<{SENDER}>").startswith("250")
        assert wire.ask("RCPT TO:<太郎@例え.example>").startswith("553 5.6.7")
    assert sink.mails[0].mail_from == b"<hr@acme.example> BODY=8BITMIME SMTPUTF8"
    assert sink.mails[0].rcpt_to == ["<太郎@例え.example>".encode()]
    assert gateway.relay.mails[0].with_protocol == "UTF8SMTPA"


def test_utf8_is_refused_where_the_next_hop_cannot_carry_it(gateway: Gateway, sink: Sink) -> None:
    sink.offers = ("8BITMIME",)
    with gateway.wire() as wire:
        assert wire.ask(f"MAIL FROM:<{SENDER}> SMTPUTF8").startswith("250")
        assert wire.ask("RCPT TO:<太郎@o.example>").startswith("553 5.6.7")
        assert wire.ask(f"RCPT TO:<{OUTSIDE}>").startswith("250")
        assert wire.ask("DATA").startswith("354")
        assert wire.ask("Subject: 題\r\n\r\nx\r\n.").startswith("554 5.6.9")
        assert wire.ask("MAIL FROM:<太郎@acme.example> SMTPUTF8").startswith("553 5.6.7")
    assert sink.mails == []


def test_eight_bits_arrive_unchanged_even_where_the_next_hop_does_not_offer_them(
    gateway: Gateway, sink: Sink
) -> None:
    sink.offers = ()
    with gateway.wire() as wire:
        assert wire.ask(f"MAIL FROM:<{SENDER}> BODY=8BITMIME").startswith("250")
        assert wire.ask(f"RCPT TO:<{OUTSIDE}>").startswith("250")
        assert wire.ask("DATA").startswith("354")
        assert wire.ask(b"Subject: x\r\n\r\ncaf\xc3\xa9\r\n.").startswith("250")
    assert [mail.mail_from for mail in sink.mails] == [b"<hr@acme.example>"]
    assert sink.mails[0].content.endswith(b"caf\xc3\xa9\r\n")


def test_a_large_mail_and_endless_lines_arrive_unchanged(gateway: Gateway, sink: Sink) -> None:
    line = b"x" * 1_000_000 + b"\r\n"
    content = (
        b"Subject: large\r\n\r\n" + line + b".dot\r\n..\r\n" + b"0123456789abcdef\r\n" * 1_388_889
    )
    assert len(content) > 25_000_000
    with gateway.client() as client:
        assert client.sendmail(SENDER, [OUTSIDE], content) == {}
    assert sink.mails[0].content == content


def test_an_empty_message_is_a_message(gateway: Gateway, sink: Sink) -> None:
    with gateway.wire() as wire:
        wire.begin_data()
        assert wire.ask(b".").startswith("250")
    assert sink.mails[0].wire == b".\r\n"


def test_dots_survive_byte_by_byte(gateway: Gateway, sink: Sink) -> None:
    content = b".\r\n..\r\n...a\r\n\r\n. \r\nend.\r\n"
    with gateway.wire() as wire:
        wire.begin_data()
        for byte in b"..\r\n...\r\n....a\r\n\r\n.. \r\nend.\r\n.\r\n":
            wire.send(bytes([byte]))
        assert wire.reply().startswith("250")
    assert sink.mails[0].content == content


def test_a_whole_pipelined_dialogue_is_answered_in_order(gateway: Gateway, sink: Sink) -> None:
    sink.answers[b"RCPT TO:<GONE@"] = "550 5.1.1 No such person"
    mail = (
        b"MAIL FROM:<hr@acme.example>\r\nRCPT TO:<a@o.example>\r\nRCPT TO:<gone@o.example>\r\n"
        b"RCPT TO:<b@o.example>\r\nDATA\r\n"
    )
    with gateway.wire() as wire:
        for _ in range(2):
            wire.send(mail)
            codes = [wire.reply()[:3] for _ in range(5)]
            assert codes == ["250", "250", "550", "250", "354"]
            wire.send(b"Subject: x\r\n\r\nhello\r\n.\r\nRSET\r\nNOOP\r\n")
            assert [wire.reply()[:3] for _ in range(3)] == ["250", "250", "250"]
    assert len(sink.mails) == 2


def test_more_recipients_than_the_limit_get_452(start: StartGateway, sink: Sink) -> None:
    gateway = start(max_recipients=3)
    with gateway.wire() as wire:
        wire.begin_mail("a@o.example", "b@o.example", "c@o.example")
        assert wire.ask("RCPT TO:<d@o.example>").startswith("452 4.5.3")
        assert wire.ask("DATA").startswith("354")
        assert wire.ask(b"\r\nx\r\n.").startswith("250")
    assert len(sink.mails[0].rcpt_to) == 3


def test_a_thousand_recipients_fit(gateway: Gateway, sink: Sink) -> None:
    with gateway.client() as client:
        people = [f"p{number}@o.example" for number in range(1000)]
        assert client.sendmail(SENDER, people, MAIL) == {}
    assert len(sink.mails[0].rcpt_to) == 1000


def test_too_large_a_mail_is_refused_early_and_late(start: StartGateway, sink: Sink) -> None:
    gateway = start(max_message_bytes=10_000)
    with gateway.wire() as wire:
        assert wire.ask(f"MAIL FROM:<{SENDER}> SIZE=10001").startswith("552 5.3.4")
        wire.begin_data()
        wire.send(b"Subject: x\r\n\r\n" + b"12345678\r\n" * 500_000 + b".\r\n")
        assert wire.reply().startswith("552 5.3.4")
        wire.begin_data()
        assert wire.ask(b"Subject: x\r\n\r\nsmall\r\n.").startswith("250")
    assert [mail.content for mail in sink.mails] == [b"Subject: x\r\n\r\nsmall\r\n"]


def test_a_mail_that_goes_in_circles_is_refused(gateway: Gateway, sink: Sink) -> None:
    for hops, want in ((101, "554 5.4.6"), (100, "250")):
        with gateway.wire() as wire:
            wire.begin_data()
            wire.send(b"Received: from a by b\r\n" * hops + b"\r\nReceived: in the body\r\n.\r\n")
            assert wire.reply().startswith(want)
    assert len(sink.mails) == 1


@pytest.mark.parametrize("command", ["RSET", "EHLO again.example"])
def test_the_next_hop_forgets_with_the_client(gateway: Gateway, sink: Sink, command: str) -> None:
    with gateway.wire() as wire:
        wire.begin_mail("first@o.example")
        assert wire.ask(command).startswith("250")
        assert wire.ask(f"RCPT TO:<{OUTSIDE}>").startswith("503")
        wire.begin_data("second@o.example")
        assert wire.ask(b"\r\nx\r\n.").startswith("250")
    assert sink.mails[0].rcpt_to == [b"<second@o.example>"]
    assert b"RSET" in sink.lines
    assert sink.connections == 1


def test_smtplib_hears_of_refused_recipients(gateway: Gateway, sink: Sink) -> None:
    sink.answers[b"RCPT"] = "550 5.1.1 No such person"
    with gateway.client() as client, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        client.sendmail(SENDER, [OUTSIDE], MAIL)
    assert refused.value.recipients == {OUTSIDE: (550, b"5.1.1 No such person")}
