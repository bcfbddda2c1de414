"""Tokens: the same mail has the same one, and nobody else's."""

import base64
import hashlib
import hmac

from gateway.core.candidate import CandidateHash
from gateway.core.link import hash_token, identify_message, link_for, make_token, read_token

KEY = b"k" * 32
WHO = CandidateHash("a" * 64)


def test_a_retried_mail_has_the_same_token() -> None:
    first = identify_message(b"<1@example.jp>", b"one way")
    again = identify_message(b" <1@example.jp> ", b"another way")
    assert make_token(KEY, 1, first, WHO) == make_token(KEY, 1, again, WHO)


def test_company_mail_candidate_and_key_each_change_the_token() -> None:
    message, other = identify_message(b"<1@a>", b""), identify_message(b"<2@a>", b"")
    tokens = {
        make_token(KEY, 1, message, WHO),
        make_token(KEY, 2, message, WHO),
        make_token(KEY, 1, other, WHO),
        make_token(KEY, 1, message, CandidateHash("b" * 64)),
        make_token(b"other" * 8, 1, message, WHO),
    }
    assert len(tokens) == 5


def test_a_token_is_the_start_of_a_keyed_hash_in_base32() -> None:
    for number in range(50):
        message = identify_message(b"<%d@a>" % number, b"")
        basis = f"token\0{7}\0{message}\0{WHO}".encode()
        packed = base64.b32encode(hmac.digest(KEY, basis, hashlib.sha256)).decode("ascii")
        assert make_token(KEY, 7, message, WHO) == packed.lower()[:26]


def test_a_mail_without_message_id_is_known_by_its_content() -> None:
    assert identify_message(None, b"x") == identify_message(b"  ", b"x")
    assert identify_message(None, b"x") != identify_message(None, b"y")
    assert identify_message(None, b"<1@a>") != identify_message(b"<1@a>", b"")


def test_only_what_looks_like_a_token_is_one() -> None:
    token = make_token(KEY, 1, identify_message(b"<1@a>", b""), WHO)
    assert read_token(token) == token
    for other in ("", token[:-1], token + "a", token.upper(), token[:-1] + "1", token + "\n"):
        assert read_token(other) is None
    assert token not in hash_token(token)
    assert link_for("https://relay.example", token) == f"https://relay.example/r/{token}"
