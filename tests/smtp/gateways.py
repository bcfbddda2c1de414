"""A gateway as the tests run it: real sockets, in a loop of its own thread."""

import asyncio
import base64
import contextlib
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

from cryptography import x509

from gateway.core.access import ShownCertificate
from gateway.core.company import Company
from gateway.errors import StoreUnavailableError
from gateway.keys.sealing import Seal
from gateway.nexthop import NextHopPool, NextHopTransaction, timeouts_of
from gateway.reply import Reply
from gateway.settings import HostPort, Settings
from gateway.smtp.hop_tls import SEAL_PURPOSE
from gateway.smtp.received import Login
from gateway.smtp.tls import TlsSource
from gateway.smtpd import ReceivedMail, SmtpListener, start_smtp
from gateway.store.company_records import CompanyRecord
from gateway.store.credentials import Credential, CredentialKind
from tests.smtp.sink import PATIENCE_SECONDS, Sink

T = TypeVar("T")
USER, PASSWORD = "acme", "right horse"
SEAL = Seal(b"k" * 32, SEAL_PURPOSE)
PLAIN = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SENDER = "hr@acme.example"
OUTSIDE = "taro@outside.example"


class LoopThread:
    """An event loop in a thread, for what the test's own blocking sockets talk to."""

    def __init__(
        self, new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    ) -> None:
        self.loop = new_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE_SECONDS)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@contextlib.contextmanager
def running_hop(thread: LoopThread) -> Iterator[Sink]:
    """Run a next hop that does as it is told for as long as the context lasts."""
    hop = Sink()
    thread.run(hop.start())
    yield hop
    thread.run(hop.stop())


@dataclass
class OneCompany:
    """A directory of one company that logs in, and of others known in other ways."""

    record: CompanyRecord
    others: list[CompanyRecord] = field(default_factory=list)
    is_down: bool = False
    is_revoked: bool = False
    used: list[int] = field(default_factory=list)
    pinned: frozenset[str] = frozenset()

    async def authenticate(self, user: str, password: str) -> Login | None:
        if self.is_down:
            raise StoreUnavailableError
        return Login(self.record, 1) if (user, password) == (USER, PASSWORD) else None

    def current(self, record: CompanyRecord) -> CompanyRecord:
        return self.record

    def is_valid(self, login: Login) -> bool:
        return not self.is_revoked

    def known_at(
        self, address: str, certificate: ShownCertificate | None
    ) -> tuple[CompanyRecord, ...]:
        known = (self.record, *self.others)
        return tuple(one for one in known if one.access.proofs_of(address, certificate))

    def keys(self, record: CompanyRecord) -> tuple[Credential, ...]:
        return record.valid(CredentialKind.HEADER, datetime.now(UTC))

    def note_use(self, used: Credential) -> None:
        self.used.append(used.id)


@dataclass
class FixedTls:
    """A TLS context as it is."""

    fixed: ssl.SSLContext
    authorities: tuple[x509.Certificate, ...] = ()

    def context(self, pinned: frozenset[str]) -> ssl.SSLContext:
        return self.fixed


@dataclass
class ForwardingRelay:
    """Forwards each mail as it came; `after` runs when the next hop has answered."""

    mails: list[ReceivedMail] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    before: Callable[[ReceivedMail], None] | None = None
    done: threading.Condition = field(default_factory=threading.Condition)

    async def accept(self, mail: ReceivedMail, hop: NextHopTransaction) -> Reply:
        self.mails.append(mail)
        if self.before is not None:
            self.before(mail)
        try:
            reply = await hop.send(mail.raw)
        except BaseException as error:
            self.errors.append(error)
            raise
        with self.done:
            self.replies.append(reply)
            self.done.notify_all()
        return reply

    def wait_until_done(self, count: int = 1) -> None:
        with self.done:
            assert self.done.wait_for(lambda: len(self.replies) >= count, PATIENCE_SECONDS)


@dataclass
class Gateway:
    """One running gateway with its sink."""

    thread: LoopThread
    sink: Sink
    relay: ForwardingRelay
    directory: OneCompany
    hops: NextHopPool
    listener: SmtpListener

    @property
    def address(self) -> HostPort:
        return self.listener.address

    def client(self, *, log_in: bool = True) -> smtplib.SMTP:
        smtp = smtplib.SMTP(*self.address, timeout=PATIENCE_SECONDS)
        smtp.ehlo("client.example")
        if log_in:
            smtp.login(USER, PASSWORD)
        return smtp

    def wire_unread(self) -> "Wire":
        return Wire(socket.create_connection(self.address, timeout=PATIENCE_SECONDS))

    def wire(self, *, log_in: bool = True) -> "Wire":
        wire = self.wire_unread()
        assert wire.reply().startswith("220 ")
        if log_in:
            assert wire.ask("EHLO client.example").startswith("250")
            assert wire.ask(f"AUTH PLAIN {PLAIN}").startswith("235 2.7.0")
        return wire

    def close(self, grace_seconds: float = 5.0) -> None:
        self.thread.run(self.listener.close(grace_seconds))
        self.thread.run(self.hops.close())


@dataclass
class Wire:
    """A raw socket that reads replies."""

    socket: socket.socket
    _buffer: bytes = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def line(self) -> str:
        """Return one line without CRLF, "" when the gateway closed the connection."""
        while b"\r\n" not in self._buffer:
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                return ""
            self._buffer += more
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line.decode("ascii")

    def reply(self) -> str:
        """Return one whole reply, its lines joined by newlines."""
        lines = [self.line()]
        while lines[-1][3:4] == "-":
            lines.append(self.line())
        return "\n".join(lines)

    def ask(self, command: str | bytes) -> str:
        self.send((command.encode() if isinstance(command, str) else command) + b"\r\n")
        return self.reply()

    def encrypt(self, context: ssl.SSLContext) -> "Wire":
        """Switch to TLS; this wire is then used no more."""
        assert self.ask("STARTTLS") == "220 2.0.0 Ready to start TLS"
        return Wire(context.wrap_socket(self.socket, server_hostname="localhost"))

    def begin_mail(self, *recipients: str) -> None:
        assert self.ask(f"MAIL FROM:<{SENDER}>").startswith("250")
        for recipient in recipients or (OUTSIDE,):
            assert self.ask(f"RCPT TO:<{recipient}>").startswith("250")

    def begin_data(self, *recipients: str) -> None:
        self.begin_mail(*recipients)
        assert self.ask("DATA").startswith("354")

    def is_closed(self) -> bool:
        return self.line() == ""


def make_settings(**changes: Any) -> Settings:
    values: dict[str, Any] = {
        "smtp_listen": "127.0.0.1:0",
        "hostname": "relay.example",
        "next_hop_timeout_seconds": 5,
        "max_recipients": 1000,
    }
    return Settings(**{**values, **changes})


async def start_gateway(
    thread: LoopThread, sink: Sink, settings: Settings, tls: ssl.SSLContext | TlsSource | None
) -> Gateway:
    company = Company(7, "Acme", ("acme.example", "xn--eckwd4c7c.example"))
    record = CompanyRecord(company, sink.address, smtp_user=USER)
    directory, relay = OneCompany(record), ForwardingRelay()
    hops = NextHopPool(hostname=settings.hostname, timeouts=timeouts_of(settings), seal=SEAL)
    source = FixedTls(tls) if isinstance(tls, ssl.SSLContext) else tls
    listener = await start_smtp(settings, directory, relay, hops, source)
    return Gateway(thread, sink, relay, directory, hops, listener)


def assert_all_gone(gateway: Gateway) -> None:
    """Wait until no session is left."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while gateway.listener.session_count:
        assert time.monotonic() < deadline, "a session was left"
