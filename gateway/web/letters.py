"""The page on which a company's rejection letters are registered and removed."""

import contextlib

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.core.letter import LetterError
from gateway.core.letters import register_letter
from gateway.core.reader import read_text
from gateway.errors import CareerRelayError, NotFoundError
from gateway.store.company_records import get_company
from gateway.store.letters import add_letter, list_letters, remove_letter
from gateway.web.operator import ACTOR, OperatorPages, number_in


class Letters(OperatorPages):
    """Show, register and remove the letters of a company; their text is never kept."""

    def routes(self) -> list[Route]:
        """Return the routes of this page."""
        path = "/admin/companies/{company_id:int}/letters"
        return [
            self._login.get(path, self.show),
            self._login.post(path, self.add),
            self._login.post(path + "/{number:int}", self.remove),
        ]

    def show(self, request: Request) -> Response:
        """Show the letters of a company, removed ones among them."""
        return self._show(request)

    async def add(self, request: Request) -> Response:
        """Register what was pasted."""
        form = await request.form(max_files=0, max_fields=10)
        return await run_in_threadpool(self._add, request, str(form.get("text", "")))

    def _add(self, request: Request, text: str) -> Response:
        company_id = number_in(request, "company_id")
        try:
            letter = register_letter(read_text(text), self._tools.secret_key, company_id)
            with self._tools.write() as session:
                add_letter(session, company_id, letter, ACTOR, self._tools.now())
        except LetterError as error:
            return self._show(request, error.problem)
        except NotFoundError:
            raise HTTPException(404) from None
        except CareerRelayError:
            return self._show(request, "refused")
        return self._back(request, company_id, "said-letter-added")

    async def remove(self, request: Request) -> Response:
        """Forget a letter."""
        return await run_in_threadpool(self._remove, request)

    def _remove(self, request: Request) -> Response:
        company_id = number_in(request, "company_id")
        number = min(request.path_params["number"], 2**31 - 1)
        # one that is gone already is no fault: somebody else was faster
        with contextlib.suppress(NotFoundError), self._tools.write() as session:
            remove_letter(session, company_id, number, ACTOR, self._tools.now())
        return self._back(request, company_id, "said-letter-removed")

    def _show(self, request: Request, problem: str = "") -> Response:
        company_id = number_in(request, "company_id")
        try:
            with self._tools.read() as session:
                company = get_company(session, company_id).company
                letters = list_letters(session, company_id)
        except NotFoundError:
            raise HTTPException(404) from None
        values = {"company": company, "letters": letters, "problem": problem}
        return self.page(request, "letters", values, 422 if problem else 200)

    def _back(self, request: Request, company_id: int, said: str) -> Response:
        return self.done(request, f"/admin/companies/{company_id}/letters", said)
