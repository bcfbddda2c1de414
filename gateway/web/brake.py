"""The page on which a person looks at what a company's brake holds, and lets it go or not."""

from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.core.why import Why
from gateway.errors import NotFoundError
from gateway.store.brakes import Brake, HeldState, find_brake, let_go
from gateway.store.company_records import get_company
from gateway.store.mails import list_mails
from gateway.web.operator import ACTOR, OperatorPages, number_in

_SHOWN = 100
_CLOCKS_DIFFER = timedelta(minutes=1)
_WISHES = {"release": HeldState.RELEASED, "refuse": HeldState.REFUSED}


class BrakePage(OperatorPages):
    """Show what a company's brake holds; release or refuse it, with a reason."""

    def routes(self) -> list[Route]:
        """Return the routes of this page."""
        path = "/admin/companies/{company_id:int}/brake"
        return [self._login.get(path, self.show), self._login.post(path, self.decide)]

    def show(self, request: Request) -> Response:
        """Show the brake and the mails that it stopped."""
        return self._show(request)

    async def decide(self, request: Request) -> Response:
        """Release or refuse what is held, as the pressed button says."""
        form = await request.form(max_files=0, max_fields=10)
        verdict = _WISHES.get(str(form.get("do", "")))
        if verdict is None:
            raise HTTPException(400)
        reason = str(form.get("reason", "")).strip()
        seen = str(form.get("since", ""))
        return await run_in_threadpool(self._decide, request, verdict, reason, seen)

    def _decide(self, request: Request, verdict: HeldState, reason: str, seen: str) -> Response:
        """Do what was chosen, if the brake is still the one shown and not pulled anew since."""
        company_id = number_in(request, "company_id")
        if not reason:
            return self._show(request, is_wrong=True)
        said = "said-brake-changed"
        with self._tools.write() as session:
            if _since(find_brake(session, company_id)) == seen:
                let_go(session, company_id, verdict, ACTOR, self._tools.now(), reason)
                said = f"said-{verdict}"
        return self.done(request, f"/admin/companies/{company_id}/brake", said)

    def _show(self, request: Request, *, is_wrong: bool = False) -> Response:
        company_id = number_in(request, "company_id")
        try:
            with self._tools.read() as session:
                company = get_company(session, company_id).company
                brake = find_brake(session, company_id)
                since = brake.pulled_at and brake.pulled_at - _CLOCKS_DIFFER
                held = (
                    list_mails(
                        session, limit=_SHOWN, company_id=company_id, why=Why.BRAKED, since=since
                    )
                    if since
                    else ()
                )
        except NotFoundError:
            raise HTTPException(404) from None
        values = {
            "company": company,
            "brake": brake,
            "since": _since(brake),
            "mails": held,
            "is_wrong": is_wrong,
        }
        return self.page(request, "brake", values, 422 if is_wrong else 200)


def _since(brake: Brake) -> str:
    return brake.pulled_at.isoformat() if brake.pulled_at else ""
