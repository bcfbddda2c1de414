"""The trace header can be read by all and written by nobody else."""

import hashlib

import pytest

from gateway.core.link import identify_message
from gateway.core.trace import find_traces, is_genuine, new_trace, write_trace
from gateway.core.why import Action, Why

KEY = b"k" * 32
MAIL = b"Message-ID: <1@example.jp>\r\nSubject: x\r\n\r\nbody\r\n"
MESSAGE = identify_message(b"<1@example.jp>", MAIL)


def traced(key: bytes = KEY) -> bytes:
    trace = new_trace("cr-01abc", Action.INJECTED, Why.LINK_ADDED, 7, MAIL)
    return b"Received: from x\r\n\tby y; date\r\n" + write_trace(key, trace, MESSAGE) + MAIL


def test_a_trace_reads_back_as_it_was_written() -> None:
    ((trace, mac, end),) = find_traces(traced())
    assert (trace.id, trace.action, trace.why, trace.company_id) == (
        "cr-01abc",
        "injected",
        "link-added",
        7,
    )
    assert trace.sha256 == hashlib.sha256(MAIL).hexdigest()
    assert traced()[end:] == MAIL
    assert is_genuine(KEY, trace, mac, MESSAGE)


def test_a_trace_is_folded_below_78_columns() -> None:
    assert max(len(line) for line in traced().split(b"\r\n")) <= 78


def test_another_key_or_another_mail_is_not_genuine() -> None:
    ((trace, mac, _),) = find_traces(traced(b"forger" * 6))
    assert not is_genuine(KEY, trace, mac, MESSAGE)
    ((trace, mac, _),) = find_traces(traced())
    assert not is_genuine(KEY, trace, mac, identify_message(b"<2@example.jp>", b""))


def test_a_mail_server_s_line_ends_do_not_matter() -> None:
    ((trace, mac, _),) = find_traces(traced().replace(b"\r\n", b"\n"))
    assert is_genuine(KEY, trace, mac, MESSAGE)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(MAIL, id="a mail without one"),
        pytest.param(MAIL + traced(), id="one in the body"),
        pytest.param(b"X-Career-Relay: on\r\n" + MAIL, id="another value"),
        pytest.param(traced().replace(b"sha256=", b"sha256=z"), id="damaged"),
    ],
)
def test_what_is_no_trace_is_not_read_as_one(raw: bytes) -> None:
    assert list(find_traces(raw)) == []
