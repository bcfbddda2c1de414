"""Clients that are slow, or only seem so: who is waited for, and who is let go."""

import contextlib
import threading
import time
from collections.abc import Iterator

from tests.smtp.conftest import StartGateway
from tests.smtp.gateways import OUTSIDE, SENDER, Gateway, Wire, assert_all_gone
from tests.smtp.sink import Sink


def test_noop_does_not_hold_a_connection(start: StartGateway) -> None:
    gateway = start(command_timeout_seconds=0.2)
    with gateway.wire() as wire:
        replies = list(_noop_for_ever(wire))
    assert replies[-1].startswith("421 4.4.2")
    assert len(replies) < 25


def _noop_for_ever(wire: Wire) -> Iterator[str]:
    reply = "250"
    while reply.startswith("250"):
        time.sleep(0.05)  # the pace of a client that wants to stay
        with contextlib.suppress(ConnectionError):
            wire.send(b"NOOP\r\n")
        reply = wire.reply()
        yield reply


def test_a_flood_of_commands_is_cut(gateway: Gateway) -> None:
    with gateway.wire() as wire:
        wire.send(b"RSET\r\n" * 200)
        replies = []
        while line := wire.line():
            replies.append(line)
    assert replies[-1].startswith("421 4.7.0")
    assert len(replies) <= 101


def test_a_steady_upload_may_take_many_timeouts(start: StartGateway, sink: Sink) -> None:
    gateway = start(command_timeout_seconds=0.3)
    with gateway.wire() as wire:
        wire.begin_data()
        for _ in range(20):
            wire.send(b"0123456789\r\n" * 10)
            time.sleep(0.06)  # the pace of a slow line
        assert wire.ask(b".").startswith("250")
    assert len(sink.mails[0].content) == 2400


def test_a_trickled_upload_is_cut(start: StartGateway, sink: Sink) -> None:
    gateway = start(command_timeout_seconds=0.3)
    with gateway.wire() as wire:
        wire.begin_data()
        with contextlib.suppress(ConnectionError):
            for _ in range(20):
                wire.send(b"x")
                time.sleep(0.03)  # the pace of a client that wants to stay
        assert wire.reply().startswith("421 4.4.2")
    sink.wait_for_line(b"RSET")
    assert sink.mails == []


class _SlowAnswer(threading.Event):
    """Lets the next hop's answer wait for a moment, each time."""

    def wait(self, timeout: float | None = None) -> bool:
        time.sleep(0.2)
        return True


def test_a_next_hop_s_slowness_is_not_the_client_s(start: StartGateway, sink: Sink) -> None:
    gateway = start(command_timeout_seconds=0.4)
    sink.answers[b"RCPT TO:<NOBODY"] = "550 5.1.1 unknown"
    sink.holds[b"RCPT TO:<NOBODY"] = _SlowAnswer()
    with gateway.wire() as wire:
        assert wire.ask(f"MAIL FROM:<{SENDER}>").startswith("250")
        for _ in range(6):  # longer together than a client may take that gets nowhere
            time.sleep(0.02)  # the way there and back
            assert wire.ask("RCPT TO:<nobody@o.example>").startswith("550 5.1.1")
        assert wire.ask(f"RCPT TO:<{OUTSIDE}>").startswith("250")


def test_a_client_that_never_reads_is_cut(start: StartGateway, sink: Sink) -> None:
    gateway = start(command_timeout_seconds=0.3)
    sink.answers[b"RCPT TO:<LONG"] = "\n".join(["550-" + "x" * 400] * 50 + ["550 end"])
    with gateway.wire() as wire:
        wire.begin_mail()
        with contextlib.suppress(ConnectionError):
            wire.send(b"RCPT TO:<long@o.example>\r\n" * 1000)  # 20 MB of answers
        assert_all_gone(gateway)
    sink.wait_for_line(b"RSET")
