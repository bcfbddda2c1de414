"""Stale signatures go, and come back to the byte."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.core.company import Company, Mode
from gateway.core.decide import decide
from gateway.core.dkim import own_signatures
from gateway.core.envelope import Address, Envelope
from gateway.core.mime import scan
from gateway.core.outgoing import apply_changes, write_changes
from gateway.core.plan import Plan
from gateway.core.removed import put_back, read_removed, take_out, write_removed
from gateway.core.restore import restore
from gateway.core.splice import Edit, Span, SpliceError
from gateway.core.trace import new_trace, write_trace
from gateway.core.why import Why
from gateway.demo.samples import DOMAIN, SENDER, samples
from tests.relaying import DESK, KEY, MIDORI

COMPANY = Company(1, "Midori", ("midori.example",), Mode.INJECT)
OWN = (
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=midori.example;\r\n"
    b"\ts=2025; h=from:to; bh=eHg=;\r\n b=YWJj\r\n"
)
FOREIGN = OWN.replace(b"midori.example", b"ats.example")
REJECTION = next(iter(samples()))
GOLDEN = sorted((Path(__file__).parent.parent / "golden").glob("*/in.eml"))
SUBJECT = b"Subject: x\r\n"


def relayed(raw: bytes) -> tuple[Plan, bytes]:
    """Return the plan for a mail to the sample's candidate, and the mail as the relay sends it."""
    envelope = Envelope(Address(SENDER), (Address(REJECTION.recipient),))
    plan = decide(raw, envelope, MIDORI, DESK)
    trace = new_trace("cr-1", plan.action, plan.why, MIDORI.id, raw)
    top = b"Received: from a\r\n\tby b; date\r\n" + write_trace(KEY, trace, plan.message)
    return plan, top + write_changes(raw, plan.edits, plan.removed)


@pytest.mark.parametrize(
    ("header", "stale"),
    [
        pytest.param(OWN, 1, id="own"),
        pytest.param(OWN + SUBJECT + OWN, 2, id="two of them"),
        pytest.param(FOREIGN, 0, id="somebody else's"),
        pytest.param(FOREIGN + OWN + FOREIGN, 1, id="between others"),
        pytest.param(OWN.replace(b"d=midori", b"d=hr.midori"), 1, id="a subdomain"),
        pytest.param(OWN.replace(b"d=midori", b"d=notmidori"), 0, id="a longer name"),
        pytest.param(OWN.replace(b"d=midori.example", b"d = MIDORI.\r\n example"), 1, id="folded"),
        pytest.param(OWN.replace(b"DKIM-Signature", b"dkim-SIGNATURE "), 1, id="letter case"),
        pytest.param(OWN.replace(b"d=midori.example;", b""), 0, id="no d="),
        pytest.param(OWN.replace(b"d=midori", b"d=a.example; d=midori"), 0, id="two d="),
        pytest.param(OWN.replace(b"example;", b"example; d=a.example;"), 0, id="ours and another"),
        pytest.param(OWN.replace(b"d=midori", b"xd=midori"), 0, id="another tag"),
        pytest.param(OWN.replace(b"DKIM-", b"X-Google-DKIM-"), 0, id="another field"),
        pytest.param(b"DKIM-Signature:\r\n", 0, id="empty"),
        pytest.param(SUBJECT, 0, id="none"),
    ],
)
def test_a_signature_is_stale_when_it_is_the_company_s_own(header: bytes, stale: int) -> None:
    raw = header + b"\r\nd=midori.example; body\r\n"
    assert len(own_signatures(raw, scan(raw).fields, COMPANY)) == stale


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        pytest.param((OWN, b""), b"", id="on top"),
        pytest.param((b"Received: x\r\n" + OWN, OWN), b"Received: x\r\n", id="top and bottom"),
        pytest.param((FOREIGN + OWN + FOREIGN, b""), FOREIGN + FOREIGN, id="between others"),
        pytest.param((OWN * 5, OWN * 3), b"", id="many"),
    ],
)
def test_an_edited_mail_loses_its_stale_signatures_and_gets_them_back(
    before: tuple[bytes, bytes], kept: bytes
) -> None:
    head, _, body = REJECTION.raw.partition(b"\r\n\r\n")
    raw = before[0] + head + b"\r\n" + before[1] + b"\r\n" + body
    plan, outgoing = relayed(raw)
    assert plan.why is Why.LINK_ADDED
    assert len(plan.removed) == raw.count(OWN)
    assert [one.rule for one in plan.evidence].count("dkim-removed") == raw.count(OWN)
    assert OWN not in outgoing
    assert kept + head + b"\r\n" in outgoing
    assert max(map(len, outgoing.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78
    assert restore(outgoing) == raw


def test_lengths_that_follow_the_edit_come_back_with_the_signatures() -> None:
    body = REJECTION.raw.partition(b"\r\n\r\n")[2]
    lengths = b"Lines: %d\r\nContent-Length: %d\r\n" % (body.count(b"\n"), len(body))
    raw = OWN + lengths + OWN + REJECTION.raw
    plan, outgoing = relayed(raw)
    assert (plan.why, len(plan.removed)) == (Why.LINK_ADDED, 2)
    assert lengths not in outgoing
    assert restore(outgoing) == raw


def test_an_edit_right_before_a_removed_field_is_made_first() -> None:
    edits = [Edit(Span(0, 0), b"New: 1\r\n"), Edit(Span(6, 6), b"z")]
    assert apply_changes(b"A:b\r\nC:d\r\n", edits, [Span(0, 5)]) == b"New: 1\r\nCz:d\r\n"


def test_a_mail_without_a_link_keeps_everything() -> None:
    raw = OWN + list(samples())[10].raw
    plan, outgoing = relayed(raw)
    assert (plan.edits, plan.removed) == ((), ())
    assert outgoing.endswith(raw)
    assert restore(outgoing) == raw


def test_signatures_larger_than_a_field_may_be_leave_the_mail_alone() -> None:
    raw = OWN.replace(b"YWJj", b"YWJj\r\n " * 4000) + REJECTION.raw
    plan, outgoing = relayed(raw)
    assert (plan.why, plan.edits) == (Why.CHECK_FAILED, ())
    assert restore(outgoing) == raw


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.parent.name)
def test_a_golden_mail_comes_back_with_its_signature(path: Path) -> None:
    mail = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    sender = b"From: <saiyo@midori.example>\r\n"
    raw = OWN + sender + mail
    _, outgoing = relayed(raw)
    assert restore(outgoing) == raw


FORGED = write_removed(take_out(OWN, [Span(0, len(OWN))]))


@pytest.mark.parametrize(
    "top",
    [
        pytest.param(FORGED, id="a field like ours"),
        pytest.param(FORGED + OWN, id="and a stale signature"),
        pytest.param(FORGED.replace(b"at=0", b"at=999999999"), id="a place that is none"),
        pytest.param(b"X-Career-Relay-Removed: at=0+1;fields=!\r\n", id="no base64"),
        pytest.param(b"X-Career-Relay-Removed: x\r\n", id="another value"),
    ],
)
@pytest.mark.parametrize("mail", [REJECTION.raw, list(samples())[10].raw])
def test_a_forged_field_of_ours_changes_nothing(top: bytes, mail: bytes) -> None:
    _, outgoing = relayed(top + mail)
    assert restore(outgoing) == top + mail


def test_a_mail_that_came_with_a_block_comes_back_with_it() -> None:
    _, once = relayed(REJECTION.raw)
    raw = once[once.index(b"From: ") :]  # somebody cut our fields off
    plan, outgoing = relayed(raw)
    assert plan.why is Why.ALREADY_LINKED
    assert restore(outgoing) == raw


@settings(max_examples=200)
@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=8))
@example(b"", [0, 0])
def test_any_spans_come_back(raw: bytes, cuts: list[int]) -> None:
    places = sorted({min(cut, len(raw)) for cut in cuts})
    spans = [Span(a, b) for a, b in zip(places[::2], places[1::2], strict=False)]
    removed = take_out(raw, spans)
    kept = b"".join(raw[i : i + 1] for i in range(len(raw)) if not _within(i, spans))
    field = write_removed(removed)
    assert put_back(kept, removed) == raw
    if spans:
        assert read_removed(field + kept) == (removed, kept)
        assert max(map(len, field.split(b"\r\n"))) <= 78
    else:
        assert field == b""


def _within(place: int, spans: list[Span]) -> bool:
    return any(span.start <= place < span.end for span in spans)


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_as_a_field_of_ours_or_not(data: bytes) -> None:
    found = read_removed(b"X-Career-Relay-Removed:" + data)
    if found is not None:
        removed, rest = found
        with contextlib.suppress(SpliceError):
            put_back(rest, removed)


HEADER_LINES = st.sampled_from(
    [OWN, FOREIGN, FORGED, SUBJECT, b"X: y\r\n z\r\n", "Comments: 選考\r\n".encode("cp932")]
)


@settings(max_examples=150)
@given(st.lists(HEADER_LINES, max_size=6), st.lists(HEADER_LINES, max_size=3), st.booleans())
def test_restore_gives_back_every_relayed_mail(
    above: list[bytes], below: list[bytes], is_rejection: bool
) -> None:
    mail = REJECTION.raw if is_rejection else list(samples())[10].raw
    head, _, body = mail.partition(b"\r\n\r\n")
    raw = b"".join(above) + head + b"\r\n" + b"".join(below) + b"\r\n" + body
    plan, outgoing = relayed(raw)
    assert plan.why is not Why.FAULT
    assert not plan.edits or OWN not in outgoing
    assert restore(outgoing) == raw


def test_the_company_of_the_samples_is_ours() -> None:
    assert MIDORI.domains == (DOMAIN,) == COMPANY.domains
