"""The whole way of a mail between a client's socket, a ledger and a scripted next hop."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Engine

from gateway.hops import HopSettings
from gateway.nexthop import NextHopPool, timeouts_of
from gateway.outages import Outages
from gateway.relay import Clockwork, Relay
from gateway.settings import HostPort, Settings
from gateway.smtpd import SmtpListener, start_smtp
from gateway.store.company_records import CompanyRecord
from gateway.store.engine import reading_session
from gateway.store.group_writer import GroupWriter
from gateway.store.mails import list_mails
from gateway.store.outages import failing_hosts
from gateway.store.referrals import ReferralState, get_referral
from gateway.transit.outcome import Outcomes
from gateway.wake import Waker
from tests.relaying import KEY, NOW, REJECTION, decide_here
from tests.smtp.gateways import PLAIN, SEAL, LoopThread, OneCompany, Wire, make_settings
from tests.smtp.sink import PATIENCE_SECONDS, Sink

SENDER = "saiyo@midori.example"


@dataclass(frozen=True, slots=True)
class Line:
    """What the ledger says of one mail: why, the last reply, and its referral's state, if any."""

    why: str
    reply: int | None
    referral: ReferralState | None


@dataclass
class Front:
    """A gateway for the sample company, in front of `sink`; it runs while a block is open.

    hop       how the next hop is spoken to
    settings  what is not as usual
    now       the time by which outages are noted; when the gateway stops, or after `pause`
    """

    thread: LoopThread
    sink: Sink
    ledger: Engine
    company: CompanyRecord
    hop: HopSettings = field(default_factory=HopSettings)
    settings: dict[str, object] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: NOW
    pause: float = 60.0

    @contextmanager
    def running(self) -> Iterator[HostPort]:
        """Run the gateway; give where it listens."""
        settings = make_settings(**self.settings)
        record = replace(self.company, next_hop=self.sink.address, hop=self.hop, smtp_user="acme")
        writer = GroupWriter(self.ledger)
        writer.start()
        outcomes = Outcomes(writer, Waker(None), lambda: NOW)
        outages = Outages(writer, self.now, self.pause)
        with reading_session(self.ledger)() as session:
            outages.know(failing_hosts(session))
        started = self._start(settings, record, writer, outcomes, outages)
        listener, hops = self.thread.run(started)
        try:
            yield listener.address
        finally:
            self.thread.run(listener.close(0.2))
            self.thread.run(hops.close())
            self.thread.loop.call_soon_threadsafe(outages.close)
            self.thread.run(outcomes.close())
            writer.close()

    async def _start(
        self,
        settings: Settings,
        record: CompanyRecord,
        writer: GroupWriter,
        outcomes: Outcomes,
        outages: Outages,
    ) -> tuple[SmtpListener, NextHopPool]:
        numbers = iter(range(1, 1000))
        clockwork = Clockwork(lambda: NOW, lambda: f"cr-{next(numbers)}", "relay.example", KEY)
        relay = Relay(decide_here, writer, outcomes, clockwork)
        hops = NextHopPool(
            hostname="relay.example", timeouts=timeouts_of(settings), seal=SEAL, outages=outages
        )
        return await start_smtp(settings, OneCompany(record), relay, hops, None), hops

    def send(self, *recipients: str, raw: bytes = REJECTION.raw, times: int = 1) -> list[str]:
        """Send a rejection `times` times; return the replies from MAIL on, shortened."""
        with self.running() as address:
            for _ in range(times):
                told = say(address, raw, recipients or (REJECTION.recipient,))
        return told

    def ledger_lines(self) -> list[Line]:
        """Return what the ledger says, newest mail first."""
        with reading_session(self.ledger)() as session:
            return [
                Line(
                    mail.why.value,
                    mail.reply_code,
                    get_referral(session, mail.referral_id).state if mail.referral_id else None,
                )
                for mail in list_mails(session)
            ]


def say(address: HostPort, raw: bytes, recipients: tuple[str, ...]) -> list[str]:
    """Return code and enhanced code of the reply to each command, as far as it goes."""
    with Wire(socket.create_connection(address, timeout=PATIENCE_SECONDS)) as wire:
        assert wire.reply().startswith("220")
        assert wire.ask("EHLO client.example").startswith("250")
        assert wire.ask(f"AUTH PLAIN {PLAIN}").startswith("235")
        replies = [wire.ask(f"MAIL FROM:<{SENDER}>")]
        if replies[-1].startswith("250"):
            replies += [wire.ask(f"RCPT TO:<{recipient}>") for recipient in recipients]
            if any(reply.startswith("250") for reply in replies[1:]):
                replies.append(wire.ask("DATA"))
        if replies[-1].startswith("354"):
            replies.append(wire.ask(raw + b"."))
    return [" ".join(reply.split()[:2]).removesuffix(" End") for reply in replies]
