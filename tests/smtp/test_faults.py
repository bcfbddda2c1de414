"""Next hops and clients that break at every point."""

import logging
import socket
import struct
import threading

import pytest

from gateway.core.path import MailOptions
from gateway.errors import NextHopLostError
from gateway.hops import Route
from gateway.nexthop import NextHopSilentError
from gateway.settings import HostPort
from tests.services import wait_until
from tests.smtp.conftest import StartGateway
from tests.smtp.gateways import OUTSIDE, SENDER, Gateway
from tests.smtp.sink import Sink

CONTENT = b"Subject: x\r\n\r\nhello\r\n"


def send_all(gateway: Gateway) -> list[str]:
    """Return the codes of MAIL, RCPT, DATA and the final dot, as far as it goes."""
    with gateway.wire() as wire:
        replies = [wire.ask(f"MAIL FROM:<{SENDER}>")]
        if replies[-1].startswith("250"):
            replies.append(wire.ask(f"RCPT TO:<{OUTSIDE}>"))
        if replies[-1].startswith("250"):
            replies.append(wire.ask("DATA"))
        if replies[-1].startswith("354"):
            replies.append(wire.ask(CONTENT + b"."))
        assert wire.ask("RSET").startswith("250 2.0.0")
    return [" ".join(reply.split()[:2]) for reply in replies]


LOST = "451 4.4.1"


@pytest.mark.parametrize(
    ("stage", "want"),
    [
        (b"banner", [LOST]),
        (b"EHLO", [LOST]),
        (b"MAIL", [LOST]),
        (b"RCPT", ["250 2.0.0", LOST]),
        (b"DATA", ["250 2.0.0", "250 2.0.0", "354 End", LOST]),
        (b"body", ["250 2.0.0", "250 2.0.0", "354 End", LOST]),
        (b".", ["250 2.0.0", "250 2.0.0", "354 End", LOST]),
    ],
)
def test_a_next_hop_that_drops_is_451_and_the_next_mail_goes_through(
    gateway: Gateway, sink: Sink, stage: bytes, want: list[str]
) -> None:
    sink.drops.add(stage)
    assert send_all(gateway) == want
    assert sink.mails == []
    sink.drops.clear()
    assert send_all(gateway)[-1] == "250 2.0.0"
    assert len(sink.mails) == 1


def test_only_a_loss_after_the_final_dot_may_have_left(gateway: Gateway, sink: Sink) -> None:
    sink.drops.add(b".")
    send_all(gateway)
    sink.drops = {b"DATA"}
    send_all(gateway)
    assert [type(error) for error in gateway.relay.errors] == [NextHopSilentError, NextHopLostError]


@pytest.mark.parametrize(
    ("stage", "answer", "want"),
    [
        (b"banner", "554 5.3.2 no service", "451 4.4.1"),
        (b"banner", "421 4.3.2 busy", "451 4.4.1"),
        (b"EHLO", "421 4.3.2 busy", "451 4.4.1"),
        (b"MAIL", "421 4.3.2 going down", "451 4.3.2"),
        (b"MAIL", "354 what", "451 4.4.1"),
        (b"MAIL", "garbage", "451 4.4.1"),
        (b"MAIL", "250-one\n550 two", "451 4.4.1"),
        (b"MAIL", "250 " + "x" * 9000, "451 4.4.1"),
        (b"MAIL", "\n".join(["250-x"] * 200), "451 4.4.1"),
        (b"RCPT", "421 4.3.2 going down", "451 4.3.2"),
        (b"DATA", "421 4.3.2 going down", "451 4.3.2"),
        (b"DATA", "250 what", "451 4.4.1"),
        (b"DATA", "554 5.5.1 no", "554 5.5.1"),
        (b"DATA", "452 4.3.1 full", "452 4.3.1"),
        (b".", "421 4.3.2 going down", "451 4.3.2"),
        (b".", "451 4.3.0 later", "451 4.3.0"),
        (b".", "552 5.3.4 too large", "552 5.3.4"),
        (b".", "354 what", "451 4.4.1"),
        (b".", "garbage", "451 4.4.1"),
    ],
)
def test_odd_answers_of_the_next_hop(
    gateway: Gateway, sink: Sink, stage: bytes, answer: str, want: str
) -> None:
    if stage == b"banner":
        sink.banner = answer
    else:
        sink.answers[stage] = answer
    assert send_all(gateway)[-1] == want
    sink.answers.clear()
    sink.banner = "220 fine again"
    assert send_all(gateway)[-1] == "250 2.0.0"


@pytest.mark.parametrize(
    ("early", "want"),
    [
        pytest.param("250 2.0.0 Ok", LOST, id="taken before it came"),
        pytest.param("354 go on", LOST, id="asked for twice"),
        pytest.param("552 5.3.4 Too large", "552 5.3.4", id="refused"),
        pytest.param("421 4.3.2 Going away", "451 4.3.2", id="going away"),
        pytest.param("552", "552 5.0.0", id="refused without a word"),
    ],
)
def test_what_comes_before_the_final_dot_is_no_answer_to_it(
    gateway: Gateway, sink: Sink, early: str, want: str
) -> None:
    sink.answers[b"DATA"] = f"354 go\n{early}"
    assert send_all(gateway)[-1] == want
    del sink.answers[b"DATA"]
    assert send_all(gateway)[-1] == "250 2.0.0"
    assert len(sink.mails) == 1, "of what was answered too early the final dot is never sent"


def test_an_old_next_hop_that_knows_only_helo_serves(gateway: Gateway, sink: Sink) -> None:
    sink.answers[b"EHLO"] = "502 5.5.1 what is that"
    assert send_all(gateway)[-1] == "250 2.0.0"
    assert sink.mails[0].mail_from == b"<hr@acme.example>"


def test_a_next_hop_that_is_not_there_is_451(gateway: Gateway, sink: Sink) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refused
        address = HostPort(*taken.getsockname())
        with pytest.raises(NextHopLostError):
            gateway.thread.run(gateway.hops.begin(Route(7, (address,)), b"<>", MailOptions()))


def test_a_next_hop_that_falls_silent_is_451(start: StartGateway, sink: Sink) -> None:
    gateway = start(next_hop_timeout_seconds=0.2, next_hop_dot_seconds=0.2)
    sink.holds[b"RCPT"] = threading.Event()
    assert send_all(gateway)[-1] == "451 4.4.1"
    sink.holds.pop(b"RCPT").set()
    sink.holds[b"."] = threading.Event()
    assert send_all(gateway)[-1] == "451 4.4.1"
    sink.holds.pop(b".").set()


def test_a_connection_serves_many_mails_and_a_stale_one_is_replaced(
    gateway: Gateway, sink: Sink
) -> None:
    for _ in range(3):
        assert send_all(gateway)[-1] == "250 2.0.0"
    assert sink.connections == 1
    gateway.thread.run(sink.restart())
    assert send_all(gateway)[-1] == "250 2.0.0"
    assert sink.connections == 2


@pytest.mark.parametrize("how", ["drop", "421"])
def test_an_idle_connection_that_dies_at_mail_is_replaced_once(
    gateway: Gateway, sink: Sink, how: str
) -> None:
    assert send_all(gateway)[-1] == "250 2.0.0"
    if how == "drop":
        sink.drops.add(b"MAIL")
    else:
        sink.answers[b"MAIL"] = "421 4.4.2 idle too long"
    with gateway.wire() as wire:
        assert wire.ask(f"MAIL FROM:<{SENDER}>").startswith("451 4.")
    assert sink.connections == 2


def test_a_client_that_vanishes_in_data_leaves_nothing(gateway: Gateway, sink: Sink) -> None:
    with gateway.wire() as wire:
        wire.begin_data()
        wire.send(b"Subject: x\r\n\r\nhal")
    sink.wait_for_line(b"RSET")
    assert gateway.relay.mails == []
    assert sink.mails == []
    assert send_all(gateway)[-1] == "250 2.0.0"
    assert sink.connections == 1


@pytest.mark.parametrize("how", ["closed", "reset"])
def test_a_client_that_vanishes_after_the_dot_has_its_mail_handed_over(
    gateway: Gateway, sink: Sink, how: str
) -> None:
    sink.holds[b"."] = threading.Event()
    with gateway.wire() as wire:
        wire.begin_data()
        wire.send(CONTENT + b".\r\n")
        sink.wait_for_line(b".")
        if how == "reset":
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sink.holds.pop(b".").set()
    gateway.relay.wait_until_done()
    assert [mail.content for mail in sink.mails] == [CONTENT]


def test_what_a_vanished_client_said_behind_its_mail_is_not_obeyed(
    gateway: Gateway, sink: Sink
) -> None:
    sink.holds[b"."] = threading.Event()
    with gateway.wire() as wire:
        wire.begin_data()
        another = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{OUTSIDE}>\r\n".encode()
        wire.send(CONTENT + b".\r\n" + another)
        sink.wait_for_line(b".")
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wait_until(lambda: not gateway.listener.session_count, "the client's leaving is noticed")
    assert gateway.listener.mails_in_hand == 1
    sink.holds.pop(b".").set()
    wait_until(lambda: not gateway.listener.mails_in_hand, "the mail is handed over")
    assert [mail.content for mail in sink.mails] == [CONTENT]
    gateway.close()
    assert sum(line.startswith(b"MAIL") for line in sink.lines) == 1


def test_a_client_that_closes_its_half_still_hears_the_answer(gateway: Gateway) -> None:
    with gateway.wire() as wire:
        wire.begin_data()
        wire.send(CONTENT + b".\r\nQUIT\r\n")
        wire.socket.shutdown(socket.SHUT_WR)
        assert wire.reply().startswith("250")
        assert wire.reply().startswith("221")


def test_a_client_that_vanishes_between_recipients_frees_the_next_hop(
    gateway: Gateway, sink: Sink
) -> None:
    sink.holds[b"RCPT"] = threading.Event()
    with gateway.wire() as wire:
        assert wire.ask(f"MAIL FROM:<{SENDER}>").startswith("250")
        wire.send(f"RCPT TO:<{OUTSIDE}>\r\n".encode())
        sink.wait_for_line(b"RCPT")
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sink.holds.pop(b"RCPT").set()
    sink.wait_for_line(b"(CLOSED)")
    assert send_all(gateway)[-1] == "250 2.0.0"


def test_a_fault_in_the_relay_is_451_without_its_text(
    gateway: Gateway, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("SELECT secret FROM taro@outside.example")

    gateway.relay.before = fail
    with caplog.at_level(logging.DEBUG, "gateway"), gateway.wire() as wire:
        wire.begin_data()
        assert wire.ask(CONTENT + b".") == "451 4.3.0 Temporary failure, message not accepted"
        assert wire.ask("NOOP").startswith("250")
    assert "RuntimeError" in caplog.text
    assert "taro" not in caplog.text
    assert "secret" not in caplog.text
    sink.wait_for_line(b"RSET")
