"""Golden mails: each in.eml must become want.eml, byte for byte, with CRLF and with LF."""

from pathlib import Path

import pytest

from gateway.core.inject import Injection, place_block
from gateway.core.mime import scan
from gateway.core.splice import apply_edits
from gateway.core.strip import strip_block
from gateway.core.why import Why
from tests.core.blocks import write_block

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
CASES = sorted(path for path in GOLDEN.iterdir() if (path / "in.eml").exists())
LINE_ENDS = {"CRLF": b"\r\n", "LF": b"\n"}
PAIRS = [
    pytest.param(case, LINE_ENDS[name], id=f"{case.name}-{name}")
    for case in CASES
    for name in LINE_ENDS
    if name == "CRLF" or not case.name.endswith("-crlf")
]


def read(path: Path, line_end: bytes) -> bytes:
    return path.read_bytes().replace(b"\r\n", line_end)


@pytest.mark.parametrize(("case", "line_end"), PAIRS)
def test_a_golden_mail_gets_its_block_and_loses_it_again(case: Path, line_end: bytes) -> None:
    raw, want = read(case / "in.eml", line_end), read(case / "want.eml", line_end)
    outcome = place_block(raw, scan(raw), write_block)
    assert isinstance(outcome, Injection), outcome
    assert apply_edits(raw, outcome.edits) == want
    assert strip_block(want) == raw
    assert place_block(want, scan(want), write_block) is Why.ALREADY_LINKED


def test_every_golden_mail_says_what_it_is_about() -> None:
    assert len(CASES) >= 80
    for case in CASES:
        assert len((case / "README").read_text("utf-8").splitlines()) == 1
