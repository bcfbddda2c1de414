"""What nobody causes by a deed is found by looking, and told once."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from gateway.core.unsubscribe import Unsubscribe
from gateway.core.why import Action, Why
from gateway.settings import HostPort
from gateway.store import outbox
from gateway.store.credentials import CredentialRow
from gateway.store.engine import reading_session, writing_session
from gateway.store.outages import Failures, note_failures
from gateway.store.outbox import Event, Notification
from tests.store import reserving
from tests.store.records import make_mail, write_company
from tests.workers.sink import Sink
from tests.workers.work import Clock, make_tools, relay_many, settle
from workers.deliver import Outcome, deliver_notification
from workers.watch import Watch

MONDAY = datetime(2026, 6, 1, 0, 30, tzinfo=UTC)  # 9:30 in Japan; also the first of a month
DAY = timedelta(days=1)
HOST = HostPort("127.0.0.1", 2526)  # of the written companies


def _mail(engine: Engine, company_id: int, id_: str, at: datetime, **changes: object) -> None:
    base = dataclasses.replace(make_mail(company_id, id_), at=at, reply_code=250)
    with writing_session(engine).begin() as session:
        reserving.record_mail(session, dataclasses.replace(base, **changes))  # type: ignore[arg-type]


def _told(engine: Engine, event: Event) -> list[Notification]:
    with reading_session(engine)() as session:
        return [row for row in outbox.list_notifications(session, 1) if row.event is event]


@pytest.mark.parametrize(
    ("failed_after", "is_told"),
    [
        pytest.param([0, 5, 15], True, id="tried again, in vain, for a quarter of an hour"),
        pytest.param([0, 15], False, id="too few to say"),
        pytest.param([0, 5, 14], False, id="too short to say"),
        pytest.param([0, 5, 10, 15, 25 * 60], True, id="told once, however long"),
        pytest.param([0, 1, 30 * 60], False, id="what was a day ago is another thing"),
    ],
)
def test_a_next_hop_that_takes_nothing_is_told_once(
    engine: Engine, failed_after: list[int], is_told: bool
) -> None:
    write_company(engine)
    clock = Clock(MONDAY)
    watch = Watch(make_tools(engine, clock))
    for minutes in failed_after:
        clock.time = MONDAY + timedelta(minutes=minutes)
        failure = Failures(1, HOST, clock.time, clock.time, 1, "450 to MAIL")
        with writing_session(engine).begin() as session:
            note_failures(session, failure)
        watch.look()
    Watch(make_tools(engine, clock)).look()  # another worker
    assert len(_told(engine, Event.NEXT_HOP_FAILING)) == is_told


def test_mails_that_we_put_off_ourselves_are_no_fault_of_the_next_hop(engine: Engine) -> None:
    write_company(engine)
    for number in range(5):
        _mail(engine, 1, f"m{number}", MONDAY, reply_code=451, why=Why.BRAKED)
        _mail(engine, 1, f"n{number}", MONDAY, reply_code=451)
    Watch(make_tools(engine, Clock(MONDAY))).look()
    assert _told(engine, Event.NEXT_HOP_FAILING) == []


def test_a_credential_that_ends_within_two_weeks_is_told_once(engine: Engine) -> None:
    write_company(engine)
    with writing_session(engine).begin() as session:
        session.add_all(
            CredentialRow(
                company_id=1,
                kind="password",
                secret_hash="x",
                created_at=MONDAY,
                expires_at=None if days is None else MONDAY + days * DAY,
            )
            for days in (None, -1, 13, 15)
        )
    clock = Clock(MONDAY)
    watch = Watch(make_tools(engine, clock))
    watch.look()
    clock.time += DAY / 2
    watch.look()
    told = _told(engine, Event.CREDENTIAL_EXPIRING)
    assert [row.facts["expires"] for row in told] == ["2026-06-14"]


def test_observe_mode_s_findings_come_in_one_mail_a_day(engine: Engine) -> None:
    write_company(engine)
    seen = {"why": Why.OBSERVED, "action": Action.PASSED}
    yesterday = MONDAY - DAY
    for number in range(3):
        _mail(engine, 1, f"y{number}", yesterday + timedelta(minutes=number), **seen)
    _mail(engine, 1, "today", MONDAY, **seen)
    _mail(engine, 1, "put off", yesterday, **seen, reply_code=451)
    clock = Clock(MONDAY)
    Watch(make_tools(engine, clock)).look()
    Watch(make_tools(engine, clock)).look()  # another worker
    assert [row.facts for row in _told(engine, Event.REVIEW_WAITING)] == [{"mails": 3}]
    clock.time += DAY
    Watch(make_tools(engine, clock)).look()
    assert [row.facts["mails"] for row in _told(engine, Event.REVIEW_WAITING)] == [1, 3]


def test_reports_tell_the_week_and_the_month_that_are_over(engine: Engine, sink: Sink) -> None:
    write_company(engine)
    write_company(engine, "Ume")  # had nothing, is told nothing
    for referral_id in relay_many(engine, 1, 0, 2):
        settle(engine, referral_id, MONDAY - 2 * DAY)
    _mail(engine, 1, "last week", MONDAY - 3 * DAY)
    for attempt, code in enumerate((451, 451, 550)):  # held by the brake, then refused
        _mail(engine, 1, f"no mail {attempt}", MONDAY - 3 * DAY, reply_code=code)
    _mail(engine, 1, "this week", MONDAY)
    _mail(engine, 1, "last month", MONDAY - 20 * DAY)
    clock = Clock(MONDAY - timedelta(hours=2))  # 7:30 in Japan: nobody wants mail yet
    tools = make_tools(engine, clock, via=sink.address)
    base = "http://" + "a-long-name." * 15 + "example"
    tools = dataclasses.replace(tools, unsubscribe=Unsubscribe(b"k" * 32, base))
    Watch(tools).look()
    assert _told(engine, Event.WEEKLY_REPORT) == []
    clock.time = MONDAY
    Watch(tools).look()
    (week,) = _told(engine, Event.WEEKLY_REPORT)
    facts = {"first": "2026-05-25", "last": "2026-05-31", "mails": 1, "rejections": 1}
    assert week.facts == facts | {"counted": 2}
    month, _april = _told(engine, Event.MONTHLY_REPORT)
    assert (month.facts["first"], month.facts["mails"]) == ("2026-05-01", 2)
    assert deliver_notification(tools, week.id) is Outcome.TAKEN
    message = sink.read(0)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = Unsubscribe(b"k" * 32, base).link(1)
    assert message["List-Unsubscribe"] == f"<{link}>"
    content = sink.mails[0].content
    assert isinstance(content, bytes)
    assert f"\r\nList-Unsubscribe: <{link}>\r\n".encode() in content  # on one line
    body = message.get_body(("plain",))
    assert body is not None
    assert link in body.get_content()
