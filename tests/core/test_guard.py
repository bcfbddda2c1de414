"""Each reason of the table has its mails, and their like that may be edited."""

import pytest

from gateway.core import guard
from gateway.core.guard import MAX_BYTES, refuse
from gateway.core.inject import Injection, place_block
from gateway.core.leaf import MAX_LEAF_BYTES
from gateway.core.mime import scan
from gateway.core.texts import Texts
from gateway.core.why import Why
from tests.core.blocks import write_block
from tests.core.mails import mail, multipart, part

TEXT = part("text/plain; charset=us-ascii", "Dear Taro,\nUnfortunately not.\n")
HTML = part("text/html; charset=us-ascii", "<p>Dear Taro</p>\n")


def mixed(*others: str) -> bytes:
    return mail(multipart("mixed", TEXT, *others))


def with_header(*fields: str) -> bytes:
    return mail(TEXT, *fields)


def beside(content_type: str, *fields: str) -> bytes:
    return mixed(part(content_type, "x\n", *fields))


def says(text: str) -> bytes:
    return mail(part("text/plain; charset=us-ascii", text))


def encoded(body: str, encoding: str, charset: str = "us-ascii") -> bytes:
    fields = f"Content-Transfer-Encoding: {encoding}"
    return mail(part(f"text/plain; charset={charset}", body, fields))


QP = "quoted-printable"
SMIME = "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m"
INVITATION = part("text/calendar; method=REQUEST", "BEGIN:VCALENDAR")
STATUS = part("message/delivery-status", "x")
TWICE = ("Content-Transfer-Encoding: 7bit", "Content-Transfer-Encoding: base64")

REFUSED = [
    (Why.SIGNED, mail(multipart("signed", TEXT, part("application/pkcs7-signature", "x")))),
    (Why.SIGNED, mixed(multipart("signed", TEXT, part("application/pgp-signature", "x")))),
    (Why.SIGNED, mail(part("application/pkcs7-mime; smime-type=signed-data", "x"))),
    (Why.SIGNED, says("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n")),
    (Why.SIGNED, beside("application/octet-stream; name=smime.p7s")),
    (Why.SIGNED, with_header("Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==")),
    (Why.ENCRYPTED, mail(part(SMIME, "x"))),
    (Why.ENCRYPTED, mail(part("application/x-pkcs7-mime; name=smime.p7m", "x"))),
    (Why.ENCRYPTED, mail(multipart("encrypted", part("application/pgp-encrypted", "Version: 1")))),
    (Why.ENCRYPTED, says("-----BEGIN PGP MESSAGE-----\n\nhQ==\n")),
    (Why.RIGHTS_MANAGED, beside("application/x-microsoft-rpmsg-message; name=message.rpmsg")),
    (Why.ENCRYPTED, beside("application/octet-stream; name=SMIME.p7m")),
    (Why.RIGHTS_MANAGED, beside("application/octet-stream; name=Message.Rpmsg")),
    (Why.RIGHTS_MANAGED, with_header("Content-Class: rpmsg.message")),
    (Why.SEALED, with_header("ARC-Seal: i=1; a=rsa-sha256; cv=none; b=x")),
    (Why.SEALED, with_header("ARC-Message-Signature: i=1; a=rsa-sha256; b=x")),
    (Why.CALENDAR, mail(multipart("alternative", TEXT, INVITATION))),
    (Why.CALENDAR, beside("text/calendar; method=CANCEL", "Content-Disposition: attachment")),
    (Why.CALENDAR, beside("text/calendar")),
    (Why.REPORT, mail(multipart("report; report-type=delivery-status", TEXT, STATUS))),
    (Why.REPORT, beside("message/delivery-status")),
    (Why.REPORT, beside("message/disposition-notification")),
    (Why.AUTO_REPLY, with_header("Auto-Submitted: auto-replied")),
    (Why.AUTO_REPLY, with_header("Auto-Submitted: AUTO-NOTIFIED; owner-email=a@b.example")),
    (Why.AUTO_REPLY, with_header("Precedence: auto_reply")),
    (Why.MAILING_LIST, with_header("List-Id: <hr.a.example>")),
    (Why.PARTIAL, mail(part("message/partial; id=x; number=1", "x"))),
    (Why.TNEF, beside("application/ms-tnef")),
    (Why.TNEF, beside("application/octet-stream; name=winmail.dat")),
    (Why.ATTACHED_MAIL, mail(part("message/rfc822", "Subject: x\n\nx\n"))),
    (Why.ATTACHED_MAIL, mail(multipart("mixed", part("message/rfc822", "Subject: x\n\nx\n")))),
    (Why.ATTACHED_MAIL, mail(multipart("digest", part("message/rfc822", "Subject: x\n\nx\n")))),
    (Why.NO_TEXT, mail(part("application/pdf", "x"))),
    (Why.NO_TEXT, mail(part("text/plain", "x", "Content-Disposition: attachment; filename=a.txt"))),
    (Why.ODD_STRUCTURE, with_header("Content-Type: text/html")),
    (Why.ODD_STRUCTURE, mail(part("text/plain", "x", *TWICE))),
    (Why.ODD_STRUCTURE, mail(part("text/plain; charset=utf-8; charset=iso-2022-jp", "x"))),
    (Why.ODD_STRUCTURE, mail(part("text", "x"))),
    (Why.ODD_STRUCTURE, with_header("this line is no field")),
    (Why.ODD_STRUCTURE, with_header("Content-Disposition: inline;\n \n x=y")),
    (Why.ODD_STRUCTURE, mail("Content-Type: multipart/mixed\n\n--b\n\nx\n--b--\n")),
    (Why.ODD_STRUCTURE, mail("Content-Type: multipart/mixed; boundary=b\n\nno delimiter\n")),
    (Why.ODD_STRUCTURE, mail(multipart("mixed", TEXT) + "--b\n\nmore\n--b--\n")),
    (Why.ODD_STRUCTURE, mail(multipart("mixed", TEXT + "\n--b"))),
    (Why.ODD_STRUCTURE, mail(multipart("mixed", part("text/plain", "x\n--bee\n")))),
    (Why.ODD_STRUCTURE, mail(multipart("appledouble", TEXT))),
    (Why.ODD_STRUCTURE, mail(f"Content-Transfer-Encoding: base64\n{multipart('mixed', TEXT)}")),
    (Why.ODD_STRUCTURE, mail(multipart("mixed", *[TEXT] * 1100))),
    (Why.ODD_ENCODING, says("Hello\n\nbegin 644 a.txt\nM\n`\nend\n")),
    (Why.ODD_ENCODING, says("Hello\rWorld\n")),
    (Why.ODD_ENCODING, says("Hello\0World\n")),
    (Why.TOO_LARGE, says("x" * MAX_BYTES)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "raw"), REFUSED, ids=[f"{n}-{row[0]}" for n, row in enumerate(REFUSED)]
)
def test_a_mail_that_must_not_be_touched_is_refused(why: Why, raw: bytes) -> None:
    assert refuse(raw, scan(raw)) is why


@pytest.mark.parametrize("row", guard._TABLE, ids=[row.why for row in guard._TABLE])
def test_no_row_of_the_table_applies_without_its_signs(row: guard._Row) -> None:
    for _, raw in REFUSED:
        root = scan(raw)
        look = guard._Look(raw, root, Texts(raw, root))
        if row.applies(look):
            assert not row.signs or row.signs & look.signs


UNREADABLE = [
    (Why.ODD_ENCODING, encoded("x", "x-uuencode")),
    (Why.ODD_ENCODING, encoded("a===b", "base64")),
    (Why.ODD_ENCODING, encoded("SGVsbG8=SGVsbG8=", "base64")),
    (Why.ODD_ENCODING, encoded("SGVsbG8gSGVs\nbG8gSGVsbG8gSGVsbG8g\n", "base64")),
    (Why.ODD_ENCODING, encoded("=FF=FE", QP, "utf-8")),
    (Why.ODD_ENCODING, encoded("a=0D=0Ab=0Dc", QP)),
    (Why.CHARSET, encoded("=FF", QP, "x-unknown")),
    (Why.CHARSET, encoded("=FF", QP, "utf-16")),
    (Why.ODD_ENCODING, encoded("Hello=", QP).removesuffix(b"\r\n") + b"=\r\n"),
    (Why.ODD_ENCODING, says("\x1b$B;3E\x1b(B\n")),
    (Why.ODD_ENCODING, mail(part("text/plain", "\x8e\x52\x93\x63\n"))),
    (Why.ODD_ENCODING, mail(part("text/plain; charset=utf-8", "\x8e\x52\x93\x63\n"))),
    (Why.ODD_ENCODING, mail(part("text/html; charset=iso-2022-jp", "<p>\x1b(JHello</p>\n"))),
    (Why.ODD_ENCODING, says("Hello\n\nTaro\n").replace(b"Hello\r", b"Hello")),
    (Why.NO_TEXT, says(" \n\t\n")),
    (Why.NO_TEXT, mail(part("text/html", "<p>&nbsp;</p><!-- x --><style>p{}</style>\n"))),
    (Why.NO_PLACE, says("> quoted\n> alone\n")),
    (Why.NO_PLACE, mixed(part("text/html", "<p>goes on in another form</p>\n"))),
    (Why.NO_PLACE, mail(multipart("mixed", HTML, part("text/plain", "The letter goes on. " * 30)))),
    (Why.NO_PLACE, mail(part("text/html", "<h1>Hello<br>-----Original Message-----<br>a</h1>\n"))),
    (Why.ODD_STRUCTURE, mail(multipart("alternative", "Content-Type: text/plain", HTML))),
    (Why.ODD_STRUCTURE, mail(part("text/html", "<p>Hello</p><!-- never closed\n"))),
    (Why.ODD_STRUCTURE, mail(part("text/html", "<frameset><frame></frameset>Hello\n"))),
    (Why.TOO_LARGE, says("x\n" * (MAX_LEAF_BYTES // 2))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "raw"), UNREADABLE, ids=[f"{n}-{row[0]}" for n, row in enumerate(UNREADABLE)]
)
def test_a_leaf_that_cannot_be_edited_with_certainty_is_passed(why: Why, raw: bytes) -> None:
    assert place_block(raw, scan(raw), write_block) is why


ALLOWED = {
    "plain": mail(TEXT),
    "MIME-Version twice": with_header("MIME-Version: 1.0"),
    "mailer": with_header("Precedence: bulk", "List-Unsubscribe: <mailto:u@a.example>"),
    "auto-generated": with_header("Auto-Submitted: auto-generated (rejected)"),
    "not automatic": with_header("Auto-Submitted: no"),
    "mail attached": mixed(part("message/rfc822", "Content-Type: multipart/signed\n\nx\n")),
    "calendar attached": beside("text/calendar; name=a.ics", "Content-Disposition: attachment"),
    "odd attachment name": beside("application/pdf; name=my file.pdf"),
    "mentions PGP": says("We use PGP.\n> -----BEGIN PGP MESSAGE-----\n> x\nBye\n"),
    "html beside": mail(multipart("alternative", TEXT, HTML)),
    "blanks folded": with_header("Subject: x\n \n y"),
    "unknown multipart": mail(multipart("x-unknown", TEXT)),
    "header of other line ends": mail(TEXT).replace(b"\r\n", b"\n", 4),
    "goes on behind an attachment": mixed(part("text/plain", "goes on\n")),
    "unknown label, ASCII text": mail(part("text/plain; charset=x-unknown", "Hello\n")),
}


@pytest.mark.parametrize("raw", ALLOWED.values(), ids=list(ALLOWED))
def test_what_only_looks_like_it_is_edited(raw: bytes) -> None:
    assert isinstance(place_block(raw, scan(raw), write_block), Injection)
