"""`career-relay ledger`, `slot`, `referral` and `person` as a person types them."""

import contextlib
import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from gateway.cli import main
from gateway.core.candidate import hash_candidate, mask
from gateway.core.envelope import Address
from gateway.core.link import hash_token, identify_message, make_token
from gateway.store import referrals
from gateway.store.reservations import NewReferral
from tests.cli.conftest import COMPANY, Line
from tests.store import reserving
from tests.store.records import NOW, make_mail, relay, write_company
from workers.settle import settle_held, settle_referral

TARO = Address("taro@example.com")


def test_a_locked_ledger_is_told_of_in_a_sentence(
    line: Line, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["career-relay", "ledger", "retention", COMPANY, "--days", "400"]
    monkeypatch.setattr("sys.argv", command)
    file = line.parts.engine.url.database or ""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 1
    assert f"another process is writing to {file}" in capsys.readouterr().err


def test_a_damaged_file_does_not_verify(line: Line, sqlite_url: str) -> None:
    _relay(line, 1, TARO)
    with contextlib.closing(
        sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None)
    ) as other:
        # An index that lacks a row: what a -wal of another file's does, beside a restored backup.
        sql = "CREATE UNIQUE INDEX uq_test ON referral (token_hash)"
        other.execute(f"{sql} WHERE id > 1")
        other.execute("PRAGMA writable_schema = ON")
        other.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'uq_test'", (sql,))
    assert "damaged" in line("ledger", "verify", fails=True)


def _relay(line: Line, number: int, who: str) -> str:
    """Relay the mail <number@sakura.example> and settle it; return its token."""
    address = Address(who)
    candidate = hash_candidate(line.parts.key, address)
    message = identify_message(f"<{number}@sakura.example>".encode(), b"")
    token = make_token(line.parts.key, 1, message, candidate)
    new = NewReferral(1, candidate, mask(address), message, hash_token(token))
    with line.parts.writing() as session:
        found = reserving.reserve(session, new, make_mail(1, f"q{number}"), NOW).referral_id or 0
        reserving.confirm(session, found, NOW)
        settle_referral(session, found, NOW)
    return token


def _sums(line: Line) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(line("ledger", COMPANY, "--json"))
    return shown


def _report(number: int, *who: str, action: str = "failed") -> bytes:
    fields = "".join(
        f"\r\nFinal-Recipient: rfc822; {each}\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        for each in who
    )
    return (
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n{fields}"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: <{number}@sakura.example>\r\n\r\n--b--\r\n"
    ).encode()


def test_a_bounce_takes_a_referral_back_once(line: Line) -> None:
    _relay(line, 1, TARO)
    first, again = (
        json.loads(line("referral", "bounce", "--json", stdin=_report(1, TARO))) for _ in range(2)
    )
    assert (first["referral"], first["kind"], first["is_new"]) == (1, "void", True)
    assert (again["entry"], again["is_new"], again["counted"]) == (first["entry"], False, 0)
    told = line("referral", "bounce", stdin=_report(1, TARO))
    assert told.strip() == "failed 5.1.1: referral 1 is already withdrawn (entry 2)"
    entry = _sums(line)["entries"][-1]
    assert (entry["reason"], entry["actor"]) == ("bounced 5.1.1", "bounce report")


@pytest.mark.parametrize(
    ("report", "told"),
    [
        pytest.param(_report(1, TARO, action="delayed"), "stays as it is", id="a delay"),
        pytest.param(_report(2, TARO), "no referral of ours", id="another mail"),
        pytest.param(_report(1, "hana@example.com"), "no referral of ours", id="somebody else"),
    ],
)
def test_a_report_that_is_none_of_ours_changes_nothing(
    line: Line, report: bytes, told: str
) -> None:
    _relay(line, 1, TARO)
    assert told in line("referral", "bounce", stdin=report)
    assert _sums(line)["counted"] == 1


def test_what_is_no_report_is_said_without_its_text(line: Line) -> None:
    told = line("referral", "bounce", stdin=b"Subject: secret\r\n\r\nDear Taro", fails=True)
    assert "no delivery status notification" in told
    assert "secret" not in told
    assert "Taro" not in told


def test_one_report_of_several_candidates_takes_each_back(line: Line) -> None:
    _relay(line, 1, TARO)
    _relay(line, 1, "hana@example.com")
    told = line("referral", "bounce", stdin=_report(1, TARO, "hana@example.com"))
    assert told.count("withdrawn") == 2
    assert _sums(line)["counted"] == 0


def test_a_referral_is_found_by_number_token_and_link(line: Line) -> None:
    token = _relay(line, 1, TARO)
    for name in ("1", token, f"https://relay.example/r/{token}"):
        done = json.loads(line("referral", "void", name, "--reason", f"{TARO} is hired", "--json"))
        assert done["referral"] == 1
    assert _sums(line)["entries"][-1]["reason"] == "t•••@example.com is hired"
    assert "no referral" in line("referral", "void", "2", "--reason", "x", fails=True)
    assert "say why" in line("referral", "void", "1", "--reason", " ", fails=True)


def test_a_slot_goes_its_way_and_is_corrected(line: Line) -> None:
    for number in range(20):
        _relay(line, number, f"c{number}@example.com")
    assert "Slot 11 is reserved" in line("slot", "reserve", COMPANY)
    assert "is reserved" in line("slot", "reserve", COMPANY)
    assert "no available slot" in line("slot", "reserve", COMPANY, fails=True)
    line("slot", "introduce", COMPANY, "11")
    line("slot", "hire", COMPANY, "11")
    assert "hired" in line("slot", "return", COMPANY, "11", fails=True)
    line("slot", "return", COMPANY, "22", "--reason", "nobody came")
    line("slot", "adjust", COMPANY, "11", "introduced", "--reason", "typed wrongly")
    slots = [json.loads(row) for row in line("slot", "list", COMPANY, "--json").splitlines()]
    assert slots == [
        {"slot": 11, "use": "introduced", "owed": False},
        {"slot": 22, "use": "available", "owed": False},
    ]
    line("referral", "void", "1", "--reason", "wrong")
    assert "slot 11  introduced" in line("slot", "list", COMPANY)
    assert "no slot 99" in line("slot", "hire", COMPANY, "99", fails=True)
    told = line("ledger", "verify")
    assert "Ledgers looked at: 1." in told
    assert "every slot has its ten referrals" in told


def test_a_slot_names_its_ten_by_their_numbers(line: Line) -> None:
    other = write_company(line.parts.engine, "Ume").company.id
    with line.parts.writing() as session:  # so that row ids and numbers differ
        settle_referral(session, relay(session, other, "m", "c"), NOW)
    for number in range(10):
        _relay(line, number, f"c{number}@example.com")
    assert "slot_earned  entries (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)" in line("ledger", COMPANY)
    assert _sums(line)["entries"][-1]["points"] == [*range(1, 11)]


def test_a_rule_is_set_shown_and_only_then_in_force(line: Line) -> None:
    assert "2026-1" in line("ledger", "rule", COMPANY)
    told = line("ledger", "rule", COMPANY, "--hold-hours", "48", "--slot-days", "90")
    assert re.search(r"own-1\.[0-9a-f]{16}: at relayed, once in 365 days, held 48 hours", told)
    assert "no burst below 100 a day, slots expire after 90 days" in told
    line("ledger", "rule", COMPANY, "--count-at", "opened")
    current = json.loads(line("ledger", "rule", COMPANY, "--json"))
    assert current["version"].startswith("own-2.")
    assert (current["count_at"], current["hold_hours"]) == ("opened", 48)
    assert f"{current['version']}: at opened" in line("company", "show", COMPANY)
    assert "window_days must be" in line(
        "ledger", "rule", COMPANY, "--window-days", "-1", fails=True
    )


def test_a_simulation_says_what_another_rule_would_have_given(line: Line) -> None:
    for number in range(3):
        _relay(line, number, TARO)
    options = ("--since", "2026-01-01", "--window-days", "0")
    found = json.loads(line("ledger", "simulate", COMPANY, *options, "--json"))
    assert (found["in_force"]["counted"], found["in_force"]["duplicates"]) == (1, 2)
    assert (found["simulated"]["counted"], found["simulated"]["duplicates"]) == (3, 0)
    opened = line("ledger", "simulate", COMPANY, *options, "--count-at", "opened")
    assert "not_reached 3" in opened
    assert _sums(line)["counted"] == 1


def test_a_burst_is_held_until_somebody_lets_it_count(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.settle.is_burst", lambda *_: True)
    _relay(line, 1, TARO)
    (held,) = [json.loads(row) for row in line("ledger", "held", COMPANY, "--json").splitlines()]
    assert held == {"referral": 1, "waits_for": "burst", "until": None}
    assert "1 referrals are held" in line("ledger", COMPANY)
    line("ledger", "release", "1")
    with line.parts.writing() as session:
        settle_held(session, 1, NOW.replace(year=2100))
    entry = _sums(line)["entries"][-1]
    assert (entry["kind"], entry["actor"]) == ("counted", "command line")
    assert line("ledger", "held", COMPANY) == ""
    assert "not held" in line("ledger", "release", "1", fails=True)


def test_retention_is_set_shown_and_noted(line: Line) -> None:
    assert "for ever" in line("ledger", "retention", COMPANY)
    assert "400 days" in line("ledger", "retention", COMPANY, "--days", "400")
    shown = json.loads(line("company", "show", COMPANY, "--json"))
    assert shown["remembers_candidates"] == "400 days"
    assert "days must be" in line("ledger", "retention", COMPANY, "--days", "-1", fails=True)


@pytest.mark.parametrize("stdin", [b"", f" {TARO} \n".encode()], ids=["argument", "stdin"])
def test_a_person_is_forgotten_and_the_sums_stay(line: Line, stdin: bytes) -> None:
    _relay(line, 1, TARO)
    _relay(line, 2, "hana@example.com")
    told = line("person", "erase", "-" if stdin else TARO, "--opt-out", stdin=stdin)
    assert "1 referrals and 1 lines" in told
    assert TARO not in told
    with line.parts.reading() as session:
        assert referrals.get_referral(session, 1).masked == ""
        assert referrals.get_referral(session, 2).masked != ""
        assert referrals.is_opted_out(session, hash_candidate(line.parts.key, TARO))
    assert "0 referrals" in line("person", "erase", TARO)
    assert _sums(line)["counted"] == 2
    assert "every slot" in line("ledger", "verify")
    assert "no mail address" in line("person", "erase", "taro", fails=True)


Rows = list[dict[str, Any]]


def _change(rows: Rows) -> None:
    rows[2]["reason"] = "because"


def _remove(rows: Rows) -> None:
    del rows[2]


def _reorder(rows: Rows) -> None:
    rows[2], rows[3] = rows[3], rows[2]


@pytest.mark.parametrize("tamper", [_change, _remove, _reorder])
def test_an_export_that_was_tampered_with_names_the_row(
    line: Line, tmp_path: Path, tamper: Callable[[Rows], None]
) -> None:
    folder = _export(line, tmp_path)
    document = json.loads((folder / "ledger.json").read_text("utf-8"))
    tamper(document["entries"])
    (folder / "ledger.json").write_text(json.dumps(document), "utf-8")
    told = line("ledger", "verify", "--export", str(folder), fails=True)
    assert "entry 3" in told or "entry 4" in told


def test_an_export_verifies_and_one_by_another_installation_is_forged(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _export(line, tmp_path)
    key = line("ledger", "key").strip()
    assert "All 11 entries" in line("ledger", "verify", "--export", str(folder), "--key", key)
    monkeypatch.setenv("CAREER_RELAY_SECRET_KEY", "another secret of somebody else, long enough")
    told = line(
        *("ledger", "verify", "--export", str(folder), "--key", line("ledger", "key").strip()),
        fails=True,
    )
    assert "forged" in told
    (folder / "ledger.sig.json").write_text("{}")
    assert "forged" in line("ledger", "verify", "--export", str(folder), fails=True)
    assert "cannot be read" in line("ledger", "verify", "--export", str(tmp_path / "x"), fails=True)


def _export(line: Line, folder: Path) -> Path:
    for number in range(10):
        _relay(line, number, f"c{number}@example.com")
    assert "11 entries" in line("ledger", "export", COMPANY, "--out", str(folder / "out"))
    return folder / "out"
