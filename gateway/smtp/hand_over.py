"""Between a session and the relay: what no mail may contain, and the hand-over itself."""

import logging
import re

from gateway.core.lines import count_received, header_block
from gateway.errors import TryLaterError, reply_for
from gateway.nexthop import NextHopTransaction
from gateway.reply import Reply
from gateway.settings import Settings
from gateway.smtp.connection import describe
from gateway.smtp.received import ReceivedMail, Relay

log = logging.getLogger(__name__)

_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?= |$)")
_UNSAFE_IN_HEADER = re.compile(r"[^A-Za-z0-9.:_\-\[\]]")


async def hand_over(relay: Relay, mail: ReceivedMail, hop: NextHopTransaction) -> Reply:
    """Take `mail` to its end and return the reply to the final dot; errors become 451."""
    try:
        return await relay.accept(mail, hop)
    except TryLaterError as error:
        return reply_for(error)
    except Exception as error:  # noqa: BLE001  the outermost net of the hand-over
        log.error("hand-over failed: %s", describe(error))  # noqa: TRY400  no text of a mail's
        return reply_for(error)
    finally:
        hop.abandon()


def refuse_message(raw: bytes, settings: Settings) -> Reply | None:
    """Return why `raw` is never passed on, None when it may be."""
    if b"\0" in raw:
        return Reply(550, "5.6.0 Message contains NUL")  # RFC 5321 section 2.3.8
    if len(header_block(raw)) > settings.max_header_bytes:
        return Reply(552, "5.3.4 Header larger than the limit")
    if count_received(raw) > settings.max_received_fields:
        return Reply(554, "5.4.6 Too many hops, this mail goes in circles")
    return None


def safe_name(helo: bytes) -> str:
    """Return what the client called itself, with only characters that are safe in a header."""
    return _UNSAFE_IN_HEADER.sub("?", helo.decode("ascii", "replace"))


def status_of(reply: Reply) -> str:
    """Return the enhanced status code of `reply` for the log, whose text may name an address."""
    found = _STATUS.match(reply.text)
    return found.group() if found else "-"


def with_status(reply: Reply) -> Reply:
    """Return `reply` with an enhanced status code on each line (RFC 2034 section 4)."""
    if "\n" not in reply.text and _STATUS.match(reply.text):
        return reply  # as nearly all are
    lines = reply.text.split("\n")
    if all(map(_STATUS.match, lines)):
        return reply
    status = f"{reply.code // 100}.0.0 "
    return Reply(
        reply.code, "\n".join(line if _STATUS.match(line) else status + line for line in lines)
    )
