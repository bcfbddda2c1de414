"""Header values are read as real mails write them."""

import pytest

from gateway.core.header import decode_words, read_parameters


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"plain", "plain"),
        (b"=?UTF-8?B?6YG46ICD?= =?UTF-8?B?57WQ5p6c?=", "選考結果"),
        (b"=?utf-8?q?a=E3=81?= =?utf-8?q?=82_b?= c", "aあ b c"),
        (b"=?ISO-2022-JP?B?GyRCQSo5TRsoQg==?=\r\n =?ISO-2022-JP?B?GyRCN2syTBsoQg==?=", "選考結果"),
        (b"=?iso-2022-jp?B?GyRCLSEtahsoQg==?=", "①㈱"),
        ("選考".encode(), "選考"),
        ("選考".encode("iso2022_jp"), "選考"),
        ("選考".encode("cp932"), "選考"),
        (b"=?utf-8*ja?Q?x?=", "x"),
        (b"=?x-unknown?Q?abc?=", "abc"),
        (b"=?utf-8?B?!!!?=", ""),
        (b"=?utf-8?B?6YG4", "=?utf-8?B?6YG4"),
    ],
)
def test_words_are_decoded(value: bytes, text: str) -> None:
    assert decode_words(value) == text


FLOWED = {"charset": "UTF-8", "format": "flowed"}


@pytest.mark.parametrize(
    ("value", "first", "params"),
    [
        (b'Text/Plain; Charset="UTF-8"; format=flowed', "text/plain", FLOWED),
        (b"text/plain ; charset = utf-8 ;", "text/plain", {"charset": "utf-8"}),
        (b"text/plain; charset=x (comment); a=b", "text/plain", {"charset": "x", "a": "b"}),
        (b'multipart/x; boundary="a;b=\\"c(d)"', "multipart/x", {"boundary": 'a;b="c(d)'}),
        (b"multipart/x; boundary=----=_Part_1", "multipart/x", {"boundary": "----=_Part_1"}),
        (b"text/plain; charset=a; charset=a", "text/plain", {"charset": "a"}),
    ],
)
def test_parameters_are_read(value: bytes, first: str, params: dict[str, str]) -> None:
    read = read_parameters(value)
    assert (read.value, dict(read.params), read.odd) == (first, params, False)


@pytest.mark.parametrize(
    "value",
    [
        b"text/plain; charset=a; charset=b",
        b"text/plain; name=a b",
        b'text/plain; name="never closed',
        b"x" * 5000,
    ],
)
def test_what_two_readers_could_take_differently_is_odd(value: bytes) -> None:
    assert read_parameters(value).odd
