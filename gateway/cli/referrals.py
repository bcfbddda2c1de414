"""Commands on single referrals: void, bounce."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.core.link import hash_token, read_token
from gateway.errors import CareerRelayError, NotFoundError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from gateway.store.corrections import Correction

ACTOR = "command line"
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    group = typer.Typer(no_args_is_help=True, help="Single referrals: corrections.")
    group.command()(void)
    group.command()(bounce)
    app.add_typer(group, name="referral")


def void(
    referral: Annotated[
        str,
        typer.Argument(metavar="REFERRAL", help="Its number, or the token or address of its link."),
    ],
    reason: Annotated[
        str, typer.Option(help="In a few words. It stays in the ledger: name no person.")
    ],
    as_json: Json = False,
) -> None:
    """Take a referral back: its point is reversed. A second time changes nothing."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store import corrections

    if not reason.strip():
        raise typer.BadParameter("say why", param_hint="--reason")
    with open_parts().writing() as session:
        referral_id = find_referral(session, referral)
        done = corrections.void(session, referral_id, reason, ACTOR, utc_now())
    if as_json:
        print(json.dumps({"referral": referral_id, **as_dict(done)}))
        return
    before = "" if done.is_new else " already"
    what = "its point is taken back" if done.kind == "void" else "it has no point"
    print(f"Referral {referral_id} is{before} withdrawn: {what} (entry {done.seq}).")
    sums = done.balance
    print(f"{sums.counted} candidates referred, {sums.slots_available} free slots available.")


def bounce(as_json: Json = False) -> None:
    """Read a bounce (RFC 3464) from standard input; take back what never arrived.

    A report of a delay, or of a mail that is no referral, changes nothing.
    """
    from gateway.cli.parts import open_parts, utc_now
    from gateway.core.bounce import NotABounceError, read_bounce
    from gateway.core.candidate import hash_candidate
    from gateway.core.link import identify_message
    from gateway.store.bounces import find_bounced, reverse

    try:
        report = read_bounce(typer.get_binary_stream("stdin").read())
    except NotABounceError as error:
        raise CareerRelayError(f"that is no delivery status notification: {error}") from None
    if report.message_id is None:
        raise CareerRelayError("the report does not return the mail's Message-ID")
    message = identify_message(report.message_id, b"")
    parts = open_parts()
    for outcome in report.outcomes:
        shown: dict[str, Any] = {"action": outcome.action, "status": outcome.status}
        hashes = [hash_candidate(parts.key, address) for address in outcome.addresses]
        with parts.writing() as session:
            found = find_bounced(session, message, hashes)
            if found is not None and outcome.is_permanent:
                shown |= as_dict(reverse(session, found, outcome.status, utc_now()))
        shown["referral"] = found
        print(json.dumps(shown) if as_json else _bounce_line(shown))


def _bounce_line(shown: dict[str, Any]) -> str:
    head = f"{shown['action'] or 'no action'} {shown['status']}".strip()
    if shown["referral"] is None:
        return f"{head}: no referral of ours"
    if "entry" not in shown:
        return f"{head}: referral {shown['referral']} stays as it is"
    before = "" if shown["is_new"] else " already"
    return f"{head}: referral {shown['referral']} is{before} withdrawn (entry {shown['entry']})"


def find_referral(session: "Session", text: str) -> int:
    """Return the id of the referral that a number, a token or a link names.

    Raises NotFoundError.
    """
    from gateway.store.referrals import find_by_token_hash, get_referral

    token = read_token(text.rstrip("/").rpartition("/")[2])
    if token is not None:
        found = find_by_token_hash(session, hash_token(token))
        if found is not None:
            return found.id
    if text.isascii() and text.isdigit() and len(text) < 19:
        return get_referral(session, int(text)).id
    raise NotFoundError(f'There is no referral with the number or token "{text}".')


def as_dict(done: "Correction") -> dict[str, Any]:
    """Return what a correction did, for scripts."""
    return {
        "entry": done.seq,
        "kind": done.kind.value,
        "is_new": done.is_new,
        "counted": done.balance.counted,
        "slots_available": done.balance.slots_available,
    }
