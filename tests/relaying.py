"""A relay between a real database and a real next hop: what the tests of one mail's way share."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gateway.core.company import Company, Mode
from gateway.core.decide import decide
from gateway.core.envelope import Address, Envelope
from gateway.core.path import MailOptions
from gateway.core.plan import Desk, Plan
from gateway.demo.samples import COMPANY, DOMAIN, SENDER, samples
from gateway.nexthop import NextHopPool
from gateway.relay import Clockwork, Relay, Sign, sign_nothing
from gateway.render import Renderer
from gateway.reply import Reply
from gateway.settings import HERE, HostPort
from gateway.smtp.received import ReceivedMail
from gateway.store.companies import add_company
from gateway.store.company_records import CompanyRecord
from gateway.store.engine import reading_session
from gateway.store.group_writer import GroupWriter
from gateway.store.mails import MailRecord, list_mails
from gateway.transit.copies import LONGEST_SECONDS, Copies
from gateway.transit.outcome import Outcomes
from gateway.wake import Waker

KEY = b"k" * 32
NOW = datetime(2026, 1, 5, tzinfo=UTC)
DESK = Desk(KEY, "http://relay.example", Renderer(HERE / "templates").block)
MIDORI = Company(1, COMPANY, (DOMAIN,), Mode.INJECT)


def add_midori(session: Session, next_hop: HostPort) -> CompanyRecord:
    """Write MIDORI into an empty ledger."""
    record, _ = add_company(
        session,
        name=MIDORI.name,
        domains=MIDORI.domains,
        next_hop=next_hop,
        mode=MIDORI.mode,
        now=NOW,
    )
    return record


REJECTION, *_, OFFER = list(samples())[:11]


class Send(Protocol):
    """Relays a mail to recipients as the SMTP side would."""

    def __call__(self, raw: bytes, *recipients: str) -> Awaitable[Reply]: ...


def decide_here(raw: bytes, envelope: Envelope, company: Company) -> Plan:
    return decide(raw, envelope, company, DESK)


@asynccontextmanager
async def relaying(
    ledger: Engine,
    company: CompanyRecord,
    patience_seconds: float = 20.0,
    sign: Sign = sign_nothing,
    *,
    writer_seconds: float = 15.0,
    now: Callable[[], datetime] = lambda: NOW,
    longest_seconds: float = LONGEST_SECONDS,
    name: str = "cr",
) -> AsyncIterator[Send]:
    """Give a function that relays a mail as the SMTP side would; its ids begin with `name`."""
    writer = GroupWriter(ledger, timeout_seconds=writer_seconds)
    writer.start()
    numbers = itertools.count(1)
    clockwork = Clockwork(
        now=now,
        new_id=lambda: f"{name}-{next(numbers)}",
        hostname="relay.example",
        key=KEY,
    )
    outcomes = Outcomes(writer, Waker(None), now, patience_seconds=patience_seconds)
    relay = Relay(decide_here, writer, outcomes, clockwork, sign)
    relay._copies = Copies(relay._planner, writer, outcomes, clockwork, longest_seconds)
    hops = NextHopPool(hostname="relay.example")

    async def send(raw: bytes, *recipients: str) -> Reply:
        sender = b"<%s>" % SENDER.encode()
        hop, reply = await hops.begin(company.route, sender, MailOptions())
        assert reply.is_positive
        for recipient in recipients:
            assert (await hop.rcpt(b"<%s>" % recipient.encode())).is_positive
        envelope = Envelope(Address(SENDER), tuple(map(Address, recipients)))
        mail = ReceivedMail(company, envelope, raw, "127.0.0.1", "mx", "ESMTPA", NOW)
        return await relay.accept(mail, hop)

    try:
        yield send
    finally:
        await hops.close()
        await outcomes.close()
        writer.close()


def logged(ledger: Engine) -> list[MailRecord]:
    with reading_session(ledger)() as session:
        return list(list_mails(session))
