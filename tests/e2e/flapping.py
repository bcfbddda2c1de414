"""A next hop that flaps: it answers 4yz, drops connections and restarts, at random."""

import random
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import cast

from gateway.settings import HostPort
from tests.e2e.sink import path_of
from tests.services import free_port

_LATER = ("421 4.3.2 Going down", "450 4.2.0 Busy", "451 4.3.0 Not now", "452 4.3.1 No space")
_REFUSES, _DROPS = 0.03, 0.02
_LOSES_ANSWER = 0.04


class _DropError(ConnectionError):
    """The hop ends the connection here, without a word."""


@dataclass(frozen=True)
class Arrival:
    """One mail that the hop took.

    is_told  whether its 250 was sent: if not, nobody on the other side can know
    """

    mail_from: str
    recipients: tuple[str, ...]
    raw: bytes
    is_told: bool


@dataclass
class FlappingHop:
    """What it took, in order, and what it did to its client."""

    chance: random.Random
    address: HostPort = field(default_factory=lambda: HostPort("127.0.0.1", free_port()))
    arrivals: list[Arrival] = field(default_factory=list)
    refusals: int = 0
    drops: int = 0
    restarts: int = 0
    connections: set[socket.socket] = field(default_factory=set)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _is_over: threading.Event = field(default_factory=threading.Event)

    def wait_for(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Wait until `is_so()`, looked at after each mail; tell whether it came to be."""
        with self._changed:
            return self._changed.wait_for(is_so, seconds)

    def take(self, arrival: Arrival) -> None:
        """Keep one mail."""
        with self._changed:
            self.arrivals.append(arrival)
            self._changed.notify_all()

    def refuse_or_drop(self) -> str | None:
        """Return a 4yz, or None to go on as if nothing was; raises _DropError at times."""
        drawn = self.chance.random()
        if drawn < _DROPS:
            self.drop()
        if drawn > _DROPS + _REFUSES:
            return None
        self.refusals += 1
        return self.chance.choice(_LATER)

    def drop(self) -> None:
        """End the connection."""
        self.drops += 1
        raise _DropError

    def run(self) -> None:
        """Serve, and be gone for a moment every few seconds, until stop()."""
        while not self._is_over.is_set():
            with _Server(self.address, _Talk) as server:
                server.hop = self
                serving = threading.Thread(target=server.serve_forever, args=(0.02,))
                serving.start()
                self._is_over.wait(self.chance.uniform(2, 6))
                server.shutdown()
                serving.join()
            for connection in tuple(self.connections):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self.restarts += 1
            self._is_over.wait(self.chance.uniform(0.1, 1))

    def stop(self) -> None:
        """Serve no more."""
        self._is_over.set()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 100
    hop: FlappingHop


class _Talk(socketserver.StreamRequestHandler):
    mail_from = ""
    recipients: tuple[str, ...] = ()

    @property
    def hop(self) -> FlappingHop:
        return cast("_Server", self.server).hop

    def handle(self) -> None:
        self.hop.connections.add(self.connection)
        try:
            self.say(self.hop.refuse_or_drop() or "220 hop.example ESMTP")
            for line in self.rfile:
                self.answer(line.strip().decode("utf-8", "replace"))
        except OSError:  # dropped, restarted, or the relay was killed
            return
        finally:
            self.hop.connections.discard(self.connection)

    def answer(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        if later := self.hop.refuse_or_drop():
            self.say(later)
            return
        match verb.upper():
            case "EHLO":
                self.say("250-hop.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 PIPELINING")
            case "MAIL":
                self.mail_from, self.recipients = path_of(rest), ()
                self.say("250 2.1.0 Ok")
            case "RCPT":
                self.recipients += (path_of(rest),)
                self.say("250 2.1.5 Ok")
            case "DATA" if not self.recipients:
                self.say("554 5.5.1 No recipients")
            case "DATA":
                self.say("354 go on")
                self.take()
            case "QUIT":
                raise _DropError
            case _:
                self.say("250 2.0.0 Ok")

    def take(self) -> None:
        """Read a mail; drop within it, refuse it, take it with or without a word."""
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line.endswith(b"\n"):  # the other side is gone: that was no mail
                raise _DropError
            lines.append(line[1:] if line.startswith(b".") else line)
            if self.hop.chance.random() < 0.0005:
                self.hop.drop()
        if later := self.hop.refuse_or_drop():
            self.say(later)
            return
        if self.hop.chance.random() < 0.3:
            time.sleep(self.hop.chance.uniform(0, 0.05))  # so that a kill can fall in here
        self.keep(b"".join(lines), is_told=self.hop.chance.random() > _LOSES_ANSWER)

    def keep(self, raw: bytes, *, is_told: bool) -> None:
        if is_told:
            try:
                self.say("250 2.0.0 Ok: taken")
            except OSError:
                is_told = False
        self.hop.take(Arrival(self.mail_from, self.recipients, raw, is_told))
        if not is_told:
            self.hop.drop()

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()
        if text.startswith("421"):
            raise _DropError


@contextmanager
def flapping_hop(seed: int) -> Iterator[FlappingHop]:
    """Run such a next hop until the block is left."""
    hop = FlappingHop(random.Random(seed))
    thread = threading.Thread(target=hop.run)
    thread.start()
    try:
        yield hop
    finally:
        hop.stop()
        thread.join()
