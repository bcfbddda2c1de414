"""Two verifiers that somebody else wrote: Debian's python3-dkim and Perl's Mail::DKIM."""

import base64
import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.keys.signing import NewKey
from tests.services import missing

HERE = Path(__file__).parent
PYTHON = "/usr/bin/python3"
PERL = "/usr/bin/perl"


class Verifier:
    """A verifier in a process of its own; it is asked mail by mail."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def passes(self, mail: bytes, record: str) -> bool:
        """Tell whether the newest signature of `mail` is good by the DNS record `record`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        words = (base64.b64encode(record.encode()), base64.b64encode(mail))
        self._process.stdin.write(b" ".join(words) + b"\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        assert answer in {b"pass", b"fail"}, "the verifier died"
        return answer == b"pass"


@dataclass(frozen=True)
class Bench:
    """A verifier and a key that it can check."""

    verifier: Verifier
    key: NewKey

    def passes(self, mail: bytes) -> bool:
        """Tell whether the newest signature of `mail` is good, made with this key."""
        return self.verifier.passes(mail, record_of(self.key))


def record_of(key: NewKey) -> str:
    """Return the TXT record of a key."""
    return f"v=DKIM1; k={key.algorithm.removesuffix('-sha256')}; p={key.public}"


def _works(*command: str) -> bool:
    if not Path(command[0]).exists():
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextlib.contextmanager
def dkimpy() -> Iterator[Verifier]:
    """Run python3-dkim with Debian's own Python."""
    if not _works(PYTHON, "-c", "import dkim, nacl"):
        missing("python3-dkim with python3-nacl (Debian packages)")
    with _running(PYTHON, str(HERE / "verify_dkimpy.py")) as verifier:
        yield verifier


@contextlib.contextmanager
def mail_dkim() -> Iterator[Verifier]:
    """Run Perl's Mail::DKIM."""
    if not _works(PERL, "-MMail::DKIM::Verifier", "-e", "1"):
        missing("libmail-dkim-perl (a Debian package)")
    with _running(PERL, str(HERE / "verify_mail_dkim.pl")) as verifier:
        yield verifier


@contextlib.contextmanager
def _running(*command: str) -> Iterator[Verifier]:
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        yield Verifier(process)
