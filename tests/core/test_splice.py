"""Edits go where they say, and nowhere else."""

import pytest

from gateway.core.splice import Edit, Span, SpliceError, apply_edits, gives


def test_edits_replace_insert_and_remove() -> None:
    edits = (
        Edit(Span(0, 0), b">"),
        Edit(Span(2, 4), b"XX"),
        Edit(Span(5, 6), b""),
        Edit(Span(6, 6), b"<"),
    )
    assert apply_edits(b"abcdef", edits) == b">abXXe<"


def test_no_edits_give_back_the_same_object() -> None:
    raw = b"as it came"
    assert apply_edits(raw, ()) is raw


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param((Edit(Span(3, 4), b""), Edit(Span(0, 1), b"")), id="out of order"),
        pytest.param((Edit(Span(0, 3), b""), Edit(Span(2, 4), b"")), id="overlapping"),
        pytest.param((Edit(Span(5, 7), b""),), id="past the end"),
        pytest.param((Edit(Span(2, 1), b""),), id="backwards"),
    ],
)
def test_wrong_edits_are_refused(edits: tuple[Edit, ...]) -> None:
    with pytest.raises(SpliceError):
        apply_edits(b"abcdef", edits)


@pytest.mark.parametrize("wanted", [b"abXYef", b"abXYe", b"abXYefg", b"abXXef", b""])
def test_what_edits_give_is_known_without_making_it(wanted: bytes) -> None:
    edits = (Edit(Span(2, 4), b"XY"),)
    assert gives(b"abcdef", edits, wanted) == (apply_edits(b"abcdef", edits) == wanted)
