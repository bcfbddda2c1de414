"""The counters of the SMTP side: told to its other processes, and served to Prometheus."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator

from gateway.board import Gauge
from gateway.cli.served import bind, served
from gateway.counts import GatewayCounts, MailCounts, read_counts
from gateway.settings import Settings
from gateway.smtpd import SmtpListener
from gateway.store.group_writer import GroupWriter
from gateway.web.gateway_metrics import build_metrics_app

_SETTING = "CAREER_RELAY_GATEWAY_METRICS_LISTEN"
_BEAT_SECONDS = 0.5


@contextlib.asynccontextmanager
async def counted(
    settings: Settings,
    listener: SmtpListener,
    writer: GroupWriter,
    bound: socket.socket | None = None,
) -> AsyncIterator[None]:
    """Count mails until the block is left, and answer /metrics where the settings say.

    bound  a socket for it that listens already

    Raises CareerRelayError when that address cannot be had.
    """
    bound = bound or bind_metrics(settings)
    if bound is None:
        yield
        return

    def read() -> GatewayCounts:
        _tell(listener, writer)
        return read_counts(listener.seat)

    token = settings.metrics_token
    app = build_metrics_app(read, token.get_secret_value() if token is not None else None)
    counts = MailCounts(listener.seat)
    counts.start()
    try:
        async with served(app, bound, "metrics"):
            yield
    finally:
        counts.stop()


def bind_metrics(settings: Settings) -> socket.socket | None:
    """Return a socket bound where the settings want /metrics answered, None for nowhere.

    Raises CareerRelayError when that address cannot be had.
    """
    listen = settings.gateway_metrics_listen
    return None if listen is None else bind(listen, _SETTING, "that variable's port")


@contextlib.asynccontextmanager
async def beating(listener: SmtpListener, writer: GroupWriter) -> AsyncIterator[None]:
    """Tell the gateway's other processes how things stand here, until the block is left."""

    async def beat() -> None:
        while True:
            _tell(listener, writer)
            await asyncio.sleep(_BEAT_SECONDS)

    task = asyncio.create_task(beat(), name="beat")
    try:
        yield
    finally:
        task.cancel()


def _tell(listener: SmtpListener, writer: GroupWriter) -> None:
    seat = listener.seat
    seat.tell(Gauge.BEAT, int(time.monotonic() * 1000))
    seat.tell(Gauge.CONNECTIONS, listener.session_count)
    seat.tell(Gauge.IN_HAND, listener.mails_in_hand)
    seat.tell(Gauge.WAITING, writer.waiting)
