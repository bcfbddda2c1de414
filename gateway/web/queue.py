"""The operator's page about what waits and what failed: rows of the database, nothing else."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.store import outbox, referrals, webhooks
from gateway.store.company_records import load_companies
from gateway.store.gauges import read_gauges
from gateway.store.outbox import NotificationState
from gateway.web.admin import in_japan
from gateway.web.answers import Answers
from gateway.web.login import Login, bound_to
from gateway.web.security import Forms
from gateway.web.tools import Tools

_SHOWN = 100
_BIGGEST_ID = 2**63 - 1


class Queue:
    """What waits, what failed and since when; try again, send again, give up."""

    def __init__(self, tools: Tools, answers: Answers, forms: Forms, login: Login) -> None:
        self._tools = tools
        self._answers = answers
        self._forms = forms
        self._login = login

    def routes(self) -> list[Route]:
        """Return the routes of these pages."""
        get, post = self._login.get, self._login.post
        return [
            get("/admin/queue", self.show),
            post("/admin/queue/retry", self.retry),
            get("/admin/companies/{company_id:int}/notifications", self.history),
            post("/admin/notifications/{id:int}/resend", self.resend),
            post("/admin/notifications/{id:int}/park", self.park),
        ]

    def show(self, request: Request) -> Response:
        """Show what waits and what failed."""
        with self._tools.read() as session:
            values = {
                "gauges": read_gauges(session, self._tools.now()),
                "names": {r.company.id: r.company.name for r in load_companies(session)},
                "stuck": referrals.stuck(session, _SHOWN),
                "waiting": outbox.unsent(session, NotificationState.PENDING, _SHOWN),
                "parked": outbox.unsent(session, NotificationState.PARKED, _SHOWN),
            }
        return self._page(request, "queue", **values)

    def history(self, request: Request) -> Response:
        """Show what a company was told lately, and its webhooks."""
        company_id = min(request.path_params["company_id"], _BIGGEST_ID)
        with self._tools.read() as session:
            names = {r.company.id: r.company.name for r in load_companies(session)}
            rows = outbox.list_notifications(session, company_id, _SHOWN)
            endpoints = webhooks.list_endpoints(session, company_id)
        if company_id not in names:
            raise HTTPException(404)
        company = names[company_id]
        return self._page(
            request, "notifications", rows=rows, names=names, company=company, endpoints=endpoints
        )

    async def retry(self, _request: Request) -> Response:
        """Have every referral that failed tried by the next sweep."""

        def change() -> None:
            with self._tools.write() as session:
                referrals.try_again(session)

        await run_in_threadpool(change)
        return RedirectResponse("/admin/queue", 303)

    async def resend(self, request: Request) -> Response:
        """Have a notification sent again, with the id that it had."""
        return await run_in_threadpool(self._change, request, is_resend=True)

    async def park(self, request: Request) -> Response:
        """Give a notification up."""
        return await run_in_threadpool(self._change, request, is_resend=False)

    def _change(self, request: Request, *, is_resend: bool) -> Response:
        id_ = min(request.path_params["id"], _BIGGEST_ID)
        with self._tools.write() as session:
            done = (
                outbox.resend(session, id_, self._tools.now())
                if is_resend
                else outbox.park(session, id_)
            )
        if not done:
            raise HTTPException(404)
        return RedirectResponse("/admin/queue", 303)

    def _page(self, request: Request, name: str, **values: object) -> Response:
        return self._answers.page(
            request,
            f"admin/{name}.html",
            {
                **values,
                "proof": self._forms.prove(bound_to(request)),
                "path": request.url.path,
                "at": in_japan,
            },
        )
