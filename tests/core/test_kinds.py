"""Sentences of one kind sound the same: no rule tells their characters apart."""

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from gateway.core import hear, naming
from gateway.core.hear import STRONG, kind_of, verdicts_in
from gateway.core.kinds import Kinds, _counts
from gateway.core.reader import normalise
from gateway.core.rules import GUARDS, RULES, Guard, Rule

WHOLE, PIECES, JOINED = hear.searched()
PATTERNS = (*WHOLE, *PIECES, *JOINED)
KINDS = Kinds(WHOLE, PIECES, JOINED)
NAMES = (
    *("佐藤", "鈴木 一郎", "長谷川美咲", "髙橋健司", "龥﨑", "みなみ", "ヴィヱ", "候補 12"),
    *("他2名", "5人目", "1名", "0名", "9点", "三次面接", "退 太郎", "mary", "김민수", "𠮷野", "1"),
)
SENTENCES = [
    normalise(line[2:])
    for name in ("sentences.txt", "short.txt")
    for line in (Path(__file__).parent.parent / "detection" / name).read_text("utf-8").splitlines()
]
SAID: tuple[Rule | Guard, ...] = (*RULES, *GUARDS, hear.QUOTED)
SAMPLE = [normalise(one) for said in SAID for one in (*said.examples, *said.counters)]

heard_itself: Callable[[str], Any] = hear.verdicts_in_kind.__wrapped__  # type: ignore[attr-defined]
told_itself: Callable[..., Any] = hear.context_in_kind.__wrapped__  # type: ignore[attr-defined]


def all_heard(text: str, verdicts: Callable[[str], Any], context: Callable[..., Any]) -> list[Any]:
    found = verdicts(text)
    refused = tuple(one.span for one in found if one.weight >= STRONG)
    return [found, context(text, refused), context(text, ())]


def test_the_same_is_heard_in_a_sentence_as_in_what_stands_for_its_kind() -> None:
    chance = random.Random(7)
    for text in (*SENTENCES[::4], *SAMPLE[::4]):
        at = chance.randrange(len(text) + 1)
        named = text[:at] + chance.choice(NAMES) + text[at + chance.randrange(3) :]
        counted = re.sub("[0-9]", lambda _: chance.choice("0123456789"), named)
        for one in (named, counted):
            kind = kind_of(one)
            itself = all_heard(one, heard_itself, told_itself)
            assert itself == all_heard(one, verdicts_in, hear.context_in), one
            assert itself == all_heard(kind, heard_itself, told_itself), one
            assert naming.naming(one) == naming.naming(kind)
            assert bool(hear.named_in(one)) is bool(hear.named_in(kind))


@pytest.mark.parametrize(
    ("text", "other", "alike"),
    [
        ("佐藤一郎様", "佐藤二郎様", False),  # rules name 一 and 二
        ("山崎様", "佐藤様", True),
        ("山崎様", "勅使河様", False),  # longer
        ("3月15日の面接", "4月20日の面接", True),
        ("3月15日の面接", "3月 1日の面接", False),
        ("今回の合格者は1人もいませんでした。", "今回の合格者は2人もいませんでした。", False),
        ("候補451様", "候補452様", True),
        ("mary様", "anna様", False),
        ("鈴木様" * 101, "佐藤様" * 101, False),  # too long to be remembered
    ],
)
def test_what_is_of_one_kind(text: str, other: str, *, alike: bool) -> None:
    assert (kind_of(text) == kind_of(other)) is alike
    assert kind_of(kind_of(text)) == kind_of(text)


def test_a_pattern_that_counts_keeps_digits_apart_where_it_may_match() -> None:
    kinds = Kinds([re.compile("[1-3]名")], [re.compile("^5点")], [])
    assert kinds.of("2名") != kinds.of("3名")
    assert kinds.of("7名") != kinds.of("2名")
    assert Kinds([re.compile("[01]名")], [], []).of("5名") == "5名"  # it is no 0名
    assert kinds.of("8点") != kinds.of("5点")
    assert kinds.of("2月") == kinds.of("3月")
    kinds = Kinds([], [], [re.compile("5点")])
    assert kinds.of("2月") != kinds.of("3月")


def _atoms(items: Any) -> Iterator[tuple[Any, Any]]:
    """Yield all that a parsed pattern asks of one character, or of where one stands."""
    for kind, value in items:
        if kind is op.SUBPATTERN:
            assert value[1:3] == (0, 0)  # no flags
            yield from _atoms(value[-1])
        elif kind is op.BRANCH:
            for one in value[1]:
                yield from _atoms(one)
        elif kind in {op.MAX_REPEAT, op.MIN_REPEAT}:
            yield from _atoms(value[2])
        elif kind in {op.ASSERT, op.ASSERT_NOT}:
            yield from _atoms(value[1])
        elif kind is op.IN:
            yield from value
        else:
            yield kind, value


def test_no_pattern_tells_a_letter_from_what_stands_for_it() -> None:
    assert {one.flags for one in PATTERNS} == {re.UNICODE.value}
    atoms = {one for pattern in PATTERNS for one in _atoms(_parser.parse(pattern.pattern))}
    known = (op.LITERAL, op.NOT_LITERAL, op.RANGE, op.CATEGORY, op.AT, op.ANY, op.NEGATE)
    assert {kind for kind, _ in atoms} <= set(known)
    stand_in = {chr(code): chr(code).translate(KINDS._exact) for code in range(0x10000)}
    moved = {one: other for one, other in stand_in.items() if one != other}
    assert len(moved) > 15_000
    for one, other in moved.items():
        for category in (r"\w", r"\d", r"\s", "."):
            assert bool(re.match(category, one)) is bool(re.match(category, other))
    for kind, value in atoms:
        if kind in {op.LITERAL, op.NOT_LITERAL}:
            assert chr(value) not in moved
            assert chr(value) not in moved.values()
        elif kind is op.RANGE:
            assert all(
                (value[0] <= ord(one) <= value[1]) is (value[0] <= ord(other) <= value[1])
                for one, other in moved.items()
            )


def test_a_pattern_that_does_not_count_tells_no_digit_from_another() -> None:
    counting = {one for one in PATTERNS if _counts(one)}
    assert 0 < len(counting) < 20
    for pattern in set(PATTERNS) - counting:
        for kind, value in _atoms(_parser.parse(pattern.pattern)):
            if kind in {op.LITERAL, op.NOT_LITERAL}:
                assert not chr(value).isdecimal(), pattern
            elif kind is op.RANGE:
                held = [value[0] <= ord(digit) <= value[1] for digit in "0123456789"]
                assert all(held) or not any(held), pattern


def test_every_pattern_that_is_asked_of_a_sentence_is_known() -> None:
    asked_of_mails = {"_STOPS", "_KANA", "_CHINESE", "_KANA_BEFORE"}
    found = {
        name: value
        for module in (hear, naming)
        for name, value in vars(module).items()
        if isinstance(value, re.Pattern) and name not in asked_of_mails
    }
    assert set(found.values()) <= set(PATTERNS)
    assert {one.pattern for one in SAID} <= set(PATTERNS)
    assert {one.unless for one in SAID if one.unless} <= set(PATTERNS)
    source = "".join(one.pattern for one in PATTERNS)
    assert all(title in source for title in (*hear._TITLES, "採用"))
