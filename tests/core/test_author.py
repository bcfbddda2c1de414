"""Whose mail it says it is: one From of the company's own domain, and no way to read another."""

import pytest

from gateway.core.author import refuse_author, refuse_unproven
from gateway.core.company import Company, Mode
from gateway.core.decide import decide
from gateway.core.envelope import Address, Envelope
from gateway.core.mime import scan
from gateway.core.why import Why
from gateway.demo.samples import SENDER
from tests.relaying import DESK, MIDORI, REJECTION

ACME = Company(1, "Acme", ("acme.example", "xn--eckwd4c7c.example"), Mode.INJECT)


def refuse(header: bytes) -> Why | None:
    raw = header.replace(b"\n", b"\r\n") + b"\r\n\r\ntext\r\n"
    return refuse_author(raw, scan(raw), ACME)


@pytest.mark.parametrize(
    "header",
    [
        b"From: hr@acme.example",
        b"From: <hr@acme.example>",
        b"FROM : HR@ACME.example",
        b"From: HR <hr@mail.acme.example>",
        b'From: "Acme, Inc. (HR)" <hr@acme.example>',
        b'From: "Acme \\"HR\\"" <hr@acme.example>',
        b"From: =?utf-8?b?5o6h55So5ouF5b2T?= <hr@acme.example>",
        b"From: =?utf-8?b?5o6h55So?=\n =?utf-8?b?5ouF5b2T?=\n <hr@acme.example>",
        "From: 採用担当 <hr@acme.example>".encode(),
        "From: 採用 <hr@エグザンプル.example>".replace("エグザンプル", "xn--eckwd4c7c").encode(),
        b"From: hr@acme.example (Human Resources)",
        b'From: "hr@acme.example" <hr@acme.example>',
        b'From: "a..b"@acme.example',
        b"From: a..b@acme.example",
        b"From hr@acme.example Tue Jan 6 2026\nFrom: hr@acme.example",
        b"Sender: mailer@ats.example\nFrom: hr@acme.example",
        b"Resent-From: boss@acme.example\nFrom: hr@acme.example",
    ],
)
def test_a_mail_of_the_company_s_own_is_known(header: bytes) -> None:
    assert refuse(header) is None


@pytest.mark.parametrize(
    "header",
    [
        b"From: hr@evil.example",
        b"From: Acme HR <hr@evil.example>",
        b"From: hr@acme.example.evil.example",
        b"From: hr@notacme.example",
        b"Resent-From: x@evil.example\nFrom: hr@acme.example",
        "From: hr@аcme.example".encode(),  # a Cyrillic letter
    ],
)
def test_a_mail_that_says_it_is_another_s_is_foreign(header: bytes) -> None:
    assert refuse(header) is Why.FOREIGN_FROM


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(b"Subject: x", id="no From"),
        pytest.param(b"From:", id="an empty one"),
        pytest.param(b"From: hr@acme.example\nFrom: x@evil.example", id="two fields"),
        pytest.param(b"From: hr@acme.example\nfrom : hr@acme.example", id="two alike"),
        pytest.param(b"From: hr@acme.example, x@evil.example", id="two mailboxes"),
        pytest.param(b"From: <hr@acme.example>, <x@evil.example>", id="two with brackets"),
        pytest.param(b"From: staff: hr@acme.example;", id="a group"),
        pytest.param(b"From: undisclosed:;", id="an empty group"),
        pytest.param(b"From: <hr@acme.example> <x@evil.example>", id="two brackets"),
        pytest.param(b"From: <x@evil.example>hr@acme.example", id="text behind the bracket"),
        pytest.param(b"From: <@evil.example:hr@acme.example>", id="a route"),
        pytest.param(b"From: hr@acme.example (<x@evil.example>)", id="an address in a comment"),
        pytest.param(b"From: hr(a)@acme.example", id="a comment within"),
        pytest.param(b"From: hr@acme.example(a(b))", id="a comment in a comment"),
        pytest.param(b"From: (x@evil.example) hr@acme.example", id="a comment before"),
        pytest.param(b'From: "x@evil.example" <hr@acme.example>', id="an address as name"),
        pytest.param(b"From: =?utf-8?q?x=40evil=2Eexample?= <hr@acme.example>", id="encoded name"),
        pytest.param(b"From: =?utf-8?q?hr=40acme=2Eexample?=", id="an encoded address"),
        pytest.param(b"From: =?utf-8?q?x=40evil=2Eexample=3E?=@acme.example", id="encoded local"),
        pytest.param(b"From: hr@acme.example\x00@evil.example", id="NUL"),
        pytest.param(b"From: \x1b$B:NMQ\x1b(B <hr@acme.example>", id="raw ISO-2022-JP"),
        pytest.param(b'From: "hr <hr@acme.example>', id="an open quote"),
        pytest.param(b"From: <hr@acme.example", id="an open bracket"),
        pytest.param(b"From: hr@[192.0.2.1]", id="an address literal"),
        pytest.param(b"From: hr @ acme.example", id="blanks around the at"),
        pytest.param(b"From: x@evil.example@acme.example", id="two ats"),
        pytest.param(b'From: "x@evil.example\\"@acme.example', id="a quote that does not end"),
        pytest.param(b"X: y\nno field\nFrom: hr@acme.example", id="a line that is no field"),
        pytest.param(b"Sender: a@b.example\nSender: c@d.example\nFrom: hr@acme.example", id="2"),
        pytest.param(b"From: " + b"x" * 2000 + b" <hr@acme.example>", id="too long"),
    ],
)
def test_what_can_be_read_in_more_than_one_way_is_odd(header: bytes) -> None:
    assert refuse(header) is Why.ODD_FROM


@pytest.mark.parametrize(
    "piece", [b"x", b'"', b'""', b" ", b"x ", b"a@", b"a.", b'"\\', b"(", b"=?"]
)
def test_no_value_takes_long_to_read(piece: bytes) -> None:
    assert refuse(b"From: " + piece * (1990 // len(piece))) is Why.ODD_FROM  # within the time limit


@pytest.mark.parametrize(
    ("reverse_path", "header_from", "why"),
    [
        ("hr@acme.example", "hr@acme.example", None),
        ("hr@acme.example", "hr@new.example", Why.UNPROVEN_DOMAIN),
        ("hr@new.example", "hr@acme.example", Why.UNPROVEN_DOMAIN),
    ],
)
def test_both_senders_must_be_of_proven_domains(
    reverse_path: str, header_from: str, why: Why | None
) -> None:
    company = Company(1, "Acme", ("acme.example", "new.example"), proven=("acme.example",))
    raw = f"From: {header_from}\r\n\r\ntext\r\n".encode()
    envelope = Envelope(Address(reverse_path), (Address("taro@one.example"),))
    assert refuse_unproven(raw, scan(raw), envelope, company) is why


def test_a_rejection_in_another_s_name_passes_as_it_came() -> None:
    raw = REJECTION.raw.replace(SENDER.encode(), b"hr@evil.example", 1)
    assert raw != REJECTION.raw
    plan = decide(raw, Envelope(Address(SENDER), (Address("taro@one.example"),)), MIDORI, DESK)
    assert (plan.why, plan.edits) == (Why.FOREIGN_FROM, ())
