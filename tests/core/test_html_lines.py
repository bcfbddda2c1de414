"""What hides text and what shows it again; and that a tag costs the same however deep it is."""

import itertools
import sys
from types import FrameType

import pytest

from gateway.core.html_lines import read_page

SIZELESS = '<td style="font-size:0px;padding:10px"><div style="font-size:16px">Sorry.</div></td>'


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        (f"<table><tr>{SIZELESS}</tr><tr>{SIZELESS}</tr></table>", "Sorry.\nSorry."),
        ('<div style="font-size:0">a<p>b</p></div>c', "c"),
        ('<div style="font-size:0">a<p style="font-size:1.5em">b</p></div>c', "c"),
        ('<div style="font-size:0">a<b style="font-size:0.8rem">b</b>c</div>d', "b\nd"),
        ('<div style="visibility:hidden">a<b style="visibility: visible">b</b>c</div>d', "b\nd"),
        ('<div style="display:none">a<b style="display:block;font-size:9px">b</b></div>c', "c"),
        ('<div hidden>a<b style="visibility:visible">b</b></div>c', "c"),
        ('<div style="font-size:0;display:none">a<b style="font-size:9px">b</b></div>c', "c"),
        ('<p style="font-size:0;font-size:12px">a</p>', "a"),
        (f"<p title='&#{9:05000};'>a &#{9:05000};</p>", f"a &#{9:05000};"),
        ("<table><td>a<table><th>b</th></table><th>c<td>d", "a\nb\nc d"),
    ],
)
def test_a_reader_sees_what_is_not_hidden_or_shown_again(markup: str, shown: str) -> None:
    lines = read_page(markup).lines
    assert "\n".join(line.text for line in lines if not line.mark) == shown


def test_a_block_can_stand_in_a_sized_element_of_a_sizeless_one() -> None:
    text = "We are sorry to tell you that the position has been filled. " * 3
    markup = f"<table><tr>{SIZELESS}</tr></table>".replace("Sorry.", text)
    offsets = [place.offset for place in read_page(markup).places]
    assert markup.index("</div>") in offsets
    assert markup.index("</td>") not in offsets


@pytest.mark.parametrize(
    ("markup", "quoted"),
    [
        ("a|<blockquote type=cite>|b<p>|c</blockquote>|d", [False, True, True, False]),
        (
            "<div class=gmail_quote>a<blockquote type=cite>|b</blockquote>|c</div>|",
            [True, True, False],
        ),
        ("<table><tr><td class=gmail_extra>a|<td>|b", [True, False]),
        ("<blockquote>|a</blockquote>|", [False, False]),
        ("|a<div class=yahoo_quoted>b|", [False, True]),
    ],
)
def test_a_page_knows_where_quotes_stand(markup: str, quoted: list[bool]) -> None:
    pieces = markup.split("|")
    page = read_page("".join(pieces))
    offsets = itertools.accumulate(map(len, pieces[:-1]))
    assert [page.is_quoted_at(offset) for offset in offsets] == quoted


def count_steps(markup: str) -> int:
    """Count the lines of Python that a walk over `markup` runs."""
    steps = itertools.count()

    def trace(_frame: FrameType, event: str, _arg: object) -> object:
        if event == "line":
            next(steps)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]  # a trace function may return itself
    try:
        read_page(markup)
    finally:
        sys.settrace(before)
    return next(steps)


@pytest.mark.parametrize(
    ("inside", "again"),
    [
        ("<table><tr><td>" + "<div>" * 400 + "text " * 30, "<br>"),
        ("<p><button>" + "<span>" * 400, "<div></div>"),
        ("<ul><li><table><td>" + "<b>" * 400, "<li>x</li>"),
        ("<p>" * 400, "<td>x</td>"),
    ],
)
def test_a_tag_costs_the_same_however_deep_it_is(inside: str, again: str) -> None:
    deep = count_steps(inside + again * 400) - count_steps(inside)
    flat = count_steps(inside.replace("<span>", "").replace("<div>", "") + again * 400)
    assert deep < 2 * flat
    assert count_steps(inside + again * 800) - count_steps(inside) < 2.1 * deep
