"""Send one mail through the relay's own door, as the company's mail server would, step by step.

The mail carries `X-Career-Relay: off`: it is never judged, gets no link and counts nothing.
"""

import contextlib
import re
import secrets
import smtplib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from gateway.doctor.diagnosis import Finding, Health
from gateway.reply import printable
from gateway.settings import HostPort

_SECONDS = 330.0
"""For so long the relay may wait for the next hop's answer."""

_QUEUE_ID = re.compile(r"\bcr-[0-9a-z]+")
_TEXT = """\
This mail was sent by `career-relay doctor --probe` through the relay, as the company's mail
server would send it. It was not judged, carries no link and counts nothing.

Save its source and let the relay look at it: career-relay doctor COMPANY --received - < FILE
Or look yourself:
- "X-Career-Relay: id=..." stands there once. Not at all: the mail took another way. Twice: it
  goes in circles.
- "Authentication-Results", which your own mail server wrote: spf=pass, dkim=pass and dmarc=pass
  for {domain}.
"""


@dataclass(frozen=True, slots=True)
class Probe:
    """One mail, and where it is handed in.

    door      where the relay listens
    name      what its certificate must be for
    password  "" to hand it in without logging in
    """

    door: HostPort
    name: str
    sender: str
    recipient: str
    user: str
    password: str


@dataclass(slots=True)
class Sent:
    """What became of it: the relay's own id, "" as long as nothing was taken."""

    queue_id: str = ""


class _Door(smtplib.SMTP):
    """Connects to the relay, and checks its certificate for the name that the world knows."""

    def __init__(self, probe: Probe) -> None:
        self._door = probe.door
        super().__init__(probe.name, probe.door.port, probe.name, _SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002
        return socket.create_connection(self._door, timeout)


def send_probe(probe: Probe, now: datetime, sent: Sent) -> Iterator[Finding]:
    """Yield the outcome of each step of handing the mail in, until one fails; fills in `sent`."""
    try:
        with contextlib.closing(_Door(probe)) as client:
            yield Finding("probe door", Health.OK, f"{probe.door} greets")
            yield from _talk(client, probe, now, sent)
            with contextlib.suppress(smtplib.SMTPException, OSError):
                client.quit()
    except (OSError, smtplib.SMTPException) as error:
        step = "the relay's log tells more"
        yield Finding("probe", Health.FAIL, f"broke off ({type(error).__name__})", step)


def _talk(client: smtplib.SMTP, probe: Probe, now: datetime, sent: Sent) -> Iterator[Finding]:
    client.ehlo()
    if client.has_extn("starttls"):
        yield _encrypt(client, probe)
        client.ehlo()
    if probe.password:
        logged_in = _log_in(client, probe)
        yield logged_in
        if logged_in.health is Health.FAIL:
            return
    for what, command in (
        ("probe sender", f"MAIL FROM:<{probe.sender}>"),
        ("probe recipient", f"RCPT TO:<{probe.recipient}>"),
    ):
        answer = _answer(what, *client.docmd(command))
        yield answer
        if answer.health is Health.FAIL:
            return
    code, text = client.data(_write(probe, now))
    found = _QUEUE_ID.search(text.decode("ascii", "replace"))
    sent.queue_id = found[0] if found and code == 250 else ""
    yield _answer("probe mail", code, text)


def _encrypt(client: smtplib.SMTP, probe: Probe) -> Finding:
    """Begin TLS; report a certificate that others would not accept, and go on all the same."""
    try:
        client.starttls(context=ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        client.close()
        client.connect(probe.name, probe.door.port)
        client.ehlo()
        careless = ssl.create_default_context()
        careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
        client.starttls(context=careless)
        step = "fine where the company's mail server trusts this very certificate; else renew it"
        text = f"not to be verified for {probe.name}: {error.verify_message}"
        return Finding("probe TLS", Health.WARN, text, step)
    return Finding("probe TLS", Health.OK, f"the certificate is good for {probe.name}")


def _log_in(client: smtplib.SMTP, probe: Probe) -> Finding:
    step = "`career-relay company credential list`, `career-relay company access`"
    if not client.has_extn("auth"):
        return Finding("probe login", Health.FAIL, "the relay takes no logins here", step)
    try:
        client.login(probe.user, probe.password)
    except smtplib.SMTPResponseException as error:
        return _answer("probe login", error.smtp_code, error.smtp_error, step)
    return Finding("probe login", Health.OK, f"as {probe.user}")


def _answer(what: str, code: int, text: bytes | str, step: str = "") -> Finding:
    """Return how the relay, or the next hop behind it, answered a command."""
    read = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    health = Health.OK if 200 <= code < 400 else Health.FAIL
    told = printable(" ".join(read.split()))[:300]
    if health is Health.OK:
        return Finding(what, health, f"{code} {told}")
    return Finding(what, health, f"{code} {told}", step or "docs/operations.md: what to do when")


def _write(probe: Probe, now: datetime) -> bytes:
    domain = probe.sender.rpartition("@")[2]
    fields = (
        f"From: Career Relay <{probe.sender}>",
        f"To: <{probe.recipient}>",
        "Subject: Career Relay: the way through the relay",
        f"Date: {format_datetime(now)}",
        f"Message-ID: <{secrets.token_hex(12)}.probe@{probe.name}>",
        "Auto-Submitted: auto-generated",
        "X-Career-Relay: off",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=us-ascii",
    )
    text = "\n".join((*fields, "", _TEXT.format(domain=domain)))
    return text.replace("\n", "\r\n").encode("ascii", "replace")
