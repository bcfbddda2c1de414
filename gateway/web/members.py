"""The page on which a company's members are added, make their choices, and are removed."""

from collections.abc import Callable

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.core.company import Language
from gateway.errors import CareerRelayError, NotFoundError
from gateway.store import members
from gateway.store.companies import set_contact
from gateway.store.company_records import get_company
from gateway.store.outbox import REPORTS, Event
from gateway.web.operator import ACTOR, OperatorPages, number_in

Act = Callable[[Session, int, FormData], None]


class Members(OperatorPages):
    """Who of a company is told by mail, in which language, and of what."""

    def routes(self) -> list[Route]:
        """Return the routes of this page."""
        path = "/admin/companies/{company_id:int}"
        post = self._login.post
        return [
            self._login.get(f"{path}/members", self.show),
            post(f"{path}/members", self.add),
            post(f"{path}/contact", self.change_contact),
            post(f"{path}/members/{{number:int}}", self.change),
            post(f"{path}/members/{{number:int}}/remove", self.remove),
        ]

    def show(self, request: Request) -> Response:
        """Show the members and their choices."""
        return self._show(request)

    async def add(self, request: Request) -> Response:
        """Tell one more person."""

        def act(session: Session, company_id: int, form: FormData) -> None:
            address, now = str(form.get("address", "")), self._tools.now()
            members.add_member(session, company_id, address, _language(form), ACTOR, now)

        return await self._do(request, act)

    async def change_contact(self, request: Request) -> Response:
        """Name another address to candidates."""

        def act(session: Session, company_id: int, form: FormData) -> None:
            contact = str(form.get("address", ""))
            set_contact(session, company_id, contact, ACTOR, self._tools.now())

        return await self._do(request, act)

    async def change(self, request: Request) -> Response:
        """Change a member's choices."""
        number = str(number_in(request, "number"))

        def act(session: Session, company_id: int, form: FormData) -> None:
            member, now = members.find_member(session, company_id, number), self._tools.now()
            members.set_muted(session, member, _muted(form), ACTOR, now)
            members.set_language(session, member, _language(form), ACTOR, now)

        return await self._do(request, act)

    async def remove(self, request: Request) -> Response:
        """Tell a member nothing more."""
        number = str(number_in(request, "number"))

        def act(session: Session, company_id: int, _form: FormData) -> None:
            member = members.find_member(session, company_id, number)
            members.remove_member(session, member, ACTOR, self._tools.now())

        return await self._do(request, act)

    async def _do(self, request: Request, act: Act) -> Response:
        form = await request.form(max_files=0, max_fields=60)
        return await run_in_threadpool(self._write, request, act, form)

    def _write(self, request: Request, act: Act, form: FormData) -> Response:
        company_id = number_in(request, "company_id")
        try:
            with self._tools.write() as session:
                act(session, get_company(session, company_id).company.id, form)
        except NotFoundError:
            raise HTTPException(404) from None
        except CareerRelayError:
            return self._show(request, is_refused=True)
        return RedirectResponse(f"/admin/companies/{company_id}/members", 303)

    def _show(self, request: Request, *, is_refused: bool = False) -> Response:
        company_id = number_in(request, "company_id")
        try:
            with self._tools.read() as session:
                company = get_company(session, company_id).company
                found = members.list_members(session, company_id)
        except NotFoundError:
            raise HTTPException(404) from None
        values = {
            "company": company,
            "members": found,
            "events": [event for event in Event if event not in REPORTS],
            "digests": list(members.DIGESTS),
            "is_refused": is_refused,
        }
        return self.page(request, "members", values, 422 if is_refused else 200)


def _language(form: FormData) -> Language:
    return Language.EN if form.get("language") == Language.EN.value else Language.JA


def _muted(form: FormData) -> frozenset[Event]:
    """Return what the form leaves out: every event that is not ticked, and reports."""
    ticked = {str(each) for each in form.getlist("event")}
    digest = members.DIGESTS.get(str(form.get("digest", "")))
    if digest is None:
        raise HTTPException(400)
    return digest | {event for event in Event if event not in REPORTS and event not in ticked}
