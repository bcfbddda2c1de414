"""Servers that fall over, and a sender that does not mind: what the storm test is made of."""

import os
import shutil
import signal
import smtplib
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis

from gateway.demo.samples import DOMAIN, SENDER, samples
from gateway.settings import HostPort
from tests.e2e.program import BIN, ROOT, Installation
from tests.services import free_port, missing, wait_until

_LETTER = next(samples())


def letter(number: int) -> tuple[str, bytes]:
    """Return rejection number `number`: its candidate and its bytes, the same each time."""
    candidate = f"candidate-{number}@people.example"
    raw = _LETTER.raw.replace(_LETTER.recipient.encode(), candidate.encode())
    return candidate, raw.replace(b"<demo-01@", b"<storm-%d@" % number)


@dataclass
class Redis:
    """A Redis that can be emptied, stopped and started on the same port."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers."""
        program = shutil.which("redis-server")
        if program is None:
            missing("redis-server")
        options = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "")
        self.process = subprocess.Popen(
            [program, *options, "--dir", str(self.folder)], stdout=subprocess.DEVNULL
        )
        wait_until(self._answers, "redis-server answers")

    def stop(self) -> None:
        """Kill it: what it held is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def restart(self) -> None:
        """Kill it and start it again, empty."""
        self.stop()
        self.start()

    def flush(self) -> None:
        """Throw away all it holds."""
        with redis.Redis(port=self.port, socket_timeout=2) as client:
            client.flushall()

    def _answers(self) -> bool:
        with suppress(redis.ConnectionError), redis.Redis(port=self.port) as client:
            return bool(client.ping())
        return False


@dataclass
class Workers:
    """Worker processes as a supervisor keeps them: who dies is started again."""

    installation: Installation
    command: list[str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    started: int = 0
    kills: int = 0
    _is_over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start one more worker, the leader of a process group of its own; ready on return."""
        self.started += 1
        log = self.installation.folder / f"worker-{self.started}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(BIN / self.command[0]), *self.command[1:]],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.installation.environment,
                cwd=ROOT,
                start_new_session=True,
            )
        self.running.append(process)
        wait_until(lambda: b"ready for action" in log.read_bytes(), "a worker is ready", 60)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a worker with all its processes, without a word."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.running.remove(process)
        self.kills += 1

    def kill_in_turn(self, seconds: float) -> None:
        """Kill the oldest worker, start another, wait `seconds`; again and again until calm()."""
        while not self._is_over.wait(seconds):
            self.kill(self.running[0])
            self.start()

    def calm(self) -> None:
        """Kill no more."""
        self._is_over.set()

    def stop(self) -> None:
        """End all of them."""
        for process in tuple(self.running):
            self.kill(process)


@contextmanager
def killing(workers: Workers, number: int, seconds: float) -> Iterator[None]:
    """Run `number` workers; one is killed every `seconds` until the block is left."""
    for _ in range(number):
        workers.start()
    killer = threading.Thread(target=workers.kill_in_turn, args=(seconds,), daemon=True)
    killer.start()
    try:
        yield
    finally:
        workers.calm()
        killer.join()


@dataclass
class Sender:
    """A company's mail server: it tries each mail, here and there, until somebody says 250."""

    gateways: tuple[HostPort, ...]
    login: tuple[str, str]
    seconds_between: float
    accepted: list[str] = field(default_factory=list)
    retries: int = 0

    def send_all(self, numbers: range) -> None:
        """Send these letters over one connection at a time."""
        client: smtplib.SMTP | None = None
        turn = numbers.start
        for number in numbers:
            candidate, raw = letter(number)
            while True:
                try:
                    client = client or self._connect(turn)
                    client.sendmail(SENDER, [candidate], raw)
                    break
                except (OSError, smtplib.SMTPException) as error:
                    _fail_if_permanent(error)
                    self.retries += 1
                    turn += 1  # to the other gateway
                    if client is not None:
                        client.close()
                        client = None
                    time.sleep(0.3)
            self.accepted.append(candidate)
            time.sleep(self.seconds_between)
        if client is not None:
            client.close()

    def _connect(self, turn: int) -> smtplib.SMTP:
        host, port = self.gateways[turn % len(self.gateways)]
        client = smtplib.SMTP(host, port, timeout=60)
        try:
            client.login(*self.login)
        except BaseException:
            client.close()
            raise
        return client


def _fail_if_permanent(error: Exception) -> None:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    elif isinstance(error, smtplib.SMTPResponseException):
        codes = [error.smtp_code]
    else:
        return
    assert all(code < 500 for code in codes), f"{codes}: the sender would give the mail up"


CONTACT = f"postmaster@{DOMAIN}"
