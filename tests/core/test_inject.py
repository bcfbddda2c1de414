"""The block goes into the shown leaves, in the right language, and nothing else changes."""

import base64

import pytest

from gateway.core.block import Block
from gateway.core.check import Insertion, edits_of, is_sound
from gateway.core.company import Language
from gateway.core.inject import Injection, place_block
from gateway.core.leaf import LeafError, read_leaf, shown_leaves, split_lines
from gateway.core.mime import Part, scan
from gateway.core.splice import Edit, Span, apply_edits
from gateway.core.strip import edit_leaf, strip_block
from gateway.core.texts import read_lines
from gateway.core.transfer import Change
from gateway.core.why import Why
from tests.core.blocks import LINK, write_block
from tests.core.mails import mail, multipart, part

UTF_8 = "text/plain; charset=utf-8"
JAPANESE = "選考の結果、不採用となりました。\n".encode().decode("latin-1")
EIGHT = "Content-Transfer-Encoding: 8bit"


def inject(raw: bytes) -> bytes:
    outcome = place_block(raw, scan(raw), write_block)
    assert isinstance(outcome, Injection), outcome
    return apply_edits(raw, outcome.edits)


def sound(raw: bytes, root: Part, insertion: Insertion) -> bool:
    return is_sound(raw, root, [insertion], edits_of(raw, root, [insertion]))


PLAIN, HTML = part("text/plain", "a"), part("text/html", "b")
AMP = part("text/x-amp-html", "x")
BOTH = multipart("alternative", PLAIN, HTML)


@pytest.mark.parametrize(
    ("content", "paths"),
    [
        (PLAIN, ("1",)),
        (multipart("mixed", part("text/plain", "a"), part("text/html; name=a.html", "b")), ("1",)),
        (BOTH, ("1", "2")),
        (multipart("alternative", HTML, PLAIN), ("1", "2")),
        (multipart("alternative", PLAIN, AMP, HTML), ("1", "3")),
        (multipart("related", part("text/html", "b"), part("text/html", "inline frame")), ("1",)),
        (multipart("mixed", part("text/plain", "a"), part("text/plain", " \n")), ("1",)),
        (multipart("mixed", part("image/png", "x"), BOTH), ("2.1", "2.2")),
    ],
)  # fmt: skip
def test_the_shown_leaves_get_the_block(content: str, paths: tuple[str, ...]) -> None:
    raw = mail(content)
    outcome = place_block(raw, scan(raw), write_block)
    assert isinstance(outcome, Injection)
    assert outcome.parts == paths
    assert inject(raw).replace(b"&amp;", b"&").count(LINK.encode()) == len(paths)


def test_the_block_follows_the_language_of_the_text_and_not_of_the_charset() -> None:
    assert "キャリアリレー".encode() in inject(mail(part(UTF_8, JAPANESE, EIGHT)))
    assert b"---- Career Relay" in inject(mail(part(UTF_8, "Hello\n", EIGHT)))
    assert b"---- Career Relay" in inject(mail(part("text/plain; charset=iso-2022-jp", "Hello\n")))


def test_a_stub_beside_japanese_html_gets_the_english_block_when_it_is_ascii() -> None:
    html = part("text/html; charset=utf-8", f"<p>{JAPANESE}</p>", EIGHT)
    edited = inject(mail(multipart("alternative", part("text/plain", "See HTML.\n"), html)))
    assert b"---- Career Relay" in edited
    assert "髙橋".encode() in edited


@pytest.mark.parametrize("fields", [(), ("Content-Transfer-Encoding: 8bit",)])
def test_seven_bit_html_stays_seven_bit(fields: tuple[str, ...]) -> None:
    references = "".join(f"&#{ord(character)};" for character in "選考の結果、不採用です。")
    edited = inject(mail(part("text/html; charset=utf-8", f"<p>{references}</p>\n", *fields)))
    assert edited.isascii()
    assert b"&#39641;" in edited  # 髙


def write_umlaut(language: Language) -> Block:
    block = write_block(language)
    return Block(language, block.text.replace("Sample", "Sämple"), block.html, block.link)


ASCII = "text/plain; charset=us-ascii"
QP = "Content-Transfer-Encoding: quoted-printable"


@pytest.mark.parametrize(
    "content",
    [
        part("text/plain; charset=koi8-r", "Hello\n"),
        part(ASCII, "a=b\n"),
        part(ASCII, "blank \nend\n"),
        part(ASCII, "x" * 77 + "\n"),
    ],
)
def test_a_block_that_the_charset_cannot_carry_is_not_put_in(content: str) -> None:
    raw = mail(content)
    assert place_block(raw, scan(raw), write_umlaut) is Why.CHARSET


@pytest.mark.parametrize(
    "content",
    [
        part(ASCII, "Hello\n"),
        part("TEXT/PLAIN;\n Charset = US-ASCII ; format=flowed", "Hello\n"),
        part('text/plain; charset="us-ascii"', "Hello\n", QP),
        part("text/plain", "Hello\n", "Content-Transfer-Encoding: 7bit"),
        part("text/plain;", "Hello\n", EIGHT),
        part("text/plain", "SGVsbG8K\n", "Content-Transfer-Encoding: base64"),
        "X-Last: field\n\nHello\n",
        multipart("mixed", "\nHello\n", part("text/plain; name=a.txt", "x")),
        multipart("mixed", part(ASCII, "Hello\n"), part("application/pdf", "x")),
    ],
)
def test_an_ascii_text_becomes_utf_8_when_the_block_needs_it(content: str) -> None:
    raw = mail(content)
    outcome = place_block(raw, scan(raw), write_umlaut)
    assert isinstance(outcome, Injection), outcome
    edited = apply_edits(raw, outcome.edits)
    leaf = shown_leaves(scan(edited)).plain
    assert leaf is not None
    assert "Sämple" in read_leaf(edited, leaf).text
    assert leaf.params["charset"] == "utf-8"
    assert strip_block(edited) == raw
    assert place_block(edited, scan(edited), write_umlaut) is Why.ALREADY_LINKED


def test_lengths_that_were_right_stay_right() -> None:
    raw = mail(part("text/plain", "Hello\n"), "Content-Length: 7", "Lines: 1")
    edited = inject(raw)
    body = edited.split(b"\r\n\r\n", 1)[1]
    assert b"Content-Length: %d\r\n" % len(body) in edited
    assert b"Lines: %d\r\n" % body.count(b"\n") in edited
    assert strip_block(edited) == raw


def test_lengths_that_were_wrong_stay_as_they_are() -> None:
    raw = mail(part("text/plain", "Hello\n"), "Content-Length: 8", "Lines: 0x1")
    edited = inject(raw)
    assert b"Content-Length: 8\r\nLines: 0x1\r\n" in edited
    assert strip_block(edited) == raw


def test_a_doubled_number_stays_though_it_is_right() -> None:
    raw = mail(part("text/plain", "Hello\n"), "Content-Length: 7", "Content-Length: 7")
    assert inject(raw).startswith(raw.partition(b"\r\n\r\n")[0])


@pytest.mark.parametrize(("length", "is_a_note"), [(400, True), (401, False)])
def test_a_long_text_below_html_is_no_note_of_a_program(length: int, is_a_note: bool) -> None:
    text = "word " * (length // 5) + "x" * (length % 5)
    raw = mail(multipart("mixed", part("text/html", "<p>Hello</p>"), part("text/plain", text)))
    assert (place_block(raw, scan(raw), write_block) is Why.NO_PLACE) is not is_a_note


@pytest.mark.parametrize("field", ["Lines", "Content-Length"])
def test_a_wrong_length_that_the_edit_would_make_right_could_not_be_undone(field: str) -> None:
    body = inject(mail(part("text/plain", "Hello\n"))).split(b"\r\n\r\n", 1)[1]
    by_chance = {"Lines": body.count(b"\n"), "Content-Length": len(body)}[field]
    raw = mail(part("text/plain", "Hello\n"), f"{field}: {by_chance}")
    assert place_block(raw, scan(raw), write_block) is Why.ODD_STRUCTURE


def test_base64_that_has_lines_over_998_bytes_goes_on_with_them() -> None:
    packed = base64.b64encode(b"Hello, this is a letter.\r\n" * 200).decode()
    lines = "\n".join(packed[at : at + 4000] for at in range(0, len(packed), 4000))
    raw = mail(part("text/plain", lines, "Content-Transfer-Encoding: base64"))
    edited = inject(raw)
    assert max(map(len, edited.split(b"\r\n"))) == 4000
    assert strip_block(edited) == raw


def test_lines_of_flowed_text_do_not_flow_into_the_block() -> None:
    def write(language: Language) -> Block:
        block = write_block(language)
        return Block(language, block.text.replace("A notice", "> A notice"), block.html, block.link)

    raw = mail(part("text/plain; format=flowed", "Hello \nTaro \n"))
    outcome = place_block(raw, scan(raw), write)
    assert isinstance(outcome, Injection)
    assert outcome.edits[0].new.startswith(b"\r\n---- Career")
    assert b"\r\n > A notice" in outcome.edits[0].new
    assert not any(line.endswith(b" ") for line in outcome.edits[0].new.split(b"\r\n"))


def test_a_block_whose_link_is_not_whole_does_not_pass_the_check() -> None:
    def write(language: Language) -> Block:
        block = write_block(language)
        return Block(language, block.text.replace("abc", "abc\n"), block.html, block.link)

    raw = mail(part("text/plain", "Hello\n"))
    assert place_block(raw, scan(raw), write) is Why.CHECK_FAILED


def test_a_line_that_would_grow_too_long_does_not_pass_the_check() -> None:
    def write(language: Language) -> Block:
        block = write_block(language)
        return Block(language, block.text.replace("notice", "x" * 1000), block.html, block.link)

    raw = mail(part("text/plain", "Hello\n"))
    assert place_block(raw, scan(raw), write) is Why.CHECK_FAILED


def test_a_block_that_looks_like_a_delimiter_does_not_pass_the_check() -> None:
    raw = mail(multipart("mixed", part("text/plain", "Hello\n"))).replace(
        b"boundary=b", b'boundary="-- Career Relay ------------------------"'
    )
    raw = raw.replace(b"--b", b"---- Career Relay ------------------------")
    assert place_block(raw, scan(raw), write_block) is Why.CHECK_FAILED


def test_quoted_marks_are_no_block_of_this_mail() -> None:
    text = write_block(Language.EN).text.replace("\n", "\n> ")
    raw = mail(part("text/plain", f"Hello\n\n> {text}\n> old\n"))
    assert strip_block(raw) == raw
    assert strip_block(inject(raw)) == raw


def _edit_of(raw: bytes) -> Edit:
    """Return the one edit that puts the block into `raw`."""
    outcome = place_block(raw, scan(raw), write_block)
    assert isinstance(outcome, Injection)
    (edit,) = outcome.edits
    return edit


@pytest.mark.parametrize("position", [0, 60, -1])
def test_an_edit_at_a_wrong_place_is_not_sound(position: int) -> None:
    raw = mail(multipart("mixed", part("text/plain", "Hello\n"), part("application/pdf", "x")))
    root = scan(raw)
    edit = _edit_of(raw)
    leaf = read_leaf(raw, root.children[0])
    change = Change(Span(len(leaf.data), len(leaf.data)), edit.new)
    assert sound(raw, root, Insertion(read_lines(leaf), change, edit, LINK))
    at = position % len(raw)
    wrong = Insertion(read_lines(leaf), change, Edit(Span(at, at), edit.new), LINK)
    assert not sound(raw, root, wrong)


def test_an_edit_that_says_other_than_was_meant_is_not_sound() -> None:
    raw = mail(part("text/plain", "Hello\n"))
    root = scan(raw)
    edit = _edit_of(raw)
    leaf = read_leaf(raw, root)
    meant = Change(Span(len(leaf.data), len(leaf.data)), edit.new.replace(b"notice", b"letter"))
    assert not sound(raw, root, Insertion(read_lines(leaf), meant, edit, LINK))


def test_an_edit_that_strip_would_leave_behind_is_not_sound() -> None:
    raw = mail(multipart("mixed", part("text/plain", "Hello\n")))
    root = scan(raw)
    edit = _edit_of(raw)
    leaf = read_leaf(raw, root.children[0])
    change = Change(Span(len(leaf.data), len(leaf.data)), edit.new)
    insertions = [Insertion(read_lines(leaf), change, edit, LINK)]
    assert is_sound(raw, root, insertions, (edit,))
    epilogue = Edit(Span(len(raw), len(raw)), b"in no part\r\n")
    assert not is_sound(raw, root, insertions, (edit, epilogue))


@pytest.mark.parametrize(("encoding", "is_it"), [((), False), ((EIGHT,), True)])
def test_eight_bit_text_in_a_seven_bit_leaf_is_not_sound(
    encoding: tuple[str, ...], is_it: bool
) -> None:
    raw = mail(part(UTF_8, "Hello\n", *encoding))
    root = scan(raw)
    outcome = place_block(raw, root, write_block)
    assert isinstance(outcome, Injection)
    (edit,) = outcome.edits
    new = edit.new.replace(b"notice", "nötice".encode())
    leaf = read_leaf(raw, root)
    change = Change(Span(len(leaf.data), len(leaf.data)), new)
    assert (
        sound(raw, root, Insertion(read_lines(leaf), change, Edit(edit.span, new), LINK)) is is_it
    )


def test_an_edit_that_removes_bytes_is_not_sound() -> None:
    raw = mail(part("text/plain", "Hello\n"))
    root = scan(raw)
    outcome = place_block(raw, root, write_block)
    assert isinstance(outcome, Injection)
    (edit,) = outcome.edits
    leaf = read_leaf(raw, root)
    change = Change(Span(len(leaf.data), len(leaf.data)), edit.new)
    wrong = Edit(Span(edit.span.start - 3, edit.span.end), edit.new)
    assert not sound(raw, root, Insertion(read_lines(leaf), change, wrong, LINK))


@pytest.mark.parametrize(
    ("subtype", "body", "places"),
    [
        ("plain", "Hello\n\nTaro\n", (3, 6, 8, 10)),
        ("html", "<p>Hello</p>\n<b>x</b>\n", (1, 5, 10, 13, 15)),
    ],
)
def test_an_edit_that_cuts_a_line_or_a_tag_in_two_is_not_sound(
    subtype: str, body: str, places: tuple[int, ...]
) -> None:
    raw = mail(part(f"text/{subtype}", body))
    root = scan(raw)
    outcome = place_block(raw, root, write_block)
    assert isinstance(outcome, Injection)
    leaf = read_leaf(raw, root)
    for at in places:
        change = Change(Span(at, at), outcome.edits[0].new)
        assert not sound(
            raw, root, Insertion(read_lines(leaf), change, edit_leaf(raw, leaf, change), LINK)
        )


def test_leaves_are_read_by_their_labels() -> None:
    raw = mail(
        part("text/plain; charset=shift_jis", "表示ソ\n".encode("cp932").decode("latin-1"), EIGHT)
    )
    leaf = read_leaf(raw, scan(raw))
    assert (leaf.text, leaf.codec, leaf.line_end) == ("表示ソ\r\n", "cp932", b"\r\n")
    assert split_lines(leaf.text) == ["表示ソ", ""]


def test_a_leaf_that_does_not_decode_says_why() -> None:
    raw = mail(part("text/plain; charset=utf-8", "\xff\n", EIGHT))
    with pytest.raises(LeafError) as caught:
        read_leaf(raw, scan(raw))
    assert caught.value.why is Why.ODD_ENCODING


def test_text_behind_an_attachment_is_extra() -> None:
    raw = mail(multipart("mixed", part("text/plain", "a"), part("text/plain", "b")))
    root = scan(raw)
    shown = shown_leaves(root)
    assert shown.leaves == (root.children[0],)
    assert shown.extra == (root.children[1],)


EARLIER_TEXT = write_block(Language.EN).text
HISTORY_TEXT = f"-----Original Message-----\nFrom: hr\nTo: t\n\nSorry.\n\n{EARLIER_TEXT}\n"
EARLIER_HTML = f"<p>Sorry.</p>\n{write_block(Language.EN).html}\n"
HISTORIES = [
    part("text/plain", f"We are sorry again.\n\n{HISTORY_TEXT}"),
    part(
        "text/plain", f"We are sorry again.\n\n> a\n> {EARLIER_TEXT}\n".replace("\n---", "\n> ---")
    ),
    part("text/html", f'<p>Again.</p><div id="divRplyFwdMsg">From: a</div>{EARLIER_HTML}'),
    part("text/html", f"<p>Again.</p><blockquote type=cite>{EARLIER_HTML}</blockquote>"),
    part("text/html", f"<blockquote type=cite>{EARLIER_HTML}</blockquote><p>Again.</p>"),
    part("text/html", f"<p>A</p><p>From: a<br>Sent: b<br>To: c<br>Subject: d</p>{EARLIER_HTML}"),
]


@pytest.mark.parametrize("content", HISTORIES)
def test_a_block_in_the_history_is_another_mails(content: str) -> None:
    raw = mail(content)
    assert strip_block(raw) == raw
    edited = inject(raw)
    assert edited.count(b"A notice") == 2
    assert strip_block(edited) == raw
    assert place_block(edited, scan(edited), write_block) is Why.ALREADY_LINKED


@pytest.mark.parametrize(
    "extra",
    [
        *("iPhoneから送信\n", "\n-- \nThis message was scanned.\n"),
        "This e-mail and any attachments are confidential and intended only for the\naddressee.\n",
    ],
)
def test_a_footer_in_a_part_of_its_own_is_no_text(extra: str) -> None:
    footer = part("text/plain; charset=utf-8", extra.encode().decode("latin-1"), EIGHT)
    outcomes = [
        place_block(raw, scan(raw), write_block)
        for raw in (mail(multipart("mixed", text, footer)) for text in (BOTH, HTML, PLAIN))
    ]
    assert [getattr(one, "parts", one) for one in outcomes] == [("1.1", "1.2"), ("1",), ("1",)]
