"""A company whose verdicts were denied is judged by a higher threshold; nothing else changes."""

import dataclasses

import pytest

from gateway.core.company import Company, Language
from gateway.core.detect import Verdict
from gateway.core.rules.spoken import spoken_label
from gateway.core.weigh import INJECT_POINTS, score_of
from gateway.core.why import Why
from tests.core.test_detect import COMPANY, judge_mail

CLEAR = (
    "このたびは弊社の中途採用にご応募いただき、誠にありがとうございました。慎重に選考を重ねました結果、"
    "誠に残念ながら、今回は採用を見送らせていただくこととなりました。ご希望に添えず申し訳ございません。"
)
SHORT = (
    "ご応募の件、今回は見送らせていただきます。",
    "選考の結果、今回は見送ります。",
    "選考の結果、不採用とさせていただきます。",
    "残念ながら、一次選考を突破されませんでした。",
)


def stricter(points: float) -> Company:
    return dataclasses.replace(COMPANY, offset=points)


def test_a_clear_rejection_gets_its_link_all_the_same_and_the_evidence_says_why() -> None:
    usual, judged = judge_mail(CLEAR), judge_mail(CLEAR, company=stricter(1.0))
    assert (judged.verdict, judged.why, judged.score) == (
        Verdict.REJECTION,
        Why.LINK_ADDED,
        usual.score,
    )
    (evidence,) = set(judged.evidence) - set(usual.evidence)
    assert (evidence.rule, evidence.weight) == ("company.offset", -1.0)
    assert "1 points more" in evidence.label
    assert "厳しく" in spoken_label(evidence, Language.JA)


def test_a_rejection_just_above_the_threshold_is_only_listed() -> None:
    held_back = 0
    for body in (CLEAR, *SHORT):
        usual = judge_mail(body)
        for points in (0.5, 1.0):
            judged = judge_mail(body, company=stricter(points))
            if usual.score >= score_of(INJECT_POINTS + points):
                assert judged.why is Why.LINK_ADDED
            else:
                assert (judged.verdict, judged.why) == (Verdict.POSSIBLE, Why.POSSIBLE_REJECTION)
                assert judged.score < 0.8
                held_back += usual.verdict is Verdict.REJECTION
    assert held_back > 0


@pytest.mark.parametrize("body", ["いつもお世話になっております。請求書をお送りします。", ""])
def test_what_is_no_rejection_is_judged_as_ever(body: str) -> None:
    assert judge_mail(body, company=stricter(1.0)) == judge_mail(body)


def test_without_an_offset_the_evidence_does_not_speak_of_one() -> None:
    assert all(one.rule != "company.offset" for one in judge_mail(CLEAR).evidence)
