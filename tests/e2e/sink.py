"""An SMTP server on a thread of its own, to stand behind the program as next hop."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from gateway.settings import HostPort

Hook = Callable[[], None]


@dataclass(frozen=True)
class Arrived:
    """One mail the sink said 250 to."""

    mail_from: str
    recipients: tuple[str, ...]
    raw: bytes


@dataclass
class Sink:
    """What the sink got, and how it behaves.

    before_answer  called when a whole mail is here, before its 250 is sent
    after_answer   called when the 250 is out
    refused        recipients that get 550
    answer         what is said to a mail that is taken
    answers        what is said instead to a mail of this recipient; with 4yz or 5yz it is not kept
    """

    address: HostPort
    mails: list[Arrived] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    before_answer: Hook | None = None
    after_answer: Hook | None = None
    answer: str = "250 2.0.0 Ok: taken"
    answers: dict[str, str] = field(default_factory=dict)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def to(self, recipient: str) -> list[Arrived]:
        """Return the mails to `recipient`."""
        return [mail for mail in self.mails if recipient in mail.recipients]

    def wait_for(self, is_so: Callable[[], bool], seconds: float = 20.0) -> bool:
        """Wait until `is_so()`, looked at after each mail; tell whether it came to be."""
        with self.arrived:
            return self.arrived.wait_for(is_so, seconds)

    def take(self, mail: Arrived) -> None:
        """Keep one mail."""
        with self.arrived:
            self.mails.append(mail)
            self.arrived.notify_all()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    sink: Sink


class _Talk(socketserver.StreamRequestHandler):
    """One session: says yes to everything but the refused recipients."""

    mail_from = ""
    recipients: tuple[str, ...] = ()

    def handle(self) -> None:
        self.say("220 sink.example ESMTP")
        try:
            for line in self.rfile:
                if not self.answer(line.strip().decode("utf-8", "replace")):
                    return
        except ConnectionError:  # the program was killed: that is what some tests are about
            return

    def answer(self, line: str) -> bool:
        verb, _, rest = line.partition(" ")
        match verb.upper():
            case "EHLO":
                self.say("250-sink.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 PIPELINING")
            case "MAIL":
                self.mail_from, self.recipients = path_of(rest), ()
                self.say("250 2.1.0 Ok")
            case "RCPT":
                self.answer_rcpt(path_of(rest))
            case "DATA":
                self.say("354 go on")
                self.take()
            case "QUIT":
                self.say("221 2.0.0 Bye")
                return False
            case _:
                self.say("250 2.0.0 Ok")
        return True

    def answer_rcpt(self, recipient: str) -> None:
        if recipient in cast("_Server", self.server).sink.refused:
            self.say("550 5.1.1 No such user here")
            return
        self.recipients += (recipient,)
        self.say("250 2.1.5 Ok")

    def take(self) -> None:
        sink = cast("_Server", self.server).sink
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b".") else line)
        if sink.before_answer:
            sink.before_answer()
        special = (sink.answers[one] for one in self.recipients if one in sink.answers)
        answer = next(special, sink.answer)
        if answer.startswith("2"):
            sink.take(Arrived(self.mail_from, self.recipients, b"".join(lines)))
        self.say(answer)
        if sink.after_answer:
            sink.after_answer()

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()


def path_of(text: str) -> str:
    """Return what stands between the angle brackets."""
    return text.partition("<")[2].rpartition(">")[0]


@contextmanager
def running_sink(port: int = 0) -> Iterator[Sink]:
    """Run a sink on that port, or on a free one, until the block is left."""
    with _Server(("127.0.0.1", port), _Talk) as server:
        server.sink = Sink(HostPort(str(server.server_address[0]), int(server.server_address[1])))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.sink
        finally:
            server.shutdown()
            thread.join()
