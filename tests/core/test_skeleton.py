"""What stands around the texts of two mails is taken for the same only where it is read alike."""

import ast
from collections.abc import Iterator

import pytest

from gateway.core import guard
from gateway.core.decide import decide
from gateway.core.skeleton import READ_FIELDS
from tests.core.known_mails import (
    COMPANY,
    DESK,
    LETTER,
    NAMES,
    ROOT,
    UTF_8,
    anew,
    base64_leaf,
    envelope_of,
    head,
    is_known,
    mail_of,
    teach,
)

pytestmark = pytest.mark.usefixtures("forgetful")


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("same", "same"),
        ("mark", "mark1"),
        ("mark1", "mark"),
        ("inner", "pdf"),
        ("a", "b"),
        ("a", "a"),
    ],
)
def test_boundaries_that_are_too_like_are_looked_at_anew(outer: str, inner: str) -> None:
    teach(mail_of("attached", number, LETTER, name) for number, name in enumerate(NAMES))
    raw = mail_of("attached", 78, LETTER, "山田 太郎")
    assert is_known(raw, envelope_of(raw))
    raw = raw.replace(b"outer78x", outer.encode()).replace(b"inner0y", inner.encode())
    assert decide(raw, envelope_of(raw), COMPANY, DESK) == anew(raw, envelope_of(raw))


def _spelt(kind: str, above: str, boundary: str, file: str = "") -> bytes:
    """Return a letter in two parts, or with a file, whose parts are told in an odd way."""
    text = LETTER.format(name="山田 太郎")
    more = f"\r\n--{boundary}\r\nContent-Type: image/png; name={file}\r\n\r\nx" if file else ""
    return "".join((
        head(7, ""), f"Content-Type: {kind}\r\n\r\n{above}--{boundary}\r\n",
        f"Content-Type: text/plain{UTF_8}{base64_leaf(text)}{more}\r\n--{boundary}--\r\n",
    )).encode()  # fmt: skip


def _plain_named(file: str) -> bytes:
    text = base64_leaf(LETTER.format(name="山田 太郎"))
    kind = f'Content-Type: text/plain; name="{file}"; charset=utf-8\r\n'
    return (head(7, "") + kind + text).encode()


SPELT_ODDLY = {
    "told twice": (
        _spelt("multipart/mixed; boundary=S; boundary=S", "", "S"),
        _spelt("multipart/mixed; boundary=X; boundary=S", "", "X"),
    ),
    "told by a like name": (
        _spelt("multipart/mixed; x-boundary=S; boundary=S", "", "S"),
        _spelt("multipart/mixed; x-boundary=S; boundary=X", "", "S"),
    ),
    "in a file's name": (
        _spelt("multipart/mixed; boundary=S", "", "S", "--S"),
        _spelt("multipart/mixed; boundary=a.rpmsg", "", "a.rpmsg", "--a.rpmsg"),
    ),
    "above the parts": (
        _spelt("multipart/mixed; boundary=S", "boundary=T\r\n--T\r\n", "S"),
        _spelt("multipart/mixed; boundary=S", "boundary=S\r\n--S\r\n", "S"),
    ),
    "of a part's type": (
        _spelt("multipart/mixed; boundary=html", "", "html", "html"),
        _spelt("multipart/mixed; boundary=xxxx", "", "xxxx", "xxxx"),
    ),
    "a name that looks like it": (
        _plain_named("boundary=a"),
        _plain_named("boundary=a.rpmsg"),
    ),
}


@pytest.mark.parametrize(("taught", "asked"), SPELT_ODDLY.values(), ids=SPELT_ODDLY)
def test_boundaries_told_oddly_are_looked_at_anew(taught: bytes, asked: bytes) -> None:
    teach([taught] * 5)
    assert decide(asked, envelope_of(asked), COMPANY, DESK) == anew(asked, envelope_of(asked))


@pytest.mark.parametrize("line", ["-----BEGIN PGP MESSAGE-----", "begin 644 a.txt"])
def test_what_the_guard_finds_in_the_bytes_counts_where_the_text_is_the_same(line: str) -> None:
    letter = LETTER.replace("\n--\n", f"\n{line}\n--\n")
    raw = mail_of("jis", 7, letter, "山田 太郎")
    hidden = raw.replace(line.encode(), b"\x1b(B" + line.encode())
    assert anew(raw, envelope_of(raw)).why != anew(hidden, envelope_of(raw)).why
    teach([hidden] * 5)
    assert is_known(hidden, envelope_of(raw))
    assert decide(raw, envelope_of(raw), COMPANY, DESK) == anew(raw, envelope_of(raw))


def _names_asked_for() -> Iterator[str]:
    """Yield every field name that the core asks a message's header for."""
    for path in sorted((ROOT / "gateway/core").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                if called in {"named", "field_values", "header"} and node.args:
                    last = node.args[-1]
                    if isinstance(last, ast.Constant) and isinstance(last.value, str):
                        yield last.value


def _names_compared() -> Iterator[str]:
    """Yield every string that the core compares a field's name with."""
    for path in sorted((ROOT / "gateway/core").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare) and ast.unparse(node.left) in {
                "one.name",
                "field.name",
            }:
                for other in node.comparators:
                    yield from _strings_in(other)


def _strings_in(node: ast.expr) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def test_every_field_that_is_asked_for_is_looked_at() -> None:
    asked = {*_names_asked_for(), *_names_compared()} - {""}
    assert {"cc", "dkim-signature"} <= asked
    assert {"from", "subject", "to", "message-id", "content-class"} <= asked
    assert asked <= READ_FIELDS


def test_every_field_that_the_guard_knows_is_looked_at() -> None:
    signs = {one for row in guard._TABLE for one in row.signs if isinstance(one, str)}
    fields = {one for one in signs if "/" not in one and "." not in one}
    assert {"list-id", "content-md5"} <= fields
    assert fields <= READ_FIELDS
