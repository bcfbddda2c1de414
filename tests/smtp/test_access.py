"""Who may send as whom: a table of proofs, and the sockets they come over."""

import contextlib
import dataclasses
import shutil
import smtplib
import socket
import ssl
import struct
import subprocess
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.core.access import Access, Way, read_requires
from gateway.core.company import Company
from gateway.core.network import read_network
from gateway.smtp.certificate import read_pin
from gateway.smtp.tls import TlsFiles
from gateway.store.company_records import CompanyRecord
from gateway.store.credentials import Credential, CredentialKind, hash_routing_key
from tests.services import missing
from tests.smtp.conftest import StartGateway
from tests.smtp.gateways import OUTSIDE, PLAIN, SENDER, Gateway, Wire
from tests.smtp.sink import PATIENCE_SECONDS, Sink

KEY = "s3cret-of-acme"
HERE = read_network("127.0.0.0/8")
ELSEWHERE = read_network("192.0.2.0/24")
MESSAGE = "Subject: x\r\n\r\nhello\r\n."


def key_of(secret: str, number: int = 5) -> Credential:
    created = datetime(2026, 1, 1, tzinfo=UTC)
    return Credential(number, CredentialKind.HEADER, hash_routing_key(secret), created)


def access(*requires: str, network: str | None = "127.0.0.0/8") -> Access:
    networks = (read_network(network),) if network else ()
    return Access(requires=read_requires(requires), networks=networks)


def let_in(gateway: Gateway, ways: Access, *keys: Credential) -> None:
    directory = gateway.directory
    directory.record = dataclasses.replace(directory.record, access=ways, credentials=keys)


def add_other(gateway: Gateway, ways: Access, *keys: Credential) -> CompanyRecord:
    record = dataclasses.replace(
        gateway.directory.record,
        company=Company(8, "Beta", ("beta.example",)),
        access=ways,
        credentials=keys,
    )
    gateway.directory.others.append(record)
    return record


def send(wire: Wire, sender: str, content: str = MESSAGE) -> str:
    """Return the reply that decides: to MAIL when it refuses, else to the final dot."""
    reply = wire.ask(f"MAIL FROM:<{sender}>")
    if not reply.startswith("250"):
        return reply
    assert wire.ask(f"RCPT TO:<{OUTSIDE}>").startswith("250")
    assert wire.ask("DATA").startswith("354")
    return wire.ask(content)


@pytest.mark.parametrize("has_login", [False, True])
@pytest.mark.parametrize("is_here", [False, True])
@pytest.mark.parametrize("key", [None, "wrong", KEY])
@pytest.mark.parametrize(
    "requires",
    [
        ("password",),
        ("network",),
        ("network+header",),
        ("password+network",),
        ("password", "network+header"),
        ("password+network+header",),
    ],
    ids=" or ".join,
)
def test_no_proof_that_is_asked_for_may_be_missing(
    gateway: Gateway,
    sink: Sink,
    requires: tuple[str, ...],
    key: str | None,
    is_here: bool,
    has_login: bool,
) -> None:
    let_in(gateway, access(*requires, network=str(HERE if is_here else ELSEWHERE)), key_of(KEY))
    shown = {Way.PASSWORD} if has_login else set()
    shown |= {Way.NETWORK} if is_here else set()
    shown |= {Way.HEADER} if key == KEY else set()
    may = any(needed <= shown for needed in read_requires(requires))
    header = f"X-Career-Relay-Key: {key}\r\n" if key else ""
    with gateway.wire(log_in=has_login) as wire:
        wire.ask("EHLO client.example")
        reply = send(wire, SENDER, header + MESSAGE)
    assert reply[:3] == "250" if may else reply[:1] == "5", reply
    assert len(sink.mails) == may
    for mail in sink.mails:
        assert b"Key" not in mail.content, "the secret goes no further"


def test_a_stranger_is_told_to_log_in(gateway: Gateway) -> None:
    with gateway.wire(log_in=False) as wire:
        wire.ask("EHLO client.example")
        assert wire.ask(f"MAIL FROM:<{SENDER}>").startswith("530 5.7.0")
        assert wire.ask(f"RCPT TO:<{OUTSIDE}>").startswith("530 5.7.0")
        assert wire.ask("DATA").startswith("530 5.7.0")


def test_nobody_logs_in_within_a_mail(gateway: Gateway, sink: Sink) -> None:
    let_in(gateway, access("network"))
    with gateway.wire(log_in=False) as wire:
        wire.ask("EHLO client.example")
        assert wire.ask(f"MAIL FROM:<{SENDER}>").startswith("250")
        assert wire.ask(f"AUTH PLAIN {PLAIN}").startswith("503")  # RFC 4954 section 4
        assert wire.ask(f"RCPT TO:<{OUTSIDE}>").startswith("250")
        assert wire.ask("RSET").startswith("250")
        assert wire.ask(f"AUTH PLAIN {PLAIN}").startswith("235")


def test_a_known_network_is_no_open_relay(gateway: Gateway, sink: Sink) -> None:
    let_in(gateway, access("network"))
    with gateway.wire(log_in=False) as wire:
        wire.ask("EHLO client.example")
        assert send(wire, "spy@evil.example").startswith("550 5.7.1")
        assert send(wire, SENDER).startswith("250")
        assert wire.ask("MAIL FROM:<>").startswith("250"), "one company alone: its reports too"
    assert gateway.relay.mails[0].with_protocol == "ESMTP"


def test_at_a_shared_network_the_senders_domain_chooses_and_the_key_confirms(
    gateway: Gateway, sink: Sink
) -> None:
    shared = access("network+header")
    let_in(gateway, shared, key_of(KEY))
    add_other(gateway, shared, key_of("s3cret-of-beta", 6))
    with gateway.wire(log_in=False) as wire:
        wire.ask("HELO client.example")
        for sender, key, want in [
            (SENDER, KEY, "250"),
            ("hr@beta.example", "s3cret-of-beta", "250"),
            ("hr@beta.example", KEY, "550 5.7.1 Routing key"),
            (SENDER, "", "550 5.7.1 Routing key"),
            ("hr@gamma.example", KEY, "550 5.7.1 Sender"),
            ("", KEY, "550 5.7.1 Several"),
        ]:
            content = f"x-career-relay-KEY:{key}\r\n{MESSAGE}"
            assert send(wire, sender, content).startswith(want), (sender, key)
    assert [mail.record.company.id for mail in gateway.relay.mails] == [7, 8]
    assert gateway.directory.used == [5, 6]
    assert gateway.relay.mails[0].with_protocol == "SMTP"


def test_either_of_two_keys_opens_while_one_replaces_the_other(gateway: Gateway) -> None:
    let_in(gateway, access("network+header"), key_of("old", 1), key_of("new", 2))
    with gateway.wire(log_in=False) as wire:
        wire.ask("EHLO client.example")
        for key, want in (("old", "250"), ("new", "250"), ("older", "550")):
            assert send(wire, SENDER, f"X-Career-Relay-Key: {key}\r\n{MESSAGE}").startswith(want)


def test_only_the_key_is_taken_out_and_only_of_a_company_that_has_one(
    gateway: Gateway, sink: Sink
) -> None:
    content = f"A: b\r\nX-Career-Relay-Key:\r\n  {KEY}\r\nC: d\r\n\r\nX-Career-Relay-Key: body\r\n."
    with gateway.wire() as wire:
        assert send(wire, SENDER, content).startswith("250")
        let_in(gateway, access("password"), key_of(KEY))
        assert send(wire, SENDER, content).startswith("250")
    as_it_came, without = (mail.content for mail in sink.mails)
    assert as_it_came == content[:-1].encode()
    assert without == b"A: b\r\nC: d\r\n\r\nX-Career-Relay-Key: body\r\n"


def test_a_password_that_is_taken_away_ends_the_sessions_rights(gateway: Gateway) -> None:
    with gateway.wire() as wire:
        assert send(wire, SENDER).startswith("250")
        gateway.directory.is_revoked = True
        assert send(wire, SENDER).startswith("530 5.7.0")


# TLS: client certificates, implicit TLS, a certificate that is renewed


@dataclasses.dataclass(frozen=True)
class Certificates:
    """PEM files: an authority, the server's, and three clients'."""

    folder: Path

    def __getitem__(self, name: str) -> tuple[Path, Path]:
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def client(self, name: str | None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self["server"][0]))
        if name is not None:
            context.load_cert_chain(*self[name])
        return context

    def renew(self, name: str, common_name: str, issuer: str | None = None) -> None:
        certificate, key = self[name]
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        subject = ["-subj", f"/CN={common_name}"]
        if name == "server":
            subject += ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
        files = ["-keyout", str(key), "-out", str(certificate)]
        signer = []
        if issuer is not None:
            signer = ["-CA", str(self[issuer][0]), "-CAkey", str(self[issuer][1])]
        run = [*command.split(), *subject, *files, *signer]
        subprocess.run(run, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    if shutil.which("openssl") is None:
        missing("openssl")
    made = Certificates(tmp_path_factory.mktemp("tls"))
    made.renew("server", "localhost")
    made.renew("authority", "Our clients")
    made.renew("named", "Mail.Acme.example", issuer="authority")
    made.renew("pinned", "anything")
    made.renew("forged", "mail.acme.example", issuer="pinned")
    return made


def over_tls(gateway: Gateway, context: ssl.SSLContext) -> Wire:
    wire = gateway.wire(log_in=False)
    assert wire.ask("EHLO client.example").startswith("250")
    assert wire.ask("STARTTLS").startswith("220")
    return Wire(context.wrap_socket(wire.socket, server_hostname="localhost"))


def test_certificates_let_in_whom_they_name(
    start: StartGateway, certificates: Certificates
) -> None:
    tls = TlsFiles(*certificates["server"], certificates["authority"][0])
    gateway = start(tls)
    pin = read_pin(certificates["pinned"][0].read_bytes())
    ways = Access(read_requires(["certificate"]), pins=(pin,))
    let_in(gateway, ways)
    add_other(gateway, dataclasses.replace(ways, pins=(), names=("mail.acme.example",)))
    gateway.directory.pinned = frozenset({pin.pem})
    for name, sender, want in [
        (None, SENDER, "530"),
        ("pinned", SENDER, "250"),
        ("pinned", "hr@beta.example", "550 5.7.1"),
        ("named", "hr@beta.example", "250"),
        ("named", SENDER, "550 5.7.1"),
        ("forged", "hr@beta.example", "530"),
    ]:
        with over_tls(gateway, certificates.client(name)) as wire:
            wire.ask("EHLO client.example")
            assert send(wire, sender).startswith(want), (name, sender)
    assert gateway.relay.mails[0].with_protocol == "ESMTPS"


def test_a_certificate_that_nobody_knows_fails_in_the_handshake(
    start: StartGateway, certificates: Certificates
) -> None:
    gateway = start(TlsFiles(*certificates["server"], certificates["authority"][0]))
    with (
        contextlib.suppress(ssl.SSLError, ConnectionError),
        over_tls(gateway, certificates.client("pinned")) as wire,
    ):
        assert wire.is_closed()


def test_a_certificate_nobody_asked_for_does_no_harm(
    start: StartGateway, certificates: Certificates
) -> None:
    gateway = start(TlsFiles(*certificates["server"]))
    with over_tls(gateway, certificates.client("pinned")) as wire:
        wire.ask("EHLO client.example")
        assert wire.ask(f"AUTH PLAIN {PLAIN}").startswith("235")


def test_tls_from_the_first_byte(start: StartGateway, certificates: Certificates) -> None:
    gateway = start(TlsFiles(*certificates["server"]), smtps_listen="127.0.0.1:0")
    address = gateway.listener.tls_address
    assert address is not None
    context = certificates.client(None)
    with smtplib.SMTP_SSL(*address, context=context, timeout=PATIENCE_SECONDS) as client:
        client.ehlo("client.example")
        assert not client.has_extn("starttls")
        client.login("acme", "right horse")
        client.sendmail(SENDER, [OUTSIDE], b"Subject: x\r\n\r\nhello\r\n")
    assert gateway.relay.mails[0].with_protocol == "ESMTPSA"


def test_handshakes_that_never_end_count_among_an_address_s_connections(
    start: StartGateway, certificates: Certificates
) -> None:
    tls = TlsFiles(*certificates["server"])
    gateway = start(tls, smtps_listen="127.0.0.1:0", max_connections=3, max_connections_per_peer=2)
    address = gateway.listener.tls_address
    assert address is not None
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(socket.create_connection(address, PATIENCE_SECONDS))
        third = stack.enter_context(socket.create_connection(address, PATIENCE_SECONDS))
        assert third.recv(1) == b"", "one address gets no more than its connections"
        context, other = certificates.client(None), ("127.0.0.2", 0)
        plain = socket.create_connection(address, PATIENCE_SECONDS, source_address=other)
        wrapped = context.wrap_socket(stack.enter_context(plain), server_hostname="localhost")
        wire = stack.enter_context(Wire(wrapped))
        assert wire.reply().startswith("220 "), "another address has its own"


def test_a_renewed_certificate_is_shown_to_new_connections(
    start: StartGateway, certificates: Certificates, tmp_path: Path
) -> None:
    own = Certificates(tmp_path)
    own.renew("server", "localhost")
    gateway = start(TlsFiles(*own["server"]))

    def shown() -> bytes | None:
        context = ssl.create_default_context(cafile=str(own["server"][0]))
        with over_tls(gateway, context) as wire:
            assert isinstance(wire.socket, ssl.SSLSocket)
            return wire.socket.getpeercert(binary_form=True)

    first, old_pem, old_key = shown(), *(file.read_bytes() for file in own["server"])
    own.renew("server", "localhost")
    assert shown() not in {None, first}
    own["server"][1].write_bytes(old_key)  # a renewal in the middle: key and certificate differ
    assert shown() not in {None, first}, "what was read last goes on"
    own["server"][0].write_bytes(old_pem)
    assert shown() == first


def test_old_tls_is_not_spoken(start: StartGateway, certificates: Certificates) -> None:
    gateway = start(TlsFiles(*certificates["server"]))
    context = certificates.client(None)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):  # Python warns, which is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        over_tls(gateway, context)


# PROXY protocol

V2 = b"\r\n\r\n\0\r\nQUIT\n"


def v2(address: str, command: int = 0x21) -> bytes:
    packed = socket.inet_aton(address) + socket.inet_aton("192.0.2.1") + struct.pack("!HH", 1, 25)
    return V2 + bytes([command, 0x11]) + struct.pack("!H", len(packed)) + packed


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


def test_a_balancer_before_tls(start: StartGateway, certificates: Certificates) -> None:
    gateway = start(
        TlsFiles(*certificates["server"]), smtps_listen="127.0.0.1:0", proxy_from="127.0.0.1"
    )
    assert gateway.listener.tls_address is not None
    context = certificates.client(None)
    with socket.create_connection(gateway.listener.tls_address, PATIENCE_SECONDS) as plain:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
        with pytest.raises(ssl.SSLWantReadError):
            tls.do_handshake()
        plain.sendall(v2("192.0.2.7") + outgoing.read())  # in one packet
        received = b""
        while b"220 " not in received:
            incoming.write(plain.recv(65536))
            with contextlib.suppress(ssl.SSLWantReadError):
                tls.do_handshake()
                plain.sendall(outgoing.read())
                received += tls.read(1000)


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
