"""All pages together: one ASGI application."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from gateway.errors import StoreUnavailableError
from gateway.host_port import HostPort
from gateway.render import Renderer
from gateway.snippets import Door
from gateway.store.engine import reading_session, writing_session
from gateway.web import api
from gateway.web.admin import Admin
from gateway.web.answers import Answers
from gateway.web.api import Api
from gateway.web.blocks import Blocks
from gateway.web.brake import BrakePage
from gateway.web.connect import Connect
from gateway.web.corrections import Corrections
from gateway.web.demo import Demo, DemoInbox
from gateway.web.health import Health
from gateway.web.hooks import WebhookPages
from gateway.web.landing import Landing
from gateway.web.letters import Letters
from gateway.web.login import Login, Throttle
from gateway.web.members import Members
from gateway.web.metrics import Metrics
from gateway.web.queue import Queue
from gateway.web.recruiting import Recruiting
from gateway.web.reviews import Reviews
from gateway.web.security import BodyLimit, Forms, PageHeaders
from gateway.web.tools import Sessions, Tools
from gateway.web.unsubscribe import UnsubscribePage

_HERE = Door(HostPort("127.0.0.1", 2525))

OnError = Callable[[Request, Exception], Response]


def build_app(  # noqa: PLR0913  every part comes from outside, and every name is given
    *,
    engine: Engine,
    renderer: Renderer,
    admin_password: str,
    secret_key: bytes,
    now: Callable[[], datetime],
    inbox: DemoInbox | None = None,
    public_url: str = "",
    metrics_token: str | None = None,
    reviews_needed: int = 20,
    door: Door = _HERE,
    hooks_in_clear: bool = False,
    is_schema_current: Callable[[], bool] = lambda: True,
) -> Starlette:
    """Return the application that serves candidates, the operator and health checks.

    secret_key         keys forms and the operator's cookie
    inbox              shown under /demo/inbox when given
    public_url         our address as browsers know it, "" when that is the Host they send
    metrics_token      what /metrics asks for; None: only this machine is answered
    reviews_needed     verdicts to be confirmed in a row before inject mode
    door               where companies' mail servers reach the relay
    hooks_in_clear     let webhooks be http, for trying out
    is_schema_current  asked by /readyz until it was true once
    """
    sessions = Sessions(reading_session(engine), writing_session(engine))
    tools = Tools(sessions, renderer, now, secret_key, public_url, reviews_needed)
    answers, forms = Answers(renderer), Forms(secret_key, public_url)
    login = Login(tools, answers, forms, admin_password, Throttle())

    def show_root(request: Request) -> Response:
        return answers.page(request, "root.html", {"has_inbox": inbox is not None})

    routes: list[BaseRoute] = [
        Route("/", show_root, methods=["GET"]),
        Mount("/static", StaticFiles(directory=renderer.folder / "web" / "static")),
        *Landing(tools, answers, forms).routes(),
        *login.routes(),
        *Admin(tools, answers, forms, login).routes(),
        *Blocks(tools, answers, forms, login).routes(),
        *Letters(tools, answers, forms, login).routes(),
        *Recruiting(tools, answers, forms, login).routes(),
        *Reviews(tools, answers, forms, login).routes(),
        *Corrections(tools, answers, forms, login).routes(),
        *BrakePage(tools, answers, forms, login).routes(),
        *Connect(tools, answers, forms, login, door).routes(),
        *Queue(tools, answers, forms, login).routes(),
        *Members(tools, answers, forms, login).routes(),
        *WebhookPages(tools, answers, forms, login, allow_http=hooks_in_clear).routes(),
        *UnsubscribePage(tools, answers).routes(),
        *Api(tools).routes(),
        *Metrics(tools, metrics_token).routes(),
        *Health(tools, is_schema_current).routes(),
        *(Demo(answers, inbox).routes() if inbox is not None else ()),
    ]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(PageHeaders),
            Middleware(BodyLimit, answers.on_too_large, api.PREFIX),
        ],
        exception_handlers={
            HTTPException: _apart(answers.on_http_exception, api.on_http_exception),
            StoreUnavailableError: _apart(answers.on_unavailable, api.on_unavailable),
            Exception: _apart(answers.on_fault, api.on_fault),
        },
    )
    app.router.redirect_slashes = False  # it would redirect to whatever Host the client sent
    return app


def _apart(page: OnError, call: OnError) -> OnError:
    """Answer a person with a page, a program with what it can read."""

    def answer(request: Request, error: Exception) -> Response:
        is_call = request.url.path.startswith(api.PREFIX)
        return call(request, error) if is_call else page(request, error)

    return answer
