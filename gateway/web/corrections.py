"""The operator's page that takes a referral back."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.errors import NotFoundError
from gateway.store.corrections import is_withdrawn, void
from gateway.store.referrals import Referral, get_referral
from gateway.web.operator import ACTOR, OperatorPages, number_in


class Corrections(OperatorPages):
    """Ask for a reason, then void."""

    def routes(self) -> list[Route]:
        """Return the routes of these pages."""
        path = "/admin/referrals/{referral_id:int}/void"
        return [self._login.get(path, self.ask), self._login.post(path, self.void)]

    def ask(self, request: Request) -> Response:
        """Say what taking a referral back means, and ask why."""
        referral, withdrawn = self._find(request)
        return self.page(request, "void", {"referral": referral, "is_withdrawn": withdrawn})

    async def void(self, request: Request) -> Response:
        """Take the referral back; doing it again changes nothing."""
        form = await request.form(max_files=0, max_fields=20)
        reason = str(form.get("reason", "")).strip()
        if not reason:
            raise HTTPException(400)
        return await run_in_threadpool(self._void, request, reason)

    def _void(self, request: Request, reason: str) -> Response:
        referral, _ = self._find(request)
        with self._tools.write() as session:
            void(session, referral.id, reason, ACTOR, self._tools.now())
        return self.done(request, f"/admin/referrals/{referral.id}", "said-voided")

    def _find(self, request: Request) -> tuple[Referral, bool]:
        referral_id = number_in(request, "referral_id")
        try:
            with self._tools.read() as session:
                return get_referral(session, referral_id), is_withdrawn(session, referral_id)
        except NotFoundError:
            raise HTTPException(404) from None
