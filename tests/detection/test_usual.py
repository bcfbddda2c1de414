"""Refusals as recruiters write them, what stands beside them, and what sounds like them."""

from pathlib import Path

import pytest

from gateway.core.detect import Verdict, judge_reading
from gateway.core.reader import read_text

_LINES = Path(__file__).with_name("usual.txt").read_text(encoding="utf-8").splitlines()
_THANKS_JA = "このたびは弊社の求人にご応募いただき、ありがとうございました。\n"
_THANKS_EN = "Thank you for applying for the position.\n"
_REFUSAL_JA = "選考の結果、今回は採用を見送らせていただくこととなりました。\n"
_REFUSAL_EN = "Unfortunately we have decided not to move forward with your application.\n"


def marked(mark: str) -> list[str]:
    return [line[2:] for line in _LINES if line.startswith(mark + "|")]


def is_rejection(text: str, subject: str = "", *, recruiting_sender: bool = False) -> bool:
    judged = judge_reading(read_text(text, subject), recruiting_sender=recruiting_sender)
    return judged.verdict is Verdict.REJECTION


def test_nearly_all_refusals_are_heard_after_thanks_for_an_application() -> None:
    texts = marked("R")
    missed = [
        text
        for text in texts
        if not is_rejection(
            (_THANKS_EN if text.isascii() else _THANKS_JA) + text,
            "Your application" if text.isascii() else "選考結果のご連絡",
        )
    ]
    assert len(missed) <= 0.06 * len(texts), missed


@pytest.mark.parametrize("text", marked("O"))
def test_a_neighbour_gets_no_link_even_from_a_recruiting_desk(text: str) -> None:
    assert not is_rejection(text, recruiting_sender=True)


@pytest.mark.parametrize("text", marked("C"))
def test_what_goes_with_a_refusal_takes_nothing_from_it(text: str) -> None:
    is_english = text.isascii() or "café" in text
    letter = _THANKS_EN + _REFUSAL_EN if is_english else _THANKS_JA + _REFUSAL_JA
    assert is_rejection(letter + text)
