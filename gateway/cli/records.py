"""Commands on what is written down: log, ready."""

import dataclasses
import itertools
import json
import time
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from smtplib import SMTP, SMTPException
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.noted import noted_address
from gateway.core.verdict import Verdict
from gateway.core.why import Why

if TYPE_CHECKING:
    from gateway.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]

_LOOK_AGAIN_SECONDS = 0.5
_PAGE = 200
_OUTCOME_AWAITED = timedelta(seconds=30)
_READY_TIMEOUT_SECONDS = 5.0


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.command()(log)
    app.command()(ready)


def log(  # noqa: PLR0913, PLR0917  one parameter an option
    as_json: Json = False,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what comes.")] = False,
    company: Annotated[str | None, typer.Option(help="Only this company's mails.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="So many of the newest mails.")] = 50,
    verdict: Annotated[Verdict | None, typer.Option(help="Only mails judged so.")] = None,
    why: Annotated[Why | None, typer.Option(metavar="REASON", help="Only for this reason.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only from then on, UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Only before then, UTC.")] = None,
    who: Annotated[
        str | None, typer.Option(metavar="ADDRESS|LINK", help="Only of this candidate or link.")
    ] = None,
) -> None:
    """Show the mail log, oldest first: verdict, reason, the next hop's answer; never an address."""
    from gateway.cli.parts import open_parts
    from gateway.store.company_records import find_company
    from gateway.store.mails import MailSearch, list_mails
    from gateway.store.who import referrals_of

    parts = open_parts()
    search = MailSearch(verdict=verdict, why=why, since=_in_utc(since), until=_in_utc(until))
    with parts.reading() as session:
        if company is not None:
            search["company_id"] = find_company(session, company).company.id
        if who is not None:
            search["referrals"] = referrals_of(session, parts.key, who)
        page = list_mails(session, limit=limit, **search)[::-1]
    last = 0
    while True:
        for mail in _concluded(page) if follow else page:
            print(_mail_line(mail, as_json), flush=True)
            last = mail.id
        if not follow:
            return
        time.sleep(_LOOK_AGAIN_SECONDS)
        with parts.reading() as session:
            search["after_id"] = last
            page = list_mails(session, limit=_PAGE, **search)


def _in_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _concluded(page: Sequence[Any]) -> Iterator[Any]:
    """Yield the mails up to the first whose outcome is awaited still: it is shown with it."""
    latest = datetime.now(UTC) - _OUTCOME_AWAITED
    return itertools.takewhile(lambda mail: mail.reply_code or mail.at < latest, page)


def _mail_line(mail: Any, as_json: bool) -> str:
    if as_json:
        values = dataclasses.asdict(mail) | {"at": mail.at.isoformat()}
        values["evidence"] = [e._asdict() for e in mail.evidence]
        return json.dumps(values, ensure_ascii=False)
    return (
        f"{mail.at:%Y-%m-%d %H:%M:%SZ} {mail.queue_id} {mail.verdict} {mail.action} {mail.why}"
        f" {mail.candidate_masked or '-'} -> {mail.reply_code or '-'} {mail.reply_text or ''}"
    ).rstrip()


def ready(
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until it is ready, at most a minute.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say whether gateway and web pages answer here; exit code 1 when one does not."""
    from gateway.settings import load_settings

    settings = load_settings()
    deadline = time.monotonic() + (60.0 if wait else 0.0)
    while True:
        states = {"smtp": _smtp_answers(settings), "web": _web_answers(settings)}
        if all(states.values()) or time.monotonic() >= deadline:
            break
        time.sleep(_LOOK_AGAIN_SECONDS)
    if as_json:
        print(json.dumps({"ready": all(states.values()), **states}))
    else:
        print(
            *(f"{name}: {'ready' if up else 'not ready'}" for name, up in states.items()), sep="\n"
        )
    if not all(states.values()):
        raise typer.Exit(1)


def _smtp_answers(settings: "Settings") -> bool:
    listen = noted_address(settings.data_dir, "smtp") or settings.smtp_listen
    host, port = listen.reachable
    try:
        with SMTP(host, port, timeout=_READY_TIMEOUT_SECONDS) as client:
            return client.noop()[0] == 250
    except (OSError, SMTPException):
        return False


def _web_answers(settings: "Settings") -> bool:
    listen = (noted_address(settings.data_dir, "web") or settings.web_listen).reachable
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://{listen}/readyz", timeout=_READY_TIMEOUT_SECONDS) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
