"""The operator's way in: one account, a throttle on guessing, a signed cookie."""

import hashlib
import hmac
import ipaddress
import logging
import secrets
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.web.answers import Answers
from gateway.web.language import asked_language
from gateway.web.security import Forms
from gateway.web.tools import Tools

log = logging.getLogger(__name__)

OPERATOR = "admin"
_COOKIE = "career_relay_admin"
_LONGEST = timedelta(hours=12)
_IDLE = timedelta(hours=2)
_NOTE_SEEN_AFTER = timedelta(minutes=1)
_MOST_QUERY = 500

Page = Callable[[Request], Response]
AsyncPage = Callable[[Request], Awaitable[Response]]


class Throttle:
    """Slow down guessing from one address; the account itself is never locked.

    The first five failures within a quarter of an hour are free; from then on each doubles the
    wait, up to a quarter of an hour. An IPv6 client owns a /64, so that is one address here.
    """

    free = 5
    longest_seconds = 900.0
    most_addresses = 10_000

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def claim(self, address: str) -> float:
        """Count a try of `address` and return 0, or return the seconds it still has to wait.

        A try is a failure until note_success() says otherwise: many at once gain nothing.
        """
        key = _network(address)
        with self._lock:
            count, last = self._read(key)
            wait = last + self._pause(count) - self._clock()
            if wait > 0:
                return wait
            self._failures.pop(key, None)  # the order of the dict is that of the last try
            self._failures[key] = (count + 1, self._clock())
            while len(self._failures) > self.most_addresses:
                del self._failures[next(iter(self._failures))]
        return 0.0

    def note_success(self, address: str) -> None:
        """Forget the failures of `address`."""
        with self._lock:
            self._failures.pop(_network(address), None)

    def _pause(self, failures: int) -> float:
        if failures < self.free:
            return 0.0
        # 2 to the 10th is beyond the longest wait, so larger numbers are never needed
        return min(2.0 ** min(failures - self.free, 10), self.longest_seconds)

    def _read(self, key: str) -> tuple[int, float]:
        count, last = self._failures.get(key, (0, 0.0))
        return (count, last) if self._clock() - last < self.longest_seconds else (0, 0.0)


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 6 and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


class Login:
    """Let the operator in and out, and keep everybody else from the admin pages."""

    def __init__(
        self, tools: Tools, answers: Answers, forms: Forms, password: str, throttle: Throttle
    ) -> None:
        self._tools = tools
        self._answers = answers
        self._forms = forms
        self._password = _digest(password)
        self._throttle = throttle
        self._left: dict[str, float] = {}
        self._middleware = Middleware(
            SessionMiddleware,
            # a changed password ends every session
            secret_key=hmac.new(tools.secret_key, self._password, hashlib.sha256).hexdigest(),
            session_cookie=_COOKIE,
            max_age=int(_LONGEST.total_seconds()),
            path="/admin",
            same_site="lax",
            https_only=tools.public_url.startswith("https://"),
        )

    def routes(self) -> list[Route]:
        """Return the routes of the login page."""
        return [
            self._route("/admin/login", self.show, "GET"),
            self._route("/admin/login", self.enter, "POST"),
            self.post("/admin/logout", self.leave),
        ]

    def get(self, path: str, page: Page) -> Route:
        """Return a route that shows `page` to the operator alone."""

        def guarded(request: Request) -> Response:
            _note_language(request)
            if "\0" in request.scope["path"]:  # no database takes it, and nothing is called so
                return self._answers.problem(request, 404)
            if self._is_in(request):
                return page(request)
            request.session["wanted"] = _address(request)
            return RedirectResponse("/admin/login", 303)

        return self._route(path, guarded, "GET")

    def post(self, path: str, page: AsyncPage) -> Route:
        """Return a route that does what the operator asks for in a form of ours."""

        async def guarded(request: Request) -> Response:
            if not self._is_in(request):
                return RedirectResponse("/admin/login", 303)
            if not await self._forms.accepts(request, bound_to(request)):
                return self._answers.problem(request, 403)
            form = await request.form(max_files=0, max_fields=60)
            if any("\0" in str(value) for _, value in form.multi_items()):
                return self._answers.problem(request, 400)  # nobody can type it
            return await page(request)

        return self._route(path, guarded, "POST")

    def show(self, request: Request) -> Response:
        """Show the login form."""
        _note_language(request)
        if self._is_in(request):
            return RedirectResponse("/admin", 303)
        return self._form(request)

    async def enter(self, request: Request) -> Response:
        """Let in whoever knows the password."""
        if not await self._forms.accepts(request, "login"):
            return self._answers.problem(request, 403)
        form = await request.form(max_files=0, max_fields=20)
        user, password = str(form.get("user", "")), str(form.get("password", ""))
        return await run_in_threadpool(self._enter, request, user, password)

    async def leave(self, request: Request) -> Response:
        """End the session; its cookie is worth nothing from now on."""
        now = self._tools.now().timestamp()
        self._left = {key: end for key, end in self._left.items() if end > now}
        self._left[request.session["id"]] = now + _LONGEST.total_seconds()
        request.session.clear()
        return RedirectResponse("/admin/login", 303)

    def _enter(self, request: Request, user: str, password: str) -> Response:
        address = request.client.host if request.client else ""
        wait = self._throttle.claim(address)
        if wait > 0:
            answer = self._form(request, 429, "login-throttled")
            answer.headers["retry-after"] = str(int(wait) + 1)
            return answer
        is_right = hmac.compare_digest(_digest(password), self._password)
        if not (is_right and user == OPERATOR):
            log.warning("admin login refused, from %s", address)
            return self._form(request, 403, "login-wrong")
        log.info("admin login, from %s", address)
        self._throttle.note_success(address)
        return self._begin(request)

    def _begin(self, request: Request) -> Response:
        wanted, language = request.session.get("wanted", "/admin"), request.session.get("lang")
        now = self._tools.now().timestamp()
        request.session.clear()  # nothing that was there before the login stays (fixation)
        request.session.update(id=secrets.token_urlsafe(16), since=now, seen=now)
        if language:
            request.session["lang"] = language
        return RedirectResponse(str(wanted), 303)

    def _form(self, request: Request, status: int = 200, problem: str = "") -> Response:
        values = {"problem": problem, "user": OPERATOR, "proof": self._forms.prove("login")}
        return self._answers.page(request, "admin/login.html", values, status)

    def _is_in(self, request: Request) -> bool:
        session, now = request.session, self._tools.now().timestamp()
        if "id" not in session or session["id"] in self._left:
            return False
        if now - session["since"] > _LONGEST.total_seconds():
            return False
        if now - session["seen"] > _IDLE.total_seconds():
            return False
        if now - session["seen"] > _NOTE_SEEN_AFTER.total_seconds():
            session["seen"] = now
        return True

    def _route(self, path: str, page: Page | AsyncPage, method: str) -> Route:
        return Route(path, page, methods=[method], middleware=[self._middleware])


def bound_to(request: Request) -> str:
    """Return what the forms of this session are bound to."""
    return f"admin {request.session.get('id', '')}"


def _address(request: Request) -> str:
    """Return where the request leads on this site; a query no form of ours makes is left out."""
    path, query = request.url.path, request.url.query
    return f"{path}?{query}" if 0 < len(query) <= _MOST_QUERY else path


def _note_language(request: Request) -> None:
    language = asked_language(request)
    if language is not None:
        request.session["lang"] = language.value


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
