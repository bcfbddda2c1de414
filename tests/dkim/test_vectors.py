"""Canonical forms and signatures against the RFCs' own examples; needs no other program."""

import base64
import hashlib
import re
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from gateway.core.dkim import hash_body, hash_header
from gateway.core.header import split_fields
from gateway.core.splice import Span

# RFC 8463 appendix A.2 and A.3, as published.
ED25519_SEED = base64.b64decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
RSA_PUBLIC = base64.b64decode(
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi"
    "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZy"
    "VYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
)
BODY_HASH = "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
ED25519_SIGNATURE = (
    "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="
)
RSA_SIGNATURE = (
    "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tF"
    "OeS9mPYQTnGdaSGsgeefOsk2JzdA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8="
)
HEADER = (
    b"From: Joe SixPack <joe@football.example.com>\r\n"
    b"To: Suzie Q <suzie@shopping.example.net>\r\n"
    b"Subject: Is dinner ready?\r\n"
    b"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    b"Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
)
BODY = b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
NAMES = ["from", "to", "subject", "date", "message-id", "from", "subject", "date"]
UNSIGNED = {
    "ed25519": (
        b"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
        b" d=football.example.com; i=@football.example.com;\r\n"
        b" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
        b" subject : date : message-id : from : subject : date;\r\n"
        b" bh=" + BODY_HASH.encode() + b";\r\n b="
    ),
    "rsa": (
        b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
        b" d=football.example.com; i=@football.example.com;\r\n"
        b" q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
        b" date : message-id : from : subject : date;\r\n"
        b" bh=" + BODY_HASH.encode() + b";\r\n b="
    ),
}


def digest(kind: str) -> bytes:
    fields = split_fields(HEADER, Span(0, len(HEADER)))
    return hash_header(HEADER, fields, NAMES, UNSIGNED[kind])


def hashed(body: bytes) -> str:
    return base64.b64encode(hash_body(body, 0)).decode()


def test_the_body_hash_of_rfc_8463() -> None:
    assert hashed(BODY) == BODY_HASH


def test_the_ed25519_signature_of_rfc_8463() -> None:
    private = Ed25519PrivateKey.from_private_bytes(ED25519_SEED)
    assert base64.b64encode(private.sign(digest("ed25519"))).decode() == ED25519_SIGNATURE


def test_the_rsa_signature_of_rfc_8463() -> None:
    public = serialization.load_der_public_key(RSA_PUBLIC)
    assert isinstance(public, rsa.RSAPublicKey)
    signature = base64.b64decode(RSA_SIGNATURE)
    public.verify(signature, digest("rsa"), padding.PKCS1v15(), Prehashed(hashes.SHA256()))


def test_an_empty_body_is_the_hash_of_nothing() -> None:
    """RFC 6376 section 3.4.4."""
    assert hashed(b"") == hashed(b"\r\n \t\r\n") == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def relaxed_by_the_letter(body: bytes) -> bytes:
    """Do what section 3.4.4 says, line by line."""
    if body and not body.endswith(b"\r\n"):
        body += b"\r\n"
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")[:-1]]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def odd_bodies() -> Iterator[bytes]:
    """Bodies around the size of a piece, with blanks and empty lines just there."""
    yield b" C \r\nD \t E\r\n\r\n\r\n"  # section 3.4.5
    yield b"no line end"
    yield b"a\r\r\n\r\n"
    yield b"\r" * 5
    for size in range((1 << 20) - 4, (1 << 20) + 5):
        yield b"x" * size + b"\t \r\n\r\n \r\n" + b"y" * 10 + b"\r\n" * 40
        yield b"x" * size + b"\r\n" * 40
        yield b"\r\n" * (size // 2) + b"  z \t z" + b" " * size + b"\r\n"


@pytest.mark.parametrize("body", list(odd_bodies()), ids=lambda body: f"{len(body)} bytes")
def test_a_body_in_pieces_has_the_hash_of_the_whole(body: bytes) -> None:
    assert hash_body(body, 0) == hashlib.sha256(relaxed_by_the_letter(body)).digest()


def test_a_header_is_relaxed_as_section_3_4_5_shows() -> None:
    header = b"A: X\r\nB : Y\t\r\n\tZ  \r\n"
    fields = split_fields(header, Span(0, len(header)))
    wanted = b"a:X\r\nb:Y Z\r\ndkim-signature:b="
    found = hash_header(header, fields, ["a", "b", "c"], b"DKIM-Signature: b=")
    assert found == hashlib.sha256(wanted).digest()
