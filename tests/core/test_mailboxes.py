"""Addresses in a field, also where the standard library's versions disagree."""

import string
import time
from email.utils import formataddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.mailboxes import addresses_in

LOCAL = st.text(string.ascii_letters + string.digits + "._+-", min_size=1, max_size=12)
NAME = st.text(string.ascii_letters + ' ,.@>()"\\;:', max_size=20)


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ("", []),
        ("a@x.example", ["a@x.example"]),
        ("Tanaka <a@x.example>, b@y.example", ["a@x.example", "b@y.example"]),
        ('"b@y.example" <a@x.example>', ["a@x.example"]),
        ('"Tanaka, \\"T\\" b@y.example" <a@x.example>', ["a@x.example"]),
        ("a@x.example (Tanaka, b@y.example)", ["a@x.example"]),
        ('"a b"@x.example', ['"a b"@x.example']),
        ("b@y.example <a@x.example>", ["b@y.example", "a@x.example"]),
        ("<@hop.example:a@x.example>", ["a@x.example"]),
        ("applicants: a@x.example, b@y.example;", ["a@x.example", "b@y.example"]),
        ("undisclosed-recipients:;", []),
        ('"Tanaka <a@x.example>, b@y.example', ["a@x.example", "b@y.example"]),
        ('"a" <a@x.example>, "b\\" <b@y.example>', ["a@x.example", "b@y.example"]),
        ("a@x.example b@y.example", ["a@x.example", "b@y.example"]),
        ("a@b@c.example", ["a@b"]),
        ("(a@x.example", ["a@x.example"]),
        ("a @x.example, b@ y.example", ["a@x.example", "b@y.example"]),
        ("a(comment)@(another)x.example", ["a@x.example"]),
        ('"a b" @x.example', ['"a b"@x.example']),
        ("a@[192.0.2.1]", ["a@[192.0.2.1]"]),
        ('<a@x.example>, <"b@y.example">', ["a@x.example", "b@y.example"]),
        ("a@@x.example", ["a@x.example"]),
        ("まだ@y.example".encode().decode("latin-1"), ["ã\x81¾ã\x81\xa0@y.example"]),
        ('T 5" <a@x.example>, J 6" <b@y.example>', ["a@x.example", "b@y.example"]),
        ('"T <a@x.example>" <a@x.example>', ["a@x.example", "a@x.example"]),
    ],
)
def test_addresses(value: str, addresses: list[str]) -> None:
    assert addresses_in(value) == addresses


@given(st.lists(st.tuples(NAME, LOCAL), max_size=5))
def test_what_the_standard_library_writes_is_read(people: list[tuple[str, str]]) -> None:
    addresses = [f"{local}@x.example" for _, local in people]
    named = zip(people, addresses, strict=True)
    assert addresses_in(", ".join(formataddr((name, at)) for (name, _), at in named)) == addresses


@pytest.mark.parametrize(
    "bit",
    [
        *(
            '"',
            '\\"',
            '"\\"',
            "(",
            "(\\(",
            "<",
            "a",
            "a@",
            "@",
            "a@b ",
            '"a"@b',
            " ",
            "a ",
            "a (",
            "a()",
        ),
        *("a@ ", "a@(", '<"a" ', '"<" ', "()", "a@["),
    ],
)
def test_a_hostile_value_is_read_in_linear_time(bit: str) -> None:
    value = bit * (400_000 // len(bit)) + "\\"
    started = time.thread_time()
    addresses_in(value)
    assert time.thread_time() - started < 5
