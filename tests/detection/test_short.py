"""Short texts in many registers, judged without sender and subject."""

from pathlib import Path

import pytest

from gateway.core.detect import Verdict, judge_reading
from gateway.core.reader import read_text

_LINES = Path(__file__).with_name("short.txt").read_text(encoding="utf-8").splitlines()


def marked(mark: str) -> list[str]:
    return [line[2:] for line in _LINES if line.startswith(mark + "|")]


def is_rejection(text: str) -> bool:
    return judge_reading(read_text(text)).verdict is Verdict.REJECTION


@pytest.mark.parametrize("text", marked("O"))
def test_a_neighbour_of_a_rejection_gets_no_link(text: str) -> None:
    assert not is_rejection(text)


def test_most_refusals_are_heard_without_any_context() -> None:
    texts = marked("R")
    missed = [text for text in texts if not is_rejection(text)]
    assert len(missed) <= 0.13 * len(texts), missed


@pytest.mark.parametrize(
    "text",
    [
        (
            "先日は二次面接にお越しいただきありがとうございました。"
            "今回はご縁がなかったものとさせていただきたく存じます。"
        ),
        (
            "会社説明会にご参加いただき、誠にありがとうございました。"
            "選考の結果、ご希望に沿えない結果となりました。"
        ),
    ],
)
def test_thanks_for_a_past_visit_are_no_invitation(text: str) -> None:
    assert is_rejection(text)
