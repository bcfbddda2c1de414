"""A next hop that takes no mail is noted, told once, and forgiven by the first mail it takes."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from gateway.core.company import Mode
from gateway.demo.samples import COMPANY, DOMAIN
from gateway.hops import HopSettings, HopTls
from gateway.settings import HostPort
from gateway.smtp import hop_pool
from gateway.smtp.hop_tls import bind_password
from gateway.store import outbox
from gateway.store.companies import add_company
from gateway.store.engine import open_engine, reading_session, writing_session
from gateway.store.hops import save_route
from gateway.store.outages import Outage, list_outages
from gateway.store.outbox import Event, Notification
from tests.front import SENDER, Front, say
from tests.relaying import NOW, OFFER, REJECTION
from tests.smtp.gateways import PLAIN, SEAL, LoopThread, running_hop
from tests.smtp.sink import Sink
from tests.workers.work import Clock, make_tools
from workers.watch import Watch

LOST = "451 4.4.1"


@pytest.fixture
def clock() -> Clock:
    """Give the clock of gateway and worker."""
    return Clock(NOW)


@pytest.fixture
def front(thread: LoopThread, hop: Sink, engine: Engine, clock: Clock) -> Front:
    """Give a gateway in front of the hop, over either database."""
    with writing_session(engine).begin() as session:
        company, _ = add_company(
            session,
            name=COMPANY,
            domains=[DOMAIN],
            next_hop=hop.address,
            mode=Mode.INJECT,
            contact=f"hr@{DOMAIN}",
            now=NOW,
        )
    return Front(thread, hop, engine, company, now=clock.now)


@contextmanager
def away(thread: LoopThread, hop: Sink) -> Iterator[None]:
    """Let nobody listen at the hop's address while the block is open."""
    thread.run(hop.stop())
    with socket.socket() as place:  # bound, or another test's server might be given the port
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(hop.address)
        yield
    thread.run(hop.start(hop.address.port))


def outages_of(front: Front) -> tuple[Outage, ...]:
    with reading_session(front.ledger)() as session:
        return list_outages(session, front.company.company.id)


def told(front: Front) -> list[Notification]:
    """Return what the company was told, oldest first."""
    with reading_session(front.ledger)() as session:
        rows = outbox.list_notifications(session, front.company.company.id)
    return list(reversed(rows))


def test_a_hop_that_is_down_is_told_once_and_once_more_when_it_works(
    front: Front, hop: Sink, thread: LoopThread, clock: Clock
) -> None:
    watch = Watch(make_tools(front.ledger, clock))
    with away(thread, hop):
        for minutes in (0, 5, 10):  # as a sender tries again
            assert told(front) == []
            clock.time += timedelta(minutes=minutes)
            assert front.send() == [LOST]
            watch.look()
        (failing,) = told(front)
        assert failing.event is Event.NEXT_HOP_FAILING
        assert failing.facts == {
            "host": str(hop.address),
            "since": "2026-01-05 09:00 JST",
            "minutes": 15,
            "failures": 3,
            "cause": "connection refused",
            "others_take_mail": False,
        }
        clock.time += timedelta(hours=30)
        assert front.send(times=2) == [LOST]
        Watch(make_tools(front.ledger, clock)).look()  # another worker
        assert told(front) == [failing]
    clock.time += timedelta(hours=1)
    assert front.send()[-1] == "250 2.0.0"
    (outage,) = outages_of(front)
    assert outage.ended_at == clock.time
    watch.look()
    watch.look()
    _, working = told(front)
    assert working.event is Event.NEXT_HOP_WORKING
    assert working.facts == {
        "host": str(hop.address),
        "since": "2026-01-05 09:00 JST",
        "until": "2026-01-06 16:15 JST",
        "minutes": 30 * 60 + 15,
        "failures": 5,
    }


def test_the_next_outage_is_told_again(
    front: Front, hop: Sink, thread: LoopThread, clock: Clock
) -> None:
    watch = Watch(make_tools(front.ledger, clock))
    for _ in range(2):
        with away(thread, hop):
            for _ in range(3):
                clock.time += timedelta(minutes=10)
                front.send()
                watch.look()
        clock.time += timedelta(minutes=10)
        front.send()
        watch.look()
    failing, working = Event.NEXT_HOP_FAILING, Event.NEXT_HOP_WORKING
    assert [row.event for row in told(front)] == [failing, working] * 2


def test_a_short_failure_is_told_nobody(
    front: Front, hop: Sink, thread: LoopThread, clock: Clock
) -> None:
    with away(thread, hop):
        front.send(times=4)
        clock.time += timedelta(minutes=14)
        front.send()
    clock.time += timedelta(minutes=30)
    Watch(make_tools(front.ledger, clock)).look()
    front.send()
    clock.time += timedelta(seconds=1)
    with away(thread, hop):  # another outage: what was before does not make it longer
        front.send(times=3)
    Watch(make_tools(front.ledger, clock)).look()
    assert told(front) == []
    (outage,) = outages_of(front)
    assert (outage.began_at, outage.failures, outage.ended_at) == (clock.time, 3, None)


@pytest.mark.parametrize(
    ("prefix", "answer", "cause"),
    [
        pytest.param(b"", "421 4.3.2 busy", "it greets with 421", id="greeting"),
        pytest.param(b"EHLO", "450 4.3.2 later", "it answers EHLO with 450", id="EHLO"),
        pytest.param(b"MAIL", "451 4.3.0 later <hr@a.example>", "451 to MAIL", id="MAIL"),
        pytest.param(b"MAIL", "421 4.3.2 going down", "451 to MAIL", id="421 at MAIL"),
        pytest.param(b"RCPT", "451 4.7.1 greylisted", "451 to RCPT", id="RCPT"),
        pytest.param(b"RCPT", "452 no room", "452 to RCPT", id="without enhanced code"),
        pytest.param(b"DATA", "452 4.3.1 full", "452 to DATA", id="DATA"),
        pytest.param(b".", "451 4.3.0 scanner down", "451 to the message", id="final dot"),
        pytest.param(b"RCPT", "450 4.1.2 no such domain now", None, id="4.1: of an address"),
        pytest.param(b"RCPT", "452 4.2.2 mailbox full", None, id="4.2: of a mailbox"),
        pytest.param(b"RCPT", "550 5.1.1 nobody", None, id="5yz to RCPT"),
        pytest.param(b"MAIL", "550 5.7.1 not you", None, id="5yz to MAIL"),
        pytest.param(b".", "554 5.6.0 spam", None, id="5yz to the final dot"),
    ],
)
def test_what_counts_as_a_failing_hop(
    front: Front, hop: Sink, prefix: bytes, answer: str, cause: str | None
) -> None:
    if prefix:
        hop.answers[prefix] = answer
    else:
        hop.banner = answer
    front.send(times=2)
    causes = [(outage.cause, outage.failures) for outage in outages_of(front)]
    assert causes == ([] if cause is None else [(cause, 2)])


@pytest.mark.parametrize(
    ("where", "cause"),
    [
        (b"banner", "connection closed"),
        (b"MAIL", "connection closed"),
        (b"RCPT", "connection closed"),
        (b"DATA", "connection closed"),
        (b".", "connection closed"),
    ],
)
def test_a_hop_that_hangs_up_fails(front: Front, hop: Sink, where: bytes, cause: str) -> None:
    hop.drops.add(where)
    front.send()
    (outage,) = outages_of(front)
    assert (outage.host, outage.cause, outage.failures) == (str(hop.address), cause, 1)


def test_a_hop_that_says_nothing_fails_however_short_our_patience(front: Front, hop: Sink) -> None:
    front.settings = {"next_hop_timeout_seconds": 0.2}  # less than there is for the greeting
    hop.holds[b"EHLO"] = threading.Event()
    assert front.send() == [LOST]
    assert [outage.cause for outage in outages_of(front)] == ["timed out"]


@pytest.mark.parametrize("silent_at", [b"EHLO", b"MAIL", b"RCPT"])
@pytest.mark.parametrize(("within_seconds", "failures"), [(-1.0, 1), (60.0, 0)])
def test_a_hop_that_says_nothing_until_the_sender_leaves_fails(
    front: Front,
    hop: Sink,
    monkeypatch: pytest.MonkeyPatch,
    silent_at: bytes,
    within_seconds: float,
    failures: int,
) -> None:
    monkeypatch.setattr(hop_pool, "_ANSWERED_WITHIN_SECONDS", within_seconds)
    hop.holds[silent_at] = threading.Event()
    with front.running() as address:
        _leave_while_it_is_silent(address, hop, silent_at)
    assert [outage.failures for outage in outages_of(front)] == [failures] * failures


def test_after_a_hop_that_was_silent_until_the_sender_left_another_is_asked_first(
    front: Front, hop: Sink, thread: LoopThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hop_pool, "_ANSWERED_WITHIN_SECONDS", -1.0)
    hop.holds[b"EHLO"] = threading.Event()
    with running_hop(thread) as backup:
        front.hop = HopSettings(fallbacks=(backup.address,))
        with front.running() as address:
            _leave_while_it_is_silent(address, hop, b"EHLO")
            assert say(address, OFFER.raw, (OFFER.recipient,))[-1] == "250 2.0.0"
        assert (hop.connections, len(backup.mails)) == (1, 1)


def _leave_while_it_is_silent(address: HostPort, hop: Sink, silent_at: bytes) -> None:
    dialogue = (
        f"EHLO a\r\nAUTH PLAIN {PLAIN}\r\nMAIL FROM:<{SENDER}>\r\nRCPT TO:<{OFFER.recipient}>\r\n"
    )
    with socket.create_connection(address) as client:
        client.sendall(dialogue.encode())
        hop.wait_for_line(silent_at)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_tls_and_login_that_fail_are_a_failing_hop(front: Front, hop: Sink) -> None:
    front.hop = HopSettings(tls=HopTls.VERIFY)
    assert front.send() == [LOST]
    assert "STARTTLS" in outages_of(front)[0].cause
    hop.offers, hop.login = ("AUTH PLAIN",), ("acme", "right")
    sealed = SEAL.lock(b"wrong", bind_password(front.company.company.id))
    front.hop = HopSettings(user="acme", sealed_password=sealed)
    assert front.send() == [LOST]
    (outage,) = outages_of(front)
    assert outage.cause == "login refused (535)"
    assert outage.failures == 2


def test_a_mail_that_one_recipient_is_put_off_of_is_taken_all_the_same(
    front: Front, hop: Sink
) -> None:
    hop.answers[b"RCPT TO:<LATER@"] = "451 4.7.1 greylisted"
    assert front.send("later@example.com", REJECTION.recipient)[-1] == "250 2.0.0"
    assert outages_of(front) == ()


def test_a_kept_connection_that_died_is_no_failure(
    front: Front, hop: Sink, thread: LoopThread
) -> None:
    with front.running() as address:
        say(address, OFFER.raw, (OFFER.recipient,))
        thread.run(hop.restart())
        assert say(address, OFFER.raw, (OFFER.recipient,))[-1] == "250 2.0.0"
        hop.answers[b"MAIL"] = "421 4.3.2 you again"
        assert say(address, OFFER.raw, (OFFER.recipient,)) == ["451 4.3.2"]  # the fresh one too
    assert [outage.failures for outage in outages_of(front)] == [1]


@pytest.mark.parametrize("where", [b"RCPT", b"."])
def test_a_kept_connection_that_dies_after_mail_is_a_failure(
    front: Front, hop: Sink, where: bytes
) -> None:
    with front.running() as address:
        say(address, OFFER.raw, (OFFER.recipient,))
        hop.drops.add(where)
        hop.offers = ()
        assert say(address, OFFER.raw, (OFFER.recipient,))[-1] == LOST
    assert [outage.cause for outage in outages_of(front)] == ["connection closed"]


def test_the_first_of_two_hops_is_told_though_mail_flows(
    front: Front, hop: Sink, thread: LoopThread, clock: Clock
) -> None:
    with running_hop(thread) as backup, away(thread, hop):
        front.hop = HopSettings(fallbacks=(backup.address,))
        _write_route(front, hop.address, front.hop)
        for _ in range(3):
            assert front.send()[-1] == "250 2.0.0"
            clock.time += timedelta(minutes=10)
    Watch(make_tools(front.ledger, clock)).look()
    (failing,) = told(front)
    assert (failing.facts["host"], failing.facts["others_take_mail"]) == (str(hop.address), True)


def _write_route(front: Front, first: HostPort, hop: HopSettings) -> None:
    with writing_session(front.ledger).begin() as session:
        save_route(session, front.company.company.id, first, hop, "a test", NOW)


def test_a_host_that_is_no_more_on_the_route_is_forgotten(
    front: Front, hop: Sink, thread: LoopThread
) -> None:
    with away(thread, hop):
        front.send()
    _write_route(front, hop.address, HopSettings(most_connections=3))
    assert len(outages_of(front)) == 1
    _write_route(front, HostPort("mx.example", 25), HopSettings())
    assert outages_of(front) == ()


def test_what_a_gateway_writes_of_a_host_that_has_just_left_the_route_is_forgotten_too(
    front: Front, hop: Sink, thread: LoopThread, clock: Clock
) -> None:
    with away(thread, hop):
        with front.running() as address:
            say(address, OFFER.raw, (OFFER.recipient,))
            _write_route(front, HostPort("mx.example", 25), HopSettings())
        assert len(outages_of(front)) == 1
        Watch(make_tools(front.ledger, clock)).look()
    assert outages_of(front) == ()


def test_a_database_that_is_down_announces_no_hop_and_delays_no_mail(
    sqlite_url: str, thread: LoopThread, hop: Sink, clock: Clock
) -> None:
    engine = open_engine(sqlite_url)
    with writing_session(engine).begin() as session:
        company, _ = add_company(
            session,
            name=COMPANY,
            domains=[DOMAIN],
            next_hop=hop.address,
            mode=Mode.INJECT,
            now=NOW,
        )
    front = Front(thread, hop, engine, company, now=clock.now, pause=0.01)
    file = Path(str(engine.url.database))
    with front.running() as address:
        with engine_away(engine, file):
            for _ in range(4):
                clock.time += timedelta(minutes=10)
                told_ = say(address, REJECTION.raw, (REJECTION.recipient,))
                assert told_[-1] == "451 4.3.0"
            with away(thread, hop):  # this is lost, and nobody hears another answer for it
                assert say(address, OFFER.raw, (OFFER.recipient,)) == [LOST]
                clock.time += timedelta(minutes=10)
        assert say(address, REJECTION.raw, (REJECTION.recipient,))[-1] == "250 2.0.0"
    Watch(make_tools(engine, clock)).look()
    assert told(front) == []
    assert [outage for outage in outages_of(front) if outage.ended_at is None] == []
    engine.dispose()


@contextmanager
def engine_away(engine: Engine, file: Path) -> Iterator[None]:
    """Take the ledger's file away while the block is open."""
    engine.dispose()
    gone = file.with_suffix(".gone")
    file.rename(gone)
    yield
    engine.dispose()
    gone.rename(file)
