"""Deliver one notification mail: claim the row, write the mail, send it, mark the row."""

import contextlib
import email.policy
import logging
import secrets
import smtplib
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from sqlalchemy.orm import Session

from gateway.settings import HostPort
from gateway.store import company_records, ledger, outbox
from gateway.store.engine import reading_session, writing_session
from gateway.store.outbox import Notification
from workers.tools import Post, Tools

log = logging.getLogger(__name__)

# Base64 or quoted-printable: smtplib does not ask for 8BITMIME (RFC 6152).
_POLICY = email.policy.SMTP.clone(cte_type="7bit")


def deliver_notification(tools: Tools, notification_id: int) -> bool:
    """Send a due notification; tell whether the server took it.

    False also when it is not due, or another worker's. No transaction is open while the mail
    is on its way. A failure sets the row's next attempt; the sweep makes it.
    """
    now = tools.now()
    message_id = f"<{secrets.token_hex(16)}@{tools.post.hostname}>"
    with writing_session(tools.engine).begin() as session:
        claimed = outbox.claim(session, notification_id, message_id, now)
    if claimed is None:
        return False
    try:
        with reading_session(tools.engine)() as session:
            next_hop, values = _facts(session, claimed, tools.post)
        _send(_write_mail(tools, claimed, values, now), claimed, tools.post, next_hop)
    except Exception as error:  # noqa: BLE001  template, address or server: the row keeps the task
        _log_failure(claimed, error)
        with writing_session(tools.engine).begin() as session:
            outbox.mark_failed(session, claimed, tools.now())
        return False
    with writing_session(tools.engine).begin() as session:
        outbox.mark_sent(session, claimed.id, tools.now())
    return True


def _facts(
    session: Session, claimed: Notification, post: Post
) -> tuple[HostPort, dict[str, object]]:
    """Return where the mail goes and what it tells: the sums as they were when it was caused."""
    record = company_records.get_company(session, claimed.company_id)
    seq = ledger.seq_of(session, claimed.cause_entry_id)
    balance = ledger.balance(session, claimed.company_id, up_to_seq=seq)
    values = {
        "company": record.company.name,
        "points": balance.points,
        "slots_available": balance.slots_available,
        "to_next": balance.to_next,
        "admin_url": post.admin_url,
    }
    return record.next_hop, values


def _write_mail(
    tools: Tools, claimed: Notification, values: dict[str, object], now: datetime
) -> EmailMessage:
    rendered = tools.renderer.mail(claimed.event.value, claimed.language, values)
    message = EmailMessage(policy=_POLICY)
    message["From"] = formataddr(("Career Relay", tools.post.sender))
    message["To"] = claimed.recipient
    message["Subject"] = " ".join(rendered.subject.split())
    message["Date"] = format_datetime(now)
    message["Message-ID"] = claimed.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody answers it automatically
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    return message


def _send(message: EmailMessage, claimed: Notification, post: Post, next_hop: HostPort) -> None:
    """Hand the mail to the server.

    Raises OSError or smtplib.SMTPException when it does not take it.
    """
    hop = post.via or next_hop
    smtp = smtplib.SMTP(hop.host, hop.port, post.hostname, post.timeout_seconds)
    try:
        smtp.send_message(message, post.sender, [claimed.recipient])
    finally:
        # What QUIT brings says nothing of the mail: it was taken, or not, before.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.quit()
        smtp.close()


def _log_failure(claimed: Notification, error: Exception) -> None:
    code = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else ""
    log.warning(
        "notification %d not delivered, attempt %d: %s %s",
        claimed.id,
        claimed.attempts,
        type(error).__name__,
        code,
    )
