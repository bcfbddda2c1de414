"""A real Postfix as next hop that wants TLS, and to know who comes."""

import base64
import json
import smtplib
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.demo.samples import COMPANY
from gateway.settings import HostPort
from tests.certificates import Authority
from tests.e2e.conftest import add_company
from tests.e2e.postfix import postfix
from tests.e2e.program import Installation, links, new_installation
from tests.e2e.sink import Sink
from tests.e2e.test_main_job import MAILS, from_company
from tests.services import wait_until

pytestmark = pytest.mark.postfix

USER, PASSWORD = "acme", "right horse"
HELLO = "VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t00\nDONE\n"


class PasswordServer(socketserver.StreamRequestHandler):
    """Tells Postfix who may log in: Dovecot's authentication protocol, as far as it is asked."""

    def handle(self) -> None:
        self.wfile.write(HELLO.encode())
        for line in self.rfile:
            command, number, *rest = line.decode().rstrip("\n").split("\t")
            if command == "AUTH":
                given = next(word for word in rest if word.startswith("resp="))
                is_right = base64.b64decode(given[5:]) == f"\0{USER}\0{PASSWORD}".encode()
                answer = "OK" if is_right else "FAIL"
                self.wfile.write(f"{answer}\t{number}\tuser={USER}\n".encode())


@contextmanager
def password_server() -> Iterator[HostPort]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), PasswordServer) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield HostPort("127.0.0.1", int(server.server_address[1]))
        server.shutdown()
        thread.join()


@pytest.fixture
def installation(tmp_path: Path, sink: Sink) -> Installation:
    """Give an installation whose notifications take another way."""
    folder = tmp_path / "relay"
    folder.mkdir()
    return new_installation(folder, CAREER_RELAY_NOTIFY_VIA=str(sink.address))


@pytest.fixture
def authority() -> Authority:
    """Give an authority of the company's own."""
    return Authority("Midori Authority")


def certificates(folder: Path, authority: Authority) -> dict[str, str]:
    """Return the settings of a Postfix that wants TLS, and shows a certificate for localhost."""
    folder.mkdir(mode=0o755)
    certificate, key = authority.issue("localhost")
    for name, text in (("ca", authority.pem), ("chain", certificate), ("key", key)):
        (folder / f"{name}.pem").write_text(text, "ascii")
    return {
        "smtpd_tls_security_level": "encrypt",
        "smtpd_tls_cert_file": str(folder / "chain.pem"),
        "smtpd_tls_key_file": str(folder / "key.pem"),
        "smtpd_tls_CAfile": str(folder / "ca.pem"),
        "smtpd_tls_received_header": "yes",
    }


def set_hop(installation: Installation, hop: HostPort, *options: str, stdin: str = "") -> None:
    arguments = ("company", "hop", COMPANY, f"localhost:{hop.port}", *options, "--json")
    done = installation.run(*arguments, stdin=stdin.encode())
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["tls"] == "pinned"


def test_a_postfix_that_asks_for_tls_and_a_login_gets_both(
    installation: Installation, sink: Sink, tmp_path: Path, authority: Authority
) -> None:
    settings = certificates(tmp_path / "tls", authority)
    with password_server() as passwords:
        behind = postfix(
            tmp_path / "behind",
            relayhost=f"[{sink.address.host}]:{sink.address.port}",
            smtpd_sasl_auth_enable="yes",
            smtpd_sasl_type="dovecot",
            smtpd_sasl_path=f"inet:{passwords}",
            smtpd_sasl_authenticated_header="yes",
            smtpd_tls_auth_only="yes",
            **(settings | {"smtpd_relay_restrictions": "permit_sasl_authenticated, reject"}),
        )
        with behind as next_hop, installation.up():
            login = add_company(installation, Sink(next_hop))
            trust = ("--tls", "pinned", "--authority", str(tmp_path / "tls" / "ca.pem"))
            log_in = ("--user", USER, "--password-file", "-")
            set_hop(installation, next_hop, *trust, *log_in, stdin=f"{PASSWORD}\n")
            wait_until(
                lambda: _is_taken(installation, login, MAILS[:1]), "the settings are in effect"
            )
            installation.send(login, MAILS[1:])
            assert sink.wait_for(lambda: len(from_company(sink)) == len(MAILS), 60)
            assert installation.wait_for_points(COMPANY, 10)["counted"] == 10
    assert all(f"(Authenticated sender: {USER})".encode() in raw for raw in from_company(sink))
    assert all(b"(using TLSv1.3 with cipher" in raw for raw in from_company(sink))
    assert sum(len(links(raw)) for raw in from_company(sink)) == 10
    assert PASSWORD not in installation.logs()


def test_a_postfix_that_asks_for_a_certificate_is_shown_one(
    installation: Installation, sink: Sink, tmp_path: Path, authority: Authority
) -> None:
    settings = certificates(tmp_path / "tls", authority)
    chain, key = authority.issue("midori.relay.example")
    for name, text in (("client", chain), ("client-key", key)):
        (tmp_path / "tls" / f"{name}.pem").write_text(text, "ascii")
    behind = postfix(
        tmp_path / "behind",
        relayhost=f"[{sink.address.host}]:{sink.address.port}",
        smtpd_tls_ask_ccert="yes",
        **(settings | {"smtpd_relay_restrictions": "permit_tls_all_clientcerts, reject"}),
    )
    with behind as next_hop, installation.up():
        login = add_company(installation, Sink(next_hop))
        set_hop(
            installation,
            next_hop,
            *("--tls", "pinned", "--authority", str(tmp_path / "tls" / "ca.pem")),
            *("--certificate", str(tmp_path / "tls" / "client.pem")),
            *("--key", str(tmp_path / "tls" / "client-key.pem")),
        )
        wait_until(lambda: _is_taken(installation, login, MAILS[:1]), "the settings are in effect")
        assert sink.wait_for(lambda: len(from_company(sink)) == 1, 60)
    assert (
        b'(Client CN "midori.relay.example", Issuer "Midori Authority" (verified OK))'
        in (from_company(sink)[0])
    )


def _is_taken(
    installation: Installation, login: dict[str, str], mails: list[tuple[str, str, bytes]]
) -> bool:
    """Send a mail, which is refused as long as the old settings are in use."""
    try:
        installation.send(login, mails)
    except smtplib.SMTPException:
        return False
    return True
