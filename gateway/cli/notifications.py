"""Commands on notifications: webhooks, what is told, and sending again."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.members import read_events
from gateway.errors import CareerRelayError

if TYPE_CHECKING:
    from gateway.store.webhooks import Endpoint

_ACTOR = "command line"

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Events = Annotated[
    list[str] | None, typer.Option("--event", help="Only this one; may be given several times.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    hooks = typer.Typer(no_args_is_help=True, help="Webhooks: a company's programs hear of events.")
    hooks.command()(add)
    hooks.command("list")(list_)
    hooks.command()(remove)
    hooks.command()(rotate)
    hooks.command("filter")(filter_)
    hooks.command()(enable)
    hooks.command()(test)
    app.add_typer(hooks, name="webhook")
    told = typer.Typer(no_args_is_help=True, help="What companies are told, and what waits.")
    told.command()(queue)
    told.command()(resend)
    told.command()(park)
    told.command()(mute)
    told.command()(unmute)
    app.add_typer(told, name="notification")


def add(company: str, url: str, event: Events = None, as_json: Json = False) -> None:
    """Call URL at each event, signed (standardwebhooks.com); the secret is shown once, now."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.core.hook_address import read_hook_url
    from gateway.hook_setup import add_hook
    from gateway.store.company_records import find_company

    parts = open_parts()
    try:
        read_hook_url(url, allow_http=parts.settings.webhook_to_private_addresses)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    events = read_events(event) if event else None
    with parts.writing() as session:
        company_id = find_company(session, company).company.id
        try:
            made, secret = add_hook(session, parts.key, company_id, url, events, _ACTOR, utc_now())
        except ValueError as error:
            raise CareerRelayError(str(error)) from None
    if as_json:
        print(json.dumps({"webhook": made.id, "url": url, "secret": secret}))
        return
    print(f"Webhook {made.id}: {url}")
    print(f"  secret  {secret}   (not shown again)")


def list_(company: str, as_json: Json = False) -> None:
    """List a company's webhooks."""
    from gateway.cli.parts import open_parts
    from gateway.store.company_records import find_company
    from gateway.store.webhooks import list_endpoints

    with open_parts().reading() as session:
        endpoints = list_endpoints(session, find_company(session, company).company.id)
    for endpoint in endpoints:
        state = endpoint.disabled_why or "enabled"
        events = None if endpoint.events is None else sorted(endpoint.events)
        if as_json:
            shown = {"webhook": endpoint.id, "url": endpoint.url, "state": state}
            print(json.dumps(shown | {"events": events}))
        else:
            told = "everything" if events is None else ", ".join(events)
            print(f"{endpoint.id}  {endpoint.url}  {state}  {told}")
    if not endpoints and not as_json:
        print("No webhook: career-relay webhook add COMPANY URL")


def remove(company: str, webhook: int) -> None:
    """Stop calling a webhook; what waits for it is given up, its history stays."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.hook_setup import remove_hook

    parts = open_parts()
    with parts.writing() as session:
        remove_hook(session, _find(session, company, webhook), _ACTOR, utc_now())
    print(f"Webhook {webhook} is removed.")


def rotate(
    company: str,
    webhook: int,
    hours: Annotated[
        int, typer.Option(min=0, max=24 * 30, help="So long the old secret signs too.")
    ] = 24,
    as_json: Json = False,
) -> None:
    """Give a webhook a new secret, shown once; for a while each call is signed by both."""
    from datetime import timedelta

    from gateway.cli.parts import open_parts, utc_now
    from gateway.hook_setup import rotate_hook

    parts, both_for = open_parts(), timedelta(hours=hours)
    with parts.writing() as session:
        found = _find(session, company, webhook)
        secret = rotate_hook(session, parts.key, found, both_for, _ACTOR, utc_now())
    if as_json:
        print(json.dumps({"webhook": webhook, "secret": secret}))
        return
    print(f"  secret  {secret}   (not shown again; the old one signs for {hours} hours more)")


def filter_(
    company: str,
    webhook: int,
    event: Events = None,
) -> None:
    """Call a webhook for these events only; without --event for all."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.hook_setup import filter_hook

    events = read_events(event) if event else None
    with open_parts().writing() as session:
        filter_hook(session, _find(session, company, webhook), events, _ACTOR, utc_now())
    told = "everything" if events is None else ", ".join(sorted(events))
    print(f"Webhook {webhook}: {told}")


def enable(company: str, webhook: int) -> None:
    """Call a webhook again that was disabled because it answered 410."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store import webhooks

    parts = open_parts()
    with parts.writing() as session:
        webhooks.enable(session, _find(session, company, webhook), _ACTOR, utc_now())
    print(f"Webhook {webhook} is enabled.")


def test(company: str) -> None:
    """Send a test notification by every way the company has."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.announce import News, announce
    from gateway.store.company_records import find_company
    from gateway.store.outbox import Event

    parts, now = open_parts(), utc_now()
    with parts.writing() as session:
        company_id = find_company(session, company).company.id
        ids = announce(session, company_id, News(Event.TEST, f"at:{now.isoformat()}"), now)
    print(f"{len(ids)} notifications wait; the workers send them: career-relay notification queue")


def queue(as_json: Json = False) -> None:
    """Show what waits and what was given up."""
    from gateway.cli.parts import open_parts
    from gateway.store.outbox import NotificationState, unsent

    with open_parts().reading() as session:
        rows = [
            *unsent(session, NotificationState.PARKED),
            *unsent(session, NotificationState.PENDING),
        ]
    for row in rows:
        way = f"webhook {row.endpoint_id}" if row.endpoint_id else "mail"
        if as_json:
            shown = {"notification": row.id, "company": row.company_id, "event": row.event.value}
            shown |= {"way": way, "state": row.state.value, "attempts": row.attempts}
            shown |= {"next": row.next_attempt_at.isoformat()}
            shown |= {"last_answer": row.last_answer or ""}
            print(json.dumps(shown))
        else:
            print(
                f"{row.id:6} {row.state:8} {row.event:20} {way:10} attempts {row.attempts}"
                f" next {row.next_attempt_at:%Y-%m-%d %H:%M:%SZ} {row.last_answer or ''}".rstrip()
            )
    if not rows and not as_json:
        print("Nothing waits.")


def resend(notification: int) -> None:
    """Send a notification again, with the id that it had."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store import outbox

    with open_parts().writing() as session:
        done = outbox.resend(session, notification, utc_now())
    _say(notification, done=done, word="is sent again by the next sweep")


def park(notification: int) -> None:
    """Give a notification up."""
    from gateway.cli.parts import open_parts
    from gateway.store import outbox

    with open_parts().writing() as session:
        done = outbox.park(session, notification)
    _say(notification, done=done, word="is given up")


def mute(company: str, event: str) -> None:
    """Stop an event's mails to all members of a company, for example weekly-report."""
    _set_muted(company, event, is_muted=True)


def unmute(company: str, event: str) -> None:
    """Start an event's mails to all members of a company again."""
    _set_muted(company, event, is_muted=False)


def _set_muted(company: str, name: str, *, is_muted: bool) -> None:
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store import members
    from gateway.store.company_records import find_company

    events, now = read_events([name]), utc_now()
    with open_parts().writing() as session:
        for member in members.list_members(session, find_company(session, company).company.id):
            wanted = member.muted | events if is_muted else member.muted - events
            members.set_muted(session, member, wanted, _ACTOR, now)
    print(f"{name}: {'no more mails' if is_muted else 'mails again'}, for every member.")


def _find(session: Any, company: str, webhook: int) -> "Endpoint":
    """Return a webhook that is this company's.

    Raises NotFoundError.
    """
    from gateway.store.company_records import find_company
    from gateway.store.webhooks import find_endpoint

    return find_endpoint(session, find_company(session, company).company.id, webhook)


def _say(notification: int, *, done: bool, word: str) -> None:
    if not done:
        raise CareerRelayError(f"there is no notification {notification} that could be")
    print(f"Notification {notification} {word}.")
