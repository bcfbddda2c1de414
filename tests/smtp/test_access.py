"""Who may send as whom: a table of proofs, and the sockets they come over."""

import contextlib
import dataclasses
import shutil
import smtplib
import socket
import ssl
import subprocess
import warnings
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
from tests.smtp.ways import MESSAGE, access, let_in, send, v2

KEY = "s3cret-of-acme"
HERE = read_network("127.0.0.0/8")
ELSEWHERE = read_network("192.0.2.0/24")


def key_of(secret: str, number: int = 5) -> Credential:
    created = datetime(2026, 1, 1, tzinfo=UTC)
    return Credential(number, CredentialKind.HEADER, hash_routing_key(secret), created)


def add_other(gateway: Gateway, ways: Access, *keys: Credential) -> CompanyRecord:
    record = dataclasses.replace(
        gateway.directory.record,
        company=Company(8, "Beta", ("beta.example",)),
        access=ways,
        credentials=keys,
    )
    gateway.directory.others.append(record)
    return record


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
    return wire.encrypt(context)


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
