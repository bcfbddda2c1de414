"""The page on which a company's own link block is worded."""

import html
from collections.abc import Callable

import pytest

from gateway.core.company import BlockTemplate, Language
from gateway.store.block_templates import list_blocks, newest_blocks, save_block
from gateway.store.engine import reading_session, writing_session
from tests.blocks.samples import HTML, TEXT
from tests.web.conftest import NOW, Site, sign_in
from tests.web.test_admin import ESCAPED, HOSTILE

PAGE = "/admin/companies/1/block"


def form(text: str = TEXT, markup: str = HTML, do: str = "save") -> dict[str, str]:
    """Return what a browser posts, its line ends among it."""
    return {"text": text.replace("\n", "\r\n"), "html": markup.replace("\n", "\r\n"), "do": do}


def in_use(site: Site) -> dict[Language, tuple[str, int]]:
    with reading_session(site.engine)() as session:
        blocks = newest_blocks(session, 1).get(1, ())
    return {each.language: (each.text, each.version) for each in blocks}


def test_a_block_is_saved_and_shown_as_in_use(site: Site) -> None:
    client = sign_in(site)
    assert "標準の案内文を使用しています" in client.get(PAGE).text
    answer = client.post(f"{PAGE}/ja", form())
    assert (answer.status, answer.headers["location"]) == (303, PAGE)
    assert in_use(site) == {Language.JA: (TEXT, 1)}
    page = client.get(PAGE)
    assert "自社の案内文を使用しています。版: 1" in page.text
    assert "株式会社サンプル(hr@a.example)より\n" in page.text
    assert "<td>管理画面</td>" in page.text


def test_the_page_is_linked_from_the_company(site: Site) -> None:
    assert f'href="{PAGE}"' in sign_in(site).get("/admin/companies/1").text


def test_trying_a_block_saves_nothing(site: Site) -> None:
    client = sign_in(site)
    before = site.rows()
    answer = client.post(f"{PAGE}/ja", form(TEXT.replace("より", "の案内"), do="preview"))
    assert answer.status == 200
    assert "まだ保存していません" in answer.text
    assert "株式会社サンプル(hr@a.example)の案内" in answer.text
    assert site.rows() == before


@pytest.mark.parametrize("do", ["preview", "save"])
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_saved(site: Site, do: str) -> None:
    client = sign_in(site)
    bad = form(TEXT.replace("より", "😀"), "<p>x", do)
    answer = client.post(f"{PAGE}/ja", bad)
    assert answer.status == 422
    text_at = answer.text.index('id="ja-text-problems"')
    html_at = answer.text.index('id="ja-html-problems"')
    assert text_at < answer.text.index("表せない文字があります: 😀") < html_at
    assert html_at < answer.text.index("対応していません")
    assert TEXT.replace("より", "😀") in html.unescape(answer.text)
    assert in_use(site) == {}
    english = client.post(f"{PAGE}/ja?lang=en", bad)
    assert "The charset of Japanese mail (ISO-2022-JP) lacks: 😀" in english.text


def test_the_default_comes_back_and_the_versions_stay(site: Site) -> None:
    client = sign_in(site)
    client.post(f"{PAGE}/ja", form())
    assert client.post(f"{PAGE}/ja", form(do="reset")).status == 303
    assert in_use(site) == {Language.JA: ("", 2)}
    page = client.get(PAGE).text
    assert "標準の案内文を使用しています" in page
    assert html.escape(HTML.split("\n", maxsplit=1)[0], quote=False) in page.replace("&#34;", '"')
    with reading_session(site.engine)() as session:
        assert [each.block.version for each in list_blocks(session, 1)] == [2, 1]


def test_saving_the_same_again_makes_no_version(site: Site) -> None:
    client = sign_in(site)
    for _ in range(2):
        client.post(f"{PAGE}/en", form(TEXT.replace("({{ contact }})より", " ({{ contact }})")))
        client.post(f"{PAGE}/ja", form(do="reset"))
    assert [version for _, version in in_use(site).values()] == [1]


def test_hostile_input_stays_text(site: Site) -> None:
    answer = sign_in(site).post(f"{PAGE}/ja", form(TEXT + HOSTILE, HTML + HOSTILE))
    assert answer.status == 422
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    assert ESCAPED in answer.text


def test_a_hostile_name_stays_text_in_the_preview(start_site: Callable[..., Site]) -> None:
    answer = sign_in(start_site(HOSTILE)).post(f"{PAGE}/ja", form(do="preview"))
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text


def test_a_stored_block_that_is_broken_is_told(site: Site) -> None:
    broken = BlockTemplate(Language.JA, "{{ link", "<p>", 1)
    with writing_session(site.engine).begin() as session:
        save_block(session, 1, broken, "an older version", NOW)
    page = sign_in(site).get(PAGE)
    assert page.status == 200
    assert "現在の基準を満たさないため" in page.text
    assert "差し込み欄の書き方が正しくありません" in page.text


@pytest.mark.parametrize(
    ("path", "status"),
    [(f"{PAGE}/fr", 404), ("/admin/companies/9/block/ja", 404), (f"{PAGE}/ja", 403)],
)
def test_an_unknown_block_and_a_form_from_elsewhere_change_nothing(
    site: Site, path: str, status: int
) -> None:
    client = sign_in(site)
    before = site.rows()
    sent = {"sec_fetch_site": "cross-site"} if status == 403 else {}
    assert client.post(path, form(), **sent).status == status
    assert client.get("/admin/companies/9/block").status == 404
    assert site.rows() == before


def test_nobody_changes_a_block_without_logging_in(site: Site) -> None:
    before = site.rows()
    client = site.client()
    assert client.get(PAGE).status == 303
    assert client.post(f"{PAGE}/ja", form()).headers["location"] == "/admin/login"
    assert site.rows() == before


def test_only_the_styles_of_the_preview_are_allowed(site: Site) -> None:
    client = sign_in(site)
    policy = client.get(PAGE).headers["content-security-policy"]
    assert "style-src 'self' 'unsafe-hashes' 'sha256-" in policy
    assert "'unsafe-inline'" not in policy
    assert "default-src 'none'" in policy
    other = client.post(
        f"{PAGE}/ja", form(markup=HTML.replace("<p>", '<p style="padding:3px">'), do="preview")
    )
    assert other.headers["content-security-policy"] != policy
