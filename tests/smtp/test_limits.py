"""What one client, one address, one company and all together may have."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable

import pytest

from gateway.smtp.limits import LoginThrottle, MessageMemory, Tally
from tests.smtp.conftest import StartGateway
from tests.smtp.gateways import OUTSIDE, PLAIN, SENDER, USER, Gateway, Wire, b64
from tests.smtp.sink import PATIENCE_SECONDS, Sink

WRONG = b64(f"\0{USER}\0guess")


def test_one_address_gets_no_more_than_its_connections(start: StartGateway) -> None:
    gateway = start(max_connections_per_peer=2)
    with gateway.wire(), gateway.wire():
        with Wire(socket.create_connection(gateway.address, timeout=PATIENCE_SECONDS)) as third:
            assert third.reply().startswith("421 4.7.0")
            assert third.is_closed()
        with Wire(_from_another_address(gateway)) as other:
            assert other.reply().startswith("220 "), "another address has its own"


def _from_another_address(gateway: Gateway) -> socket.socket:
    return socket.create_connection(
        gateway.address, timeout=PATIENCE_SECONDS, source_address=("127.0.0.2", 0)
    )


def test_one_company_gets_no_more_than_its_connections(start: StartGateway) -> None:
    gateway = start(max_connections_per_company=2)
    with gateway.wire() as first, gateway.wire(), gateway.wire(log_in=False) as third:
        third.ask("EHLO client.example")
        assert third.ask(f"AUTH PLAIN {PLAIN}").startswith("421 4.7.0")
        assert third.is_closed()
        assert first.ask("QUIT").startswith("221")
        assert first.is_closed()
        with gateway.wire():
            pass


def test_what_was_counted_is_given_back(gateway: Gateway) -> None:
    for _ in range(20):
        with gateway.wire() as wire:
            wire.begin_mail()
    limits = gateway.listener.limits
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(limits.peers) or len(limits.companies):
        assert time.monotonic() < deadline, "a connection is still counted"


@pytest.mark.parametrize(
    "line", ["WHAT", "MAIL FROM:taro", "STARTTLS now", "RCPT TO:<a@b.example>"]
)
def test_a_client_that_only_errs_is_cut(start: StartGateway, line: str) -> None:
    gateway = start(max_errors=5)
    with gateway.wire() as wire:
        codes = [wire.ask(line)[:3] for _ in range(6)]
        if not line.startswith("RCPT"):
            assert codes[-1] == "421"
            assert codes[0] in {"500", "501"}
            assert wire.is_closed()
        else:
            assert codes == ["503"] * 6, "idle commands are counted elsewhere"


def test_a_client_without_a_mail_is_cut_and_one_with_mails_is_not(start: StartGateway) -> None:
    gateway = start(max_idle_commands=8)
    with gateway.wire() as busy, gateway.wire() as idle:  # EHLO and AUTH are two of the eight
        for _ in range(5):
            busy.begin_data()
            assert busy.ask("Subject: x\r\n\r\nhello\r\n.").startswith("250")
        assert [idle.ask("NOOP")[:3] for _ in range(7)] == [*["250"] * 6, "421"]
        assert idle.is_closed()
        assert busy.ask("NOOP").startswith("250")


def test_unknown_recipients_are_no_errors(start: StartGateway, sink: Sink) -> None:
    sink.answers[b"RCPT"] = "550 5.1.1 unknown"
    gateway = start(max_errors=3)
    with gateway.wire() as wire:
        assert wire.ask(f"MAIL FROM:<{SENDER}>").startswith("250")
        assert {wire.ask(f"RCPT TO:<{OUTSIDE}>")[:3] for _ in range(50)} == {"550"}


def test_a_session_has_an_end_but_never_within_a_mail(start: StartGateway) -> None:
    gateway = start(max_commands=12)
    with gateway.wire() as wire:
        wire.begin_mail(*[f"t{n}@outside.example" for n in range(20)])
        assert wire.ask("NOOP").startswith("421 4.7.0")


def test_a_thousand_recipients_are_taken_and_the_next_is_452(gateway: Gateway, sink: Sink) -> None:
    with gateway.wire() as wire:
        wire.begin_mail(*[f"t{n}@outside.example" for n in range(1000)])
        assert wire.ask("RCPT TO:<one@too.example>").startswith("452 4.5.3")
        assert wire.ask("DATA").startswith("354")
        assert wire.ask("Subject: x\r\n\r\nhello\r\n.").startswith("250")
    assert len(sink.mails[0].rcpt_to) == 1000


def test_a_header_over_its_limit_is_552_and_a_large_body_is_not(
    start: StartGateway, sink: Sink
) -> None:
    gateway = start(max_header_bytes=1000)
    with gateway.wire() as wire:
        wire.begin_data()
        assert wire.ask("Subject: " + "x" * 1000 + "\r\n\r\nhello\r\n.").startswith("552 5.3.4")
        wire.begin_data()
        assert wire.ask("Subject: x\r\n\r\n" + "x" * 5000 + "\r\n.").startswith("250")
        wire.begin_data()
        assert wire.ask("no header at all " * 100 + "\r\n.").startswith("552"), "all is header"
    assert len(sink.mails) == 1


def test_a_mail_that_goes_in_circles_is_554(start: StartGateway, sink: Sink) -> None:
    gateway = start(max_received_fields=30)
    with gateway.wire() as wire:
        for hops, want in ((30, "250"), (31, "554 5.4.6")):
            wire.begin_data()
            trace = "".join(
                f"{'received' if n % 2 else 'Received'}: by x{n}\r\n" for n in range(hops)
            )
            assert wire.ask(f"{trace}Subject: x\r\n\r\nReceived: y\r\n.").startswith(want)
    assert len(sink.mails) == 1


def test_over_the_memory_budget_the_sender_is_asked_to_come_again(
    start: StartGateway, sink: Sink
) -> None:
    gateway = start(message_memory_bytes=1 << 20)
    with gateway.wire() as large, gateway.wire() as other:
        large.begin_data()
        large.send(b"Subject: x\r\n\r\n" + b"x" * 997 + b"\r\n")
        large.send(b"\r\n" + b"0123456789abcde\r\n" * 30_000)  # 510 kB, counted thrice
        _until(lambda: gateway.listener.limits.memory.used_bytes > 1_000_000)
        assert other.ask(f"MAIL FROM:<{SENDER}> SIZE=500000").startswith("452 4.3.1")
        other.begin_mail()
        assert other.ask("DATA").startswith("452 4.3.1")
        assert large.ask(".").startswith("250"), "who was there first goes on"
        assert other.ask("DATA").startswith("354"), "and then there is room"
        assert other.ask("Subject: y\r\n\r\nhello\r\n.").startswith("250")
    assert len(sink.mails) == 2
    _until(lambda: gateway.listener.limits.memory.used_bytes == 0)


def test_a_mail_that_outgrows_the_budget_is_read_to_its_end_and_not_held(
    start: StartGateway, sink: Sink
) -> None:
    gateway = start(message_memory_bytes=1 << 20)
    with gateway.wire() as first, gateway.wire() as second:
        first.begin_data()
        first.send(b"\r\n" + b"0123456789abcde\r\n" * 15_000)
        _until(lambda: gateway.listener.limits.memory.used_bytes > 500_000)
        second.begin_data()
        second.send(b"\r\n" + b"0123456789abcde\r\n" * 60_000)
        assert second.ask(".").startswith("452 4.3.1")
        assert second.ask("NOOP").startswith("250"), "in step"
        assert first.ask(".").startswith("250")
        second.begin_data()
        second.send(b"\r\n" + b"0123456789abcde\r\n" * 60_000)
        assert second.ask(".").startswith("250"), "alone, a mail may be larger than the budget"
    assert len(sink.mails) == 2


def test_a_client_that_leaves_in_the_middle_gives_its_memory_back(gateway: Gateway) -> None:
    memory = gateway.listener.limits.memory
    with gateway.wire() as wire:
        wire.begin_data()
        wire.send(b"\r\n" + b"0123456789abcde\r\n" * 10_000)
        _until(lambda: memory.used_bytes > 300_000)
    _until(lambda: memory.used_bytes == 0)


def test_twenty_large_mails_at_once_stay_within_the_budget(start: StartGateway) -> None:
    """Each sender comes again after 452, as mail servers do; all mails arrive."""
    budget, size = 20 << 20, 2 << 20
    gateway = start(message_memory_bytes=budget)
    highest = 0
    content = b"Subject: x\r\n\r\n" + b"0123456789abcde\r\n" * (size // 17)
    done: list[str] = []

    def send() -> None:
        with gateway.wire() as wire:
            reply = ""
            while not reply.startswith("250"):
                wire.begin_mail()
                reply = wire.ask("DATA")
                if reply.startswith("354"):
                    wire.send(content)
                    reply = wire.ask(".")
                else:
                    assert reply.startswith("452 4.3.1")
                    assert wire.ask("RSET").startswith("250")
                assert reply[:3] in {"250", "452"}
            done.append(reply)

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        highest = max(highest, gateway.listener.limits.memory.used_bytes)
        time.sleep(0.005)  # a sampling interval
    assert len(done) == 20
    assert highest <= budget


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline


def test_failures_from_one_address_are_slowed_over_all_its_connections(
    gateway: Gateway,
) -> None:
    pauses = []
    for _ in range(3):
        with gateway.wire(log_in=False) as wire:
            wire.ask("EHLO client.example")
            started = time.monotonic()
            assert wire.ask(f"AUTH PLAIN {WRONG}").startswith("535 5.7.8")
            pauses.append(time.monotonic() - started)
    assert pauses[2] > 1.4, "a new connection is no new beginning"


def test_an_address_that_guesses_is_cut_off_and_the_company_is_not(start: StartGateway) -> None:
    gateway = start(max_login_failures=2)
    for want in ("535 5.7.8", "535 5.7.8", "421 4.7.0"):
        with gateway.wire(log_in=False) as wire:
            wire.ask("EHLO client.example")
            assert wire.ask(f"AUTH PLAIN {WRONG}").startswith(want)
    with Wire(_from_another_address(gateway)) as company:
        company.reply()
        company.ask("EHLO client.example")
        assert company.ask(f"AUTH PLAIN {PLAIN}").startswith("235"), "the account is not locked"


def test_who_logged_in_before_is_not_cut_off_by_a_wrong_password_beside_it(
    start: StartGateway,
) -> None:
    gateway = start(max_login_failures=2)
    with gateway.wire():
        pass
    for _ in range(3):
        with gateway.wire(log_in=False) as wire:
            wire.ask("EHLO client.example")
            assert wire.ask(f"AUTH PLAIN {WRONG}").startswith("535 5.7.8")
    with gateway.wire():
        pass


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_failures_are_forgotten_after_a_quarter_of_an_hour() -> None:
    clock = Clock()
    throttle = LoginThrottle(3, clock)
    assert [throttle.begin("a") for _ in range(4)] == [True, True, True, False]
    clock.seconds += 901
    assert throttle.begin("a")
    assert throttle.pause_seconds("a") == 0.5


def test_attempts_at_once_gain_nothing_and_right_ones_cost_nothing() -> None:
    throttle = LoginThrottle(3, Clock())
    assert [throttle.begin("a") for _ in range(3)] == [True] * 3, "none is answered yet"
    assert not throttle.begin("a")
    for _ in range(10):
        assert throttle.begin("b")
        throttle.succeeded("b")
    assert throttle.pause_seconds("b") == 0.0
    assert throttle.pause_seconds("unknown") == 0.5


def test_attempts_that_are_being_checked_cut_nobody_off_for_good() -> None:
    throttle = LoginThrottle(2, Clock())
    assert [throttle.begin("a") for _ in range(3)] == [True, True, False]
    throttle.failed("a")
    assert throttle.is_checking("a"), "the other one may be right"
    throttle.undecided("a")
    assert not throttle.is_checking("a")
    assert throttle.begin("a")
    throttle.failed("a")
    assert not throttle.begin("a")
    assert not throttle.is_checking("a"), "two were wrong"


def test_a_mail_server_that_logs_in_many_times_at_once_is_let_in(start: StartGateway) -> None:
    gateway = start(max_login_failures=3)
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(gateway.wire(log_in=False)) for _ in range(20)]
        for wire in wires:
            assert wire.ask("EHLO client.example").startswith("250")
        for wire in wires:
            wire.send(f"AUTH PLAIN {PLAIN}\r\n".encode())
        assert {wire.reply()[:3] for wire in wires} == {"235"}


def test_the_pause_grows_to_an_end() -> None:
    throttle = LoginThrottle(1000, Clock())
    pauses = []
    for _ in range(40):
        throttle.begin("a")
        pauses.append(throttle.pause_seconds("a"))
    assert pauses == sorted(pauses)
    assert pauses[-1] == 10.0


def test_the_table_of_sources_is_bounded() -> None:
    throttle = LoginThrottle(3, Clock())
    for number in range(30_000):
        throttle.begin(f"2001:db8:{number:x}::/64")
    assert len(throttle) == 10_000


def test_a_tally_forgets_keys_that_have_none_left() -> None:
    tally: Tally[str] = Tally(1)
    assert tally.enter("a")
    assert not tally.enter("a")
    tally.leave("a")
    assert len(tally) == 0


def test_memory_is_never_given_back_twice() -> None:
    memory = MessageMemory(100)
    one, two = memory.share(), memory.share()
    assert one.resize(40)
    assert not two.resize(20)
    one.release()
    one.release()
    assert memory.used_bytes == 0
    assert two.resize(5000), "one alone always may"
    assert not memory.has_room(1)
    two.resize(0)
    assert memory.has_room(10_000)
