"""A page that is read by its form is the page that one walk over it finds."""

import random
import time

import pytest

from gateway.core import html_form
from gateway.core.html_form import see_page
from gateway.core.html_lines import Page, Walk, read_page
from gateway.core.memory import LONGEST_WHOLE

PIECES = (
    *(
        "<p>",
        "</p>",
        "<br>",
        "<br/>",
        "<div>",
        "</div>",
        "<table>",
        "<tr>",
        "<td>",
        "</td>",
        "</tr>",
    ),
    *("</table>", '<td style="font-size:0">', '<td style="font-size:14px">', "<span>", "</span>"),
    *('<b style="visibility:hidden">', '<b style="visibility:visible">', "</b>", "<div hidden>"),
    *(
        '<p STYLE="opacity:0">',
        "<blockquote type=cite>",
        "</blockquote>",
        "<div class=gmail_quote>",
    ),
    *("<div id=divRplyFwdMsg>", '<div class="gmail_signature">', "<head>", "</head>", "<body>"),
    *("</body>", "</html>", "<html>", "<title>", "</title>", '<style type="x">', "</style>"),
    *("<!-- x -->", "<!---->", "<!-->", "<!--->", "<!--", "-->", "--!>", "<!DOCTYPE html>"),
    *("<![if !mso]>", "<![endif]>", "<!--[if mso]>", "<![endif]-->", "<!--[if !mso]><!-->"),
    *("<!--<![endif]-->", "<!-- </style> -->", "<!-- </title x -->", "<?xml", "?>", "<", ">"),
    *(
        "text ",
        "テキスト",
        " ",
        "\n",
        " \r\n ",
        "\u3000",
        "\xa0",
        "\x0b",
        "&nbsp;",
        "&#32;",
        "a & b",
    ),
    *('"', "'", '<a href="x">', '<a href="x>y">', '<a href="x', "<a title='a<b'>", "</a>", "< p>"),
    *(
        "<script>",
        "</script>",
        "</script ",
        "if (a<b) {}",
        "<textarea>",
        "</textarea>",
        "<plaintext>",
    ),
    *("<pre>", "</pre>", "<li>", "<ul>", "</ul>", "<frameset>", "<p\u3000x>", '<a"b>', "<x=>"),
    *(
        "</>",
        "</あ>",
        "</1>",
        f"<p title='{'x' * 400}'>",
        "長い文章です。" * 20,
        "\U000f0001",
        "<h1>",
    ),
)


@pytest.mark.parametrize("seed", range(4))
def test_a_page_read_by_its_form_is_the_page_that_a_walk_finds(seed: int) -> None:
    chance = random.Random(seed)
    by_form = 0
    for _ in range(2500):
        markup = "".join(chance.choices(PIECES, k=chance.randrange(1, 20)))
        html_form._see_by_form(markup)  # met once
        page = html_form._see_by_form(markup)
        if page is not None:
            walked = read_page(markup)
            assert (page, page.joints) == (walked, walked.joints), markup
            by_form += 1
    assert by_form > 500


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> list[Walk]:
    """Return the walks that are taken from now on."""
    taken: list[Walk] = []
    run = Walk.run

    def note(walk: Walk) -> Page:
        taken.append(walk)
        return run(walk)

    monkeypatch.setattr(Walk, "run", note)
    return taken


LETTER = (
    '<!DOCTYPE html><html><head><title>x</title><style>p{{}}</style></head><body><p class="a{0}">'
    '{1} 様</p>\r\n<table><tr><td style="padding:0"><b>{1}</b> 様、<a href="https://ats.example/{0}">こちら'
    "</a>をご覧ください。{2}</td></tr></table></body></html>"
)


def test_letters_that_differ_in_words_and_links_are_walked_once(walks: list[Walk]) -> None:
    names = ("甲", "乙", "丙", "丁")
    pages = [see_page(LETTER.format(n, name, "よ" * 20 * n)) for n, name in enumerate(names)]
    assert len(walks) == 2  # the first page as it is, and the form when it was met again
    assert [page.lines[0].text for page in pages] == [f"{name} 様" for name in names]
    cells = [{place.cells for place in page.places} for page in pages]
    assert cells == [{0}, {0}, {0, 1}, {0, 1}]  # a cell of some words has no room for a block


ROWS = (
    "<table><tr><td>{0}</td></tr><tr><td>{1}<a href=x>{1}</a></td><td>{0}</td>"
    "<tr><td><a>{0}</a></td><tr>{1}<td>{0}<td><p>{1}<br>{1}</table>"
)


def test_the_room_of_a_cell_is_that_of_the_letters_own_words(walks: list[Walk]) -> None:
    for first, second in [("", "a"), ("a", "b" * 90), ("c" * 99, "d"), ("e" * 9, "f" * 200)]:
        markup = ROWS.format(first, second)
        for _ in range(3):
            page, want = see_page(markup), read_page(markup)
            assert (page.places, page.joints) == (want.places, want.joints)
    assert any(type(walk) is not Walk for walk in walks)


@pytest.mark.parametrize(
    "markup",
    [
        "<p>a</p><pre>b\nc</pre>",
        "<p>a < b</p>",
        "<p title='a>b'>c</p>",
        "<style><!-- </style> --> x",
        "<head>\u3000<p>a",
        "<p>a</p></body>\u3000",
        "<p>a" + "<br>" * 4000,
        "<p>a" + "b" * LONGEST_WHOLE,
    ],
)
def test_what_has_no_sure_form_is_walked(markup: str, walks: list[Walk]) -> None:
    for _ in range(3):
        see_page(markup)
    assert type(walks[-1]) is Walk


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "<!--",
            "<!",
            "<a",
            "<a ",
            "<p>",
            "<p>a",
            "</",
            "<",
            "<td>",
            "<td>x",
            "<b hidden>",
            "&",
            " <b> ",
        ),
        *("<a b='", '<a b="c" ', "<style>", "<!-->", "<p x={}>", "{}<p>", "<a{}>"),
    ],
)
def test_time_grows_with_size_alone(piece: str) -> None:
    markup = "".join(piece.replace("{}", str(n)) for n in range(LONGEST_WHOLE // len(piece)))
    started = time.process_time()
    see_page(markup[:LONGEST_WHOLE])
    see_page(markup[:16_000])
    assert time.process_time() - started < 2
