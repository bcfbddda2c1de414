"""The answers that any page may give: a page, or a friendly word about what went wrong."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match

from gateway.core.company import Language
from gateway.render import Renderer
from gateway.web.language import choose_language
from gateway.web.security import PAGE_HEADERS
from gateway.web.words import Words

log = logging.getLogger(__name__)

_NOTHING: Mapping[str, object] = MappingProxyType({})
_KNOWN_PROBLEMS = frozenset({403, 404, 413, 503})


@dataclass(frozen=True, slots=True)
class Answers:
    """Write pages in the reader's language."""

    renderer: Renderer

    def page(
        self,
        request: Request,
        name: str,
        values: Mapping[str, object] = _NOTHING,
        status: int = 200,
    ) -> Response:
        """Return page `name`; {language} in it becomes the reader's."""
        language = choose_language(request)
        html = self.renderer.page(
            name.format(language=language),
            language=language.value,
            other=other_language(request, language),
            w=Words(language),
            **values,
        )
        return HTMLResponse(html, status, headers={"content-language": language.value})

    def problem(self, request: Request, status: int) -> Response:
        """Return the page about a problem: the same for everybody, whatever was behind it."""
        known = status if status in _KNOWN_PROBLEMS else (400 if status < 500 else 500)
        return self.page(
            request,
            "candidate/{language}/problem.html",
            {"problem": known, "is_candidate": request.url.path.startswith("/r/")},
            status,
        )

    def on_http_exception(self, request: Request, error: Exception) -> Response:
        """Answer what Starlette raised: an unknown address, a wrong method, a body too large."""
        assert isinstance(error, HTTPException)
        answer = self.problem(request, error.status_code)
        answer.headers.update(error.headers or {})
        return answer

    def on_too_large(self, request: Request) -> Response:
        """Answer a body larger than any of our forms."""
        return self.problem(request, 413)

    def on_unavailable(self, request: Request, error: Exception) -> Response:
        """Answer while the database is away."""
        log.warning("page not shown, the database is away: %s", type(error.__cause__).__name__)
        answer = self.problem(request, 503)
        answer.headers["retry-after"] = "30"
        return answer

    def on_fault(self, request: Request, _error: Exception) -> Response:
        """Answer a fault of ours; it is outside of the middleware that sets the headers."""
        answer = self.problem(request, 500)
        for name, value in PAGE_HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer


def other_language(request: Request, language: Language) -> Mapping[str, str]:
    """Return the link that shows the same page in the other language: its code and address.

    What a POST answered is shown by the nearest address above it that can be fetched.
    """
    other = Language.EN if language is Language.JA else Language.JA
    path = request.url.path
    if request.method not in {"GET", "HEAD"}:
        while path and not _is_page(request, path):
            path = path.rpartition("/")[0]
    query = [item for item in request.query_params.multi_items() if item[0] != "lang"]
    address = f"/{path.lstrip('/')}"  # two slashes would lead to another site
    return {"code": other.value, "href": f"{address}?{urlencode([*query, ('lang', other.value)])}"}


def _is_page(request: Request, path: str) -> bool:
    wanted = {**request.scope, "method": "GET", "path": path}
    return any(route.matches(wanted)[0] is Match.FULL for route in request.app.routes)
