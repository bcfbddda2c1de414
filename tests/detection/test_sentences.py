"""Single sentences, as they stand in rejections and in the mails that look like them."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.detect import Evidence, Verdict, judge_reading
from gateway.core.reader import read_text
from gateway.core.rules import GUARDS, RULES, Kind

_LINES = Path(__file__).with_name("sentences.txt").read_text(encoding="utf-8").splitlines()


def marked(mark: str) -> list[str]:
    return [line[2:] for line in _LINES if line.startswith(mark + " ")]


def verdicts(sentence: str) -> list[Evidence]:
    evidence = judge_reading(read_text(sentence)).evidence
    return [one for one in evidence if one.weight > 0 and one.label.startswith("verdict")]


@pytest.mark.parametrize("sentence", marked("+"))
def test_a_refusal_is_heard(sentence: str) -> None:
    assert verdicts(sentence)


@pytest.mark.parametrize("sentence", marked("-"))
def test_what_sounds_like_a_refusal_is_not_taken_for_one(sentence: str) -> None:
    judged = judge_reading(read_text(sentence), recruiting_sender=True)
    assert judged.verdict is not Verdict.REJECTION


@pytest.mark.parametrize("sentence", marked("="))
def test_the_courtesies_of_a_rejection_decide_nothing(sentence: str) -> None:
    assert not verdicts(sentence)
    against = (Kind.COUNTER, Kind.VETO)
    for one in read_text(sentence).sentences:
        assert not [r.id for r in RULES if r.kind in against and any(r.heard(one.text))]


@pytest.mark.parametrize(
    "quoted",
    [
        "hi greg, i've accepted another offer, so this is goodbye.",
        "誠に勝手ながら、選考を辞退させていただきたく存じます。",
    ],
)
def test_whoever_withdrew_is_not_turned_down_by_the_answer(quoted: str) -> None:
    answer = read_text("今回は採用を見送らせていただきます。ご応募ありがとうございました。")
    assert judge_reading(answer).verdict is Verdict.REJECTION
    assert judge_reading(replace(answer, history=quoted)).verdict is not Verdict.REJECTION


def test_a_withdrawal_taken_back_can_be_turned_down() -> None:
    answer = read_text("今回は採用を見送らせていただきます。ご応募ありがとうございました。")
    quoted = "辞退いたしましたが、撤回させていただけないでしょうか。"
    assert judge_reading(replace(answer, history=quoted)).verdict is Verdict.REJECTION


def test_a_sentence_is_heard_the_same_again_and_where_it_stands_now() -> None:
    for line in _LINES:
        first, behind = (
            [one for one in judge_reading(read_text(text)).evidence if one.part == "1"]
            for text in (line[2:], "\n\n" + line[2:])
        )
        assert [one._replace(start=one.start + 2, end=one.end + 2) for one in first] == behind


def test_those_who_were_chosen_are_looked_for_in_a_time_that_grows_with_the_sentence() -> None:
    whoever = next(guard for guard in GUARDS if guard.id == "en.whoever")
    assert whoever.unless is not None
    started = time.thread_time()
    assert not whoever.unless.search("we " * 1500 + "proceed " * 1500)
    assert time.thread_time() - started < 1
