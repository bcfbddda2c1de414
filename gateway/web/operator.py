"""What all pages behind the login share: who acts, what a page is given, numbers in addresses."""

from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.core.japan import in_japan
from gateway.errors import NotFoundError
from gateway.store.company_records import CompanyRecord, get_company
from gateway.web.answers import Answers
from gateway.web.login import Login, bound_to
from gateway.web.said_words import SAID_LABELS
from gateway.web.security import Forms
from gateway.web.tools import Tools

ACTOR: Final = "admin (web)"
"""Who did it, in a company's history and in the ledger."""

_SAID = "said"
"""Where the cookie of the session holds what the next page says, which takes it out."""

_BIGGEST_ID = 2**63 - 1
"""The largest number that databases take as an id; no row has it."""


class OperatorPages:
    """A group of pages: a subclass names its routes and shows its pages by page()."""

    def __init__(self, tools: Tools, answers: Answers, forms: Forms, login: Login) -> None:
        self._tools = tools
        self._answers = answers
        self._forms = forms
        self._login = login

    def page(
        self, request: Request, name: str, values: Mapping[str, object], status: int = 200
    ) -> Response:
        """Return page `name` of templates/web/admin, with the proof that its forms carry.

        It says once what a form did that led here.
        """
        said = request.session.pop(_SAID, "")
        shared = {
            "said": said if said in SAID_LABELS else "",
            "proof": self._forms.prove(bound_to(request)),
            "path": request.url.path,
            "at": in_japan,
        }
        return self._answers.page(request, f"admin/{name}.html", {**values, **shared}, status)

    def done(self, request: Request, path: str, said: str) -> Response:
        """Lead to the page at `path`, which says what was done: `said`, a label."""
        request.session[_SAID] = said
        return RedirectResponse(path, 303)

    def record_of(self, request: Request) -> CompanyRecord:
        """Return the company that the address names; who names none there is gets 404."""
        try:
            with self._tools.read() as session:
                return get_company(session, number_in(request, "company_id"))
        except NotFoundError:
            raise HTTPException(404) from None


def number_in(request: Request, name: str) -> int:
    """Return the number `name` of the address: an id, or larger than any."""
    return min(int(request.path_params[name]), _BIGGEST_ID)


def read_number(text: str) -> int | None:
    """Return the id that a query or a form names, None when it is none."""
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    return min(int(text), _BIGGEST_ID) if is_number else None
