"""What a last look at a rejection mail finds."""

import pytest

from gateway.core.company import Company
from gateway.core.courtesy import find_discourtesies
from gateway.core.findings import LABELS, Finding, evidence_of
from gateway.core.reader import read_text
from gateway.core.verdict import Evidence

COMPANY = Company(1, "株式会社かなど", ("kanado.example",))
CLEAR = (Evidence("ja.put-off", 3.5, "1", 0, 0, "verdict: put off"),)
LETTER = """山田様

株式会社かなどの採用担当でございます。
この度はご応募いただき、ありがとうございました。
選考の結果、今回は採用を見送らせていただくこととなりました。
"""


def found(text: str, evidence: tuple[Evidence, ...] = CLEAR) -> list[Finding]:
    return list(find_discourtesies(read_text(text), COMPANY, evidence))


def test_a_courteous_letter_has_no_findings() -> None:
    assert found(LETTER) == []


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("山田様", "〇〇様", Finding.PLACEHOLDER),
        ("山田様", "××様", Finding.PLACEHOLDER),
        ("山田様", "{{name}}様", Finding.PLACEHOLDER),
        ("山田様", "<氏名>様", Finding.PLACEHOLDER),
        ("山田様", "Dear [NAME],", Finding.PLACEHOLDER),
        ("山田様", "____様", Finding.PLACEHOLDER),
        ("株式会社かなど", "株式会社べつば", Finding.OTHER_COMPANY),
        ("山田様\n", "", Finding.NO_HONORIFIC),
        ("ありがとうございました", "書類を見ました", Finding.NO_THANKS),
    ],
)
def test_each_discourtesy_is_found(old: str, new: str, finding: Finding) -> None:
    assert found(LETTER.replace(old, new)) == [finding]


@pytest.mark.parametrize(
    "text",
    ["3×3の表を", "【選考結果】", "[1] 別紙", "〇が三つ", "株式会社べつの様のご紹介で", "50%を"],
)
def test_what_looks_alike_is_none(text: str) -> None:
    assert found(f"{LETTER}{text}拝見しました。\n") == []


def test_an_english_letter_is_read_too() -> None:
    letter = "Dear Ms Yamada,\n\nThank you for applying. We will not be moving forward.\n"
    assert found(letter) == []
    assert found(letter.replace("Ms Yamada", "[First Name]")) == [Finding.PLACEHOLDER]
    assert found("We will not be moving forward.") == [Finding.NO_HONORIFIC, Finding.NO_THANKS]


def test_a_result_that_is_only_hinted_at_is_not_clear() -> None:
    hint = (Evidence("ja.regretted-negative", 1.75, "1", 0, 0, "verdict: hint"),)
    assert found(LETTER, hint) == [Finding.NO_CLEAR_RESULT]


@pytest.mark.parametrize("finding", Finding)
def test_a_finding_is_said_in_words_of_ours(finding: Finding) -> None:
    evidence = evidence_of(finding)
    assert evidence.rule == f"courtesy.{finding}"
    assert LABELS[finding] in evidence.label
    assert evidence.weight == 0.0
