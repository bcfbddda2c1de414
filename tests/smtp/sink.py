"""A scriptable next hop: answers as told, breaks when told, and keeps what it got."""

import asyncio
import base64
import contextlib
import ssl
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from gateway.settings import HostPort

PATIENCE_SECONDS = 20.0
OFFERS = ("PIPELINING", "SIZE 104857600", "8BITMIME", "SMTPUTF8")


@dataclass
class SinkMail:
    """One mail as the sink got it: raw paths with parameters, and content without stuffing."""

    mail_from: bytes
    rcpt_to: list[bytes]
    content: bytes
    wire: bytes


@dataclass
class Sink:
    """What the sink says, and what it heard.

    answers  line prefix, upper case, or b"." -> reply; the longest prefix wins
    drops    line prefixes at which it closes without a word; b"body" is in the middle of DATA,
             b"banner" and b"." are what they say
    holds    line prefixes whose answer waits for the event
    ahead    answers MAIL only when so many lines more have come
    is_deaf  does not hear what came before it answered
    tls      offers STARTTLS with it; with is_implicit it speaks TLS from the first byte
    offers_in_tls  what EHLO says once it is encrypted, None for the same
    slip     bytes sent behind the 220 to STARTTLS, in clear
    login    user and password that AUTH PLAIN and LOGIN take
    """

    banner: str = "220 sink.example ESMTP"
    offers: tuple[str, ...] = OFFERS
    answers: dict[bytes, str] = field(default_factory=dict)
    drops: set[bytes] = field(default_factory=set)
    holds: dict[bytes, threading.Event] = field(default_factory=dict)
    ahead: int = 0
    is_deaf: bool = False
    mails: list[SinkMail] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    offers_in_tls: tuple[str, ...] | None = None
    is_implicit: bool = False
    slip: bytes = b""
    login: tuple[str, str] | None = None
    connections: int = 0
    encrypted: int = 0
    most_at_once: int = 0
    address: HostPort = field(default_factory=lambda: HostPort("127.0.0.1", 0))
    _server: asyncio.Server | None = None
    _talks: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    async def start(self, port: int = 0) -> None:
        tls = self.tls if self.is_implicit else None
        self._server = await asyncio.start_server(
            self._talk, "127.0.0.1", port, limit=1 << 20, ssl=tls
        )
        self.address = HostPort(*self._server.sockets[0].getsockname()[:2])

    async def stop(self) -> None:
        """Close the listening socket and every connection."""
        if self._server is not None:
            self._server.close()
        for event in self.holds.values():
            event.set()
        for writer in self._talks.values():
            writer.close()
        await asyncio.gather(*self._talks)
        self._talks.clear()

    async def restart(self) -> None:
        """Close everything and listen again on the same port."""
        await self.stop()
        await self.start(self.address.port)

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Return as soon as `is_so()`, asked after everything that happens here."""
        with self._changed:
            assert self._changed.wait_for(is_so, PATIENCE_SECONDS), "the sink waited in vain"

    def wait_for_line(self, prefix: bytes) -> None:
        self.wait_until(lambda: any(line.upper().startswith(prefix) for line in self.lines))

    def _note(self, line: bytes) -> None:
        with self._changed:
            self.lines.append(line)
            self._changed.notify_all()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._talks[task] = writer
        self.most_at_once = max(self.most_at_once, len(self._talks))
        # RuntimeError: what uvloop says when the client has gone
        with contextlib.suppress(OSError, RuntimeError, asyncio.IncompleteReadError):
            if b"banner" not in self.drops:
                writer.write(self.banner.encode() + b"\r\n")
                await self._obey(reader, writer)
        self._note(b"(closed)")
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        self._talks.pop(task, None)

    async def _encrypt(self, writer: asyncio.StreamWriter) -> None:
        assert self.tls is not None
        writer.write(b"220 2.0.0 go on\r\n" + self.slip)
        await writer.start_tls(self.tls, ssl_handshake_timeout=PATIENCE_SECONDS)
        self.encrypted += 1
        self.offers = self.offers if self.offers_in_tls is None else self.offers_in_tls

    async def _log_in(
        self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> str:
        if line[5:10].upper() == b"PLAIN":
            _, *given = base64.b64decode(line.split()[2]).decode().split("\0")
        else:
            given = await self._ask_both(reader, writer)
        is_right = tuple(given) == self.login
        return "235 2.7.0 welcome" if is_right else "535 5.7.8 no"

    async def _ask_both(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> list[str]:
        given = []
        for question in (b"Username:", b"Password:"):
            writer.write(b"334 " + base64.b64encode(question) + b"\r\n")
            given.append(base64.b64decode(await reader.readuntil(b"\n")).decode())
        return given

    async def _obey(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mail = SinkMail(b"", [], b"", b"")
        async for line in self._lines(reader):
            verb = line[:4].upper()
            self._note(line)
            if await self._is_dropping(line):
                return
            if verb == b"STAR" and self.tls is not None:
                await self._encrypt(writer)
                continue
            reply = self._reply(line, verb)
            if verb == b"AUTH" and self.login is not None:
                reply = await self._log_in(line, reader, writer)
            mail = _noted(mail, line, verb) if reply.startswith("2") else mail
            writer.write(reply.replace("\n", "\r\n").encode() + b"\r\n")
            if verb == b"DATA" and reply.startswith("354"):
                if not await self._take(reader, writer, mail):
                    return
                mail = SinkMail(b"", [], b"", b"")
            if verb == b"QUIT" or reply.startswith("421"):
                return

    async def _lines(self, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
        while True:
            lines = [await reader.readuntil(b"\n")]
            if lines[0].upper().startswith(b"MAIL"):
                lines += [await reader.readuntil(b"\n") for _ in range(self.ahead)]
            if self.is_deaf:
                reader._buffer.clear()  # type: ignore[attr-defined]
            for line in lines:
                yield line.removesuffix(b"\r\n")

    async def _take(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mail: SinkMail
    ) -> bool:
        if b"body" in self.drops:
            await reader.read(1000)
            return False
        taken = bytearray()
        while not taken.endswith(b"\r\n.\r\n") and taken != b".\r\n":
            taken += await reader.readuntil(b"\n")
        wire = bytes(taken)
        lines = wire.removesuffix(b".\r\n").split(b"\r\n")
        mail.content = b"\r\n".join(line.removeprefix(b".") for line in lines)
        mail.wire = wire
        self._note(b".")
        if await self._is_dropping(b"."):
            return False
        reply = self._reply(b".", b".")
        if reply.startswith("2"):
            with self._changed:
                self.mails.append(mail)
                self._changed.notify_all()
        writer.write(reply.replace("\n", "\r\n").encode() + b"\r\n")
        return not reply.startswith("421")

    async def _is_dropping(self, line: bytes) -> bool:
        for prefix, event in list(self.holds.items()):
            if line.upper().startswith(prefix):
                await asyncio.to_thread(event.wait, PATIENCE_SECONDS)
        return any(line.upper().startswith(prefix) for prefix in self.drops)

    def _reply(self, line: bytes, verb: bytes) -> str:
        fitting = [prefix for prefix in self.answers if line.upper().startswith(prefix)]
        if fitting:
            return self.answers[max(fitting, key=len)]
        if verb == b"EHLO":
            lines = ["sink.example", *self.offers]
            return "\n".join(
                f"250{'-' if n < len(lines) else ' '}{text}" for n, text in enumerate(lines, 1)
            )
        return {
            b"DATA": "354 go on",
            b"QUIT": "221 2.0.0 bye",
            b".": "250 2.0.0 queued as 4711",
        }.get(verb, "250 2.0.0 sink says ok")


def _noted(mail: SinkMail, line: bytes, verb: bytes) -> SinkMail:
    """Return the mail after a command that was taken."""
    if verb == b"MAIL":
        return SinkMail(line[len("MAIL FROM:") :], [], b"", b"")
    if verb == b"RCPT":
        mail.rcpt_to.append(line[len("RCPT TO:") :])
    return mail
