"""The renderer: blocks that fit a mail, notifications in three files, pages that escape."""

import dataclasses
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from gateway.core import block as marks
from gateway.core.columns import columns, one_line, shorten
from gateway.core.company import BlockTemplate, Company, Language
from gateway.render import Renderer, RenderError
from gateway.settings import HERE

LINK = "https://relay.example.jp/r/abcdefghijklmnopqrstuvwxyz"
NAMES = [
    pytest.param("株式会社サンプル", id="an ordinary name"),
    pytest.param("株式会社三菱UFJフィナンシャル・グループ", id="a long name"),
    pytest.param("独立行政法人" + "高齢・障害・求職者雇用支援機構" * 2, id="a very long name"),
    pytest.param("Example Inc.", id="an ASCII name"),
    pytest.param("Example " * 20, id="a long ASCII name"),
    pytest.param("株式会社\r\n――――\n\u202eevil", id="line ends and a direction mark"),
    pytest.param("<b>&\"'</b><!--/career-relay-block--></div>", id="markup"),
]


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(HERE / "templates")


CONTACTS = ["", "hr@a.example", "saiyo-tantou@recruit.sample.example", "a" * 60 + "@a.example"]


def company(name: str, contact: str = "") -> Company:
    return Company(id=1, name=name, domains=("a.example",), contact=contact)


@pytest.mark.parametrize("contact", CONTACTS)
@pytest.mark.parametrize("name", NAMES)
def test_a_japanese_text_block_fits_any_mail(renderer: Renderer, name: str, contact: str) -> None:
    lines = renderer.block(company(name, contact), LINK, Language.JA).text.split("\n")
    assert lines[0] == marks.TEXT_OPENING_JA
    assert lines[-1] == marks.TEXT_CLOSING_JA
    assert lines.count(LINK) == 1
    assert len(lines) <= 6
    assert all(columns(line) <= 34 for line in lines if line != LINK)
    "\n".join(lines).encode("iso2022_jp")


@pytest.mark.parametrize("contact", [*CONTACTS, "採用@a.example"])
@pytest.mark.parametrize("name", NAMES)
def test_an_english_text_block_fits_any_mail(renderer: Renderer, name: str, contact: str) -> None:
    lines = renderer.block(company(name, contact), LINK, Language.EN).text.split("\n")
    assert lines[0] == marks.TEXT_OPENING_EN
    assert lines[-1] == marks.TEXT_CLOSING_EN
    assert lines.count(LINK) == 1
    assert len(lines) <= 6
    assert all(columns(line) <= 34 for line in lines if line != LINK)
    assert not name.isascii() or "\n".join(lines).isascii()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", NAMES)
def test_an_html_block_is_one_closed_element(
    renderer: Renderer, name: str, language: Language
) -> None:
    html = renderer.block(company(name), LINK, language).html
    assert html.startswith(marks.HTML_OPENING)
    assert html.endswith(marks.HTML_CLOSING)
    assert html.count(marks.HTML_CLOSING) == 1
    assert html.count(LINK) == 1
    seen = _Tags()
    seen.feed(html)
    seen.close()
    assert seen.open == []
    assert seen.used <= {"div", "p", "b", "a"}
    assert max(len(line.encode("ascii", "xmlcharrefreplace")) for line in html.split("\n")) < 998


@pytest.mark.parametrize("kind", ["text", "html"])
@pytest.mark.parametrize(
    ("language", "claims"),
    [
        (Language.JA, ("株式会社サンプル", "任意", "影響", "提供", "停止")),
        (
            Language.EN,
            ("a.example", "voluntary", "not change", "has been passed on", "stop"),
        ),
    ],
)
def test_a_block_says_who_voluntary_nothing_passed_on_and_how_to_stop(
    renderer: Renderer, language: Language, claims: tuple[str, ...], kind: str
) -> None:
    block = renderer.block(company("株式会社サンプル"), LINK, language)
    shown = " ".join((block.text if kind == "text" else block.html).split())
    assert [claim for claim in claims if claim not in shown] == []


@pytest.mark.parametrize("language", Language)
def test_a_block_names_the_contact_where_there_is_room(
    renderer: Renderer, language: Language
) -> None:
    block = renderer.block(company("株式会社サンプル", "hr@a.example"), LINK, language)
    assert "(hr@a.example)" in block.text
    assert "(hr@a.example)" in block.html
    crowded = renderer.block(company("株式会社サンプル", CONTACTS[-1]), LINK, language)
    assert CONTACTS[-1] not in crowded.text
    assert CONTACTS[-1] in crowded.html
    assert "()" not in renderer.block(company("株式会社サンプル"), LINK, language).html


def test_the_same_block_is_the_same_bytes(renderer: Renderer) -> None:
    again = Renderer(HERE / "templates")
    for language in Language:
        first = renderer.block(company("株式会社サンプル"), LINK, language)
        assert first == again.block(company("株式会社サンプル"), LINK, language)


def test_a_template_without_the_link_gives_no_block(tmp_path: Path) -> None:
    _write_links(tmp_path, "no link")
    with pytest.raises(RenderError, match="exactly once"):
        Renderer(tmp_path).block(company("A"), LINK, Language.JA)


def test_a_template_with_an_unknown_value_gives_no_block(tmp_path: Path) -> None:
    _write_links(tmp_path, "{{ link }} {{ candidate }}")
    with pytest.raises(UndefinedError, match="candidate"):
        Renderer(tmp_path).block(company("A"), LINK, Language.JA)


def test_a_missing_link_template_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(TemplateNotFound):
        Renderer(tmp_path)


@pytest.mark.parametrize(
    ("text", "limit", "want"),
    [
        pytest.param("あいう", 3, "あいう", id="it fits"),
        pytest.param("あいうえ", 3, "あい…", id="cut"),
        pytest.param("abcdefgh", 3, "abc...", id="ASCII stays ASCII"),
    ],
)
def test_a_name_is_shortened_by_its_width(text: str, limit: float, want: str) -> None:
    assert shorten(text, limit) == want


def test_a_name_with_line_ends_becomes_one_line() -> None:
    assert one_line(" a\r\nb\t\u2028c\u0000\u202ed ") == "a b c d"


EVENTS = ("first-referral", "halfway", "slot-earned")
VALUES: dict[str, object] = {
    "company": "<b>株式会社サンプル</b>",
    "points": 13,
    "slots_available": 7,
    "to_next": 17,
    "admin_url": "https://relay.example.jp/admin/companies/1",
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("event", EVENTS)
def test_a_notification_says_the_same_as_text_and_as_html(
    renderer: Renderer, event: str, language: Language
) -> None:
    mail = renderer.mail(event, language, VALUES)
    assert "\n" not in mail.subject
    assert "Career Relay" in mail.subject or "キャリアリレー" in mail.subject
    assert "<b>株式会社サンプル</b>" in mail.text
    assert "&lt;b&gt;株式会社サンプル&lt;/b&gt;" in mail.html
    sums = ("7", "17") if event == "slot-earned" else ("13", "17")
    for value in (*sums, str(VALUES["admin_url"])):
        assert value in mail.text
        assert value in mail.html
    assert max(len(line.encode()) for line in mail.html.split("\n")) < 998


def test_a_notification_with_a_missing_value_is_not_written(renderer: Renderer) -> None:
    with pytest.raises(UndefinedError):
        renderer.mail("slot-earned", Language.JA, {"company": "A"})


def test_an_unknown_event_has_no_mail(renderer: Renderer) -> None:
    with pytest.raises(TemplateNotFound):
        renderer.mail("slot-lost", Language.JA, VALUES)


class _Tags(HTMLParser):
    """Note which elements are used, and which are never closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.used: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.used.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _write_links(folder: Path, content: str) -> None:
    (folder / "link").mkdir()
    for language in Language:
        for kind in ("txt", "html"):
            (folder / "link" / f"{language}.{kind}").write_text(content, encoding="utf-8")


def test_an_english_block_names_a_japanese_company_so_that_us_ascii_can_carry_it(
    renderer: Renderer,
) -> None:
    block = renderer.block(company("株式会社サンプル"), LINK, Language.EN)
    assert (block.text + block.html).isascii()


OWN_TEXT = """\
{{ company }}({{ contact }})の案内
{{ voluntary_notice }}
{{ stop_notice }}
{{ link }}
"""
OWN_HTML = """\
<p>{{ company }} {{ contact }} {{ voluntary_notice }}</p>
<p><a href="{{ link }}">案内</a> {{ stop_notice }}</p>
"""


def with_own(text: str, html: str, version: int = 1) -> Company:
    own = BlockTemplate(Language.JA, text, html, version)
    return dataclasses.replace(company("株式会社サンプル"), contact="hr@a.example", blocks=(own,))


def test_a_company_s_own_block_is_used_in_its_language_alone(renderer: Renderer) -> None:
    own = with_own(OWN_TEXT, OWN_HTML)
    block = renderer.block(own, LINK, Language.JA)
    lines = block.text.split("\n")
    assert (lines[0], lines[-1]) == (marks.TEXT_OPENING_JA, marks.TEXT_CLOSING_JA)
    assert lines[1] == "株式会社サンプル(hr@a.example)の案内"
    assert block.html.startswith(marks.HTML_OPENING)
    assert block.html.endswith(marks.HTML_CLOSING)
    assert "株式会社サンプル hr@a.example" in block.html
    default = renderer.block(dataclasses.replace(own, blocks=()), LINK, Language.EN)
    assert renderer.block(own, LINK, Language.EN) == default


@pytest.mark.parametrize(
    ("text", "html", "code"),
    [
        ("{{ link", OWN_HTML, "text not-a-template"),
        (OWN_TEXT, "<p>", "html nesting"),
        (OWN_TEXT + "内定", OWN_HTML, "text promise"),
        ("{{ 9**9**9 }}", "{% for a in range(10**9) %}{% endfor %}", "html unknown-placeholder"),
    ],
)
def test_a_broken_own_block_gives_the_default_one_and_is_logged_once(
    renderer: Renderer, caplog: pytest.LogCaptureFixture, text: str, html: str, code: str
) -> None:
    broken = with_own(text, html, version=7)
    default = renderer.default_block(broken, LINK, Language.JA)
    for _ in range(3):
        assert renderer.block(broken, LINK, Language.JA) == default
    assert len(caplog.records) == 1
    said = caplog.text
    assert "company 1 not used: ja version 7" in said
    assert code in said
    assert "株式会社" not in said


def test_a_contact_that_changed_is_checked_anew(renderer: Renderer) -> None:
    own = with_own(OWN_TEXT, OWN_HTML)
    assert "の案内" in renderer.block(own, LINK, Language.JA).text
    longer = dataclasses.replace(own, contact="a" * 60 + "@a.example")
    assert "の案内\n" not in renderer.block(longer, LINK, Language.JA).text


@pytest.mark.parametrize(
    ("facts", "ja", "en"),
    [
        pytest.param(
            {"per_minute": 60, "minutes": 0}, "1分間に60件", "more than 60", id="too many"
        ),
        pytest.param({"per_minute": 0, "minutes": 9}, "9分以内に2通", "more than 60", id="twice"),
        pytest.param({"per_minute": 0, "minutes": 0}, "more than 60", "more than 60", id="another"),
    ],
)
def test_the_mail_of_a_pulled_brake_says_why(facts: dict[str, int], ja: str, en: str) -> None:
    sums = {"company": "Acme", "points": 0, "slots_available": 0, "to_next": 10, "admin_url": "x"}
    values = {**sums, **facts, "reason": "more than 60 rejections within a minute"}
    for language, reason in ((Language.JA, ja), (Language.EN, en)):
        mail = Renderer(HERE / "templates").mail("brake", language, values)
        assert reason in mail.text
        assert reason in mail.html


@pytest.mark.parametrize("language", list(Language))
def test_the_mail_about_candidates_who_see_each_other_names_the_mail(language: Language) -> None:
    sums = {"company": "Acme", "points": 0, "slots_available": 0, "to_next": 10, "admin_url": "x"}
    written = Renderer(HERE / "templates").mail(
        "visible-recipients", language, {**sums, "queue_id": "cr-1"}
    )
    assert "cr-1" in written.text
    assert "cr-1" in written.html
    assert "To" in written.text
