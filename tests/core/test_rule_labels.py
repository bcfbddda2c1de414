"""Every rule can be told to a Japanese reader."""

import pytest

from gateway.core.company import Language
from gateway.core.findings import Finding
from gateway.core.hear import QUOTED
from gateway.core.rules import GUARDS, RULES, Kind
from gateway.core.rules.labels_ja import KINDS_JA, LABELS_JA
from gateway.core.rules.spoken import spoken_label
from gateway.core.tip import AGAINST, FOR
from gateway.core.verdict import Evidence

IDS = {rule.id for rule in RULES} | {guard.id for guard in (*GUARDS, QUOTED)}
FROM_ELSEWHERE = {
    "ja.another-person",
    "sender.recruiting",
    "company.offset",
    "review.confirmed",
    "review.denied",
    "text.not-about-work",
    "text.only-applied",
    "text.answers-withdrawal",
    "text.answers-work",
    "text.answers-refusal",
    "text.to-applicant",
    FOR,
    AGAINST,
    "text.too-long",
    *(f"courtesy.{finding}" for finding in Finding),
}


def test_every_rule_and_guard_has_a_japanese_label() -> None:
    missing = sorted(IDS - LABELS_JA.keys())
    assert missing == [], "add them to gateway/core/rules/labels_ja.py"
    assert LABELS_JA.keys() >= FROM_ELSEWHERE
    assert KINDS_JA.keys() == set(Kind)


def test_no_japanese_label_is_of_a_rule_that_is_gone() -> None:
    assert LABELS_JA.keys() - IDS - FROM_ELSEWHERE == set()


@pytest.mark.parametrize(
    ("rule", "label", "said"),
    [
        pytest.param(
            "ja.offer", "veto: an offer", "決定的な反対の根拠: 内定、採用、合格", id="rule"
        ),
        pytest.param(
            "ja.if",
            "taken back: if",
            "取り消された不採用の文: 条件つき(場合、こともある)",
            id="guard",
        ),
        pytest.param(
            "letter-3",
            "matches the company's registered letter no. 3 at 84%",
            "登録された不採用通知 第3号と一致(84%)",
            id="letter",
        ),
        pytest.param(
            "dkim-signed", "signed by the relay", "signed by the relay", id="no words yet"
        ),
    ],
)
def test_evidence_is_said_in_the_readers_language(rule: str, label: str, said: str) -> None:
    evidence = Evidence(rule, 1.0, "1", 0, 0, label)
    assert spoken_label(evidence, Language.JA) == said
    assert spoken_label(evidence, Language.EN) == label
