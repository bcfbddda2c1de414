"""Several gateway processes on one port: who serves, what a kill costs, how it ends."""

import dataclasses
import json
import os
import re
import select
import signal
import smtplib
import socket
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.serving import share_hop
from gateway.core.company import Company
from gateway.demo.samples import COMPANY, SENDER
from gateway.settings import HostPort
from gateway.store.company_records import CompanyRecord
from tests.e2e.conftest import add_company
from tests.e2e.division import Division, divided, is_alive
from tests.e2e.program import Installation, links
from tests.e2e.sink import Sink
from tests.e2e.storm import letter
from tests.services import free_port, wait_until

CONNECTIONS, MAILS_EACH = 10, 4


def log_in(division: Division, login: Any) -> smtplib.SMTP:
    client = division.connect()
    client.login(login["smtp_user"], login["smtp_password"])
    return client


def send_some(division: Division, login: Any, first: int) -> None:
    with log_in(division, login) as client:
        for number in range(first, first + MAILS_EACH):
            candidate, raw = letter(number)
            assert client.sendmail(SENDER, [candidate], raw) == {}


@pytest.mark.parametrize(
    "url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def test_a_burst_over_many_connections_is_relayed_once_and_counted_once(
    installation: Installation, sink: Sink, url: str, request: pytest.FixtureRequest
) -> None:
    if url == "postgresql":
        settings = {"CAREER_RELAY_DATABASE_URL": request.getfixturevalue("postgresql_url")}
        installation = dataclasses.replace(installation, settings=settings)
    login = add_company(installation, sink)
    with divided(installation) as division:
        children = division.children
        for client in division.clients_of(*children).values():
            client.close()
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            firsts = range(0, CONNECTIONS * MAILS_EACH, MAILS_EACH)
            list(pool.map(lambda first: send_some(division, login, first), firsts))
        relayed = re.findall(r"\[(\d+)\] INFO mail relayed", division.log)
    assert division.parent.returncode == 0
    assert len(relayed) == 40
    assert set(map(int, relayed)) <= children
    raws = [mail.raw for mail in sink.mails]
    assert sorted(mail.recipients for mail in sink.mails) == sorted(
        (letter(number)[0],) for number in range(40)
    )
    assert len(set().union(*map(links, raws))) == 40
    with installation.up():
        ledger = installation.wait_for_points(COMPANY, 40)
        assert (ledger["counted"], ledger["slots_earned"]) == (40, 4)
        assert installation.run("ledger", "verify").returncode == 0


def test_a_killed_process_comes_back_and_no_other_connection_breaks(
    installation: Installation, sink: Sink
) -> None:
    login = add_company(installation, sink)
    with divided(installation) as division:
        killed, other = division.children
        clients = division.clients_of(killed, other)
        os.kill(killed, signal.SIGKILL)
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            clients[killed].docmd("NOOP")
        before = {killed, other}  # the killed one is counted until its parent has looked
        wait_until(lambda: bool(division.children - before), "another one begins")
        assert clients[other].docmd("NOOP")[0] == 250
        (fresh,) = division.children - before
        division.clients_of(fresh)[fresh].close()
        send_some(division, login, 0)
        clients[other].close()
        assert f"process {killed} ended with signal 9; another begins in" in division.log
    assert division.parent.returncode == 0


def test_a_process_that_is_told_to_stop_finishes_and_is_replaced(
    installation: Installation, sink: Sink
) -> None:
    login = add_company(installation, sink)
    with divided(installation) as division, holding(division, sink, login) as mail:
        idle = division.clients_of(mail.server)[mail.server]
        os.kill(mail.server, signal.SIGTERM)
        assert idle.getreply()[0] == 421
        for number in range(1, 4):  # meanwhile everybody is served by the other one
            candidate, raw = letter(number)
            with log_in(division, login) as client:
                assert client.sendmail(SENDER, [candidate], raw) == {}
        idle.close()
        mail.release.set()
        assert mail.reply() == {}
        wait_until(lambda: not is_alive(mail.server), "it ends")
        wait_until(lambda: len(division.children) == 2, "another one begins")
    assert division.parent.returncode == 0
    assert f"process {mail.server} ended with exit code 0" in division.log
    assert len(sink.mails) == 4


@dataclasses.dataclass
class Held:
    """A mail on its way: the next hop has it, and says nothing until `release`."""

    server: int
    release: threading.Event
    sending: threading.Thread
    replies: list[Any]

    def reply(self) -> Any:
        """Return what the sender heard in the end."""
        self.sending.join(30)
        return self.replies[0]


@contextmanager
def holding(division: Division, sink: Sink, login: Any) -> Iterator[Held]:
    """Have letter 0 in hand while the block runs."""
    arrived, release = threading.Event(), threading.Event()
    candidate, raw = letter(0)

    def hold() -> None:
        if not arrived.is_set():
            arrived.set()
            assert release.wait(60)

    def send() -> None:
        try:
            held.replies.append(client.sendmail(SENDER, [candidate], raw))
        except (OSError, smtplib.SMTPException) as error:
            held.replies.append(error)

    sink.before_answer = hold
    client = log_in(division, login)
    held = Held(division.server_of(client), release, threading.Thread(target=send), [])
    held.sending.start()
    assert arrived.wait(30)
    try:
        yield held
    finally:
        release.set()
        held.sending.join(30)
        client.close()


def test_sigterm_lets_a_mail_in_hand_end_well_in_whichever_process(
    installation: Installation, sink: Sink
) -> None:
    login = add_company(installation, sink)
    with divided(installation) as division:
        children = division.children
        idle = division.clients_of(*children)
        with holding(division, sink, login) as mail:
            for pid in (division.parent.pid, *children):  # as `systemctl stop` does
                os.kill(pid, signal.SIGTERM)
            for client in idle.values():
                assert client.getreply()[0] == 421
            wait_until(lambda: _is_refused(installation), "nobody listens any more")
            mail.release.set()
            assert mail.reply() == {}
        assert division.parent.wait(30) == 0
        assert not any(map(is_alive, children))
        for client in idle.values():
            client.close()
    assert [mail.recipients for mail in sink.mails] == [(letter(0)[0],)]
    assert division.log.count("Finishing the mails in hand") == 1
    assert division.log.count("SMTP on") == 1


def _is_refused(installation: Installation) -> bool:
    try:
        socket.create_connection(installation.smtp, 5).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:
        return False
    return False


def test_a_second_sigterm_stops_all_at_once(installation: Installation, sink: Sink) -> None:
    login = add_company(installation, sink)
    with divided(installation) as division, holding(division, sink, login) as mail:
        children = division.children
        division.parent.send_signal(signal.SIGTERM)
        wait_until(lambda: "Finishing the mails" in division.log, "it heard the first")
        division.parent.send_signal(signal.SIGTERM)
        assert division.parent.wait(10) == 128 + signal.SIGTERM
        wait_until(lambda: not any(map(is_alive, children)), "all end")
        assert isinstance(mail.reply(), OSError)


def test_children_of_a_killed_parent_finish_what_they_have_and_leave_the_port(
    installation: Installation, sink: Sink
) -> None:
    login = add_company(installation, sink)
    with divided(installation) as division:
        children = division.children
        with holding(division, sink, login) as mail:
            division.parent.kill()
            wait_until(lambda: _is_refused(installation), "nobody listens any more")
            mail.release.set()
            assert mail.reply() == {}
        wait_until(lambda: not any(map(is_alive, children)), "nobody lingers")
    with divided(installation) as again:
        send_some(again, login, 10)


def test_limits_are_those_of_all_processes_together(installation: Installation, sink: Sink) -> None:
    add_company(installation, sink)
    limits = {"max_connections_per_peer": "8", "max_login_failures": "3"}
    with divided(installation, 3, **limits) as division:
        greeted = list(division.clients_of(*division.children).values())
        greeted += [division.connect() for _ in range(8 - len(greeted))]
        for _ in range(4):
            with pytest.raises(smtplib.SMTPConnectError, match="421"):
                division.connect()
        for client in greeted:
            client.close()
        heard = []
        for _ in range(4):
            with division.connect() as client:
                client.ehlo()
                heard.append(client.docmd("AUTH", "PLAIN AHVzZXIAd3Jvbmc=")[0])
        assert heard == [535, 535, 535, 421]


def test_all_connections_together_have_a_limit(installation: Installation) -> None:
    with divided(installation, max_connections="5") as division:
        greeted = [division.connect() for _ in range(5)]
        for _ in range(4):
            with pytest.raises(smtplib.SMTPConnectError, match="421"):
                division.connect()
        for client in greeted:
            client.close()


def test_metrics_are_those_of_all_processes_whoever_answers(
    installation: Installation, sink: Sink
) -> None:
    login = add_company(installation, sink)
    port = free_port()
    with divided(installation, gateway_metrics_listen=f"127.0.0.1:{port}") as division:
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            list(pool.map(lambda at: send_some(division, login, 10 * at), range(CONNECTIONS)))
        assert _metric(port, "replies_total") == [40] * 6
        assert _metric(port, "processes") == [2] * 6
        killed = min(division.children)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: killed not in division.children, "it ends")
        assert _metric(port, "replies_total") == [40] * 6, "a counter never goes back"
        wait_until(lambda: _metric(port, "processes") == [2] * 6, "another one serves")
        send_some(division, login, 200)
        assert _metric(port, "replies_total") == [44] * 6


def _metric(port: int, name: str) -> list[int]:
    """Return the sum of a metric's lines, asked six times on connections of their own."""
    sums = []
    for _ in range(6):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        values = re.findall(rf"^career_relay_gateway_{name}(?:{{.*}})? (\d+)$", text, re.MULTILINE)
        sums.append(sum(map(int, values)))
    return sums


def test_each_process_has_its_share_of_the_connections_to_a_next_hop() -> None:
    company = Company(7, "Acme", ("acme.example",))
    record = CompanyRecord(company, HostPort("127.0.0.1", 25), "acme")
    shares = [share_hop(record, count).hop.most_connections for count in (1, 2, 3, 64)]
    assert shares == [20, 10, 6, 1]


def test_the_parent_has_no_thread_and_the_log_says_which_process(
    installation: Installation,
) -> None:
    with divided(installation, log_json="true") as division:
        assert len(list(Path(f"/proc/{division.parent.pid}/task").iterdir())) == 1
        with division.connect() as client:
            client.docmd("WHAT")
        wait_until(lambda: "refused: command" in division.log, "the refusal is in the log")
        lines = [line for line in division.log.splitlines() if "refused: command" in line]
        assert json.loads(lines[0])["process"] in division.children


@pytest.fixture
def installation(migrated: Installation) -> Installation:
    """Give one whose ledger is ready: the processes start at once."""
    return migrated


def test_systemd_hears_the_parent_and_a_process_that_stands_still_is_replaced(
    installation: Installation, systemd: socket.socket
) -> None:
    unit = {"NOTIFY_SOCKET": str(systemd.getsockname()), "WATCHDOG_USEC": "400000"}
    supervised = dataclasses.replace(installation, settings=unit)
    with divided(supervised) as division:
        heard = [systemd.recv(100)]

        def listen() -> bool:
            """Hear all that was said meanwhile."""
            while select.select([systemd], [], [], 0)[0]:
                heard.append(systemd.recv(100))
            return True

        assert heard == [b"READY=1"], "said once, by the parent"
        stopped = min(division.children)
        os.kill(stopped, signal.SIGSTOP)
        wait_until(lambda: listen() and stopped not in division.children, "it is ended")
        wait_until(lambda: listen() and len(division.children) == 2, "another one begins")
        assert f"process {stopped} stands still" in division.log
        division.parent.send_signal(signal.SIGTERM)
        while heard[-1] != b"STOPPING=1":
            heard.append(systemd.recv(100))
        assert set(heard[1:-1]) == {b"WATCHDOG=1"}
        assert division.parent.wait(30) == 0


def test_what_is_wrong_for_all_is_said_once_and_ends_as_with_one_process(
    installation: Installation,
) -> None:
    wrong = {"CAREER_RELAY_TLS_CERTIFICATE": "/nowhere.pem"}
    done = dataclasses.replace(installation, settings=wrong).run("gateway", "--processes", "2")
    assert (done.returncode, done.stderr.count(b"CAREER_RELAY_TLS_CERTIFICATE")) == (2, 1)
    with socket.create_server(installation.smtp):
        taken = installation.run("gateway", "--processes", "2")
    assert (taken.returncode, taken.stderr.count(b"cannot listen")) == (1, 1)
    assert installation.run("gateway", "--processes", "0").returncode == 2
