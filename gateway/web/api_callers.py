"""Who calls the API: a company's token, and how often it may call."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from gateway.store.credentials import find_api_token, note_use
from gateway.web.api_problems import Kind, ProblemError
from gateway.web.login import Throttle
from gateway.web.tools import Tools

_CALLS_A_MINUTE = 600


@dataclass(frozen=True, slots=True)
class Caller:
    """A company's program; `actor` is what the ledger says of what it does."""

    company_id: int
    actor: str


class Pace:
    """So many calls a minute for each company, counted by whole minutes."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._minute = 0
        self._calls: dict[int, int] = {}
        self._lock = threading.Lock()

    def claim(self, company_id: int) -> float:
        """Count a call and return 0, or return the seconds until the next one is taken."""
        now = self._clock()
        with self._lock:
            if int(now // 60) != self._minute:
                self._minute, self._calls = int(now // 60), {}
            if self._calls.get(company_id, 0) >= self._most:
                return 60 - now % 60
            self._calls[company_id] = self._calls.get(company_id, 0) + 1
        return 0.0


class Callers:
    """Tell who calls; whoever guesses tokens waits ever longer, as at the operator's login."""

    def __init__(
        self, tools: Tools, throttle: Throttle | None = None, pace: Pace | None = None
    ) -> None:
        self._tools = tools
        self._throttle = throttle or Throttle()
        self._pace = pace or Pace(_CALLS_A_MINUTE)

    def identify(self, request: Request) -> Caller:
        """Return whose token the request carries. For a thread: it asks the database.

        Raises ProblemError.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        found = None
        now = self._tools.now()
        if scheme.lower() == "bearer" and token.strip():
            with self._tools.read() as session:
                found = find_api_token(session, token.strip(), now)
        if found is None:
            wait = self._throttle.claim(request.client.host if request.client else "")
            kind = Kind.TOO_MANY if wait > 0 else Kind.UNAUTHORIZED
            raise ProblemError(kind, retry_after=wait if wait > 0 else None)
        wait = self._pace.claim(found.company_id)
        if wait > 0:
            raise ProblemError(Kind.TOO_MANY, retry_after=wait)
        if found.is_first_use_in(now):
            with self._tools.write() as session:
                note_use(session, found.id, now)
        return Caller(found.company_id, f"api token {found.id}")
