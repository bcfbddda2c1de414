"""The operator's page that takes a referral back."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.errors import NotFoundError
from gateway.store.corrections import is_withdrawn, void
from gateway.store.referrals import Referral, get_referral
from gateway.web.answers import Answers
from gateway.web.login import Login, bound_to
from gateway.web.security import Forms
from gateway.web.tools import Tools

_ACTOR = "admin (web)"
_BIGGEST_ID = 2**63 - 1


class Corrections:
    """Ask for a reason, then void."""

    def __init__(self, tools: Tools, answers: Answers, forms: Forms, login: Login) -> None:
        self._tools = tools
        self._answers = answers
        self._forms = forms
        self._login = login

    def routes(self) -> list[Route]:
        """Return the routes of these pages."""
        path = "/admin/referrals/{referral_id:int}/void"
        return [self._login.get(path, self.ask), self._login.post(path, self.void)]

    def ask(self, request: Request) -> Response:
        """Say what taking a referral back means, and ask why."""
        referral, withdrawn = self._find(request)
        return self._answers.page(
            request,
            "admin/void.html",
            {
                "referral": referral,
                "is_withdrawn": withdrawn,
                "proof": self._forms.prove(bound_to(request)),
                "path": request.url.path,
            },
        )

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
            void(session, referral.id, reason, _ACTOR, self._tools.now())
        return RedirectResponse(f"/admin/referrals/{referral.id}", 303)

    def _find(self, request: Request) -> tuple[Referral, bool]:
        referral_id = min(request.path_params["referral_id"], _BIGGEST_ID)
        try:
            with self._tools.read() as session:
                return get_referral(session, referral_id), is_withdrawn(session, referral_id)
        except NotFoundError:
            raise HTTPException(404) from None
