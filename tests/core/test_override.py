"""`X-Career-Relay: on|off` and +relay-on/+relay-off: the company's own system decides."""

import pytest

from gateway.core.company import Company, Mode
from gateway.core.decide import decide
from gateway.core.envelope import Address, Envelope
from gateway.core.outgoing import write_changes
from gateway.core.plan import Desk, Plan
from gateway.core.restore import restore
from gateway.core.trace import new_trace, write_trace
from gateway.core.verdict import Verdict
from gateway.core.why import Action, Why
from tests.core.blocks import write_block

KEY = b"k" * 32
DESK = Desk(KEY, "https://relay.example", lambda _company, _link, language: write_block(language))
COMPANY = Company(1, "A", ("a.example",), Mode.INJECT)
CANDIDATE = Address("taro@example.com")

REFUSAL = "選考の結果、誠に残念ながら今回は採用を見送らせていただくこととなりました。"
NOTHING = "本日はお会いできてうれしかったです。"


def mail(text: str, *fields: str, to: str = CANDIDATE) -> bytes:
    head = [
        "From: hr@a.example",
        *fields,
        f"To: {to}",
        "Subject: =?utf-8?B?6YG46ICD57WQ5p6c?=",
        "Message-ID: <1@a.example>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    body = f"山田様\r\n\r\n{text}\r\n"
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def plan_of(raw: bytes, sender: str = "hr@a.example", company: Company = COMPANY) -> Plan:
    return decide(raw, Envelope(Address(sender), (CANDIDATE,)), company, DESK)


def sent(raw: bytes, plan: Plan) -> bytes:
    """Return the message below the trace header, and check that the original comes back."""
    below = write_changes(raw, plan.edits, plan.removed)
    trace = write_trace(KEY, new_trace("q1", plan.action, plan.why, 1, raw), plan.message)
    assert restore(trace + below) == raw
    return below


@pytest.mark.parametrize("value", ["off", "OFF", " Off ", "off\t"])
def test_off_passes_a_rejection_without_the_line(value: str) -> None:
    raw = mail(REFUSAL, f"X-Career-Relay:{value}")
    plan = plan_of(raw)
    assert (plan.why, plan.action) == (Why.OVERRIDE_OFF, Action.PASSED)
    below = sent(raw, plan)
    assert below.endswith(mail(REFUSAL))
    assert b"X-Career-Relay:" not in below


def test_on_makes_any_mail_a_rejection_and_the_line_goes() -> None:
    raw = mail(NOTHING, "X-Career-Relay: on")
    plan = plan_of(raw)
    assert (plan.why, plan.verdict) == (Why.LINK_ADDED, Verdict.REJECTION)
    assert "override-on" in [one.rule for one in plan.evidence]
    assert b"X-Career-Relay:" not in sent(raw, plan)


def test_on_names_a_sender_who_is_not_a_recruiting_one() -> None:
    company = Company(1, "A", ("a.example",), Mode.INJECT, senders=("jobs@a.example",))
    assert plan_of(mail(NOTHING, "X-Career-Relay: on"), company=company).edits
    assert plan_of(mail(REFUSAL), company=company).why is Why.NOT_A_RECRUITING_SENDER


@pytest.mark.parametrize(
    ("fields", "to", "why"),
    [
        pytest.param(("List-Id: <x.a.example>",), CANDIDATE, Why.MAILING_LIST, id="form"),
        pytest.param((), "a@example.com, b@example.com", Why.SEVERAL_VISIBLE_RECIPIENTS, id="seen"),
        pytest.param(("X-Career-Relay: off",), CANDIDATE, Why.OVERRIDE_OFF, id="off beside on"),
    ],
)
def test_on_does_not_lift_a_hard_stop_and_the_line_goes_all_the_same(
    fields: tuple[str, ...], to: str, why: Why
) -> None:
    raw = mail(NOTHING, "X-Career-Relay: on", *fields, to=to)
    plan = plan_of(raw)
    assert (plan.why, plan.action) == (why, Action.PASSED)
    assert b"X-Career-Relay:" not in sent(raw, plan)


def test_in_observe_mode_the_line_goes_and_the_text_stays() -> None:
    raw = mail(NOTHING, "X-Career-Relay: on")
    plan = plan_of(raw, company=Company(1, "A", ("a.example",), Mode.OBSERVE))
    assert plan.why is Why.OBSERVED
    assert sent(raw, plan).endswith(mail(NOTHING))


@pytest.mark.parametrize("value", ["yes", "maybe", "on off", "true", ""])
def test_another_value_is_ignored_and_said_in_the_log(value: str) -> None:
    raw = mail(NOTHING, f"X-Career-Relay: {value}")
    plan = plan_of(raw)
    assert plan.why is Why.NOT_A_REJECTION
    assert [one.rule for one in plan.evidence] == ["override-unknown"]
    assert sent(raw, plan) == raw


def test_a_line_that_is_too_long_to_come_back_is_obeyed_and_stays() -> None:
    raw = mail(REFUSAL, f"X-Career-Relay: {' ' * (20 << 10)}off")
    plan = plan_of(raw)
    assert plan.why is Why.OVERRIDE_OFF
    assert sent(raw, plan) == raw


def test_a_trace_header_is_no_override() -> None:
    raw = mail(NOTHING)
    trace = write_trace(
        KEY, new_trace("q1", Action.PASSED, Why.NOT_A_REJECTION, 1, raw), plan_of(raw).message
    )
    plan = plan_of(trace + raw)
    assert plan.removed == ()
    assert plan.evidence == ()


@pytest.mark.parametrize(
    ("sender", "why"),
    [
        ("hr+relay-off@a.example", Why.OVERRIDE_OFF),
        ("hr+Relay-OFF@a.example", Why.OVERRIDE_OFF),
        ("hr+x+relay-off@a.example", Why.OVERRIDE_OFF),
        ("hr+relay-on@a.example", Why.LINK_ADDED),
        ("relay-off@a.example", Why.LINK_ADDED),
        ("off@a.example", Why.LINK_ADDED),
        ("hr+relay-maybe@a.example", Why.LINK_ADDED),
    ],
)
def test_the_senders_sub_address_says_the_same(sender: str, why: Why) -> None:
    assert plan_of(mail(REFUSAL), sender).why is why
