"""Webhooks: signed as the convention has it, to public addresses only, and never past the time."""

import base64
import dataclasses
import hashlib
import hmac
import http.server
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import Engine

from gateway.core.hook_address import is_public, read_hook_url
from gateway.hook_setup import remove_hook
from gateway.store import members, outbox, webhooks
from gateway.store.announce import News, announce
from gateway.store.company_changes import list_changes
from gateway.store.engine import reading_session, writing_session
from gateway.store.outbox import MOST_ATTEMPTS, Event, Notification, NotificationState
from tests.certificates import Authority
from tests.services import free_port
from tests.store.records import NOW, write_company
from tests.workers.work import Clock, make_tools
from workers.deliver import Outcome, deliver_notification
from workers.tools import Tools

SECRET = b"s" * 32


class Hook(http.server.BaseHTTPRequestHandler):
    """Keeps what it gets and answers what it is told."""

    got: ClassVar[list[tuple[str, dict[str, str], bytes]]]
    answers: ClassVar[list[tuple[int, dict[str, str]]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        status, headers = self.answers.pop(0) if self.answers else (204, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def hook_server(tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, type[Hook]]]:
    class Own(Hook):
        got: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []
        answers: ClassVar[list[tuple[int, dict[str, str]]]] = []

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Own) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/in?who=us", Own
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def hook() -> Iterator[tuple[str, type[Hook]]]:
    with hook_server() as started:
        yield started


def _add(engine: Engine, tools: Tools, url: str) -> int:
    """Add a company with a webhook and no mail; return the id of a notification for it."""
    company_id = write_company(engine).company.id
    sealed = tools.hooks.seal.lock(SECRET, webhooks.bound_to(company_id))
    with writing_session(engine).begin() as session:
        webhooks.add_endpoint(session, company_id, url, sealed, NOW)
        members.mute(session, 1, [Event.TEST], "a test", NOW)
        (id_,) = announce(session, company_id, News(Event.TEST, "a test"), NOW)
    return id_


def _read(engine: Engine, id_: int) -> Notification:
    with reading_session(engine)() as session:
        return next(row for row in outbox.list_notifications(session, 1) if row.id == id_)


def test_a_webhook_is_called_as_the_convention_has_it(
    engine: Engine, hook: tuple[str, type[Hook]]
) -> None:
    url, server = hook
    tools = make_tools(engine)
    id_ = _add(engine, tools, url)
    assert deliver_notification(tools, id_) is Outcome.TAKEN
    ((path, headers, body),) = server.got
    assert path == "/in?who=us"
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"].startswith("msg_")
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    event = json.loads(body)
    assert event["type"] == "test"
    assert event["timestamp"] == NOW.isoformat()
    assert event["data"]["slots_available"] == 0
    assert "candidate" not in event["data"]
    row = _read(engine, id_)
    assert (row.state, row.last_answer) == (NotificationState.SENT, "204")


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 429, 500, 503])
def test_another_answer_comes_again_with_the_same_id_and_no_redirect_is_followed(
    engine: Engine, hook: tuple[str, type[Hook]], status: int
) -> None:
    url, server = hook
    clock = Clock()
    tools = make_tools(engine, clock)
    id_ = _add(engine, tools, url)
    server.answers.append((status, {"location": f"{url}&again=1"}))
    assert deliver_notification(tools, id_) is Outcome.FAILED
    assert len(server.got) == 1
    row = _read(engine, id_)
    assert (row.state, row.last_answer) == (NotificationState.PENDING, str(status))
    clock.time = row.next_attempt_at
    assert deliver_notification(tools, id_) is Outcome.TAKEN
    assert server.got[0][1]["webhook-id"] == server.got[1][1]["webhook-id"]


def test_who_answers_410_is_told_nothing_more(engine: Engine, hook: tuple[str, type[Hook]]) -> None:
    url, server = hook
    tools = make_tools(engine)
    id_ = _add(engine, tools, url)
    with writing_session(engine).begin() as session:
        (other,) = announce(session, 1, News(Event.TEST, "another"), NOW)
    server.answers.append((410, {}))
    assert deliver_notification(tools, id_) is Outcome.FAILED
    assert _read(engine, id_).state is NotificationState.PARKED
    assert _read(engine, other).state is NotificationState.PARKED
    with writing_session(engine).begin() as session:
        assert announce(session, 1, News(Event.TEST, "later"), NOW) == []
        (endpoint,) = webhooks.list_endpoints(session, 1)
        assert endpoint.disabled_why == "gone"
        webhooks.enable(session, endpoint, "a person", NOW)
        noted = [(one.actor, one.new) for one in list_changes(session, 1)]
    assert noted[:2] == [("a person", "enabled"), ("the relay", "gone")]


def test_what_is_sent_again_does_not_bring_a_removed_webhook_back(
    engine: Engine, hook: tuple[str, type[Hook]]
) -> None:
    url, server = hook
    tools = make_tools(engine)
    id_ = _add(engine, tools, url)
    with writing_session(engine).begin() as session:
        remove_hook(session, webhooks.find_endpoint(session, 1, 1), "a person", NOW)
        assert outbox.resend(session, id_, NOW)
    assert deliver_notification(tools, id_) is Outcome.FAILED
    assert _read(engine, id_).state is NotificationState.PARKED
    with reading_session(engine)() as session:
        assert webhooks.list_endpoints(session, 1) == ()
        changes = [(one.actor, one.new) for one in list_changes(session, 1)]
    assert changes.count(("a person", "removed")) == 1
    assert server.got == []


def test_retries_go_on_for_days_and_then_a_person_has_to_look(engine: Engine) -> None:
    clock = Clock()
    tools = make_tools(engine, clock)
    id_ = _add(engine, tools, f"http://127.0.0.1:{free_port()}/")
    for _ in range(MOST_ATTEMPTS):
        assert deliver_notification(tools, id_) is Outcome.FAILED
        row = _read(engine, id_)
        last, clock.time = clock.time, row.next_attempt_at
    assert (row.state, row.last_answer) == (NotificationState.PARKED, "ConnectionRefusedError")
    assert timedelta(days=2) < last - Clock().time < timedelta(days=4)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::a9fe:a9fe",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",
        "192.0.0.8",
        "fec0::1",
        "64:ff9b:1::7f00:1",
        "::7f00:1",
        "::ffff:0:7f00:1",
    ],
)
def test_an_address_that_is_not_public_is_never_called(engine: Engine, address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    tools = make_tools(engine)
    id_ = _add(engine, tools, "https://hook.example/")
    own = dataclasses.replace(
        tools.hooks,
        is_local_allowed=False,
        # The public one first: all of a name's addresses are judged.
        resolve=lambda _h, _p: [ipaddress.ip_address(a) for a in ("192.0.9.1", address)],
    )
    strict = dataclasses.replace(tools, hooks=own)
    assert deliver_notification(strict, id_) is Outcome.FAILED
    assert _read(engine, id_).last_answer == "address not public"


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_may_be_called(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_a_number_that_spells_this_machine_is_refused(engine: Engine) -> None:
    tools = make_tools(engine)
    id_ = _add(engine, tools, "https://2130706433/")
    own = dataclasses.replace(tools.hooks, is_local_allowed=False)
    assert deliver_notification(dataclasses.replace(tools, hooks=own), id_) is Outcome.FAILED
    assert _read(engine, id_).last_answer == "address not public"


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example/",
        "ftp://hook.example/",
        "https://user@hook.example/",
        "https://user:x@hook.example/",
        "https:///path",
        "https://hook.example/#part",
        "https://hook.example:99999/",
        "https://hook.example/ a",
        "https://hook.example/\r\nx: y",
        "https://例え.jp/",
        "https://hook.example/" + "a" * 2000,
    ],
)
def test_an_address_that_is_no_webhook_s_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        read_hook_url(url)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_never_ends_its_answer_is_cut_off(
    engine: Engine, scheme: str, tmp_path: Path
) -> None:
    authority = Authority()
    tls = authority.server(tmp_path, "hook.example") if scheme == "https" else None
    tools = make_tools(engine)
    own = dataclasses.replace(
        tools.hooks,
        timeout_seconds=1.0,
        tls=ssl.create_default_context(cadata=authority.pem),
        resolve=lambda _h, _p: [ipaddress.ip_address("127.0.0.1")],
    )
    hurried = dataclasses.replace(tools, hooks=own)
    is_over = threading.Event()

    def trickle(listener: socket.socket) -> None:
        raw, _ = listener.accept()
        with raw if tls is None else tls.wrap_socket(raw, server_side=True) as taken:
            taken.sendall(b"HTTP/1.1 ")
            deadline = time.monotonic() + 15
            while not is_over.wait(0.1) and time.monotonic() < deadline:
                try:
                    taken.sendall(b"2")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=trickle, args=(listener,))
        thread.start()
        id_ = _add(engine, hurried, f"{scheme}://hook.example:{listener.getsockname()[1]}/")
        started = time.monotonic()
        assert deliver_notification(hurried, id_) is Outcome.FAILED
        assert time.monotonic() - started < 10
        is_over.set()
        thread.join()


def test_a_secret_sealed_for_another_company_does_not_open(
    engine: Engine, hook: tuple[str, type[Hook]]
) -> None:
    url, server = hook
    tools = make_tools(engine)
    company_id = write_company(engine).company.id
    sealed = tools.hooks.seal.lock(SECRET, webhooks.bound_to(company_id + 1))
    with writing_session(engine).begin() as session:
        webhooks.add_endpoint(session, company_id, url, sealed, NOW)
        ids = announce(session, company_id, News(Event.TEST, "a test"), NOW)
    assert deliver_notification(tools, ids[-1]) is Outcome.FAILED
    assert _read(engine, ids[-1]).last_answer == "SealError"
    assert server.got == []


def test_the_certificate_is_checked_for_the_name_that_was_asked_for(
    engine: Engine, tmp_path: Path
) -> None:
    authority = Authority()
    tools = make_tools(engine)
    trusted = ssl.create_default_context(cadata=authority.pem)
    here = dataclasses.replace(
        tools.hooks, tls=trusted, resolve=lambda _h, _p: [ipaddress.ip_address("127.0.0.1")]
    )
    tools = dataclasses.replace(tools, hooks=here)
    with hook_server(authority.server(tmp_path, "hook.example")) as (url, server):
        port = url.split(":")[2].partition("/")[0]
        id_ = _add(engine, tools, f"https://hook.example:{port}/in")
        assert deliver_notification(tools, id_) is Outcome.TAKEN
        assert [path for path, _, _ in server.got] == ["/in"]
        assert server.got[0][1]["host"] == f"hook.example:{port}"
        sealed = tools.hooks.seal.lock(SECRET, webhooks.bound_to(1))
        with writing_session(engine).begin() as session:
            webhooks.add_endpoint(session, 1, f"https://other.example:{port}/", sealed, NOW)
            ids = announce(session, 1, News(Event.TEST, "again"), NOW)
        assert deliver_notification(tools, ids[-1]) is Outcome.FAILED
        assert _read(engine, ids[-1]).last_answer == "SSLCertVerificationError"
        assert len(server.got) == 1


def test_for_a_while_both_secrets_sign(ledger: Engine, hook: tuple[str, type[Hook]]) -> None:
    url, server = hook
    tools = make_tools(ledger, Clock(NOW))
    ids = [_add(ledger, tools, url)]
    new, until = b"n" * 32, datetime.now(UTC) + timedelta(hours=1)
    with writing_session(ledger).begin() as session:
        sealed = tools.hooks.seal.lock(new, webhooks.bound_to(1))
        webhooks.rotate_secret(session, webhooks.get_endpoint(session, 1), sealed, until)
    assert deliver_notification(tools, ids[0]) is Outcome.TAKEN
    with writing_session(ledger).begin() as session:
        endpoint = webhooks.get_endpoint(session, 1)
        webhooks.rotate_secret(session, endpoint, sealed, until - timedelta(hours=2))
        ids += announce(session, 1, News(Event.TEST, "later"), NOW)
    assert deliver_notification(tools, ids[1]) is Outcome.TAKEN
    for (_, headers, body), keys in zip(server.got, ([new, SECRET], [new]), strict=True):
        content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        digests = [base64.b64encode(hmac.digest(key, content, hashlib.sha256)) for key in keys]
        assert headers["webhook-signature"] == " ".join(f"v1,{each.decode()}" for each in digests)


def test_a_webhook_hears_what_it_chose_and_tests(engine: Engine) -> None:
    tools = make_tools(engine, Clock(NOW))
    _add(engine, tools, "https://hook.example/")
    with writing_session(engine).begin() as session:
        endpoint = webhooks.get_endpoint(session, 1)
        for chosen, wanted in (
            ({Event.BRAKE}, [False, True, True]),
            (set(), [False, False, True]),
            (None, [True, True, True]),
        ):
            webhooks.set_filter(session, endpoint, chosen)
            events = (Event.HALFWAY, Event.BRAKE, Event.TEST)
            assert [bool(webhooks.hear(session, 1, event)) for event in events] == wanted
