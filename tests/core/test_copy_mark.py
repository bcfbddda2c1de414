"""The mark of a copy leaves out what servers on the way here put on top, and nothing else."""

import random

from gateway.core.copy_mark import _OF_THE_WAY, mark_copies
from gateway.core.envelope import Address, Envelope
from gateway.core.head import MAX_HEADER_BYTES, header_of
from gateway.core.mime import scan
from tests.core.mails import mail, part

NAMES = frozenset(
    (
        *("received", "x-received", "return-path", "delivered-to", "x-original-to"),
        *("authentication-results", "received-spf", "dkim-signature", "x-career-relay"),
        *("arc-seal", "arc-message-signature", "arc-authentication-results"),
    )
)
PIECES = (
    *(b"Received", b"received-SPF", b"X-Received", b"ARC-Seal", b"arc-authentication-results"),
    *(b"DKIM-Signature", b"Return-Path", b"X-Career-Relay", b"Delivered-To", b"x-original-to"),
    *(
        b"Subject",
        b":",
        b": ",
        b" :",
        b"\r\n",
        b"\n",
        b"\r\n ",
        b"\n\t",
        b"\r\n\r\n",
        b"\n\n",
        b"\r",
    ),
    *(b"x", b" ", b"\xe9", b"From ", b"Authentication-Results", b"arc-message-signature"),
)
ENVELOPE = Envelope(Address("hr@a.example"), (Address("taro@mail.example"),))
RAW = mail(part("text/plain", "Hello\n"))


def test_the_fields_left_out_are_those_that_a_scan_finds() -> None:
    chance = random.Random(3)
    found = 0
    for _ in range(20_000):
        raw = b"".join(chance.choices(PIECES, k=chance.randint(1, 25)))
        spans = [tuple(one.span) for one in scan(raw).fields if one.name in NAMES]
        assert [one.span() for one in _OF_THE_WAY.finditer(raw, *header_of(raw))] == spans, raw
        found += bool(spans)
    assert found > 500


def test_another_attempt_has_the_same_mark_and_another_mail_has_not() -> None:
    again = b"Received: from b.example\r\n\tby a.example\r\n" + RAW
    other = RAW.replace(b"Hello", b"Hallo")
    marks = [mark_copies(b"k", 1, raw, ENVELOPE) for raw in (RAW, again, other)]
    assert marks[0] == marks[1]
    assert marks[0] != marks[2]


def test_a_header_too_long_to_be_read_is_part_of_the_mail() -> None:
    raw = b"Received: x\r\nX: " + b"x" * MAX_HEADER_BYTES + b"\r\n\r\n"
    assert not header_of(raw).end
    assert mark_copies(b"k", 1, raw, ENVELOPE) != mark_copies(b"k", 1, raw[13:], ENVELOPE)
