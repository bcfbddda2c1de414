"""Whether the process lives, and whether it can serve: for machines, as JSON."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.errors import StoreUnavailableError
from gateway.store.engine import is_trouble
from gateway.store.referrals import count_unsettled
from gateway.web.tools import Tools


class Health:
    """/livez and /readyz."""

    def __init__(self, tools: Tools, is_schema_current: Callable[[], bool]) -> None:
        self._tools = tools
        self._is_schema_current = is_schema_current
        self._was_current = False

    def routes(self) -> list[Route]:
        """Return the routes of both."""
        return [
            Route("/livez", self.live, methods=["GET"]),
            Route("/readyz", self.ready, methods=["GET"]),
        ]

    def live(self, _request: Request) -> Response:
        """Answer, which is all there is to it."""
        return JSONResponse({"status": "ok"})

    def ready(self, _request: Request) -> Response:
        """Say whether the database answers and has every table as this version knows it."""
        database = self._database()
        status = {"status": "ok" if database == "ok" else "unavailable", "database": database}
        return JSONResponse(status, 200 if database == "ok" else 503)

    def _database(self) -> str:
        try:
            with self._tools.read() as session:
                count_unsettled(session)
            # once current it stays so: steps are only ever added, and loading alembic is slow
            self._was_current = self._was_current or self._is_schema_current()
        except StoreUnavailableError:
            return "unavailable"
        except Exception as error:
            if is_trouble(error):
                return "unavailable"
            raise
        return "ok" if self._was_current else "schema is not current"
