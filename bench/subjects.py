"""The relays that are measured: each starts beside the others, before the same kind of sink."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.mails import DOMAIN, SENDER
from gateway.settings import HostPort
from tests.e2e.postfix import postfix
from tests.e2e.program import Installation
from tests.services import free_port, wait_until

ROOT = Path(__file__).resolve().parent.parent
_COMPANY = "株式会社ベンチ商事"

_CONNECTION = """\
[max]
bytes=67108864
line_length=512
data_line_length=992
mime_parts=1000
[headers]
max_lines=1000
max_received=100
[haproxy]
hosts[] =
[message]
helo=bench
close=bye
[uuid]
banner_chars=6
deny_chars=0
"""

_PLUGIN = """\
exports.register = function () { this.register_hook('rcpt', 'take'); };
exports.hook_data = function (next, connection) {
    connection.transaction.set_banner(TEXT, `<p>${TEXT}</p>`);
    next();
};
exports.take = (next) => next(OK);
const TEXT = 'https://relay.example/r/abcdefghijklmnopqrstuvwx22';
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A running relay: where it listens, how to log in, its processes."""

    name: str
    ports: tuple[int, ...]
    roots: tuple[int, ...]
    user: str = ""
    password: str = ""


@contextlib.contextmanager
def running(command: Sequence[str]) -> Iterator[int]:
    """Run a process that says "ready" for as long as the context lasts; give its id."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            if process.stdout.readline().strip() != b"ready":
                raise SystemExit(f"{command[0]} did not start: {' '.join(command)}")
            yield process.pid
        finally:
            process.terminate()
            process.wait(10)


def python(module: str, *arguments: object) -> list[str]:
    """Return the command that runs a module of the bench."""
    return [sys.executable, "-m", f"bench.{module}", *map(str, arguments)]


@contextlib.contextmanager
def sink(*options: str) -> Iterator[tuple[int, int]]:
    """Run a sink; give its port and its process id."""
    port = free_port()
    with running(python("sink", port, *options)) as pid:
        yield port, pid


@contextlib.contextmanager
def career_relay(
    folder: Path,
    next_port: int,
    *,
    name: str = "career-relay",
    processes: int = 1,
    hop_connections: int | None = None,
    **settings: str,
) -> Iterator[Subject]:
    """Run the product's gateway with a company in inject mode.

    processes        so many, on one port
    hop_connections  most connections to the next hop, None for as many as nobody has set
    settings         environment variables without their prefix, in lower case
    """
    folder.mkdir(parents=True)
    given = {f"CAREER_RELAY_{key.upper()}": value for key, value in settings.items()}
    smtp = HostPort("127.0.0.1", free_port())
    door = Installation(folder, smtp, HostPort("127.0.0.1", 1), given)
    migrated = door.run("migrate")
    if migrated.returncode:
        raise SystemExit(migrated.stderr.decode())
    hop = f"127.0.0.1:{next_port}"
    options = ("--domain", DOMAIN, "--next-hop", hop, "--mode", "inject", "--sender", SENDER)
    login = door.ask("company", "add", _COMPANY, *options)
    if hop_connections is not None:
        door.ask("company", "hop", _COMPANY, "--most-connections", str(hop_connections))
    with door.process("career-relay", "gateway", "--processes", str(processes)) as running_gateway:
        wait_until(lambda: "SMTP on" in door.logs(), "the gateway is up")
        user, password = login["smtp_user"], login["smtp_password"]
        yield Subject(name, (smtp.port,), (running_gateway.pid,), user, password)


@contextlib.contextmanager
def naive(_folder: Path, next_port: int) -> Iterator[Subject]:
    """Run the plain relay."""
    port = free_port()
    with running(python("naive", port, next_port)) as pid:
        yield Subject("naive", (port,), (pid,))


@contextlib.contextmanager
def direct(_folder: Path, next_port: int) -> Iterator[Subject]:
    """Stand for no relay at all."""
    yield Subject("direct", (next_port,), ())


def haraka_program() -> Path | None:
    """Return where Haraka is: on the PATH, or named by BENCH_HARAKA."""
    named = os.environ.get("BENCH_HARAKA") or shutil.which("haraka")
    return Path(named) if named else None


@contextlib.contextmanager
def haraka(folder: Path, next_port: int) -> Iterator[Subject]:
    """Run Haraka as a forwarding relay with a banner, no cluster."""
    program, port = haraka_program(), free_port()
    if program is None:
        raise SystemExit("no Haraka")
    files = {
        "config/smtp.ini": f"listen=127.0.0.1:{port}\nnodes=0\n",
        "config/plugins": "relayed\nqueue/smtp_forward\n",
        "config/smtp_forward.ini": f"host=127.0.0.1\nport={next_port}\n",
        "config/loglevel": "LOGERROR",
        "config/connection.ini": _CONNECTION,
        "plugins/relayed.js": _PLUGIN,
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([str(program), "-c", str(folder)], stdout=log, stderr=log)
    try:
        wait_until(lambda: _listens(port), "Haraka listens")
        yield Subject("haraka", (port,), (process.pid,))
    finally:
        process.kill()
        process.wait()


def milter_python() -> str | None:
    """Return a Python that has pymilter (Debian: python3-milter)."""
    for candidate in ("/usr/bin/python3", sys.executable):
        done = subprocess.run([candidate, "-c", "import Milter"], check=False, capture_output=True)
        if done.returncode == 0:
            return candidate
    return None


@contextlib.contextmanager
def postfix_milter(folder: Path, next_port: int) -> Iterator[Subject]:
    """Run Postfix with a Python milter that adds a footer."""
    program = milter_python()
    if program is None:
        raise SystemExit("no pymilter")
    folder.mkdir(parents=True)
    door = folder / "milter.sock"  # over TCP, libmilter's small writes wait for delayed ACKs
    milter = [program, str(ROOT / "bench" / "footer_milter.py"), f"unix:{door}"]
    relayhost = f"[127.0.0.1]:{next_port}"
    with (
        running(milter) as milter_pid,
        postfix(
            folder / "postfix",
            relayhost=relayhost,
            smtpd_milters=f"unix:{door}",
            message_size_limit=str(64 << 20),
            smtpd_client_connection_count_limit="0",
        ) as address,
    ):
        wait_until(door.exists, "the milter listens")
        door.chmod(0o777)
        master = int((folder / "postfix/queue/pid/master.pid").read_text())
        yield Subject("postfix+milter", (address.port,), (master, milter_pid))


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
