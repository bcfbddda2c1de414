"""The page on which a company's members are added, make their choices, and are removed."""

from collections.abc import Mapping

from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.core.company import Language
from gateway.store import members
from gateway.store.companies import set_contact
from gateway.store.outbox import REPORTS, Event
from gateway.web.company_forms import CompanyForms
from gateway.web.operator import ACTOR, number_in


class Members(CompanyForms):
    """Who of a company is told by mail, in which language, and of what."""

    place = "members"

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

    async def add(self, request: Request) -> Response:
        """Add one more person to be told."""

        def act(session: Session, company_id: int, form: FormData) -> str:
            address, now = str(form.get("address", "")), self._tools.now()
            members.add_member(session, company_id, address, _language(form), ACTOR, now)
            return ""

        return await self._do(request, act, "said-member-added")

    async def change_contact(self, request: Request) -> Response:
        """Name another address to candidates."""

        def act(session: Session, company_id: int, form: FormData) -> str:
            contact = str(form.get("address", ""))
            set_contact(session, company_id, contact, ACTOR, self._tools.now())
            return ""

        return await self._do(request, act, "said-contact")

    async def change(self, request: Request) -> Response:
        """Change a member's choices."""
        number = str(number_in(request, "number"))

        def act(session: Session, company_id: int, form: FormData) -> str:
            member, now = members.find_member(session, company_id, number), self._tools.now()
            members.set_muted(session, member, _muted(form), ACTOR, now)
            members.set_language(session, member, _language(form), ACTOR, now)
            return ""

        return await self._do(request, act, "said-member-changed")

    async def remove(self, request: Request) -> Response:
        """Remove a member, who is told nothing more."""
        number = str(number_in(request, "number"))

        def act(session: Session, company_id: int, _form: FormData) -> str:
            member = members.find_member(session, company_id, number)
            members.remove_member(session, member, ACTOR, self._tools.now())
            return ""

        return await self._do(request, act, "said-member-removed")

    def values(self, session: Session, company_id: int) -> Mapping[str, object]:
        """Return the members and what they may choose."""
        return {
            "members": members.list_members(session, company_id),
            "events": [event for event in Event if event not in REPORTS],
            "digests": list(members.DIGESTS),
        }


def _language(form: FormData) -> Language:
    return Language.EN if form.get("language") == Language.EN.value else Language.JA


def _muted(form: FormData) -> frozenset[Event]:
    """Return what the form leaves out: every event that is not ticked, and reports."""
    ticked = {str(each) for each in form.getlist("event")}
    digest = members.DIGESTS.get(str(form.get("digest", "")))
    if digest is None:
        raise HTTPException(400)
    return digest | {event for event in Event if event not in REPORTS and event not in ticked}
