"""Who a client is when another server speaks for it: the PROXY protocol and XFORWARD."""

import contextlib
import socket
import struct
from collections.abc import Iterator

import pytest

from tests.smtp.conftest import StartGateway
from tests.smtp.gateways import PLAIN, SENDER, Gateway, Wire
from tests.smtp.ways import V2, access, let_in, send, v2

V2_SIX = (
    V2
    + b"\x21\x21"
    + struct.pack("!H", 36 + 7)
    + socket.inet_pton(socket.AF_INET6, "2001:db8::7") * 2
    + struct.pack("!HH", 1, 25)
    + b"\x03\x00\x04abcd"
)


@pytest.mark.parametrize(
    ("header", "peer"),
    [
        (b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 25\r\n", "192.0.2.7"),
        (b"PROXY TCP6 2001:DB8::7 ::1 40000 25\r\n", "2001:db8::7"),
        (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
        (b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", "127.0.0.1"),
        (v2("192.0.2.7"), "192.0.2.7"),
        (v2("192.0.2.7", 0x20), "127.0.0.1"),
        (V2_SIX, "2001:db8::7"),
        (V2 + b"\x21\x31\0\0", "127.0.0.1"),
    ],
)
def test_a_balancer_says_who_the_client_is(start: StartGateway, header: bytes, peer: str) -> None:
    gateway = start(proxy_from="127.0.0.1,::1")
    with gateway.wire_unread() as wire:
        wire.send(header + b"EHLO client.example\r\n")
        assert wire.reply().startswith("220 ")
        assert wire.reply().startswith("250")
        assert wire.ask(f"AUTH PLAIN {PLAIN}").startswith("235")
        assert send(wire, SENDER).startswith("250")
    assert gateway.relay.mails[0].peer == peer


@pytest.mark.parametrize(
    "header",
    [
        b"EHLO client.example\r\n",
        b"PROXY TCP4 192.0.2.7\r\n",
        b"PROXY TCP4 192.0.2.777 198.51.100.1 1 2\r\n",
        b"PROXY TCP4 2001:db8::7 ::1 1 2\r\n",
        b"PROXY TCP9 192.0.2.7 198.51.100.1 1 2\r\n",
        b"PROXY " + b"x" * 200 + b"\r\n",
        V2 + b"\x11\x11\0\x0c" + b"\0" * 12,
        V2 + b"\x21\x11\0\x04\0\0\0\0",
        V2 + b"\x21\x11\xff\xff",
        b"",
    ],
)
def test_without_its_word_a_balancer_is_let_go(start: StartGateway, header: bytes) -> None:
    gateway = start(proxy_from="127.0.0.1")
    with gateway.wire_unread() as wire:
        wire.send(header)
        if not header:
            wire.socket.shutdown(socket.SHUT_WR)
        assert wire.is_closed()


def test_who_is_no_balancer_speaks_no_proxy_protocol(start: StartGateway) -> None:
    gateway = start(proxy_from="192.0.2.1")
    with gateway.wire_unread() as wire:
        wire.send(b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 25\r\n")
        assert wire.reply().startswith("220")
        assert wire.reply().startswith("500")


def test_limits_and_networks_mean_the_client_behind_the_balancer(start: StartGateway) -> None:
    gateway = start(proxy_from="127.0.0.1", max_connections_per_peer=1)
    let_in(gateway, access("network", network="192.0.2.7"))
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(gateway.wire_unread()) for _ in range(3)]
        for wire, client, want in zip(wires, ("7", "7", "8"), ("220", "421", "220"), strict=True):
            wire.send(f"PROXY TCP4 192.0.2.{client} 198.51.100.1 1 25\r\n".encode())
            assert wire.reply().startswith(want)
        for wire in (wires[0], wires[2]):
            wire.ask("EHLO client.example")
        assert send(wires[0], SENDER).startswith("250")
        assert send(wires[2], SENDER).startswith("530")


# XFORWARD


@pytest.fixture
def forwarder(start: StartGateway) -> Iterator[tuple[Gateway, Wire]]:
    gateway = start(xforward_from="127.0.0.0/8")
    with gateway.wire() as wire:
        yield gateway, wire


def test_a_trusted_server_tells_whose_mail_it_passes_on(
    forwarder: tuple[Gateway, Wire],
) -> None:
    gateway, wire = forwarder
    assert "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE" in wire.ask("EHLO proxy.example")
    assert wire.ask("XFORWARD NAME=mua.example ADDR=IPv6:2001:db8::9 PROTO=ESMTP").startswith("250")
    assert wire.ask("XFORWARD HELO=a+2Db+0D+0Ax SOURCE=REMOTE").startswith("250")
    assert send(wire, SENDER).startswith("250")
    assert send(wire, SENDER).startswith("250")
    told, own = gateway.relay.mails
    assert (told.peer, told.helo, told.with_protocol) == ("2001:db8::9", "a-b??x", "ESMTP")
    assert (own.peer, own.helo, own.with_protocol) == ("127.0.0.1", "proxy.example", "ESMTPA")


@pytest.mark.parametrize(
    ("command", "want"),
    [
        ("XFORWARD", "501"),
        ("XFORWARD ADDR", "501"),
        ("XFORWARD COLOUR=red", "501"),
        ("XFORWARD ADDR=nowhere", "501"),
        ("XFORWARD ADDR=[UNAVAILABLE] NAME=[TEMPUNAVAIL]", "250"),
    ],
)
def test_what_xforward_may_say(forwarder: tuple[Gateway, Wire], command: str, want: str) -> None:
    assert forwarder[1].ask(command).startswith(want)


def test_nobody_else_may_say_xforward_and_nobody_within_a_mail(
    gateway: Gateway, forwarder: tuple[Gateway, Wire]
) -> None:
    forwarder[1].begin_mail()
    assert forwarder[1].ask("XFORWARD ADDR=192.0.2.1").startswith("503")
    with gateway.wire() as wire:
        assert "XFORWARD" not in wire.ask("EHLO x.example")
        assert wire.ask("XFORWARD ADDR=192.0.2.1").startswith("550 5.7.0")


def test_what_xforward_says_lets_nobody_in(start: StartGateway) -> None:
    gateway = start(xforward_from="127.0.0.0/8")
    let_in(gateway, access("network", network="192.0.2.7"))
    with gateway.wire(log_in=False) as wire:
        wire.ask("EHLO client.example")
        assert wire.ask("XFORWARD ADDR=192.0.2.7").startswith("250")
        assert send(wire, SENDER).startswith("530")
