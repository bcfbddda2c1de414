"""A letter is learnt when it comes again, and names nobody."""

import re

import pytest

from gateway.core import known
from gateway.core.decide import decide
from gateway.core.envelope import Address, Envelope
from tests.core.known_mails import (
    COMPANY,
    DESK,
    LETTER,
    NAMES,
    UTF_8,
    anew,
    encoded,
    envelope_of,
    head,
    html_leaf,
    is_known,
    mail_of,
    teach,
)

pytestmark = pytest.mark.usefixtures("forgetful")


def test_an_address_as_its_own_name_is_one_address() -> None:
    mails = [mail_of("page", number, LETTER, name) for number, name in enumerate(NAMES)]
    mails = [raw.replace(b"To: c", b'To: "taro@b.example" <c') for raw in mails]
    mails = [raw.replace(b"@mail.example\r\n", b"@mail.example>\r\n") for raw in mails]
    plans = [decide(raw, envelope_of(raw), COMPANY, DESK) for raw in mails]
    assert plans == [anew(raw, envelope_of(raw)) for raw in mails]


def test_two_letters_of_one_sender_in_turn_are_both_known() -> None:
    letters = (LETTER, LETTER.replace("慎重に", "慎重に慎重に"))
    mails = [
        mail_of("attached", number, letters[number % 2], name)
        for number, name in enumerate((*NAMES, *NAMES))
    ]
    teach(mails[:10])
    assert all(is_known(raw, envelope_of(raw)) for raw in mails[10:])


def test_nothing_is_kept_that_came_with_one_mail_alone() -> None:
    for number in range(5):
        raw = mail_of("attached", number, LETTER, "山田 太郎")
        raw = raw.replace(b"name=a.pdf", b"name=%d.pdf" % number)
        decide(raw, envelope_of(raw), COMPANY, DESK)
    met = known.meet(raw, envelope_of(raw), COMPANY, DESK)
    assert met is not None
    assert known.SENDERS.get(hash(met.sender)) is None


def _letter_of(raw: bytes) -> known.KnownLetter | None:
    met = known.meet(raw, envelope_of(raw), COMPANY, DESK)
    assert met is not None
    return known.LETTERS.get(met.letter)


def test_a_known_letter_names_nobody() -> None:
    teach(mail_of("alternatives", number, LETTER, "五十嵐 翔太") for number in range(1, 9))
    letter = _letter_of(mail_of("alternatives", 77, LETTER, "五十嵐 翔太"))
    assert letter is not None
    assert "五十嵐" not in repr(letter)
    assert "大野" in repr(letter)


def test_a_subject_with_the_name_in_a_longer_word_is_not_kept() -> None:
    def mail_with(number: int) -> bytes:
        own = encoded("【選考結果】五十嵐 翔太 様").encode()
        raw = mail_of("alternatives", number, LETTER, "五十嵐 翔太")
        return raw.replace(own, encoded("ID五十嵐翔太0012 選考結果").encode())

    teach(map(mail_with, range(1, 9)))
    assert _letter_of(mail_with(77)) is None


def test_other_mails_do_not_drive_a_letter_out() -> None:
    teach(mail_of("page", number, LETTER, name) for number, name in enumerate(NAMES))
    raw = mail_of("page", 77, LETTER, "山田 太郎")
    assert is_known(raw, envelope_of(raw))
    for number in range(150):
        other = mail_of("page", number, LETTER.replace("慎重に", f"{number}回"), "山田 太郎")
        bounces = Address(f"bounce+{number}@a.example")
        decide(other, envelope_of(other), COMPANY, DESK)
        decide(raw, Envelope(bounces, envelope_of(raw).recipients), COMPANY, DESK)
    assert is_known(raw, envelope_of(raw))


def test_a_letter_with_and_without_a_name_in_to_is_known_both_ways() -> None:
    mails = [mail_of("alternatives", number, LETTER, name) for number, name in enumerate(NAMES)]
    bare = [raw.replace(b" <c", b" c", 1) for raw in mails]
    bare = [re.sub(rb"\r\nTo: \S+ (\S+)>", rb"\r\nTo: \1", raw) for raw in bare]
    teach((*mails, *bare))
    assert is_known(mails[0], envelope_of(mails[0]))
    assert is_known(bare[0], envelope_of(mails[0]))


JIS_ENDS = (b"\r\n\x1b(B", b"\x1b(B\r\n", b"\r\n", b"\x1b(J\r\n", b"\r\n\x1b(J")


@pytest.mark.parametrize("taught", JIS_ENDS)
def test_what_a_block_depends_on_in_the_bytes_is_compared(taught: bytes) -> None:
    def mail_with(number: int, plain: bytes) -> bytes:
        page = html_leaf(LETTER.format(name="皆")).encode()
        return b"".join((
            head(number, "").encode(), b"Content-Type: multipart/alternative; boundary=b\r\n\r\n",
            b"--b\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\n\r\n", plain,
            b"\r\n--b\r\nContent-Type: text/html", UTF_8.encode(), page, b"\r\n--b--\r\n",
        ))  # fmt: skip

    teach(mail_with(number, taught) for number in range(7))
    raw = mail_with(77, taught)
    assert is_known(raw, envelope_of(raw))
    plans = [decide(mail_with(78, end), envelope_of(raw), COMPANY, DESK) for end in JIS_ENDS]
    for end, plan in zip(JIS_ENDS, plans, strict=True):
        assert plan == anew(mail_with(78, end), envelope_of(raw))
