"""A mail of a known letter gets the plan that it would get if nothing had been met before."""

import ast
import base64
import dataclasses
import quopri
import random
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from gateway.core import guard, known
from gateway.core.company import Company, Mode
from gateway.core.decide import decide
from gateway.core.envelope import Address, Envelope
from gateway.core.findings import ALWAYS_NOTIFY
from gateway.core.origin import Answer
from gateway.core.plan import Desk, Plan
from gateway.core.skeleton import READ_FIELDS
from gateway.core.why import Why
from gateway.render import Renderer

ROOT = Path(__file__).resolve().parent.parent.parent
HR = Address("saiyo@a.example")
COMPANY = Company(1, "株式会社サンプル", ("a.example",), mode=Mode.INJECT)
DESK = Desk(b"k" * 32, "https://relay.example", Renderer(ROOT / "templates").block)

LETTER = """\
{name} 様

株式会社サンプル 採用担当の鈴木でございます。
このたびは弊社の求人にご応募いただき、誠にありがとうございました。
社内で慎重に選考を重ねましたが、誠に残念ながら、今回は採用を見送らせていただきます。
末筆ではございますが、{name} 様の今後のご活躍を心よりお祈り申し上げます。

--
株式会社サンプル 人事部 鈴木
"""
ORDINARY = """\
{name} 様

株式会社サンプルの鈴木です。いつもお世話になっております。
ご依頼いただいた四月の納品分につきまして、資料をお送りします。
ご不明な点がございましたら、いつでもお問い合わせください。{name} 様にもよろしくお伝えください。
"""
ENGLISH = """\
Dear {name},

Thank you for applying to Sample Inc. and for your time.
Unfortunately, we have decided not to move forward with your application.
We wish you all the best in your job search.

Sample Inc. Recruiting
"""
NAMES = ("山田 太郎", "佐藤 花子", "長谷川 美咲", "林 健", "佐々木 凛", "五十嵐 翔太", "候補 12345")
LATIN = ("Mary Smith", "Lucy Brown", "Kenji Sato", "Sofia Rossi")


def _encoded(text: str) -> str:
    return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="


def _head(number: int, name: str, boundary: str = "") -> str:
    """Return what stands above the body; a name is shown in To and Subject."""
    kind = f'multipart/alternative; boundary="{boundary}"' if boundary else ""
    address = f"c{number}@mail.example"
    shown = _encoded(name)
    return "".join((
        f"Received: from mx.a.example by relay.a.example id {number:08x};\r\n\tMon, 5 Jan 2026\r\n",
        f"From: =?utf-8?B?5o6h55So5ouF5b2T?= <{HR}>\r\n",
        f"To: {shown} <{address}>\r\n" if name else f"To: {address}\r\n",
        f"Subject: {_encoded(f'【選考結果】{name} 様' if name else '選考結果のご案内')}\r\n",
        f"Date: Mon, 05 Jan 2026 10:00:{number % 60:02} +0900\r\n",
        f"Message-ID: <{number}@a.example>\r\nX-Id: {number * 7919}\r\nMIME-Version: 1.0\r\n",
        f"Content-Type: {kind}\r\n" if kind else "",
    ))  # fmt: skip


def _base64(text: str) -> str:
    data = base64.encodebytes(text.replace("\n", "\r\n").encode()).decode().replace("\n", "\r\n")
    return f"Content-Transfer-Encoding: base64\r\n\r\n{data}"


def _html(text: str) -> str:
    page = f"<html><body>\n<p>{text.replace(chr(10), '<br>' + chr(10))}</p>\n</body></html>\n"
    data = quopri.encodestring(page.encode()).decode().replace("\n", "\r\n")
    return f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{data}"


UTF_8 = "; charset=utf-8\r\n"


def _alternatives(number: int, text: str, name: str) -> str:
    mark = f"=_{number * 104729:x}"
    return "".join((
        _head(number, name, mark),
        f"\r\n--{mark}\r\nContent-Type: text/plain", UTF_8, _base64(text),
        f"\r\n--{mark}\r\nContent-Type: text/html", UTF_8, _html(text), f"\r\n--{mark}--\r\n",
    ))  # fmt: skip


def _attached(number: int, text: str, _name: str) -> str:
    outer, inner = f"outer{number}x", f"inner{number % 3}y"
    file = base64.encodebytes(b"%PDF" * 900).decode().replace("\n", "\r\n")
    return "".join((
        _head(number, "", outer).replace("alternative", "mixed"),
        f"\r\n--{outer}\r\nContent-Type: multipart/alternative; boundary={inner}\r\n",
        f"\r\n--{inner}\r\nContent-Type: text/plain", UTF_8, _base64(text),
        f"\r\n--{inner}\r\nContent-Type: text/html", UTF_8, _html(text), f"\r\n--{inner}--\r\n",
        f"\r\n--{outer}\r\nContent-Type: application/pdf; name=a.pdf\r\n",
        f"Content-Transfer-Encoding: base64\r\n\r\n{file}\r\n--{outer}--\r\n",
    ))  # fmt: skip


def _single(number: int, text: str, name: str) -> str:
    return _head(number, name) + "Content-Type: text/plain" + UTF_8 + _base64(text)


def _page(number: int, text: str, _name: str) -> str:
    return _head(number, "") + "Content-Type: text/html" + UTF_8 + _html(text)


def _jis(number: int, text: str, name: str) -> str:
    fields = "Content-Type: text/plain; charset=ISO-2022-JP\r\n\r\n"
    body = text.replace("\n", "\r\n").encode("iso2022_jp")
    return _head(number, name) + fields + body.decode("ascii")


FORMS: dict[str, Callable[[int, str, str], str]] = {
    "alternatives": _alternatives,
    "attached": _attached,
    "single": _single,
    "page": _page,
    "jis": _jis,
}


def _mail(form: str, number: int, letter: str, name: str) -> bytes:
    return FORMS[form](number, letter.format(name=name), name).encode()


def _envelope(raw: bytes) -> Envelope:
    """Return the envelope of a mail to who stands in its To."""
    value = raw[raw.index(b"\r\nTo: ") + 6 :].partition(b"\r\n")[0]
    return Envelope(HR, (Address(value.rpartition(b"<")[2].strip(b">").decode()),))


def _anew(raw: bytes, envelope: Envelope, company: Company = COMPANY, desk: Desk = DESK) -> Plan:
    known.forget()
    return decide(raw, envelope, company, desk)


def _met(raw: bytes, envelope: Envelope, company: Company = COMPANY, desk: Desk = DESK) -> bool:
    """Tell whether the mail's plan is known."""
    met = known.meet(raw, envelope, company, desk)
    return met is not None and met.plan is not None


def _teach(mails: Iterable[bytes]) -> None:
    known.forget()
    for raw in mails:
        decide(raw, _envelope(raw), COMPANY, DESK)


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    known.forget()
    yield
    known.forget()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("letter", "names", "why"),
    [
        (LETTER, NAMES, Why.LINK_ADDED),
        (ORDINARY, NAMES, Why.NOT_A_REJECTION),
        (ENGLISH, LATIN, Why.LINK_ADDED),
    ],
)
def test_the_plan_from_memory_is_the_plan_made_anew(
    form: str, letter: str, names: tuple[str, ...], why: Why
) -> None:
    numbered = enumerate((*names, *names, *names), 9)
    mails = [_mail(form, number * 7, letter, name) for number, name in numbered]
    plans = []
    answered = 0
    for raw in mails:
        answered += _met(raw, _envelope(raw))
        plans.append(decide(raw, _envelope(raw), COMPANY, DESK))
    assert {plan.why for plan in plans} == {why}
    assert answered >= len(mails) - 4
    for raw, plan in zip(mails, plans, strict=True):
        assert _anew(raw, _envelope(raw)) == plan


def test_a_letter_is_known_from_its_fifth_mail_on() -> None:
    mails = [_mail("alternatives", number, LETTER, name) for number, name in enumerate(NAMES)]
    answered = []
    for raw in mails:
        answered.append(_met(raw, _envelope(raw)))
        decide(raw, _envelope(raw), COMPANY, DESK)
    assert answered == [False] * 4 + [True] * 3  # twice the skeleton, once the text, once to learn


ODD_NAMES = (
    *(
        "大野 真司",
        "合格 太郎",
        "採用 花子",
        "内定 一郎",
        "見送 次郎",
        "株式 会社",
        "市川 海老蔵",
        "人事 部",
    ),
    *(
        "小野 恵",
        "御社",
        "弊社 太郎",
        "結果 良子",
        "鈴木",
        "佐 藤",
        "高橋\u3000凛",
        "ﾔﾏﾀﾞ ﾀﾛｳ",
        "山田(太郎)",
    ),
    *(
        "山田太郎",
        "Mary Jones",
        "応募者",
        "担当者",
        "大野",
        "真司 大野",
        "様 様",
        "お 祈り",
        "𠮷野 家",
        "0 0",
    ),
)


@pytest.mark.parametrize(
    ("form", "name"),
    [
        *[("alternatives", name) for name in ODD_NAMES],
        *[("jis", name) for name in ODD_NAMES if "𠮷" not in name and "ﾔ" not in name],
    ],
)
def test_an_odd_name_changes_nothing(form: str, name: str) -> None:
    raw = _mail(form, 77, LETTER, name)
    wanted = _anew(raw, _envelope(raw))
    _teach(_mail(form, number, LETTER, name) for number, name in enumerate(NAMES))
    assert decide(raw, _envelope(raw), COMPANY, DESK) == wanted


MORE_FIELDS = (
    *(b"Cc: boss@b.example", b"DKIM-Signature: v=1; d=a.example; s=x; b=aa", b"Content-Length: 5"),
    *(b"List-Id: <x.a.example>", b"Auto-Submitted: auto-replied", b"Precedence: auto_reply"),
    *(
        b"To: other@b.example",
        b"Message-ID: <second@a.example>",
        b"X-Career-Relay: off",
        b"Lines: 3",
    ),
    *(
        b"X-Career-Relay: on",
        b"Sender: x@b.example",
        b"Resent-From: x@b.example",
        b"Content-MD5: x",
    ),
    *(b"From: other@a.example", b"Subject : x", b"no field", b"X-Odd : y", b"ARC-Seal: x", b": x"),
    *(b"List-Post: <mailto:x@a.example>", b"X-Autoreply: yes", b"Subject: second", b" folded"),
    *(b"Content-Type: text/html", b"Content-Transfer-Encoding: 8bit", b"Mime-Version: 2.0"),
    *(
        b"Content-Class: rpmsg.message",
        b"Content-Disposition: attachment",
        b"X-Null: \0",
        b"X-CR: \rx",
    ),
)


@pytest.mark.parametrize("field", MORE_FIELDS)
@pytest.mark.parametrize("place", [b"Date: ", b"From: ", b"\r\n"])
def test_a_field_decides_about_a_mail_of_a_known_letter_too(field: bytes, place: bytes) -> None:
    _teach(_mail("alternatives", number, LETTER, name) for number, name in enumerate(NAMES))
    raw = _mail("alternatives", 77, LETTER, "山田 太郎")
    assert _met(raw, _envelope(raw))
    at = raw.index(b"\r\n\r\n") + 2 if place == b"\r\n" else raw.index(place)
    odd = raw[:at] + field + b"\r\n" + raw[at:]
    envelope = _envelope(raw)
    plan = decide(odd, envelope, COMPANY, DESK)
    assert plan == _anew(odd, envelope)


RULE = "header:x-id=1"
OTHER_COMPANIES = {
    "observing": dataclasses.replace(COMPANY, mode=Mode.OBSERVE),
    "other domains": dataclasses.replace(COMPANY, domains=("b.example",)),
    "candidates of its own": dataclasses.replace(COMPANY, domains=("a.example", "mail.example")),
    "other senders": dataclasses.replace(COMPANY, senders=("eigyo@a.example",)),
    "sender by a field": dataclasses.replace(COMPANY, senders=(RULE,)),
    "stricter": dataclasses.replace(COMPANY, offset=20.0),
    "sender by To": dataclasses.replace(COMPANY, senders=("header:to=c2",)),
    "sender by Message-ID": dataclasses.replace(COMPANY, senders=("header:message-id=<2",)),
    "sender by a boundary": dataclasses.replace(COMPANY, senders=("header:content-type=_2",)),
    "sender by Subject": dataclasses.replace(COMPANY, senders=("header:subject=選考",)),
    "another name": dataclasses.replace(COMPANY, name="株式会社別", courtesy=ALWAYS_NOTIFY),
}


@pytest.mark.parametrize("company", OTHER_COMPANIES.values(), ids=OTHER_COMPANIES)
def test_what_is_known_holds_for_the_company_as_it_was(company: Company) -> None:
    mails = [_mail("alternatives", number, LETTER, NAMES[number % 6]) for number in range(7, 46)]
    _teach(mails[:7])
    assert _met(mails[7], _envelope(mails[7]))
    plans = [decide(raw, _envelope(raw), company, DESK) for raw in mails]
    for raw, plan in zip(mails, plans, strict=True):
        assert plan == _anew(raw, _envelope(raw), company)


@pytest.mark.parametrize(
    "envelope",
    [
        Envelope(Address(""), (Address("c77@mail.example"),)),
        Envelope(Address("saiyo+relay-off@a.example"), (Address("c77@mail.example"),)),
        Envelope(HR, (Address("info@mail.example"),)),
        Envelope(HR, (Address("boss@a.example"),)),
        Envelope(HR, (Address("c77@mail.example"), Address("c78@mail.example"))),
        Envelope(HR, (Address("other@mail.example"),)),
    ],
)
def test_the_envelope_decides_about_a_mail_of_a_known_letter_too(envelope: Envelope) -> None:
    _teach(_mail("alternatives", number, LETTER, name) for number, name in enumerate(NAMES))
    raw = _mail("alternatives", 77, LETTER, "山田 太郎")
    assert decide(raw, envelope, COMPANY, DESK) == _anew(raw, envelope)


def test_an_answer_holds_for_mails_of_its_origin() -> None:
    mails = [_mail("page", number, LETTER, name) for number, name in enumerate(NAMES)]
    origin = decide(mails[0], _envelope(mails[0]), COMPANY, DESK).origin
    assert origin is not None
    denied = Answer(origin, "mail-1", is_rejection=False, was_taken=True)
    company = dataclasses.replace(COMPANY, answers=(denied,))
    other = mails[0].replace(_encoded("選考結果のご案内").encode(), b"Result")
    for raw in (*mails, *mails, other, *mails, other):
        plan = decide(raw, _envelope(raw), company, DESK)
        assert plan.why is (Why.LINK_ADDED if raw is other else Why.POSSIBLE_REJECTION)
    plans = [decide(raw, _envelope(raw), COMPANY, DESK) for raw in (*mails, other)]
    for raw, plan in zip((*mails, other), plans, strict=True):
        assert plan == _anew(raw, _envelope(raw))


SUBJECTS = (
    "選考結果",
    "山田 太郎",
    "山田太郎様",
    "Re: 山田 太郎 様",
    "【選考結果】山田 太郎様の件",
    "",
    "合格",
)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_subject_decides_about_a_mail_of_a_known_letter_too(subject: str) -> None:
    for name in ("山田 太郎", "合格 太郎"):
        _teach(_mail("alternatives", number, LETTER, name) for number, name in enumerate(NAMES))
        raw = _mail("alternatives", 77, LETTER, name)
        own = _encoded(f"【選考結果】{name} 様").encode()
        assert own in raw
        raw = raw.replace(own, _encoded(subject).encode())
        plan = decide(raw, _envelope(raw), COMPANY, DESK)
        assert plan == _anew(raw, _envelope(raw))


def test_another_desk_is_asked_anew() -> None:
    _teach(_mail("single", number, LETTER, name) for number, name in enumerate(NAMES))
    raw = _mail("single", 77, LETTER, "山田 太郎")
    for desk in (
        dataclasses.replace(DESK, key=b"x" * 32),
        dataclasses.replace(DESK, link_base="https://other.example"),
        dataclasses.replace(DESK, require_proof=True),
    ):
        plan = decide(raw, _envelope(raw), COMPANY, desk)
        assert plan == _anew(raw, _envelope(raw), COMPANY, desk)
        _teach(_mail("single", number, LETTER, name) for number, name in enumerate(NAMES))


PIECES = (
    *(
        b"",
        b"x",
        b"\r\n",
        b"\n",
        b"\r",
        b"--",
        b"\r\n--",
        b"=",
        b"=\r\n",
        b"\0",
        b"\x1b$B",
        b" ",
        b"<",
    ),
    *(
        b"\r\n\r\n",
        b"a: b\r\n",
        "様".encode(),
        b"=E6=A7=98",
        b"boundary=",
        b"\t",
        b"</p>",
        b"-- \r\n",
    ),
)


@pytest.mark.parametrize("seed", range(8))
def test_a_mail_spoilt_anywhere_gets_the_plan_made_anew(seed: int) -> None:
    chance = random.Random(seed)
    spoilt = []
    for _ in range(60):
        form = chance.choice([*FORMS])
        raw = _mail(form, chance.randrange(1000), LETTER, chance.choice(NAMES))
        mark = _outer_boundary(raw)
        pieces = (*PIECES, b"\r\n--" + mark, b"\r\n--" + mark + b"--", b"\r\n--" + mark + b"\r\n")
        envelope = _envelope(raw)
        for _ in range(chance.choice((1, 1, 2))):
            at = chance.randrange(chance.choice((len(raw), 100)))
            cut = at + chance.choice((0, 0, 1, 3, 80))
            raw = raw[:at] + chance.choice(pieces) + raw[cut:]
        spoilt.append((form, raw, envelope))
    wanted = [_anew(raw, envelope) for _, raw, envelope in spoilt]
    _teach(_mail(form, number, LETTER, name) for form in FORMS for number, name in enumerate(NAMES))
    answered = 0
    for (_, raw, envelope), plan in zip(spoilt, wanted, strict=True):
        answered += _met(raw, envelope)
        assert decide(raw, envelope, COMPANY, DESK) == plan, raw
    assert answered


def _outer_boundary(raw: bytes) -> bytes:
    return raw.partition(b'boundary="')[2].partition(b'"')[0]


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("same", "same"),
        ("mark", "mark1"),
        ("mark1", "mark"),
        ("inner", "pdf"),
        ("a", "b"),
        ("a", "a"),
    ],
)
def test_boundaries_that_are_too_like_are_looked_at_anew(outer: str, inner: str) -> None:
    _teach(_mail("attached", number, LETTER, name) for number, name in enumerate(NAMES))
    raw = _mail("attached", 78, LETTER, "山田 太郎")
    assert _met(raw, _envelope(raw))
    raw = raw.replace(b"outer78x", outer.encode()).replace(b"inner0y", inner.encode())
    assert decide(raw, _envelope(raw), COMPANY, DESK) == _anew(raw, _envelope(raw))


def _spelt(kind: str, above: str, boundary: str, file: str = "") -> bytes:
    """Return a letter in two parts, or with a file, whose parts are told in an odd way."""
    text = LETTER.format(name="山田 太郎")
    more = f"\r\n--{boundary}\r\nContent-Type: image/png; name={file}\r\n\r\nx" if file else ""
    return "".join((
        _head(7, ""), f"Content-Type: {kind}\r\n\r\n{above}--{boundary}\r\n",
        f"Content-Type: text/plain{UTF_8}{_base64(text)}{more}\r\n--{boundary}--\r\n",
    )).encode()  # fmt: skip


def _plain_named(file: str) -> bytes:
    text = _base64(LETTER.format(name="山田 太郎"))
    kind = f'Content-Type: text/plain; name="{file}"; charset=utf-8\r\n'
    return (_head(7, "") + kind + text).encode()


SPELT_ODDLY = {
    "told twice": (
        _spelt("multipart/mixed; boundary=S; boundary=S", "", "S"),
        _spelt("multipart/mixed; boundary=X; boundary=S", "", "X"),
    ),
    "told by a like name": (
        _spelt("multipart/mixed; x-boundary=S; boundary=S", "", "S"),
        _spelt("multipart/mixed; x-boundary=S; boundary=X", "", "S"),
    ),
    "in a file's name": (
        _spelt("multipart/mixed; boundary=S", "", "S", "--S"),
        _spelt("multipart/mixed; boundary=a.rpmsg", "", "a.rpmsg", "--a.rpmsg"),
    ),
    "above the parts": (
        _spelt("multipart/mixed; boundary=S", "boundary=T\r\n--T\r\n", "S"),
        _spelt("multipart/mixed; boundary=S", "boundary=S\r\n--S\r\n", "S"),
    ),
    "of a part's type": (
        _spelt("multipart/mixed; boundary=html", "", "html", "html"),
        _spelt("multipart/mixed; boundary=xxxx", "", "xxxx", "xxxx"),
    ),
    "a name that looks like it": (
        _plain_named("boundary=a"),
        _plain_named("boundary=a.rpmsg"),
    ),
}


@pytest.mark.parametrize(("taught", "asked"), SPELT_ODDLY.values(), ids=SPELT_ODDLY)
def test_boundaries_told_oddly_are_looked_at_anew(taught: bytes, asked: bytes) -> None:
    _teach([taught] * 5)
    assert decide(asked, _envelope(asked), COMPANY, DESK) == _anew(asked, _envelope(asked))


@pytest.mark.parametrize("line", ["-----BEGIN PGP MESSAGE-----", "begin 644 a.txt"])
def test_what_the_guard_finds_in_the_bytes_counts_where_the_text_is_the_same(line: str) -> None:
    letter = LETTER.replace("\n--\n", f"\n{line}\n--\n")
    raw = _mail("jis", 7, letter, "山田 太郎")
    hidden = raw.replace(line.encode(), b"\x1b(B" + line.encode())
    assert _anew(raw, _envelope(raw)).why != _anew(hidden, _envelope(raw)).why
    _teach([hidden] * 5)
    assert _met(hidden, _envelope(raw))
    assert decide(raw, _envelope(raw), COMPANY, DESK) == _anew(raw, _envelope(raw))


def test_an_address_as_its_own_name_is_one_address() -> None:
    mails = [_mail("page", number, LETTER, name) for number, name in enumerate(NAMES)]
    mails = [raw.replace(b"To: c", b'To: "taro@b.example" <c') for raw in mails]
    mails = [raw.replace(b"@mail.example\r\n", b"@mail.example>\r\n") for raw in mails]
    plans = [decide(raw, _envelope(raw), COMPANY, DESK) for raw in mails]
    assert plans == [_anew(raw, _envelope(raw)) for raw in mails]


def test_two_letters_of_one_sender_in_turn_are_both_known() -> None:
    letters = (LETTER, LETTER.replace("慎重に", "慎重に慎重に"))
    mails = [
        _mail("attached", number, letters[number % 2], name)
        for number, name in enumerate((*NAMES, *NAMES))
    ]
    _teach(mails[:10])
    assert all(_met(raw, _envelope(raw)) for raw in mails[10:])


def test_nothing_is_kept_that_came_with_one_mail_alone() -> None:
    for number in range(5):
        raw = _mail("attached", number, LETTER, "山田 太郎")
        raw = raw.replace(b"name=a.pdf", b"name=%d.pdf" % number)
        decide(raw, _envelope(raw), COMPANY, DESK)
    met = known.meet(raw, _envelope(raw), COMPANY, DESK)
    assert met is not None
    assert known.SENDERS.get(hash(met.sender)) is None


def _letter_of(raw: bytes) -> known.KnownLetter | None:
    met = known.meet(raw, _envelope(raw), COMPANY, DESK)
    assert met is not None
    return known.LETTERS.get(met.letter)


def test_a_known_letter_names_nobody() -> None:
    _teach(_mail("alternatives", number, LETTER, "五十嵐 翔太") for number in range(1, 9))
    letter = _letter_of(_mail("alternatives", 77, LETTER, "五十嵐 翔太"))
    assert letter is not None
    assert "五十嵐" not in repr(letter)
    assert "大野" in repr(letter)


def test_a_subject_with_the_name_in_a_longer_word_is_not_kept() -> None:
    def mail_with(number: int) -> bytes:
        own = _encoded("【選考結果】五十嵐 翔太 様").encode()
        raw = _mail("alternatives", number, LETTER, "五十嵐 翔太")
        return raw.replace(own, _encoded("ID五十嵐翔太0012 選考結果").encode())

    _teach(map(mail_with, range(1, 9)))
    assert _letter_of(mail_with(77)) is None


def test_other_mails_do_not_drive_a_letter_out() -> None:
    _teach(_mail("page", number, LETTER, name) for number, name in enumerate(NAMES))
    raw = _mail("page", 77, LETTER, "山田 太郎")
    assert _met(raw, _envelope(raw))
    for number in range(150):
        other = _mail("page", number, LETTER.replace("慎重に", f"{number}回"), "山田 太郎")
        bounces = Address(f"bounce+{number}@a.example")
        decide(other, _envelope(other), COMPANY, DESK)
        decide(raw, Envelope(bounces, _envelope(raw).recipients), COMPANY, DESK)
    assert _met(raw, _envelope(raw))


def test_a_letter_with_and_without_a_name_in_to_is_known_both_ways() -> None:
    mails = [_mail("alternatives", number, LETTER, name) for number, name in enumerate(NAMES)]
    bare = [raw.replace(b" <c", b" c", 1) for raw in mails]
    bare = [re.sub(rb"\r\nTo: \S+ (\S+)>", rb"\r\nTo: \1", raw) for raw in bare]
    _teach((*mails, *bare))
    assert _met(mails[0], _envelope(mails[0]))
    assert _met(bare[0], _envelope(mails[0]))


JIS_ENDS = (b"\r\n\x1b(B", b"\x1b(B\r\n", b"\r\n", b"\x1b(J\r\n", b"\r\n\x1b(J")


@pytest.mark.parametrize("taught", JIS_ENDS)
def test_what_a_block_depends_on_in_the_bytes_is_compared(taught: bytes) -> None:
    def mail_with(number: int, plain: bytes) -> bytes:
        page = _html(LETTER.format(name="皆")).encode()
        return b"".join((
            _head(number, "").encode(), b"Content-Type: multipart/alternative; boundary=b\r\n\r\n",
            b"--b\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\n\r\n", plain,
            b"\r\n--b\r\nContent-Type: text/html", UTF_8.encode(), page, b"\r\n--b--\r\n",
        ))  # fmt: skip

    _teach(mail_with(number, taught) for number in range(7))
    raw = mail_with(77, taught)
    assert _met(raw, _envelope(raw))
    plans = [decide(mail_with(78, end), _envelope(raw), COMPANY, DESK) for end in JIS_ENDS]
    for end, plan in zip(JIS_ENDS, plans, strict=True):
        assert plan == _anew(mail_with(78, end), _envelope(raw))


def _names_asked_for() -> Iterator[str]:
    """Yield every field name that the core asks a message's header for."""
    for path in sorted((ROOT / "gateway/core").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                if called in {"named", "field_values", "header"} and node.args:
                    last = node.args[-1]
                    if isinstance(last, ast.Constant) and isinstance(last.value, str):
                        yield last.value


def _names_compared() -> Iterator[str]:
    """Yield every string that the core compares a field's name with."""
    for path in sorted((ROOT / "gateway/core").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare) and ast.unparse(node.left) in {
                "one.name",
                "field.name",
            }:
                for other in node.comparators:
                    yield from _strings_in(other)


def _strings_in(node: ast.expr) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def test_every_field_that_is_asked_for_is_looked_at() -> None:
    asked = {*_names_asked_for(), *_names_compared()} - {""}
    assert {"cc", "dkim-signature"} <= asked
    assert {"from", "subject", "to", "message-id", "content-class"} <= asked
    assert asked <= READ_FIELDS


def test_every_field_that_the_guard_knows_is_looked_at() -> None:
    signs = {one for row in guard._TABLE for one in row.signs if isinstance(one, str)}
    fields = {one for one in signs if "/" not in one and "." not in one}
    assert {"list-id", "content-md5"} <= fields
    assert fields <= READ_FIELDS
