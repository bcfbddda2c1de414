"""The pages in a real browser: what a person sees and presses."""

import dataclasses
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from gateway.core.company import Mode
from gateway.core.detect import Evidence
from gateway.store.brakes import HeldState
from gateway.store.companies import set_contact
from gateway.store.company_records import get_company
from gateway.store.engine import reading_session, writing_session
from gateway.store.referrals import get_referral
from gateway.store.reviews import answers
from tests.blocks.samples import HTML, TEXT
from tests.store import reserving
from tests.store.records import make_mail
from tests.web.conftest import NOW, PASSWORD, Site
from tests.web.test_admin import HOSTILE
from tests.web.test_app import make_message
from tests.web.test_brake import pull, said_to_it
from tests.web.test_landing import has_stopped
from workers.settle import settle_referral

pytestmark = pytest.mark.browser

NewPage = Callable[..., Page]


@dataclasses.dataclass
class Seen:
    """What happened on our pages: dialogs, addresses that answered, words in the console."""

    dialogs: list[str]
    answers: list[str]
    complaints: list[str]


@pytest.fixture
def seen() -> Seen:
    return Seen([], [], [])


@pytest.fixture
def new_page(browser: Browser, seen: Seen) -> Iterator[NewPage]:
    """Give a function that opens an empty page in a fresh profile, watched by `seen`."""
    contexts = []

    def note_dialog(dialog: Dialog) -> None:
        seen.dialogs.append(dialog.message)
        dialog.dismiss()

    def open_page(locale: str = "ja-JP", width: int = 900) -> Page:
        context = browser.new_context(locale=locale, viewport={"width": width, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("dialog", note_dialog)
        page.on("response", lambda response: seen.answers.append(response.url))
        page.on("console", lambda message: seen.complaints.append(message.text))
        return page

    yield open_page
    for context in contexts:
        context.close()


def held(seen: Seen, site: Site) -> None:
    """Check that nothing was asked of another server, and that no policy was broken."""
    assert seen.answers
    assert [url for url in seen.answers if not url.startswith(site.url)] == []
    assert [text for text in seen.complaints if "Security Policy" in text] == []
    assert seen.dialogs == []


@pytest.mark.parametrize(
    ("locale", "heading", "button", "after"),
    [
        ("ja-JP", "キャリアリレーのご案内", "次へ進む", "登録の受付は、まだ始まっておりません"),
        ("en-GB", "About Career Relay", "Continue", "Registration is not open yet"),
    ],
)
def test_a_candidate_goes_on(
    site: Site, new_page: NewPage, seen: Seen, locale: str, heading: str, button: str, after: str
) -> None:
    page = new_page(locale, width=360)
    page.goto(site.url + site.link)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(after)
    assert page.context.cookies() == []
    with reading_session(site.engine)() as session:
        assert get_referral(session, site.referral_id).opened_at is not None
    held(seen, site)


def test_a_candidate_stops_the_notices(site: Site, new_page: NewPage, seen: Seen) -> None:
    page = new_page()
    page.goto(site.url + site.link)
    page.get_by_role("link", name="ご案内を停止する").click()
    assert not has_stopped(site)
    page.get_by_role("button", name="ご案内を停止する").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ご案内を停止いたしました")
    assert has_stopped(site)
    held(seen, site)


def test_a_candidate_changes_the_language(site: Site, new_page: NewPage) -> None:
    page = new_page("ja-JP")
    page.goto(site.url + site.link)
    page.get_by_role("button", name="次へ進む").click()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Registration is not open yet")
    page.get_by_role("link", name="Stop such notices").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Stop such notices")
    page.get_by_role("button", name="Stop such notices").click()
    page.get_by_role("link", name="日本語").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ご案内を停止いたしました")


def test_a_candidate_goes_back_and_reloads_without_sending_anything_again(
    site: Site, new_page: NewPage
) -> None:
    page = new_page("ja-JP", width=360)
    page.goto(site.url + site.link)
    page.get_by_role("button", name="次へ進む").click()
    page.get_by_role("link", name="ご案内を停止する").click()
    before = site.rows()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("まだ始まっておりません"))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("まだ始まっておりません"))
    assert site.rows() == before


def test_a_wrong_link_shows_a_friendly_page(site: Site, new_page: NewPage) -> None:
    page = new_page()
    response = page.goto(f"{site.url}/r/{'a' * 26}")
    assert response is not None
    assert response.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("ページが見つかりません")


def log_in(page: Page, site: Site, password: str = PASSWORD) -> None:
    page.goto(f"{site.url}/admin")
    page.get_by_label("パスワード").fill(password)
    page.get_by_role("button", name="ログイン").click()


def test_the_operator_logs_in_and_out(site: Site, new_page: NewPage, seen: Seen) -> None:
    page = new_page()
    log_in(page, site, "wrong")
    expect(page.get_by_role("alert")).to_have_text("ユーザー名またはパスワードが違います。")
    log_in(page, site)
    expect(page.get_by_role("heading", level=1)).to_have_text("概要")
    page.get_by_role("button", name="ログアウト").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ログイン")
    held(seen, site)


def test_the_operator_says_by_one_click_what_a_mail_was(
    site: Site, new_page: NewPage, seen: Seen
) -> None:
    with writing_session(site.engine).begin() as session:
        for queue_id in ("q-2", "q-3"):
            reserving.record_mail(session, make_mail(1, queue_id))
    page = new_page(width=390)
    log_in(page, site)
    page.get_by_role("link", name="株式会社サンプル").click()
    page.get_by_role("link", name="判定の確認").click()
    expect(page.get_by_role("button", name="不採用通知である")).to_have_count(3)
    page.get_by_role("button", name="不採用通知である").first.click()
    expect(page.get_by_role("heading", name="最近の回答")).to_be_visible()
    expect(page.get_by_role("button", name="不採用通知である")).to_have_count(2)
    with reading_session(site.engine)() as session:
        (said,) = answers(session, 1)
    assert (said.mail.queue_id, said.is_rejection) == ("q-3", True)
    held(seen, site)


def test_the_operator_switches_a_company_to_inject_mode(
    site: Site, new_page: NewPage, seen: Seen
) -> None:
    page = new_page()
    log_in(page, site)
    page.get_by_role("link", name="株式会社サンプル").click()
    page.get_by_role("link", name="記載モードに切り替える").click()
    page.get_by_role("button", name="確認を待たずに記載モードに切り替える").click()
    expect(page.get_by_role("link", name="観察モードに切り替える")).to_be_visible()
    with reading_session(site.engine)() as session:
        assert get_company(session, site.company.company.id).company.mode is Mode.INJECT
    held(seen, site)


def test_hostile_text_opens_no_dialog(
    start_site: Callable[..., Site], new_page: NewPage, seen: Seen
) -> None:
    site = start_site(name=HOSTILE)
    mail = dataclasses.replace(
        make_mail(site.company.company.id, "hostile"),
        evidence=(Evidence(HOSTILE, 0.5, HOSTILE, 1, 2, HOSTILE),),
        reply_code=250,
        reply_text=HOSTILE,
    )
    with writing_session(site.engine).begin() as session:
        reserving.record_mail(session, mail)
    page = new_page()
    log_in(page, site)
    for path in ("/admin/mails", "/admin/mails/hostile", "/admin/companies/1", site.link):
        page.goto(site.url + path)
        expect(page.get_by_text("<script>alert(1)</script>").first).to_be_attached()
    held(seen, site)


def test_a_mail_in_the_demo_inbox_cannot_run_anything_but_its_link_opens(
    site: Site, new_page: NewPage, seen: Seen
) -> None:
    link = site.url + site.link
    elsewhere = f"http://localhost:{site.port}/static/icon.svg"  # another origin, and it answers
    hostile = f"<script>alert(1)</script><img src='{elsewhere}' onerror='alert(2)'>"
    html = f"{hostile}<p>お祈り</p><a href='{link}'>見る</a><form action='/admin/logout'></form>"
    site.inbox.put(make_message("text", html))
    page = new_page()
    page.goto(f"{site.url}/demo/inbox/1")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("お祈り")).to_be_visible()
    with page.expect_popup() as popup:
        frame.get_by_role("link", name="見る").click()
    expect(popup.value.get_by_role("heading", level=1)).to_have_text("キャリアリレーのご案内")
    assert seen.dialogs == []
    assert [url for url in seen.answers if not url.startswith(site.url)] == []


def test_an_operator_words_tries_and_saves_a_block(
    site: Site, new_page: NewPage, seen: Seen
) -> None:
    page = new_page()
    log_in(page, site)
    page.goto(f"{site.url}/admin/companies/1")
    page.get_by_role("link", name="案内文を編集する").click()
    japanese = page.get_by_role("region", name="日本語の案内文")
    japanese.get_by_label("テキスト").fill("ご案内 {{ link }}")
    japanese.get_by_role("button", name="保存する").click()
    expect(japanese.get_by_role("alert")).to_contain_text("保存できません")
    field = japanese.get_by_label("テキスト")
    expect(field).to_have_value("ご案内 {{ link }}")
    expect(field).to_have_accessible_description(re.compile("1回だけ、単独の行"))
    field.fill(TEXT)
    japanese.get_by_label("HTML").fill(
        HTML.replace("<p>", '<p style="padding:7px">', 1) + "<p>心より🌸</p>"
    )
    japanese.get_by_role("button", name="プレビュー").click()
    expect(japanese.get_by_role("status")).to_contain_text("まだ保存していません")
    shown = page.frame_locator('iframe[title^="プレビュー (ja"]')
    expect(shown.get_by_text("心より🌸")).to_be_visible()
    styled = shown.locator("p", has_text="任意で")
    expect(styled).to_have_css("padding-top", "7px")
    japanese.get_by_role("button", name="保存する").click()
    expect(japanese.get_by_text("版: 1")).to_be_visible()
    japanese.get_by_role("button", name="標準に戻す").click()
    expect(japanese.get_by_text("標準の案内文を使用しています")).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    held(seen, site)


def test_the_operator_releases_what_the_brake_holds(
    site: Site, new_page: NewPage, seen: Seen
) -> None:
    pull(site)
    page = new_page(width=360)
    log_in(page, site)
    page.goto(f"{site.url}/admin/companies/1")
    page.get_by_role("link", name="不採用通知を保留しています").click()
    page.get_by_role("button", name="送信を許可する").click()  # the browser wants the reason
    expect(page.get_by_text("不採用通知を保留しています")).to_be_visible()
    page.get_by_label("理由(記録に残ります)").fill("誤送信ではありません")
    page.get_by_role("button", name="送信を許可する").click()
    expect(page.get_by_text("保留していません")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert said_to_it(site) is HeldState.RELEASED
    held(seen, site)


@pytest.mark.parametrize("place", ["companies/1", "mails/q-1", "mails", "companies/1/recruiting"])
def test_a_wide_table_on_a_phone_is_scrolled_by_keys(
    site: Site, new_page: NewPage, place: str
) -> None:
    with writing_session(site.engine).begin() as session:
        set_contact(session, 1, "recruiting@a.example", "command line", NOW)
        settle_referral(session, site.referral_id, NOW)
    page = new_page(width=360)
    log_in(page, site)
    page.goto(f"{site.url}/admin/{place}")
    tables = page.locator(".scroll")
    names = [table.get_attribute("aria-label") for table in tables.all()]
    assert names
    assert len(set(names)) == len(names)
    for name, table in zip(names, tables.all(), strict=True):
        expect(page.get_by_role("region", name=name)).to_be_visible()
        table.focus()
        page.keyboard.press("ArrowRight")
        is_wide = table.evaluate("it => it.scrollWidth > it.clientWidth")
        if is_wide:
            page.wait_for_function("it => it.scrollLeft > 0", arg=table.element_handle())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
