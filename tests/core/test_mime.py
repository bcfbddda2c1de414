"""The scanner finds parts as spans, whatever the bytes are."""

import time

import pytest

from gateway.core.mime import (
    MAX_DEPTH,
    MAX_PARTS,
    Defect,
    Part,
    field_values,
    scan,
    walk,
)
from tests.core.mails import mail, multipart, part


def tree(part_: Part) -> list[tuple[str, str]]:
    return [(one.path, one.media_type) for one in walk(part_)]


def bodies(raw: bytes) -> list[bytes]:
    return [one.body.of(raw) for one in walk(scan(raw)) if not one.children]


def test_a_mail_without_a_content_type_is_plain_text() -> None:
    raw = b"Subject: x\r\n\r\nHello\r\n"
    root = scan(raw)
    assert (root.media_type, root.path, root.section) == ("text/plain", "", "1")
    assert root.body.of(raw) == b"Hello\r\n"
    assert root.header.of(raw) == b"Subject: x\r\n"


def test_nested_parts_are_numbered() -> None:
    inner = multipart("alternative", part("text/plain", "a"), part("text/html", "b"))
    raw = mail(multipart("mixed", inner, part("application/pdf", "c")))
    assert tree(scan(raw)) == [
        ("", "multipart/mixed"),
        ("1", "multipart/alternative"),
        ("1.1", "text/plain"),
        ("1.2", "text/html"),
        ("2", "application/pdf"),
    ]
    assert bodies(raw) == [b"a", b"b", b"c"]


def test_the_line_end_before_a_delimiter_belongs_to_it() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n\n--b\n\ntwo\n--b--\n"
    assert bodies(raw) == [b"one\n", b"two"]


def test_attached_mails_are_leaves() -> None:
    raw = mail(multipart("mixed", part("message/rfc822", "Content-Type: text/html\n\n<p>")))
    assert tree(scan(raw))[1:] == [("1", "message/rfc822")]


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        pytest.param("--b\n\none\n--b  \t\n\ntwo\n--b-- \n", [b"one", b"two"], id="blanks behind"),
        pytest.param("--b\n\none\n--b", [b"one", b""], id="ends within a delimiter"),
        pytest.param("--b\n\none\n", [b"one\n"], id="not closed"),
        pytest.param("--b\n--b\n--b--", [b"", b""], id="empty parts"),
        pytest.param("x --b\n--b\n\none --b\n--b--", [b"one --b"], id="not at the line's start"),
        pytest.param("--b\n\none\n--b--\n\nepilogue\n", [b"one"], id="epilogue"),
    ],
)
def test_delimiters_are_those_of_rfc_2046(rest: str, found: list[bytes]) -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n" + rest.encode()
    assert bodies(raw) == found
    assert set(scan(raw).defects) <= {Defect.NOT_CLOSED, Defect.DOUBLED_DELIMITER}


def test_a_boundary_may_begin_like_its_parents() -> None:
    inner = "Content-Type: multipart/mixed; boundary=bb\n\n--bb\n\nx\n--bb--\n"
    raw = mail(f"Content-Type: multipart/mixed; boundary=b\n\n--b\n{inner}--b--\n")
    root = scan(raw)
    assert tree(root)[1:] == [("1", "multipart/mixed"), ("1.1", "text/plain")]
    assert not any(one.defects for one in walk(root))


@pytest.mark.parametrize(
    ("raw", "defect"),
    [
        (b"Content-Type: multipart/mixed\n\nx", Defect.NO_BOUNDARY),
        (b"Content-Type: multipart/mixed; boundary=b\n\nx", Defect.NO_DELIMITER),
        (b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--bx\n--b--", Defect.NEAR_DELIMITER),
        (
            b"Content-Type: multipart/mixed; boundary=b\n\n--b--\n--b\n",
            Defect.DELIMITER_AFTER_CLOSE,
        ),
        (b"Content-Type: text/plain\nContent-Type: text/html\n\nx", Defect.DUPLICATE_FIELD),
        (b"Content-Type: text/plain; charset=a; charset=b\n\nx", Defect.ODD_CONTENT_TYPE),
        (b"Content-Type: /\n\nx", Defect.ODD_CONTENT_TYPE),
        (b"Content-Type:\xa0text/html\n\nx", Defect.ODD_CONTENT_TYPE),
        (b"Subject: x\nno field\n\nx", Defect.ODD_HEADER_LINE),
        (b"Content-Type: text/html;\n \n\nx", Defect.ODD_HEADER_LINE),
        (b"Subject : x\nTo: a\n\nx", Defect.ODD_HEADER_LINE),
        (b'Content-Type: multipart/mixed; boundary="b\n c"\n\nx', Defect.ODD_HEADER_LINE),
        (b"Subject: " + b"x" * 300_000 + b"\n\nx", Defect.HEADER_TOO_LONG),
    ],
)
def test_what_is_odd_is_a_defect(raw: bytes, defect: str) -> None:
    assert defect in scan(raw).defects


def test_a_fold_of_blanks_where_no_mime_is_said_is_no_defect() -> None:
    assert scan(b"Subject: x\n \n y\nTo: a\n\nx").defects == ()


def test_an_mbox_line_on_top_is_no_defect() -> None:
    assert scan(b"From hr@a.example Mon Jan  5\nSubject: x\n\nx").defects == ()


def test_nesting_is_followed_to_a_limit() -> None:
    raw = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%dx\n\n--b%dx\n" % (n, n) for n in range(3000)
    )
    deepest = list(walk(scan(raw)))[-1]
    assert Defect.TOO_DEEP in deepest.defects
    assert deepest.path.count(".") == MAX_DEPTH - 1


def test_parts_are_counted_to_a_limit() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000
    root = scan(raw)
    assert Defect.TOO_MANY_PARTS in root.defects
    assert len(root.children) <= MAX_PARTS


@pytest.mark.parametrize("piece", [b"--b\n", b"--bx\n", b"\n", b"--", b"x", b"a: b\n", b" ", b'"('])
def test_time_grows_with_size_alone(piece: bytes) -> None:
    head = b"Content-Type: multipart/mixed; boundary=b\n\n"
    started = time.thread_time()
    scan(head + piece * (4_000_000 // len(piece)))
    scan(head[:-2] + b"; x=" + piece * (400_000 // len(piece)) + b"\n\nx")
    assert time.thread_time() - started < 5


@pytest.mark.parametrize(
    "field",
    [
        b"Content-Transfer-Encoding: 7bit" + b"\r\n".join([b" " * 900] * 280) + b"x",
        b"Content-Type: x=" + b"boundary \r\n " * 22_000,
        b'Content-Type: x=("' + b'\\"' * 2000,
    ],
    ids=["blanks", "boundaries", "quotes"],
)
def test_no_field_takes_more_time_than_its_size(field: bytes) -> None:
    parts = b"--b\r\n" + field + b"\r\n\r\nx\r\n"
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts * 20 + b"--b--\r\n"
    assert len(scan(raw).children) == 20  # with a square in it, each part took half a minute


def test_field_values_are_unfolded_in_order() -> None:
    raw = b"X-A: one\r\n two\r\nx-b: c\r\nX-A:three\r\n\r\n"
    assert field_values(raw, scan(raw), "x-a") == (b"one two", b"three")


def test_names_of_attachments_are_decoded() -> None:
    raw = mail(
        multipart(
            "mixed",
            part("application/pdf; name*0*=utf-8''%E5%B1; name*1*=%A5%E6%AD%B4; name*2=.pdf", "x"),
            part('application/pdf; name="=?utf-8?B?5bGl5q20?=.pdf"', "x"),
        )
    )
    assert [one.filename for one in scan(raw).children] == ["履歴.pdf", "履歴.pdf"]


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("piece", [b"QUJD", b"a-b-", b"--", b"-\n", b"--c\n", b"\n--", b"-", b"\n"])
@pytest.mark.parametrize("fields", [b"", b"A-B-C-D: -\n" * 40])
def test_a_delimiter_is_found_behind_a_long_part(
    piece: bytes, fields: bytes, line_end: bytes
) -> None:
    content = fields + b"\n" + piece * (60_000 // len(piece))
    head = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
    raw = head + content + b"\n--b\n\nend\n--b--\n"
    first, second = scan(raw.replace(b"\n", line_end)).children
    assert second.body.of(raw.replace(b"\n", line_end)) == b"end"
    assert first.body.end - first.header.start == len(content.replace(b"\n", line_end))


def test_parts_with_the_same_header_have_fields_of_their_own() -> None:
    raw = mail(multipart("mixed", part("text/plain", "a", "X: y"), part("text/plain", "b", "X: y")))
    shown = [[one.span.of(raw) for one in child.fields] for child in scan(raw).children]
    assert shown == [[b"Content-Type: text/plain\r\n", b"X: y\r\n"]] * 2
