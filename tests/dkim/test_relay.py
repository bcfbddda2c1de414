"""Signed mails as they leave the relay: real next hop, real database, faults in between."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from gateway.core.candidate import hash_candidate
from gateway.core.dkim import Algorithm
from gateway.core.envelope import Address
from gateway.core.restore import restore
from gateway.core.why import Action, Why
from gateway.demo.samples import DOMAIN, SENDER, samples
from gateway.keys.signing import NewKey, Signer
from gateway.relay import Sign
from gateway.store.companies import set_dkim
from gateway.store.company_records import CompanyRecord
from gateway.store.dkim_keys import DkimKey, add_key
from gateway.store.engine import writing_session
from gateway.store.mails import MailRecord
from gateway.store.referrals import opt_out
from tests.dkim.oracle import Bench
from tests.dkim.test_removed import OWN
from tests.e2e.program import below_trace, links
from tests.e2e.sink import Sink
from tests.relaying import KEY, NOW, OFFER, REJECTION, logged, relaying

SIGNER = Signer(KEY)


def signing(ledger: Engine, record: CompanyRecord, key: NewKey) -> CompanyRecord:
    """Return the company, which has the relay sign from now on."""
    company_id = record.company.id
    private = SIGNER.seal(company_id, "s1", key)
    with writing_session(ledger).begin() as session:
        add_key(session, DkimKey(company_id, "s1", key.algorithm.value, key.public, private, NOW))
        return set_dkim(session, company_id, "s1", "test", NOW)


def relay_one(
    ledger: Engine,
    record: CompanyRecord,
    mail: tuple[bytes, str],
    sign: Sign = SIGNER.sign,
) -> MailRecord:
    """Relay a mail (bytes, recipient), and return its row in the log."""

    async def main() -> None:
        async with relaying(ledger, record, sign=sign) as send:
            assert (await send(*mail)).code == 250

    asyncio.run(main())
    (one,) = logged(ledger)
    return one


def rules(logged: MailRecord) -> list[str]:
    return [one.rule for one in logged.evidence if "dkim" in one.rule or "signed" in one.rule]


@pytest.mark.parametrize("number", range(10))
def test_a_signed_rejection_is_good_where_it_arrives(
    ledger: Engine, company: CompanyRecord, sink: Sink, bench: Bench, number: int
) -> None:
    sample = list(samples())[number]
    raw = OWN.replace(b"midori.example", DOMAIN.encode()) + sample.raw
    logged = relay_one(ledger, signing(ledger, company, bench.key), (raw, sample.recipient))
    arrived = sink.mails[0].raw
    assert arrived.startswith(b"DKIM-Signature: v=1;")
    assert arrived.count(b"\r\nDKIM-Signature:") == 0
    assert bench.passes(arrived)
    assert restore(arrived) == raw
    assert len(links(arrived)) == 1
    assert (logged.why, rules(logged)) == (Why.LINK_ADDED, ["dkim-removed", "dkim-signed"])


def test_a_big_rejection_is_signed_in_a_thread(
    ledger: Engine, company: CompanyRecord, sink: Sink, bench: Bench
) -> None:
    raw = with_attachment(REJECTION.raw, 300_000)
    relay_one(ledger, signing(ledger, company, bench.key), (raw, REJECTION.recipient))
    arrived = sink.mails[0].raw
    assert len(links(arrived)) == 1
    assert bench.passes(arrived)
    assert restore(arrived) == raw


def with_attachment(mail: bytes, size: int) -> bytes:
    """Return a mail of one part with an attachment of `size` bytes."""
    head, _, body = mail.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    of_part = [line for line in lines if line.lower().startswith(b"content-")]
    kept = [line for line in lines if line not in of_part]
    attached = (b"QUJD" * 19 + b"\r\n") * (size // 78)
    return b"\r\n".join(
        (
            *kept,
            b"Content-Type: multipart/mixed; boundary=b1",
            b"",
            b"--b1",
            *of_part,
            b"",
            body,
            b"--b1",
            b"Content-Type: application/pdf; name=a.pdf",
            b"Content-Disposition: attachment; filename=a.pdf",
            b"Content-Transfer-Encoding: base64",
            b"",
            attached,
            b"--b1--",
            b"",
        )
    )


def test_a_mail_without_a_link_keeps_its_signature_and_gets_none(
    ledger: Engine, company: CompanyRecord, sink: Sink, keys: dict[Algorithm, NewKey]
) -> None:
    record = signing(ledger, company, keys[Algorithm.ED25519])
    raw = OWN.replace(b"midori.example", DOMAIN.encode()) + OFFER.raw
    logged = relay_one(ledger, record, (raw, OFFER.recipient))
    assert below_trace(sink.mails[0].raw) == raw
    assert not sink.mails[0].raw.startswith(b"DKIM-Signature")
    assert rules(logged) == []


def test_where_the_next_hop_signs_only_the_stale_signature_goes(
    ledger: Engine, company: CompanyRecord, sink: Sink
) -> None:
    raw = OWN.replace(b"midori.example", DOMAIN.encode()) + REJECTION.raw
    logged = relay_one(ledger, company, (raw, REJECTION.recipient))
    assert b"DKIM-Signature" not in sink.mails[0].raw
    assert restore(sink.mails[0].raw) == raw
    assert (logged.why, rules(logged)) == (Why.LINK_ADDED, ["dkim-removed"])


def broken(*_: object) -> bytes:
    raise RuntimeError("a fault with a secret in its text")


@pytest.mark.parametrize(
    ("sign", "told"),
    [
        pytest.param(broken, "RuntimeError", id="a fault"),
        pytest.param(Signer(b"other").sign, "another CAREER_RELAY_SECRET_KEY", id="other secret"),
    ],
)
def test_a_mail_that_cannot_be_signed_goes_on_as_it_came(
    ledger: Engine,
    company: CompanyRecord,
    sink: Sink,
    keys: dict[Algorithm, NewKey],
    caplog: pytest.LogCaptureFixture,
    sign: Sign,
    told: str,
) -> None:
    record = signing(ledger, company, keys[Algorithm.RSA])
    raw = OWN.replace(b"midori.example", DOMAIN.encode()) + REJECTION.raw
    logged = relay_one(ledger, record, (raw, REJECTION.recipient), sign)
    assert below_trace(sink.mails[0].raw) == raw
    assert restore(sink.mails[0].raw) == raw
    assert (logged.why, logged.action) == (Why.SIGNING_FAILED, Action.PASSED)
    assert (logged.referral_id, rules(logged)) == (None, ["not-signed"])
    assert told in caplog.text
    assert "a secret" not in caplog.text


def test_a_mail_of_a_foreign_author_is_neither_edited_nor_signed(
    ledger: Engine, company: CompanyRecord, sink: Sink, keys: dict[Algorithm, NewKey]
) -> None:
    record = signing(ledger, company, keys[Algorithm.RSA])
    raw = REJECTION.raw.replace(b"From: " + SENDER.encode(), b"From: hr@ats.example")
    assert raw != REJECTION.raw
    logged = relay_one(ledger, record, (raw, REJECTION.recipient))
    assert below_trace(sink.mails[0].raw) == raw
    assert logged.why is Why.FOREIGN_FROM


def test_a_candidate_who_opted_out_gets_the_old_signature(
    ledger: Engine, company: CompanyRecord, sink: Sink, keys: dict[Algorithm, NewKey]
) -> None:
    record = signing(ledger, company, keys[Algorithm.RSA])
    with writing_session(ledger).begin() as session:
        opt_out(session, hash_candidate(KEY, Address(REJECTION.recipient)), NOW)
    raw = OWN.replace(b"midori.example", DOMAIN.encode()) + REJECTION.raw
    logged = relay_one(ledger, record, (raw, REJECTION.recipient))
    assert below_trace(sink.mails[0].raw) == raw
    assert not sink.mails[0].raw.startswith(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed")
    assert (logged.why, rules(logged)) == (Why.OPTED_OUT, [])


def test_a_relay_without_keys_signs_nothing(
    ledger: Engine, company: CompanyRecord, sink: Sink, keys: dict[Algorithm, NewKey]
) -> None:
    record = signing(ledger, company, keys[Algorithm.RSA])
    without = replace(record, dkim=replace(record.dkim, key=None))
    logged = relay_one(ledger, without, (REJECTION.raw, REJECTION.recipient))
    assert logged.why is Why.SIGNING_FAILED
    assert len(sink.mails) == 1
