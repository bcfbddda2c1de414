"""What the pages share on which forms change something of one company."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.errors import CareerRelayError, NotFoundError
from gateway.store.company_records import get_company
from gateway.web.operator import OperatorPages, number_in

Act = Callable[[Session, int, FormData], str]
"""What changes, by the company's id; returns the secret that is shown once, "" for none.

Raises NotFoundError for what is not the company's, CareerRelayError or ValueError to refuse.
"""


class CompanyForms(OperatorPages):
    """A page of one company: whatever a form did, or did not, it is shown again.

    place  the name of the page, in its address and of its template
    """

    place: ClassVar[str]

    def values(self, session: Session, company_id: int) -> Mapping[str, object]:
        """Return what the template needs besides company, secret, is_refused and typed."""
        raise NotImplementedError

    def show(self, request: Request) -> Response:
        """Show the page as it stands."""
        return self._show(request)

    async def _do(self, request: Request, act: Act, said: str = "") -> Response:
        """Do it; the page says `said`, a label, unless it shows a secret or what is wrong."""
        form = await request.form(max_files=0, max_fields=60)
        return await run_in_threadpool(self._write, request, act, form, said)

    def _write(self, request: Request, act: Act, form: FormData, said: str) -> Response:
        company_id = number_in(request, "company_id")
        try:
            with self._tools.write() as session:
                secret = act(session, get_company(session, company_id).company.id, form)
        except NotFoundError:
            raise HTTPException(404) from None
        except (CareerRelayError, ValueError):
            return self._show(request, refused=form)
        if secret:
            return self._show(request, secret)
        return self.done(request, f"/admin/companies/{company_id}/{self.place}", said)

    def _show(
        self, request: Request, secret: str = "", *, refused: FormData | None = None
    ) -> Response:
        company_id = number_in(request, "company_id")
        try:
            with self._tools.read() as session:
                company = get_company(session, company_id).company
                values = self.values(session, company_id)
        except NotFoundError:
            raise HTTPException(404) from None
        is_refused, typed = refused is not None, refused or FormData()
        said = {"company": company, "secret": secret, "is_refused": is_refused, "typed": typed}
        return self.page(request, self.place, {**values, **said}, 422 if is_refused else 200)
