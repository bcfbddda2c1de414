"""What the operator and Prometheus see of the work, and the end of a company's reports."""

import re
from datetime import timedelta

import pytest

from gateway.core.company import Language
from gateway.core.credit import Waits
from gateway.core.unsubscribe import Unsubscribe
from gateway.settings import HostPort
from gateway.store import holds, members, outbox, referrals
from gateway.store.announce import News, announce
from gateway.store.engine import reading_session, writing_session
from gateway.store.outages import Failures, forget_hosts, note_failures, note_taken
from gateway.store.outbox import REPORTS, Event, NotificationState
from tests.web.conftest import KEY, NOW, Site, sign_in


def _announce(site: Site, event: Event = Event.TEST) -> int:
    with writing_session(site.engine).begin() as session:
        return announce(session, site.company.company.id, News(event, "a test"), NOW)[0]


def _state(site: Site, id_: int) -> NotificationState:
    with reading_session(site.engine)() as session:
        rows = outbox.list_notifications(session, site.company.company.id)
    return next(row.state for row in rows if row.id == id_)


def test_the_queue_shows_what_failed_and_tries_it_again(site: Site) -> None:
    with writing_session(site.engine).begin() as session:
        referrals.note_attempt(session, site.referral_id)
    client = sign_in(site)
    page = client.get("/admin/queue")
    assert page.status == 200
    assert f'<a href="/admin/referrals/{site.referral_id}">{site.referral_id}</a>' in page.text
    assert client.post("/admin/queue/retry", {}).status == 303
    with reading_session(site.engine)() as session:
        assert referrals.stuck(session) == ()


def test_a_notification_is_given_up_and_sent_again_by_hand(site: Site) -> None:
    id_ = _announce(site)
    client = sign_in(site)
    assert client.post(f"/admin/notifications/{id_}/park", {}).status == 303
    assert _state(site, id_) is NotificationState.PARKED
    assert f"/admin/notifications/{id_}/resend" in client.get("/admin/queue").text
    assert client.post(f"/admin/notifications/{id_}/resend", {}).status == 303
    assert _state(site, id_) is NotificationState.PENDING
    assert client.post("/admin/notifications/999/resend", {}).status == 404
    history = client.get(f"/admin/companies/{site.company.company.id}/notifications")
    assert f"/admin/notifications/{id_}/resend" in history.text


def test_what_was_sent_cannot_be_given_up(site: Site) -> None:
    id_ = _announce(site)
    with writing_session(site.engine).begin() as session:
        outbox.mark_sent(session, id_, "250", NOW)
    assert sign_in(site).post(f"/admin/notifications/{id_}/park", {}).status == 404


@pytest.mark.parametrize("path", ["/admin/queue", "/admin/companies/1/notifications"])
def test_the_queue_is_behind_the_login(site: Site, path: str) -> None:
    assert site.client().get(path).status == 303


def test_prometheus_reads_numbers_and_no_names(site: Site) -> None:
    _announce(site)
    site.clock.time = NOW + timedelta(seconds=90)
    answer = site.client().get("/metrics")
    assert answer.status == 200
    lines = answer.text.splitlines()
    assert "career_relay_referrals_unsettled 1" in lines
    assert "career_relay_oldest_unsettled_seconds 90" in lines
    assert 'career_relay_notifications{state="pending"} 1' in lines
    assert "career_relay_worker_leads 0" in lines
    assert any(line.startswith("career_relay_mails_recent{") for line in lines)
    number = r'(#.*|career_relay_[a-z_]+(\{([a-z]+="[a-z0-9-]+",?)+\})? [0-9]+)'
    assert all(re.fullmatch(number, line) for line in lines)
    assert "example" not in answer.text


def test_a_held_referral_that_nobody_decides_on_is_seen(site: Site) -> None:
    company_id = site.company.company.id
    with writing_session(site.engine).begin() as session:
        wait = (Waits.HOURS, NOW + timedelta(hours=1))
        holds.hold(session, company_id, site.referral_id, wait)
    gauge = "career_relay_holds_overdue"
    assert f"{gauge} 0" in site.client().get("/metrics").text.splitlines()
    site.clock.time = NOW + timedelta(hours=2)
    assert f"{gauge} 1" in site.client().get("/metrics").text.splitlines()
    page = sign_in(site).get(f"/admin/companies/{company_id}?lang=en").text
    assert "<dt>Held, not counted yet</dt><dd>1</dd>" in page


def test_a_next_hop_that_takes_no_mail_is_seen(site: Site) -> None:
    company_id, client = site.company.company.id, sign_in(site)
    overview, company = "/admin?lang=en", f"/admin/companies/{company_id}?lang=en"
    gauge = "career_relay_next_hops_failing"

    def fail(minutes: int, last_minutes: int = 1) -> None:
        first, last = NOW - timedelta(minutes=minutes), NOW - timedelta(minutes=last_minutes)
        host = HostPort("mx.example", 25)
        with writing_session(site.engine).begin() as session:
            note_failures(session, Failures(company_id, host, first, last, 3, "<451> to MAIL"))

    fail(2)  # nobody need look at it yet, but whoever looks sees it
    assert "takes no mail" not in client.get(overview).text + client.get(company).text
    assert "&lt;451&gt; to MAIL" in client.get(company).text
    assert f"{gauge} 0" in site.client().get("/metrics").text.splitlines()
    with writing_session(site.engine).begin() as session:
        forget_hosts(session, company_id, ())
    fail(60 * 26, 60 * 25)  # for a day nobody has tried it
    assert "takes no mail" not in client.get(overview).text + client.get(company).text
    with writing_session(site.engine).begin() as session:
        forget_hosts(session, company_id, ())
    fail(30)
    for page in (client.get(overview).text, client.get(company).text):
        assert "A next hop takes no mail" in page
        assert "<code>mx.example:25</code>" in page
    assert "受け付けていない中継先" in client.get("/admin?lang=ja").text
    assert f"{gauge} 1" in site.client().get("/metrics").text.splitlines()
    with writing_session(site.engine).begin() as session:
        note_taken(session, company_id, HostPort("mx.example", 25), NOW)
    for path in (overview, company):
        assert "A next hop takes no mail" not in client.get(path).text
    assert "<code>mx.example:25</code>" in client.get(company).text
    assert f"{gauge} 0" in site.client().get("/metrics").text.splitlines()


def test_prometheus_from_elsewhere_sees_nothing(site: Site) -> None:
    assert site.client(**{"x-forwarded-for": "192.0.2.1"}).get("/metrics").status == 404


def _muted(site: Site) -> list[frozenset[Event]]:
    with reading_session(site.engine)() as session:
        return [one.muted for one in members.list_members(session, site.company.company.id)]


def test_reports_end_by_a_post_and_not_by_a_look(site: Site) -> None:
    company_id = site.company.company.id
    with writing_session(site.engine).begin() as session:
        (first,) = members.list_members(session, company_id)
        other = members.add_member(session, company_id, "ceo@a.example", Language.EN, "me", NOW)
    path = Unsubscribe(KEY, "").link(first.id)
    assert site.client().get(path).status == 200
    assert _muted(site) == [frozenset(), frozenset()]
    # As RFC 8058 has it: no cookie, no Origin, nothing but these words.
    answer = site.client().post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status == 200
    assert _muted(site) == [REPORTS, frozenset()]
    assert site.client().post(path, {}).status == 200
    with writing_session(site.engine).begin() as session:
        (report,) = announce(session, company_id, News(Event.WEEKLY_REPORT, "w"), NOW)
        assert len(announce(session, company_id, News(Event.BRAKE, "b"), NOW)) == 2
        rows = {row.id: row for row in outbox.list_notifications(session, company_id)}
    assert (rows[report].member_id, rows[report].language) == (other.id, Language.EN)


@pytest.mark.parametrize("token", ["1-aaaaaaaaaaaaaaaaaaaaaaaaaa", "x", "2-", "0-", "1-A"])
def test_a_token_that_is_not_ours_ends_nothing(site: Site, token: str) -> None:
    assert site.client().post(f"/unsubscribe/{token}", {}).status in {404, 400}


def test_the_log_is_searched_by_day(site: Site) -> None:
    client = sign_in(site)
    day = "2026-04-01"
    assert "q-1" in client.get(f"/admin/mails?since={day}&until={day}").text
    page = client.get("/admin/mails?since=2026-04-02").text
    assert "q-1" not in page
    assert 'name="since" value="2026-04-02"' in page
    assert "q-1" in client.get("/admin/mails?since=9999-12-32").text  # no day: no condition


def test_a_candidate_s_mails_are_found_by_the_address_which_stands_in_no_url(site: Site) -> None:
    client = sign_in(site)
    assert "q-1" in client.post("/admin/mails", {"who": "Taro@example.com"}).text
    assert "q-1" in client.post("/admin/mails", {"who": f"https://r.example{site.link}"}).text
    assert "q-1" not in client.post("/admin/mails", {"who": "jiro@example.com"}).text
