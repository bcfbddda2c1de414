"""docs/connect/postfix.md, typed word for word into a Postfix: each way that it names."""

import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.core.restore import restore
from gateway.demo.samples import COMPANY, DOMAIN, SENDER, samples
from gateway.settings import HostPort
from tests.certificates import Authority
from tests.e2e.conftest import add_company
from tests.e2e.postfix import postfix
from tests.e2e.program import ROOT, Installation, links, new_installation
from tests.e2e.sink import Sink
from tests.e2e.test_postfix import below_received
from tests.services import free_port

pytestmark = pytest.mark.postfix

PAGE = (ROOT / "docs/connect/postfix.md").read_text("utf-8")
LETTER = next(samples())
MARKED = b"X-Recruiting: yes\r\n" + LETTER.raw

Login = dict[str, str]


@pytest.fixture
def installation(tmp_path: Path, sink: Sink) -> Installation:
    """Give an installation with a certificate for localhost."""
    folder = tmp_path / "relay"
    folder.mkdir()
    authority = Authority()
    names = ("ca.pem", "chain.pem", "key.pem")
    for name, text in zip(names, (authority.pem, *authority.issue("localhost")), strict=True):
        (folder / name).write_text(text, "ascii")
    return new_installation(
        folder,
        CAREER_RELAY_TLS_CERTIFICATE=str(folder / "chain.pem"),
        CAREER_RELAY_TLS_KEY=str(folder / "key.pem"),
        CAREER_RELAY_NOTIFY_VIA=str(sink.address),
    )


def blocks(heading: str) -> Iterator[tuple[str, str]]:
    """Yield the files and their lines that the page has written under a heading."""
    section = PAGE.partition(f"# {heading}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    name = ""
    for line in "\n".join(section.split("```")[1::2]).splitlines():
        if line.startswith("# /"):
            name = line.removeprefix("# /etc/postfix/")
        elif name and line and not line.startswith("career-relay"):
            yield name, line


class Typed:
    """What an administrator has typed, with the names of this test in it."""

    def __init__(self, folder: Path, installation: Installation, login: Login) -> None:
        self.back = HostPort("127.0.0.1", free_port())
        self._folder = folder
        folder.mkdir(mode=0o755)
        trusted = folder / "ca.pem"
        trusted.write_bytes((installation.folder / "ca.pem").read_bytes())
        port = installation.smtp.port
        self._names = {
            "/etc/postfix": str(folder),
            "/etc/ssl/certs/ca-certificates.crt": str(trusted),
            "[relay.example]:587": f"[localhost]:{port}",
            "127.0.0.1:587": f"127.0.0.1:{port}",
            "127.0.0.1:10026": str(self.back),
            "saiyo@acme.example": SENDER,
        }
        self._files: dict[str, str] = {}
        self._add(
            "career-relay", f"[localhost]:{port} {login['smtp_user']}:{login['smtp_password']}"
        )

    def type(self, *headings: str) -> "Typed":
        """Type what stands under these headings."""
        for heading in headings:
            for name, line in blocks(heading):
                self._add(name, line)
        return self

    def postfix(self, relayhost: HostPort) -> dict[str, str]:
        """Write the files; return what is in main.cf and master.cf; the old way is `relayhost`."""
        for name, text in self._files.items():
            (self._folder / name).write_text(text, "utf-8")
        main = dict(one.split(" = ", 1) for one in self._files.get("main.cf", "").splitlines())
        old_way = {"relayhost": f"[{relayhost.host}]:{relayhost.port}"}
        return old_way | main | {"services": self._files.get("master.cf", "")}

    def _add(self, name: str, line: str) -> None:
        for written, here in self._names.items():
            line = line.replace(written, here)
        self._files[name] = self._files.get(name, "") + line + "\n"


def send(door: HostPort, raw: bytes, sender: str = SENDER) -> None:
    with smtplib.SMTP(*door, timeout=60) as client:
        client.sendmail(sender, [LETTER.recipient], raw)


def arrived(sink: Sink, count: int) -> list[bytes]:
    mails = sink.to(LETTER.recipient)
    assert sink.wait_for(lambda: len(sink.to(LETTER.recipient)) == count, 60), mails
    return [mail.raw for mail in sink.to(LETTER.recipient)]


@pytest.mark.parametrize(
    ("heading", "passes_by"),
    [
        ("Only some senders", (LETTER.raw, f"eigyo@{DOMAIN}")),
        ("Only what a header says", (LETTER.raw, SENDER)),
    ],
)
def test_some_mails_take_the_way_through_the_relay_and_others_the_old_one(
    installation: Installation,
    sink: Sink,
    tmp_path: Path,
    heading: str,
    passes_by: tuple[bytes, str],
) -> None:
    login = add_company(installation, sink)
    typed = Typed(tmp_path / "typed", installation, login).type("Only some mails", heading)
    with installation.up(), postfix(tmp_path / "front", **typed.postfix(sink.address)) as door:
        send(door, MARKED)
        (linked,) = arrived(sink, 1)
        send(door, *passes_by)
        other = arrived(sink, 2)[1]
    assert len(links(linked)) == 1
    assert below_received(restore(linked)) == MARKED
    assert below_received(other) == LETTER.raw
    assert b"with ESMTPSA" in linked, "it came over TLS, with a login"


@pytest.mark.parametrize("heading", ["Everything, and back into the same Postfix"])
def test_everything_goes_to_the_relay_and_comes_back(
    installation: Installation, sink: Sink, tmp_path: Path, heading: str
) -> None:
    with installation.up():
        login = add_company(installation, sink)
        typed = Typed(tmp_path / "typed", installation, login).type("Only some mails", heading)
        set_hop(installation, typed.back)
        with postfix(tmp_path / "front", **typed.postfix(sink.address)) as door:
            send(door, LETTER.raw)
            (came,) = arrived(sink, 1)
    assert len(links(came)) == 1
    assert below_received(restore(came)) == LETTER.raw
    assert b"with ESMTPSA" in came


def test_before_the_queue_the_sender_hears_the_next_hop(
    installation: Installation, sink: Sink, tmp_path: Path
) -> None:
    login = add_company(installation, sink)
    back, headings = "Everything, and back into the same Postfix", "Before the queue"
    typed = Typed(tmp_path / "typed", installation, login).type(back)
    typed.type(headings)
    settings = typed.postfix(sink.address) | {"content_filter": ""}
    set_hop(installation, typed.back)
    known = ("--require", "network", "--network", "127.0.0.1")
    assert installation.run("company", "access", COMPANY, *known).returncode == 0
    with installation.up(), postfix(tmp_path / "front", **settings) as door:
        send(door, LETTER.raw)
        (came,) = arrived(sink, 1)
        with pytest.raises(smtplib.SMTPException, match="550"):
            send(door, LETTER.raw, "somebody@elsewhere.example")
    assert len(links(came)) == 1
    assert below_received(restore(came)) == LETTER.raw


def set_hop(installation: Installation, hop: HostPort) -> None:
    done = installation.run("company", "hop", COMPANY, str(hop))
    assert done.returncode == 0, done.stderr.decode()
