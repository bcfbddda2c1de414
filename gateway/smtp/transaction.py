"""One mail transaction (RFC 5321 section 3.3): who sends, who receives, and the message."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from gateway.core.envelope import Envelope
from gateway.core.lines import mend_line_ends
from gateway.core.path import MailOptions, Path, PathError, RcptOptions, read_mail, read_rcpt
from gateway.core.routing_key import take_out_keys
from gateway.errors import NextHopLostError
from gateway.nexthop import NextHopTransaction
from gateway.reply import Reply
from gateway.smtp.client import Client
from gateway.smtp.entry import LOGIN_FIRST, Entry, find_entry, is_known
from gateway.smtp.hand_over import hand_over, refuse_message, safe_name, with_status
from gateway.smtp.reader import Uploaded
from gateway.smtp.received import ReceivedMail
from gateway.smtp.service import TOO_MANY_OF_COMPANY, Service
from gateway.store.credentials import CredentialKind

log = logging.getLogger(__name__)

EHLO_FIRST = Reply(503, "5.5.1 EHLO first")
NO_ROOM = Reply(452, "4.3.1 Too many large messages in hand, try again later")
TOO_LARGE = Reply(552, "5.3.4 Message larger than the limit")


_UNKNOWN_BYTES = 64 << 10
"""What a mail is assumed to need when the client did not announce its size."""


class Transaction:
    """A mail transaction: what the next hop has agreed to so far.

    memory  its share of the memory budget, given back when the mail is over
    """

    def __init__(
        self,
        service: Service,
        client: Client,
        entry: Entry,
        hop: NextHopTransaction,
        mail: tuple[Path, MailOptions],
        heard: Iterable[tuple[tuple[Path, RcptOptions], Reply]],
    ) -> None:
        self._service = service
        self._client = client
        self._entry = entry
        self._record = entry.record
        self._hop = hop
        self._sender, self._options = mail
        self._recipients: list[Path] = []
        self._heard = deque(heard)  # answers to the RCPTs that come next
        self._tries = 0
        self._over: asyncio.Future[None] | None = None  # what the session awaits after DATA
        self.memory = service.limits.memory.share()

    @property
    def is_hopeless(self) -> bool:
        """Whether more recipients were tried than any mail needs."""
        return self._tries > 2 * self._service.settings.max_recipients

    async def rcpt(self, arg: bytes, ahead: Callable[[], Sequence[bytes]]) -> Reply:
        """Return the next hop's own answer to a recipient; `arg` is the text behind `RCPT `.

        ahead  returns such texts of the commands that come next: they are sent along with this one
               (RFC 2920), and answered when it is their turn

        Raises PathError when `arg` is not a recipient, NextHopLostError.
        """
        self._tries += 1
        if not self._heard:
            path, options = read_rcpt(arg)
            self._client.about = path
            if len(self._recipients) >= self._service.settings.max_recipients:
                return Reply(452, "4.5.3 Too many recipients")
            if not path.is_ascii and not self._options.smtputf8:
                return Reply(553, "5.6.7 Address not in ASCII and SMTPUTF8 not asked for")
            room = self._service.settings.max_recipients - len(self._recipients) - 1
            asked = [(path, options), *_readable(ahead(), room)]
            replies = await self._hop.rcpts([(each.raw, notice) for each, notice in asked])
            self._heard.extend(zip(asked, replies, strict=False))
        (path, _), reply = self._heard.popleft()
        if reply.is_positive:
            self._recipients.append(path)
        else:
            self._client.about = path
        return with_status(reply)

    def refuse_data(self) -> Reply | None:
        """Return why no message may follow now, None when it may.

        Raises NextHopLostError.
        """
        if self._heard or not self._hop.is_open:  # the mail might reach a recipient not named here
            raise NextHopLostError
        if not self._recipients:
            return Reply(554, "5.5.1 No valid recipients")
        has_room = self._service.limits.memory.has_room(self._options.size or _UNKNOWN_BYTES)
        return None if has_room else NO_ROOM

    async def take(self, uploaded: Uploaded) -> Reply:
        """Hand a whole message over and return what became of it; this ends the transaction.

        A client that goes away does not stop it.
        """
        raw = uploaded.raw
        if uploaded.has_bare_line_ends:
            log.info(
                "bare CR or LF made CRLF: peer=%s company=%s",
                self._client.peer,
                self._record.company.id,
            )
            raw = mend_line_ends(raw)
        raw, refusal = self._enter(raw)
        if refusal is not None:
            self.abandon()
            return refusal
        loop = asyncio.get_running_loop()
        task = loop.create_task(
            hand_over(self._service.relay, self._received(raw), self._hop), name="hand-over"
        )
        self._service.hand_overs.add(task)
        self._over = loop.create_future()
        task.add_done_callback(self._end)
        await self._over  # and not the task: a client that goes away would cancel it
        return with_status(task.result())

    def _enter(self, raw: bytes) -> tuple[bytes, Reply | None]:
        """Return the message without its secret header, and why it is refused, if it is."""
        keys: tuple[str, ...] = ()
        if any(one.kind is CredentialKind.HEADER for one in self._record.credentials):
            raw, keys = take_out_keys(raw)
        refusal = self._entry.refuse(keys, self._service.directory)
        return raw, refusal or refuse_message(raw, self._service.settings)

    def abandon(self) -> None:
        """Tell the next hop to forget the mail, if it is not over yet."""
        self._hop.abandon()
        self.memory.release()

    def _end(self, task: asyncio.Task[Reply]) -> None:
        self._service.hand_overs.discard(task)
        self.memory.release()
        if self._over is not None and not self._over.done():
            self._over.set_result(None)

    def _received(self, raw: bytes) -> ReceivedMail:
        origin = self._client.origin
        return ReceivedMail(
            record=self._record,
            envelope=Envelope(
                self._sender.address, tuple([path.address for path in self._recipients])
            ),
            raw=raw,
            peer=origin.address or self._client.peer,
            helo=safe_name(origin.helo.encode("ascii", "replace") or self._client.helo),
            with_protocol=origin.protocol
            or self._client.with_protocol(smtputf8=self._options.smtputf8),
            received_at=datetime.now(UTC),
        )


def _readable(args: Sequence[bytes], most: int) -> list[tuple[Path, RcptOptions]]:
    """Return the first recipients of `args`, up to one that we answer ourselves."""
    found: list[tuple[Path, RcptOptions]] = []
    for arg in args[:most]:
        try:
            path, options = read_rcpt(arg)
        except PathError:
            break
        if not path.is_ascii:
            break
        found.append((path, options))
    return found


async def begin_transaction(
    service: Service, client: Client, arg: bytes, ahead: Sequence[bytes] = ()
) -> tuple[Transaction | None, Reply]:
    """Open a transaction at the company's next hop; `arg` is the text behind `MAIL `.

    ahead  the texts after `RCPT ` of the commands that come next: sent along with MAIL

    Returns it (None when it was refused) and the answer to MAIL. Raises PathError when `arg` is
    not a sender, NextHopLostError.
    """
    if not client.helo:
        return None, EHLO_FIRST
    if not is_known(service.directory, client):
        return None, LOGIN_FIRST
    path, options = read_mail(arg)
    if (options.size or 0) > service.settings.max_message_bytes:
        return None, TOO_LARGE
    if options.size and not service.limits.memory.has_room(options.size):
        return None, NO_ROOM
    entry = find_entry(service.directory, client, path)
    if isinstance(entry, Reply):
        return None, entry
    if not service.count_company(client, entry.record):
        return None, TOO_MANY_OF_COMPANY
    known = _readable(ahead, service.settings.max_recipients)
    hop, reply = await service.hops.begin(
        entry.record.route, path.raw, options, [(each.raw, notice) for each, notice in known]
    )
    if not reply.is_positive:
        return None, with_status(reply)
    heard = zip(known, hop.heard, strict=False)
    return Transaction(service, client, entry, hop, (path, options), heard), with_status(reply)
