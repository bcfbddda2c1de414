"""The strict grammar of MAIL and RCPT: bytes in are bytes out, or a refusal."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.company import Company
from gateway.core.path import (
    MailOptions,
    Path,
    PathError,
    RcptOptions,
    may_send_as,
    read_mail,
    read_rcpt,
)

COMPANY = Company(1, "Acme", ("acme.example", "xn--r8jz45g.example"))


@pytest.mark.parametrize(
    ("arg", "code"),
    [
        pytest.param(b"TO:<a@b.example> extra", 555, id="words behind it"),
        pytest.param(b"TO:<a@b.example>extra", 501, id="glued words"),
        pytest.param(b"TO:<a@b.example><c@d.example>", 501, id="two paths"),
        pytest.param(b"TO:<a@b.example>,<c@d.example>", 501, id="a list"),
        pytest.param(b"TO:a@b.example", 501, id="no brackets"),
        pytest.param(b"TO:<a@b.example", 501, id="not closed"),
        pytest.param(b"TO:a@b.example>", 501, id="not opened"),
        pytest.param(b"TO:<>", 501, id="null recipient"),
        pytest.param(b"TO:", 501, id="nothing"),
        pytest.param(b"<a@b.example>", 501, id="no keyword"),
        pytest.param(b"FROM:<a@b.example>", 501, id="the other keyword"),
        pytest.param(b"TO:<a>", 501, id="no domain"),
        pytest.param(b"TO:<@b.example>", 553, id="no local part"),
        pytest.param(b"TO:<a@>", 501, id="empty domain"),
        pytest.param(b"TO:<a@b@c.example>", 501, id="two ats"),
        pytest.param(b"TO:<a b@c.example>", 501, id="space"),
        pytest.param(b"TO:<a(comment)@c.example>", 501, id="comment"),
        pytest.param(b'TO:<"a"b@c.example>', 501, id="half quoted"),
        pytest.param(b'TO:<"a@c.example>', 501, id="quote not closed"),
        pytest.param(b'TO:<"a\\"@c.example>', 501, id="closing quote escaped"),
        pytest.param(b'TO:<"a\rRCPT TO:<x@evil.example>"@own.example>', 501, id="CR in quotes"),
        pytest.param(b'TO:<"a\nb"@own.example>', 501, id="LF in quotes"),
        pytest.param(b'TO:<"a\\\r\nb"@own.example>', 501, id="CRLF behind a backslash"),
        pytest.param(b"TO:<a\0b@own.example>", 501, id="NUL"),
        pytest.param(b"TO:<a\x7f@own.example>", 501, id="DEL"),
        pytest.param(b"TO:<a\t@own.example>", 501, id="TAB"),
        pytest.param(b"TO:<@relay.example:a@own.example>", 553, id="source route"),
        pytest.param(b"TO:<@x,@y:a@own.example>", 553, id="long source route"),
        pytest.param(b"TO:<a%evil.example@own.example>", 553, id="percent"),
        pytest.param(b"TO:<evil.example!a@own.example>", 553, id="bang"),
        pytest.param(b"TO:<%s@%s>" % (b"a" * 255, b"b" * 255), 553, id="over 512 octets in all"),
        pytest.param(b"TO:<a@-own.example>", 501, id="hyphen first"),
        pytest.param(b"TO:<a@own..example>", 501, id="empty label"),
        pytest.param(b"TO:<a@own.example.>", 501, id="final dot"),
        pytest.param(b"TO:<a@[192.0.2.300]>", 501, id="no IPv4"),
        pytest.param(b"TO:<a@[IPv6:zz]>", 501, id="no IPv6"),
        pytest.param(b"TO:<a@[localhost]>", 501, id="literal of letters"),
        pytest.param(b"TO:<" + b"a" * 256 + b"@b.example>", 553, id="long local part"),
        pytest.param(b"TO:<a@" + b"b." * 130 + b"example>", 553, id="long domain"),
        pytest.param(b"TO:<\xff@b.example>", 501, id="not UTF-8"),
        pytest.param(b"TO:<a@b.example> NOTIFY=MAYBE", 501, id="no such notice"),
        pytest.param(b"TO:<a@b.example> NOTIFY=NEVER,SUCCESS", 501, id="never and yet"),
        pytest.param(b"TO:<a@b.example> NOTIFY", 501, id="notice without a value"),
        pytest.param(b"TO:<a@b.example> ORCPT=a@b.example", 501, id="address without its type"),
        pytest.param(b"TO:<a@b.example> ORCPT=rfc822;a+", 501, id="broken xtext"),
        pytest.param(b"TO:<a@b.example> ORCPT=rfc822;" + b"a" * 500, 501, id="too long"),
    ],
)
def test_what_is_no_mailbox_is_refused(arg: bytes, code: int) -> None:
    with pytest.raises(PathError) as refused:
        read_rcpt(arg)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("arg", "options"),
    [
        pytest.param(b"", MailOptions(), id="none"),
        pytest.param(b" SIZE=1234", MailOptions(size=1234), id="SIZE"),
        pytest.param(b" body=8bitmime smtputf8", MailOptions(None, True, True), id="lower case"),
        pytest.param(b"  BODY=7BIT  SIZE=0", MailOptions(0), id="spaces"),
        pytest.param(b" AUTH=<>", MailOptions(has_auth=True), id="AUTH of nobody"),
        pytest.param(
            b" AUTH=e+3Dmc2@example.com", MailOptions(has_auth=True), id="AUTH of somebody"
        ),
        pytest.param(
            b" RET=hdrs ENVID=QQ314+20159",
            MailOptions(ret=b"hdrs", envid=b"QQ314+20159"),
            id="a notice",
        ),
    ],
)
def test_the_parameters_of_mail_are_read(arg: bytes, options: MailOptions) -> None:
    assert read_mail(b"FROM:<hr@acme.example>" + arg) == (Path(b"<hr@acme.example>"), options)


@pytest.mark.parametrize(
    ("arg", "code"),
    [
        (b" RET=ALL", 501),
        (b" RET", 501),
        (b" ENVID=a+2", 501),
        (b" ENVID=" + b"a" * 101, 501),
        (b" AUTH=a=b", 501),
        (b" AUTH", 501),
        (b" TRANSID=12345678", 555),
        (b" SIZE=12x", 501),
        (b" SIZE", 501),
        (b" BODY", 501),
        (b" SMTPUTF8=", 501),
        (b" SIZE=1 SIZE=2", 501),
        (b" BODY=BINARYMIME", 501),
        (b" SMTPUTF8=yes", 501),
        (b" =x", 501),
        (b" SIZE=" + b"9" * 21, 501),
    ],
)
def test_other_parameters_are_refused(arg: bytes, code: int) -> None:
    with pytest.raises(PathError) as refused:
        read_mail(b"FROM:<hr@acme.example>" + arg)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("raw", "may"),
    [
        (b"<>", True),
        (b"<hr@acme.example>", True),
        (b"<HR@ACME.example>", True),
        (b"<hr@mail.acme.example>", True),
        ("<hr@例え.example>".encode(), True),
        (b'<"hr@evil.example"@acme.example>', True),
        (b"<hr@evil.example>", False),
        (b"<hr@notacme.example>", False),
        (b"<hr@acme.example.evil.example>", False),
        (b'<"x@acme.example"@evil.example>', False),
        (b"<hr@[192.0.2.1]>", False),
    ],
)
def test_a_company_sends_from_its_own_domains_alone(raw: bytes, may: bool) -> None:
    path, _ = read_mail(b"FROM:" + raw + b" SMTPUTF8")
    assert may_send_as(COMPANY, path) is may


@given(st.binary(max_size=80))
def test_any_bytes_are_a_path_as_they_stand_or_a_refusal(arg: bytes) -> None:
    with contextlib.suppress(PathError):
        path, options = read_rcpt(b"TO:" + arg)
        assert arg.strip(b" ").startswith(path.raw)
        assert (arg.strip(b" ") == path.raw) or options != RcptOptions()
        assert path.raw[:1] + path.raw[-1:] == b"<>"
        assert not set(path.raw) & {0, 10, 13}


def test_the_notice_that_is_asked_for_a_recipient_is_read_as_given() -> None:
    path, options = read_rcpt(
        b"TO:<a@b.example> NOTIFY=success,Delay ORCPT=rfc822;First+2BTag@B.example"
    )
    assert path == Path(b"<a@b.example>")
    assert options == RcptOptions(b"success,Delay", b"rfc822;First+2BTag@B.example")
