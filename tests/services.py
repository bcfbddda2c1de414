"""Real servers for tests: a throw-away PostgreSQL cluster and a throw-away Redis.

Both live in a temporary folder on a free port of 127.0.0.1, without sync to disk, and die with
the test session. Where the programs are missing, tests that need them are skipped; in CI
(CI=true) they fail.
"""

import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
import redis
from playwright.sync_api import Browser, sync_playwright

_START_SECONDS = 30.0

_CHROMIUM = Path("/usr/bin/chromium")
_CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def missing(what: str) -> NoReturn:
    """Skip the test because `what` is not on this machine; in CI fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI=true says it must not be")
    pytest.skip(f"{what} is not on this machine")


_FIRST_PORT, _LAST_PORT = 10_000, 29_999
_next_ports = itertools.count(os.getpid() * 100)


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on, and that no other test will take.

    Below those that the system gives to whoever connects: one of these might be gone before the
    server that is to listen on it has started. Each process begins to look elsewhere.
    """
    while True:
        port = _FIRST_PORT + next(_next_ports) % (_LAST_PORT - _FIRST_PORT + 1)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = _START_SECONDS) -> None:
    """Return as soon as `is_so()`; fail the test when it is not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(f"after {seconds:g} s still not so: {what}")
        time.sleep(0.02)


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """A running cluster; its user `postgres` needs no password."""

    bin_dir: Path
    data_dir: Path
    port: int

    def url(self, database: str) -> str:
        """Return SQLAlchemy's address of a database in the cluster."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run one statement outside a transaction, as the cluster's owner."""
        address = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.data_dir} -F"
        options += " -c max_connections=60 -c full_page_writes=off"
        log = self.data_dir / "server.log"
        self._control("start", "-w", "-l", str(log), "-o", options)

    def stop(self) -> None:
        """Stop the server at once: open connections break."""
        self._control("stop", "-w", "-m", "immediate")

    def restart(self) -> None:
        """Stop it at once and start it again."""
        self.stop()
        self.start()

    def _control(self, *arguments: str) -> None:
        command = [str(self.bin_dir / "pg_ctl"), "-D", str(self.data_dir), *arguments]
        _run_unprivileged(command, self.data_dir)


def _run_unprivileged(command: list[str], cwd: Path) -> None:
    """Run a program of PostgreSQL, which refuses to be root."""
    prefix = ["runuser", "-u", _unprivileged_user(), "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*prefix, *command],
        cwd=cwd,
        check=False,
        # A file and no pipe: the server inherits it, and a pipe would stay open.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=_START_SECONDS * 2,
    )
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}"


def _unprivileged_user() -> str:
    import pwd  # noqa: PLC0415  not on every system

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _find_postgresql() -> Path | None:
    """Return the folder with initdb, postgres and pg_ctl, the newest Debian has, else PATH's."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0,
    )
    on_path = shutil.which("initdb")
    found = [*debian[-1:], *([Path(on_path).resolve().parent] if on_path else [])]
    return next((folder for folder in found if (folder / "pg_ctl").exists()), None)


@contextlib.contextmanager
def postgresql_cluster() -> Iterator[PostgreSQL]:
    """Run a cluster for as long as the context lasts."""
    bin_dir = _find_postgresql()
    if bin_dir is None or sys.platform == "win32":
        missing("PostgreSQL (initdb, pg_ctl)")
    with tempfile.TemporaryDirectory(prefix="cr-pg-") as folder:
        data_dir = Path(folder) / "data"
        data_dir.mkdir()
        if os.geteuid() == 0:
            Path(folder).chmod(0o755)
            shutil.chown(data_dir, _unprivileged_user())
        initdb = [str(bin_dir / "initdb"), "-D", str(data_dir), "-U", "postgres", "-N"]
        _run_unprivileged([*initdb, "-A", "trust", "-E", "UTF8", "--locale=C"], data_dir)
        cluster = PostgreSQL(bin_dir, data_dir, free_port())
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """Run a Redis for as long as the context lasts; yields its address."""
    program = shutil.which("redis-server")
    if program is None:
        missing("redis-server")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="cr-redis-") as folder:
        process = subprocess.Popen(
            [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        try:
            with redis.Redis(port=port, socket_timeout=2) as client:
                wait_until(lambda: _answers(client), "redis-server answers")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            process.wait()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run Debian's chromium without a window; it speaks to this machine only."""
    if not _CHROMIUM.exists():
        missing(str(_CHROMIUM))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(_CHROMIUM), args=_CHROMIUM_ARGS)
        yield browser
        browser.close()
