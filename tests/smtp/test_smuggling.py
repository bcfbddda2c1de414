"""Two servers never see two mails in one, nor one recipient as another."""

import itertools

import pytest

from gateway.core.lines import has_bare_line_ends
from gateway.core.path import MailOptions
from gateway.hops import Route
from tests.smtp.gateways import OUTSIDE, Gateway
from tests.smtp.sink import Sink

SECOND = b"MAIL FROM:<boss@acme.example>\r\nRCPT TO:<victim@o.example>\r\nDATA\r\nSubject: 2\r\n"
ENDS = [
    a + b"." + b
    for a, b in itertools.product((b"\n", b"\r", b"\r\n", b"\n\r", b"\0\r\n"), repeat=2)
    if (a, b) not in {(b"\r\n", b"\r\n"), (b"\0\r\n", b"\r\n")}
]


@pytest.mark.parametrize("end", [pytest.param(end, id=repr(end)) for end in ENDS])
def test_only_crlf_dot_crlf_ends_a_message(gateway: Gateway, sink: Sink, end: bytes) -> None:
    with gateway.wire() as wire:
        wire.begin_data()
        wire.send(b"Subject: 1\r\n\r\nfirst" + end + SECOND + b"\r\n.\r\n")
        code = wire.reply()[:3]
        assert wire.ask("NOOP").startswith("250")
    assert code == ("550" if b"\0" in end else "250")
    assert [mail.rcpt_to for mail in sink.mails] == (
        [] if b"\0" in end else [[f"<{OUTSIDE}>".encode()]]
    )
    for mail, received in zip(sink.mails, gateway.relay.mails, strict=True):
        assert b"victim" in mail.content
        assert not has_bare_line_ends(mail.wire)
        assert not has_bare_line_ends(received.raw)
        assert mail.wire.count(b"\r\n.\r\n") == 1


@pytest.mark.parametrize("end", [b"\r\n.\r\n", b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n"])
def test_a_relay_that_writes_an_end_into_a_mail_cannot_end_it(
    gateway: Gateway, sink: Sink, end: bytes
) -> None:
    with gateway.wire() as wire:
        wire.begin_data()
        wire.send(b"Subject: x\r\n\r\nhello\r\n.\r\n")
        assert wire.reply().startswith("250")
    content = b"Subject: x\r\n\r\n" + end + SECOND
    hop, _ = gateway.thread.run(
        gateway.hops.begin(Route(7, (sink.address,)), b"<a@acme.example>", MailOptions())
    )
    gateway.thread.run(hop.rcpt(b"<b@o.example>"))
    assert gateway.thread.run(hop.send(content)).code == 250
    assert len(sink.mails) == 2
    assert b"victim" in sink.mails[1].content
    assert not has_bare_line_ends(sink.mails[1].wire)


def test_a_line_that_ends_in_a_bare_lf_is_not_obeyed_nor_is_what_follows(
    gateway: Gateway, sink: Sink
) -> None:
    with gateway.wire() as wire:
        wire.begin_mail()
        wire.send(b'RCPT TO:<"a\nRCPT TO:<x@evil.example>\r\nDATA\r\n')
        assert wire.reply().startswith("500 5.5.2")
        assert wire.is_closed()
    sink.wait_for_line(b"RSET")
    assert not any(b"evil" in line for line in sink.lines)


@pytest.mark.parametrize(
    "line", [b'RCPT TO:<"a\rRCPT TO:<x@evil.example>"@o.example>', b"RCPT TO:<a\0@o.example>"]
)
def test_a_line_with_cr_or_nul_is_refused(gateway: Gateway, sink: Sink, line: bytes) -> None:
    with gateway.wire() as wire:
        wire.begin_mail()
        assert wire.ask(line).startswith("500 5.5.2")
        assert wire.ask("NOOP").startswith("250")
    assert not any(b"evil" in line for line in sink.lines)


def test_a_reply_of_the_next_hop_cannot_forge_another(gateway: Gateway, sink: Sink) -> None:
    sink.answers[b"RCPT"] = "550 5.1.1 caf\xe9\r250 2.0.0 forged"
    with gateway.wire() as wire:
        assert wire.ask("MAIL FROM:<hr@acme.example>").startswith("250")
        assert wire.ask(f"RCPT TO:<{OUTSIDE}>").startswith("451 4.4.1")
        sink.answers[b"RCPT"] = "550 5.1.1 caf\xe9"
        assert wire.ask("RSET").startswith("250")
        assert wire.ask("MAIL FROM:<hr@acme.example>").startswith("250")
        assert wire.ask(f"RCPT TO:<{OUTSIDE}>").startswith("550 5.1.1 caf?")
