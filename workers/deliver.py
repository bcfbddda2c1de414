"""Deliver one notification: claim the row, send the mail or call the webhook, mark the row."""

import enum
import logging
import secrets
from dataclasses import dataclass

from gateway.errors import NextHopLostError
from gateway.store import members, outbox, webhooks
from gateway.store.engine import reading_session, writing_session
from gateway.store.outbox import Notification
from workers.facts import gather
from workers.hook import Gone, HookRefused, call
from workers.notification_mail import write_mail
from workers.post import PostRefused, send
from workers.tools import Tools

log = logging.getLogger(__name__)

_ACTOR = "the relay"


class _MemberRemoved(Exception):  # noqa: N818  it is an answer, as HookRefused is
    """The member it was written for has been removed."""


class Outcome(enum.Enum):
    """What came of an attempt."""

    NOT_DUE = enum.auto()  # or another worker's
    TAKEN = enum.auto()
    FAILED = enum.auto()


def deliver_notification(tools: Tools, notification_id: int) -> Outcome:
    """Send a due notification.

    No transaction is open while it is on its way. A failure schedules the row's next attempt,
    which the sweep makes.
    """
    message_id = secrets.token_hex(16)
    with writing_session(tools.engine).begin() as session:
        claimed = outbox.claim(session, notification_id, message_id, tools.now())
    if claimed is None:
        return Outcome.NOT_DUE
    try:
        answer = _send(tools, claimed)
    except Exception as error:  # noqa: BLE001  template, address or server: the row keeps the task
        _fail(tools, claimed, error)
        return Outcome.FAILED
    with writing_session(tools.engine).begin() as session:
        outbox.mark_sent(session, claimed.id, answer, tools.now())
    return Outcome.TAKEN


def _send(tools: Tools, claimed: Notification) -> str:
    """Send it by its way; return the answer's code.

    Raises whatever went wrong.
    """
    with reading_session(tools.engine)() as session:
        if claimed.member_id is not None and not members.is_told(session, claimed.member_id):
            raise _MemberRemoved
        facts = gather(session, claimed, tools.post.admin_url)
        endpoint = (
            None
            if claimed.endpoint_id is None
            else webhooks.get_endpoint(session, claimed.endpoint_id)
        )
    if endpoint is not None:
        return call(tools.hooks, endpoint, claimed, facts)
    send(write_mail(tools, claimed, facts), claimed.recipient, tools.post, facts.route)
    return "250"


@dataclass(frozen=True, slots=True)
class _Failure:
    answer: str
    is_final: bool


def _fail(tools: Tools, claimed: Notification, error: Exception) -> None:
    failure = _judge(error)
    log.warning(
        "notification %d not delivered, attempt %d: %s",
        claimed.id,
        claimed.attempts,
        failure.answer,
    )
    now = tools.now()
    with writing_session(tools.engine).begin() as session:
        outbox.mark_failed(session, claimed, failure.answer, now, is_final=failure.is_final)
        if isinstance(error, Gone) and claimed.endpoint_id is not None:
            webhooks.disable(session, claimed.endpoint_id, "gone", _ACTOR, now)


def _judge(error: Exception) -> _Failure:
    """Say what went wrong without the server's words: they may name a person."""
    if isinstance(error, HookRefused):
        return _Failure(str(error), is_final=isinstance(error, Gone))
    if isinstance(error, _MemberRemoved):
        return _Failure("removed", is_final=True)
    if isinstance(error, PostRefused | NextHopLostError):
        return _Failure(str(error), is_final=False)
    return _Failure(type(error).__name__, is_final=False)
