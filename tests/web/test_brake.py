"""The page on which a person lets go or refuses what a company's brake holds."""

import dataclasses
import html

import pytest

from gateway.core.candidate import CandidateHash
from gateway.core.link import MessageKey
from gateway.core.why import Why
from gateway.store import brakes
from gateway.store.brakes import HeldState, Rejection
from gateway.store.company_changes import CompanyChange, list_changes
from gateway.store.engine import reading_session, writing_session
from tests.store import reserving
from tests.store.records import digest, make_mail, pull_brake
from tests.web.client import Client
from tests.web.conftest import NOW, Site, sign_in

PAGE = "/admin/companies/1/brake"
CAUSE = "more than 3 <rejections> within a minute"
HELD = Rejection(1, MessageKey(digest("m")), CandidateHash(digest("c")))


def pull(site: Site) -> None:
    """Have the brake hold one mail."""
    with writing_session(site.engine).begin() as session:
        pull_brake(session, 1, CAUSE, NOW)
        brakes.check_brake(session, HELD, NOW)
        stopped = make_mail(1, "cr-held")
        reserving.record_mail(
            session, dataclasses.replace(stopped, why=Why.BRAKED, at=NOW, reply_code=451)
        )


def said_to_it(site: Site) -> HeldState:
    with writing_session(site.engine).begin() as session:
        return brakes.check_brake(session, HELD, NOW)


def history(site: Site) -> CompanyChange:
    with reading_session(site.engine)() as session:
        return list_changes(session, 1)[0]


def form(client: Client, do: str, reason: str = "seen <them>") -> dict[str, str]:
    """Return what the page's own form would send."""
    since = client.get(PAGE).text.partition('name="since" value="')[2].partition('"')[0]
    return {"do": do, "reason": reason, "since": html.unescape(since)}


def test_the_page_shows_why_mails_are_held_and_which(site: Site) -> None:
    client = sign_in(site)
    assert "保留していません" in client.get(PAGE).text
    pull(site)
    page = client.get(PAGE).text
    assert html.escape(CAUSE) in page
    assert 'href="/admin/mails/cr-held"' in page
    assert "rejection mails are held" in client.get(f"{PAGE}?lang=en").text
    assert f'href="{PAGE}"' in client.get("/admin/companies/1").text


def test_the_overview_leads_to_a_pulled_brake(site: Site) -> None:
    client = sign_in(site)
    assert f'href="{PAGE}"' not in client.get("/admin").text
    pull(site)
    words = {"ja": "不採用通知を保留しています", "en": "rejection mails are held"}
    for language, held in words.items():
        page = client.get(f"/admin?lang={language}").text
        link = f'<a href="{PAGE}"><strong>株式会社サンプル: {held}</strong></a>'
        assert link in page
        assert html.escape(CAUSE) in page
    client.post(PAGE, form(client, "release"))
    assert f'href="{PAGE}"' not in client.get("/admin").text


@pytest.mark.parametrize(
    ("do", "verdict"), [("release", HeldState.RELEASED), ("refuse", HeldState.REFUSED)]
)
def test_a_person_decides_with_a_reason_that_is_written_down(
    site: Site, do: str, verdict: HeldState
) -> None:
    pull(site)
    client = sign_in(site)
    answer = client.post(PAGE, form(client, do))
    assert (answer.status, answer.headers["location"]) == (303, PAGE)
    assert said_to_it(site) is verdict
    change = history(site)
    assert (change.actor, change.what, change.old) == ("admin (web)", "brake_pulled", CAUSE)
    assert change.new == f"held mails {verdict}: seen <them>"
    assert "seen &lt;them&gt;" in client.get("/admin/companies/1").text


def test_an_address_in_the_reason_is_masked_in_the_history(site: Site) -> None:
    pull(site)
    client = sign_in(site)
    client.post(PAGE, form(client, "release", "asked taro@cand.example"))
    assert history(site).new == "held mails released: asked t•••@cand.example"


@pytest.mark.parametrize("reason", ["", "  \r\n "])
def test_without_a_reason_nothing_is_let_go(site: Site, reason: str) -> None:
    pull(site)
    client = sign_in(site)
    answer = client.post(PAGE, form(client, "release", reason))
    assert answer.status == 422
    assert "理由を入力してください" in answer.text
    assert said_to_it(site) is HeldState.HELD


def test_what_was_pulled_since_waits_for_a_look_of_its_own(site: Site) -> None:
    pull(site)
    client = sign_in(site)
    stale = form(client, "release") | {"since": "2026-01-01T00:00:00+00:00"}
    assert client.post(PAGE, stale).status == 303
    assert said_to_it(site) is HeldState.HELD


def test_only_the_operator_and_only_from_our_own_page(site: Site) -> None:
    pull(site)
    client = sign_in(site)
    wanted = form(client, "release")
    assert client.bare_post(PAGE, wanted, sec_fetch_site="cross-site").status == 403
    assert client.bare_post(PAGE, wanted).status == 403
    assert site.client().post(PAGE, wanted).status == 303, "to the login"
    assert said_to_it(site) is HeldState.HELD


def test_what_is_no_wish_or_no_company_is_refused(site: Site) -> None:
    pull(site)
    client = sign_in(site)
    assert client.post(PAGE, form(client, "erase")).status == 400
    assert client.get("/admin/companies/99/brake").status == 404
    assert client.post("/admin/companies/99/brake", form(client, "release")).status == 303
    assert said_to_it(site) is HeldState.HELD
