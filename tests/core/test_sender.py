"""Who of a company sends its rejection mails."""

import pytest

from gateway.core.company import ALL_SENDERS, Company
from gateway.core.envelope import Address, Envelope
from gateway.core.mime import scan
from gateway.core.sender import header_rule, may_reject, named_addresses, names_senders

RAW = (
    b"From: hr@a.example\r\nX-Mailer: =?utf-8?q?HERP?= 2.3\r\nX-ATS: sonar\r\n\r\n"
    b"X-Other: in the text\r\n"
)


@pytest.mark.parametrize(
    ("senders", "may"),
    [
        pytest.param((), True, id="nobody named"),
        pytest.param((ALL_SENDERS,), True, id="everybody, as chosen"),
        pytest.param(("HR@a.example",), True, id="an address, letter case"),
        pytest.param(("jobs@a.example",), False, id="another address"),
        pytest.param(("a.example",), True, id="its domain"),
        pytest.param(("example",), True, id="a parent domain"),
        pytest.param(("b.a.example",), False, id="a subdomain that is not its own"),
        pytest.param(("header:x-mailer=herp",), True, id="a field, an encoded word"),
        pytest.param(("header:X-ATS=SONAR",), True, id="a field, letter case"),
        pytest.param(("header:x-ats=herp",), False, id="a field that says something else"),
        pytest.param(("header:x-other=in the text",), False, id="no field but text"),
        pytest.param(("jobs@a.example", "header:x-ats=sonar"), True, id="one of two"),
    ],
)
def test_a_recruiting_sender_is_known(senders: tuple[str, ...], may: bool) -> None:
    company = Company(1, "A", ("a.example",), senders=senders)
    envelope = Envelope(Address("hr@a.example"), (Address("t@b.example"),))
    assert may_reject(RAW, scan(RAW), envelope, company) is may
    assert names_senders(company) is (senders not in {(), (ALL_SENDERS,)})


def test_a_header_field_becomes_a_rule() -> None:
    assert header_rule("X-Mailer:  HERP a@b ") == "header:x-mailer=HERP a@b"
    company = Company(1, "A", ("a.example",), senders=(header_rule("X-A: a@b"), "hr@a.example"))
    assert named_addresses(company) == ("hr@a.example",)


@pytest.mark.parametrize(
    "text", ["X-Mailer", "X-Mailer:", ": a", "X Y: a", "X: a\r\nY: b", "X=Y: a"]
)
def test_what_is_no_header_field_is_no_rule(text: str) -> None:
    with pytest.raises(ValueError, match="no header field"):
        header_rule(text)
