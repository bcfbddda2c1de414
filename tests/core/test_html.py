"""HTML is read as a browser reads it, and the block stands where a person would put it."""

import time

import pytest

from gateway.core.block import HTML_CLOSING, HTML_OPENING, JOINT_CLOSING, JOINT_OPENING
from gateway.core.html import END, START, tokenize
from gateway.core.html_lines import read_page
from gateway.core.inject import Injection, place_block
from gateway.core.mime import scan
from gateway.core.splice import apply_edits
from gateway.core.why import Why
from tests.core.blocks import write_block
from tests.core.mails import mail, part


def tags(markup: str) -> list[str]:
    return [
        ("/" if token.kind == END else "") + token.name
        for token in tokenize(markup)
        if token.kind in (START, END)
    ]


@pytest.mark.parametrize(
    ("markup", "names"),
    [
        ("<P>a</P>", ["p", "/p"]),
        ("<!-- <p> --><b>", ["b"]),
        ("<!--><b>--><i>", ["b", "i"]),
        ("<!-- a --!><b>", ["b"]),
        ("<script>'<p>'</script><b>", ["script", "/script", "b"]),
        ("<style></body></style><b>", ["style", "/style", "b"]),
        ("<title></body></title><b>", ["title", "/title", "b"]),
        ("<a href='>'><b title=\">\">", ["a", "b"]),
        ("<p title=it's><b>", ["p", "b"]),
        ("<br/><img src=x/>", ["br", "img"]),
        ("a < b <3 </ x> <b>", ["b"]),
        ("<![if !mso]><b><![endif]>", ["b"]),
        ("<?xml ?><!DOCTYPE html><b>", ["b"]),
        ("<p <b>", ["p"]),
        ('<p title="never closed><b>', []),
        ("<!-- never closed <b>", []),
        ("<plaintext><b>", ["plaintext"]),
    ],
)
def test_tags_are_found_as_a_browser_finds_them(markup: str, names: list[str]) -> None:
    assert tags(markup) == names


@pytest.mark.parametrize("markup", ["", "a<b>c</b><!--d-->", "<a b='", "<script>x", "<<<", "</"])
def test_tokens_cover_all_of_the_markup(markup: str) -> None:
    tokens = list(tokenize(markup))
    assert "".join(markup[token.start : token.end] for token in tokens) == markup


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>a</p><p>b</p>", "a\nb"),
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("期待に<b>添え</b>ない", "期待に添えない"),
        ("a\n  b", "a b"),
        ("<pre>a\n b</pre>", "a\n b".replace(" b", "b")),
        ("&lt;&amp;&#30003;&nbsp;x", "<&申\xa0x"),
        ('a<div style="display: none">hidden<div>too</div></div>b', "a\nb"),
        ('a<span style="font-size:0px">hidden</span>b', "ab"),
        ('a<span style="font-size:0.9em">seen</span>b', "aseenb"),
        ("<head><title>x</title><style>y</style></head><body>a", "a"),
        ("<head><title>x</title><p>a", "a"),
        ("<html><head><meta charset=utf-8>a", "a"),
        ("<!--[if mso]>x<![endif]-->a", "a"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>", "a b\nc"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
    ],
)
def test_the_lines_are_what_a_reader_sees(markup: str, text: str) -> None:
    assert "\n".join(line.text for line in read_page(markup).lines if not line.mark) == text


def test_quotes_and_signatures_are_marked_as_in_text() -> None:
    markup = (
        '<p>own</p><div id="Signature">HR</div><blockquote type="cite">old</blockquote>'
        '<div id="divRplyFwdMsg">From: x</div>'
    )
    marks = ["own", "-- ", "HR", ">> old", "-----Original Message-----", "From: x"]
    assert [line.as_text for line in read_page(markup).lines] == marks


def put(markup: str) -> str:
    """Return the markup with the block as [B]."""
    raw = mail(part("text/html; charset=us-ascii", markup))
    outcome = place_block(raw, scan(raw), write_block)
    assert isinstance(outcome, Injection), outcome
    new = outcome.edits[0].new
    return (
        apply_edits(raw, outcome.edits)
        .replace(new, b"[B]")
        .split(b"\r\n\r\n")[1]
        .decode()
        .replace("\r\n", "\n")
    )


WORDS = "word " * 30

PLACES = [
    "<p>a</p>[B]",
    "<body><p>a</p>[B]</body>",
    "<html><body><p>a</p>[B]</body></html><p>Scanned by a gateway</p>",
    "<p>a</p>[B]<p>-- <br>HR</p>",
    "<div>a</div>[B]<div class=gmail_quote>old</div>",
    "<div>a</div>[B]<div class=gmail_signature>HR</div><div>b@a.example</div>",
    "<p>a</p>[B]<div class=moz-cite-prefix>x wrote:</div><blockquote type=cite>o</blockquote>",
    "<div>a</div>[B]<div id=appendonsend></div><hr><div id=divRplyFwdMsg>From: x</div>",
    "<html><head><title>x</title><p>a</p>[B]",
    "<p>a</p>[B]<div style='border-top-color: rgb(229, 229, 229)'>Von: x</div><p>old</p>",
    "<p>a</p>[B]<div style='border:none;border-top:solid #B5C4DF 1.0pt'>From: x</div><p>old</p>",
    "<blockquote type=cite>old</blockquote><p>a</p>[B]",
    "<ul><li>a</li></ul>[B]",
    "<p>a<p>b[B]",
    "<p>a<p>b[B]<p>-- <p>HR",
    "<p>a[B]<div>-- <br>HR</div>",
    "<p>a[B]<hr>A Inc.<br>TEL 03-0000-0000",
    "<p>a[B]<blockquote type=cite><p>old</blockquote>",
    "<p>a<table><tr><td>-- <br>HR</td></tr></table>[B]",
    "<details><summary>a</summary><p>b</p></details>[B]",
    "<template><p>a</p></template>[B]",
    "<dialog><p>a</p></dialog>[B]",
    "<p>a</p>[B]<p><object></p><p>-- <br>HR</p>",
    "<div><table><tr><td>a</td></div></tr></table>[B]",
    "<p><a href=x>a</a></p>[B]",
    "<table><tr><td>a</td></tr></table>[B]",
    f"<table><tr><td>{WORDS}[B]</td></tr><tr><td>(c) 2026 A</td></tr></table>",
    f"<table><tr><td>{WORDS}<table><tr><td><a href=x>b</a></td></tr></table>[B]</td></tr></table>",
    f"<table><tr><td>{WORDS}</td></tr><tr><td><div>Bye</div>[B]</td></tr></table>",
    f"<table><tr><td>{WORDS}</td></tr><tr><td>Job:</td><td>cook</td></tr></table>[B]",
    f"<table><tr><td>{WORDS}</td></tr><tr><td><a href=x>My page</a> </td></tr></table>[B]",
    f"<table><tr><td>{WORDS}</td></tr></table><table><tr><td>Bye</td></tr></table>[B]",
    "<p>a</p>[B]<hr><p>A Inc.<br>TEL 03-0000-0000</p>",
    "<div>a[B]<hr>Taro<br>A Inc.<br>TEL 03-0000-0000</div>",
    "<p>a</p><hr><p>b</p>[B]",
    "<p>a</p>[B]<blockquote type=cite>b<hr>c</blockquote>",
    "<p>a</p>[B]<!-- </body> --><script>'</body>'</script>",
    "<!--[if mso]><p>x</p></body><![endif]--><p>a</p>[B]",
    "<![if !mso]><p>a</p><![endif]>[B]",
    "<!--[if !mso]><!--><p>a</p><!--<![endif]-->[B]",
    "<!--[if !mso]><!--><style>p{}</style><!-- <![endif]--><p>a</p>[B]",
    "<div><p>a<br>-- <br>HR</p>[B]</div>".replace("[B]</div>", "</div>[B]").replace("p>", "h1>"),
    "<p style='display:none'>pre</p><p>a</p>[B]",
    "<pre>a\nb</pre>[B]",
    "<font face=x>a<br>[B]</font>".replace("<br>[B]</font>", "<br></font>[B]"),
]


@pytest.mark.parametrize("want", PLACES)
def test_the_block_stands_behind_what_was_written(want: str) -> None:
    assert put(want.replace("[B]", "")) == want


JOINED = [
    ("<p class=x>a[B]<br>-- <br>HR</p>", "</p>", "<p class=x>"),
    ("<div><p>a[B]<br><br>=====<br>A Inc.<br>TEL 03-0000-0000<br>=====</p></div>", "</p>", "<p>"),
    ("<p><span class=y>a[B]<br>-- <br>c</span></p>", "</span></p>", "<p><span class=y>"),
    ("<pre>a\nb[B]\n-- \nHR\n</pre>", "</pre>", "<pre>"),
    ("<pre>a[B]\n-----Original Message-----\nb</pre>", "</pre>", "<pre>"),
]


@pytest.mark.parametrize(("want", "closing", "opening"), JOINED)
def test_a_paragraph_is_parted_where_signature_or_history_is_inside(
    want: str, closing: str, opening: str
) -> None:
    markup = want.replace("[B]", "")
    assert put(markup) == want
    raw = mail(part("text/html; charset=us-ascii", markup))
    outcome = place_block(raw, scan(raw), write_block)
    assert isinstance(outcome, Injection)
    new = outcome.edits[0].new.decode("ascii")
    assert new.startswith(f"{JOINT_OPENING}{closing}\r\n{HTML_OPENING}")
    assert new.endswith(f"{HTML_CLOSING}\r\n{opening}{JOINT_CLOSING}")


def test_a_paragraph_with_an_identity_is_not_written_twice() -> None:
    assert put("<p id=x>a<br>-- <br>HR</p>") == "<p id=x>a<br>-- <br>HR</p>[B]"


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<p>",
        "<td>",
        "</div>",
        "<p><td>",
        "<a ",
        "<a b='",
        "<!--",
        "<",
        "<style>",
        "&amp",
        "<!",
    ],
)
def test_time_grows_with_size_alone(piece: str) -> None:
    started = time.thread_time()
    read_page(piece * (300_000 // len(piece)))
    assert time.thread_time() - started < 5


def test_no_block_is_put_into_a_template_that_is_never_closed() -> None:
    raw = mail(part("text/html", f"<table><tr><td>{WORDS}<template></td></tr><tr><td>b</table>"))
    assert place_block(raw, scan(raw), write_block) is Why.NO_PLACE


def test_deep_nesting_is_odd_and_no_exception() -> None:
    assert read_page("<div>" * 100_000).odd
    raw = mail(part("text/html; charset=us-ascii", "<div>" * 2000 + "a"))
    assert place_block(raw, scan(raw), write_block) is Why.ODD_STRUCTURE


def test_no_block_is_put_into_a_style_or_a_script() -> None:
    markup = "<table></div>text<style>p{}</style><blockquote type=cite>old</blockquote>"
    raw = mail(part("text/html; charset=us-ascii", markup))
    assert place_block(raw, scan(raw), write_block) is Why.NO_PLACE


def test_a_paragraph_whose_tag_is_damaged_is_not_parted() -> None:
    markup = "<p class<p>a<br>On Mon, 5 Jan 2026, Taro wrote:<br>old</p>"
    raw = mail(part("text/html; charset=us-ascii", markup))
    assert place_block(raw, scan(raw), write_block) is Why.NO_PLACE
