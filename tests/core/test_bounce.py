"""Bounces as servers write them: Postfix, Exchange, sendmail, encoded, internationalised."""

import base64

import pytest

from gateway.core.bounce import Bounce, NotABounceError, Outcome, read_bounce

_HEAD = (
    "From: MAILER-DAEMON@mx.example\r\nTo: hr@sakura.example\r\nSubject: Undelivered\r\n"
    "MIME-Version: 1.0\r\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
)
_WORDS = "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
_END = "--b--\r\n"
_FIELDS = (
    "Reporting-MTA: dns; mx.example\r\n\r\n"
    "Original-Recipient: rfc822;taro@example.com\r\n"
    "Final-Recipient: rfc822; TARO@example.com\r\n"
    "Action: failed\r\nStatus: 5.1.1\r\n"
)
_RETURNED = "Message-ID: <1@sakura.example>\r\nSubject: x\r\n\r\ntext\r\n"


def _part(content_type: str, body: str, *header: str) -> str:
    return "--b\r\n" + "\r\n".join((f"Content-Type: {content_type}", *header)) + f"\r\n\r\n{body}"


def _report(fields: str, returned: str = "", status: str = "message/delivery-status") -> bytes:
    body = returned or _part("message/rfc822", _RETURNED)
    return (_HEAD + _WORDS + _part(status, fields) + body + _END).encode()


TARO = Outcome(("taro@example.com", "TARO@example.com"), "failed", "5.1.1")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(_report(_FIELDS), id="Postfix"),
        pytest.param(_report(_FIELDS).replace(b"\r\n", b"\n"), id="LF"),
        pytest.param(_report(_FIELDS, _part("text/rfc822-headers", _RETURNED)), id="headers only"),
        pytest.param(
            _report(_FIELDS, _part("message/global", _RETURNED), "message/global-delivery-status"),
            id="RFC 6533",
        ),
        pytest.param(
            _report(
                _FIELDS,
                _part(
                    "text/rfc822-headers",
                    base64.encodebytes(_RETURNED.encode()).decode(),
                    "Content-Transfer-Encoding: base64",
                ),
            ),
            id="headers in base64",
        ),
        pytest.param(
            (
                _HEAD
                + _part(
                    "message/delivery-status",
                    base64.encodebytes(_FIELDS.encode()).decode(),
                    "Content-Transfer-Encoding: base64",
                )
                + _part("message/rfc822", _RETURNED)
                + _END
            ).encode(),
            id="status in base64",
        ),
        pytest.param(
            _report(_FIELDS.replace("Status: 5.1.1", "Status: 5.1.1 (bad mailbox)")), id="comment"
        ),
    ],
)
def test_a_report_tells_who_did_not_get_which_mail(raw: bytes) -> None:
    assert read_bounce(raw) == Bounce(b"<1@sakura.example>", (TARO,))


def test_several_recipients_and_a_delay() -> None:
    fields = _FIELDS + (
        "\r\nFinal-Recipient: rfc822; <hana@example.com>\r\nAction: Delayed\r\nStatus: 4.4.1\r\n"
        "\r\nFinal-Recipient: rfc822; jiro@example.com\r\nAction: delivered\r\nStatus: 2.0.0\r\n"
        "\r\nFinal-Recipient: rfc822; late@example.com\r\nAction: failed\r\nStatus: 4.4.7\r\n"
    )
    outcomes = read_bounce(_report(fields)).outcomes
    assert [(one.addresses[-1], one.is_permanent) for one in outcomes] == [
        ("TARO@example.com", True),
        ("hana@example.com", False),
        ("jiro@example.com", False),
        ("late@example.com", True),  # days later its server gave up
    ]


def test_an_old_address_that_validators_dislike_is_read() -> None:
    raw = _report(_FIELDS.replace("taro@example.com", "t..a.@docomo.ne.jp"))
    assert read_bounce(raw).outcomes[0].addresses[0] == "t..a.@docomo.ne.jp"


@pytest.mark.parametrize(
    ("written", "meant"),
    [(r"\x{592A}", "太"), (r"a\x{D800}", "a"), (r"a\x{DFFF}", "a"), (r"a\x{110000}", "a")],
)
def test_an_internationalised_address_is_unescaped(written: str, meant: str) -> None:
    fields = (
        "Reporting-MTA: dns; x\r\n\r\n"
        f"Final-Recipient: utf-8; {written}@example.jp\r\nAction: failed\r\n"
    )
    raw = _report(fields, status="message/global-delivery-status")
    assert read_bounce(raw).outcomes[0].addresses == (f"{meant}@example.jp",)


def test_a_folded_message_id_is_joined() -> None:
    returned = _part("message/rfc822", "Message-ID:\r\n <1@sakura.example>\r\n\r\n")
    assert read_bounce(_report(_FIELDS, returned)).message_id == b"<1@sakura.example>"


def test_a_report_without_the_mail_names_none() -> None:
    assert read_bounce(_report(_FIELDS, _WORDS)).message_id is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: hello\r\n\r\nthe mail could not be delivered to taro@example.com\r\n",
        _report("Reporting-MTA: dns; mx.example\r\n"),
        _report("\xff\x00"),
        (_HEAD + _WORDS + _END).encode(),
    ],
)
def test_what_is_no_report_is_refused(raw: bytes) -> None:
    with pytest.raises(NotABounceError):
        read_bounce(raw)
