"""What an operator does with a company's webhooks: add, choose events, new secret, remove."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.core.hook_address import read_hook_url
from gateway.hook_setup import add_hook, filter_hook, remove_hook, rotate_hook, tell_secret
from gateway.store import webhooks
from gateway.store.ledger import lock_company
from gateway.store.outbox import Event
from gateway.store.webhooks import Endpoint
from gateway.web.answers import Answers
from gateway.web.company_forms import CompanyForms
from gateway.web.login import Login
from gateway.web.operator import ACTOR, number_in, read_number
from gateway.web.security import Forms
from gateway.web.tools import Tools

_BOTH_FOR = timedelta(hours=24)
_MOST_URL = 2000


class WebhookPages(CompanyForms):
    """The page of a company's webhooks.

    A form that shows a secret has no page of its own to lead to, so a reload sends it again. Its
    field `seen` says what there was when it was made: sent again it shows the same secret.
    """

    place = "webhooks"

    def __init__(
        self, tools: Tools, answers: Answers, forms: Forms, login: Login, *, allow_http: bool
    ) -> None:
        super().__init__(tools, answers, forms, login)
        self._allow_http = allow_http

    def routes(self) -> list[Route]:
        """Return the routes of this page."""
        path, post = "/admin/companies/{company_id:int}/webhooks", self._login.post
        return [
            self._login.get(path, self.show),
            post(path, self.add),
            post(f"{path}/{{number:int}}", self.filter),
            post(f"{path}/{{number:int}}/rotate", self.rotate),
            post(f"{path}/{{number:int}}/enable", self.enable),
            post(f"{path}/{{number:int}}/remove", self.remove),
        ]

    async def add(self, request: Request) -> Response:
        """Add one; its secret is shown now and never again."""

        def act(session: Session, company_id: int, form: FormData) -> str:
            url = str(form.get("url", "")).strip()
            if len(url) > _MOST_URL:
                raise ValueError("too long")
            read_hook_url(url, allow_http=self._allow_http)
            key, now = self._tools.secret_key, self._tools.now()
            lock_company(session, company_id)
            newest = read_number(str(form.get("seen", "")))
            for made in webhooks.list_endpoints(session, company_id):
                if newest is not None and made.id > newest and made.url == url:
                    return tell_secret(key, made)
            return add_hook(session, key, company_id, url, _chosen(form), ACTOR, now)[1]

        return await self._do(request, act)

    async def filter(self, request: Request) -> Response:
        """Tell it of the ticked events alone, or of everything."""
        number = number_in(request, "number")

        def act(session: Session, company_id: int, form: FormData) -> str:
            endpoint = webhooks.find_endpoint(session, company_id, number)
            filter_hook(session, endpoint, _chosen(form), ACTOR, self._tools.now())
            return ""

        return await self._do(request, act, "said-webhook-changed")

    async def rotate(self, request: Request) -> Response:
        """Give it a new secret, shown now; the old one signs for a day more."""
        number = number_in(request, "number")

        def act(session: Session, company_id: int, form: FormData) -> str:
            lock_company(session, company_id)
            endpoint = webhooks.find_endpoint(session, company_id, number)
            key, now = self._tools.secret_key, self._tools.now()
            if form.get("seen", _mark(endpoint.secret_sealed)) == _mark(endpoint.old_secret_sealed):
                return tell_secret(key, endpoint)  # else the old one would be lost at once
            return rotate_hook(session, key, endpoint, _BOTH_FOR, ACTOR, now)

        return await self._do(request, act)

    async def enable(self, request: Request) -> Response:
        """Call one again that was disabled by its answer 410."""
        number = number_in(request, "number")

        def act(session: Session, company_id: int, _form: FormData) -> str:
            endpoint = webhooks.find_endpoint(session, company_id, number)
            webhooks.enable(session, endpoint, ACTOR, self._tools.now())
            return ""

        return await self._do(request, act, "said-webhook-enabled")

    async def remove(self, request: Request) -> Response:
        """Tell it nothing more."""
        number = number_in(request, "number")

        def act(session: Session, company_id: int, _form: FormData) -> str:
            endpoint = webhooks.find_endpoint(session, company_id, number)
            remove_hook(session, endpoint, ACTOR, self._tools.now())
            return ""

        return await self._do(request, act, "said-webhook-removed")

    def values(self, session: Session, company_id: int) -> Mapping[str, object]:
        """Return the webhooks and of what they may be told."""
        return {
            "endpoints": webhooks.list_endpoints(session, company_id),
            "events": [event for event in Event if event is not Event.TEST],
            "mark_of": _mark_of,
        }


def _mark_of(endpoint: Endpoint) -> str:
    return _mark(endpoint.secret_sealed)


def _mark(sealed: str | None) -> str:
    """Return what tells one secret from another, and nothing of it."""
    return hashlib.sha256((sealed or "").encode()).hexdigest()[:16]


def _chosen(form: FormData) -> frozenset[Event] | None:
    """Return the ticked events; None when everything is wanted."""
    if form.get("scope") != "some":
        return None
    ticked = {str(each) for each in form.getlist("event")}
    return frozenset(event for event in Event if event in ticked)
