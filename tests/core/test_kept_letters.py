"""What is kept of a mail for a person's word to make it a registered letter, and of which mails."""

import dataclasses

import pytest

from gateway.core.company import Company, Mode
from gateway.core.decide import decide
from gateway.core.envelope import Address, Envelope
from gateway.core.letter import Letter
from gateway.core.letters import keep_letter, register_letter
from gateway.core.plan import Desk, Plan
from gateway.core.reader import read_text
from tests.core.blocks import write_block

KEY = b"k" * 32
COMPANY = Company(7, "Kanado", ("kanado.example",))
LETTER = (
    "田中様\n\n株式会社カナドの採用担当です。先日は面接にお越しいただき、ありがとうございました。"
    "社内で何度も話し合いを重ねた結果、今回は別の方にお願いすることに決まりました。"
    "田中様の明るいお人柄と現場でのご経験には一同大きな魅力を感じておりましたので、心苦しい限りです。"
    "残念ながら今回は採用を見送らせていただきます。お預かりした作品集は来週中に返送いたします。"
)
DOUBTFUL = LETTER.replace(
    "残念ながら今回は採用を見送らせていただきます。", "別の職種の面接にお越しください。"
)


def planned(body: str, company: Company, subject: str = "面接の件") -> Plan:
    raw = (
        (
            f"From: yui@kanado.example\r\nTo: t@mail.example\r\nSubject: {subject}\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
        )
        .replace("\r\n", "\n")
        .replace("\n", "\r\n")
    )
    envelope = Envelope(Address("yui@kanado.example"), (Address("t@mail.example"),))
    desk = Desk(KEY, "https://relay.example", lambda _company, _link, lang: write_block(lang))
    return decide(raw.encode(), envelope, company, desk)


def company(mode: Mode, *letters: Letter) -> Company:
    return dataclasses.replace(COMPANY, mode=mode, letters=letters)


KEPT = register_letter(read_text(LETTER), KEY, 7)


@pytest.mark.parametrize(
    ("body", "mode", "letters", "verdict", "kept"),
    [
        pytest.param(LETTER, Mode.OBSERVE, (), "rejection", True, id="a rejection observed"),
        pytest.param(DOUBTFUL, Mode.OBSERVE, (), "possible", True, id="a doubtful one observed"),
        pytest.param(DOUBTFUL, Mode.INJECT, (), "possible", True, id="a doubtful one"),
        pytest.param(LETTER, Mode.INJECT, (), "rejection", False, id="a rejection with its link"),
        pytest.param(LETTER, Mode.OBSERVE, (KEPT,), "rejection", False, id="registered already"),
        pytest.param("見積書です。", Mode.OBSERVE, (), "other", False, id="another mail"),
    ],
)
def test_only_what_people_are_asked_about_is_kept(
    body: str, mode: Mode, letters: tuple[Letter, ...], verdict: str, kept: bool
) -> None:
    plan = planned(body, company(mode, *letters))
    assert plan.verdict.value == verdict
    assert (plan.as_letter is not None) is kept
    assert (plan.origin is not None) is (verdict != "other")


def test_it_is_the_letter_that_would_be_registered() -> None:
    made = planned(LETTER, company(Mode.OBSERVE)).as_letter
    letter = made() if made is not None else None
    assert letter is not None
    assert letter.own == KEPT.own
    assert letter.is_like(KEPT)
    again = planned(LETTER.replace("田中", "鈴木"), company(Mode.OBSERVE, letter))
    assert "letter-0" in [one.rule for one in again.evidence]


def test_another_letter_of_the_desk_is_not_like_it() -> None:
    other = (
        "このたびは弊社の求人にご応募くださり誠にありがとうございました。書類をもとに慎重に検討いたしました"
        "結果、誠に残念ではございますが、今回はご希望に添えない結果となりました。末筆ながら、"
        "今後のご活躍を心よりお祈り申し上げます。履歴書は弊社にて責任をもって破棄いたします。"
    )
    assert not register_letter(read_text(other), KEY, 7).is_like(KEPT)
    changed = LETTER.replace("来週中", "今月中")
    assert register_letter(read_text(changed), KEY, 7).is_like(KEPT)


@pytest.mark.parametrize(
    "body", ["残念ながら不採用です。", LETTER * 40], ids=["too short", "no letter at all"]
)
def test_what_is_no_letter_is_not_kept(body: str) -> None:
    assert keep_letter(read_text(body), KEY, 7) is None
