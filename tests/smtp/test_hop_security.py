"""TLS towards the next hop and login there: what is proven, and what never goes in clear."""

import logging
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from gateway.core.path import MailOptions
from gateway.errors import NextHopLostError
from gateway.hops import HopSettings, HopTls, Route
from gateway.nexthop import HopTimeouts, NextHopPool
from gateway.settings import HostPort
from gateway.smtp.hop import explain
from gateway.smtp.hop_tls import bind_key, bind_password
from gateway.smtp.hop_wire import HopWire
from tests.certificates import Authority
from tests.smtp.gateways import SEAL, LoopThread
from tests.smtp.sink import Sink

CONTENT = b"Subject: x\r\n\r\nhello\r\n"
PASSWORD = "päss word"


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Give an authority that nobody trusts by himself."""
    return Authority()


def start(thread: LoopThread, sink: Sink) -> HostPort:
    """Start the sink again, now that it has other settings; return it as `localhost`."""
    thread.run(sink.restart())
    return HostPort("localhost", sink.address.port)


def hand_on(
    thread: LoopThread,
    hop: HostPort,
    content: bytes = CONTENT,
    company_id: int = 7,
    **settings: Any,
) -> str:
    """Return the answer to a mail handed to `hop`, which is spoken to like that."""

    async def deliver() -> str:
        pool = NextHopPool(hostname="relay.example", timeouts=HopTimeouts(greeting=5), seal=SEAL)
        try:
            route = Route(company_id, (hop,), HopSettings(**settings))
            transaction, reply = await pool.begin(route, b"<hr@acme.example>", MailOptions())
            assert reply.is_positive
            await transaction.rcpt(b"<taro@outside.example>")
            return str(await transaction.send(content))
        finally:
            await pool.close()

    return thread.run(deliver())


def login(user: str = "acme", password: str = PASSWORD) -> dict[str, Any]:
    return {"user": user, "sealed_password": SEAL.lock(password.encode(), bind_password(7))}


def test_tls_is_used_where_it_is_offered(
    thread: LoopThread, sink: Sink, authority: Authority, tmp_path: Path
) -> None:
    sink.tls, sink.offers = authority.server(tmp_path, "other.example"), ("STARTTLS", "SIZE 9")
    assert hand_on(thread, start(thread, sink)).startswith("250")
    assert (sink.encrypted, sink.lines.count(b"EHLO relay.example")) == (1, 2)
    assert sink.mails[0].content == CONTENT


def test_opportunistic_tls_that_fails_leaves_the_mail_in_clear(
    thread: LoopThread, sink: Sink
) -> None:
    sink.offers = ("STARTTLS",)
    sink.answers[b"STARTTLS"] = "454 4.7.0 not now"
    assert hand_on(thread, start(thread, sink)).startswith("250")
    assert sink.connections == 2


def test_without_tls_none_is_started(
    thread: LoopThread, sink: Sink, authority: Authority, tmp_path: Path
) -> None:
    sink.tls, sink.offers = authority.server(tmp_path, "localhost"), ("STARTTLS",)
    assert hand_on(thread, start(thread, sink), tls=HopTls.NONE).startswith("250")
    assert sink.encrypted == 0


@pytest.mark.parametrize("is_implicit", [False, True], ids=["STARTTLS", "implicit"])
def test_a_pinned_authority_is_enough(
    thread: LoopThread, sink: Sink, authority: Authority, tmp_path: Path, *, is_implicit: bool
) -> None:
    sink.tls, sink.is_implicit = authority.server(tmp_path, "localhost"), is_implicit
    sink.offers = () if is_implicit else ("STARTTLS",)
    hop = start(thread, sink)
    settings: dict[str, Any] = {
        "tls": HopTls.PINNED,
        "authority": authority.pem,
        "implicit_tls": is_implicit,
    }
    assert hand_on(thread, hop, **settings).startswith("250")


def test_a_pool_is_closed_when_its_last_connection_is(
    thread: LoopThread,
    sink: Sink,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sink.tls, sink.offers = authority.server(tmp_path, "localhost"), ("STARTTLS",)
    hop = start(thread, sink)
    order: list[str] = []
    lost = HopWire.connection_lost

    def note(self: HopWire, error: Exception | None) -> None:
        order.append("connection")
        lost(self, error)

    async def deliver_and_close() -> None:
        pool = NextHopPool(hostname="relay.example", timeouts=HopTimeouts(greeting=5), seal=SEAL)
        transaction, _ = await pool.begin(Route(7, (hop,)), b"<hr@acme.example>", MailOptions())
        transaction.abandon()  # it lies idle now; the end of TLS takes a turn of both sides
        await pool.close()
        order.append("pool")

    monkeypatch.setattr(HopWire, "connection_lost", note)
    thread.run(deliver_and_close())
    assert order == ["connection", "pool"]


@pytest.mark.parametrize(
    ("hosts", "days", "mode", "want"),
    [
        (("localhost",), 30, HopTls.VERIFY, "self-signed|unable to get local issuer"),
        (("other.example",), 30, HopTls.PINNED, "Hostname mismatch"),
        (("127.0.0.1",), 30, HopTls.PINNED, "Hostname mismatch"),
        (("localhost",), -1, HopTls.PINNED, "expired"),
    ],
    ids=["unknown authority", "another name", "an address instead of the name", "expired"],
)
def test_a_wrong_certificate_gets_no_mail_and_no_password(
    thread: LoopThread,
    sink: Sink,
    authority: Authority,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    hosts: tuple[str, ...],
    days: int,
    mode: HopTls,
    want: str,
) -> None:
    sink.tls, sink.offers = (
        authority.server(tmp_path, *hosts, days=days),
        ("STARTTLS", "AUTH PLAIN"),
    )
    hop = start(thread, sink)
    pinned = authority.pem if mode is HopTls.PINNED else ""
    with pytest.raises(NextHopLostError):
        hand_on(thread, hop, tls=mode, authority=pinned, **login())
    assert sink.connections == 1
    assert not any(line.startswith((b"AUTH", b"MAIL")) for line in sink.lines)
    assert "its certificate is not accepted" in caplog.text


@pytest.mark.parametrize("answer", ["", "454 4.7.0 not now", "502 5.5.1 what"])
def test_tls_that_must_be_is_never_left_out(
    thread: LoopThread, sink: Sink, authority: Authority, answer: str
) -> None:
    sink.offers = ("STARTTLS", "AUTH PLAIN") if answer else ("AUTH PLAIN",)
    if answer:
        sink.answers[b"STARTTLS"] = answer
    hop = start(thread, sink)
    with pytest.raises(NextHopLostError):
        hand_on(thread, hop, tls=HopTls.PINNED, authority=authority.pem, **login())
    assert not any(line.startswith((b"AUTH", b"MAIL")) for line in sink.lines)


def test_an_answer_slipped_in_before_tls_is_noticed(
    thread: LoopThread, sink: Sink, authority: Authority, tmp_path: Path
) -> None:
    sink.tls, sink.offers = authority.server(tmp_path, "localhost"), ("STARTTLS",)
    sink.slip = b"250-mx\r\n250 AUTH PLAIN\r\n"
    hop = start(thread, sink)
    with pytest.raises(NextHopLostError):
        hand_on(thread, hop, tls=HopTls.PINNED, authority=authority.pem)
    assert sink.lines.count(b"EHLO relay.example") == 1
    assert not any(line.startswith(b"MAIL") for line in sink.lines)


def test_what_was_offered_in_clear_is_forgotten(
    thread: LoopThread, sink: Sink, authority: Authority, tmp_path: Path
) -> None:
    sink.tls, sink.offers = authority.server(tmp_path, "localhost"), ("STARTTLS", "AUTH PLAIN")
    sink.login = ("acme", PASSWORD)
    sink.offers_in_tls = ()
    hop = start(thread, sink)
    with pytest.raises(NextHopLostError):
        hand_on(thread, hop, tls=HopTls.PINNED, authority=authority.pem, **login())


@pytest.mark.parametrize("offer", ["AUTH PLAIN LOGIN", "AUTH LOGIN", "AUTH CRAM-MD5 login"])
def test_the_relay_logs_in(thread: LoopThread, sink: Sink, offer: str) -> None:
    sink.offers, sink.login = (offer,), ("acme", PASSWORD)
    assert hand_on(thread, start(thread, sink), **login()).startswith("250")
    assert any(line.startswith(b"AUTH ") for line in sink.lines)


@pytest.mark.parametrize(
    ("offers", "user", "want"),
    [
        (("AUTH PLAIN",), "acme", "login refused (535): check user and password"),
        (("AUTH LOGIN",), "acme", "login refused (535)"),
        (("AUTH CRAM-MD5",), "acme", "offers neither AUTH PLAIN nor LOGIN"),
        ((), "acme", "offers neither AUTH PLAIN nor LOGIN"),
    ],
)
def test_a_login_that_fails_says_what_to_do_and_no_secret(
    thread: LoopThread,
    sink: Sink,
    caplog: pytest.LogCaptureFixture,
    offers: tuple[str, ...],
    user: str,
    want: str,
) -> None:
    sink.offers, sink.login = offers, ("acme", "another")
    hop = start(thread, sink)
    with caplog.at_level(logging.DEBUG), pytest.raises(NextHopLostError) as raised:
        hand_on(thread, hop, **login(user))
    assert raised.value.reply.code == 451
    assert want in caplog.text
    assert PASSWORD not in caplog.text
    assert sink.mails == []


def test_a_password_goes_to_another_machine_by_tls_only(
    thread: LoopThread,
    sink: Sink,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sink.offers, sink.login = ("AUTH PLAIN",), ("acme", PASSWORD)
    hop = start(thread, sink)
    monkeypatch.setattr(HostPort, "is_loopback", property(lambda _: False))
    with pytest.raises(NextHopLostError):
        hand_on(thread, hop, **login())
    assert "a password is not sent without TLS" in caplog.text
    assert not any(line.startswith(b"AUTH") for line in sink.lines)


def test_a_secret_of_another_company_does_not_open(
    thread: LoopThread, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    sink.offers, sink.login = ("AUTH PLAIN",), ("acme", PASSWORD)
    hop = start(thread, sink)
    with pytest.raises(NextHopLostError):
        hand_on(thread, hop, company_id=8, **login())
    assert "another CAREER_RELAY_SECRET_KEY" in caplog.text


def test_a_client_certificate_is_shown(
    thread: LoopThread, sink: Sink, authority: Authority, tmp_path: Path
) -> None:
    sink.tls, sink.offers = authority.server(tmp_path, "localhost"), ("STARTTLS",)
    sink.tls.verify_mode = ssl.CERT_REQUIRED
    sink.tls.load_verify_locations(cadata=authority.pem)
    hop = start(thread, sink)
    certificate, key = authority.issue("acme.relay.example")
    settings: dict[str, Any] = {"tls": HopTls.PINNED, "authority": authority.pem}
    with pytest.raises(NextHopLostError):
        hand_on(thread, hop, **settings)
    shown: dict[str, Any] = {
        "certificate": certificate,
        "sealed_key": SEAL.lock(key.encode(), bind_key(7)),
    }
    assert hand_on(thread, hop, **settings, **shown).startswith("250")


def test_a_large_mail_is_whole_behind_tls(
    thread: LoopThread, sink: Sink, authority: Authority, tmp_path: Path
) -> None:
    sink.tls, sink.offers = authority.server(tmp_path, "localhost"), ("STARTTLS",)
    content = b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 400_000
    assert hand_on(thread, start(thread, sink), content).startswith("250")
    assert sink.mails[0].content == content


@pytest.mark.parametrize(
    ("error", "want"),
    [
        (ConnectionRefusedError(111, "refused by 192.0.2.1"), "connection refused"),
        (TimeoutError(), "timed out"),
        (socket.gaierror(-2, "not known"), "its name is not found"),
        (OSError("Multiple exceptions: 192.0.2.1, 192.0.2.2"), "OSError"),
    ],
)
def test_why_no_connection_came_about_is_said_in_words(error: Exception, want: str) -> None:
    assert explain(error) == want
