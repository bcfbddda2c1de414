"""Hand a notification mail to the server of ours, or to the company's next hop as its mails go.

The client is the gateway's own: the same TLS, login and order of hosts, so what the company set
for its mails holds for what we tell it.
"""

import asyncio
from email.message import EmailMessage

from gateway.core.path import MailOptions
from gateway.hops import Route
from gateway.nexthop import HopTimeouts, NextHopPool, NextHopTransaction
from gateway.reply import Reply
from workers.tools import Post

_TIMEOUTS = HopTimeouts(connect=10.0, greeting=15.0, command=30.0, data=30.0, block=30.0, dot=40.0)


class PostRefused(Exception):  # noqa: N818  it is an answer, as NextHopRefused is
    """The server did not take the mail; the text is its code, not its words."""


def send(message: EmailMessage, recipient: str, post: Post, route: Route) -> None:
    """Hand the mail over within `post.timeout_seconds`, all of it included.

    route  of the company, for when there is no server of ours

    Raises PostRefused, TimeoutError, or NextHopLostError when no host takes a connection in the
    way that the settings ask.
    """
    wanted = route if post.via is None else Route(route.company_id, (post.via,))
    asyncio.run(_send(message, recipient, post, wanted))


async def _send(message: EmailMessage, recipient: str, post: Post, route: Route) -> None:
    pool = NextHopPool(hostname=post.hostname, timeouts=_TIMEOUTS, seal=post.seal)
    options = MailOptions(smtputf8=not recipient.isascii())
    try:
        async with asyncio.timeout(post.timeout_seconds):
            transaction, reply = await pool.begin(route, _path(post.sender), options)
            _accept(reply)
            await _talk(transaction, message, recipient)
    finally:
        await pool.close()


async def _talk(transaction: NextHopTransaction, message: EmailMessage, recipient: str) -> None:
    try:
        _accept(await transaction.rcpt(_path(recipient)))
        _accept(await transaction.send(message.as_bytes()))
    finally:
        transaction.abandon()


def _accept(reply: Reply) -> None:
    if not reply.is_positive:
        raise PostRefused(f"the server says {reply.code}")


def _path(address: str) -> bytes:
    return b"<%s>" % address.encode()
