"""Parts that were moved with an edit are those that a second look finds."""

import random
from pathlib import Path

import pytest

from gateway.core.mime import Part, scan, walk
from gateway.core.moved import move_parts
from gateway.core.splice import Edit, Span, apply_edits
from tests.core.mails import mail, multipart, part

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
SEEDS = [path.read_bytes() for path in sorted(GOLDEN.glob("*/in.eml"))]
PIECES = (
    *(b"", b"x", b"\r\n", b"\n", b"\r", b"--", b"\r\n--", b"--\r\n", b"\r\n\r\n", b"a: b\r\n"),
    *(
        b"--b",
        b"\r\n--b--\r\n",
        b"-",
        b" ",
        b"\t",
        b"Content-Type: text/html\r\n\r\n",
        b"long " * 30,
    ),
)


def _any_edits(raw: bytes, root: Part, chance: random.Random) -> list[Edit]:
    """Return edits within the bodies of leaves, some with the mail's own delimiters."""
    named = [
        one.params["boundary"].encode("latin-1", "replace")
        for one in walk(root)
        if "boundary" in one.params
    ]
    pieces = (*PIECES, *(b"--" + one for one in named), *(b"\r\n--" + one for one in named))
    edits: list[Edit] = []
    for one in walk(root):
        if one.is_multipart or chance.random() < 0.3:
            continue
        start = chance.randint(one.body.start, one.body.end)
        end = min(one.body.end, start + chance.choice((0, 0, 0, 1, 2, 5, 40)))
        new = b"".join(chance.choices(pieces, k=chance.randint(1, 4)))
        edits.append(Edit(Span(start, end), new))
    return sorted(edits)


@pytest.mark.parametrize("seed", range(6))
def test_moved_parts_are_those_that_a_second_look_finds(seed: int) -> None:
    chance = random.Random(seed)
    moved = 0
    for _ in range(400):
        raw = chance.choice(SEEDS)
        if chance.random() < 0.4:
            at = chance.randrange(len(raw))
            raw = raw[:at] + chance.choice(PIECES) + raw[at + chance.choice((0, 1, 3)) :]
        root = scan(raw)
        edits = _any_edits(raw, root, chance)
        edited = apply_edits(raw, edits)
        tree = move_parts(raw, root, edited, edits)
        assert tree is None or tree == scan(edited), (raw, edits)
        moved += tree is not None
    assert moved > 100


RAW = mail(multipart("mixed", part("text/plain", "Hello\n"), part("text/html", "<p>Hello</p>\n")))


@pytest.mark.parametrize("new", [b"--b\r\n", b"x\r\n--b--\r\n", b"\r\n--b", b"--bx"])
def test_what_may_be_read_as_a_delimiter_moves_nothing(new: bytes) -> None:
    root = scan(RAW)
    edit = Edit(Span(root.children[0].body.start, root.children[0].body.start), new)
    assert move_parts(RAW, root, apply_edits(RAW, [edit]), [edit]) is None


@pytest.mark.parametrize("new", [b"--", b"x\r\n-- \r\n", b"\r\n--"])
def test_dashes_that_begin_no_delimiter_leave_the_parts_as_they_are(new: bytes) -> None:
    root = scan(RAW)
    edit = Edit(Span(root.children[0].body.start, root.children[0].body.start), new)
    edited = apply_edits(RAW, [edit])
    assert move_parts(RAW, root, edited, [edit]) == scan(edited)


def test_an_edit_outside_of_leaves_moves_nothing() -> None:
    root = scan(RAW)
    for at in (0, root.children[0].header.start, len(RAW)):
        edit = Edit(Span(at, at), b"x")
        assert move_parts(RAW, root, apply_edits(RAW, [edit]), [edit]) is None
