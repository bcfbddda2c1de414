"""Changes of decoded text are made in place, and unmade to the byte."""

import base64
import time

import pytest

from gateway.core.splice import Span, apply_edits
from gateway.core.transfer import Change, TransferError, decode_transfer, encode_change

QP = "quoted-printable"
NEW = "\r\n―― ご案内 ――\r\nhttps://relay.example/r/x?a=1\r\n".encode()


def change(encoding: str, body: bytes, at: int, new: bytes, line_end: bytes = b"\r\n") -> bytes:
    """Insert `new`, look that it is there, take it out again, return the changed body."""
    before = decode_transfer(encoding, body)
    edit = encode_change(encoding, body, before, Change(Span(at, at), new), line_end)
    changed = apply_edits(body, (edit,))
    after = decode_transfer(encoding, changed)
    assert after == before[:at] + new + before[at:]
    removal = Change(Span(at, at + len(new)), b"")
    back = encode_change(encoding, changed, after, removal, line_end)
    assert apply_edits(changed, (back,)) == body
    return changed


@pytest.mark.parametrize(
    ("body", "at"),
    [
        pytest.param(b"one\r\ntwo\r\n", 5, id="a line's start"),
        pytest.param(b"one=\r\n more\r\ntwo", 10, id="behind a soft break"),
        pytest.param(b"one=\r\ntwo", 3, id="at a soft break"),
        pytest.param(b"one=\r\n", 3, id="a soft break at the end"),
        pytest.param(b"one =\r\n<p>", 4, id="a blank and a soft break"),
        pytest.param(b"one <p>", 4, id="behind a blank"),
        pytest.param(b"one=20<p>", 4, id="behind an encoded blank"),
        pytest.param(b"=E5=B1=B1=0D=0A=E5=B1=B1", 5, id="between encoded line ends"),
        pytest.param(b"one=0D=0A=\r\ntwo=0D=0A=\r\nthree", 10, id="an escaped line's start"),
        pytest.param(b"one=\r\n\r\ntwo=\r\n\r\n", 5, id="behind an empty end of a line"),
        pytest.param(b"one\r\ntwo =\r\n\r\n", 11, id="the end"),
        pytest.param(b"", 0, id="nothing"),
        pytest.param(b"=3Cp=3E", 0, id="the start"),
    ],
)
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_quoted_printable_is_changed_in_place(body: bytes, at: int, line_end: bytes) -> None:
    body = body.replace(b"\r\n", line_end)
    at = min(at, len(decode_transfer(QP, body)))
    changed = change(QP, body, at, NEW, line_end)
    assert max(map(len, changed.split(line_end))) <= 76
    assert all(not line.endswith((b" ", b"\t")) for line in changed.split(line_end))


@pytest.mark.parametrize(
    "body",
    [b"one\r\ntwo= \r\n\r\nthree\r\n", b"one\r\n=\t\r\ntwo\r\n", b"one=0a=\n=\r\ntwo\r\n=\n\r\n"],
)
def test_a_place_near_an_odd_soft_break_is_found(body: bytes) -> None:
    for at in range(len(decode_transfer(QP, body)) + 1):
        change(QP, body, at, NEW)


LINES = [
    b"",
    b".",
    b"x" * 74,
    b"x" * 75,
    b"x" * 76,
    b"x" * 149,
    b"x" * 71 + b"\xe3" + b"x" * 80,
    b"x" * 72 + b"\xe3" + b"x" * 80,
    b"x" * 73 + b"\xe3" + b"x" * 80,
    b"a=b \x7f\r\n~ ",
    b"trailing\t",
    b"x" * 73 + b" .",
    b"https://relay.example/r/x?a=1",
    ("<p>" + "ご案内です。" * 20 + "</p>").encode(),
]


def written(lines: bytes, newline: bytes, line_end: bytes) -> bytes:
    """Return `lines` as the block is written, said in another way."""
    plain = {*range(0x20, 0x7F), 0x09} - {0x3D}
    encoded = []
    for line in lines.split(newline):
        tokens = [b"%c" % one if one in plain else b"=%02X" % one for one in line]
        if line.endswith((b" ", b"\t")):
            tokens[-1] = b"=%02X" % line[-1]
        rows, whole = [b""], b"".join(tokens)
        for token in tokens if len(whole) > 75 else [whole]:
            if rows[-1] and len(rows[-1] + token) > 74:
                rows.append(b"")
            rows[-1] += token
        encoded.append((b"=" + line_end).join(rows))
    as_escapes = b"".join(b"=%02X" % one for one in newline) + b"=" + line_end
    joint = line_end if newline == line_end else as_escapes
    return joint.join(encoded).removesuffix(b"=" + line_end)


@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("first", LINES)
def test_quoted_printable_is_written_in_one_way(
    first: bytes, newline: bytes, line_end: bytes
) -> None:
    for others in ([], LINES, [*LINES, b""]):  # the second time some of it is remembered
        text = newline.join([first, *others])
        expected = written(text, b"\r\n" if b"\r\n" in text else b"\n", line_end)
        for _ in range(2):
            edit = encode_change(QP, b"", b"", Change(Span(0, 0), text), line_end)
            assert edit.new == expected


def test_lone_equals_signs_stay() -> None:
    assert decode_transfer(QP, b"a=b =3D=ZZ=") == b"a=b ==ZZ"


@pytest.mark.parametrize("width", [4, 60, 64, 76])
@pytest.mark.parametrize("final", [b"", b"\r\n", b"\r\n\r\n"])
@pytest.mark.parametrize("at", [0, 1, 44, 45, 46, 57, 114, 199, 200])
def test_base64_keeps_its_layout(width: int, final: bytes, at: int) -> None:
    packed = base64.b64encode(bytes(range(200)))
    lines = [packed[start : start + width] for start in range(0, len(packed), width)]
    changed = change("base64", b"\r\n".join(lines) + final, at, NEW)
    kept = at // 3 * 4 // width * width  # whole lines before the place are untouched
    assert changed.startswith(b"\r\n".join(lines)[: max(0, kept // width - 1) * (width + 2)])
    assert changed.endswith(final)


def test_base64_on_one_long_line_stays_on_one_line() -> None:
    packed = base64.b64encode(bytes(range(200)))
    assert b"\n" not in change("base64", packed, 100, NEW)


@pytest.mark.parametrize("size", [700, 747, 748, 3000])
@pytest.mark.parametrize("at", [0, 1, 400, 700])
@pytest.mark.parametrize("final", [b"", b"\r\n"])
def test_base64_on_one_line_gets_line_ends_where_it_grows_too_long(
    size: int, at: int, final: bytes
) -> None:
    body = base64.b64encode(b"x" * size) + final
    changed = change("base64", body, at, NEW * 4)
    assert max(map(len, changed.split(b"\r\n"))) <= 998


def test_base64_that_looks_like_that_is_refused() -> None:
    packed = base64.b64encode(b"x" * 3000)
    body = b"\r\n".join(packed[at : at + 996] for at in range(0, len(packed), 996))
    data = decode_transfer("base64", body)
    with pytest.raises(TransferError):
        encode_change("base64", body, data, Change(Span(9, 9), NEW), b"\r\n")


@pytest.mark.parametrize(
    "body",
    [
        b"AAAA\r\nAA==\r\nAAAA",
        b"AAAAAAAA\r\nAAAA\r\nAAAAAAAA",
        b"AAAAAA\r\nAAAAAA",
        b"AAA",
        b"A!AA",
        b"AB==",
    ],
)
def test_base64_that_could_not_be_restored_is_refused(body: bytes) -> None:
    with pytest.raises(TransferError):
        change("base64", body, 0, NEW)


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(TransferError):
        decode_transfer("x-uuencode", b"x")


@pytest.mark.parametrize(
    "body",
    [
        b"=\r\n" * 300_000 + b"a\n" * 99,
        (b"a" + b"=\r\n" * 1000) * 300,
        b"a\n" * 50_000 + b"=\r\n" * 200_000 + b"b\n" * 50_000,
        b"=E3=81=82=\r\n" * 90_000,
        b"a" * 1_000_000,
        b"\n" * 1_000_000,
    ],
    ids=["soft", "mostly-soft", "soft-within", "escapes", "one-line", "empty"],
)
def test_a_place_in_quoted_printable_is_found_in_linear_time(body: bytes) -> None:
    data = decode_transfer(QP, body)
    size = len(data)
    started = time.process_time()
    for at in (1, 2, 50, size // 3, size // 2, size - 50, size - 1, size):
        edit = encode_change(QP, body, data, Change(Span(at, at), b""), b"\r\n")
        assert len(decode_transfer(QP, body[: edit.span.start])) == at
    assert time.process_time() - started < 5
