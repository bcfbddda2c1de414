"""The page on which a company's rejection letters are registered and removed."""

import contextlib

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.core.letter import LetterError
from gateway.core.letters import register_letter
from gateway.core.reader import read_text
from gateway.errors import CareerRelayError, NotFoundError
from gateway.store.company_records import get_company
from gateway.store.letters import add_letter, list_letters, remove_letter
from gateway.web.admin import in_japan
from gateway.web.answers import Answers
from gateway.web.login import Login, bound_to
from gateway.web.security import Forms
from gateway.web.tools import Tools

_ACTOR = "admin (web)"
_BIGGEST_ID = 2**63 - 1


class Letters:
    """Show, register and remove the letters of a company; their text is never kept."""

    def __init__(self, tools: Tools, answers: Answers, forms: Forms, login: Login) -> None:
        self._tools = tools
        self._answers = answers
        self._forms = forms
        self._login = login

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
        return self._page(request)

    async def add(self, request: Request) -> Response:
        """Register what was pasted."""
        form = await request.form(max_files=0, max_fields=10)
        return await run_in_threadpool(self._add, request, str(form.get("text", "")))

    def _add(self, request: Request, text: str) -> Response:
        company_id = _company_id(request)
        try:
            letter = register_letter(read_text(text), self._tools.secret_key, company_id)
            with self._tools.write() as session:
                add_letter(session, company_id, letter, _ACTOR, self._tools.now())
        except LetterError as error:
            return self._page(request, error.problem)
        except NotFoundError:
            raise HTTPException(404) from None
        except CareerRelayError:
            return self._page(request, "refused")
        return _back(company_id)

    async def remove(self, request: Request) -> Response:
        """Forget a letter."""
        return await run_in_threadpool(self._remove, request)

    def _remove(self, request: Request) -> Response:
        company_id = _company_id(request)
        number = min(request.path_params["number"], 2**31 - 1)
        # one that is gone already is no fault: somebody else was faster
        with contextlib.suppress(NotFoundError), self._tools.write() as session:
            remove_letter(session, company_id, number, _ACTOR, self._tools.now())
        return _back(company_id)

    def _page(self, request: Request, problem: str = "") -> Response:
        company_id = _company_id(request)
        try:
            with self._tools.read() as session:
                company = get_company(session, company_id).company
                letters = list_letters(session, company_id)
        except NotFoundError:
            raise HTTPException(404) from None
        values = {
            "company": company,
            "letters": letters,
            "problem": problem,
            "path": request.url.path,
            "proof": self._forms.prove(bound_to(request)),
            "at": in_japan,
        }
        return self._answers.page(request, "admin/letters.html", values, 422 if problem else 200)


def _company_id(request: Request) -> int:
    return min(int(request.path_params["company_id"]), _BIGGEST_ID)


def _back(company_id: int) -> Response:
    return RedirectResponse(f"/admin/companies/{company_id}/letters", 303)
