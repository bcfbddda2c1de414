"""The demo inbox: what arrived at the demo's next hop, as text, as HTML and raw.

Only mounted when there is an inbox. A mail is somebody else's page: its HTML stands in a frame
without scripts, without an origin and without anything from another server.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gateway.core.header import decode_words
from gateway.core.japan import in_japan
from gateway.core.leaf import LeafError, read_leaf, shown_leaves
from gateway.core.mime import Part, field_values, scan
from gateway.web.answers import Answers

_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
_FRAME_HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        f"sandbox {_SANDBOX}; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "frame-ancestors 'self'"
    ),
    "x-frame-options": "SAMEORIGIN",
}
_FRAME_START = '<!doctype html><base target="_blank">'
"""A link of the mail opens in its own tab: our pages let nobody put them into a frame."""


class DemoMail(Protocol):
    """One mail that arrived; `number` counts from 1."""

    @property
    def number(self) -> int:
        """Its place in the order of arrival."""

    @property
    def received_at(self) -> datetime:
        """When it arrived."""

    @property
    def mail_from(self) -> str:
        """The reverse-path, "" for the null sender."""

    @property
    def rcpt_to(self) -> Sequence[str]:
        """The recipients."""

    @property
    def raw(self) -> bytes:
        """The message as it arrived."""


class DemoInbox(Protocol):
    """Where the demo's mails arrive."""

    def mails(self) -> Sequence[DemoMail]:
        """Return the mails, oldest first."""


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail as a reader shows it; None where it has no such part."""

    subject: str
    text: str | None
    html: str | None


class Demo:
    """The inbox's pages."""

    def __init__(self, answers: Answers, inbox: DemoInbox) -> None:
        self._answers = answers
        self._inbox = inbox

    def routes(self) -> list[Route]:
        """Return the routes of these pages."""
        return [
            Route("/demo/inbox", self.list, methods=["GET"]),
            Route("/demo/inbox/{number:int}", self.show, methods=["GET"]),
            Route("/demo/inbox/{number:int}/html", self.html, methods=["GET"]),
            Route("/demo/inbox/{number:int}/raw", self.raw, methods=["GET"]),
        ]

    def list(self, request: Request) -> Response:
        """Show all mails, newest first."""
        rows = [(mail, subject_of(mail.raw)) for mail in reversed(self._inbox.mails())]
        return self._page(request, "inbox", rows=rows)

    def show(self, request: Request) -> Response:
        """Show one mail: text, HTML in a frame, and raw."""
        mail = self._find(request)
        return self._page(
            request, "mail", mail=mail, read=read_mail(mail.raw), raw=show_raw(mail.raw)
        )

    def html(self, request: Request) -> Response:
        """Give the mail's HTML part, alone and locked in."""
        html = read_mail(self._find(request).raw).html
        if html is None:
            raise HTTPException(404)
        return HTMLResponse(_FRAME_START + html, headers=_FRAME_HEADERS)

    def raw(self, request: Request) -> Response:
        """Give the mail byte for byte."""
        mail = self._find(request)
        name = f'attachment; filename="mail-{mail.number}.eml"'
        return Response(
            mail.raw, media_type="message/rfc822", headers={"content-disposition": name}
        )

    def _find(self, request: Request) -> DemoMail:
        number = request.path_params["number"]
        found = next((mail for mail in self._inbox.mails() if mail.number == number), None)
        if found is None:
            raise HTTPException(404)
        return found

    def _page(self, request: Request, name: str, **values: object) -> Response:
        return self._answers.page(
            request, f"demo/{name}.html", {**values, "at": in_japan, "sandbox": _SANDBOX}
        )


def subject_of(raw: bytes) -> str:
    """Return the decoded subject of a message, "" when it has none."""
    values = field_values(raw, scan(raw), "subject")
    return decode_words(values[0]) if values else ""


def read_mail(raw: bytes) -> ReadMail:
    """Return a message as a reader shows it; what does not decode is shown as well as it goes."""
    shown = shown_leaves(scan(raw))
    return ReadMail(subject_of(raw), _text_of(raw, shown.plain), _text_of(raw, shown.html))


def _text_of(raw: bytes, part: Part | None) -> str | None:
    if part is None:
        return None
    try:
        return read_leaf(raw, part).text
    except LeafError:
        return show_raw(part.body.of(raw))


def show_raw(raw: bytes) -> str:
    """Return the bytes as text for a person to look at."""
    return raw.decode("utf-8", "backslashreplace")
