"""The pages behind a candidate's link. Looking at them changes nothing: only a POST does."""

import re
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.core.company import Company
from gateway.core.link import hash_token, read_token
from gateway.store.company_records import get_company
from gateway.store.corrections import is_withdrawn
from gateway.store.referrals import (
    Referral,
    find_by_token_hash,
    is_opted_out,
    opt_out,
)
from gateway.store.retention import erase_referral
from gateway.store.visits import mark_opened
from gateway.web.answers import Answers
from gateway.web.language import asked_language
from gateway.web.security import Forms
from gateway.web.tools import Tools

_AROUND = re.compile(r"[\W_]+")

Change = Callable[[Referral], None]


class Landing:
    """/r/<token>: what Career Relay is, going on, and stopping. No cookie, nobody else's server."""

    def __init__(self, tools: Tools, answers: Answers, forms: Forms) -> None:
        self._tools = tools
        self._answers = answers
        self._forms = forms

    def routes(self) -> list[Route]:
        """Return the routes of these pages."""
        return [
            Route("/r/{token}", self.show, methods=["GET"]),
            Route("/r/{token}/", self.show, methods=["GET"]),
            Route("/r/{token}/go", self.back, methods=["GET"]),
            Route("/r/{token}/go", self.go_on, methods=["POST"]),
            Route("/r/{token}/stop", self.ask_stop, methods=["GET"]),
            Route("/r/{token}/stop", self.stop, methods=["POST"]),
            Route("/r/{token}/erase", self.ask_erase, methods=["GET"]),
            Route("/r/{token}/erase", self.erase, methods=["POST"]),
            Route("/r/{token}/next", self.show_next, methods=["GET"]),
            Route("/r/{token}/stopped", self.show_stopped, methods=["GET"]),
            Route("/r/{token}/erased", self.show_erased, methods=["GET"]),
        ]

    def show(self, request: Request) -> Response:
        """Say who offers what, that it is voluntary, and that nothing was passed on.

        Mail programs take what stands behind a link for a part of it; that leads to the link.
        """
        given = request.path_params["token"]
        meant = _AROUND.sub("", given)
        if meant != given and read_token(meant) is not None:
            return RedirectResponse(f"/r/{meant}", 303)
        return self._show(request, "landing")

    def ask_stop(self, request: Request) -> Response:
        """Ask whether notices shall stop: a scanner that follows this link stops nothing."""
        return self._show(request, "stop")

    def ask_erase(self, request: Request) -> Response:
        """Say what is kept, and ask whether to forget it."""
        return self._show(request, "erase")

    def show_next(self, request: Request) -> Response:
        """Say what joining will mean."""
        return self._show(request, "next")

    def show_stopped(self, request: Request) -> Response:
        """Say that notices have stopped, to somebody who asked for it."""
        return self._show(request, "stopped")

    def show_erased(self, request: Request) -> Response:
        """Say that what was kept is erased, if it is."""
        return self._show(request, "erased")

    def back(self, request: Request) -> Response:
        """Lead who asks for the form's own address to the page of the form: only a POST goes on."""
        return RedirectResponse(f"../{request.path_params['token']}{_spoken(request)}", 303)

    async def go_on(self, request: Request) -> Response:
        """Note that a person went on."""

        def change(referral: Referral) -> None:
            with self._tools.write() as session:
                mark_opened(session, referral.id, self._tools.now())

        return await self._change(request, "next", change)

    async def stop(self, request: Request) -> Response:
        """Stop notices to this candidate, from every company; again changes nothing."""

        def change(referral: Referral) -> None:
            with self._tools.write() as session:
                if referral.masked:  # an erased person has nothing left to remember the wish by
                    opt_out(session, referral.candidate_hash, self._tools.now())

        return await self._change(request, "stopped", change)

    async def erase(self, request: Request) -> Response:
        """Forget this person, at every company; again changes nothing."""

        def change(referral: Referral) -> None:
            with self._tools.write() as session:
                erase_referral(session, referral.id)

        return await self._change(request, "erased", change)

    async def _change(self, request: Request, page: str, change: Change) -> Response:
        if not await self._forms.accepts(request, _bound_to(request)):
            return self._answers.problem(request, 403)
        return await run_in_threadpool(self._carry_out, request, page, change)

    def _carry_out(self, request: Request, page: str, change: Change) -> Response:
        """Lead to a page of its own, so that "back" and "reload" send nothing again."""
        found = self._find(request)
        if found is None:
            return self._answers.problem(request, 404)
        change(found[0])
        place = f"/r/{request.path_params['token']}/{page}{_spoken(request)}"
        return RedirectResponse(place, 303)

    def _show(self, request: Request, page: str) -> Response:
        found = self._find(request)
        if found is None:
            return self._answers.problem(request, 404)
        _, company, facts = found
        if page == "stopped" and (facts["is_erased"] or not facts["has_stopped"]):
            page = "stop"  # of an erased person nothing could be remembered: it says so
        if page == "erased" and not facts["is_erased"]:
            page = "erase"
        return self._answers.page(
            request,
            f"candidate/{{language}}/{page}.html",
            {
                "company": company.name,
                "contact": company.contact,
                **facts,
                "base": f"/r/{request.path_params['token']}",
                "proof": self._forms.prove(_bound_to(request)),
            },
        )

    def _find(self, request: Request) -> tuple[Referral, Company, dict[str, bool]] | None:
        token = read_token(request.path_params["token"])
        if token is None:
            return None
        with self._tools.read() as session:
            referral = find_by_token_hash(session, hash_token(token))
            if referral is None:
                return None
            company = get_company(session, referral.company_id).company
            facts = {
                "has_stopped": is_opted_out(session, referral.candidate_hash),
                "is_withdrawn": is_withdrawn(session, referral.id),
                "is_erased": not referral.masked,
            }
            return referral, company, facts


def _spoken(request: Request) -> str:
    language = asked_language(request)
    return f"?lang={language}" if language else ""


def _bound_to(request: Request) -> str:
    return f"r {request.path_params['token']}"
