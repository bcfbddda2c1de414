"""`career-relay webhook`, `notification` and `db copy` as a person types them."""

import base64
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.keys.sealing import Seal
from gateway.settings import HostPort
from gateway.store.company_changes import list_changes
from gateway.store.outages import Failures, note_failures
from gateway.store.outbox import NotificationState, list_notifications
from gateway.store.webhooks import WEBHOOK_SEAL, bound_to, list_endpoints
from tests.cli.conftest import COMPANY, Line

URL = "https://hook.example/in"


def test_a_webhook_s_secret_is_shown_once_and_kept_sealed(line: Line) -> None:
    told = json.loads(line("webhook", "add", COMPANY, URL, "--json"))
    prefix, _, secret = told["secret"].partition("_")
    assert prefix == "whsec"
    with line.parts.reading() as session:
        (endpoint,) = list_endpoints(session, 1)
    seal = Seal(line.parts.key, WEBHOOK_SEAL)
    assert seal.unlock(endpoint.secret_sealed, bound_to(1)) == base64.b64decode(secret)
    listed = line("webhook", "list", COMPANY, "--json")
    shown = {"webhook": 1, "url": URL, "state": "enabled", "events": None}
    assert json.loads(listed) == shown
    line("webhook", "remove", COMPANY, "1")
    assert line("webhook", "list", COMPANY, "--json") == ""
    assert "has no webhook 1" in line("webhook", "remove", COMPANY, "1", fails=True)


@pytest.mark.parametrize("url", ["http://hook.example/", "hook.example", "https://a@b.example/"])
def test_an_address_that_is_no_webhook_s_is_refused(line: Line, url: str) -> None:
    assert "webhook's address" in line("webhook", "add", COMPANY, url, fails=True)


def test_a_test_goes_by_every_way_and_is_given_up_and_sent_again(line: Line) -> None:
    line("webhook", "add", COMPANY, URL)
    assert "2 notifications wait" in line("webhook", "test", COMPANY)
    rows = [json.loads(row) for row in line("notification", "queue", "--json").splitlines()]
    assert [row["way"] for row in rows] == ["mail", "webhook 1"]
    number = str(rows[0]["notification"])
    line("notification", "park", number)
    line("notification", "resend", number)
    with line.parts.reading() as session:
        states = {row.state for row in list_notifications(session, 1)}
    assert states == {NotificationState.PENDING}
    assert "no notification 99" in line("notification", "resend", "99", fails=True)


def test_mails_of_an_event_end_and_begin_again(line: Line) -> None:
    line("notification", "mute", COMPANY, "test")
    assert "0 notifications wait" in line("webhook", "test", COMPANY)
    line("notification", "unmute", COMPANY, "test")
    assert "1 notifications wait" in line("webhook", "test", COMPANY)
    assert "weekly-report" in line("notification", "mute", COMPANY, "birthday", fails=True)


def test_a_next_hop_that_takes_no_mail_is_shown(line: Line) -> None:
    assert json.loads(line("company", "show", COMPANY, "--json"))["next_hop_outages"] == []
    at, host = datetime(2026, 1, 5, 9, tzinfo=UTC), HostPort("127.0.0.1", 2526)
    with line.parts.writing() as session:
        note_failures(session, Failures(1, host, at, at, 3, "451 to MAIL"))
    said = (
        "127.0.0.1:2526 took no mail since 2026-01-05 09:00 UTC (mails: 3, the last: 451 to MAIL)"
    )
    assert said in line("company", "show", COMPANY)


def test_a_ledger_is_copied_by_one_command(
    line: Line, sqlite_template: Path, tmp_path: Path
) -> None:
    source = line.parts.settings.database
    target = f"sqlite:///{tmp_path / 'new' / 'ledger.sqlite3'}"
    told = json.loads(line("db", "copy", "--from", source, "--to", target, "--json"))
    assert told["company"] == 1
    assert "not empty" in line("db", "copy", "--from", source, "--to", target, fails=True)
    assert "same database" in line("db", "copy", "--from", source, "--to", source, fails=True)
    shutil.copyfile(sqlite_template, tmp_path / "other.sqlite3")
    other = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    assert "Every row is there" in line("db", "copy", "--from", source, "--to", other)


def test_members_are_added_changed_and_removed(line: Line) -> None:
    line("member", "add", COMPANY, "ceo@sakura.example", "--language", "en", "--digest", "monthly")
    line("member", "set", COMPANY, "ceo@sakura.example", "--mute", "halfway", "--mute", "brake")
    line("member", "set", COMPANY, "2", "--unmute", "brake", "--language", "ja")
    rows = [json.loads(row) for row in line("member", "list", COMPANY, "--json").splitlines()]
    assert rows[1] == {
        "member": 2,
        "address": "ceo@sakura.example",
        "language": "ja",
        "digest": "monthly",
        "muted": ["halfway"],
    }
    assert "without halfway" in line("member", "list", COMPANY)
    assert "both, weekly" in line("member", "set", COMPANY, "2", "--digest", "daily", fails=True)
    assert "2 notifications wait" in line("webhook", "test", COMPANY)
    line("company", "contact", COMPANY, "saiyo@sakura.example")
    assert "saiyo@sakura.example" in line("member", "list", COMPANY)
    line("member", "remove", COMPANY, "ceo@sakura.example")
    assert "no such member" in line("member", "remove", COMPANY, "2", fails=True)


def test_a_webhook_s_secret_is_rotated_and_its_events_are_chosen(line: Line) -> None:
    first = json.loads(line("webhook", "add", COMPANY, URL, "--event", "brake", "--json"))
    second = json.loads(line("webhook", "rotate", COMPANY, "1", "--hours", "2", "--json"))
    assert second["secret"] != first["secret"]
    seal, now = Seal(line.parts.key, WEBHOOK_SEAL), datetime.now(UTC)
    with line.parts.reading() as session:
        (endpoint,) = list_endpoints(session, 1)
    for later, wanted in ((timedelta(hours=1), [second, first]), (timedelta(hours=3), [second])):
        keys = [seal.unlock(each, bound_to(1)) for each in endpoint.secrets_at(now + later)]
        shown = ["whsec_" + base64.b64encode(key).decode() for key in keys]
        assert shown == [each["secret"] for each in wanted]
    assert json.loads(line("webhook", "list", COMPANY, "--json"))["events"] == ["brake"]
    assert "everything" in line("webhook", "filter", COMPANY, "1")
    assert "one of" in line("webhook", "filter", COMPANY, "1", "--event", "birthday", fails=True)
    with line.parts.reading() as session:
        noted = [(each.what, each.old) for each in list_changes(session, 1)]
    assert [what for what, _ in noted] == ["webhook 1"] * 3
    assert first["secret"] not in str(noted)
