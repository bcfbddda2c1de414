"""A gateway of several processes on one port, as the tests see it."""

import contextlib
import dataclasses
import os
import re
import signal
import smtplib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.program import Installation
from tests.services import missing, wait_until

_REFUSED = re.compile(r"\[(\d+)\] INFO refused: command 500")
_PROC = Path("/proc")


@dataclass(frozen=True)
class Division:
    """A running gateway: the parent, whose children serve."""

    installation: Installation
    parent: subprocess.Popen[bytes]

    @property
    def children(self) -> set[int]:
        """The ids of the processes that serve, or are about to."""
        found = (_PROC / f"{self.parent.pid}/task/{self.parent.pid}/children").read_text()
        return {pid for pid in map(int, found.split()) if is_alive(pid)}

    @property
    def log(self) -> str:
        """What all of them printed."""
        return self.installation.logs()

    def connect(self) -> smtplib.SMTP:
        """Return a client that was greeted, of whichever process."""
        return smtplib.SMTP(*self.installation.smtp, timeout=30)

    def server_of(self, client: smtplib.SMTP) -> int:
        """Return the id of the process that serves `client`: it logs a wrong command."""
        before = len(_REFUSED.findall(self.log))
        assert client.docmd("WHAT")[0] == 500
        wait_until(lambda: len(_REFUSED.findall(self.log)) > before, "the refusal is in the log")
        return int(_REFUSED.findall(self.log)[-1])

    def clients_of(self, *pids: int) -> dict[int, smtplib.SMTP]:
        """Return a client of each of these processes.

        Who accepts a connection is the kernel's choice, and may be the same one each time: those
        that have their client stand still until the others have theirs.
        """
        found: dict[int, smtplib.SMTP] = {}
        with contextlib.ExitStack() as until_found:
            while set(pids) - set(found):
                client = self.connect()
                pid = self.server_of(client)
                os.kill(pid, signal.SIGSTOP)
                until_found.callback(os.kill, pid, signal.SIGCONT)
                if pid in pids:
                    found[pid] = client
                else:
                    until_found.callback(client.close)
        return found


def is_alive(pid: int) -> bool:
    """Tell whether a process runs, and is not merely waited for."""
    try:
        state = (_PROC / f"{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@contextlib.contextmanager
def divided(installation: Installation, count: int = 2, **settings: str) -> Iterator[Division]:
    """Run a gateway of `count` processes, all of which serve when the block begins."""
    if not _PROC.exists():
        missing("/proc")
    given = {f"CAREER_RELAY_{name.upper()}": value for name, value in settings.items()}
    made = dataclasses.replace(installation, settings={**installation.settings, **given})
    options = ("--processes", str(count))
    before = made.logs().count("Career Relay gateway: ")
    with made.process("career-relay", "gateway", *options) as parent:
        wait_until(lambda: made.logs().count("Career Relay gateway: ") > before, "it is up", 60)
        division = Division(made, parent)
        children = division.children
        assert len(children) == count
        try:
            yield division
        finally:
            for pid in children:  # of a test that failed with one stopped
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
