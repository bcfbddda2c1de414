"""The operator's pages."""

import dataclasses
import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from gateway.core.company import Mode
from gateway.core.detect import Evidence, Verdict
from gateway.core.why import Action, Why
from gateway.store.company_records import get_company
from gateway.store.engine import reading_session, writing_session
from gateway.store.mails import MailRecord
from tests.store import reserving
from tests.store.records import make_mail, make_referral
from tests.web.conftest import NOW, Site, sign_in
from workers.settle import settle_referral

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;"


def passed(site: Site, queue_id: str, **changes: object) -> None:
    """Write down a mail that was passed as it came."""
    base = make_mail(site.company.company.id, queue_id)
    other: dict[str, object] = {
        "verdict": Verdict.OTHER,
        "why": Why.NOT_A_REJECTION,
        "action": Action.PASSED,
        "parts": (),
        "candidate_masked": None,
        "reply_code": 250,
    }
    record = dataclasses.replace(base, **{**other, **changes})  # type: ignore[arg-type]
    assert isinstance(record, MailRecord)
    with writing_session(site.engine).begin() as session:
        reserving.record_mail(session, record)


def refer_ten(site: Site) -> None:
    """Relay and settle nine more rejections besides the site's own."""
    company_id = site.company.company.id
    ids = [site.referral_id]
    with writing_session(site.engine).begin() as session:
        for number in range(9):
            new = make_referral(company_id, f"m{number}", f"c{number}")
            mail = dataclasses.replace(make_mail(company_id, f"ten-{number}"), reply_code=250)
            reserved = reserving.reserve(session, new, mail, NOW)
            assert reserved.referral_id is not None
            reserving.confirm(session, reserved.referral_id, NOW)
            ids.append(reserved.referral_id)
    for referral_id in ids:
        with writing_session(site.engine).begin() as session:
            settle_referral(session, referral_id, NOW)


def test_the_overview_counts_what_matters(site: Site) -> None:
    passed(site, "today-1")
    passed(site, "today-2", verdict=Verdict.POSSIBLE, why=Why.POSSIBLE_REJECTION)
    passed(site, "yesterday", at=NOW - timedelta(days=1))
    page = sign_in(site).get("/admin").text
    assert "株式会社サンプル" in page
    assert "<dt>本日のメール</dt><dd>3</dd>" in page
    assert "未処理の紹介</abbr></dt><dd>1</dd>" in page
    assert "確認待ち(不採用通知の可能性)</a></dt><dd>1</dd>" in page


def test_the_overview_leads_to_mails_of_unknown_outcome(site: Site) -> None:
    client = sign_in(site)
    assert "<dt>結果不明の紹介</dt><dd>0</dd>" in client.get("/admin").text
    new, mail = make_referral(1, "lost", "lost"), make_mail(1, "q-lost")
    with writing_session(site.engine).begin() as session:
        then = NOW - timedelta(minutes=11)
        referral_id = reserving.reserve(session, new, mail, then).referral_id
    page = client.get("/admin?lang=en").text
    assert "Referrals of unknown outcome</a></dt><dd>1</dd>" in page
    assert f'<a href="/admin/referrals/{referral_id}">l•••@example.com</a>' in page
    led = client.get(f"/admin/referrals/{referral_id}")
    assert led.headers["location"] == "/admin/mails/q-lost"


def test_very_many_possible_mails_are_not_counted_to_the_end(site: Site) -> None:
    base = make_mail(1, "")
    with writing_session(site.engine).begin() as session:
        for number in range(1001):
            reserving.record_mail(
                session, dataclasses.replace(base, queue_id=f"p{number}", verdict=Verdict.POSSIBLE)
            )
    assert "確認待ち(不採用通知の可能性)</a></dt><dd>1000+</dd>" in sign_in(site).get("/admin").text


def test_ten_referrals_show_as_a_slot_everywhere(site: Site) -> None:
    refer_ten(site)
    client = sign_in(site)
    assert "<dt>利用できる無料採用枠</dt><dd>1</dd>" in client.get("/admin/companies/1").text
    assert "<dt>ポイント(10で1枠)</dt><dd>0</dd>" in client.get("/admin/companies/1").text
    story = client.get("/admin/mails/q-1").text
    assert "ポイント加算" in story
    assert "無料採用枠の獲得" in story
    assert "最初の紹介" in story
    assert "#1, #2, #3, #4, #5, #6, #7, #8, #9, #10" in story
    assert "#9, #10" in client.get("/admin/companies/1").text


def test_the_log_shows_each_mail_with_its_reason_newest_first(site: Site) -> None:
    passed(site, "q-2", why=Why.SIGNED, reply_code=550)
    japanese = sign_in(site).get("/admin/mails").text
    assert japanese.index("/admin/mails/q-2") < japanese.index("/admin/mails/q-1")
    assert "t•••@example.com" in japanese
    assert "電子署名があります" in japanese
    assert "<td>550</td>" in japanese
    english = sign_in(site).get("/admin/mails?lang=en").text
    assert "Signed: a change would break the signature" in english


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        pytest.param("", {"q-1", "q-2", "q-3"}, id="all"),
        pytest.param("verdict=rejection", {"q-1"}, id="by verdict"),
        pytest.param("why=signed", {"q-3"}, id="by reason"),
        pytest.param("company=1&why=signed", {"q-3"}, id="by company and reason"),
        pytest.param("company=2", set(), id="of another company"),
        pytest.param("company=&verdict=&why=", {"q-1", "q-2", "q-3"}, id="an empty form"),
        pytest.param("company=x&verdict=y&why=z&before=-", {"q-1", "q-2", "q-3"}, id="nonsense"),
        pytest.param("before=99999999999999999999999", {"q-1", "q-2", "q-3"}, id="too many digits"),
        pytest.param("before=9999999999999999999", {"q-1", "q-2", "q-3"}, id="a huge number"),
        pytest.param("before=2", {"q-1"}, id="earlier ones"),
    ],
)
def test_the_log_is_narrowed(site: Site, query: str, shown: set[str]) -> None:
    passed(site, "q-2")
    passed(site, "q-3", why=Why.SIGNED)
    page = sign_in(site).get(f"/admin/mails?{query}")
    assert page.status == 200
    assert {name for name in ("q-1", "q-2", "q-3") if f"/admin/mails/{name}" in page.text} == shown


def test_every_mail_is_reached_by_paging_back(site: Site) -> None:
    for number in range(120):
        passed(site, f"p-{number:03}", why=Why.SIGNED)
    client, path, seen, pages = sign_in(site), "/admin/mails?why=signed", [], 0
    while path:
        page = client.get(path).text
        seen += [f"p-{n:03}" for n in reversed(range(120)) if f"/admin/mails/p-{n:03}" in page]
        pages += 1
        older = re.search(r'href="([^"]+)" rel="next"', page)
        path = html.unescape(older[1]) if older else ""
    assert pages == 3
    assert seen == [f"p-{n:03}" for n in reversed(range(120))]


def test_one_mails_page_tells_its_whole_story(site: Site) -> None:
    page = sign_in(site).get("/admin/mails/q-1?lang=en").text
    for claim in (
        "ja.regret",
        "残念ながら",
        "+0.60",
        "Parts that carry the link: 1, 1.2",
        "no reply",
        "relayed",
        "2026-04-01 18:30:15 JST",
        "No ledger entries yet.",
    ):
        assert claim in page


def test_a_retried_mail_shows_its_attempts(site: Site) -> None:
    passed(site, "q-1-again", referral_id=site.referral_id, reply_code=451)
    page = sign_in(site).get("/admin/mails/q-1").text
    assert "/admin/mails/q-1-again" in page
    assert "451" in page


def test_a_ledger_entry_leads_to_its_mail(site: Site) -> None:
    refer_ten(site)
    client = sign_in(site)
    link = f"/admin/referrals/{site.referral_id}"
    assert link in client.get("/admin/companies/1").text
    assert client.get(link).headers["location"] == "/admin/mails/q-1"


@pytest.mark.parametrize(
    "path", ["mails/none", "referrals/99", "companies/99", "companies/9" + "9" * 30, "nothing"]
)
def test_what_does_not_exist_is_a_404_page(site: Site, path: str) -> None:
    answer = sign_in(site).get(f"/admin/{path}")
    assert answer.status == 404
    assert "メールのリンク" not in answer.text


def test_the_mode_is_switched_by_post_after_a_question(site: Site) -> None:
    client = sign_in(site)
    assert "記載モードに切り替える" in client.get("/admin/companies/1").text
    question = client.get("/admin/companies/1/mode")
    assert 'name="mode" value="inject"' in question.text
    assert mode_of(site) is Mode.OBSERVE
    answer = client.post("/admin/companies/1/mode", {"mode": "inject", "unreviewed": "yes"})
    assert answer.headers["location"] == "/admin/companies/1"
    assert mode_of(site) is Mode.INJECT
    page = client.get("/admin/companies/1").text
    assert "観察モードに切り替える" in page
    assert "<td>管理画面</td>" in page
    before = site.rows()
    assert client.post("/admin/companies/1/mode", {"mode": "inject"}).status == 303
    assert site.rows() == before


@pytest.mark.parametrize("form", [{}, {"mode": ""}, {"mode": "delete"}])
def test_an_unknown_mode_changes_nothing(site: Site, form: dict[str, str]) -> None:
    before = site.rows()
    assert sign_in(site).post("/admin/companies/1/mode", form).status == 400
    assert site.rows() == before


def test_the_language_that_was_chosen_stays(site: Site) -> None:
    client = sign_in(site)
    assert "Mail log" in client.get("/admin?lang=en").text
    assert "Mail log" in client.get("/admin/mails").text
    assert "メール記録" in client.get("/admin?lang=ja").text
    assert "メール記録" in client.get("/admin").text


def test_looking_at_every_page_changes_no_row(site: Site) -> None:
    refer_ten(site)
    client = sign_in(site)
    before = site.rows()
    for path in ("", "/mails", "/mails/q-1", "/companies/1", "/companies/1/mode", "/login"):
        assert client.get(f"/admin{path}").status in {200, 303}
    assert site.rows() == before


def test_hostile_text_shows_as_text_on_every_page(start_site: Callable[..., Site]) -> None:
    site = start_site(name=HOSTILE)
    passed(
        site,
        "<b>q",
        candidate_masked=f"{HOSTILE}@x",
        evidence=(Evidence(HOSTILE, 0.5, HOSTILE, 1, 2, HOSTILE),),
        reply_text=HOSTILE,
        rules_version=HOSTILE,
        parts=(HOSTILE,),
    )
    client = sign_in(site)
    paths = ("/admin", "/admin/mails", "/admin/mails/%3Cb%3Eq", "/admin/companies/1")
    pages = [client.get(path) for path in (*paths, "/admin/companies/1/mode")]
    pages += [
        client.get(site.link),
        client.get(f"{site.link}/next"),
        client.get(f"{site.link}/stop"),
    ]
    for page in pages:
        assert page.status == 200
        assert ESCAPED in page.text
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert "{{7*7}}" in page.text


def mode_of(site: Site) -> Mode:
    with reading_session(site.engine)() as session:
        return get_company(session, site.company.company.id).company.mode
