"""The end of a member's reports: one click in the mail program (RFC 8058), or on this page."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.core.unsubscribe import Unsubscribe
from gateway.store import members
from gateway.store.company_records import get_company
from gateway.store.outbox import REPORTS
from gateway.web.answers import Answers
from gateway.web.tools import Tools

_ACTOR = "unsubscribe link"


class UnsubscribePage:
    """/unsubscribe/<token>: the token is the proof, as a mail program sends nothing else."""

    def __init__(self, tools: Tools, answers: Answers) -> None:
        self._tools = tools
        self._answers = answers
        self._tokens = Unsubscribe(tools.secret_key, tools.public_url)

    def routes(self) -> list[Route]:
        """Return the routes of this page."""
        path = "/unsubscribe/{token}"
        return [
            Route(path, self.ask, methods=["GET"]),
            Route(path, self.stop, methods=["POST"]),
        ]

    def ask(self, request: Request) -> Response:
        """Ask whether reports shall stop: a scanner that follows this link stops nothing."""
        return self._page(request, self._member(request), is_done=False)

    async def stop(self, request: Request) -> Response:
        """Send the member no more reports; again changes nothing."""
        return await run_in_threadpool(self._stop, request)

    def _stop(self, request: Request) -> Response:
        member_id = self._member(request)
        with self._tools.write() as session:
            members.mute(session, member_id, REPORTS, _ACTOR, self._tools.now())
        return self._page(request, member_id, is_done=True)

    def _member(self, request: Request) -> int:
        member_id = self._tokens.read(request.path_params["token"])
        if member_id is None:
            raise HTTPException(404)
        return member_id

    def _page(self, request: Request, member_id: int, *, is_done: bool) -> Response:
        with self._tools.read() as session:
            company_id = members.company_of_member(session, member_id)
            if company_id is None:
                raise HTTPException(404)
            name = get_company(session, company_id).company.name
        values = {"company": name, "is_done": is_done, "is_candidate": False}
        return self._answers.page(request, "candidate/{language}/unsubscribe.html", values)
