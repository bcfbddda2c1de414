"""The page on who sends a company's rejection mails, and what follows from discourteous ones."""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.core.company import ALL_SENDERS
from gateway.core.findings import Finding, Reaction, evidence_of
from gateway.core.sender import HEADER_RULE, header_rule
from gateway.errors import CareerRelayError, NotFoundError
from gateway.store.companies import set_senders
from gateway.store.company_records import get_company
from gateway.store.courtesy import set_reactions
from gateway.web.operator import ACTOR, OperatorPages, number_in


class Recruiting(OperatorPages):
    """Show and set the recruiting senders of a company, and its reactions to findings."""

    def routes(self) -> list[Route]:
        """Return the routes of this page."""
        path = "/admin/companies/{company_id:int}/recruiting"
        return [
            self._login.get(path, self.show),
            self._login.post(path + "/senders", self.name_senders),
            self._login.post(path + "/courtesy", self.react),
        ]

    def show(self, request: Request) -> Response:
        """Show what holds."""
        return self._show(request)

    async def name_senders(self, request: Request) -> Response:
        """Let those who are named send the company's rejection mails, and nobody else."""
        form = await request.form(max_files=0, max_fields=10)
        return await run_in_threadpool(self._name_senders, request, form)

    def _name_senders(self, request: Request, form: FormData) -> Response:
        company_id, text = number_in(request, "company_id"), str(form.get("senders", ""))
        try:
            named = read_senders(text, everybody="everybody" in form)
            with self._tools.write() as session:
                set_senders(session, company_id, named, ACTOR, self._tools.now())
        except NotFoundError:
            raise HTTPException(404) from None
        except (CareerRelayError, ValueError):
            return self._show(request, text)
        return self._back(request, company_id, "said-senders")

    async def react(self, request: Request) -> Response:
        """Set what follows from each finding that the form names."""
        form = await request.form(max_files=0, max_fields=20)
        return await run_in_threadpool(self._react, request, form)

    def _react(self, request: Request, form: FormData) -> Response:
        company_id = number_in(request, "company_id")
        try:
            wanted = {one: Reaction(str(form[one.value])) for one in Finding if one.value in form}
            with self._tools.write() as session:
                old = get_company(session, company_id).company.courtesy
                new = {one: what for one, what in wanted.items() if old.reaction(one) != what}
                set_reactions(session, company_id, new, ACTOR, self._tools.now())
        except NotFoundError:
            raise HTTPException(404) from None
        except ValueError:
            raise HTTPException(400) from None
        return self._back(request, company_id, "said-courtesy")

    def _back(self, request: Request, company_id: int, said: str) -> Response:
        return self.done(request, f"/admin/companies/{company_id}/recruiting", said)

    def _show(self, request: Request, wrong: str | None = None) -> Response:
        """Show the page; `wrong` is what was typed and not understood."""
        try:
            with self._tools.read() as session:
                company = get_company(session, number_in(request, "company_id")).company
        except NotFoundError:
            raise HTTPException(404) from None
        named = "\n".join(map(_typed, filter(ALL_SENDERS.__ne__, company.senders)))
        values = {
            "company": company,
            "named": named if wrong is None else wrong,
            "is_everybody": ALL_SENDERS in company.senders,
            "is_wrong": wrong is not None,
            "reactions": [
                (one, evidence_of(one), company.courtesy.reaction(one)) for one in Finding
            ],
        }
        return self.page(request, "recruiting", values, 200 if wrong is None else 422)


def read_senders(text: str, *, everybody: bool) -> tuple[str, ...]:
    """Return the senders that the lines of `text` name, as a company keeps them.

    Raises ValueError when a line is no header field, when nobody is named and not everybody is
    chosen, or both.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if bool(lines) is everybody:
        raise ValueError("name somebody, or everybody")
    if everybody:
        return (ALL_SENDERS,)
    return tuple(
        header_rule(line) if ":" in line else line.replace(ALL_SENDERS, "") for line in lines
    )


def _typed(sender: str) -> str:
    """Return a sender as a person types it: a header field with its colon."""
    if not sender.startswith(HEADER_RULE):
        return sender
    return sender.removeprefix(HEADER_RULE).replace("=", ": ", 1)
