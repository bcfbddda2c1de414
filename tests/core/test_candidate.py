"""One person, one identity."""

import pytest

from gateway.core.candidate import hash_candidate, is_role, mask, mask_addresses, normalise
from gateway.core.envelope import Address

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("taro@example.com", "TARO@Example.COM", id="letter case"),
        pytest.param("taro@example.com", "taro+jobs@example.com", id="a +tag"),
        pytest.param("taro@example.com", '"taro"@example.com', id="needless quotes"),
        pytest.param("taro@example.com", '"t\\aro"@example.com', id="a needless quoted pair"),
        pytest.param("taro@example.com", "taro@example.com.", id="a final dot"),
        pytest.param("taro@example.com", "ｔａｒｏ@example.com", id="full-width letters"),
        pytest.param("taro@xn--wgv71a.example", "taro@日本.example", id="IDNA"),
    ],
)
def test_two_spellings_are_one_person(one: str, other: str) -> None:
    assert hash_candidate(KEY, Address(one)) == hash_candidate(KEY, Address(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("a..b@docomo.ne.jp", "ab@docomo.ne.jp", id="dots count"),
        pytest.param("a.@ezweb.ne.jp", "a@ezweb.ne.jp", id="a final dot counts"),
        pytest.param("taro@example.com", "taro@example.org", id="the domain counts"),
        pytest.param("+taro@example.com", "+jiro@example.com", id="nothing before the plus"),
    ],
)
def test_two_people_stay_two(one: str, other: str) -> None:
    assert hash_candidate(KEY, Address(one)) != hash_candidate(KEY, Address(other))


def test_a_hash_needs_the_key() -> None:
    address = Address("taro@example.com")
    assert hash_candidate(KEY, address) != hash_candidate(b"other" * 8, address)
    assert "taro" not in hash_candidate(KEY, address)


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("taro@Example.com", "t•••@example.com"),
        ('"t o"@example.com', "t•••@example.com"),
        ("not an address", "•••"),
        ("\x1b[31m@example.com", "•••@example.com"),
        ("taro@a\x9b31m\x85b\u2028c\u202e.jp", "t•••@a?31m?b?c?.jp"),
        ("太郎@例え.jp", "太•••@例え.jp"),
    ],
)
def test_a_masked_address_shows_one_character(address: str, masked: str) -> None:
    assert mask(Address(address)) == masked


def test_addresses_in_a_reply_are_masked() -> None:
    reply = "5.1.1 <taro.yamada@example.com>: Recipient address rejected (hr@own.example)"
    assert mask_addresses(reply) == (
        "5.1.1 <t•••@example.com>: Recipient address rejected (h•••@own.example)"
    )


@pytest.mark.parametrize(
    ("address", "role"),
    [
        ("info@example.com", True),
        ("No-Reply@example.com", True),
        ("saiyo+2026@example.com", True),
        ("informatics@example.com", False),
    ],
)
def test_a_role_is_nobody_to_refer(address: str, role: bool) -> None:
    assert is_role(Address(address)) is role


def test_normalising_never_raises_on_odd_addresses() -> None:
    for odd in ("", "@", "a@", "@b", "a@" + "é" * 300, '"@b', "a@\udcff"):
        assert "@" in normalise(Address(odd))
