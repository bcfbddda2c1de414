"""What guards every page: headers, and proof that a POST comes from a page of ours.

Who may POST, in this order:

1. Sec-Fetch-Site (every browser since 2023, over https or on this machine): `same-origin` and
   `none` may, everything else may not.
2. Origin that names our own host may; one that names another host may not.
3. Neither header tells: an old mail client's browser, a plain-http page whose Referrer-Policy
   makes the browser send `Origin: null`, or no browser at all. Such a POST needs the signed
   field of the page's own form. Another site cannot read that page, and a scanner that posts
   to every address it finds does not have the field.
"""

import contextlib
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PROOF_FIELD = "proof"
_PROOF_SECONDS = 24 * 3600

MAX_BODY_BYTES = 64 << 10
"""Our forms are a few hundred bytes."""

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
PAGE_HEADERS: Mapping[str, str] = {
    "content-security-policy": _POLICY,
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "browsing-topics=(), camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",  # the address of a page holds the candidate's token
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow, noarchive",
}
"""On every answer, unless the route itself said otherwise."""


class PageHeaders:
    """ASGI middleware that puts PAGE_HEADERS on every answer; what a route set stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in PAGE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        with contextlib.suppress(ClientDisconnect):  # nobody is there to be answered: no fault
            await self._app(scope, receive, send_guarded)


class BodyLimit:
    """ASGI middleware that answers a body larger than any of our forms with a page, unread.

    Starlette's own limit, behind it, knows of plain words alone and answers outside of PageHeaders.
    """

    def __init__(
        self, app: ASGIApp, too_large: Callable[[Request], Response], but_below: str
    ) -> None:
        self._limited = RequestBodyLimitMiddleware(app, MAX_BODY_BYTES)
        self._too_large = too_large
        self._but_below = but_below

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; what the routes below `but_below` take they say themselves."""
        length = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        is_call = scope.get("path", "").startswith(self._but_below)
        if not is_call and length.isdecimal() and int(length) > MAX_BODY_BYTES:
            await self._too_large(Request(scope))(scope, receive, send)
        else:
            await self._limited(scope, receive, send)


def judge_origin(headers: Headers, public_url: str) -> bool | None:
    """Tell whether a POST with `headers` comes from our own page; None: they do not say.

    public_url  our address as browsers know it: a proxy in front may have changed Host
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is None or origin == "null":
        return None
    given, public = urlsplit(origin.lower()), urlsplit(public_url.lower())
    if given.netloc == public.netloc and public.scheme == "https" != given.scheme:
        return False  # without https anybody on the way may pose as us
    return given.netloc in {headers.get("host", "").lower(), public.netloc} - {""}


class Forms:
    """Sign the hidden field of our forms, and judge what is posted."""

    def __init__(self, secret_key: bytes, public_url: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret_key, salt="career-relay form")
        self._public_url = public_url

    def prove(self, bound_to: str) -> str:
        """Return the hidden field's value for the form that `bound_to` names."""
        return self._serializer.dumps(bound_to)

    async def accepts(self, request: Request, bound_to: str) -> bool:
        """Tell whether this POST comes from our own form for `bound_to`."""
        verdict = judge_origin(request.headers, self._public_url)
        if verdict is not None:
            return verdict
        form = await request.form(max_files=0, max_fields=60)
        try:
            return bool(
                self._serializer.loads(str(form.get(PROOF_FIELD, "")), max_age=_PROOF_SECONDS)
                == bound_to
            )
        except BadData:
            return False
