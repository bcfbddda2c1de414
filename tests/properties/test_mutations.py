"""Golden mails with bytes added, lost and swapped: edited and restored, or passed with a reason."""

import random
from pathlib import Path

import pytest

from gateway.core.inject import Injection, place_block
from gateway.core.mime import scan
from gateway.core.splice import apply_edits
from gateway.core.strip import strip_block
from gateway.core.why import Why
from tests.core.blocks import write_block
from tests.fuzz.target import look_at
from tests.properties.generate import Maker

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
SEEDS = [path.read_bytes() for path in sorted(GOLDEN.glob("*/in.eml"))]
PIECES = (
    *(b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"--", b"=", b"=\r\n", b"=0D=0A", b"\x1b$B", b"\x1b(B"),
    *(b"<p>", b"</p>", b"<pre>", b"</body>", b"<!--", b"-->", b"<table><tr>", b"<a href='", b"<"),
    *(b"> ", b"-- \r\n", b" ", b"\t", b"\xff", b'"', b";", b":", b"base64", b"iso-2022-jp"),
    *(b'<div class="career-relay-block"', b"AAAA", b"====", b"&#", b"multipart/mixed", b"\0"),
)


def mutate(raw: bytes, chance: random.Random) -> bytes:
    at, kind = chance.randrange(len(raw) + 1), chance.randrange(4)
    if kind == 0:
        return raw[:at] + chance.choice(PIECES) + raw[at:]
    if kind == 1:
        return raw[:at] + raw[at + chance.choice((1, 2, 5, 40, 200)) :]
    if kind == 2:
        return raw[:at] + bytes((chance.randrange(256),)) + raw[at + 1 :]
    other = chance.choice(SEEDS)
    start = chance.randrange(len(other))
    return raw[:at] + other[start : start + chance.choice((3, 20, 200, 1000))] + raw[at:]


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_mail_is_edited_and_restored_or_passed(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(250):
        raw = chance.choice(SEEDS)
        for _ in range(chance.choice((1, 1, 2, 4))):
            raw = mutate(raw, chance)
        outcome = place_block(raw, scan(raw), write_block)
        assert outcome is not Why.CHECK_FAILED
        if isinstance(outcome, Injection):
            edited = apply_edits(raw, outcome.edits)
            assert strip_block(edited) == raw
            assert place_block(edited, scan(edited), write_block) is Why.ALREADY_LINKED


def test_generated_mails_hold_what_is_promised() -> None:
    maker = Maker(7)
    found = {look_at(maker.mail()) for _ in range(1500)}
    assert {Why.LINK_ADDED, Why.CHARSET, Why.SIGNED, Why.NO_PLACE} <= found
