"""Line ends and dots."""

import itertools
import re

from hypothesis import example, given
from hypothesis import strategies as st

from gateway.core.lines import (
    count_received,
    has_bare_cr,
    has_bare_line_ends,
    mend_line_ends,
)
from tests.dots import stuff_dots, unstuff_dots

LINES = st.lists(st.sampled_from([b".", b"\r", b"\n", b"\r\n", b"x"]), max_size=12).map(b"".join)


@given(LINES)
def test_dots_come_back_and_no_stuffed_message_ends_early(content: bytes) -> None:
    mended = mend_line_ends(content)
    stuffed = stuff_dots(mended)
    assert unstuff_dots(stuffed) == mended
    assert b"\r\n.\r\n" not in b"\r\n" + stuffed


@given(LINES)
def test_no_bare_line_end_is_left(content: bytes) -> None:
    mended = mend_line_ends(content)
    assert b"\r" not in mended.replace(b"\r\n", b"")
    assert b"\n" not in mended.replace(b"\r\n", b"")
    assert not has_bare_line_ends(mended)


def test_each_bare_cr_and_lf_is_one_line_end() -> None:
    bare = re.compile(rb"\r(?!\n)|(?<!\r)\n")
    for length in range(7):
        for raw in map(bytes, itertools.product(b"\r\nx", repeat=length)):
            assert mend_line_ends(raw) == bare.sub(b"\r\n", raw)


@given(
    width=st.integers(0, 80),
    head=st.integers(0, 90),
    tail=st.integers(0, 90),
    at=st.integers(0, 200_000),
    odd=st.sampled_from([b"", b"\r", b"\n", b"\r\n", b"x", b"\n\r"]),
    inserted=st.booleans(),
)
@example(width=76, head=0, tail=0, at=16_383, odd=b"\r\n", inserted=False)
@example(width=76, head=16_383, tail=0, at=0, odd=b"", inserted=True)
@example(width=0, head=0, tail=1, at=100_001, odd=b"\r", inserted=True)
def test_in_a_long_text_of_equal_lines_one_bare_cr_or_lf_is_seen(
    width: int, head: int, tail: int, at: int, odd: bytes, *, inserted: bool
) -> None:
    line = b"x" * width + b"\r\n"
    whole = b"h" * head + line * (150_000 // len(line)) + b"t" * tail
    raw = whole[:at] + odd + whole[at if inserted else at + len(odd) :]
    ends = re.sub(rb"\r\n", b"", raw)
    assert has_bare_cr(raw) == (b"\r" in ends)
    assert has_bare_line_ends(raw) == (b"\r" in ends or b"\n" in ends)


def test_a_clean_mail_is_the_same_object() -> None:
    raw = b"a\r\nb\r\n"
    assert mend_line_ends(raw) is raw


def test_only_received_fields_of_the_header_are_hops() -> None:
    raw = (
        b"Received: a\r\n\tReceived: folded\r\nrECEIVED : b\r\nX-Received: c\r\n\r\nReceived: d\r\n"
    )
    assert count_received(raw) == 2
    assert count_received(b"\r\nReceived: d\r\n") == 0
