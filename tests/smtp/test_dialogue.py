"""Who may talk, for how long, and what ends a session."""

import base64
import contextlib
import logging
import smtplib
import socket
import struct
import threading
import time

import pytest

from gateway.errors import SettingError, TakenError
from tests.smtp.conftest import Contexts, StartGateway
from tests.smtp.gateways import (
    OUTSIDE,
    PASSWORD,
    PLAIN,
    SENDER,
    USER,
    Gateway,
    LoopThread,
    Wire,
    assert_all_gone,
    b64,
    make_settings,
    start_gateway,
)
from tests.smtp.sink import PATIENCE_SECONDS, Sink


def test_ehlo_offers_what_is_there_and_no_more(gateway: Gateway) -> None:
    with gateway.wire(log_in=False) as wire:
        assert wire.ask("EHLO client.example").split("\n") == [
            "250-relay.example",
            "250-PIPELINING",
            "250-SIZE 52428800",
            "250-8BITMIME",
            "250-SMTPUTF8",
            "250-ENHANCEDSTATUSCODES",
            "250-AUTH PLAIN LOGIN",
            "250 HELP",
        ]


def test_over_tls_a_company_logs_in_and_sends(
    start: StartGateway, sink: Sink, contexts: Contexts
) -> None:
    gateway = start(contexts[0])
    with smtplib.SMTP(*gateway.address, timeout=PATIENCE_SECONDS) as client:
        client.ehlo("client.example")
        assert client.has_extn("starttls")
        client.starttls(context=contexts[1])
        client.login(USER, PASSWORD)
        assert not client.has_extn("starttls")
        content = b"Subject: x\r\n\r\n" + b"hello\r\n" * 300_000
        assert client.sendmail(SENDER, [OUTSIDE], content) == {}
    assert sink.mails[0].content == content
    assert gateway.relay.mails[0].with_protocol == "ESMTPSA"


def test_without_tls_nobody_logs_in_on_a_listener_that_others_reach(
    start: StartGateway, contexts: Contexts
) -> None:
    gateway = start(contexts[0], smtp_listen="0.0.0.0:0")
    address = ("127.0.0.1", gateway.address.port)
    with Wire(socket.create_connection(address, timeout=PATIENCE_SECONDS)) as wire:
        wire.reply()
        assert "AUTH" not in wire.ask("EHLO client.example")
        assert wire.ask(f"AUTH PLAIN {PLAIN}").startswith("538 5.7.11")
        secure = wire.encrypt(contexts[1])
        assert "AUTH PLAIN LOGIN" in secure.ask("EHLO client.example")
        assert secure.ask(f"AUTH PLAIN {PLAIN}").startswith("235")
        secure.socket.close()


def test_clear_text_behind_starttls_is_thrown_away(
    start: StartGateway, sink: Sink, contexts: Contexts
) -> None:
    gateway = start(contexts[0])
    for _ in range(20):  # a late switch shows now and then
        with gateway.wire() as wire:
            wire.send(b"STARTTLS\r\nMAIL FROM:<hr@acme.example>\r\nNOOP\r\n")
            assert wire.reply().startswith("220 2.0.0")
            secure = Wire(contexts[1].wrap_socket(wire.socket, server_hostname="localhost"))
            assert secure.ask("VRFY x").startswith("252"), "answers to the clear text come first"
            assert secure.ask("MAIL FROM:<hr@acme.example>").startswith("503"), "login forgotten"
            secure.socket.close()
    assert not any(line.startswith(b"MAIL") for line in sink.lines)


def test_starttls_within_a_mail_forgets_it(
    start: StartGateway, sink: Sink, contexts: Contexts
) -> None:
    gateway = start(contexts[0])
    with gateway.wire() as wire:
        wire.begin_mail()
        secure = wire.encrypt(contexts[1])
        assert secure.ask("EHLO client.example").startswith("250")
        assert secure.ask("DATA").startswith("530")
        assert secure.ask("STARTTLS").startswith("503")
        secure.socket.close()
    sink.wait_for_line(b"RSET")


def test_a_failed_handshake_ends_the_session(start: StartGateway, contexts: Contexts) -> None:
    gateway = start(contexts[0])
    with gateway.wire() as wire:
        assert wire.ask("STARTTLS").startswith("220")
        wire.send(b"this is no TLS\r\n" * 10)
        with contextlib.suppress(UnicodeDecodeError):  # a TLS alert may come first
            while not wire.is_closed():
                pass
    assert_all_gone(gateway)


@pytest.mark.parametrize(
    ("lines", "want"),
    [
        ([f"AUTH PLAIN {PLAIN}"], "235 2.7.0"),
        ([f"auth plain {PLAIN}"], "235 2.7.0"),
        (["AUTH PLAIN", PLAIN], "235 2.7.0"),
        (["AUTH LOGIN", b64(USER), b64(PASSWORD)], "235 2.7.0"),
        ([f"AUTH LOGIN {b64(USER)}", b64(PASSWORD)], "235 2.7.0"),
        ([f"AUTH PLAIN {b64(f'{USER}' + chr(0) + USER + chr(0) + PASSWORD)}"], "235 2.7.0"),
        ([f"AUTH PLAIN {b64('boss' + chr(0) + USER + chr(0) + PASSWORD)}"], "535 5.7.8"),
        ([f"AUTH PLAIN {b64(chr(0) + USER + chr(0) + 'wrong')}"], "535 5.7.8"),
        ([f"AUTH PLAIN {b64(chr(0) + 'nobody' + chr(0) + PASSWORD)}"], "535 5.7.8"),
        (["AUTH LOGIN", b64(USER), b64("wrong")], "535 5.7.8"),
        (["AUTH PLAIN", "*"], "501 5.7.0"),
        (["AUTH LOGIN", b64(USER), "*"], "501 5.7.0"),
        (["AUTH PLAIN ~~~"], "501 5.5.2"),
        (["AUTH PLAIN ="], "501 5.5.2"),
        ([f"AUTH PLAIN {b64('one part')}"], "501 5.5.2"),
        (["AUTH PLAIN " + base64.b64encode(b"\0\xff\0x").decode()], "501 5.5.2"),
        (["AUTH CRAM-MD5"], "504 5.5.4"),
        (["AUTH"], "501 5.5.4"),
        (["AUTH PLAIN a b"], "501 5.5.4"),
        (["AUTH LOGIN", "x" * 5000], "500 5.5.2"),
    ],
)
def test_logging_in(gateway: Gateway, lines: list[str], want: str) -> None:
    with gateway.wire(log_in=False) as wire:
        wire.ask("EHLO client.example")
        *challenged, last = lines
        for line in challenged:
            assert wire.ask(line).startswith("334 ")
        assert wire.ask(last).startswith(want)
        assert wire.ask(f"MAIL FROM:<{SENDER}>").startswith("250" if want[0] == "2" else "530")


def test_the_third_wrong_login_ends_the_session_and_each_takes_longer(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = b64(f"\0{USER}\0guess")
    with caplog.at_level(logging.DEBUG), gateway.wire(log_in=False) as wire:
        wire.ask("EHLO client.example")
        started = time.monotonic()
        codes = [wire.ask(f"AUTH PLAIN {wrong}")[:9] for _ in range(3)]
        assert codes == ["535 5.7.8", "535 5.7.8", "421 4.7.0"]
        assert time.monotonic() - started >= 2.9
        assert wire.is_closed()
    assert "guess" not in caplog.text
    assert wrong not in caplog.text


def test_a_directory_that_cannot_tell_is_454(gateway: Gateway) -> None:
    gateway.directory.is_down = True
    with gateway.wire(log_in=False) as wire:
        wire.ask("EHLO client.example")
        assert wire.ask(f"AUTH PLAIN {PLAIN}").startswith("454 4.7.0")


def test_too_many_connections_are_421(start: StartGateway) -> None:
    gateway = start(max_connections=2)
    third = Wire(socket.socket())
    third.socket.settimeout(PATIENCE_SECONDS)
    with gateway.wire(), gateway.wire(), third:
        third.socket.connect(gateway.address)
        assert third.reply().startswith("421 4.3.2")
        assert third.is_closed()
    assert_all_gone(gateway)
    with gateway.wire():
        pass


def test_a_silent_client_is_let_go(start: StartGateway, sink: Sink) -> None:
    gateway = start(command_timeout_seconds=0.2)
    with gateway.wire() as wire:
        wire.begin_mail()
        wire.send(b"RCPT TO:<never")
        assert wire.reply().startswith("421 4.4.2")
        assert wire.is_closed()
    sink.wait_for_line(b"RSET")


def test_a_client_that_falls_silent_behind_tls_is_let_go(
    start: StartGateway, contexts: Contexts
) -> None:
    gateway = start(contexts[0], command_timeout_seconds=0.3)
    with gateway.wire(log_in=False) as wire:
        secure = wire.encrypt(contexts[1])
        assert secure.ask("EHLO client.example").startswith("250")
        assert secure.reply().startswith("421 4.4.2")
        secure.socket.close()
    assert_all_gone(gateway)


def test_a_long_command_line_is_refused_and_the_next_is_obeyed(gateway: Gateway) -> None:
    with gateway.wire() as wire:
        assert wire.ask("NOOP " + "x" * 4000).startswith("250")
        assert wire.ask("NOOP " + "x" * 5000).startswith("500 5.5.2")
        assert wire.ask("NOOP " + "x" * 500_000).startswith("500 5.5.2")
        assert wire.ask("NOOP").startswith("250")


def test_a_drain_lets_the_running_mail_finish(
    gateway: Gateway, sink: Sink, thread: LoopThread
) -> None:
    sink.holds[b"."] = threading.Event()
    with gateway.wire() as busy, gateway.wire() as begun, gateway.wire() as idle:
        busy.begin_data()
        busy.send(b"Subject: x\r\n\r\nhello\r\n.\r\n")
        sink.wait_for_line(b".")
        begun.begin_mail()
        closing = threading.Thread(target=gateway.close)
        closing.start()
        assert idle.reply().startswith("421 4.3.2")
        assert idle.is_closed()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(gateway.address).close()
        assert begun.ask(f"RCPT TO:<b{OUTSIDE}>").startswith("250"), "its mail may finish too"
        assert begun.ask("RSET").startswith("250")
        assert begun.reply().startswith("421 4.3.2")
        sink.holds.pop(b".").set()
        assert busy.reply().startswith("250")
        assert busy.reply().startswith("421 4.3.2")
        closing.join(PATIENCE_SECONDS)
    assert len(sink.mails) == 1


def test_a_drain_waits_for_a_mail_that_came_during_it_and_whose_sender_left(
    gateway: Gateway, sink: Sink, thread: LoopThread
) -> None:
    held = sink.holds[b"."] = threading.Event()
    with gateway.wire() as busy, gateway.wire() as idle:
        busy.begin_data()
        closing = threading.Thread(target=gateway.close)
        closing.start()
        assert idle.reply().startswith("421 4.3.2")
        busy.send(b"Subject: x\r\n\r\nhello\r\n.\r\n")
        sink.wait_for_line(b".")
        at_once = struct.pack("ii", 1, 0)  # a connection that breaks, not one that ends
        busy.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    closing.join(0.5)
    assert closing.is_alive(), "the next hop has not answered yet"
    sink.holds.pop(b".")
    held.set()
    closing.join(PATIENCE_SECONDS)
    assert [reply.code for reply in gateway.relay.replies] == [250]


def test_a_drain_has_an_end(gateway: Gateway, sink: Sink, thread: LoopThread) -> None:
    sink.holds[b"."] = threading.Event()
    with gateway.wire() as busy:
        busy.begin_data()
        busy.send(b"Subject: x\r\n\r\nhello\r\n.\r\n")
        sink.wait_for_line(b".")
        started = time.monotonic()
        gateway.close(grace_seconds=0.3)
        assert time.monotonic() - started < 3
        assert busy.is_closed(), "no answer: the sender keeps the mail"
    sink.holds.pop(b".").set()


def test_a_port_in_use_names_the_setting(gateway: Gateway, sink: Sink, thread: LoopThread) -> None:
    settings = make_settings(smtp_listen=str(gateway.address))
    with pytest.raises(TakenError, match="CAREER_RELAY_SMTP_LISTEN"):
        thread.run(start_gateway(thread, sink, settings, None))


def test_an_address_of_another_machine_names_the_setting(sink: Sink, thread: LoopThread) -> None:
    settings = make_settings(smtp_listen="192.0.2.1:2525")
    with pytest.raises(SettingError, match="CAREER_RELAY_SMTP_LISTEN"):
        thread.run(start_gateway(thread, sink, settings, None))


def test_refusals_are_logged_without_addresses(
    gateway: Gateway, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    sink.answers[b"RCPT"] = "550 5.1.1 <taro@outside.example> is unknown"
    with caplog.at_level(logging.DEBUG), gateway.wire() as wire:
        wire.ask("MAIL FROM:<spy@evil.example>")
        wire.ask(f"MAIL FROM:<{SENDER}>")
        wire.ask(f"RCPT TO:<{OUTSIDE}>")
    refusals = [r.getMessage() for r in caplog.records if r.getMessage().startswith("refused")]
    assert len(refusals) == 2
    assert "RCPT 550 5.1.1" in refusals[1]
    assert "t•••@outside.example" in refusals[1]
    assert "taro" not in caplog.text
    assert "spy" not in caplog.text
