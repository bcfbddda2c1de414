"""Thousands of ordinary mails: none may get a link."""

from gateway.core.detect import Verdict
from tests.detection.mails import as_text, judge_bytes
from tests.detection.ordinary import ordinary_mails

MAILS = 2000


def test_no_ordinary_mail_is_taken_for_a_rejection() -> None:
    wrong = []
    for mail in ordinary_mails(MAILS):
        judged = judge_bytes(mail, as_text(mail, cte="8bit"))
        if judged.verdict is Verdict.REJECTION:
            wrong.append((mail.subject, mail.body, [one.rule for one in judged.evidence]))
    assert not wrong, wrong[:3]


def test_the_ordinary_mails_are_many_and_always_the_same() -> None:
    mails = list(ordinary_mails(MAILS))
    assert mails == list(ordinary_mails(MAILS))
    assert len({mail.body for mail in mails}) > 0.9 * MAILS
