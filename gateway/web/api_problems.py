"""What can be wrong with a call of the API, by RFC 9457: what it is, and what to do next."""

import enum
import json

from starlette.responses import PlainTextResponse, Response

_PLACE = "/api/v1/problems"


class Kind(enum.Enum):
    """A problem: its name in `type`, the status, a title, and what the caller does next."""

    UNAUTHORIZED = (
        "unauthorized",
        401,
        "No valid token",
        (
            "Send the header Authorization: Bearer TOKEN with a token of "
            "`career-relay company credential add COMPANY api`."
        ),
    )
    NO_SUCH_PLACE = (
        "no-such-place",
        404,
        "There is nothing under this address",
        "POST to /api/v1/void or /api/v1/bounce.",
    )
    WRONG_METHOD = (
        "wrong-method",
        405,
        "This address is for another method",
        "Send calls as POST; what a problem means is read by GET.",
    )
    UNKNOWN_MAIL = (
        "unknown-mail",
        404,
        "No mail with a link is known by this name",
        (
            "Send the queue id of the relay's reply to the mail (250 2.0.0 Ok: QUEUE-ID), or its "
            "Message-ID as it was sent, with < and >. A mail that got no link has nothing to be "
            "taken back."
        ),
    )
    TOO_LARGE = (
        "too-large",
        413,
        "The body is too large",
        "Send the report with the header of the returned mail alone, not with all of it.",
    )
    WRONG_TYPE = (
        "wrong-type",
        415,
        "The body has another type than this call reads",
        (
            "Send application/json to /void; to /bounce the report as message/rfc822, or its parts "
            "as multipart/report with the boundary."
        ),
    )
    NOT_UNDERSTOOD = (
        "not-understood",
        422,
        "The body is not what this call reads",
        "See detail; sending the same again gives the same answer.",
    )
    TOO_MANY = (
        "too-many-calls",
        429,
        "Too many calls",
        "Send the call again after as many seconds as Retry-After says.",
    )
    UNAVAILABLE = (
        "unavailable",
        503,
        "The database is away for the moment",
        "Send the call again after as many seconds as Retry-After says: nothing was changed.",
    )
    FAULT = (
        "fault",
        500,
        "Something is wrong here, not with the call",
        "Send the call again later; a second time has the effect of once.",
    )

    def __init__(self, slug: str, status: int, title: str, next_step: str) -> None:
        self.slug = slug
        self.status = status
        self.title = title
        self.next_step = next_step


class ProblemError(Exception):
    """What a call ends with; `detail` says what is wrong this time, without a person's data."""

    def __init__(self, kind: Kind, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(kind.slug)
        self.kind = kind
        self.detail = detail
        self.retry_after = retry_after


def answer(problem: ProblemError) -> Response:
    """Return the problem as application/problem+json."""
    kind = problem.kind
    told = {"type": f"{_PLACE}/{kind.slug}", "title": kind.title, "status": kind.status}
    told |= {"detail": problem.detail} if problem.detail else {}
    headers = {}
    if problem.retry_after is not None:
        headers["retry-after"] = str(int(problem.retry_after) + 1)
    if kind is Kind.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    return Response(
        json.dumps(told | {"next": kind.next_step}),
        kind.status,
        headers,
        "application/problem+json",
    )


def by_status(status: int) -> Kind:
    """Return the problem that stands for what the web framework itself refused."""
    return next((kind for kind in _OF_FRAMEWORK if kind.status == status), Kind.FAULT)


_OF_FRAMEWORK = (Kind.NO_SUCH_PLACE, Kind.WRONG_METHOD, Kind.TOO_LARGE, Kind.UNAVAILABLE)


def describe(slug: str) -> Response | None:
    """Return what stands under a problem's `type`, None for one that does not exist."""
    for kind in Kind:
        if kind.slug == slug:
            return PlainTextResponse(f"{kind.title} ({kind.status})\n\n{kind.next_step}\n")
    return None
