"""The counters of the SMTP side, served by its own process."""

import contextlib
from collections.abc import AsyncIterator

from gateway.cli.served import bind, served
from gateway.counts import GatewayCounts, MailCounts
from gateway.settings import Settings
from gateway.smtpd import SmtpListener
from gateway.store.group_writer import GroupWriter
from gateway.web.gateway_metrics import build_metrics_app

_SETTING = "CAREER_RELAY_GATEWAY_METRICS_LISTEN"


@contextlib.asynccontextmanager
async def counted(
    settings: Settings, listener: SmtpListener, writer: GroupWriter
) -> AsyncIterator[None]:
    """Count mails until the block is left, and answer /metrics where the settings say.

    Raises CareerRelayError when that address cannot be had.
    """
    if settings.gateway_metrics_listen is None:
        yield
        return
    counts = MailCounts()

    def read() -> GatewayCounts:
        connections, in_hand = listener.session_count, listener.mails_in_hand
        return GatewayCounts(*counts.read(), connections, in_hand, writer.waiting)

    token = settings.metrics_token
    app = build_metrics_app(read, token.get_secret_value() if token is not None else None)
    bound = bind(settings.gateway_metrics_listen, _SETTING, "that variable's port")
    counts.start()
    try:
        async with served(app, bound, "metrics"):
            yield
    finally:
        counts.stop()
