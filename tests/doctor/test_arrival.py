"""A received mail tells whether it came through the relay once, and what its receiver believes."""

import pytest

from gateway.core.company import Company
from gateway.core.link import identify_message
from gateway.core.trace import new_trace, write_trace
from gateway.core.why import Action, Why
from gateway.doctor.arrival import look_at_arrival

KEY = b"k" * 32
ACME = Company(1, "Acme", ("a.example",))
MAIL = b"From: Acme <hr@a.example>\r\nMessage-ID: <1@a.example>\r\n\r\nHello\r\n"
PASSES = (
    b"Authentication-Results: mx.b.example;\r\n dkim=pass header.d=a.example;\r\n"
    b" spf=pass smtp.mailfrom=hr@a.example; dmarc=pass header.from=a.example\r\n"
)


def trace(key: bytes = KEY, company: int = 1) -> bytes:
    message = identify_message(b"<1@a.example>", b"")
    return write_trace(
        key, new_trace("cr-1", Action.PASSED, Why.OVERRIDE_OFF, company, MAIL), message
    )


def health(raw: bytes) -> dict[str, str]:
    found = {one.what: one.health.value for one in look_at_arrival(raw, ACME, KEY)}
    return {what.removeprefix("received "): text for what, text in found.items()}


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_a_mail_that_is_as_it_should_be(line_end: bytes) -> None:
    raw = (PASSES + trace() + MAIL).replace(b"\r\n", line_end)
    assert health(raw) == {"trace": "ok", "SPF": "ok", "DKIM": "ok", "DMARC": "ok"}


@pytest.mark.parametrize(
    ("traces", "says"),
    [
        pytest.param(b"", "it did not come through the relay", id="another way"),
        pytest.param(trace() * 2, "2 times through this relay", id="in circles"),
        pytest.param(trace(b"x" * 32), "a trace that is not this relay's", id="forged"),
        pytest.param(trace(company=2), "relayed for another company", id="another's login"),
    ],
)
def test_the_trace_must_stand_there_once(traces: bytes, says: str) -> None:
    first = next(iter(look_at_arrival(PASSES + traces + MAIL, ACME, KEY)))
    assert (first.health.value, first.text) == ("fail", says)


def results(text: bytes) -> dict[str, str]:
    found = health(b"Authentication-Results: mx; " + text + b"\r\n" + trace() + MAIL)
    return {what: said for what, said in found.items() if what != "trace"}


@pytest.mark.parametrize(
    ("text", "spf", "dkim", "dmarc"),
    [
        pytest.param(
            b"spf=pass smtp.mailfrom=x@bounce.provider.example;"
            b" dkim=pass header.d=provider.example; dmarc=fail",
            "warn", "warn", "fail", id="passes for the provider alone",
        ),
        pytest.param(
            b"spf=fail smtp.mailfrom=a.example; dkim=fail header.d=a.example;"
            b" dkim=pass header.d=mail.a.example; dmarc=pass",
            "warn", "ok", "ok", id="one of two signatures is enough",
        ),
        pytest.param(
            b"spf=pass smtp.mailfrom=hr@a.example", "ok", "warn", "warn", id="no word of DMARC"
        ),
    ],
)  # fmt: skip
def test_only_a_pass_for_the_domain_of_from_counts(
    text: bytes, spf: str, dkim: str, dmarc: str
) -> None:
    assert results(text) == {"SPF": spf, "DKIM": dkim, "DMARC": dmarc}


def test_only_the_topmost_field_is_the_receivers_own() -> None:
    forged = PASSES
    own = b"Authentication-Results: mx.b.example; spf=fail smtp.mailfrom=a.example; dmarc=fail\r\n"
    assert health(own + trace() + forged + MAIL)["DMARC"] == "fail"


def test_a_terminal_obeys_nothing_that_a_mail_says() -> None:
    raw = b"Authentication-Results: mx\x1b[2J; dkim=pass header.d=a\x9b\xc2\x9b31m\r\n" + MAIL
    told = "".join(one.text for one in look_at_arrival(raw, ACME, KEY))
    assert "mx?[2J" in told
    assert told.isprintable()


def test_without_results_it_says_so() -> None:
    assert health(trace() + MAIL) == {"trace": "ok", "results": "warn"}


@pytest.mark.parametrize("raw", [b"", b"\n", b"\x00\xff", b"From: a@@b\nAuthentication-Results:\n"])
def test_any_bytes_are_looked_at(raw: bytes) -> None:
    assert health(raw)["trace"] == "fail"
