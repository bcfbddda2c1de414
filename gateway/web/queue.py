"""The operator's page about what waits and what failed: rows of the database, nothing else."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.store import outbox, referrals
from gateway.store.company_rows import company_names
from gateway.store.gauges import read_gauges
from gateway.store.outbox import NotificationState
from gateway.web.operator import OperatorPages, number_in

_SHOWN = 100


class Queue(OperatorPages):
    """What waits, what failed and since when; try again, send again, give up."""

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
                "names": company_names(session),
                "stuck": referrals.stuck(session, _SHOWN),
                "waiting": outbox.unsent(session, NotificationState.PENDING, _SHOWN),
                "parked": outbox.unsent(session, NotificationState.PARKED, _SHOWN),
            }
        return self.page(request, "queue", values)

    def history(self, request: Request) -> Response:
        """Show what a company was told lately."""
        company_id = number_in(request, "company_id")
        with self._tools.read() as session:
            names = company_names(session)
            rows = outbox.list_notifications(session, company_id, _SHOWN)
        if company_id not in names:
            raise HTTPException(404)
        values = {"rows": rows, "names": names, "company_id": company_id}
        return self.page(request, "notifications", {**values, "company": names[company_id]})

    async def retry(self, request: Request) -> Response:
        """Have every referral that failed tried by the next sweep."""

        def change() -> None:
            with self._tools.write() as session:
                referrals.try_again(session)

        await run_in_threadpool(change)
        return self.done(request, "/admin/queue", "said-retried")

    async def resend(self, request: Request) -> Response:
        """Have a notification sent again, with the id that it had."""
        return await run_in_threadpool(self._change, request, is_resend=True)

    async def park(self, request: Request) -> Response:
        """Give a notification up."""
        return await run_in_threadpool(self._change, request, is_resend=False)

    def _change(self, request: Request, *, is_resend: bool) -> Response:
        id_ = number_in(request, "id")
        with self._tools.write() as session:
            done = (
                outbox.resend(session, id_, self._tools.now())
                if is_resend
                else outbox.park(session, id_)
            )
        if not done:
            raise HTTPException(404)
        return self.done(request, "/admin/queue", "said-resent" if is_resend else "said-parked")
