"""Recipients that have come already are told to the next hop in one breath (RFC 2920)."""

import random
import threading
from collections.abc import Iterator

import pytest

from gateway.core.path import MailOptions, RcptOptions
from gateway.errors import NextHopLostError
from gateway.hops import HopSettings, Route
from gateway.nexthop import HopTimeouts, NextHopPool
from tests.smtp.conftest import StartGateway
from tests.smtp.gateways import SENDER, Gateway, LoopThread, Wire
from tests.smtp.sink import Sink

MAIL = f"MAIL FROM:<{SENDER}>"


def rcpt(name: str) -> str:
    return f"RCPT TO:<{name}@outside.example>"


def wired(*commands: str) -> bytes:
    return "".join(f"{command}\r\n" for command in commands).encode()


def test_mail_and_its_recipients_are_one_breath(gateway: Gateway, sink: Sink) -> None:
    sink.ahead = 2
    sink.answers[b"RCPT TO:<GONE@"] = "550 5.1.1 No such person"
    with gateway.wire() as wire:
        wire.send(wired(MAIL, rcpt("good"), rcpt("gone"), "DATA"))
        said = [wire.reply() for _ in range(4)]
        assert [line[:3] for line in said] == ["250", "250", "550", "354"]
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    assert sink.mails[0].rcpt_to == [b"<good@outside.example>"]
    assert gateway.relay.mails[0].envelope.recipients == ("good@outside.example",)


def test_a_next_hop_that_takes_one_command_at_a_time_gets_them_so(
    start: StartGateway, sink: Sink
) -> None:
    sink.offers = ("8BITMIME",)
    gateway = start()
    with gateway.wire() as wire:
        wire.send(wired(MAIL, rcpt("a"), rcpt("b"), "DATA"))
        assert [wire.reply()[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    assert sink.mails[0].rcpt_to == [b"<a@outside.example>", b"<b@outside.example>"]


def test_of_a_refused_mail_no_recipient_is_heard(gateway: Gateway, sink: Sink) -> None:
    sink.answers[b"MAIL"] = "450 4.7.1 Greylisted"
    with gateway.wire() as wire:
        wire.send(wired(MAIL, rcpt("a"), "NOOP"))
        assert [wire.reply()[:3] for _ in range(3)] == ["450", "503", "250"]
        sink.answers.clear()
        wire.begin_mail()
        assert wire.ask("DATA").startswith("354")


@pytest.mark.parametrize(
    ("odd", "code"),
    [
        pytest.param("RCPT TO:<b", "501", id="no path"),
        pytest.param("RCPT TO:<ü@outside.example>", "553", id="not ASCII, without SMTPUTF8"),
    ],
)
def test_what_needs_a_word_of_ours_is_not_told_ahead(
    gateway: Gateway, sink: Sink, odd: str, code: str
) -> None:
    given = (MAIL, rcpt("a"), odd, rcpt("c"), "DATA")
    with gateway.wire() as wire:
        wire.send(wired(*given))
        assert [wire.reply()[:3] for _ in given] == ["250", "250", code, "250", "354"]
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    assert sink.mails[0].rcpt_to == [b"<a@outside.example>", b"<c@outside.example>"]


@pytest.mark.parametrize("is_mail_alone", [False, True])
@pytest.mark.parametrize("most", [1, 3])
def test_more_recipients_than_may_be_are_told_to_nobody(
    start: StartGateway, sink: Sink, most: int, is_mail_alone: bool
) -> None:
    gateway = start(max_recipients=most)
    with gateway.wire() as wire:
        if is_mail_alone:
            wire.send(wired(MAIL))
            sink.wait_for_line(b"MAIL")
        wire.send(wired(*[MAIL][is_mail_alone:], *map(rcpt, "abcde"), "DATA"))
        said = [wire.reply()[:3] for _ in range(7)]
        assert said == ["250", *["250"] * most, *["452"] * (5 - most), "354"]
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    assert len(sink.mails[0].rcpt_to) == most


def test_hundreds_of_recipients_all_get_their_answer(gateway: Gateway, sink: Sink) -> None:
    sink.answers[b"RCPT TO:<N77@"] = "452 4.2.2 full"
    with gateway.wire() as wire:
        wire.send(wired(MAIL, *(rcpt(f"n{n}") for n in range(300)), "DATA"))
        said = [wire.reply() for _ in range(302)]
        assert [n for n, line in enumerate(said) if line.startswith("452")] == [78]
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    assert len(sink.mails[0].rcpt_to) == 299


def test_a_kept_connection_that_died_is_replaced_with_all_that_was_told(
    gateway: Gateway, sink: Sink
) -> None:
    with gateway.wire() as wire:
        wire.begin_data()
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
        sink.drops = {b"RCPT TO:<B@"}
        wire.send(wired(MAIL, rcpt("a"), rcpt("b"), "NOOP"))
        said = [wire.reply()[:3] for _ in range(4)]
        assert said == ["250", "250", "451", "250"]  # dropped twice: on the old one and anew
        assert wire.ask("DATA").startswith("451")
        sink.drops.clear()
        wire.send(wired(MAIL, rcpt("a"), rcpt("b"), "DATA"))
        assert [wire.reply()[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        assert wire.ask(b"Subject: y\r\n\r\nhello\r\n.").startswith("250")
    assert sink.mails[1].rcpt_to == [b"<a@outside.example>", b"<b@outside.example>"]


def test_a_421_to_one_recipient_is_theirs_and_frees_the_connection(
    thread: LoopThread, sink: Sink
) -> None:
    sink.answers[b"RCPT TO:<B@"] = "421 4.7.0 Too many"
    ahead = [(b"<%c@outside.example>" % name, RcptOptions()) for name in b"abc"]
    way = Route(7, (sink.address,), HopSettings(most_connections=1))

    async def run() -> None:
        pool = NextHopPool(hostname="relay.example", timeouts=HopTimeouts(turn=0.5))
        first, _ = await pool.begin(way, b"<hr@acme.example>", MailOptions())
        first.abandon()
        for _ in range(3):  # first on the kept connection, then on new ones
            transaction, reply = await pool.begin(way, b"<hr@acme.example>", MailOptions(), ahead)
            assert reply.code == 250
            assert [one.code for one in transaction.heard] == [250, 451]
            assert not transaction.is_open
            transaction.abandon()
        await pool.close()

    thread.run(run())


def test_an_answer_that_comes_too_late_is_nobody_s(thread: LoopThread, sink: Sink) -> None:
    event = sink.holds[b"RCPT TO:<B@"] = threading.Event()
    ahead = [(b"<%c@outside.example>" % name, RcptOptions()) for name in b"abc"]
    way = Route(7, (sink.address,), HopSettings())

    async def run() -> None:
        pool = NextHopPool(hostname="relay.example", timeouts=HopTimeouts(command=0.5))
        transaction, reply = await pool.begin(way, b"<hr@acme.example>", MailOptions(), ahead)
        assert (reply.code, [one.code for one in transaction.heard]) == (250, [250])
        assert not transaction.is_open
        event.set()
        with pytest.raises(NextHopLostError):
            await transaction.rcpts(ahead[1:])
        await pool.close()

    thread.run(run())


def test_a_next_hop_that_loses_commands_gets_them_one_by_one_from_then_on(
    thread: LoopThread, sink: Sink
) -> None:
    sink.is_deaf = True
    ahead = [(b"<%c@outside.example>" % name, RcptOptions()) for name in b"abc"]
    way = Route(7, (sink.address,), HopSettings())

    async def run() -> None:
        pool = NextHopPool(hostname="relay.example", timeouts=HopTimeouts(command=0.5))
        lost, reply = await pool.begin(way, b"<hr@acme.example>", MailOptions(), ahead)
        assert (reply.code, lost.heard, lost.is_open) == (250, [], False)
        lost.abandon()
        again, _ = await pool.begin(way, b"<hr@acme.example>", MailOptions(), ahead)
        assert again.heard == []
        for place in range(3):
            assert [one.code for one in await again.rcpts(ahead[place:])] == [250]
        assert (await again.send(b"Subject: x\r\n\r\nhello\r\n")).code == 250
        await pool.close()

    thread.run(run())
    assert sink.mails[0].rcpt_to == [path for path, _ in ahead]


def test_after_a_421_in_the_middle_nothing_more_is_taken(gateway: Gateway, sink: Sink) -> None:
    sink.answers[b"RCPT TO:<B@"] = "421 4.7.0 Too many"
    given = (MAIL, *map(rcpt, "abc"), "DATA", "NOOP")
    with gateway.wire() as wire:
        wire.send(wired(*given))
        assert [wire.reply()[:3] for _ in given] == ["250", "250", "451", "451", "451", "250"]
        sink.answers.clear()
        wire.begin_data("d@outside.example")
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    assert [mail.rcpt_to for mail in sink.mails] == [[b"<d@outside.example>"]]


def test_a_refused_mail_hears_why_though_its_recipients_cost_the_connection(
    gateway: Gateway, sink: Sink
) -> None:
    sink.answers = {b"MAIL": "550 5.7.1 Not you", b"RCPT TO:<N7@": "421 4.7.0 Too many errors"}
    with gateway.wire() as wire:
        for _ in range(2):
            wire.send(wired(MAIL, *(rcpt(f"n{n}") for n in range(12))))
            said = [wire.reply() for _ in range(13)]
            assert said[0].startswith("550 5.7.1 Not you")
            assert {line[:3] for line in said[1:]} == {"503"}


def test_a_next_hop_that_answers_twice_gets_no_mail(gateway: Gateway, sink: Sink) -> None:
    sink.answers = {
        b"RCPT TO:<A@": "250 2.1.5 a\n250 2.1.5 a again",
        b"RCPT TO:<B@": "550 5.1.1 No such person",
    }
    with gateway.wire() as wire:
        wire.send(wired(MAIL, rcpt("a"), rcpt("b"), "DATA"))
        assert [wire.reply() for _ in range(4)][3].startswith("451")
        sink.answers.clear()
        wire.begin_data()
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    assert len(sink.mails) == 1
    assert sink.connections == 2


def test_what_was_said_unasked_is_no_answer_to_the_next_command(
    gateway: Gateway, sink: Sink
) -> None:
    sink.answers[b"RCPT TO:<A@"] = "250 2.1.5 a\n250 2.1.5 a again"
    with gateway.wire() as wire:
        assert [wire.ask(each)[:3] for each in (MAIL, rcpt("a"), rcpt("b"))] == [
            "250",
            "250",
            "451",
        ]


@pytest.mark.parametrize("line", ["\n", f"{rcpt('x')} \n"])
def test_nobody_is_told_ahead_across_a_line_that_is_none(
    gateway: Gateway, sink: Sink, line: str
) -> None:
    with gateway.wire() as wire:
        wire.send(wired(MAIL, rcpt("a")) + line.encode() + wired(rcpt("b")))
        assert [wire.reply()[:3] for _ in range(3)] == ["250", "250", "500"]
        assert wire.is_closed()
    sink.wait_for_line(b"RSET")
    assert [line for line in sink.lines if line.startswith(b"RCPT")] == [
        b"RCPT TO:<a@outside.example>"
    ]


@pytest.mark.parametrize("between", ["RSET", "EHLO again.example", f"MAIL FROM:<{SENDER}>", "NOOP"])
def test_what_stands_between_recipients_is_obeyed_in_its_place(
    gateway: Gateway, sink: Sink, between: str
) -> None:
    is_over = between.startswith(("RSET", "EHLO"))
    given = (MAIL, rcpt("a"), between, rcpt("b"))
    with gateway.wire() as wire:
        wire.send(wired(*given))
        said = [wire.reply()[:3] for _ in given]
        assert said[3] == ("503" if is_over else "250")
        wire.send(wired(MAIL, rcpt("c"), "DATA"))
        assert [wire.reply()[:3] for _ in range(3)][2] == "354"
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    kept = b"c" if is_over else b"abc"
    assert sink.mails[0].rcpt_to == [b"<%c@outside.example>" % name for name in kept]


def test_a_client_that_leaves_with_answers_outstanding_sends_nothing(
    gateway: Gateway, sink: Sink
) -> None:
    event = sink.holds[b"RCPT TO:<B@"] = threading.Event()
    with gateway.wire() as wire:
        wire.send(wired(MAIL, rcpt("a"), rcpt("b"), rcpt("c"), "DATA") + b"Subject: x\r\n")
        sink.wait_for_line(b"RCPT TO:<B@")
    event.set()
    sink.wait_until(lambda: not {b"RSET", b"(closed)"}.isdisjoint(sink.lines))
    assert sink.mails == []
    assert b"DATA" not in sink.lines


def test_a_notice_asked_for_goes_with_its_own_recipient(start: StartGateway, sink: Sink) -> None:
    sink.offers = ("PIPELINING", "DSN")
    asked = (f"{rcpt('a')} NOTIFY=NEVER", rcpt("b"), f"{rcpt('c')} ORCPT=rfc822;c@x.example")
    with start().wire() as wire:
        wire.send(wired(f"{MAIL} RET=HDRS", *asked, "DATA"))
        assert [wire.reply()[:3] for _ in range(5)] == ["250", "250", "250", "250", "354"]
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    assert [b"RCPT TO:" + line for line in sink.mails[0].rcpt_to] == [
        line.encode() for line in asked
    ]


def test_a_copy_asks_for_the_notices_that_its_mail_asked_for(
    thread: LoopThread, sink: Sink
) -> None:
    sink.offers = ("PIPELINING", "DSN")
    first, second = ((b"<%c@x.example>" % name, RcptOptions(notify=b"NEVER")) for name in b"ab")

    async def run() -> None:
        pool = NextHopPool(hostname="relay.example")
        way = Route(7, (sink.address,), HopSettings())
        whole, _ = await pool.begin(way, b"<hr@acme.example>", MailOptions(), [first])
        await whole.rcpts([second])
        whole.abandon()
        copy, _ = await whole.again()
        for path, _ in (first, second):
            assert (await copy.rcpt(path)).is_positive
        await pool.close()

    thread.run(run())
    asked = [b"RCPT TO:<%c@x.example> NOTIFY=NEVER" % name for name in b"ab"]
    assert [line for line in sink.lines if line.startswith(b"RCPT")] == asked * 2


CONTENT = ("Subject: x", "", "RCPT TO:<no@outside.example>", ".")
COMMANDS = (
    *(MAIL, MAIL, f"{MAIL} SIZE=100 SMTPUTF8", "MAIL FROM:<no@other.example>", "mail"),
    *(rcpt(name) for name in ("a", "b", "c", "d", "gone", "full")),
    *("rcpt to:<e@outside.example>  ", f"{rcpt('f')} NOTIFY=NEVER", "RCPT", "RCPT TO:<g"),
    *(
        "RCPT TO:<ü@outside.example>",
        rcpt("x" * 5000),
        f"{rcpt('e')}{' ' * 5000}",
        "RCPT\0",
        "",
        "BDAT 4 LAST",
        "NOOP",
    ),
    *("RSET", "EHLO again.example", "AUTH PLAIN AAAA", "VRFY you", "STARTTLS"),
    *["\r\n".join(("DATA", *CONTENT))] * 4,  # commands, too, when DATA is refused
)


def _play(gateway: Gateway, commands: list[str], *, is_one_by_one: bool) -> list[str]:
    """Give commands at once, or each when the one before was answered; return the replies."""
    said: list[str] = []
    with gateway.wire() as wire:
        for command in commands:
            wire.send(wired(command))
            if is_one_by_one:
                said += _answered(wire)
        return [*said, *_answered(wire)]


def _answered(wire: Wire) -> Iterator[str]:
    """Give the replies to all that was sent."""
    wire.send(wired("HELP"))
    while not (reply := wire.reply()).startswith("214"):
        yield reply


@pytest.mark.parametrize("seed", range(10))
def test_commands_that_come_together_are_answered_as_one_by_one(
    start: StartGateway, sink: Sink, seed: int
) -> None:
    sink.answers = {rcpt(one).upper().encode(): f"250 2.1.5 {one}" for one in "abcdef"}
    sink.answers |= {b"RCPT TO:<GONE@": "550 5.1.1 Nobody", b"RCPT TO:<FULL@": "452 4.2.2 Full"}
    gateway = start(max_recipients=4, max_errors=10_000, max_idle_commands=10_000)
    commands = random.Random(seed).choices(COMMANDS, k=150)
    plays = []
    for is_one_by_one in (True, False):
        said = _play(gateway, commands, is_one_by_one=is_one_by_one)
        sent = [mail.rcpt_to for mail in sink.mails]
        known = [mail.envelope.recipients for mail in gateway.relay.mails]
        assert sent == [[b"<%s>" % one.encode() for one in names] for names in known]
        plays.append((said, sent))
        sink.mails.clear()
        gateway.relay.mails.clear()
    assert plays[0] == plays[1]
    assert plays[0][1]  # some were sent
