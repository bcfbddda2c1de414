"""Notification mails, written in text and HTML."""

from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import format_datetime, formataddr

from gateway.store.outbox import REPORTS, Notification
from workers.facts import Facts
from workers.tools import Tools


class _OneLine(UnstructuredHeader, BaseHeader):
    """A header that stands on one line: a folded address would come out as an encoded word."""

    def fold(self, *, policy: Policy) -> str:
        """Return the line."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _OneLine)
# Base64 or quoted-printable: so no server must offer 8BITMIME (RFC 6152).
_POLICY = EmailPolicy(linesep="\r\n", cte_type="7bit", header_factory=_HEADERS)


def write_mail(tools: Tools, claimed: Notification, facts: Facts) -> EmailMessage:
    """Return the mail of a notification, in its member's language."""
    values = facts.values
    message = EmailMessage(policy=_POLICY.clone(utf8=not claimed.recipient.isascii()))
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
