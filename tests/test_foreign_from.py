"""A company may have mail refused whose header From is not surely its own."""

import asyncio
import dataclasses

import pytest
from sqlalchemy import Engine

from gateway.core.envelope import Address, Envelope
from gateway.core.why import Why
from gateway.demo.samples import SENDER
from gateway.reply import Reply
from gateway.smtp.received import ReceivedMail
from gateway.store.company_changes import list_changes
from gateway.store.company_records import CompanyRecord, get_company
from gateway.store.engine import reading_session, writing_session
from gateway.store.foreign_from import ForeignFrom, set_foreign_from
from gateway.transit.planning import Planner, refuses_author, sign_nothing
from tests.e2e.sink import Sink
from tests.relaying import NOW, OFFER, REJECTION, decide_here, logged, relaying

TARO = "taro@one.example"
FROM = b"From: %s\r\n"


def with_from(raw: bytes, fields: bytes) -> bytes:
    """Return `raw` with other From fields."""
    old_head, _, body = raw.partition(b"\r\n\r\n")
    lines = old_head.split(b"\r\n")
    at = next(n for n, line in enumerate(lines) if line.startswith(b"From:"))
    end = next(n for n in range(at + 1, len(lines)) if not lines[n].startswith((b" ", b"\t")))
    head = b"\r\n".join([*lines[:at], *lines[end:]])
    return fields + head + b"\r\n\r\n" + body


def send(ledger: Engine, company: CompanyRecord, raw: bytes) -> Reply:
    async def main() -> Reply:
        async with relaying(ledger, company) as relay:
            return await relay(raw, TARO)

    return asyncio.run(main())


@pytest.fixture
def strict(ledger: Engine, company: CompanyRecord) -> CompanyRecord:
    """Give a company that chose to have such mail refused."""
    with writing_session(ledger).begin() as session:
        set_foreign_from(session, company.company.id, ForeignFrom.REFUSE, "a test", NOW)
    with reading_session(ledger)() as session:
        return get_company(session, company.company.id)


STRANGE = [
    pytest.param(FROM % b"ceo@elsewhere.example", Why.FOREIGN_FROM, id="another's"),
    pytest.param(FROM % SENDER.encode() + FROM % b"x@elsewhere.example", Why.ODD_FROM, id="two"),
    pytest.param(FROM % b"<a@elsewhere.example> ", Why.FOREIGN_FROM, id="in brackets"),
    pytest.param(b"X-Nobody: here\r\n", Why.ODD_FROM, id="none"),
]


@pytest.mark.parametrize(("fields", "why"), STRANGE)
@pytest.mark.parametrize("mail", [REJECTION.raw, OFFER.raw], ids=["rejection", "other mail"])
def test_who_refuses_lets_no_such_mail_go(
    ledger: Engine, strict: CompanyRecord, sink: Sink, mail: bytes, fields: bytes, why: Why
) -> None:
    raw = with_from(mail, fields)
    reply = send(ledger, strict, raw)
    assert reply.code == 550
    assert reply.text.startswith("5.7.1 The mail was not sent: From ")
    assert "elsewhere" not in reply.text
    assert sink.mails == []
    (line,) = logged(ledger)
    assert (line.why, line.reply_code, line.referral_id) == (why, 550, None)


@pytest.mark.parametrize(("fields", "why"), STRANGE)
def test_at_first_such_mail_passes_as_it_came(
    ledger: Engine, company: CompanyRecord, sink: Sink, fields: bytes, why: Why
) -> None:
    raw = with_from(REJECTION.raw, fields)
    assert send(ledger, company, raw).code == 250
    assert sink.mails[0].raw.endswith(raw)
    (line,) = logged(ledger)
    assert (line.why, line.reply_code) == (why, 250)


@pytest.mark.parametrize("mail", [REJECTION.raw, OFFER.raw], ids=["rejection", "other mail"])
def test_who_refuses_still_sends_its_own_mail(
    ledger: Engine, strict: CompanyRecord, sink: Sink, mail: bytes
) -> None:
    assert send(ledger, strict, mail).code == 250
    assert len(sink.mails) == 1


def test_a_fault_in_reading_from_lets_the_mail_go(
    ledger: Engine, strict: CompanyRecord, sink: Sink
) -> None:
    broken = dataclasses.replace(strict.company, domains=None)  # type: ignore[arg-type]
    assert send(ledger, dataclasses.replace(strict, company=broken), REJECTION.raw).code == 250
    assert len(sink.mails) == 1


def test_mail_without_a_sender_is_never_refused(strict: CompanyRecord) -> None:
    envelope = Envelope(Address(""), (Address(TARO),))
    raw = with_from(REJECTION.raw, FROM % b"mailer-daemon@elsewhere.example")
    mail = ReceivedMail(strict, envelope, raw, "127.0.0.1", "mx", "ESMTPA", NOW)
    plan = asyncio.run(Planner(decide_here, sign_nothing, lambda: NOW).plan(mail))
    assert not refuses_author(plan, strict)


def test_the_choice_is_noted(ledger: Engine, strict: CompanyRecord) -> None:
    with reading_session(ledger)() as session:
        newest = list_changes(session, strict.company.id)[0]
    assert (newest.actor, newest.what, newest.old, newest.new) == (
        "a test",
        "foreign_from",
        "pass",
        "refuse",
    )
