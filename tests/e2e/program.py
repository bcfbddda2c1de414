"""Start the program as its users do, and ask it things."""

import email
import http.client
import json
import os
import re
import signal
import smtplib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.settings import HostPort
from tests.services import free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
LINK = re.compile(rb"http://[^\s\"'<>]+/r/[a-z2-7]{26}")


@dataclass(frozen=True)
class Installation:
    """One data folder and its settings; commands and processes run against it."""

    folder: Path
    smtp: HostPort
    web: HostPort
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every process: nothing of this one's settings."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("CAREER_RELAY_")}
        return inherited | {
            "CAREER_RELAY_DATA_DIR": str(self.folder),
            "CAREER_RELAY_SMTP_LISTEN": str(self.smtp),
            "CAREER_RELAY_WEB_LISTEN": str(self.web),
            "CAREER_RELAY_SWEEP_SECONDS": "1",
            "PYTHONUNBUFFERED": "1",
            **self.settings,
        }

    def run(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run `career-relay` with these arguments to its end."""
        return subprocess.run(
            [str(BIN / "career-relay"), *arguments],
            input=stdin,
            capture_output=True,
            env=self.environment,
            cwd=self.folder,
            timeout=60,
            check=False,
        )

    def ask(self, *arguments: str) -> Any:
        """Run a command and return its JSON."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def lines(self, *arguments: str) -> list[Any]:
        """Run a command that prints one JSON object a line and return them."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr.decode()
        return [json.loads(line) for line in done.stdout.splitlines()]

    @contextmanager
    def process(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a long-running command until the block is left; it must then end by itself."""
        log = self.folder / f"{'-'.join(command[:2]).replace('/', '_')}.log"
        with (
            log.open("ab") as output,
            subprocess.Popen(
                [str(BIN / command[0]), *command[1:]],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=ROOT,
            ) as running,
        ):
            try:
                yield running
            finally:
                running.send_signal(signal.SIGTERM)
                try:
                    running.wait(30)
                except subprocess.TimeoutExpired:
                    running.kill()
                    raise

    @contextmanager
    def up(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run everything in one process; ready when the block begins."""
        with self.process("career-relay", "up", *arguments) as running:
            self.wait_until_ready()
            yield running

    def wait_until_ready(self) -> None:
        """Return when gateway and web pages answer; asked as `career-relay ready` asks."""
        wait_until(lambda: _is_greeting(self.smtp) and _is_ready(self.web), "both answer", 60)

    def logs(self) -> str:
        """Return what the processes printed."""
        return "\n".join(p.read_text("utf-8", "replace") for p in self.folder.glob("*.log"))

    def wait_for_points(self, company: str, counted: int) -> Any:
        """Return the company's ledger once `counted` candidates are counted."""
        wait_until(
            lambda: self.ask("ledger", company)["counted"] >= counted, f"{counted} are counted"
        )
        return self.ask("ledger", company)

    def send(
        self, login: Mapping[str, str], mails: Sequence[tuple[str, str, bytes]]
    ) -> list[dict[str, tuple[int, bytes]]]:
        """Send (sender, recipient, bytes) each, as a mail server would, with AUTH."""
        with smtplib.SMTP(*self.smtp, timeout=30) as client:
            client.login(login["smtp_user"], login["smtp_password"])
            return [client.sendmail(sender, [to], raw) for sender, to, raw in mails]

    def send_to(
        self, login: Mapping[str, str], sender: str, recipients: Sequence[str], raw: bytes
    ) -> dict[str, tuple[int, bytes]]:
        """Send one mail to several recipients at once."""
        with smtplib.SMTP(*self.smtp, timeout=30) as client:
            client.login(login["smtp_user"], login["smtp_password"])
            return client.sendmail(sender, list(recipients), raw)


def _is_greeting(smtp: HostPort) -> bool:
    try:
        with smtplib.SMTP(*smtp, timeout=10) as client:
            return client.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _is_ready(web: HostPort) -> bool:
    connection = http.client.HTTPConnection(*web, timeout=10)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def new_installation(folder: Path, **settings: str) -> Installation:
    """Return an installation in an empty folder on two free ports."""
    return Installation(
        folder,
        HostPort("127.0.0.1", free_port()),
        HostPort("127.0.0.1", free_port()),
        settings,
    )


def links(raw: bytes) -> set[bytes]:
    """Return the referral links in a mail's text parts, decoded as a mail program would."""
    found: set[bytes] = set()
    for part in email.message_from_bytes(raw).walk():
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            found.update(LINK.findall(payload))
    return found


def below_trace(raw: bytes) -> bytes:
    """Return what stands below the relay's trace header: the mail as the sender had it."""
    head, trace, rest = raw.partition(b"\r\nX-Career-Relay: ")
    assert trace, head
    return rest[re.search(rb"\r\n(?![ \t])", rest).end() :]  # type: ignore[union-attr]


def ledger_dump(installation: Installation) -> list[str]:
    """Return every row of the SQLite ledger, as SQL."""
    file = installation.folder / "ledger.sqlite3"
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        dump = list(connection.iterdump())
    connection.close()
    return dump
