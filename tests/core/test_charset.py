"""Charsets as real mails use them."""

import pytest

from gateway.core.charset import (
    CharsetError,
    codec_for,
    decode,
    decode_leniently,
    encode,
    encode_html,
)
from gateway.core.spelling import spell_for_jis

JIS = "iso-2022-jp"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"abc \x1b$B;3ED\x1b(B xyz", "abc 山田 xyz"),
        (b"\x1b$B\x2d\x21\x2d\x6a\x7c\x62\x1b(B", "①㈱髙"),
        (b"\x1b(I6E2\x1b(B", "ｶﾅｲ"),
        (b"\x1b(Jabc\x1b(B", "abc"),
        (b"\x1b$@;3ED\x1b(J", "山田"),
        ("選考の結果〜―ー\r\n".encode(JIS), "選考の結果～―ー\r\n"),
        (b"", ""),
    ],
)
def test_iso_2022_jp_is_read_as_in_real_life(data: bytes, text: str) -> None:
    assert decode(data, JIS) == text


@pytest.mark.parametrize(
    "data", [b"\x1b$B;\x1b(B", b"\x1b$B\xbb\xb3", b"\x80", b"\x1b$A;3", b"\x1b$B;3\n"]
)
def test_what_is_no_iso_2022_jp_is_refused(data: bytes) -> None:
    with pytest.raises(CharsetError):
        decode(data, JIS)


def test_every_character_of_jis_x_0208_is_read() -> None:
    pairs = [bytes((lead, trail)) for lead in range(0x21, 0x7F) for trail in range(0x21, 0x7F)]
    read = 0
    for pair in pairs:
        try:
            expected = pair.join((b"\x1b$B", b"\x1b(B")).decode(JIS)
        except UnicodeDecodeError:
            continue  # a vendor's row, or nobody's
        text = decode(b"\x1b$B" + pair + b"\x1b(B", JIS)
        assert encode(text, JIS) == expected.encode(JIS)
        read += 1
    assert read == 6879


@pytest.mark.parametrize("label", ["Shift_JIS", "shift-jis", "x-sjis", "Windows-31J", "MS_Kanji"])
def test_a_shift_jis_label_means_cp932(label: str) -> None:
    assert decode("①㈱髙表示ソ".encode("cp932"), codec_for(label) or "") == "①㈱髙表示ソ"


def test_euc_jp_knows_vendor_rows() -> None:
    assert decode(b"\xad\xa1\xbb\xb3\x8e\xb1x", "euc-jp") == "①山ｱx"


def test_labels_are_told_apart_from_unknown_ones() -> None:
    assert codec_for("") == "ascii"
    assert codec_for(' "UTF-8" ') == "utf-8"
    assert codec_for("utf-16") is None
    assert codec_for("x-unknown") is None


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("㈱髙﨑商店", "(株)高崎商店"),
        ("①⑳ｶﾞｲﾄﾞ", "(1)(20)ガイド"),
        ("〜～−－—", "〜〜−−―"),
        ("Ⅳ ㍻ ½", "IV 平成 ½"),
        ("100¥\u00a0x", "100￥ x"),
    ],
)
def test_the_block_is_spelled_for_jis(text: str, spelled: str) -> None:
    assert spell_for_jis(text) == spelled


def test_iso_2022_jp_is_written_with_jis_x_0208_alone() -> None:
    data = encode("㈱髙橋 ｶﾅ ①〜¥", JIS)
    assert data.endswith(b"\x1b(B")
    assert {data[at : at + 3] for at in range(len(data)) if data[at] == 0x1B} <= {
        b"\x1b$B",
        b"\x1b(B",
    }
    assert decode(data, JIS) == "(株)高橋 カナ (1)～￥"


@pytest.mark.parametrize(
    ("text", "codec"), [("😀", JIS), ("山", "ascii"), ("é山", "cp1252"), ("😀", "cp932")]
)
def test_what_has_no_place_is_refused_and_never_replaced(text: str, codec: str) -> None:
    with pytest.raises(CharsetError):
        encode(text, codec)


def test_html_falls_back_to_references() -> None:
    assert encode_html("㈱A山", JIS) == b"&#12849;A" + "山".encode("iso2022_jp")
    assert encode_html("山é", "cp1252") == b"&#23665;\xe9"


def test_wrong_labels_are_read_leniently() -> None:
    assert decode_leniently("山田".encode(), "us-ascii") == "山田"
    assert decode_leniently("山田".encode("cp932"), "utf-8") == "山田"
    assert decode_leniently(b"\xff\xfe\x00", "utf-8")


def test_the_second_set_of_jis_is_not_written() -> None:
    with pytest.raises(CharsetError):
        encode("Sämple", "euc-jp")
    assert encode_html("ä", "euc-jp") == b"&#228;"
