"""What a company's own block must say, and what it must never do."""

import dataclasses

import pytest

from gateway.blocks.check import SAMPLE_LINK, OwnBlock, read_own_block
from gateway.blocks.starter import starter
from gateway.core import block as marks
from gateway.core.columns import columns
from gateway.core.company import Company, Language
from tests.blocks.samples import COMPANY, EN_TEXT, HTML, TEXT, codes, template

BAD_TEXTS = [
    pytest.param("", {"text missing"}, id="empty"),
    pytest.param(" \n", {"text missing"}, id="blank"),
    pytest.param(TEXT.replace("{{ link }}", ""), {"text link"}, id="no link"),
    pytest.param(TEXT + "{{ link }}", {"text link", "text lines"}, id="two links"),
    pytest.param(TEXT.replace("{{ link }}", "→{{ link }}"), {"text link"}, id="not alone"),
    pytest.param(TEXT.replace("{{ link }}", "{{ link }}?a=1"), {"text link"}, id="longer link"),
    pytest.param(TEXT.replace("{{ stop_notice }}", ""), {"text no-stop-notice"}, id="no stop"),
    pytest.param(
        TEXT.replace("{{ voluntary_notice }}", ""), {"text no-voluntary-notice"}, id="no voluntary"
    ),
    pytest.param(TEXT.replace("{{ company }}", "当社"), {"text no-company"}, id="no name"),
    pytest.param(TEXT.replace("{{ contact }}", "-"), {"text no-contact"}, id="no contact"),
    pytest.param("ご案内\n" + TEXT, {"text lines"}, id="seven lines"),
    pytest.param(TEXT.replace("より", "より" + "あ" * 20), {"text width"}, id="too wide"),
    pytest.param(TEXT.replace("より", "😀"), {"text charset"}, id="an emoji"),
    pytest.param(TEXT.replace("より", "草彅"), {"text charset"}, id="not in JIS X 0208"),
    pytest.param(TEXT.replace("より", "\t"), {"text control-characters"}, id="a tab"),
    pytest.param(
        TEXT.replace("より", "\u202e"), {"text control-characters", "text charset"}, id="direction"
    ),
    pytest.param(TEXT.replace("より", "内定"), {"text promise"}, id="promise"),
    pytest.param(TEXT.replace("より", "採用 を 保証"), {"text promise"}, id="promise with blanks"),
    pytest.param(TEXT.replace("より", "100%採用"), {"text promise"}, id="promise in full width"),
    pytest.param(TEXT.replace("より", "謝礼"), {"text reward"}, id="reward"),
    pytest.param(TEXT.replace("より", "www.a.jp"), {"text address"}, id="another address"),
    pytest.param(TEXT.replace("より", "http://a.jp"), {"text address"}, id="another URL"),
    pytest.param("> " + TEXT, {"text odd-line"}, id="a quote"),
    pytest.param(
        TEXT.replace(
            "{{ voluntary_notice }}\n", "{{ voluntary_notice }}{{ stop_notice }}\n"
        ).replace("\n{{ stop_notice }}", "\n-- "),
        {"text odd-line", "text width"},
        id="a signature's rule",
    ),
    pytest.param(
        f"{marks.TEXT_CLOSING_JA}\n{TEXT}", {"text odd-line", "text lines"}, id="our closing mark"
    ),
    pytest.param(
        f"{marks.TEXT_OPENING_EN}\n{TEXT}", {"text odd-line", "text lines"}, id="our opening mark"
    ),
    pytest.param(
        f"{marks.TEXT_OPENING_JA.replace('―', '—')}\n{TEXT}",
        {"text odd-line", "text lines"},
        id="our mark after it was spelled for JIS",
    ),
    pytest.param(TEXT + "{{ candidate }}", {"text unknown-placeholder"}, id="unknown"),
    pytest.param(TEXT + "{{ company", {"text not-a-template"}, id="not closed"),
    pytest.param(TEXT + "{% for a in b %}x", {"text not-a-template"}, id="a loop not closed"),
    pytest.param(
        TEXT + "{% for a in range(10**9) %}x{% endfor %}", {"text unknown-placeholder"}, id="loop"
    ),
    pytest.param(TEXT + "{% if link %}x{% endif %}", {"text unknown-placeholder"}, id="if"),
    pytest.param(TEXT + "{% set a = 1 %}", {"text unknown-placeholder"}, id="set"),
    pytest.param(TEXT + "{% include 'x' %}", {"text unknown-placeholder"}, id="include"),
    pytest.param(TEXT + "{{ 'a' * 10**9 }}", {"text unknown-placeholder"}, id="a large product"),
    pytest.param(TEXT + "{{ 9**9**9 }}", {"text unknown-placeholder"}, id="a large power"),
    pytest.param(TEXT + "{{ " + "(" * 2000 + "1", {"text not-a-template"}, id="brackets"),
    pytest.param(TEXT + "{{ " + "9" * 3900 + " }}", {"text unknown-placeholder"}, id="digits"),
    pytest.param(
        TEXT + "{{ company.__class__.__mro__ }}", {"text unknown-placeholder"}, id="escape"
    ),
    pytest.param(TEXT + "{{ self._TemplateReference__context }}", {"text unknown-placeholder"}),
    pytest.param(TEXT + "{{ company() }}", {"text unknown-placeholder"}, id="call"),
    pytest.param(TEXT + "{{ company | upper }}", {"text unknown-placeholder"}, id="filter"),
    pytest.param(
        TEXT.replace("{{ contact }}", "{{ contact | shorten(9) }}"),
        {"text unknown-placeholder"},
        id="a contact cut short",
    ),
    pytest.param(
        TEXT.replace("{{ stop_notice }}", "{{ stop_notice | shorten(9) }}"),
        {"text unknown-placeholder"},
        id="a notice cut short",
    ),
    pytest.param(
        TEXT.replace("{{ company }}", "{{ company | shorten(2) }}"),
        {"text unknown-placeholder"},
        id="a name cut to nothing",
    ),
    pytest.param(
        TEXT.replace("{{ company }}", "{{ company | shorten(link) }}"),
        {"text unknown-placeholder"},
        id="cut at no number",
    ),
    pytest.param(TEXT + "あ" * 1400, {"text too-long"}, id="five kilobytes"),
    pytest.param("{{ company }}" * 100, {"text unknown-placeholder"}, id="a hundred names"),
]


@pytest.mark.parametrize(("text", "wrong"), BAD_TEXTS)
def test_a_bad_text_is_named(text: str, wrong: set[str]) -> None:
    assert codes(template(text=text)) == wrong


P = "<p>{{ voluntary_notice }}</p>\n"


def instead(new: str, old: str = P) -> str:
    """Return the good HTML with something bad in it."""
    assert HTML.count(old) == 1
    return HTML.replace(old, new + (P if old == P else ""))


BAD_HTMLS = [
    pytest.param("", {"html missing"}, id="empty"),
    pytest.param(instead("", '<a href="{{ link }}">キャリアリレー</a>'), {"html link"}, id="none"),
    pytest.param(instead('<a href="{{ link }}">x</a>'), {"html link"}, id="two links"),
    pytest.param(instead("", "キャリアリレー"), {"html link"}, id="nothing to click on"),
    pytest.param(instead("{{ link }}"), {"html link"}, id="link as text"),
    pytest.param(
        instead('<a href="https://evil.example/">', '<a href="{{ link }}">'),
        {"html link"},
        id="another link",
    ),
    pytest.param(
        instead('<a href="javascript:alert(1)//{{ link }}">', '<a href="{{ link }}">'),
        {"html link"},
        id="a script as link",
    ),
    pytest.param(instead('<a href="{{ link }}?x">', '<a href="{{ link }}">'), {"html link"}),
    pytest.param(instead("<p>http://a.jp</p>"), {"html address"}, id="an address"),
    pytest.param(instead("<p>//a.jp</p>"), {"html address"}, id="half an address"),
    pytest.param(HTML.replace(P, ""), {"html no-voluntary-notice"}, id="no voluntary"),
    pytest.param(instead("<p></p>", "<p>{{ stop_notice }}</p>"), {"html no-stop-notice"}),
    pytest.param(
        instead('<p lang="{{ stop_notice }}"></p>', "<p>{{ stop_notice }}</p>"),
        {"html style"},
        id="a notice in an attribute",
    ),
    pytest.param(
        instead("<!-- {{ stop_notice }} -->", "<p>{{ stop_notice }}</p>"),
        {"html not-markup"},
        id="a notice in a comment",
    ),
    pytest.param(instead("<script>alert(1)</script>"), {"html tag"}, id="script"),
    pytest.param(instead("<style>p{}</style>"), {"html tag"}, id="style"),
    pytest.param(instead('<img src="https://a.jp/x.png">'), {"html tag"}, id="image"),
    pytest.param(instead("<table><tr><td>x</td></tr></table>"), {"html tag"}, id="table"),
    pytest.param(instead("<iframe></iframe>"), {"html tag"}, id="frame"),
    pytest.param(instead("<svg/onload=alert(1)>"), {"html not-markup"}, id="svg"),
    pytest.param(instead('<svg onload="alert(1)">'), {"html tag"}, id="svg with quotes"),
    pytest.param(instead('<p onclick="x()">a</p>'), {"html attribute"}, id="event"),
    pytest.param(instead('<p class="x">a</p>'), {"html attribute"}, id="class"),
    pytest.param(instead('<p id="x">a</p>'), {"html attribute"}, id="id"),
    pytest.param(instead('<p href="{{ link }}">a</p>'), {"html attribute"}, id="href of p"),
    pytest.param(instead('<p lang="ja" lang="en">a</p>'), {"html attribute"}, id="twice"),
    pytest.param(instead("<p style=margin:0>a</p>"), {"html not-markup"}, id="no quotes"),
    pytest.param(instead("<p\u3000style='margin:0'>a</p>"), {"html not-markup"}, id="wide blank"),
    pytest.param(instead("<p>a"), {"html nesting"}, id="left open"),
    pytest.param(instead("</div><p>a</p><div>"), {"html nesting"}, id="closes our wrapper"),
    pytest.param(instead("</div><!--/career-relay-block-->"), {"html nesting"}, id="our mark"),
    pytest.param(instead("<b><i>a</b></i>"), {"html nesting"}, id="crossed"),
    pytest.param(instead("<p><p>a</p></p>"), {"html nesting"}, id="p in p"),
    pytest.param(instead("<b><div>a</div></b>"), {"html nesting"}, id="div in b"),
    pytest.param(instead("<div>" * 20 + "</div>" * 20), {"html nesting"}, id="deep"),
    pytest.param(instead("<p/>"), {"html nesting"}, id="closed by itself"),
    pytest.param(instead("a < b"), {"html not-markup"}, id="a bare <"),
    pytest.param(instead("a > b"), {"html bare-sign"}, id="a bare >"),
    pytest.param(instead("a & b"), {"html bare-sign"}, id="a bare &"),
    pytest.param(instead("<!DOCTYPE html>"), {"html not-markup"}, id="doctype"),
    pytest.param(instead("<![CDATA[x]]>"), {"html not-markup"}, id="cdata"),
    pytest.param(instead("<?php x ?>"), {"html not-markup"}, id="instruction"),
    pytest.param(instead("<p"), {"html not-markup"}, id="half a tag"),
    pytest.param(instead("&#8238;"), {"html control-characters"}, id="a direction reference"),
    pytest.param(instead("&#0;&#7;"), {"html control-characters"}, id="a control reference"),
    pytest.param(instead("<p>内<b>定</b></p>"), {"html promise"}, id="promise across tags"),
    pytest.param(instead("<p>we guarantee you a job</p>"), {"html promise"}, id="in English"),
    pytest.param(instead("<p>You will be hired</p>"), {"html promise"}, id="sure to be hired"),
    pytest.param(instead("<p>ギフト券を進呈</p>"), {"html reward"}, id="reward"),
    pytest.param(instead(f"<p>{'あ' * 130}</p>"), {"html html-line"}, id="a long line"),
    pytest.param(instead("あ" * 1400), {"html too-long"}, id="five kilobytes"),
    pytest.param(instead("{% raw %}<script>{% endraw %}"), {"html tag"}, id="raw"),
    pytest.param(instead("{{ company | safe }}"), {"html unknown-placeholder"}, id="safe"),
    pytest.param(
        instead("{% autoescape false %}x{% endautoescape %}"), {"html unknown-placeholder"}
    ),
]


@pytest.mark.parametrize(("html", "wrong"), BAD_HTMLS)
def test_a_bad_html_is_named(html: str, wrong: set[str]) -> None:
    assert codes(template(html=html)) == wrong


BAD_STYLES = (
    "display:none",
    "visibility:hidden",
    "opacity:0",
    "color:#ffffff",
    "background:url(https://a.jp/x)",
    "position:absolute",
    "font-size:1px",
    "font-size:0",
    "margin:-99px",
    "margin-left:-9px",
    "text-indent:-999px",
    "line-height:0",
    "width:expression(alert(1))",
    "margin:0;display:none",
    "mso-hide:all",
    "border:1px solid url(x)",
    "font-size:\u0661\u0662px",
    "margin:0 /* x */",
    "margin",
    "&#100;isplay:none",
)


@pytest.mark.parametrize("style", BAD_STYLES)
def test_a_style_that_hides_moves_or_loads_is_refused(style: str) -> None:
    assert codes(template(html=instead(f'<p style="{style}">x</p>'))) == {"html style"}


@pytest.mark.parametrize(
    "html",
    [
        "<div lang='en'><b>a</b> <strong>b</strong><br>c<br/>d<em>e</em><u>f</u></div>\n",
        '<p style="margin:0 0 6px 0; padding: 4px; border-top:1px solid #ccc">x</p>\n',
        '<p style="font-size:90%;font-weight:bold;line-height:1.6;text-align:center">x</p>\n',
        "<P STYLE='Margin:0'>x</P>\n",
        "<p>R&amp;D &lt;x&gt; &nbsp; &#9312; 😀 髙橋</p>\n",
        "<p\n lang='ja'>社内定例会、市内定期便</p>\n",
        "<p>TEL: 03-0000-0000 a/b</p>\n",
        "{# a word to colleagues #}",
    ],
)
def test_plain_html_passes(html: str) -> None:
    assert codes(template(html=instead(html))) == set()


@pytest.mark.parametrize(
    "words", ["㈱①髙﨑~―", "ガイド(代)", "{{ company | shorten(8) }}", "℡ 03-0000"]
)
def test_characters_with_a_spelling_in_the_charset_pass(words: str) -> None:
    text = TEXT.replace("より", "").replace("{{ company }}", "{{ company }}" + words[:8])
    own = template(text=text if "{{" not in words else TEXT.replace("{{ company }}", words))
    assert codes(own) == set()


def test_every_character_that_the_charset_lacks_is_named() -> None:
    found = read_own_block(COMPANY, template(text=TEXT.replace("より", "彅😀é")))
    assert not isinstance(found, OwnBlock)
    for language in Language:
        assert "彅 😀 é" in found[0].say(language)


def test_an_english_text_is_ascii_for_mails_in_us_ascii() -> None:
    assert codes(template(EN_TEXT, language=Language.EN)) == set()
    found = read_own_block(COMPANY, template(EN_TEXT.replace(" (", "– ("), language=Language.EN))
    assert not isinstance(found, OwnBlock)
    assert [(p.code, "–" in p.en) for p in found] == [("charset", True)]


def test_all_problems_of_both_parts_are_said_at_once() -> None:
    own = template(TEXT.replace("{{ stop_notice }}", "内定"), "<p>x")
    assert codes(own) == {"text no-stop-notice", "text promise", "html nesting"}


def test_a_company_without_a_contact_is_told_to_get_one() -> None:
    nobody = dataclasses.replace(COMPANY, contact="")
    assert codes(template(), nobody) == {"text no-contact-known", "html no-contact-known"}


def test_every_problem_is_a_sentence_in_its_language() -> None:
    sources = [("text", p.values[0]) for p in BAD_TEXTS] + [
        ("html", p.values[0]) for p in BAD_HTMLS
    ]
    for part, source in sources:
        own = template(text=str(source)) if part == "text" else template(html=str(source))
        found = read_own_block(COMPANY, own)
        assert not isinstance(found, OwnBlock)
        for problem in found:
            assert any("ぁ" <= char <= "ん" for char in problem.ja)
            assert problem.ja.count("。") >= 1
            assert problem.en[0].isupper() or problem.en[0] == "<"
            assert problem.say(Language.EN) == problem.en


NAMES = [
    "株式会社サンプル",
    "独立行政法人" + "高齢・障害・求職者雇用支援機構" * 2,
    "R&D <b>Inc.</b>",
]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("contact", ["a@b.example", "saiyo-tantou@recruit.sample.example"])
def test_the_block_to_begin_with_passes(name: str, contact: str, language: Language) -> None:
    company = Company(1, name, ("sample.example",), contact=contact)
    found = read_own_block(company, starter(company, language))
    assert isinstance(found, OwnBlock), found
    lines = found.write(SAMPLE_LINK).text.split("\n")
    assert len(lines) == 6
    assert all(columns(line) <= 34 for line in lines if line != SAMPLE_LINK)


def test_a_name_that_is_markup_stays_text() -> None:
    company = dataclasses.replace(COMPANY, name='<script>"&</script>')
    found = read_own_block(company, template())
    assert isinstance(found, OwnBlock)
    written = found.write(SAMPLE_LINK)
    assert "<script>" not in written.html
    assert '<script>"&</script>' in written.text
    assert written.html.startswith(marks.HTML_OPENING)
    assert written.html.endswith(marks.HTML_CLOSING)


def test_a_name_that_speaks_of_an_offer_promises_nothing() -> None:
    assert codes(template(), dataclasses.replace(COMPANY, name="内定ナビ株式会社")) == set()
