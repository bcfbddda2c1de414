"""The main job, end to end: fifteen mails in, ten with a link out, ten points, one slot."""

import signal
import smtplib
from pathlib import Path

import pytest

from gateway.core.restore import restore
from gateway.demo.samples import COMPANY, DOMAIN, SENDER, samples
from tests.e2e.conftest import add_company
from tests.e2e.program import Installation, below_trace, links
from tests.e2e.sink import Sink

MAILS = [(SENDER, sample.recipient, sample.raw) for sample in samples()]
REJECTIONS, OTHERS = MAILS[:10], MAILS[10:]
CONTACT = f"postmaster@{DOMAIN}"


def from_company(sink: Sink) -> list[bytes]:
    return [mail.raw for mail in sink.mails if mail.mail_from == SENDER]


def check_main_job(installation: Installation, sink: Sink) -> None:
    """Send the fifteen mails twice and look at everything that must come of it."""
    hop = ("--domain", DOMAIN, "--next-hop", str(sink.address), "--mode", "inject")
    login = installation.ask("company", "add", COMPANY, *hop)
    assert all(refused == {} for refused in installation.send(login, MAILS))
    arrived = from_company(sink)
    assert len(arrived) == 15
    assert [below_trace(raw) for raw in arrived[10:]] == [raw for _, _, raw in OTHERS]
    linked = [links(raw) for raw in arrived[:10]]
    assert all(len(found) == 1 for found in linked)
    assert len(set.union(*linked)) == 10
    assert [restore(raw) for raw in arrived] == [raw for _, _, raw in MAILS]
    ledger = installation.wait_for_points(COMPANY, 10)
    assert (ledger["counted"], ledger["slots_earned"], ledger["slots_available"]) == (10, 1, 1)
    assert sink.wait_for(lambda: len(sink.to(CONTACT)) == 3)  # first referral, half way, slot
    installation.send(login, MAILS)
    assert len(from_company(sink)) == 30
    assert [below_trace(raw) for raw in from_company(sink)[15:]] == [
        below_trace(raw) for raw in arrived
    ], "a mail sent again is the same bytes"
    again = installation.ask("ledger", COMPANY)
    assert (again["counted"], again["slots_earned"]) == (10, 1)
    assert installation.run("ledger", "verify").returncode == 0


def test_ten_rejections_make_one_slot_in_one_process(
    installation: Installation, sink: Sink
) -> None:
    with installation.up():
        check_main_job(installation, sink)


def test_a_candidate_s_address_text_and_subject_are_nowhere_in_the_data_folder(
    installation: Installation, sink: Sink
) -> None:
    with installation.up():
        installation.send(add_company(installation, sink), MAILS)
        installation.wait_for_points(COMPANY, 10)
    kept = b"".join(path.read_bytes() for path in installation.folder.rglob("*") if path.is_file())
    for secret in ("taro.yamada", "hanako.sato", "emma.clark", "ご期待に添えない", "選考結果の"):
        assert secret.encode() not in kept
    assert "t•••@mail.example.com".encode() in kept


def test_explain_and_the_log_say_the_same(installation: Installation, sink: Sink) -> None:
    with installation.up():
        installation.send(add_company(installation, sink), MAILS)
        installation.wait_for_points(COMPANY, 10)
    files = [str(installation.folder / f"{number:02}.eml") for number in range(len(MAILS))]
    for file, (_, _, raw) in zip(files, MAILS, strict=True):
        Path(file).write_bytes(raw)
    explained = installation.lines("explain", *files)
    for said, row in zip(explained, installation.lines("log"), strict=True):
        for key in ("verdict", "score", "why", "action", "parts"):
            assert said[key] == row[key], row
        assert [e["rule"] for e in said["evidence"]] == [e["rule"] for e in row["evidence"]]


def test_a_company_that_observes_gets_every_mail_as_it_was(
    installation: Installation, sink: Sink
) -> None:
    with installation.up():
        installation.send(add_company(installation, sink, mode="observe"), MAILS)
        assert [below_trace(raw) for raw in from_company(sink)] == [raw for _, _, raw in MAILS]
    rows = installation.lines("log")
    assert [row["why"] for row in rows[:10]] == ["observed"] * 10
    assert installation.ask("ledger", COMPANY)["counted"] == 0


def test_killed_between_the_next_hop_s_250_and_ours_a_retry_is_one_referral(
    installation: Installation, sink: Sink
) -> None:
    mail = [REJECTIONS[0]]
    with installation.up() as running:
        login = add_company(installation, sink)
        # Stopped while the 250 is on its way, then killed: it can have said none itself.
        sink.before_answer = lambda: running.send_signal(signal.SIGSTOP)
        sink.after_answer = running.kill
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            installation.send(login, mail)
        assert running.wait(10) == -signal.SIGKILL
    sink.before_answer = sink.after_answer = None
    assert installation.ask("ledger", COMPANY)["counted"] == 0
    with installation.up():
        installation.send(login, mail)
        ledger = installation.wait_for_points(COMPANY, 1)
    first, second = (below_trace(raw) for raw in from_company(sink))
    assert first == second
    assert len(links(first)) == 1
    assert [entry["kind"] for entry in ledger["entries"]] == ["counted"]
    assert len({row["referral_id"] for row in installation.lines("log")}) == 1


def test_killed_between_two_copies_a_retry_sends_only_those_that_are_missing(
    installation: Installation, sink: Sink
) -> None:
    raw, crowd = REJECTIONS[0][2], ["a@one.example", "b@two.example", "c@three.example"]
    with installation.up() as running:
        login = add_company(installation, sink)

        def kill_at_the_second() -> None:
            if sink.to(crowd[0]):
                running.kill()
                running.wait(10)
                raise ConnectionResetError

        sink.before_answer = kill_at_the_second
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            installation.send_to(login, SENDER, crowd, raw)
    sink.before_answer = None
    with installation.up():
        assert installation.send_to(login, SENDER, crowd, raw) == {}
        installation.wait_for_points(COMPANY, 3)
        assert installation.send_to(login, SENDER, crowd, raw) == {}
    assert [len(sink.to(one)) for one in crowd] == [1, 1, 1]
    assert len(set.union(*(links(mail) for mail in from_company(sink)))) == 3
    assert installation.ask("ledger", COMPANY)["counted"] == 3


def test_a_refused_recipient_hears_the_next_hop_s_own_words(
    installation: Installation, sink: Sink
) -> None:
    sink.refused.add(REJECTIONS[0][1])
    with installation.up():
        login = add_company(installation, sink)
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="No such user here"):
            installation.send(login, REJECTIONS[:1])
        assert installation.ask("ledger", COMPANY)["counted"] == 0
