"""Whatever a company types raises nothing, and what passes goes into mails and out again."""

import time
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.blocks.check import SAMPLE_LINK, OwnBlock, read_own_block
from gateway.blocks.markup import Markup, read_markup
from gateway.core.block import Block
from gateway.core.company import BlockTemplate, Company, Language
from gateway.core.inject import Injection, place_block
from gateway.core.mime import scan
from gateway.core.restore import restore
from gateway.core.splice import apply_edits
from tests.blocks.samples import COMPANY, HTML, TEXT

_PIECES = st.sampled_from(
    [
        *("{{ company }}", "{{ contact }}", "{{ link }}", "{{ stop_notice }}", "{{ link"),
        *("{{ voluntary_notice }}", "{{ company | shorten(9) }}", "{% if a %}", "{#", "#}", "}}"),
        *("{% raw %}", "{% endraw %}", "{{ ''.__class__ }}", "{{ range(9**9) }}", "\n", "\n\n"),
        *("<p>", "</p>", "<div>", "</div>", "<br>", "<b>", "</b>", '<a href="{{ link }}">', "</a>"),
        *('<p style="margin:0">', "<script>", "<!--", "-->", "<", ">", "&", "&amp;", "&#13;", '"'),
        *("ご案内", "髙", "㈱", "ｶﾞ", "ﾞ", "😀", "é", "\u3000", "\u202e", "\x00", "\r", "—", "~"),
        *("内定", "> ", "-- ", "――――――――――――――――――――", "From ", ".", "=3D", "\ud800", "\u2028"),
    ]
)
_MESSY = st.lists(st.one_of(_PIECES, st.text(max_size=8)), max_size=30).map("".join)
_LINE = st.one_of(st.just(""), st.text(max_size=12), _PIECES)


@st.composite
def _nearly_good(draw: st.DrawFn) -> tuple[str, str]:
    """Draw the good templates with something of any kind put in at one or two places."""
    text, html = TEXT, HTML
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(_LINE) + text[at:]
        at = draw(st.integers(0, len(html)))
        html = html[:at] + draw(_LINE) + html[at:]
    return text, html


_BODY = "山田様\n\n選考の結果、今回はご期待に添えない結果となりました。\n"


def mail(charset: str) -> bytes:
    """Return a mail with both alternatives in a charset."""
    codec = {"iso-2022-jp": "iso2022_jp"}.get(charset, charset)
    html = f"<html><body><p>{_BODY}</p></body></html>\n"
    head = "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n"
    parts = "".join(
        f"--b\nContent-Type: text/{kind}; charset={charset}\n"
        f"Content-Transfer-Encoding: {'7bit' if charset == 'iso-2022-jp' else '8bit'}\n\n{body}"
        for kind, body in (("plain", _BODY), ("html", html))
    )
    return (head + parts + "--b--\n").encode(codec).replace(b"\n", b"\r\n")


MAILS = [mail(charset) for charset in ("iso-2022-jp", "utf-8", "shift_jis", "euc-jp")]


def check_in_mails(own: OwnBlock) -> None:
    """Put the block into a mail in each charset, and take it out again."""
    for raw in MAILS:

        def write(_language: Language) -> Block:
            return own.write(SAMPLE_LINK)

        placed = place_block(raw, scan(raw), write)
        assert isinstance(placed, Injection), placed
        edited = apply_edits(raw, placed.edits)
        assert restore(edited) == raw
        again = place_block(edited, scan(edited), write)
        assert not isinstance(again, Injection)


@settings(max_examples=300)
@given(_MESSY, _MESSY, st.sampled_from(Language))
def test_no_template_raises(text: str, html: str, language: Language) -> None:
    found = read_own_block(COMPANY, BlockTemplate(language, text, html))
    if isinstance(found, OwnBlock):
        check_in_mails(found)


@settings(max_examples=300)
@given(_nearly_good())
def test_what_passes_goes_into_any_mail_and_out_again(sources: tuple[str, str]) -> None:
    found = read_own_block(COMPANY, BlockTemplate(Language.JA, *sources))
    if isinstance(found, OwnBlock):
        check_in_mails(found)


@settings(max_examples=200)
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_name_and_no_contact_breaks_a_block(name: str, contact: str) -> None:
    company = Company(1, name, ("a.example",), contact=contact)
    found = read_own_block(company, BlockTemplate(Language.JA, TEXT, HTML))
    if isinstance(found, OwnBlock):
        check_in_mails(found)


class _Shape(HTMLParser):
    """Another parser's view: whether every element closes in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.is_odd = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "br":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.is_odd |= tag != "br"

    def handle_endtag(self, tag: str) -> None:
        self.is_odd |= not self.open or self.open.pop() != tag

    def handle_comment(self, data: str) -> None:
        self.is_odd = True

    def handle_decl(self, decl: str) -> None:
        self.is_odd = True

    def unknown_decl(self, data: str) -> None:
        self.is_odd = True

    def handle_pi(self, data: str) -> None:
        self.is_odd = True


@settings(max_examples=500)
@given(_MESSY)
def test_another_parser_sees_the_same_closed_elements(source: str) -> None:
    if isinstance(read_markup(source), Markup):
        shape = _Shape()
        shape.feed(source)
        shape.close()
        assert (shape.open, shape.is_odd) == ([], False)


def test_the_worst_templates_are_read_quickly() -> None:
    worst = (
        *("<" * 4096, "<p " * 1365, "<p" + " a='" * 900, "&" * 4096, "<b>" * 1300, "{{" * 2048),
        *("{{ " + "(" * 4000, "{{ " + "-" * 4000 + "1 }}", "{% if a %}" * 400, "a" * 4096),
        *("{{ company" + " | shorten(9)" * 300 + " }}", "{{ a" + ".a" * 2000 + " }}", "採用" * 680),
        *(
            "<p style='" + "margin:0 " * 400 + "'>",
            "guarantee " * 400,
            "{{ 9**9**9**9 }}",
            "//" * 2048,
        ),
    )
    for source in worst:
        began = time.process_time()
        read_own_block(COMPANY, BlockTemplate(Language.JA, source, HTML))
        read_own_block(COMPANY, BlockTemplate(Language.JA, TEXT, source))
        assert time.process_time() - began < 0.5, source[:40]
