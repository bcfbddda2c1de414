"""What a mail's reader sees: newly written sentences, and where each stands."""

import pytest

from gateway.core.mime import scan
from gateway.core.reader import Reading, names_in, normalise, read_mail, read_text


def read(*lines: str) -> Reading:
    raw = "\r\n".join(lines).encode()
    return read_mail(raw, scan(raw))


def texts(reading: Reading) -> list[str]:
    return [one.text for one in reading.sentences]


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        pytest.param("ＡＢＣ　社", "abc 社", id="full width becomes half width"),
        pytest.param("斎藤　誠 様", "斎藤誠様", id="no blanks between Japanese characters"),
        pytest.param("You’re “in”", 'you\'re "in"', id="straight quotation marks"),
        pytest.param("採\u200b用", "採用", id="no invisible characters"),
    ],
)
def test_text_is_spelled_one_way(written: str, seen: str) -> None:
    assert normalise(written) == seen


def test_a_hard_wrapped_sentence_reads_as_one() -> None:
    text = "選考の結果、誠に残念ながら今回は採用を見送らせていた\nだくこととなりました。"
    assert texts(read_text(text)) == [
        "選考の結果、誠に残念ながら今回は採用を見送らせていただくこととなりました。"
    ]


def test_an_english_wrap_is_a_blank() -> None:
    text = "Thank you for coming. We will not be moving\nforward with your application."
    assert texts(read_text(text))[1] == "we will not be moving forward with your application."


def test_a_salutation_stands_alone() -> None:
    assert texts(read_text("池田 七海 様\n先日はありがとうございました。"))[0] == "池田七海様"


def test_a_quotation_in_brackets_is_not_cut() -> None:
    text = "「ありがとうございました。今回は見送ります。」という文面です。"
    assert len(read_text(text).sentences) == 1


def test_a_span_points_at_the_sentence_in_the_leaf() -> None:
    text = "池田様\r\n\r\n  ありがとうございました。今回は\r\n見送ります。\r\n"
    last = read_text(text).sentences[-1]
    assert text[last.start : last.end] == "今回は\r\n見送ります。"


def test_quoted_history_is_not_read() -> None:
    reading = read_text(
        "承知しました。\n\n2025年11月14日(金) 20:36 森 <mori@example.com>:\n"
        "> 残念ながら見送ります。\n> 以上です。"
    )
    assert texts(reading) == ["承知しました。"]


def test_an_earlier_letter_under_a_rule_line_is_not_read() -> None:
    reading = read_text(
        "橋本様\nお尋ねの件、承知しました。\n------------------------------\n橋本様\n"
        "今回は採用には至りませんでした。"
    )
    assert texts(reading) == ["橋本様", "お尋ねの件、承知しました。"]


def test_the_text_part_is_read_when_there_are_two() -> None:
    reading = read(
        "Content-Type: multipart/alternative; boundary=b",
        "",
        "--b",
        "Content-Type: text/plain; charset=utf-8",
        "",
        "今回は見送ります。",
        "--b",
        "Content-Type: text/html; charset=utf-8",
        "",
        "<p>今回は見送ります!</p>",
        "--b--",
        "",
    )
    assert [(one.text, one.part) for one in reading.sentences] == [("今回は見送ります。", "1")]


def test_html_is_read_when_the_text_part_is_a_stub() -> None:
    reading = read(
        "Content-Type: multipart/alternative; boundary=b",
        "",
        "--b",
        "Content-Type: text/plain; charset=utf-8",
        "",
        "このメールはHTML形式です。",
        "--b",
        "Content-Type: text/html; charset=utf-8",
        "",
        "<div style='display:none'>お知らせ</div><p>採<b></b>用を見<!-- -->送ります。</p>",
        "--b--",
        "",
    )
    assert [(one.text, one.part) for one in reading.sentences] == [("採用を見送ります。", "2")]


def test_the_subject_is_read_without_its_reply_marks() -> None:
    reading = read("Subject: Re: RE: Your application", "", "Hello.")
    assert reading.is_reply
    assert reading.subject is not None
    assert reading.subject.text == "your application"


def test_a_leaf_that_does_not_decode_is_not_read() -> None:
    raw = b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xff\xfe\xff\r\n"
    assert read_mail(raw, scan(raw)).sentences == ()


def test_only_so_much_is_read() -> None:
    reading = read_text("あ" * 200_000)
    assert sum(len(one.text) for one in reading.sentences) <= 64 * 1024


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"taro@mail.example", "@"),
        (b"<taro@mail.example>", " "),
        (b"yamada,taro@mail.example", "yamada,@"),
        (b",@mail.example", ",@mail.example"),
        (b"a" * 2100 + b"@mail.example", "a" * 2000),
        (b"Taro <taro@mail.example>", "Taro  "),
    ],
)
def test_of_a_bare_address_in_to_the_at_sign_alone_is_read(value: bytes, shown: str) -> None:
    assert names_in((value,)) == shown
