"""The verdict on a mail, and the hard stops of its envelope."""

import dataclasses

import pytest

from gateway.core.company import Company
from gateway.core.detect import RULES_VERSION, Judgement, Verdict, judge, judge_reading
from gateway.core.envelope import Address, Envelope
from gateway.core.mime import scan
from gateway.core.reader import read_text
from gateway.core.why import Why

COMPANY = Company(1, "Kanado", ("kanado.example",))
REJECTION = (
    "このたびはご応募いただきありがとうございました。残念ながら今回は採用を見送らせていただきます。"
)


def judge_mail(
    body: str = REJECTION,
    sender: str = "saiyo@kanado.example",
    recipients: tuple[str, ...] = ("mori@example.com",),
    to: str = "mori@example.com",
    company: Company = COMPANY,
) -> Judgement:
    head = (
        f"From: saiyo@kanado.example\r\nTo: {to}\r\nSubject: =?utf-8?B?57WQ5p6c?=\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    raw = (head + body + "\r\n").encode()
    envelope = Envelope(Address(sender), tuple(map(Address, recipients)))
    return judge(raw, scan(raw), envelope, company)


def test_a_rejection_to_an_outside_candidate_gets_the_link() -> None:
    judged = judge_mail()
    assert judged.verdict is Verdict.REJECTION
    assert judged.why is Why.LINK_ADDED
    assert judged.score >= 0.8
    assert judged.rules_version == RULES_VERSION


@pytest.mark.parametrize(
    ("sender", "recipients", "why"),
    [
        pytest.param("", ("mori@example.com",), Why.NULL_SENDER, id="a bounce"),
        pytest.param(
            "saiyo@kanado.example", ("a@kanado.example",), Why.NO_OUTSIDE_RECIPIENT, id="inside"
        ),
        pytest.param(
            "saiyo@kanado.example",
            ("a@hr.kanado.example",),
            Why.NO_OUTSIDE_RECIPIENT,
            id="a subdomain is inside too",
        ),
        pytest.param(
            "saiyo@kanado.example", ("info@example.com",), Why.ROLE_RECIPIENT, id="role mailbox"
        ),
    ],
)
def test_the_envelope_stops_what_concerns_no_candidate(
    sender: str, recipients: tuple[str, ...], why: Why
) -> None:
    judged = judge_mail(sender=sender, recipients=recipients)
    assert judged.why is why
    assert judged.verdict is not Verdict.REJECTION


@pytest.mark.parametrize(
    ("senders", "sender", "allowed"),
    [
        pytest.param((), "anyone@kanado.example", True, id="no list: everybody"),
        pytest.param(("saiyo@kanado.example",), "Saiyo@Kanado.example", True, id="the address"),
        pytest.param(("saiyo@kanado.example",), "sales@kanado.example", False, id="another one"),
        pytest.param(("hr.kanado.example",), "a@hr.kanado.example", True, id="the domain"),
        pytest.param(("hr.kanado.example",), "a@x.hr.kanado.example", True, id="a subdomain"),
        pytest.param(("hr.kanado.example",), "a@kanado.example", False, id="the parent domain"),
        pytest.param(("hr.kanado.example",), "a@xhr.kanado.example", False, id="a look-alike"),
    ],
)
def test_only_a_recruiting_sender_can_reject(
    senders: tuple[str, ...], sender: str, allowed: bool
) -> None:
    judged = judge_mail(sender=sender, company=dataclasses.replace(COMPANY, senders=senders))
    assert (judged.why is Why.LINK_ADDED) is allowed
    assert (judged.why is Why.NOT_A_RECRUITING_SENDER) is not allowed


@pytest.mark.parametrize(
    "to",
    [
        "mori@example.com, ito@example.net",
        '"Mori <mori@example.com>, ito@example.net',  # never closed: some readers see one name
        "mori @example.com, ito@ example.net",
        "mori@example.com, ito(his)@example.net",
        "mori@example.com, まだ@example.net",
        '<mori@example.com>, <"ito@example.net">',
        'M 5" <mori@example.com>, I 6" <ito@example.net>',
    ],
)
def test_candidates_who_see_each_other_get_no_link(to: str) -> None:
    both = ("mori@example.com", "ito@example.net")
    judged = judge_mail(recipients=both, to=to)
    assert judged.why is Why.SEVERAL_VISIBLE_RECIPIENTS
    assert judged.verdict is Verdict.POSSIBLE
    assert judged.score < 0.8


def test_a_colleague_in_to_is_no_second_candidate() -> None:
    judged = judge_mail(to="mori@example.com, boss@kanado.example")
    assert judged.why is Why.LINK_ADDED


def test_many_candidates_in_bcc_are_no_obstacle() -> None:
    judged = judge_mail(recipients=("mori@example.com", "ito@example.net"), to="undisclosed:;")
    assert judged.verdict is Verdict.REJECTION


def test_an_ordinary_mail_is_nothing() -> None:
    judged = judge_mail("請求書をお送りいたします。")
    assert judged.verdict is Verdict.OTHER
    assert judged.why is Why.NOT_A_REJECTION


def test_the_evidence_says_where_and_why_without_a_word_of_the_mail() -> None:
    judged = judge_mail("森 健太 様\r\n選考の結果、今回は採用を見送らせていただきます。")
    first = judged.evidence[0]
    assert (first.rule, first.part, first.weight > 0) == ("ja.hiring-put-off", "1", True)
    assert (first.start, first.end) == (8, 32)
    assert all("森" not in one.label and "健太" not in one.label for one in judged.evidence)


def test_the_score_and_the_verdict_never_disagree() -> None:
    for text in (
        REJECTION,
        REJECTION + "二次面接へお進みいただくこととなりました。",
        "ご希望に添えず申し訳ございません。",
        "こんにちは。",
    ):
        judged = judge_reading(read_text(text))
        assert (judged.score >= 0.8) == (judged.verdict is Verdict.REJECTION)


def test_another_language_is_doubtful_at_most() -> None:
    judged = judge_reading(
        read_text("感谢您参加招聘。很遗憾,您此次未被录用。我们对此深表遗憾。"),
        recruiting_sender=True,
    )
    assert judged.verdict is Verdict.POSSIBLE


@pytest.mark.parametrize("junk", [b"", b"\r\n", b"\x00\xff" * 100, b"To: \xff\r\n\r\n\xff"])
def test_any_bytes_give_a_judgement(junk: bytes) -> None:
    envelope = Envelope(Address("a@kanado.example"), (Address("b@example.com"),))
    assert judge(junk, scan(junk), envelope, COMPANY).verdict is Verdict.OTHER
