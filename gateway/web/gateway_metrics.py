"""/metrics of the gateway's own processes: counters since the start, on an address of their own."""

from collections.abc import Callable, Iterator

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.counts import GatewayCounts
from gateway.web.metrics import FORMAT, family, may_see


def build_metrics_app(read: Callable[[], GatewayCounts], token: str | None) -> Starlette:
    """Return the application that answers /metrics to this machine, or to whoever has `token`."""

    def show(request: Request) -> Response:
        if not may_see(request, token):
            raise HTTPException(404)
        return PlainTextResponse("\n".join([*write_counts(read()), ""]), media_type=FORMAT)

    return Starlette(routes=[Route("/metrics", show, methods=["GET"])])


def write_counts(counts: GatewayCounts) -> Iterator[str]:
    """Yield the lines of Prometheus's text format; only fixed words are ever in a label."""
    yield from family("gateway_mails_total", "Mails since the start.", "counter")
    for (action, why), number in sorted(counts.mails.items()):
        yield f'career_relay_gateway_mails_total{{action="{action}",why="{why}"}} {number}'
    yield from family("gateway_replies_total", "What was answered to them.", "counter")
    for kind in ("2", "4", "5", "none"):
        number = counts.replies.get(kind, 0)
        yield f'career_relay_gateway_replies_total{{code="{kind}"}} {number}'
    for name, help_, value in (
        ("gateway_processes", "Processes that take connections.", counts.processes),
        ("gateway_connections", "Clients that are connected.", counts.connections),
        ("gateway_mails_in_hand", "Mails on their way to a next hop.", counts.in_hand),
        ("gateway_rows_waiting", "Rows that wait for a group writer.", counts.waiting),
    ):
        yield from family(name, help_)
        yield f"career_relay_{name} {value}"
