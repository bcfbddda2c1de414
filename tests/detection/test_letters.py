"""How well mails made from registered letters are recognised, and that nothing else is."""

import dataclasses
import email.utils
import itertools
import random
from collections.abc import Callable

import pytest

from gateway.core.company import Company
from gateway.core.detect import Judgement, Verdict, judge
from gateway.core.envelope import Address, Envelope
from gateway.core.letter import Letter, LetterError
from gateway.core.letters import register_letter, register_mail
from gateway.core.mime import scan
from gateway.core.reader import read_text
from tests.detection.changed import changed, with_another_verdict
from tests.detection.mails import COMPANY, Labelled, as_both, as_html, as_text, load
from tests.detection.ordinary import ordinary_mails

KEY = b"a key of the installation, 32 by"
SETS = ("dev", "final", "field_dev", "field_final", "field_unseen")

FORMS: tuple[Callable[[Labelled], bytes], ...] = (
    as_text,
    as_html,
    as_both,
    lambda mail: as_text(mail, "utf-8", "quoted-printable"),
    lambda mail: as_text(_wrapped(mail)),
)


def _wrapped(mail: Labelled, columns: int = 35) -> Labelled:
    """Return `mail` with its lines broken hard, inside of words too."""
    lines = []
    for line in mail.body.split("\n"):
        if line.isascii():
            lines.append(line)
        else:
            lines += [line[at : at + columns] for at in range(0, len(line), columns)] or [""]
    return dataclasses.replace(mail, body="\n".join(lines))


def _registered() -> dict[str, Letter]:
    letters: dict[str, Letter] = {}
    for mail in _rejections():
        try:
            letter = register_mail(as_text(mail), KEY, COMPANY.id)
        except LetterError:
            continue
        letters[mail.id] = dataclasses.replace(letter, number=len(letters) + 1)
    return letters


def _rejections() -> list[Labelled]:
    return [mail for part in SETS for mail in load(part) if mail.is_rejection]


def _judged(mail: Labelled, raw: bytes, *letters: Letter) -> Judgement:
    company = dataclasses.replace(COMPANY, letters=letters)
    _, address = email.utils.parseaddr(mail.to)
    recipient = Address(address if "@" in address else "candidate@example.com")
    return judge(raw, scan(raw), Envelope(Address(mail.sender), (recipient,)), company, KEY)


def _share_found(letters: dict[str, Letter]) -> float:
    chance = random.Random(20261121)
    forms = itertools.cycle(FORMS)
    verdicts = [
        _judged(mail, form(changed(mail, chance)), letters[mail.id]).verdict
        for mail in _rejections()
        if mail.id in letters
        for form in (next(forms),)
    ]
    return verdicts.count(Verdict.REJECTION) / len(verdicts)


def test_a_letter_with_three_words_in_ten_changed_is_recognised_in_any_form() -> None:
    letters = _registered()
    assert len(letters) >= len(_rejections()) - 6
    assert _share_found(letters) >= 0.985


def test_a_longer_letter_is_missed_once_in_a_hundred_mails_at_most() -> None:
    longer = {id_: letter for id_, letter in _registered().items() if len(letter.own) >= 40}
    assert len(longer) > 100
    assert _share_found(longer) >= 0.99


def test_an_unchanged_letter_is_always_recognised() -> None:
    letters = _registered()
    for mail in _rejections():
        if mail.id in letters:
            found = _judged(mail, as_text(mail), letters[mail.id])
            assert found.evidence[0].rule == f"letter-{letters[mail.id].number}", mail.id
            assert "at 100%" in found.evidence[0].label


def test_no_other_mail_matches_any_of_the_letters() -> None:
    letters = tuple(_registered().values())
    others = [mail for part in SETS for mail in load(part) if not mail.is_rejection]
    wrong = [mail.id for mail in others if _lifted(_judged(mail, as_text(mail), *letters))]
    assert wrong == []


def test_ordinary_mail_matches_none_of_the_letters() -> None:
    letters = tuple(_registered().values())
    wrong = [
        mail.body for mail in ordinary_mails(300) if _lifted(_judged(mail, as_text(mail), *letters))
    ]
    assert wrong == []


def _lifted(judged: Judgement) -> bool:
    is_letter = any(one.rule.startswith("letter-") for one in judged.evidence)
    return judged.verdict is Verdict.REJECTION and is_letter


def test_an_offer_made_of_the_same_parts_is_hardly_ever_taken_for_the_letter() -> None:
    letters = _registered()
    tried = wrong = 0
    for mail in _rejections():
        for other in with_another_verdict(mail) if mail.id in letters else ():
            tried += 1
            wrong += _lifted(_judged(other, as_text(other), letters[mail.id]))
    assert tried > 1000
    assert wrong <= tried * 0.01


LETTER = """佐藤 花子 様

株式会社かなど 採用担当の鈴木でございます。
この度は弊社の求人にご応募いただき、誠にありがとうございました。
いただいた経歴書を技術部門の三名で拝見し、話し合いを持ちました。
その席で、今回の募集では夜間の保守に慣れた方を優先することになり、
佐藤様との面談は設けないという判断をいたしました。
お送りいただいた作品集は、来月のはじめに普通郵便でお手元へお返しします。
末筆ながら、佐藤様の今後のご活躍をお祈り申し上げます。
"""


def _mail(body: str, subject: str = "ご応募の件") -> Labelled:
    return Labelled(
        "own",
        "rejection",
        "direct",
        "ja",
        "saiyo@kanado.example",
        "Sato <s@example.com>",
        subject,
        body,
    )


@pytest.fixture
def letter() -> Letter:
    return dataclasses.replace(register_letter(read_text(LETTER), KEY, COMPANY.id), number=12)


def test_names_and_dates_do_not_matter(letter: Letter) -> None:
    other = _mail(LETTER.replace("佐藤 花子", "長谷川 健").replace("佐藤様", "長谷川様"))
    found = _judged(other, as_text(other), letter)
    assert found.verdict is Verdict.REJECTION
    assert found.evidence[0].label == "matches the company's registered letter no. 12 at 100%"


def test_a_sentence_of_another_kind_only_lists_the_mail(letter: Letter) -> None:
    added = _mail(
        LETTER + "\nなお、別の職種の一次面接にぜひお越しください。候補日をお知らせください。\n"
    )
    found = _judged(added, as_text(added), letter)
    assert found.verdict is Verdict.POSSIBLE


def test_a_letter_quoted_in_an_answer_is_no_rejection(letter: Letter) -> None:
    quoted = "".join(f"> {line}\n" for line in LETTER.splitlines())
    answer = _mail(f"佐藤様\n\nご質問の件、月曜に電話いたします。\n\n{quoted}", "Re: ご応募の件")
    assert _judged(answer, as_text(answer), letter).verdict is not Verdict.REJECTION


def test_a_letter_does_not_lift_what_the_envelope_forbids(letter: Letter) -> None:
    mail = dataclasses.replace(_mail(LETTER), to="info@example.com")
    assert _judged(mail, as_text(mail), letter).verdict is Verdict.POSSIBLE


@pytest.mark.parametrize(
    ("key", "company"),
    [
        pytest.param(b"another installation", COMPANY, id="another key"),
        pytest.param(KEY, Company(2, "Other", ("kanado.example",)), id="another company"),
    ],
)
def test_hashes_are_of_one_installation_and_one_company(
    letter: Letter, key: bytes, company: Company
) -> None:
    raw = as_text(_mail(LETTER))
    envelope = Envelope(Address("saiyo@kanado.example"), (Address("s@example.com"),))
    found = judge(raw, scan(raw), envelope, dataclasses.replace(company, letters=(letter,)), key)
    assert not any(one.rule.startswith("letter-") for one in found.evidence)


@pytest.mark.parametrize(
    ("text", "because"),
    [
        pytest.param("", "too little wording", id="nothing"),
        pytest.param(
            "ご応募ありがとうございました。\n今後のご活躍をお祈り申し上げます。",
            "too little",
            id="courtesies",
        ),
        pytest.param(
            "採用内定の通知をお送りします。"
            + LETTER[60:110]
            + "ぜひ弊社に入社してください。内定を出すことに決まりました。",
            "does not read",
            id="an offer",
        ),
        pytest.param(
            "".join(chr(0x4E00 + n) + "。" * (n % 20 == 0) for n in range(3000)),
            "far too long",
            id="a book",
        ),
    ],
)
def test_what_is_no_letter_is_refused_with_a_reason(text: str, because: str) -> None:
    with pytest.raises(LetterError, match=because):
        register_letter(read_text(text), KEY, 1)
