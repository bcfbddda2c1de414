"""Notifications go the way of the company's mails: its hosts, its TLS, its login."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from gateway.hops import HopSettings, HopTls
from gateway.keys.sealing import Seal
from gateway.nexthop import SEAL_PURPOSE
from gateway.settings import HostPort
from gateway.smtp.hop_tls import bind_password
from gateway.store import members, outbox
from gateway.store.announce import News, announce
from gateway.store.engine import reading_session, writing_session
from gateway.store.hops import save_route
from gateway.store.outbox import Event, Notification, NotificationState
from tests.certificates import Authority
from tests.services import free_port
from tests.smtp.gateways import LoopThread
from tests.smtp.sink import Sink
from tests.store.records import NOW, write_company
from tests.workers.work import SECRET, Clock, make_tools
from workers.deliver import Outcome, deliver_notification

PASSWORD = "päss word"


def _secure(thread: LoopThread, hop: Sink, folder: Path) -> tuple[HostPort, dict[str, Any]]:
    authority = Authority()
    hop.tls, hop.offers = authority.server(folder, "localhost"), ("STARTTLS",)
    hop.offers_in_tls, hop.login = ("AUTH PLAIN",), ("acme", PASSWORD)
    hop.answers[b"MAIL"] = "250 ok"
    thread.run(hop.restart())
    seal = Seal(SECRET, SEAL_PURPOSE)
    settings = {
        "tls": HopTls.PINNED,
        "authority": authority.pem,
        "user": "acme",
        "sealed_password": seal.lock(PASSWORD.encode(), bind_password(1)),
    }
    return HostPort("localhost", hop.address.port), settings


def _deliver(engine: Engine, first: HostPort, settings: dict[str, Any]) -> Notification:
    write_company(engine)
    with writing_session(engine).begin() as session:
        save_route(session, 1, first, HopSettings(**settings), "a test", NOW)
        (id_,) = announce(session, 1, News(Event.TEST, "a test"), NOW)
    tools = make_tools(engine, Clock(NOW))
    own = dataclasses.replace(tools, post=dataclasses.replace(tools.post, via=None))
    deliver_notification(own, id_)
    with reading_session(engine)() as session:
        return outbox.list_notifications(session, 1)[0]


def test_they_log_in_over_tls_as_the_company_s_mails_do(
    ledger: Engine, thread: LoopThread, hop: Sink, tmp_path: Path
) -> None:
    first, settings = _secure(thread, hop, tmp_path)
    row = _deliver(ledger, first, settings)
    assert (row.state, row.last_answer) == (NotificationState.SENT, "250")
    assert (hop.encrypted, len(hop.mails)) == (1, 1)
    assert hop.mails[0].rcpt_to == [b"<hr@sakura.example>"]


def test_a_host_that_is_down_is_followed_by_the_next_one(
    ledger: Engine, thread: LoopThread, hop: Sink, tmp_path: Path
) -> None:
    second, settings = _secure(thread, hop, tmp_path)
    down = HostPort("localhost", free_port())
    row = _deliver(ledger, down, {**settings, "fallbacks": (second,)})
    assert row.state is NotificationState.SENT


@pytest.mark.parametrize(
    ("changes", "want"),
    [
        ({"authority": Authority("Another").pem}, "certificate is not accepted"),
        (
            {"sealed_password": Seal(SECRET, SEAL_PURPOSE).lock(b"x", bind_password(1))},
            "login refused (535)",
        ),
    ],
    ids=["an unknown authority", "a wrong password"],
)
def test_nothing_goes_another_way_and_the_log_says_why(
    ledger: Engine,
    thread: LoopThread,
    hop: Sink,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, Any],
    want: str,
) -> None:
    first, settings = _secure(thread, hop, tmp_path)
    row = _deliver(ledger, first, settings | changes)
    assert row.state is NotificationState.PENDING
    assert row.last_answer == "no next hop takes a connection"
    assert want in caplog.text
    assert PASSWORD not in caplog.text
    assert hop.mails == []


def test_an_address_outside_ascii_is_written_as_it_is(
    ledger: Engine, thread: LoopThread, hop: Sink
) -> None:
    write_company(ledger)
    with writing_session(ledger).begin() as session:
        (member,) = members.list_members(session, 1)
        members.set_address(session, member, "採用@sakura.example", "a test", NOW)
        (id_,) = announce(session, 1, News(Event.TEST, "a test"), NOW)
    tools = make_tools(ledger, Clock(NOW), via=hop.address)
    assert deliver_notification(tools, id_) is Outcome.TAKEN
    assert hop.mails[0].rcpt_to == ["<採用@sakura.example>".encode()]
    assert "To: 採用@sakura.example\r\n".encode() in hop.mails[0].content
