"""Fuzz the SMTP dialogue over real sockets: python -m tests.fuzz.smtp --seconds 60 --seed 1.

Random bytes and mutated transcripts go to listeners in this process: one in clear text, one with
STARTTLS, one with TLS from the first byte, one behind the PROXY protocol. Meanwhile the next hop
refuses, delays and drops. After each batch nothing may be left: no session, no task, no socket,
no counted connection, no byte of the memory budget; no reply and no log line may speak of an
internal error, and a real mail must pass.
"""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import random
import re
import ssl
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from gateway.settings import HostPort
from tests.certificates import Authority
from tests.smtp.gateways import (
    OUTSIDE,
    PLAIN,
    SENDER,
    Gateway,
    LoopThread,
    make_settings,
    start_gateway,
)
from tests.smtp.sink import Sink
from tests.smtp.test_transcripts import LOGIN, TRANSCRIPTS, unescape

BATCH, AT_ONCE = 200, 20
MOST_GROWTH_BYTES = 96 << 20
PATIENCE_SECONDS = 30.0

_REPLY = re.compile(rb"[2-5]\d\d[ -][\x20-\x7e]*")
_TOKENS = (
    b"\r", b"\n", b"\0", b"\r\n", b".", b"\r\n.\r\n", b"\n.\n", b"\r.\r", b"\r\n.\n", b"<>", b"@",
    b"MAIL FROM:<hr@acme.example>\r\n", b"RCPT TO:<taro@outside.example>\r\n", b"DATA\r\n",
    b"RSET\r\n", b"STARTTLS\r\n", b"AUTH PLAIN\r\n", b"AUTH LOGIN\r\n", b"*\r\n", b"QUIT\r\n",
    b"EHLO x\r\n", b"XFORWARD ADDR=192.0.2.1 HELO=+0D+0A\r\n", b" SIZE=9", b" BODY=8BITMIME",
    b"\xff\xfe", "太郎".encode(), b"x" * 5000, b'"', b"\\", b"Received: x\r\n" * 120, b"=", b"\t",
)  # fmt: skip
_FAULTS: tuple[dict[bytes, str], ...] = (
    {}, {}, {},
    {b"MAIL": "421 4.3.2 closing"}, {b"RCPT": "550 5.1.1 no"}, {b"RCPT": "450-4.2.0 a\n450 b"},
    {b"DATA": "451 4.3.0 later"}, {b".": "554 5.7.1 いいえ"}, {b".": "421 4.0.0 bye"},
)  # fmt: skip
_DROPS: tuple[set[bytes], ...] = (set(), set(), set(), {b"MAIL"}, {b"."}, {b"body"}, {b"banner"})

NewLoop = Callable[[], asyncio.AbstractEventLoop]


class FuzzError(AssertionError):
    """Something did not hold; the text tells what, and how to run it again."""


@dataclass
class Findings(logging.Handler):
    """What was heard, and what the log said that it must not."""

    codes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    cases: int = 0

    def __post_init__(self) -> None:
        """Listen to the log."""
        super().__init__(logging.ERROR)

    def __hash__(self) -> int:
        return id(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.wrong.append(f"log: {record.getMessage()}")

    def hear(self, heard: bytes) -> None:
        """Look at all that a listener said in one case."""
        *lines, rest = heard.split(b"\r\n")
        if rest:
            self.wrong.append(f"half a reply: {rest[:80]!r}")
        for line in lines:
            self.codes[line[:3].decode("ascii", "replace")] += 1
            if not _REPLY.fullmatch(line) or b"4.3.0 Temporary failure, message" in line:
                self.wrong.append(f"reply: {line[:120]!r}")


class Mutator:
    """Makes dialogues out of transcripts, and worse ones out of these."""

    def __init__(self, random_: random.Random) -> None:
        self._random = random_
        self._dialogues = [_dialogue(file) for file in TRANSCRIPTS]

    def next(self) -> list[bytes]:
        """Return what a client sends, piece by piece."""
        chance = self._random
        if chance.random() < 0.1:
            return [chance.randbytes(chance.randint(1, 3000))]
        pieces = list(chance.choice(self._dialogues))
        for _ in range(chance.choice((0, 1, 1, 2, 4, 8))):
            pieces = self._worse(pieces)
        if chance.random() < 0.3:
            return _cut(b"".join(pieces), chance)
        return pieces

    def _worse(self, pieces: list[bytes]) -> list[bytes]:
        chance = self._random
        at = chance.randrange(len(pieces) + 1)
        match chance.randrange(6):
            case 0:
                return [*pieces[:at], chance.choice(_TOKENS), *pieces[at:]]
            case 1:
                return pieces[:at] + pieces[at + 1 :] or [b"\r\n"]
            case 2:
                return pieces[:at] + pieces[max(0, at - 2) :]
            case 3:
                return [*pieces[:at], *chance.choice(self._dialogues)]
            case _:
                at = chance.randrange(len(pieces))
                return [*pieces[:at], self._bytes(pieces[at]), *pieces[at + 1 :]]

    def _bytes(self, piece: bytes) -> bytes:
        chance = self._random
        at = chance.randrange(len(piece) + 1)
        match chance.randrange(4):
            case 0:
                return piece[:at] + chance.choice(_TOKENS) + piece[at:]
            case 1:
                return piece[:at] + piece[at + chance.randint(1, 4) :]
            case 2:
                return piece[:at] + chance.randbytes(chance.randint(1, 4)) + piece[at:]
            case _:
                return piece[:at] + piece[at:] * chance.randint(2, 50)


def _dialogue(file: Path) -> list[bytes]:
    steps = file.read_text("utf-8").splitlines()[1:]
    spread = [one for step in steps for one in (LOGIN if step == "@login" else [step])]
    said = [unescape(one[2:]).encode() + b"\r\n" for one in spread if one.startswith(">")]
    return said or [b"\r\n"]


def _cut(whole: bytes, chance: random.Random) -> list[bytes]:
    size = chance.choice((1, 7, 100, 1000, 100_000)) if len(whole) < 2000 else 4096
    return [whole[at : at + size] for at in range(0, len(whole), size)]


@dataclass(frozen=True)
class Door:
    """One address to talk to."""

    gateway: Gateway
    address: HostPort
    is_tls: bool = False
    is_proxied: bool = False


@dataclass
class Caller:
    """One who talks to the doors."""

    doors: tuple[Door, ...]
    tls: ssl.SSLContext
    chance: random.Random
    findings: Findings

    async def talk(self, pieces: list[bytes]) -> None:
        """Send one dialogue to one door and hear it to its end."""
        door = self.chance.choice(self.doors)
        source = f"127.{self.chance.randrange(256)}.{self.chance.randrange(256)}.9"
        tls = self.tls if door.is_tls and self.chance.random() < 0.8 else None
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(
                *door.address, local_addr=(source, 0), ssl=tls
            )
            if door.is_proxied and self.chance.random() < 0.8:
                writer.write(f"PROXY TCP4 {source} 127.0.0.1 1 25\r\n".encode())
            await self._exchange(reader, writer, pieces)
        self.findings.cases += 1

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pieces: list[bytes]
    ) -> None:
        heard = bytearray()
        hearing = asyncio.create_task(_hear(reader, heard))
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                if self.chance.random() < 0.05:
                    await asyncio.sleep(self.chance.random() / 50)
            if self.chance.random() < 0.1:
                writer.transport.abort()
            elif writer.can_write_eof():
                writer.write_eof()
            else:
                writer.write(b"\r\n.\r\nQUIT\r\n")
            async with asyncio.timeout(PATIENCE_SECONDS):
                await hearing
        finally:
            hearing.cancel()
            writer.transport.abort()
        if _is_text(heard):
            self.findings.hear(bytes(heard))


async def _hear(reader: asyncio.StreamReader, heard: bytearray) -> None:
    with contextlib.suppress(OSError):
        while more := await reader.read(65536):
            heard += more


def _is_text(heard: bytearray) -> bool:
    """Tell whether SMTP was spoken: STARTTLS among the pieces makes it TLS's alerts."""
    return b"Ready to start TLS" not in heard and not heard.startswith((b"\x15\x03", b"\x16\x03"))


def fuzz(seconds: float, seed: int, new_loop: NewLoop = asyncio.new_event_loop) -> Findings:
    """Fuzz for so long and return what was found; raises FuzzError at the first wrong thing."""
    findings, thread, sink = Findings(), LoopThread(new_loop), Sink()
    thread.loop.set_exception_handler(lambda _, what: findings.wrong.append(f"loop: {what}"))
    logging.getLogger().addHandler(findings)
    doors: tuple[Door, ...] = ()
    try:
        thread.run(sink.start())
        doors = _open_doors(thread, sink)
        asyncio.run(_fuzz(Caller(doors, _trusting(), random.Random(seed), findings), seconds))
    except FuzzError as error:
        raise FuzzError(f"{error}; seed {seed}, after {findings.cases} cases") from None
    finally:
        for door in doors:
            if not door.is_tls:  # the other door of the same gateway
                door.gateway.close()
        thread.run(sink.stop())
        thread.stop()
        logging.getLogger().removeHandler(findings)
    return findings


async def _fuzz(caller: Caller, seconds: float) -> None:
    mutator, sink = Mutator(caller.chance), caller.doors[0].gateway.sink
    ends, size = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        sink.answers = dict(caller.chance.choice(_FAULTS))
        sink.drops = set(caller.chance.choice(_DROPS))
        await _run_batch(caller, mutator)
        sink.answers, sink.drops = {}, set()
        await _check(caller.doors, caller.findings)
        size = size or _resident_bytes()
        if _resident_bytes() > size + MOST_GROWTH_BYTES:
            raise FuzzError(f"memory grew from {size} to {_resident_bytes()} bytes")


def _open_doors(thread: LoopThread, sink: Sink) -> tuple[Door, ...]:
    common: dict[str, Any] = {
        "command_timeout_seconds": 5,
        "next_hop_timeout_seconds": 5,
        "max_login_failures": 3,
        "message_memory_bytes": 1 << 20,
        "max_header_bytes": 64 << 10,
        "xforward_from": "127.1.0.0/16",
    }
    with tempfile.TemporaryDirectory(prefix="cr-fuzz-") as folder:
        tls = Authority().server(Path(folder), "127.0.0.1")

    def start(tls: ssl.SSLContext | None, **changes: Any) -> Gateway:
        settings = make_settings(**common, **changes)
        return thread.run(start_gateway(thread, sink, settings, tls))

    clear, both = start(None), start(tls, smtps_listen="127.0.0.1:0")
    proxied = start(tls, proxy_from="127.0.0.0/8")
    first_byte = both.listener.tls_address
    assert first_byte is not None
    return (
        Door(clear, clear.address),
        Door(proxied, proxied.address, is_proxied=True),
        Door(both, both.address),
        Door(both, first_byte, is_tls=True),
    )


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _run_batch(caller: Caller, mutator: Mutator) -> None:
    cases = [mutator.next() for _ in range(BATCH)]

    async def work() -> None:
        while cases:
            await caller.talk(cases.pop())

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def _check(doors: tuple[Door, ...], findings: Findings) -> None:
    """Raise FuzzError unless all is as it was before the batch, and a real mail passes."""
    for door in doors:
        await _until_nothing_is_left(door.gateway)
        for heap in (
            door.gateway.relay.mails,
            door.gateway.relay.replies,
            door.gateway.relay.errors,
        ):
            heap.clear()
    doors[0].gateway.sink.mails.clear()
    doors[0].gateway.sink.lines.clear()
    reply = await _send_a_real_mail(doors[0])
    if reply != "250":
        raise FuzzError(f"a real mail was answered {reply}")
    loop = doors[0].gateway.thread.loop
    tasks = [task for task in asyncio.all_tasks(loop) if "SMTP" in repr(task).upper()]
    if len(tasks) > 50:  # the sink's, which keeps connections, and the real mail's
        raise FuzzError(f"{len(tasks)} tasks were left")
    if _open_files() > 300:
        raise FuzzError("sockets were left")
    if findings.wrong:
        raise FuzzError("; ".join(findings.wrong[:5]))


async def _until_nothing_is_left(gateway: Gateway) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    listener = gateway.listener
    while used := (
        listener.session_count,
        len(listener.limits.peers),
        len(listener.limits.companies),
        listener.limits.memory.used_bytes,
    ):
        if not any(used):
            return
        if time.monotonic() > deadline:
            raise FuzzError(f"left: sessions, peers, companies, bytes = {used}")
        await asyncio.sleep(0.01)


async def _send_a_real_mail(door: Door) -> str:
    reader, writer = await asyncio.open_connection(*door.address, local_addr=("127.0.0.8", 0))
    lines = ["EHLO client.example", f"AUTH PLAIN {PLAIN}", f"MAIL FROM:<{SENDER}>"]
    lines += [f"RCPT TO:<{OUTSIDE}>", "DATA", "Subject: x\r\n\r\nhello\r\n.", "QUIT"]
    writer.write("".join(f"{line}\r\n" for line in lines).encode())
    async with asyncio.timeout(PATIENCE_SECONDS):
        heard = await reader.read(-1)
    writer.close()
    return heard.split(b"\r\n")[-3][:3].decode()


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _resident_bytes() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main(arguments: list[str]) -> None:
    """Fuzz as the command line says, and print what was heard."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--asyncio", action="store_true", help="not uvloop, as the relay has it")
    options = parser.parse_args(arguments)
    new_loop = asyncio.new_event_loop if options.asyncio else uvloop.new_event_loop
    findings = fuzz(options.seconds, options.seed, new_loop)
    codes = ", ".join(f"{code} x{count}" for code, count in sorted(findings.codes.items()))
    sys.stdout.write(f"{findings.cases} dialogues, nothing wrong: {codes}\n")
    sys.stdout.write(f"resident: {_resident_bytes() >> 20} MiB\n")


if __name__ == "__main__":
    main(sys.argv[1:])
