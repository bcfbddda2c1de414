"""What a receiving server wrote of SPF, DKIM and DMARC; examples in the forms of RFC 8601."""

import pytest

from gateway.core.auth_results import Result, Results, is_aligned, read_results

GOOGLE = (
    "mx.google.com; dkim=pass header.i=@a.example header.s=s1 header.b=AbC; "
    "spf=pass (google.com: domain of hr@a.example designates 192.0.2.1 as permitted sender) "
    "smtp.mailfrom=hr@a.example; dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=a.example"
)


@pytest.mark.parametrize(
    ("value", "results"),
    [
        pytest.param("", Results(), id="nothing"),
        pytest.param("mx.b.example; none", Results("mx.b.example"), id="nothing was looked at"),
        pytest.param(
            "mx.b.example 1; spf=fail smtp.mailfrom=A.Example",
            Results("mx.b.example", (Result("spf", "fail", {"smtp.mailfrom": "a.example"}),)),
            id="a version, and upper case",
        ),
        pytest.param(
            'mx (a (nested; dkim=pass) one); DKIM/1 = Pass header.d="a.example" reason="fine"',
            Results("mx", (Result("dkim", "pass", {"header.d": "a.example"}),)),
            id="comments, blanks, quotes",
        ),
        pytest.param("mx; ;;=x;dkim", Results("mx"), id="nonsense is left out"),
    ],
)
def test_a_field_is_read(value: str, results: Results) -> None:
    assert read_results(value) == results


def test_a_real_field_is_read() -> None:
    results = read_results(GOOGLE)
    assert results.server == "mx.google.com"
    assert [(one.method, one.result) for one in results.found] == [
        ("dkim", "pass"),
        ("spf", "pass"),
        ("dmarc", "pass"),
    ]
    assert results.of("spf")[0].about == {"smtp.mailfrom": "hr@a.example"}


def test_what_is_too_long_or_full_of_brackets_ends() -> None:
    assert read_results("mx; " + "(" * 100_000).server == "mx"
    assert read_results("mx; " + "(" * 3000 + ")" * 3000 + " dkim=pass").found == (
        Result("dkim", "pass"),
    )


@pytest.mark.parametrize(
    ("domain", "author", "aligned"),
    [
        ("a.example", "a.example", True),
        ("mail.A.example.", "a.example", True),
        ("a.example", "hr.a.example", True),
        ("ba.example", "a.example", False),
        ("", "a.example", False),
    ],
)
def test_domains_are_aligned_when_one_is_below_the_other(
    domain: str, author: str, aligned: bool
) -> None:
    assert is_aligned(domain, author) is aligned
