"""The end of a company's reports: one click in the mail program (RFC 8058), or on this page."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.core.unsubscribe import Unsubscribe
from gateway.errors import NotFoundError
from gateway.store.company_records import get_company
from gateway.store.outbox import REPORTS
from gateway.store.webhooks import mute
from gateway.web.answers import Answers
from gateway.web.tools import Tools


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
        """Ask whether reports shall stop: who follows every link stops nothing."""
        return self._page(request, self._company(request), is_done=False)

    async def stop(self, request: Request) -> Response:
        """Send the company no more reports; again changes nothing."""
        return await run_in_threadpool(self._stop, request)

    def _stop(self, request: Request) -> Response:
        company_id = self._company(request)
        with self._tools.write() as session:
            for event in REPORTS:
                mute(session, company_id, event)
        return self._page(request, company_id, is_done=True)

    def _company(self, request: Request) -> int:
        company_id = self._tokens.read(request.path_params["token"])
        if company_id is None:
            raise HTTPException(404)
        return company_id

    def _page(self, request: Request, company_id: int, *, is_done: bool) -> Response:
        try:
            with self._tools.read() as session:
                name = get_company(session, company_id).company.name
        except NotFoundError:
            raise HTTPException(404) from None
        values = {"company": name, "is_done": is_done, "is_candidate": False}
        return self._answers.page(request, "candidate/{language}/unsubscribe.html", values)
