"""A message in pieces is what it is as a whole, in both directions."""

import contextlib
import itertools
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.lines import has_bare_line_ends, mend_line_ends
from gateway.core.wire import Incoming, write_wire
from tests.dots import stuff_dots, unstuff_dots

BITS = st.lists(st.sampled_from([b".", b"\r", b"\n", b"\r\n", b"x", b"\r\n."]), max_size=24)


def _texts(longest: int) -> Iterator[bytes]:
    """Give every text of up to so many of the four octets that matter."""
    for length in range(longest + 1):
        yield from map(bytes, itertools.product(b".\r\nx", repeat=length))


@pytest.mark.parametrize("size", [2, 3, 4])
def test_what_goes_out_in_pieces_is_the_whole_mended_and_stuffed(size: int) -> None:
    for content in _texts(6):
        pieces = list(write_wire(content, size))
        assert b"".join(pieces) == stuff_dots(mend_line_ends(content))
        assert all(pieces)


def test_wherever_it_is_cut_a_message_is_what_it_is_as_a_whole() -> None:
    for text in _texts(4):
        wire = text + b"\r\n.\r\n"
        end = 0 if wire.startswith(b".\r\n") else wire.index(b"\r\n.\r\n") + 2
        for cuts in itertools.product((False, True), repeat=len(wire) - 1):
            places = [0, *(at for at, is_cut in enumerate(cuts, 1) if is_cut), len(wire)]
            incoming = Incoming()
            pieces = [wire[a:b] for a, b in itertools.pairwise(places)]
            assert any(incoming.take(piece) is not None for piece in pieces)
            assert incoming.message() == unstuff_dots(wire[:end])
            assert incoming.has_bare_line_ends == has_bare_line_ends(wire[:end])


@given(BITS, st.lists(st.integers(0, 6), max_size=30))
def test_what_comes_in_pieces_is_the_whole_unstuffed(bits: list[bytes], cuts: list[int]) -> None:
    wire = stuff_dots(b"".join(bits)) + b"\r\n.\r\n"
    end = 0 if wire.startswith(b".\r\n") else wire.index(b"\r\n.\r\n") + 2
    sent, incoming, rest = wire + b"QUIT\r\n", Incoming(), None
    while rest is None:
        assert sent, "the end was missed"
        size = cuts.pop() if cuts else len(sent)
        piece, sent = sent[:size], sent[size:]
        rest = incoming.take(piece)
    assert incoming.message() == unstuff_dots(wire[:end])
    assert incoming.has_bare_line_ends == has_bare_line_ends(wire[:end])
    assert incoming.size == len(unstuff_dots(wire[:end])), "doubled dots do not count"
    assert rest + sent == wire[end + 3 :] + b"QUIT\r\n"


def test_bytes_that_come_alone_take_no_more_room_than_together() -> None:
    with traced():
        incoming = Incoming()
        for _ in range(100_000):
            incoming.take(b"x")
        held_bytes, _ = tracemalloc.get_traced_memory()
    assert incoming.held_bytes == 100_000
    assert held_bytes < 200_000


def test_a_message_is_given_away_without_a_copy() -> None:
    with traced():
        incoming = Incoming()
        for _ in range(100):
            incoming.take(b"x" * 100_000)
        incoming.take(b"\r\n.\r\n")
        held_bytes, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        assert len(incoming.message()) == 10_000_002
        _, most_bytes = tracemalloc.get_traced_memory()
    assert most_bytes - held_bytes < 1_000_000


@contextlib.contextmanager
def traced() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()


def test_a_dropped_message_is_not_held_and_its_end_is_found() -> None:
    incoming = Incoming()
    assert incoming.take(b"x" * 1000) is None
    incoming.drop()
    assert incoming.held_bytes < 10
    assert incoming.take(b"\r\n.\r\nNOOP\r\n") == b"NOOP\r\n"
    assert incoming.size == 1002
