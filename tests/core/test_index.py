"""The index calls every pattern that matches, and few that do not."""

import re
from pathlib import Path

import pytest

from gateway.core.index import Index
from gateway.core.reader import normalise
from gateway.core.rules import RULES
from gateway.core.rules.needs import ways_of

_SENTENCES = [
    normalise(line[2:])
    for name in ("sentences.txt", "short.txt")
    for line in (Path(__file__).parent.parent / "detection" / name).read_text("utf-8").splitlines()
]
_SAMPLE = [text for rule in RULES for text in (*rule.examples, *rule.counters)]


def needs(pattern: str) -> list[list[set[str]]]:
    return [[set(words) for words in way] for way in ways_of(pattern, len)]


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        pytest.param("採用", [[{"採用"}]], id="letters"),
        pytest.param("採用|面接", [[{"採用"}], [{"面接"}]], id="branches are ways apart"),
        pytest.param("(?:お|ご)?縁", [[{"縁"}]], id="what holds another word says no more"),
        pytest.param(r"\bno[- ]hire\b", [[{"no-hire", "no hire"}]], id="a small class"),
        pytest.param("見送.{0,9}採用", [[{"見送"}, {"採用"}]], id="a gap"),
        pytest.param("不採用(?!者)", [[{"不採用"}]], id="nothing is needed of what may not follow"),
        pytest.param("(?<!不)採用", [[{"採用"}]], id="nor of what may not stand before"),
        pytest.param("(?=[採面])(?:採用|面接)", [[{"採用"}], [{"面接"}]], id="looking ahead"),
        pytest.param("a+lunch", [[{"lunch"}]], id="a letter alone tells nothing"),
        pytest.param("(?:ab)+c", [[{"ab"}]], id="once or more"),
        pytest.param("(?:ab)*cd", [[{"cd"}]], id="never, too"),
        pytest.param("[a-z]+", [[]], id="a wide class"),
        pytest.param("(?:ab|[a-z]+)x.cd", [[{"cd"}]], id="one wide branch"),
        pytest.param(r"(ab)\1", [[{"ab"}]], id="a reference back"),
        pytest.param("(?>ab)cd", [[{"cd"}]], id="what is not known here needs nothing"),
    ],
)
def test_the_words_a_pattern_needs(pattern: str, wanted: list[list[set[str]]]) -> None:
    assert needs(pattern) == wanted


def test_every_rule_that_matches_is_called_and_few_others() -> None:
    patterns = [rule.pattern for rule in RULES]
    indexes = [Index([one.pattern for one in patterns], _SAMPLE, size) for size in (2, 3)]
    called = matching = 0
    for text in (*_SENTENCES[::3], *map(normalise, _SAMPLE[::2])):
        matches = {place for place, one in enumerate(patterns) if one.search(text)}
        for index in indexes:
            found = index.called(text)
            assert matches <= set(found), text
            called += len(found)
            matching += len(matches)
    assert called < 5 * matching


def test_every_rule_needs_words_whichever_way_it_matches() -> None:
    without = [r.id for r in RULES if not all(ways_of(r.pattern.pattern, len))]
    assert without == []


def test_a_pattern_that_needs_no_word_is_always_called() -> None:
    index = Index(["[a-z]+", "採用", "縁"], (), 2)
    assert index.called("") == [0]
    assert index.called("採用のご縁") == [0, 1, 2]
    assert re.search("縁", "ご縁")
