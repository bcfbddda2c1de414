"""TLS on a client's connection: what flows through it; and what is left of one that has ended."""

import asyncio
import gc
import logging
import os
import smtplib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator

import pytest
import uvloop

from gateway.smtp import connection
from gateway.smtp.session import SmtpSession
from tests.services import wait_until
from tests.smtp.conftest import Contexts, StartGateway
from tests.smtp.gateways import (
    OUTSIDE,
    PASSWORD,
    PLAIN,
    SENDER,
    USER,
    LoopThread,
    assert_all_gone,
)
from tests.smtp.sink import PATIENCE_SECONDS, Sink


@pytest.fixture(params=[uvloop.new_event_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
def thread(request: pytest.FixtureRequest) -> Iterator[LoopThread]:
    """Give an event loop of either kind in a thread of its own."""
    running = LoopThread(request.param)
    yield running
    running.stop()


def test_a_large_mail_arrives_to_the_byte(
    start: StartGateway, sink: Sink, contexts: Contexts
) -> None:
    gateway = start(contexts[0])
    raw = b"Subject: x\r\n\r\n" + b"".join(b"%070d\r\n" % number for number in range(60_000))
    with smtplib.SMTP(*gateway.address, timeout=PATIENCE_SECONDS) as client:
        client.starttls(context=contexts[1])
        client.login(USER, PASSWORD)
        for _ in range(2):
            client.sendmail(SENDER, [OUTSIDE], raw)
    assert [mail.content for mail in sink.mails] == [raw, raw]
    assert {mail.with_protocol for mail in gateway.relay.mails} == {"ESMTPSA"}
    assert_all_gone(gateway)


def test_what_comes_with_the_handshake_s_last_message_is_obeyed(
    start: StartGateway, sink: Sink, contexts: Contexts
) -> None:
    """More comes than is kept for a reader; and the client says no goodbye in TLS."""
    gateway = start(contexts[0])
    with gateway.wire(log_in=False) as wire:
        assert wire.ask("STARTTLS").startswith("220")
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = contexts[1].wrap_bio(incoming, outgoing, server_hostname="localhost")
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                wire.socket.sendall(outgoing.read())
                incoming.write(wire.socket.recv(65536))
        lines = ["EHLO client.example", f"AUTH PLAIN {PLAIN}", f"MAIL FROM:<{SENDER}>"]
        lines += [f"RCPT TO:<{OUTSIDE}>", "DATA", *["x" * 70] * 5000, ".", "QUIT"]
        tls.write("".join(f"{line}\r\n" for line in lines).encode())
        wire.socket.sendall(outgoing.read())
        incoming.write(wire.socket.makefile("rb").read())
        assert b"\r\n221 " in b"".join(iter(lambda: tls.read(65536), b""))
    assert [len(mail.content) for mail in sink.mails] == [72 * 5000]


def test_a_client_that_leaves_in_the_handshake_is_forgotten(
    start: StartGateway, contexts: Contexts
) -> None:
    gateway = start(contexts[0])
    for is_abrupt in (False, True):
        with gateway.wire() as wire:
            assert wire.ask("STARTTLS").startswith("220")
            wire.socket.sendall(b"\x16\x03\x01\x02\x00\x01")  # how a hello begins
            if is_abrupt:
                _reset_when_closed(wire.socket)
        assert_all_gone(gateway)


def test_a_handshake_that_fails_is_told(
    start: StartGateway, contexts: Contexts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    gateway = start(contexts[0])
    with gateway.wire() as wire:
        assert wire.ask("STARTTLS").startswith("220")
        with pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(wire.socket, server_hostname="localhost")
    assert_all_gone(gateway)
    wait_until(lambda: "TLS handshake failed: SSLError peer=127.0.0.1" in caplog.text, "it is told")
    assert "session failed" not in caplog.text


def test_a_handshake_that_takes_too_long_is_told(
    start: StartGateway,
    contexts: Contexts,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(connection, "_HANDSHAKE_SECONDS", 0.2)
    gateway = start(contexts[0])
    with gateway.wire() as wire:
        assert wire.ask("STARTTLS").startswith("220")
        assert wire.is_closed()
    wait_until(lambda: "TLS handshake failed: C" in caplog.text, "it is told")


def test_who_never_answers_the_end_of_tls_is_let_go(
    start: StartGateway, contexts: Contexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_TLS_CLOSE_SECONDS", 0.2)
    gateway = start(contexts[0])
    with gateway.wire() as wire:
        clear = socket.socket(fileno=os.dup(wire.socket.fileno()))
        clear.settimeout(10)
        secure = wire.encrypt(contexts[1])
        assert secure.ask("QUIT").startswith("221")
        with clear:
            while clear.recv(65536):
                pass
        secure.socket.close()


def test_who_sends_while_nobody_reads_must_wait(
    start: StartGateway, sink: Sink, contexts: Contexts
) -> None:
    gateway = start(contexts[0])
    sink.holds[b"MAIL"] = threading.Event()
    with gateway.wire() as wire:
        secure = wire.encrypt(contexts[1])
        assert secure.ask("EHLO client.example").startswith("250")
        assert secure.ask(f"AUTH PLAIN {PLAIN}").startswith("235")
        secure.send(f"MAIL FROM:<{SENDER}>\r\n".encode())
        secure.socket.settimeout(1.5)
        with pytest.raises(TimeoutError):
            secure.send(b"NOOP\r\n" * 20_000_000)  # 120 MB
        sink.holds.pop(b"MAIL").set()
        secure.socket.close()
    assert_all_gone(gateway)


def test_a_gateway_that_stops_ends_handshakes(start: StartGateway, contexts: Contexts) -> None:
    gateway = start(contexts[0])
    with gateway.wire() as wire:
        assert wire.ask("STARTTLS").startswith("220")
        gateway.close(grace_seconds=0.2)
        assert wire.is_closed()
    assert_all_gone(gateway)


def test_a_client_that_closes_its_tls_well_is_answered_well(
    start: StartGateway, contexts: Contexts
) -> None:
    gateway = start(contexts[0])
    with gateway.wire() as wire:
        secure = wire.encrypt(contexts[1])
        assert secure.ask("EHLO client.example").startswith("250")
        assert isinstance(secure.socket, ssl.SSLSocket)
        secure.socket.unwrap().close()  # raises, where our close_notify is missing
    assert_all_gone(gateway)


@pytest.mark.parametrize(
    "end", ["quit", "leaves", "resets", "leaves in a mail", "leaves encrypted", "fails to encrypt"]
)
def test_a_session_that_has_ended_is_freed_at_once(
    start: StartGateway, contexts: Contexts, end: str
) -> None:
    gateway = start(contexts[0])
    gc.collect()
    gc.disable()
    try:
        with gateway.wire() as wire:
            assert _sessions() == 1
            if end == "quit":
                assert wire.ask("QUIT").startswith("221")
            elif end == "resets":
                _reset_when_closed(wire.socket)
            elif end == "leaves in a mail":
                wire.begin_data()
            elif end == "leaves encrypted":
                wire.encrypt(contexts[1]).socket.close()
            elif end == "fails to encrypt":
                assert wire.ask("STARTTLS").startswith("220")
                wire.send(b"this is no TLS\r\n" * 10)
        wait_until(lambda: _sessions() == 0, "it is freed without the garbage collector")
    finally:
        gc.enable()


def _sessions() -> int:
    return sum(type(one) is SmtpSession for one in gc.get_objects())  # a proxy may be dead


def _reset_when_closed(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
