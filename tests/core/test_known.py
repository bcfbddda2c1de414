"""A mail of a known letter gets the plan that it would get if nothing had been met before."""

import dataclasses
import random

import pytest

from gateway.core.answer import Answer
from gateway.core.company import Company, Mode
from gateway.core.decide import decide
from gateway.core.envelope import Address, Envelope
from gateway.core.findings import ALWAYS_NOTIFY
from gateway.core.why import Why
from tests.core.known_mails import (
    COMPANY,
    DESK,
    ENGLISH,
    FORMS,
    HR,
    LATIN,
    LETTER,
    NAMES,
    ORDINARY,
    anew,
    encoded,
    envelope_of,
    is_known,
    mail_of,
    teach,
)

pytestmark = pytest.mark.usefixtures("forgetful")


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
    mails = [mail_of(form, number * 7, letter, name) for number, name in numbered]
    plans = []
    answered = 0
    for raw in mails:
        answered += is_known(raw, envelope_of(raw))
        plans.append(decide(raw, envelope_of(raw), COMPANY, DESK))
    assert {plan.why for plan in plans} == {why}
    assert answered >= len(mails) - 4
    for raw, plan in zip(mails, plans, strict=True):
        assert anew(raw, envelope_of(raw)) == plan


def test_a_letter_is_known_from_its_fifth_mail_on() -> None:
    mails = [mail_of("alternatives", number, LETTER, name) for number, name in enumerate(NAMES)]
    answered = []
    for raw in mails:
        answered.append(is_known(raw, envelope_of(raw)))
        decide(raw, envelope_of(raw), COMPANY, DESK)
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
    raw = mail_of(form, 77, LETTER, name)
    wanted = anew(raw, envelope_of(raw))
    teach(mail_of(form, number, LETTER, name) for number, name in enumerate(NAMES))
    assert decide(raw, envelope_of(raw), COMPANY, DESK) == wanted


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
    teach(mail_of("alternatives", number, LETTER, name) for number, name in enumerate(NAMES))
    raw = mail_of("alternatives", 77, LETTER, "山田 太郎")
    assert is_known(raw, envelope_of(raw))
    at = raw.index(b"\r\n\r\n") + 2 if place == b"\r\n" else raw.index(place)
    odd = raw[:at] + field + b"\r\n" + raw[at:]
    envelope = envelope_of(raw)
    plan = decide(odd, envelope, COMPANY, DESK)
    assert plan == anew(odd, envelope)


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
    mails = [mail_of("alternatives", number, LETTER, NAMES[number % 6]) for number in range(7, 46)]
    teach(mails[:7])
    assert is_known(mails[7], envelope_of(mails[7]))
    plans = [decide(raw, envelope_of(raw), company, DESK) for raw in mails]
    for raw, plan in zip(mails, plans, strict=True):
        assert plan == anew(raw, envelope_of(raw), company)


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
    teach(mail_of("alternatives", number, LETTER, name) for number, name in enumerate(NAMES))
    raw = mail_of("alternatives", 77, LETTER, "山田 太郎")
    assert decide(raw, envelope, COMPANY, DESK) == anew(raw, envelope)


def test_an_answer_holds_for_mails_of_its_origin() -> None:
    mails = [mail_of("page", number, LETTER, name) for number, name in enumerate(NAMES)]
    origin = decide(mails[0], envelope_of(mails[0]), COMPANY, DESK).origin
    assert origin is not None
    denied = Answer(origin, "mail-1", is_rejection=False, was_taken=True)
    company = dataclasses.replace(COMPANY, answers=(denied,))
    other = mails[0].replace(encoded("選考結果のご案内").encode(), b"Result")
    for raw in (*mails, *mails, other, *mails, other):
        plan = decide(raw, envelope_of(raw), company, DESK)
        assert plan.why is (Why.LINK_ADDED if raw is other else Why.POSSIBLE_REJECTION)
    plans = [decide(raw, envelope_of(raw), COMPANY, DESK) for raw in (*mails, other)]
    for raw, plan in zip((*mails, other), plans, strict=True):
        assert plan == anew(raw, envelope_of(raw))


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
        teach(mail_of("alternatives", number, LETTER, name) for number, name in enumerate(NAMES))
        raw = mail_of("alternatives", 77, LETTER, name)
        own = encoded(f"【選考結果】{name} 様").encode()
        assert own in raw
        raw = raw.replace(own, encoded(subject).encode())
        plan = decide(raw, envelope_of(raw), COMPANY, DESK)
        assert plan == anew(raw, envelope_of(raw))


def test_another_desk_is_asked_anew() -> None:
    teach(mail_of("single", number, LETTER, name) for number, name in enumerate(NAMES))
    raw = mail_of("single", 77, LETTER, "山田 太郎")
    for desk in (
        dataclasses.replace(DESK, key=b"x" * 32),
        dataclasses.replace(DESK, link_base="https://other.example"),
        dataclasses.replace(DESK, require_proof=True),
    ):
        plan = decide(raw, envelope_of(raw), COMPANY, desk)
        assert plan == anew(raw, envelope_of(raw), COMPANY, desk)
        teach(mail_of("single", number, LETTER, name) for number, name in enumerate(NAMES))


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
        raw = mail_of(form, chance.randrange(1000), LETTER, chance.choice(NAMES))
        mark = _outer_boundary(raw)
        pieces = (*PIECES, b"\r\n--" + mark, b"\r\n--" + mark + b"--", b"\r\n--" + mark + b"\r\n")
        envelope = envelope_of(raw)
        for _ in range(chance.choice((1, 1, 2))):
            at = chance.randrange(chance.choice((len(raw), 100)))
            cut = at + chance.choice((0, 0, 1, 3, 80))
            raw = raw[:at] + chance.choice(pieces) + raw[cut:]
        spoilt.append((form, raw, envelope))
    wanted = [anew(raw, envelope) for _, raw, envelope in spoilt]
    teach(
        mail_of(form, number, LETTER, name) for form in FORMS for number, name in enumerate(NAMES)
    )
    answered = 0
    for (_, raw, envelope), plan in zip(spoilt, wanted, strict=True):
        answered += is_known(raw, envelope)
        assert decide(raw, envelope, COMPANY, DESK) == plan, raw
    assert answered


def _outer_boundary(raw: bytes) -> bytes:
    return raw.partition(b'boundary="')[2].partition(b'"')[0]
