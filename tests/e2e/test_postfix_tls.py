"""Postfix and the relay prove to each other who they are: certificates, and XFORWARD."""

import re
import smtplib
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gateway.demo.samples import COMPANY, SENDER, samples
from gateway.settings import HostPort
from tests.certificates import Authority
from tests.e2e.conftest import add_company
from tests.e2e.postfix import postfix
from tests.e2e.program import Installation, links, new_installation
from tests.e2e.sink import Sink
from tests.services import free_port, wait_until

pytestmark = pytest.mark.postfix

LETTER = next(samples())
CLIENT = "mx.midori.example"


@dataclass(frozen=True)
class Site:
    """A relay with a certificate for localhost, and the folder with everybody's certificates."""

    installation: Installation
    folder: Path

    @property
    def relay(self) -> str:
        """The relay as Postfix names it."""
        return f"[localhost]:{self.installation.smtp.port}"

    def with_settings(self, **settings: str) -> Installation:
        """Return the installation with more settings."""
        return replace(self.installation, settings={**self.installation.settings, **settings})


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Give the relay; clients.pem is the authority of its clients, client.pem one of them."""
    folder, data = tmp_path / "certificates", tmp_path / "relay"
    folder.mkdir()
    data.mkdir()
    ours, clients = Authority(), Authority("Authority of clients")
    chain, key = ours.issue("localhost")
    certificate, client_key = clients.issue(CLIENT)
    texts = {
        "ca.pem": ours.pem,
        "stranger.pem": Authority("Another authority").pem,
        "chain.pem": chain,
        "key.pem": key,
        "clients.pem": clients.pem,
        "client.pem": certificate,
        "client-key.pem": client_key,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "ascii")
    installation = new_installation(
        data,
        CAREER_RELAY_TLS_CERTIFICATE=str(folder / "chain.pem"),
        CAREER_RELAY_TLS_KEY=str(folder / "key.pem"),
    )
    return Site(installation, folder)


def send(door: HostPort, source: str = "127.0.0.1") -> None:
    with smtplib.SMTP(*door, "desk.midori.example", 60, (source, 0)) as client:
        client.sendmail(SENDER, [LETTER.recipient], LETTER.raw)


def arrived(sink: Sink, count: int = 1) -> bytes:
    """Return the newest mail when there are `count`."""
    assert sink.wait_for(lambda: len(sink.to(LETTER.recipient)) == count, 60)
    return sink.to(LETTER.recipient)[-1].raw


def log_of(folder: Path) -> str:
    """Return what a Postfix wrote."""
    return (folder / "mail.log").read_text("utf-8")


def relay_received(raw: bytes) -> bytes:
    """Return the Received field that the relay wrote."""
    fields = re.findall(rb"(?m)^Received: [^\r]*(?:\r\n[ \t][^\r]*)*", raw)
    (ours,) = (field for field in fields if b"(Career Relay)" in field)
    return bytes(ours)


def test_postfix_logs_in_only_after_it_verified_the_relay(
    site: Site, sink: Sink, tmp_path: Path
) -> None:
    login = add_company(site.installation, sink)
    password = f"{login['smtp_user']}:{login['smtp_password']}"
    settings = {
        "relayhost": site.relay,
        "smtp_sasl_auth_enable": "yes",
        "smtp_sasl_password_maps": f"inline:{{ {{ {site.relay} = {password} }} }}",
        "smtp_sasl_security_options": "noanonymous",
        "smtp_tls_security_level": "secure",
        "smtp_tls_CAfile": str(site.folder / "stranger.pem"),
        "smtp_tls_loglevel": "1",
    }
    with site.installation.up():
        with postfix(tmp_path / "deceived", **settings) as door:
            send(door)
            wait_until(lambda: "status=deferred" in log_of(tmp_path / "deceived"), "it waits")
        assert "Server certificate not verified" in log_of(tmp_path / "deceived")
        assert site.installation.lines("log") == []
        settings["smtp_tls_CAfile"] = str(site.folder / "ca.pem")
        for count, level in enumerate(("verify", "secure"), 1):
            with postfix(tmp_path / level, **settings | {"smtp_tls_security_level": level}) as door:
                send(door)
                came = arrived(sink, count)
            assert len(links(came)) == 1
            assert b"with ESMTPSA" in relay_received(came)
            assert "Verified TLS connection established to localhost" in log_of(tmp_path / level)


@pytest.mark.parametrize("known_by", ["the certificate itself", "a name in it"])
def test_postfix_is_known_by_its_certificate(
    site: Site, sink: Sink, tmp_path: Path, known_by: str
) -> None:
    relay = site.with_settings(CAREER_RELAY_TLS_CLIENT_CA=str(site.folder / "clients.pem"))
    shown = CLIENT
    if known_by == "the certificate itself":
        relay, shown = site.installation, str(site.folder / "client.pem")
    add_company(relay, sink)
    access = ("company", "access", COMPANY, "--require", "certificate", "--certificate", shown)
    assert relay.run(*access).returncode == 0
    settings = {
        "relayhost": site.relay,
        "smtp_tls_security_level": "secure",
        "smtp_tls_CAfile": str(site.folder / "ca.pem"),
    }
    own = {
        "smtp_tls_cert_file": str(site.folder / "client.pem"),
        "smtp_tls_key_file": str(site.folder / "client-key.pem"),
    }
    with relay.up():
        with postfix(tmp_path / "without", **settings) as door:
            send(door)
            wait_until(lambda: "said: 530 5.7.0" in log_of(tmp_path / "without"), "it is refused")
        assert sink.to(LETTER.recipient) == []
        with postfix(tmp_path / "with", **settings, **own) as door:
            send(door)
            came = arrived(sink)
    assert len(links(came)) == 1
    assert b"with ESMTPS\r\n" in relay_received(came), "TLS, and no login"


@pytest.mark.parametrize("is_trusted", [True, False])
def test_before_the_queue_postfix_tells_whose_mail_it_is(
    site: Site, sink: Sink, tmp_path: Path, *, is_trusted: bool
) -> None:
    """https://www.postfix.org/XFORWARD_README.html: sent only to a server that offers it."""
    trusted = {"CAREER_RELAY_XFORWARD_FROM": "127.0.0.1"} if is_trusted else {}
    relay = site.with_settings(**trusted)
    back = HostPort("127.0.0.1", free_port())
    add_company(relay, Sink(back))
    known = ("--require", "network", "--network", "127.0.0.1")
    assert relay.run("company", "access", COMPANY, *known).returncode == 0
    second_port = (
        f"{back} inet n - n - - smtpd\n  -o smtpd_proxy_filter=\n"
        "  -o smtpd_relay_restrictions=permit_mynetworks,reject\n"
    )
    settings = {
        "smtpd_proxy_filter": str(relay.smtp),
        "relayhost": f"[{sink.address.host}]:{sink.address.port}",
    }
    with relay.up(), postfix(tmp_path / "front", services=second_port, **settings) as door:
        send(door, source="127.0.0.77")
        came = arrived(sink)
    assert len(links(came)) == 1
    told = b"from desk.midori.example ([127.0.0.77])"
    itself = b"from " + CLIENT.encode() + b" ([127.0.0.1])"
    assert (told if is_trusted else itself) in relay_received(came)
