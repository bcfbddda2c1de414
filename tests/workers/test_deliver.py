"""Delivering: the right mail, once; what fails comes again later and is parked in the end."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from gateway.settings import HostPort
from gateway.store import members, outbox
from gateway.store.companies import set_next_hop
from gateway.store.engine import reading_session, writing_session
from gateway.store.outbox import Notification, NotificationState
from tests.services import free_port
from tests.store.records import NOW, write_company
from tests.workers.sink import Sink
from tests.workers.work import Clock, make_tools, relay_many, settle
from workers.deliver import Outcome
from workers.deliver import deliver_notification as deliver
from workers.sweep import deliver_due
from workers.tools import Tools

WORTH_WAITING = timedelta(hours=13)  # longer than the longest pause


def deliver_notification(tools: Tools, notification_id: int) -> bool:
    return deliver(tools, notification_id) is Outcome.TAKEN


def _notify(engine: Engine, referrals: int = 1) -> int:
    """Settle referrals of a new company; return the id of the last notification."""
    company_id = write_company(engine).company.id
    ids = [settle(engine, each) for each in relay_many(engine, company_id, 0, referrals)]
    return ids[-1][-1]


def _read(engine: Engine, notification_id: int) -> Notification:
    with reading_session(engine)() as session:
        rows = outbox.list_notifications(session, 1)
    return next(row for row in rows if row.id == notification_id)


def test_a_notification_is_a_proper_mail_in_text_and_html(engine: Engine, sink: Sink) -> None:
    notification_id = _notify(engine, 10)
    assert deliver_notification(make_tools(engine, via=sink.address), notification_id)
    (envelope,) = sink.mails
    assert envelope.mail_from == "career-relay@relay.example"
    assert envelope.rcpt_tos == ["hr@sakura.example"]
    message = sink.read(0)
    assert message["From"] == "Career Relay <career-relay@relay.example>"
    assert message["To"] == "hr@sakura.example"
    assert message["Subject"] == "slot-earned（ja）"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == Clock().time.replace(microsecond=0)
    assert message["Message-ID"].endswith("@relay.example>")
    assert message.get_content_type() == "multipart/alternative"
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == [
        "admin_url=http://relay.example/admin",
        "candidate=",
        "company=Sakura",
        "points=0",
        "slots_available=1",
        "to_next=10",
    ]
    assert "slots_available=1" in html.get_content()
    row = _read(engine, notification_id)
    assert row.state is NotificationState.SENT
    assert message["Message-ID"] == f"<{row.message_id}@relay.example>"
    assert row.sent_at is not None


def test_the_mail_tells_the_sums_as_they_were_when_it_was_caused(
    engine: Engine, sink: Sink
) -> None:
    notification_id = _notify(engine, 5)
    for referral_id in relay_many(engine, 1, 5, 3):
        settle(engine, referral_id)
    deliver_notification(make_tools(engine, via=sink.address), notification_id)
    plain = sink.read(0).get_body(("plain",))
    assert plain is not None
    assert "points=5" in plain.get_content()
    assert "to_next=5" in plain.get_content()


def test_without_a_server_of_ours_the_companys_next_hop_takes_it(
    engine: Engine, sink: Sink
) -> None:
    notification_id = _notify(engine)
    with writing_session(engine).begin() as session:
        set_next_hop(session, 1, sink.address, "a test", NOW)
    tools = make_tools(engine)
    own = dataclasses.replace(tools, post=dataclasses.replace(tools.post, via=None))
    assert deliver_notification(own, notification_id)
    assert len(sink.mails) == 1


def test_what_was_sent_is_not_sent_again(engine: Engine, sink: Sink) -> None:
    notification_id = _notify(engine)
    clock = Clock()
    tools = make_tools(engine, clock, via=sink.address)
    assert deliver_notification(tools, notification_id)
    clock.time += WORTH_WAITING
    assert not deliver_notification(tools, notification_id)
    assert not deliver_notification(tools, notification_id + 1000)
    assert len(sink.mails) == 1


def test_what_is_sent_again_does_not_reach_a_removed_member(engine: Engine, sink: Sink) -> None:
    notification_id = _notify(engine)
    tools = make_tools(engine, via=sink.address)
    with writing_session(engine).begin() as session:
        (member,) = members.list_members(session, 1)
        members.remove_member(session, member, "a test", NOW)
        assert outbox.resend(session, notification_id, NOW)
    assert deliver(tools, notification_id) is Outcome.FAILED
    row = _read(engine, notification_id)
    assert (row.state, row.last_answer) == (NotificationState.PARKED, "removed")
    assert sink.mails == []


def test_an_odd_good_bye_does_not_make_a_taken_mail_a_failure(engine: Engine, sink: Sink) -> None:
    notification_id = _notify(engine)
    sink.good_bye = "421 4.3.2 no time to be polite"
    assert deliver_notification(make_tools(engine, via=sink.address), notification_id)
    assert _read(engine, notification_id).state is NotificationState.SENT


def test_eight_workers_send_it_once(engine: Engine, sink: Sink) -> None:
    notification_id = _notify(engine)
    tools = make_tools(engine, via=sink.address)
    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(lambda _n: deliver_notification(tools, notification_id), range(8)))
    assert sum(done) == len(sink.mails) == 1


@pytest.mark.parametrize("reply", ["451 4.3.0 later", "554 5.7.1 never"])
def test_a_refused_mail_comes_again_with_the_same_message_id(
    engine: Engine, sink: Sink, reply: str, caplog: pytest.LogCaptureFixture
) -> None:
    notification_id = _notify(engine)
    clock = Clock()
    tools = make_tools(engine, clock, via=sink.address)
    sink.replies = [reply]
    assert not deliver_notification(tools, notification_id)
    first = _read(engine, notification_id)
    assert (first.state, first.attempts) == (NotificationState.PENDING, 1)
    assert first.next_attempt_at == clock.time + timedelta(seconds=30)
    assert f"attempt 1: the server says {reply[:3]}" in caplog.text
    assert "hr@" not in caplog.text
    assert deliver_due(tools) == (0, 0)  # not yet
    clock.time += timedelta(seconds=30)
    assert deliver_due(tools) == (1, 0)
    assert sink.read(0)["Message-ID"] == f"<{first.message_id}@relay.example>"


def test_a_worker_killed_while_sending_leaves_a_row_that_comes_again(
    engine: Engine, sink: Sink
) -> None:
    notification_id = _notify(engine)
    clock = Clock()
    with writing_session(engine).begin() as session:  # all that a killed worker did
        claimed = outbox.claim(session, notification_id, "first", clock.time)
    assert claimed is not None
    tools = make_tools(engine, clock, via=sink.address)
    clock.time += timedelta(seconds=59)
    assert deliver_due(tools) == (0, 0)
    clock.time += timedelta(seconds=1)
    assert deliver_due(tools) == (1, 0)
    assert sink.read(0)["Message-ID"] == "<first@relay.example>"


def test_after_sixteen_attempts_it_is_parked_for_a_person(engine: Engine) -> None:
    notification_id = _notify(engine)
    clock = Clock()
    tools = make_tools(engine, clock, via=HostPort("127.0.0.1", free_port()))
    pauses = []
    for _ in range(16):
        assert not deliver_notification(tools, notification_id)
        row = _read(engine, notification_id)
        pauses.append(row.next_attempt_at - clock.time)
        clock.time = row.next_attempt_at
    assert (row.state, row.attempts) == (NotificationState.PARKED, 16)
    assert pauses[:3] == [timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=120)]
    assert pauses == sorted(pauses)
    assert max(pauses) == timedelta(hours=12)
    assert not deliver_notification(tools, notification_id)
    assert deliver_due(tools) == (0, 0)


def test_a_last_attempt_that_never_came_back_is_parked_too(engine: Engine) -> None:
    notification_id = _notify(engine)
    with writing_session(engine).begin() as session:
        session.execute(text("UPDATE notification SET attempts = 16"))
    assert deliver_due(make_tools(engine)) == (0, 1)
    assert _read(engine, notification_id).state is NotificationState.PARKED


def test_a_template_that_fails_is_no_end_of_the_worker(
    engine: Engine, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    notification_id = _notify(engine)
    tools = make_tools(engine, via=sink.address)

    class Broken:
        def mail(self, *_args: object) -> None:
            raise KeyError("hr@sakura.example")

    broken = dataclasses.replace(tools, renderer=Broken())  # type: ignore[arg-type]
    assert not deliver_notification(broken, notification_id)
    assert "attempt 1: KeyError" in caplog.text
    assert "hr@" not in caplog.text
