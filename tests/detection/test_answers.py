"""What a person's word on one mail may do to others, at its worst: on all own sets at once.

Here every sender writes the same subject, so that nothing but the rules heard tells mails apart.
"""

import dataclasses
import functools

from gateway.core.answer import Answer
from gateway.core.detect import Judgement, Verdict
from gateway.core.verdict import verdicts_in
from tests.detection.mails import COMPANY, Labelled, as_text, judge_bytes, load
from tests.detection.ordinary import ordinary_mails
from tests.detection.test_usual import marked

SETS = (
    *("dev", "final", "field_dev", "field_final", "field_unseen"),
    *("blind_dev", "blind_final", "blind_natural", "blind_a", "blind_b", "blind_d", "blind_e"),
)
ORDINARY = 500


@functools.cache
def _near() -> list[tuple[Labelled, Judgement]]:
    mails = [*(mail for part in SETS for mail in load(part)), *ordinary_mails(ORDINARY)]
    mails += [_alone(text, "rejection") for text in marked("R")]
    mails += [_alone(text, "other") for text in marked("O")]
    judged = ((mail, judge_bytes(mail, as_text(mail))) for mail in mails)
    return [(mail, one) for mail, one in judged if one.is_near and one.origin is not None]


def _alone(text: str, label: str) -> Labelled:
    """Return a mail that says nothing else: whole mails are hardly ever near the threshold."""
    who = ("yui@kanado.example", "taro@outside.example")
    return Labelled(text, label, "alone", "ja", *who, "ご連絡", text)


def test_no_confirmed_mail_brings_a_link_into_a_mail_that_is_none() -> None:
    near = _near()
    confirmed = {verdicts_in(one.evidence) for mail, one in near if mail.is_rejection}
    others = {verdicts_in(one.evidence) for mail, one in near if not mail.is_rejection}
    assert len(confirmed) >= 40
    assert confirmed.isdisjoint(others)


def test_every_confirmed_mail_is_a_rejection_when_it_comes_again() -> None:
    again = 0
    for mail, one in _near():
        if not mail.is_rejection or one.origin is None:
            continue
        answer = Answer(
            one.origin,
            mail.id,
            is_rejection=True,
            was_taken=False,
            heard=verdicts_in(one.evidence),
        )
        company = dataclasses.replace(COMPANY, answers=(answer,))
        judged = judge_bytes(mail, as_text(mail), company)
        again += judged.verdict is Verdict.REJECTION
    assert again >= 50
