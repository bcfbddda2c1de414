"""A mail's origin, and what people's answers on one mail mean for others of its origin."""

import dataclasses

import pytest

from gateway.core.answer import Answer, Origin
from gateway.core.company import Company, Language
from gateway.core.detect import Judgement, Verdict, judge
from gateway.core.envelope import Address, Envelope
from gateway.core.mime import scan
from gateway.core.origin import find_origin
from gateway.core.reader import read_text
from gateway.core.rules.spoken import spoken_label
from gateway.core.verdict import verdicts_in
from gateway.core.why import Action, Why
from gateway.web.explanation import Decided, five_lines

KEY = b"k" * 32
COMPANY = Company(7, "Kanado", ("kanado.example",))
SUBJECT = "選考結果のご連絡"
REJECTION = (
    "このたびはご応募いただきありがとうございました。慎重に選考を重ねました結果、"
    "誠に残念ながら、今回は採用を見送らせていただくこととなりました。"
)
NEAR_SUBJECT = "ご応募の件"
NEAR = "今回は次の方にお願いすることにしました。"
VETOED = REJECTION + "なお、別のポジションについて面接にお越しいただけますでしょうか。"


def origin_of(
    subject: str, sender: str = "hr@kanado.example", company_id: int = 7, key: bytes = KEY
) -> str | None:
    read = read_text("x", subject).subject
    return find_origin(Address(sender), read.text if read is not None else "", key, company_id)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(SUBJECT, f"Re: {SUBJECT}", id="an answer"),
        pytest.param(f"{SUBJECT}(山田太郎様)", f"{SUBJECT}(鈴木花子様)", id="names"),
        pytest.param("選考結果 4月3日", "選考結果 12月24日", id="dates"),
        pytest.param("【株式会社さくら】選考結果", "【選考結果】", id="company and brackets"),
        pytest.param("Your application no. 123", "Your application no. 98765", id="numbers"),
        pytest.param("Your  Application", "YOUR APPLICATION", id="letter case and blanks"),
    ],
)
def test_subjects_that_differ_by_names_and_numbers_are_of_one_origin(one: str, other: str) -> None:
    assert origin_of(one) == origin_of(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("【選考結果】のご連絡", "【内定】のご連絡", id="words in brackets"),
        pytest.param("面接のご案内", SUBJECT, id="another subject"),
    ],
)
def test_other_subjects_are_of_other_origins(one: str, other: str) -> None:
    assert origin_of(one) != origin_of(other)


def test_a_sender_counts_without_letter_case_and_sub_address() -> None:
    mine = origin_of(SUBJECT)
    assert origin_of(SUBJECT, "HR+tokyo@Kanado.example") == mine
    assert origin_of(SUBJECT, "jobs@kanado.example") != mine


def test_an_origin_is_bound_to_company_and_secret_and_shows_no_word() -> None:
    mine = origin_of("Your application")
    assert mine is not None
    assert len(mine) == 32
    assert origin_of("Your application", company_id=8) != mine
    assert origin_of("Your application", key=b"other") != mine


@pytest.mark.parametrize("subject", ["", "Re:", "山田太郎様", "2026/04/03"])
def test_a_subject_without_words_has_no_origin(subject: str) -> None:
    assert origin_of(subject) is None


def judged(body: str, *answers: Answer, told: bool = False, offset: float = 0.0) -> Judgement:
    subject = NEAR_SUBJECT if body == NEAR else SUBJECT
    raw = (
        f"From: yui@kanado.example\r\nTo: t@mail.example\r\nSubject: {subject}\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    ).encode()
    envelope = Envelope(Address("yui@kanado.example"), (Address("t@mail.example"),))
    company = dataclasses.replace(COMPANY, answers=answers, offset=offset)
    return judge(raw, scan(raw), envelope, company, KEY, told=told)


def said(body: str, *, is_rejection: bool, was_taken: bool) -> Answer:
    """Return the answer on a mail with this body."""
    found = judged(body)
    assert found.origin is not None
    heard = verdicts_in(found.evidence)
    return Answer(found.origin, "m-1", is_rejection, was_taken, heard)


DENIED = said(REJECTION, is_rejection=False, was_taken=True)
CONFIRMED = said(NEAR, is_rejection=True, was_taken=False)
OF_VETOED = said(VETOED, is_rejection=True, was_taken=False)
NO_CANDIDATE = said(NEAR, is_rejection=False, was_taken=False)
ELSEWHERE = dataclasses.replace(DENIED, origin=Origin("0" * 32))


@pytest.mark.parametrize(
    ("body", "answers", "verdict"),
    [
        pytest.param(REJECTION, (), Verdict.REJECTION, id="a rejection"),
        pytest.param(REJECTION, (DENIED,), Verdict.POSSIBLE, id="denied: listed at most"),
        pytest.param(REJECTION, (CONFIRMED, DENIED), Verdict.POSSIBLE, id="denied wins"),
        pytest.param(REJECTION, (ELSEWHERE,), Verdict.REJECTION, id="denied elsewhere"),
        pytest.param(REJECTION, (NO_CANDIDATE,), Verdict.REJECTION, id="a doubtful one was none"),
        pytest.param(NEAR, (), Verdict.POSSIBLE, id="doubtful"),
        pytest.param(NEAR, (CONFIRMED,), Verdict.REJECTION, id="confirmed"),
        pytest.param(NEAR, (CONFIRMED, NO_CANDIDATE), Verdict.POSSIBLE, id="both were said"),
        pytest.param(
            NEAR,
            (dataclasses.replace(CONFIRMED, heard=frozenset({"en.a-no"})),),
            Verdict.POSSIBLE,
            id="confirmed of another verdict",
        ),
        pytest.param(VETOED, (OF_VETOED,), Verdict.POSSIBLE, id="a veto wins"),
        pytest.param("請求書をお送りします。", (CONFIRMED, DENIED), Verdict.OTHER, id="other"),
    ],
)
def test_an_answer_decides_about_others_of_its_origin(
    body: str, answers: tuple[Answer, ...], verdict: Verdict
) -> None:
    assert judged(body, *answers).verdict is verdict


def test_a_denial_says_so_and_stands_below_the_threshold() -> None:
    found = judged(REJECTION, DENIED)
    assert (found.why, found.findings) == (Why.POSSIBLE_REJECTION, ())
    assert found.score < 0.8
    assert found.evidence[-1].rule == "review.denied"
    assert "m-1" in found.evidence[-1].label
    spoken = spoken_label(found.evidence[-1], Language.JA)
    assert "回答" in spoken
    assert "m-1" in spoken


def test_explain_tells_that_another_answer_would_change_it() -> None:
    found = judged(REJECTION, DENIED)
    decided = Decided(found.verdict, found.score, found.why, Action.PASSED, found.evidence, ())
    lines = five_lines(decided, Language.EN)
    assert "(m-1) (-5.25, review.denied)" in lines[2]
    assert "Another answer" in lines[4]


def test_a_denial_holds_against_the_companys_own_word_until_it_is_taken_back() -> None:
    assert judged(REJECTION, told=True).verdict is Verdict.REJECTION
    assert judged(REJECTION, DENIED, told=True).verdict is Verdict.POSSIBLE


def test_a_confirmation_says_so() -> None:
    found = judged(NEAR, CONFIRMED)
    assert (found.why, found.score) == (Why.LINK_ADDED, 0.8)
    assert "review.confirmed" in [one.rule for one in found.evidence]


def test_while_the_threshold_is_raised_nothing_is_eased() -> None:
    assert judged(NEAR, CONFIRMED).verdict is Verdict.REJECTION
    assert judged(NEAR, CONFIRMED, offset=0.5).verdict is Verdict.POSSIBLE
