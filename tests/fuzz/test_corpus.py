"""The kept corpus of the fuzzer: each file once more, without the fuzzer."""

from pathlib import Path

import pytest

from tests.fuzz.target import look_at

CORPUS = Path(__file__).resolve().parent / "corpus"
FILES = sorted(path for path in CORPUS.iterdir() if path.is_file())


@pytest.mark.parametrize("start", range(0, max(len(FILES), 1), 200))
def test_nothing_in_the_corpus_is_damaged(start: int) -> None:
    for path in FILES[start : start + 200]:
        try:
            look_at(path.read_bytes())
        except AssertionError as error:
            pytest.fail(f"{path.name}: {error}")


def test_there_is_a_corpus() -> None:
    assert len(FILES) >= 40
