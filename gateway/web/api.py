"""The API for companies' own systems: a notice that was wrong, a mail that came back."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.core.bounce import Bounce, NotABounceError, read_bounce
from gateway.core.candidate import CandidateHash, hash_candidate
from gateway.core.envelope import Address
from gateway.core.link import identify_message
from gateway.store import reported
from gateway.store.bounces import reverse
from gateway.store.corrections import Correction, void
from gateway.store.ledger import balance
from gateway.web.api_callers import Caller, Callers
from gateway.web.api_problems import Kind, ProblemError, answer, by_status, describe
from gateway.web.tools import Tools

PREFIX = "/api/"
_MOST_VOID_BYTES = 16 << 10
_MOST_REPORT_BYTES = 1 << 20
_MOST_TEXT = 1000
_OWN_LIMIT = 1 << 40  # the web framework's answer to a longer body is no problem+json
_WHOLE = frozenset({"message/rfc822", "message/global"})
Call = Callable[[Request], Awaitable[Response]]


class Api:
    """POST /api/v1/void and /api/v1/bounce; a second time has the effect of once."""

    def __init__(self, tools: Tools, callers: Callers | None = None) -> None:
        self._tools = tools
        self._callers = callers or Callers(tools)

    def routes(self) -> list[Route]:
        """Return the routes; their bodies are bounded here, not by the forms' limit."""
        return [
            Route("/api/v1/void", _told(self.void), methods=["POST"], max_body_size=_OWN_LIMIT),
            Route("/api/v1/bounce", _told(self.bounce), methods=["POST"], max_body_size=_OWN_LIMIT),
            Route("/api/v1/problems/{slug}", self.explain, methods=["GET"]),
        ]

    async def void(self, request: Request) -> Response:
        """Take back the referrals of a mail that was no rejection."""
        caller = await run_in_threadpool(self._callers.identify, request)
        _want_type(request, {"application/json"})
        asked = _read_void(await _read_body(request, _MOST_VOID_BYTES))
        return await run_in_threadpool(self._void, caller, asked)

    async def bounce(self, request: Request) -> Response:
        """Take back the referrals whose mails never arrived, by a report of RFC 3464."""
        caller = await run_in_threadpool(self._callers.identify, request)
        kind = _want_type(request, {*_WHOLE, "multipart/report"})
        body = await _read_body(request, _MOST_REPORT_BYTES)
        if kind not in _WHOLE:  # the parts alone: what their boundary is stands in the header
            body = b"Content-Type: %s\r\n\r\n%s" % (
                request.headers["content-type"].encode("latin-1"),
                body,
            )
        return await run_in_threadpool(self._bounce, caller, body)

    def explain(self, request: Request) -> Response:
        """Say what a problem's `type` means."""
        found = describe(request.path_params["slug"])
        if found is None:
            raise HTTPException(404)
        return found

    def _void(self, caller: Caller, asked: "_Void") -> Response:
        now = self._tools.now()
        with self._tools.write() as session:
            ids = self._find(session, caller, asked)
            if not ids:
                raise ProblemError(Kind.UNKNOWN_MAIL)
            done = [(id_, void(session, id_, asked.reason, caller.actor, now)) for id_ in ids]
            sums = _sums(session, caller)
        return JSONResponse({"withdrawn": [_shown(id_, each) for id_, each in done], **sums})

    def _find(self, session: Session, caller: Caller, asked: "_Void") -> tuple[int, ...]:
        if asked.queue_id:
            return reported.of_queue_id(session, caller.company_id, asked.queue_id) or ()
        message = identify_message(asked.message_id.encode(), b"")
        who = None if not asked.candidate else [self._hash(asked.candidate)]
        return reported.of_message(session, caller.company_id, message, who)

    def _bounce(self, caller: Caller, body: bytes) -> Response:
        report = _read_report(body)
        message = identify_message(report.message_id, b"")
        now, told = self._tools.now(), []
        with self._tools.write() as session:
            for outcome in report.outcomes:
                who = [self._hash(address) for address in outcome.addresses]
                found = reported.of_message(session, caller.company_id, message, who)
                shown: dict[str, Any] = {"action": outcome.action, "status": outcome.status}
                withdrawn = [
                    _shown(id_, reverse(session, id_, outcome.status, now))
                    for id_ in (found if outcome.is_permanent else ())
                ]
                told.append(shown | {"is_known": bool(found), "withdrawn": withdrawn})
            sums = _sums(session, caller)
        return JSONResponse({"recipients": told, **sums})

    def _hash(self, address: str) -> CandidateHash:
        sound = address.encode("utf-8", "replace").decode()  # a report may hold anything
        return hash_candidate(self._tools.secret_key, Address(sound))


@dataclass(frozen=True, slots=True)
class _Void:
    """What is to be taken back: a mail by one of its names, and why."""

    reason: str
    queue_id: str = ""
    message_id: str = ""
    candidate: str = ""


def on_http_exception(_request: Request, error: Exception) -> Response:
    """Answer what the web framework refused, under the API's addresses."""
    if not isinstance(error, HTTPException):
        return on_fault(_request, error)
    told = answer(ProblemError(by_status(error.status_code)))
    told.headers.update(error.headers or {})
    return told


def on_unavailable(_request: Request, _error: Exception) -> Response:
    """Answer while the database is away."""
    return answer(ProblemError(Kind.UNAVAILABLE, retry_after=29))


def on_fault(_request: Request, _error: Exception) -> Response:
    """Answer a fault of ours."""
    return answer(ProblemError(Kind.FAULT))


def _told(call: Call) -> Call:
    async def guarded(request: Request) -> Response:
        try:
            return await call(request)
        except ProblemError as problem:
            return answer(problem)

    return guarded


async def _read_body(request: Request, most: int) -> bytes:
    """Return the body.

    Raises ProblemError when it is longer than `most` bytes: no more of it is read.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise ProblemError(Kind.TOO_LARGE, f"{most} bytes are the most")
    return bytes(body)


def _want_type(request: Request, wanted: set[str]) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in wanted:
        raise ProblemError(Kind.WRONG_TYPE)
    return kind


def _read_void(body: bytes) -> _Void:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):  # also of bytes that are no UTF-8; of many brackets
        raise ProblemError(Kind.NOT_UNDERSTOOD, "the body is not JSON") from None
    names = ("reason", "queue_id", "message_id", "candidate")
    if not isinstance(given, dict) or not given.keys() <= set(names):
        told = f"an object of {', '.join(names)} is wanted, and nothing else"
        raise ProblemError(Kind.NOT_UNDERSTOOD, told)
    texts = {name: value for name, value in given.items() if isinstance(value, str)}
    is_plain = all(len(t) <= _MOST_TEXT and t.isprintable() for t in texts.values())
    if len(texts) < len(given) or not is_plain:
        told = f"every value is a line of text, of {_MOST_TEXT} characters at most"
        raise ProblemError(Kind.NOT_UNDERSTOOD, told)
    asked = _Void(**{name: texts.get(name, "").strip() for name in names})
    if not asked.reason:
        raise ProblemError(Kind.NOT_UNDERSTOOD, "reason is missing: it stays in the ledger")
    if bool(asked.queue_id) == bool(asked.message_id) or (asked.queue_id and asked.candidate):
        told = "either queue_id, or message_id and perhaps candidate, names the mail"
        raise ProblemError(Kind.NOT_UNDERSTOOD, told)
    return asked


def _read_report(body: bytes) -> Bounce:
    try:
        report = read_bounce(body)
    except NotABounceError as error:
        raise ProblemError(Kind.NOT_UNDERSTOOD, str(error)) from None
    if report.message_id is None:
        told = "the report does not return the mail's Message-ID"
        raise ProblemError(Kind.NOT_UNDERSTOOD, told)
    return report


def _shown(referral_id: int, done: Correction) -> dict[str, Any]:
    return {
        "referral": referral_id,
        "entry": done.seq,
        "kind": done.kind.value,
        "is_new": done.is_new,
    }


def _sums(session: Session, caller: Caller) -> dict[str, int]:
    sums = balance(session, caller.company_id)
    return {"counted": sums.counted, "slots_available": sums.slots_available}
