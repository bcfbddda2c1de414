"""The sides that answer sockets, running: SMTP and its machinery, the listening socket."""

import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import dramatiq

from gateway.cli.counted import beating, counted
from gateway.cli.noted import note_address
from gateway.cli.parts import Parts, utc_now
from gateway.cli.processes import Child
from gateway.core.hear import load_rules
from gateway.directory import CompanyDirectory
from gateway.hops import DEFAULT_HOP
from gateway.nexthop import NextHopPool, timeouts_of
from gateway.outages import Outages
from gateway.relay import Clockwork, Relay
from gateway.settings import HostPort, Settings
from gateway.smtp.tls import tls_source
from gateway.smtpd import SmtpListener, start_smtp
from gateway.store.company_reader import CompanyReader
from gateway.store.company_records import CompanyRecord
from gateway.store.credentials import note_use
from gateway.store.group_writer import GroupWriter
from gateway.store.outages import failing_hosts
from gateway.transit.outcome import Outcomes
from gateway.wake import Waker

_DRAIN_SECONDS = 30.0
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def new_queue_id() -> str:
    """Return a fresh id: milliseconds since 1970 and 64 random bits, in order of time."""
    number = (time.time_ns() // 1_000_000) << 64 | secrets.randbits(64)
    return "cr-" + "".join([_CROCKFORD[number >> shift & 31] for shift in range(110, -1, -5)])


@contextlib.asynccontextmanager
async def gateway_side(
    parts: Parts,
    broker: dramatiq.Broker | None,
    next_hop: HostPort | None = None,
    child: Child | None = None,
) -> AsyncIterator[SmtpListener]:
    """Run the SMTP side until the block is left; then mails in hand are finished.

    next_hop  where every company's mail goes instead of its own next hop, None for its own
    child     what the parent gave this process, when it is one of several
    """
    settings = parts.settings
    load_rules()
    writer = GroupWriter(parts.engine)
    waker = Waker(broker)
    outcomes = Outcomes(writer, waker, utc_now)
    outages = Outages(writer, utc_now)
    load = _company_loader(parts, next_hop, outages)
    directory = CompanyDirectory(load, utc_now, _use_noter(writer))
    hops = NextHopPool(
        hostname=settings.hostname,
        timeouts=timeouts_of(settings),
        seal=parts.hop_seal,
        outages=outages,
    )
    relay = Relay(
        parts.decide,
        writer,
        outcomes,
        Clockwork(utc_now, new_queue_id, settings.hostname, parts.key),
        parts.signer.sign,
    )
    writer.start()
    waker.start()
    await directory.start()
    try:
        tls, shared = tls_source(settings), child.shared if child else None
        listener = await start_smtp(settings, directory, relay, hops, tls, shared)
        try:
            async with _told(settings, listener, writer, child):
                yield listener
        finally:
            await listener.close(grace_seconds=_DRAIN_SECONDS)
    finally:
        await directory.close()
        await hops.close()
        outages.close()
        await outcomes.close()
        waker.close()
        writer.close()


@contextlib.asynccontextmanager
async def _told(
    settings: Settings, listener: SmtpListener, writer: GroupWriter, child: Child | None
) -> AsyncIterator[None]:
    """Let `ready`, the parent and Prometheus know that it serves, until the block is left."""
    if child is None:
        async with counted(settings, listener, writer):
            with note_address(settings.data_dir, "smtp", listener.address):
                yield
    else:
        async with beating(listener, writer), counted(settings, listener, writer, child.metrics):
            child.say_serving()
            yield


def _use_noter(writer: GroupWriter) -> Callable[[int], None]:
    def note(credential_id: int) -> None:
        writer.write_soon(lambda session: note_use(session, credential_id, utc_now()))

    return note


def _company_loader(
    parts: Parts, next_hop: HostPort | None, outages: Outages
) -> Callable[[], tuple[CompanyRecord, ...]]:
    def adapt(record: CompanyRecord) -> CompanyRecord:
        if next_hop is None:
            return share_hop(record, parts.settings.gateway_processes)
        return replace(record, next_hop=next_hop, hop=DEFAULT_HOP)

    reader = CompanyReader(adapt)

    def load() -> tuple[CompanyRecord, ...]:
        with parts.reading() as session:
            outages.know(failing_hosts(session))
            return reader.read(session)

    return load


def share_hop(record: CompanyRecord, processes: int) -> CompanyRecord:
    """Return the record with one process's share of the connections to the next hop."""
    if processes == 1:
        return record
    share = max(1, record.hop.most_connections // processes)
    return replace(record, hop=replace(record.hop, most_connections=share))
