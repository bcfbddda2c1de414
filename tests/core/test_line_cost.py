"""No pattern runs over more of a line than is bounded, so that time stays linear in the mail."""

import re
from types import ModuleType

import pytest

from gateway.core import signature, written
from gateway.core.written import find_written

HOSTILE = [
    "a " * 9_000,
    "a" * 18_000,
    "GET /x 200 " * 1_600,
    "━━━" + " " * 18_000 + "x",
    " " * 18_000 + "x",
    "-" * 18_000 + "x",
    "> " + "x y. " * 4_000,
    "From: " + " " * 18_000,
    "株式会社" * 4_000,
    "Tel " * 4_000,
    "--" + " " * 18_000 + "x",
    "※本メール" * 4_000,
]


class Recorder:
    """Stands for a pattern and notes the longest text it is tried on."""

    def __init__(self, pattern: re.Pattern[str], seen: list[tuple[int, str]]) -> None:
        self._pattern = pattern
        self._seen = seen

    def _note(self, text: str) -> str:
        self._seen.append((len(text), self._pattern.pattern[:40]))
        return text

    def search(self, text: str) -> re.Match[str] | None:
        return self._pattern.search(self._note(text))

    def match(self, text: str) -> re.Match[str] | None:
        return self._pattern.match(self._note(text))

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return self._pattern.fullmatch(self._note(text))


def record(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    seen: list[tuple[int, str]] = []
    for name, value in vars(module).copy().items():
        if isinstance(value, re.Pattern):
            monkeypatch.setattr(module, name, Recorder(value, seen))
    return seen


@pytest.mark.parametrize("line", HOSTILE)
@pytest.mark.parametrize(("module", "most"), [(signature, 200), (written, 1000)])
def test_a_pattern_sees_no_more_of_a_long_line_than_is_bounded(
    module: ModuleType, most: int, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = record(module, monkeypatch)
    find_written(["Job finished.", "", "------------------", line, "> a", "> b", "", line])
    find_written(["Dear Taro,", "", "Job finished, as you asked us.", "", line])
    assert seen
    assert max(seen)[0] <= most
