"""What we sign is good by other people's verifiers, and bad as soon as it is changed."""

import base64
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.company import Company
from gateway.core.dkim import Algorithm, NotSignableError, Terms, write_signature
from gateway.keys.signing import NewKey, digest_signer
from tests.dkim.oracle import Bench, Verifier, record_of
from tests.properties.mails import Mail, mails

COMPANY = Company(1, "Midori", ("midori.example", "hr.midori.example", "xn--xyv.example"))
GOLDEN = sorted((Path(__file__).parent.parent / "golden").glob("*/want.eml"))
FROM = b"From: HR <saiyo@midori.example>\r\n"
PLAIN = (
    FROM + b"To: taro@example.org\r\nSubject: hello\r\nDate: Mon, 5 Jan 2026 10:00:00 +0900\r\n"
    b"Message-ID: <1@midori.example>\r\n\r\nDear Taro,\r\n\r\nthank you.\r\n"
)

Keys = dict[Algorithm, NewKey]


def signed(mail: bytes, key: NewKey) -> bytes:
    terms = Terms(key.algorithm, "s1", 1_767_571_200)
    return write_signature(mail, COMPANY, terms, digest_signer(key.private)) + mail


def from_us(raw: bytes) -> bytes:
    """Return a golden mail as the company's: with CRLF, and exactly one From, ours."""
    mail = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    head, _, body = mail.partition(b"\r\n\r\n")
    kept = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"from:")]
    return FROM + b"\r\n".join(kept) + b"\r\n\r\n" + body


def test_a_plain_mail_is_good(bench: Bench) -> None:
    assert bench.passes(signed(PLAIN, bench.key))


def test_every_golden_mail_is_good(bench: Bench) -> None:
    bad = [
        path.parent.name
        for path in GOLDEN
        if not bench.passes(signed(from_us(path.read_bytes()), bench.key))
    ]
    assert GOLDEN
    assert bad == []


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(b"Subject: a\r\n b\r\n\tc  d \r\n", id="folded"),
        pytest.param(b"Subject:\r\n folded at once\r\n", id="folded at once"),
        pytest.param("Subject: 選考結果\r\n".encode(), id="8bit"),
        pytest.param("Subject: 選考結果\r\n".encode("cp932"), id="8bit Shift_JIS"),
        pytest.param(b"Subject: one\r\nSubject: two\r\n", id="two subjects"),
        pytest.param(b"Subject:\r\n", id="empty"),
        pytest.param(b"SUBJECT:x\r\ncc: a@b.example,\r\n c@d.example\r\n", id="letter cases"),
        pytest.param(b"", id="none"),
        pytest.param(
            b"DKIM-Signature: v=1; a=rsa-sha256; d=other.example; s=x; h=from; bh=eA==; b=eA==\r\n",
            id="somebody else's signature",
        ),
    ],
)
def test_odd_headers_are_signed_as_others_read_them(bench: Bench, header: bytes) -> None:
    mail = header + FROM + b"To: a@example.org\r\n\r\nbody\r\n"
    assert bench.passes(signed(mail, bench.key))


def test_blanks_before_a_colon_do_no_harm(perl_verifier: Verifier, keys: Keys) -> None:
    """RFC 5322 section 4.5: obsolete, and dkimpy does not read it at all."""
    mail = b"Subject \t: x\r\n" + FROM + b"\r\nbody\r\n"
    key = keys[Algorithm.RSA]
    assert perl_verifier.passes(signed(mail, key), record_of(key))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\r\n\r\n", id="empty lines"),
        pytest.param(b"tail \t \r\n\r\n \t\r\n", id="blanks at line ends"),
        pytest.param(b" \t lead\r\n\ta\t\tb\r\n", id="blanks in front"),
        pytest.param("選考の結果\r\n".encode("iso2022_jp"), id="ISO-2022-JP"),
        pytest.param(("あ" * 300 + "\r\n").encode("cp932") * 9, id="8bit"),
        pytest.param(b"x" * 70 + b"\r\n" * 9 + b"y\r\n", id="empty lines within"),
        pytest.param((b"z" * 76 + b"\r\n") * 40_000, id="3 MB"),
    ],
)
def test_odd_bodies_are_signed_as_others_read_them(bench: Bench, body: bytes) -> None:
    assert bench.passes(signed(FROM + b"\r\n" + body, bench.key))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param((b"thank you", b"thank  you!"), id="body"),
        pytest.param((b"Subject: hello", b"Subject: hullo"), id="subject"),
        pytest.param((b"From: HR", b"From: CEO"), id="sender's name"),
        pytest.param((b"\r\n\r\nDear", b"\r\nSubject: more\r\n\r\nDear"), id="a subject added"),
        pytest.param((b"\r\n\r\nDear", b"\r\nReply-To: x@y.example\r\n\r\nDear"), id="reply-to"),
        pytest.param((b"\r\n\r\nDear", b"\r\nCc: x@y.example\r\n\r\nDear"), id="a recipient"),
        pytest.param((b"To: taro", b"From: x@y.example\r\nTo: taro"), id="a second From"),
    ],
)
def test_a_changed_mail_is_bad(bench: Bench, change: tuple[bytes, bytes]) -> None:
    changed = signed(PLAIN, bench.key).replace(*change)
    assert changed != signed(PLAIN, bench.key)
    assert not bench.passes(changed)


@pytest.mark.parametrize(
    "added",
    [
        pytest.param(b"Received: from a\r\n\tby b; date\r\n", id="Received"),
        pytest.param(b"Return-Path: <saiyo@midori.example>\r\n", id="Return-Path"),
        pytest.param(b"Sender: saiyo@midori.example\r\n", id="Sender"),
        pytest.param(b"MIME-Version: 1.0\r\n", id="MIME-Version"),
    ],
)
def test_what_mail_servers_add_on_the_way_does_no_harm(bench: Bench, added: bytes) -> None:
    assert bench.passes(added + signed(PLAIN, bench.key))


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(mail=mails(), blank=st.sampled_from([b"", b" ", b"\t", b"\r\n"]))
def test_any_mail_is_good(bench: Bench, mail: Mail, blank: bytes) -> None:
    raw = from_us(mail.raw) + blank
    if raw.count(b"\r") != raw.count(b"\r\n"):
        return  # bare CR never gets this far
    sent = raw if raw.endswith(b"\r\n") else raw + b"\r\n"
    assert bench.passes(signed(raw, bench.key).removesuffix(raw) + sent)


def test_a_mail_with_bare_line_feeds_is_signed_as_it_will_be_sent(keys: Keys) -> None:
    key = keys[Algorithm.ED25519]
    with_feeds = PLAIN.replace(b"\r\n", b"\n")
    assert signed(with_feeds, key).removesuffix(with_feeds) == signed(PLAIN, key).removesuffix(
        PLAIN
    )


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_the_field_is_folded_and_ends_with_a_line_end(keys: Keys, algorithm: Algorithm) -> None:
    field = signed(PLAIN, keys[algorithm]).removesuffix(PLAIN)
    lines = field.split(b"\r\n")
    assert lines.pop() == b""
    assert max(map(len, lines)) <= 78
    assert all(line.startswith(b"\t") for line in lines[1:])


@pytest.mark.parametrize(
    ("author", "domain"),
    [
        pytest.param(b"saiyo@midori.example", b"midori.example", id="own"),
        pytest.param(b"saiyo@MIDORI.example", b"midori.example", id="letter case"),
        pytest.param(b"x@deep.hr.midori.example", b"hr.midori.example", id="the longest"),
        pytest.param(b'"a, b" <x@midori.example>', b"midori.example", id="a comma in the name"),
        pytest.param("桜 <x@桜.example>".encode(), b"xn--xyv.example", id="IDNA"),
        pytest.param(b"x@else.example, y@midori.example", b"midori.example", id="two authors"),
        pytest.param(b"x\r\n <saiyo@midori.example>", b"midori.example", id="folded"),
    ],
)
def test_the_signing_domain_is_the_author_s(keys: Keys, author: bytes, domain: bytes) -> None:
    field = signed(b"From: " + author + b"\r\n\r\nx\r\n", keys[Algorithm.ED25519])
    assert b"\td=" + domain + b"; s=s1;" in field


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(b"", id="no From"),
        pytest.param(FROM + FROM, id="two From fields"),
        pytest.param(b"From: x@else.example\r\n", id="somebody else's domain"),
        pytest.param(b"From: x@notmidori.example\r\n", id="a longer name"),
        pytest.param(b"From: midori.example\r\n", id="no address"),
        pytest.param(b"From: \xff\xfe@\xff\r\n", id="broken bytes"),
    ],
)
def test_what_no_signature_of_ours_would_help_is_not_signed(keys: Keys, header: bytes) -> None:
    with pytest.raises(NotSignableError):
        signed(header + b"Subject: x\r\n\r\nx\r\n", keys[Algorithm.ED25519])


def test_signing_the_same_mail_again_gives_the_same_field(keys: Keys) -> None:
    for key in keys.values():
        assert signed(PLAIN, key) == signed(PLAIN, key)
    assert base64.b64decode(keys[Algorithm.ED25519].public, validate=True)
