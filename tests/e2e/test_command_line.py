"""Commands as a person types them: right ones, wrong ones, and what they say."""

import json
import signal
import smtplib
import socket
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.restore import restore
from gateway.demo.samples import COMPANY, DOMAIN, SENDER, samples
from tests.e2e.conftest import add_company
from tests.e2e.program import Installation, ledger_dump, links
from tests.e2e.sink import Sink
from tests.services import wait_until

SAMPLES = [sample.raw for sample in samples()]
LINK = "https://relay.example/r/abc?x=1&y=2"


def test_strip_undoes_inject_and_a_second_inject_changes_nothing(
    installation: Installation, tmp_path: Path
) -> None:
    first, once, twice = (tmp_path / name for name in ("first", "once", "twice"))
    first.mkdir()
    for number, raw in enumerate(SAMPLES):
        (first / f"{number:02}.eml").write_bytes(raw)
    for mails, out in ((first, once), (once, twice)):
        command = ("inject", "--link", LINK, "--company", COMPANY, str(mails), "--out", str(out))
        assert installation.run(*command).returncode == 0
    linked = [file.read_bytes() for file in sorted(once.iterdir())]
    assert [file.read_bytes() for file in sorted(twice.iterdir())] == linked
    assert list(map(restore, linked)) == SAMPLES
    is_signed = [b"multipart/signed" in raw for raw in SAMPLES]
    assert [now == raw for now, raw in zip(linked, SAMPLES, strict=True)] == is_signed


@pytest.mark.parametrize("is_signed", [False, True])
def test_inject_says_what_it_did(installation: Installation, is_signed: bool) -> None:
    raw = next(raw for raw in SAMPLES if (b"multipart/signed" in raw) == is_signed)
    done = installation.run("inject", "--link", LINK, "--company", COMPANY, stdin=raw)
    assert done.returncode == 0
    assert json.loads(done.stderr)["action"] == ("passed" if is_signed else "injected")
    assert (done.stdout == raw) == is_signed


def test_strip_gives_back_the_bytes_on_standard_output(installation: Installation) -> None:
    linked = installation.run("inject", "--link", LINK, stdin=SAMPLES[0]).stdout
    assert linked != SAMPLES[0]
    assert installation.run("strip", stdin=linked).stdout == SAMPLES[0]


def test_folders_of_mails_are_injected_and_stripped(
    installation: Installation, tmp_path: Path
) -> None:
    mails, linked, back = tmp_path / "mails", tmp_path / "linked", tmp_path / "back"
    (mails / "sub").mkdir(parents=True)
    (mails / "a.eml").write_bytes(SAMPLES[0])
    (mails / "sub" / "b.eml").write_bytes(b"\0\xff\r\n")
    (mails / "notes.txt").write_bytes(b"no mail")
    done = installation.run("inject", "--link", LINK, str(mails), "--out", str(linked))
    assert done.stdout.decode().splitlines()[0] == "2 mails: 1 injected, 1 passed"
    assert b"link-added" in done.stdout
    assert b"odd-structure" in done.stdout
    assert (linked / "a.eml").read_bytes() != SAMPLES[0]
    assert (linked / "sub" / "b.eml").read_bytes() == b"\0\xff\r\n"
    done = installation.run("strip", str(linked), "--out", str(back))
    assert done.stdout.decode().splitlines()[0] == "2 mails: 1 stripped, 1 unchanged"
    assert (back / "a.eml").read_bytes() == SAMPLES[0]
    assert not (linked / "notes.txt").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("a.eml",), b"--out"),
        (("a.eml", "--out", "."), b"would replace"),
        (("missing.eml", "--out", "x"), b"does not exist"),
        (("a.eml", "sub/a.eml", "--out", "x"), b"would both become"),
    ],
)
def test_a_folder_of_results_never_loses_a_mail(
    installation: Installation, tmp_path: Path, arguments: tuple[str, ...], words: bytes
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.eml").write_bytes(SAMPLES[0])
    (tmp_path / "sub" / "a.eml").write_bytes(SAMPLES[0])
    paths = [one if one.startswith("-") else str(tmp_path / one) for one in arguments]
    done = installation.run("strip", *paths)
    assert done.returncode != 0
    assert words in done.stderr
    assert (tmp_path / "a.eml").read_bytes() == SAMPLES[0]


@pytest.mark.parametrize("junk", [b"", b"\0\xff\r\n", b"no header\n\nno mail", b"a" * 100_000])
def test_inject_and_strip_take_any_bytes(installation: Installation, junk: bytes) -> None:
    for command in (("inject", "--link", LINK), ("strip",)):
        done = installation.run(*command, stdin=junk)
        assert (done.returncode, done.stdout) == (0, junk)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("company", "show", "Nobody"), b"career-relay company add"),
        (("ledger", "Nobody"), b"career-relay company list"),
        (("explain", "missing.eml"), b"missing.eml cannot be read"),
        (("explain", "--envelope", "missing.csv", "x"), b"missing.csv cannot be read"),
        (("inject", "--link", "javascript:alert(1)"), b"http(s) address"),
        (("company", "add", "A", "--domain", "a.jp", "--next-hop", "nowhere"), b"HOST:PORT"),
        (("company", "add", "A", "--domain", "not a domain", "--next-hop", "h:1"), b"domain"),
        (("gateway", "--smtp-port", "99999"), b"--smtp-port"),
        (("ready",), b"not ready"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    installation: Installation, arguments: tuple[str, ...], words: bytes
) -> None:
    done = installation.run(*arguments)
    assert done.returncode in {1, 2}
    assert words in b" ".join((done.stdout + done.stderr).replace(b"\xe2\x94\x82", b"").split())
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CAREER_RELAY_SMTP_LISTEN", "2525"),
        ("CAREER_RELAY_DATABASE_URL", "not an address"),
        ("CAREER_RELAY_TLS_CERTIFICATE", "/nowhere/cert.pem"),
        ("CAREER_RELAY_MAX_MESSAGE_BYTES", "-1"),
        ("CAREER_RELAY_REDIS_URL", "garbage"),
        ("CAREER_RELAY_DATABASE_URL", "mysql://127.0.0.1/relay"),
        ("CAREER_RELAY_DATA_DIR", "/etc/passwd"),
        ("CAREER_RELAY_NOTIFY_FROM", "not an address"),
        ("CAREER_RELAY_TLS_KEY", "/etc/key.pem"),
    ],
)
def test_a_wrong_setting_stops_the_start(
    installation: Installation, variable: str, value: str
) -> None:
    wrong = Installation(
        installation.folder, installation.smtp, installation.web, {variable: value}
    )
    done = wrong.run("up")
    assert done.returncode == 2
    assert variable.encode() in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("which", ["smtp", "web"])
def test_a_port_in_use_names_the_setting(installation: Installation, which: str) -> None:
    taken = installation.smtp if which == "smtp" else installation.web
    with socket.create_server(taken):
        done = installation.run("up")
    assert done.returncode == 1
    assert f"CAREER_RELAY_{which.upper()}_LISTEN".encode() in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("charset", ["ascii", "iso8859-1", "euc_jp"])
def test_a_terminal_without_japanese_sees_all_that_it_can(
    installation: Installation, charset: str
) -> None:
    narrow = replace(installation, settings={"PYTHONIOENCODING": charset})
    name = "株式会社髙橋製作所🌸"
    hop = ("--next-hop", "127.0.0.1:2626")
    done = narrow.run("company", "add", name, "--domain", "example.co.jp", *hop)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"SMTP password  " in done.stdout
    done = narrow.run("company", "list")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(name.encode(charset, "backslashreplace"))


def test_the_demonstration_runs_stops_cleanly_and_finds_its_ledger_again(
    installation: Installation,
) -> None:
    log = installation.folder / "career-relay-up.log"
    for expected in ("10 candidates referred made 1 free hiring slot", "nobody counts twice"):
        log.unlink(missing_ok=True)
        with installation.process("career-relay", "up", "--demo") as running:
            wait_until(lambda: "Ctrl-C stops it" in log.read_text("utf-8"), "the demo is shown")
            inbox = f"http://{installation.web}/demo/inbox"
            with urllib.request.urlopen(inbox) as page:
                assert page.status == 200
                assert SENDER in page.read().decode()
            running.send_signal(signal.SIGINT)
            assert running.wait(20) == 0
        shown = log.read_text("utf-8")
        assert expected in shown
        assert "Traceback" not in shown
        assert shown.count("link-added") == 10


def test_the_front_door_refuses_what_it_must(installation: Installation, sink: Sink) -> None:
    with installation.up():
        login = add_company(installation, sink)
        with smtplib.SMTP(*installation.smtp) as client:
            client.ehlo()
            assert int(client.esmtp_features["size"]) == 50 << 20
            assert client.mail(SENDER)[0] == 530
            client.login(login["smtp_user"], login["smtp_password"])
            assert client.docmd(f"MAIL FROM:<{SENDER}> SIZE={51 << 20}")[0] == 552
            code, words = client.mail("hr@another.example")
            assert (code, words[:5]) == (550, b"5.7.1")
        broken = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nno end\r\n\xff\r\n"
        installation.send(login, [(SENDER, "taro@mail.example.com", broken)])
        assert sink.mails[0].raw.endswith(b"\r\n" + broken)


def test_an_unknown_link_is_a_friendly_404_and_no_get_changes_a_row(
    installation: Installation, sink: Sink
) -> None:
    with installation.up():
        mails = [(SENDER, sample.recipient, sample.raw) for sample in list(samples())[:10]]
        installation.send(add_company(installation, sink), mails)
        installation.wait_for_points(COMPANY, 10)
        (link,) = links(sink.mails[0].raw)
        before = ledger_dump(installation)
        for _ in range(10):
            for method in ("GET", "HEAD"):
                request = urllib.request.Request(link.decode(), method=method)
                with urllib.request.urlopen(request) as page:
                    assert page.status == 200
        assert ledger_dump(installation) == before
        tampered = link[:-1] + (b"b" if link.endswith(b"a") else b"a")
        for wrong in (tampered, link + b"a", link[:-26] + b"../../etc/passwd"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(wrong.decode())
            assert refused.value.code == 404
            assert "キャリアリレー" in refused.value.read().decode()


def test_a_domain_belongs_to_one_company(installation: Installation, sink: Sink) -> None:
    add_company(installation, sink)
    done = installation.run(
        *("company", "add", "Other", "--domain", f"sub.{DOMAIN}", "--next-hop", "127.0.0.1:25")
    )
    assert done.returncode == 1
    assert DOMAIN.encode() in done.stderr
