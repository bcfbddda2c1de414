"""A plan: what it says of a mail is so, also when the mail is passed after all."""

import pytest

from gateway.core.company import Company
from gateway.core.envelope import Address, Envelope
from gateway.core.plan import Plan
from gateway.core.why import Action, Why
from gateway.demo.samples import SENDER
from tests.relaying import MIDORI, REJECTION, decide_here


def linked(raw: bytes = REJECTION.raw, company: Company = MIDORI) -> Plan:
    envelope = Envelope(Address(SENDER), (Address(REJECTION.recipient),))
    plan = decide_here(raw, envelope, company)
    assert plan.edits
    assert plan.parts
    assert plan.referral is not None
    return plan


def test_a_mail_that_is_passed_after_all_refers_nobody() -> None:
    passed = linked().signed(b"DKIM-Signature: x\r\n").passed(Why.NEXT_HOP_SIZE)
    assert (passed.why, passed.action) == (Why.NEXT_HOP_SIZE, Action.PASSED)
    assert (passed.edits, passed.parts, passed.removed, passed.signature) == ((), (), (), b"")
    assert (passed.referral, passed.copies) == (None, ())


def test_evidence_of_an_edit_goes_when_the_edit_goes() -> None:
    plan = linked()
    assert plan.signed(b"DKIM-Signature: x\r\n").passed(Why.OPTED_OUT).evidence == plan.evidence


@pytest.mark.parametrize("value", ["on", "ON"])
def test_the_order_field_goes_even_when_the_link_does_not(value: str) -> None:
    raw = f"X-Career-Relay: {value}\r\n".encode() + REJECTION.raw
    plan = linked(raw)
    passed = plan.passed(Why.NEXT_HOP_SIZE)
    assert passed.removed == plan.orders
    assert [span.of(raw) for span in passed.removed] == [raw.partition(REJECTION.raw)[0]]


def test_a_token_is_of_one_company() -> None:
    other = linked(company=Company(2, MIDORI.name, MIDORI.domains, MIDORI.mode))
    mine, theirs = linked().referral, other.referral
    assert mine is not None
    assert theirs is not None
    assert mine.candidate == theirs.candidate
    assert mine.token != theirs.token
