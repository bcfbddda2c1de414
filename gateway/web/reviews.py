"""The page on which people say of a mail whether it was a rejection: one click each."""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.core.review import Rule
from gateway.errors import CareerRelayError, NotFoundError
from gateway.store import reviews
from gateway.store.company_records import get_company
from gateway.store.confirmed_letters import LikeLetterError, remember_letter
from gateway.store.recent_letters import kept_among
from gateway.web.operator import ACTOR, OperatorPages, number_in, read_number

PAGE_ROWS = 25
_ANSWERS = {"yes": True, "no": False}
_RULES = {rule.value: rule for rule in (Rule.FORBIDS, Rule.EASES)}


class Reviews(OperatorPages):
    """Show what waits for a person's word, and take it; the log's line is all there is."""

    def routes(self) -> list[Route]:
        """Return the routes of this page."""
        path = "/admin/companies/{company_id:int}/review"
        return [
            self._login.get(path, self.show),
            self._login.post(path, self.answer),
            self._login.post(path + "/letter", self.remember),
        ]

    def show(self, request: Request) -> Response:
        """Show a company's waiting mails, newest first, and the last answers."""
        company_id = number_in(request, "company_id")
        before = read_number(request.query_params.get("before", ""))
        try:
            with self._tools.read() as session:
                company = get_company(session, company_id).company
                found = reviews.waiting(session, company_id, before_id=before, limit=PAGE_ROWS + 1)
                answers = reviews.answers(session, company_id)
                said = [one.mail.queue_id for one in answers if one.is_rejection]
                values = {
                    "rememberable": kept_among(session, said),
                    "standing": reviews.standing(session, company_id),
                    "count": reviews.count_waiting(session, company_id),
                    "answers": answers,
                }
        except NotFoundError:
            raise HTTPException(404) from None
        shown = found[:PAGE_ROWS]
        return self.page(
            request,
            "review",
            {
                **values,
                "company": company,
                "mails": shown,
                "before": before,
                "older": shown[-1].id if len(found) > PAGE_ROWS else None,
                "letter": read_number(request.query_params.get("letter", "")),
                "like": read_number(request.query_params.get("like", "")),
                "rule": _RULES.get(request.query_params.get("rule", "")),
                "withdrawn": read_number(request.query_params.get("withdrawn", "")),
                "needed": self._tools.reviews_needed,
                "most_counted": reviews.MOST_COUNTED,
            },
        )

    async def answer(self, request: Request) -> Response:
        """Write an answer down; the same once more changes nothing."""
        form = await request.form(max_files=0, max_fields=10)
        is_rejection = _ANSWERS.get(str(form.get("answer", "")))
        if is_rejection is None:
            raise HTTPException(400)
        before = read_number(str(form.get("before", "")))
        queue_id = str(form.get("mail", ""))
        return await run_in_threadpool(
            self._answer, request, queue_id, before, is_rejection=is_rejection
        )

    def _answer(
        self, request: Request, queue_id: str, before: int | None, *, is_rejection: bool
    ) -> Response:
        company_id = number_in(request, "company_id")
        try:
            with self._tools.write() as session:
                done = reviews.answer(
                    session,
                    company_id,
                    queue_id,
                    is_rejection=is_rejection,
                    actor=ACTOR,
                    now=self._tools.now(),
                )
        except NotFoundError:
            raise HTTPException(404) from None
        place = _place(company_id, before=before, withdrawn=done.withdrawn, rule=done.rule)
        return self.done(request, place, "said-reviewed")

    async def remember(self, request: Request) -> Response:
        """Make a registered letter of a mail that was called a rejection."""
        form = await request.form(max_files=0, max_fields=10)
        company_id, queue_id = number_in(request, "company_id"), str(form.get("mail", ""))
        return await run_in_threadpool(self._remember, company_id, queue_id)

    def _remember(self, company_id: int, queue_id: str) -> Response:
        try:
            with self._tools.write() as session:
                added = remember_letter(session, company_id, queue_id, ACTOR, self._tools.now())
        except LikeLetterError as error:
            return RedirectResponse(_place(company_id, like=error.number), 303)
        except NotFoundError:
            raise HTTPException(404) from None
        except CareerRelayError:  # too many
            return RedirectResponse(_place(company_id, letter=0), 303)
        return RedirectResponse(_place(company_id, letter=added.number), 303)


def _place(company_id: int, **said: int | str | None) -> str:
    query = urlencode({name: value for name, value in said.items() if value is not None})
    return f"/admin/companies/{company_id}/review?{query}".rstrip("?")
