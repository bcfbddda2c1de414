"""Debian's Postfix, as a company runs it: a private instance in a temporary folder."""

import contextlib
import os
import shutil
import smtplib
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.settings import HostPort
from tests.services import free_port, missing, wait_until

_POSTFIX = Path("/usr/sbin/postfix")

_MASTER = """\
{listen} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

_MAIN = {
    "compatibility_level": "3.6",
    "mail_owner": "postfix",
    "setgid_group": "postdrop",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4",
    "mynetworks": "127.0.0.0/8",
    "mydestination": "",
    "local_recipient_maps": "",
    "alias_maps": "",
    "alias_database": "",
    "smtpd_relay_restrictions": "permit_mynetworks, reject",
    "minimal_backoff_time": "1s",
    "maximal_backoff_time": "2s",
    "queue_run_delay": "1s",
    "local_header_rewrite_clients": "",  # else it quotes old docomo addresses in To:
    "smtputf8_enable": "yes",
    "disable_dns_lookups": "yes",
    "smtp_dns_support_level": "disabled",
}


@contextlib.contextmanager
def postfix(folder: Path, services: str = "", **settings: str) -> Iterator[HostPort]:
    """Run a Postfix that takes mail from this machine; gives its address.

    services  more lines for master.cf
    """
    if not _POSTFIX.exists() or os.geteuid() != 0:
        missing("postfix, and root to run it,")
    address = HostPort("127.0.0.1", free_port())
    config = _write_config(folder, address, settings)
    with (config / "master.cf").open("a", encoding="utf-8") as master:
        master.write(services)
    _control(config, "start")
    try:
        wait_until(lambda: _answers(address), f"postfix answers: {_log(folder)}")
        yield address
    finally:
        _control(config, "stop")


def _write_config(folder: Path, address: HostPort, settings: Mapping[str, str]) -> Path:
    config, queue, data = folder / "etc", folder / "queue", folder / "data"
    for part in (config, queue, data):
        part.mkdir(parents=True)
    for part in (folder, *folder.parents):
        if part.owner() == "root" and part.is_relative_to("/tmp") and part != Path("/tmp"):
            part.chmod(0o755)
    shutil.chown(data, "postfix")
    own = {
        "queue_directory": str(queue),
        "data_directory": str(data),
        "maillog_file": str(folder / "mail.log"),
        "maillog_file_prefixes": str(folder),
        "myhostname": "mx.midori.example",
    }
    lines = (f"{name} = {value}\n" for name, value in {**_MAIN, **own, **settings}.items())
    (config / "main.cf").write_text("".join(lines), "utf-8")
    (config / "master.cf").write_text(_MASTER.format(listen=address), "utf-8")
    return config


def _control(config: Path, command: str) -> None:
    done = subprocess.run(
        [str(_POSTFIX), "-c", str(config), command], check=False, capture_output=True, timeout=60
    )
    assert done.returncode == 0, (done.stdout, done.stderr, _log(config.parent))


def _answers(address: HostPort) -> bool:
    try:
        with smtplib.SMTP(*address, timeout=5) as client:
            return client.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _log(folder: Path) -> str:
    log = folder / "mail.log"
    return log.read_text("utf-8", "replace") if log.exists() else "no log"
