"""Notification mails: written in text and HTML, sent by one SMTP session with one deadline."""

import contextlib
import smtplib
import time
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import format_datetime, formataddr

from gateway.settings import HostPort
from gateway.store.outbox import REPORTS, Notification
from workers.facts import Facts
from workers.tools import Post, Tools


class _OneLine(UnstructuredHeader, BaseHeader):
    """A header that stands on one line: a folded address would come out as an encoded word."""

    def fold(self, *, policy: Policy) -> str:
        """Return the line."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _OneLine)
# Base64 or quoted-printable: smtplib does not ask for 8BITMIME (RFC 6152).
_POLICY = EmailPolicy(linesep="\r\n", cte_type="7bit", header_factory=_HEADERS)


def write_mail(tools: Tools, claimed: Notification, facts: Facts) -> EmailMessage:
    """Return the mail of a notification, in its member's language."""
    values = facts.values
    message = EmailMessage(policy=_POLICY)
    message["From"] = formataddr(("Career Relay", tools.post.sender))
    message["To"] = claimed.recipient
    message["Date"] = format_datetime(tools.now())
    message["Message-ID"] = f"<{claimed.message_id}@{tools.post.hostname}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody answers it automatically
    if claimed.event in REPORTS and claimed.member_id is not None:
        link = tools.unsubscribe.link(claimed.member_id)
        values |= {"unsubscribe_url": link}
        message["List-Unsubscribe"] = f"<{link}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    rendered = tools.renderer.mail(claimed.event.value, claimed.language, values)
    message["Subject"] = " ".join(rendered.subject.split())
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    return message


def send(message: EmailMessage, recipient: str, post: Post, next_hop: HostPort) -> None:
    """Hand the mail to the server of ours, else to the company's next hop.

    Raises OSError or smtplib.SMTPException when it does not take it in time.
    """
    hop = post.via or next_hop
    smtp = _Hurried(hop, post)
    try:
        smtp.send_message(message, post.sender, [recipient])
    finally:
        # What QUIT brings says nothing of the mail: it was taken, or not, before.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.quit()
        smtp.close()


class _Hurried(smtplib.SMTP):
    """An SMTP session that ends in time: another worker may send the mail after that."""

    def __init__(self, hop: HostPort, post: Post) -> None:
        self._ends_at = time.monotonic() + post.timeout_seconds
        super().__init__(hop.host, hop.port, post.hostname, post.timeout_seconds)

    def getreply(self) -> tuple[int, bytes]:
        """Wait for a reply for what is left of the time."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if self.sock is not None:
            self.sock.settimeout(left)
        return super().getreply()
