"""A socket that systemd holds outlives the gateway: clients wait, and nobody is refused."""

import dataclasses
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.settings import HostPort
from tests.e2e.program import BIN, ROOT, Installation


def test_connections_wait_while_the_gateway_is_restarted_on_a_socket_of_systemd_s(
    migrated: Installation,
) -> None:
    """The first begins with one process, the second with two: both take what they are given."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        smtp = HostPort(*held.getsockname())
        made = dataclasses.replace(migrated, smtp=smtp)
        with given(made, held, "1"), smtplib.SMTP(*smtp, timeout=60) as client:
            assert client.docmd("NOOP")[0] == 250
        waiting = [socket.create_connection(smtp, 60) for _ in range(5)]
        with given(made, held, "2"):
            for client_socket in waiting:
                assert client_socket.recv(100).startswith(b"220 ")
                client_socket.close()


AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.argv[2], sys.argv[2:])
"""


@contextmanager
def given(made: Installation, held: socket.socket, processes: str) -> Iterator[None]:
    """Run a gateway that is given `held` as number 3, as systemd does it."""
    program = str(BIN / "career-relay")
    settings = made.environment | {"CAREER_RELAY_SMTP_LISTEN": "127.0.0.1:1"}
    with (
        (made.folder / "given.log").open("ab") as log,
        subprocess.Popen(
            (sys.executable, "-c", AS_SYSTEMD, str(held.fileno()), program,
             "gateway", "--processes", processes),
            env=settings, cwd=ROOT, stdout=log, stderr=log, pass_fds=[held.fileno()],
        ) as running,
    ):  # fmt: skip
        try:
            yield
        finally:
            running.send_signal(signal.SIGTERM)
            assert running.wait(60) == 0
