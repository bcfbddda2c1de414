"""/metrics for Prometheus, from the database: every web process says the same."""

import hmac
import ipaddress
from collections.abc import Iterator
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.store.gauges import Gauges, read_gauges
from gateway.web.tools import Tools

FORMAT = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Answers requests from this machine, and from whoever knows the token."""

    def __init__(self, tools: Tools, token: str | None) -> None:
        self._tools = tools
        self._token = token

    def routes(self) -> list[Route]:
        """Return the route."""
        return [Route("/metrics", self.show, methods=["GET"])]

    def show(self, request: Request) -> Response:
        """Show how the work stands; 404 for everybody else."""
        if not may_see(request, self._token):
            raise HTTPException(404)
        now = self._tools.now()
        with self._tools.read() as session:
            gauges = read_gauges(session, now)
        return PlainTextResponse("\n".join([*write_metrics(gauges, now), ""]), media_type=FORMAT)


def may_see(request: Request, token: str | None) -> bool:
    """Tell whether the request comes from this machine, or with the token where there is one."""
    if token is not None:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    # A proxy on this machine forwards for the whole world, and says so.
    is_forwarded = any(name in request.headers for name in ("x-forwarded-for", "forwarded"))
    return not is_forwarded and _is_here(request.client.host if request.client else "")


def write_metrics(gauges: Gauges, now: datetime) -> Iterator[str]:
    """Yield the lines of Prometheus's text format; only fixed words are ever in a label."""
    yield from family("mails_recent", "Mails of the last five minutes.")
    for (action, why), number in sorted(gauges.mails.items()):
        yield f'career_relay_mails_recent{{action="{action}",why="{why}"}} {number}'
    yield from family("next_hop_replies_recent", "What next hops said to them.")
    for kind in ("2", "4", "5", "none"):
        number = gauges.replies.get(kind, 0)
        yield f'career_relay_next_hop_replies_recent{{code="{kind}"}} {number}'
    yield from family("notifications", "Notifications that wait or were given up.")
    yield f'career_relay_notifications{{state="pending"}} {gauges.pending}'
    yield f'career_relay_notifications{{state="parked"}} {gauges.parked}'
    for name, help_, value in (
        ("referrals_unsettled", "Referrals whose points wait.", gauges.unsettled),
        ("referrals_failed", "Of them, those tried in vain.", gauges.failed),
        ("referrals_unknown", "Referrals without a known outcome.", gauges.unknown),
        ("holds_overdue", "Held ones whose wait is over.", gauges.holds_overdue),
        ("oldest_unsettled_seconds", "Age of the first.", _age(gauges.oldest_unsettled, now)),
        ("oldest_notification_seconds", "Age of the first.", _age(gauges.oldest_pending, now)),
        ("next_hops_failing", "Next hops that take no mail.", gauges.hops_failing),
        ("worker_leads", "1 while a worker does the periodic work.", int(bool(gauges.leader))),
    ):
        yield from family(name, help_)
        yield f"career_relay_{name} {value}"


def family(name: str, help_: str, kind: str = "gauge") -> Iterator[str]:
    """Yield what stands above the lines of one metric."""
    yield f"# HELP career_relay_{name} {help_}"
    yield f"# TYPE career_relay_{name} {kind}"


def _age(moment: datetime | None, now: datetime) -> int:
    return 0 if moment is None else max(0, int((now - moment).total_seconds()))


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
