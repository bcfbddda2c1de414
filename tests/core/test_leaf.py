"""A leaf is read by its label, or by what its bytes certainly are, or not at all."""

import base64

import pytest

from gateway.core.company import Company, Mode
from gateway.core.decide import decide
from gateway.core.envelope import Address, Envelope
from gateway.core.inject import Injection, place_block
from gateway.core.leaf import LeafError, read_leaf
from gateway.core.mime import scan
from gateway.core.plan import Desk
from gateway.core.recipients import sort_recipients
from gateway.core.splice import apply_edits
from gateway.core.strip import strip_block
from gateway.core.why import Why
from tests.core.blocks import write_block
from tests.core.mails import mail, part

LETTER = (
    "山田 太郎 様\n\n慎重に選考を重ねました結果、誠に残念ながら今回は採用を"
    "見送らせていただくこととなりました。\n今後のご活躍をお祈り申し上げます。\n"
)
BASE64 = "Content-Transfer-Encoding: base64"
ENVELOPE = Envelope(Address("hr@a.example"), (Address("taro@mail.example"),))
COMPANY = Company(1, "Sample Inc.", ("a.example",), Mode.INJECT)
DESK = Desk(b"k" * 32, "https://relay.example", lambda _, link, lang: write_block(lang))


def write(data: bytes, content_type: str) -> bytes:
    return mail(part(content_type, data.decode("latin-1")))


def why_unread(raw: bytes) -> Why:
    with pytest.raises(LeafError) as error:
        read_leaf(raw, scan(raw))
    return error.value.why


@pytest.mark.parametrize(
    "label",
    [
        *("utf-16", "utf-16le", "UTF-16BE", "utf-32", "ucs-2", "iso-10646-ucs-2", "utf-7", "UTF7"),
        *("unicode-1-1-utf-7", "hz-gb-2312", "ebcdic-cp-us", "ibm037", "cp500", "iso-2022-kr"),
    ],
)
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_ascii_bytes_under_a_label_that_is_not_based_on_ascii_are_not_read(
    label: str, kind: str
) -> None:
    assert why_unread(mail(part(f"text/{kind}; charset={label}", "Sorry, Taro."))) is Why.CHARSET


def test_an_unknown_label_over_ascii_is_ascii() -> None:
    raw = mail(part("text/plain; charset=x-unknown", "Sorry, Taro."))
    assert read_leaf(raw, scan(raw)).codec == "ascii"


@pytest.mark.parametrize("label", ["utf-8", "us-ascii", "iso-8859-1", "shift_jis"])
def test_a_text_with_nul_is_not_read(label: str) -> None:
    content = base64.encodebytes("Sorry".encode("utf-16le")).decode()
    raw = mail(part(f"text/plain; charset={label}", content, BASE64))
    assert why_unread(raw) is Why.ODD_ENCODING


@pytest.mark.parametrize("codec", ["utf-8", "iso2022_jp"])
@pytest.mark.parametrize("label", ["text/plain", "text/plain; charset=us-ascii"])
def test_a_text_without_its_label_is_read_and_gets_an_ascii_block(codec: str, label: str) -> None:
    raw = write(LETTER.encode(codec), label)
    plan = decide(raw, ENVELOPE, COMPANY, DESK)
    assert plan.why is Why.LINK_ADDED
    edited = apply_edits(raw, plan.edits)
    assert all(edit.new.isascii() and b"\x1b" not in edit.new for edit in plan.edits)
    assert edited.decode(codec).startswith(raw.decode(codec).rstrip())
    assert strip_block(edited) == raw


@pytest.mark.parametrize("codec", ["utf-8", "iso2022_jp"])
def test_html_without_its_label_gets_a_block_of_references(codec: str) -> None:
    raw = write(f"<html><body><p>{LETTER}</p></body></html>".encode(codec), "text/html")
    outcome = place_block(raw, scan(raw), write_block)
    assert isinstance(outcome, Injection)
    assert all(edit.new.isascii() and b"\x1b" not in edit.new for edit in outcome.edits)
    assert any(b"&#" in edit.new for edit in outcome.edits)
    assert strip_block(apply_edits(raw, outcome.edits)) == raw


@pytest.mark.parametrize(
    ("data", "label", "why"),
    [
        (LETTER.encode("iso2022_jp"), "utf-8", Why.ODD_ENCODING),
        (LETTER.encode("cp932"), "us-ascii", Why.ODD_ENCODING),
        (LETTER.encode("cp932"), "utf-8", Why.ODD_ENCODING),
        (LETTER.encode("utf-7"), "utf-7", Why.CHARSET),
    ],
)
def test_what_could_not_be_read_is_not_called_no_rejection(
    data: bytes, label: str, why: Why
) -> None:
    raw = write(data, f"text/plain; charset={label}")
    assert decide(raw, ENVELOPE, COMPANY, DESK).why is why


def test_one_person_in_two_spellings_is_one_candidate() -> None:
    spellings = ("Taro@Mail.example", "taro@mail.EXAMPLE", "taro+job@mail.example")
    several = Envelope(Address("hr@a.example"), tuple(map(Address, spellings)))
    assert sort_recipients(several, COMPANY).people == (several.recipients,)


@pytest.mark.parametrize("end", ["", "\n", "\n\n-- \n\x1b$B?M;v\x1b(J\n", "\n> a\n> b\n"])
def test_a_text_whose_lines_end_in_jis_roman_gets_a_block_between_escapes(end: str) -> None:
    letter = LETTER.rstrip().encode("iso2022_jp").replace(b"\x1b(B", b"\x1b(J")
    raw = write(letter + end.encode(), "text/plain; charset=iso-2022-jp")
    outcome = place_block(raw, scan(raw), write_block)
    assert isinstance(outcome, Injection)
    (edit,) = outcome.edits
    assert edit.new.lstrip().startswith(b"\x1b(B\r\n")
    assert b"~" not in edit.new
    assert edit.new.endswith(b"\x1b(J\r\n") == bool(end)
    assert strip_block(apply_edits(raw, outcome.edits)) == raw


@pytest.mark.parametrize("label", ["base64;", "base64 (as ever)", "Base64 (x) ;"])
def test_a_transfer_encoding_may_have_a_comment(label: str) -> None:
    content = base64.encodebytes(LETTER.encode()).decode()
    field = f"Content-Transfer-Encoding: {label}"
    raw = mail(part("text/plain; charset=utf-8", content, field))
    assert decide(raw, ENVELOPE, COMPANY, DESK).why is Why.LINK_ADDED
