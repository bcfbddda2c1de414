"""Twenty mails of 25 MB at once: the process stays within its budget, the rest hear 452."""

import socket
import threading
from base64 import b64encode
from pathlib import Path

from gateway.demo.samples import SENDER
from gateway.settings import HostPort
from tests.e2e.conftest import add_company
from tests.e2e.program import new_installation
from tests.e2e.sink import Sink

BUDGET_BYTES = 256 << 20
JUDGING_BYTES = 100 << 20
"""What judging one such mail takes for a moment, on top of the budget: docs/known-issues.md."""

MAILS = 20
LARGE = b"From: <%s>\r\nSubject: drawings\r\n\r\n%b.\r\n" % (
    SENDER.encode(),
    (b"x" * 900 + b"\r\n") * (25_000_000 // 902),
)


class Client:
    """One who sends a large mail, step by step."""

    def __init__(self, door: HostPort, login: dict[str, str]) -> None:
        self._socket = socket.create_connection(door, 120)
        self._replies = self._socket.makefile("rb")
        secret = f"\0{login['smtp_user']}\0{login['smtp_password']}".encode()
        self._reply()
        self._say(b"EHLO mx.midori.example")
        self._say(b"AUTH PLAIN " + b64encode(secret))

    def begin(self) -> str:
        """Go as far as DATA; return the last reply's code."""
        self._say(b"MAIL FROM:<%s>" % SENDER.encode())
        self._say(b"RCPT TO:<keiri@kokyaku.example>")
        return self._say(b"DATA")

    def send(self) -> str:
        """Send the mail; return the reply's code."""
        self._socket.sendall(LARGE)
        return self._reply()

    def close(self) -> None:
        """Leave."""
        self._replies.close()
        self._socket.close()

    def _say(self, line: bytes) -> str:
        self._socket.sendall(line + b"\r\n")
        return self._reply()

    def _reply(self) -> str:
        while (line := self._replies.readline())[3:4] == b"-":
            pass
        return line[:3].decode()


def status_bytes(process: int, name: str) -> int:
    """Return VmRSS or VmHWM, the most there ever was, of a process."""
    lines = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(f"{name}:"))


def test_twenty_large_mails_at_once_stay_within_the_memory_budget(
    tmp_path: Path, sink: Sink
) -> None:
    budget = {"CAREER_RELAY_MESSAGE_MEMORY_BYTES": str(BUDGET_BYTES)}
    installation = new_installation(tmp_path, **budget)
    login = add_company(installation, sink)
    answers: list[str] = []
    with installation.up() as running:
        clients = [Client(installation.smtp, login) for _ in range(MAILS)]
        assert [one.begin() for one in clients] == ["354"] * MAILS
        before = status_bytes(running.pid, "VmRSS")
        threads = [
            threading.Thread(target=lambda one=one: answers.append(one.send())) for one in clients
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        most = status_bytes(running.pid, "VmHWM") - before
        for one in clients:
            one.close()
    print(f"{answers.count('250')} taken, {answers.count('452')} told to wait, {most >> 20} MiB")  # noqa: T201
    assert set(answers) == {"250", "452"}, answers
    assert answers.count("250") == len(sink.to("keiri@kokyaku.example"))
    assert BUDGET_BYTES // 8 < most <= BUDGET_BYTES + JUDGING_BYTES
