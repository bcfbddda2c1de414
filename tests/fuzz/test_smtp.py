"""A few seconds of the SMTP fuzzer, always the same beginning."""

import logging
import random
from pathlib import Path

import pytest

from tests.fuzz.smtp import Findings, FuzzError, Mutator, fuzz


def test_some_seconds_of_fuzzing_find_nothing() -> None:
    if not Path("/proc/self/statm").exists():
        pytest.skip("needs Linux's /proc")
    findings = fuzz(seconds=4, seed=1)
    assert findings.cases >= 200
    assert {"220", "250", "354", "500", "501", "503"} <= set(findings.codes)


@pytest.mark.parametrize(
    ("heard", "is_wrong"),
    [
        (b"250 2.0.0 OK\r\n", False),
        (b"451 4.4.1 Next hop not available\r\n", False),
        (b"451 4.3.0 Temporary failure, message not accepted\r\n", True),
        (b"250 2.0.0 OK\r\nhalf", True),
        (b"250 2.0.0 \xe3\r\n", True),
        (b"hello\r\n", True),
    ],
)
def test_the_fuzzer_hears_what_is_wrong(heard: bytes, is_wrong: bool) -> None:
    findings = Findings()
    findings.hear(heard)
    assert bool(findings.wrong) is is_wrong


def test_the_fuzzer_hears_the_log() -> None:
    findings = Findings()
    logging.getLogger("x").addHandler(findings)
    logging.getLogger("x").error("MAIL failed")
    logging.getLogger("x").removeHandler(findings)
    assert findings.wrong == ["log: MAIL failed"]
    assert issubclass(FuzzError, AssertionError)


def test_dialogues_come_back_with_their_seed() -> None:
    one, other = (Mutator(random.Random(7)) for _ in range(2))
    assert [one.next() for _ in range(50)] == [other.next() for _ in range(50)]
