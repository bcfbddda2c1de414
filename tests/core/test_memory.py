"""What is remembered of short texts, and of which texts nothing is."""

import pytest

from gateway.core.memory import (
    LONGEST_BLOCK,
    LONGEST_REMEMBERED,
    LONGEST_WHOLE,
    MOST_REMEMBERED,
    MOST_WHOLE,
    Shelf,
    remembered,
    remembered_block,
    remembered_whole,
)


def test_a_short_text_is_worked_on_once_for_each_question() -> None:
    asked: list[tuple[str, int]] = []

    @remembered
    def answer(text: str, times: int) -> str:
        asked.append((text, times))
        return text * times

    assert [answer("a", 2), answer("a", 3), answer("a", 2)] == ["aa", "aaa", "aa"]
    assert asked == [("a", 2), ("a", 3)]


@pytest.mark.parametrize(
    ("length", "times"), [(LONGEST_REMEMBERED, 1), (LONGEST_REMEMBERED + 1, 2)]
)
def test_a_long_text_is_not_remembered(length: int, times: int) -> None:
    asked: list[int] = []

    @remembered
    def answer(text: bytes) -> int:
        asked.append(len(text))
        return len(text)

    assert answer(b"x" * length) == answer(b"x" * length) == length
    assert asked == [length] * times


def test_the_text_asked_for_longest_ago_is_forgotten() -> None:
    asked: list[str] = []

    @remembered
    def answer(text: str) -> str:
        asked.append(text)
        return text

    for number in range(MOST_REMEMBERED + 1):
        answer(str(number))
    answer(str(MOST_REMEMBERED))
    answer("0")
    assert asked[-2:] == [str(MOST_REMEMBERED), "0"]


def test_a_shelf_forgets_what_was_asked_for_longest_ago() -> None:
    shelf: Shelf[str] = Shelf(2)
    shelf.keep(1, "a")
    shelf.keep(2, "b")
    assert shelf.get(1) == "a"
    shelf.keep(3, "c")
    assert [shelf.get(key) for key in (1, 2, 3)] == ["a", None, "c"]
    shelf.keep(3, "d")
    assert [shelf.get(key) for key in (1, 3)] == ["a", "d"]
    shelf.clear()
    assert shelf.get(1) is None


def test_a_fault_is_not_remembered() -> None:
    @remembered
    def answer(text: str) -> int:
        return int(text)

    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            answer("x")


def test_whole_texts_are_remembered_for_the_mail_in_hand() -> None:
    asked: list[str] = []

    @remembered_whole
    def answer(text: str) -> int:
        asked.append(text[:1])
        return len(text)

    for first in ("a", "b", "a"):
        assert answer(first * LONGEST_WHOLE) == LONGEST_WHOLE
    for _ in range(2):
        assert answer("c" * (LONGEST_WHOLE + 1)) == LONGEST_WHOLE + 1
    for number in range(MOST_WHOLE):
        answer(str(number))
    answer("a" * LONGEST_WHOLE)
    assert asked[:4] == ["a", "b", "c", "c"]
    assert asked[-1] == "a"


@pytest.mark.parametrize(("length", "times"), [(LONGEST_BLOCK, 1), (LONGEST_BLOCK + 1, 2)])
def test_a_block_is_remembered_up_to_its_length(length: int, times: int) -> None:
    asked: list[int] = []

    @remembered_block
    def answer(block: str) -> int:
        asked.append(len(block))
        return len(block)

    assert answer("x" * length) == answer("x" * length) == length
    assert asked == [length] * times
