"""`career-relay company brake`: hold a company's rejections when too many go out at once."""

import dataclasses
import json
from typing import Annotated

import typer

_ACTOR = "command line"


def brake(  # noqa: PLR0913, PLR0917  one parameter an option
    name: str,
    per_minute: Annotated[
        int | None, typer.Option(help="More rejections in a minute are held; 0 is off.")
    ] = None,
    same_candidate: Annotated[
        int | None,
        typer.Option(
            metavar="MINUTES",
            help="A second rejection to one candidate within so long is held; 0 is off.",
        ),
    ] = None,
    release: Annotated[
        bool, typer.Option("--release", help="Let the held mails go when they are tried again.")
    ] = False,
    refuse: Annotated[
        bool, typer.Option("--refuse", help="Send the held mails back: the sender gets 550.")
    ] = False,
    reason: Annotated[
        str, typer.Option(help="Why they are released or refused, for the company's history.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Show, set or let go a company's brake against mass mistakes.

    While it is pulled, rejection mails get 451 and stay in the sender's queue; all other
    mail flows. Exit code 1 while it is pulled. A company has no limits until you set some.
    """
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store import brakes
    from gateway.store.brakes import Brake, HeldState
    from gateway.store.company_records import find_company

    if release and refuse:
        raise typer.BadParameter("take one of --release and --refuse")
    parts = open_parts()
    has_limits = per_minute is not None or same_candidate is not None
    changes = has_limits or release or refuse
    with parts.writing() if changes else parts.reading() as session:
        company_id = find_company(session, name).company.id
        if has_limits:
            old = brakes.find_brake(session, company_id)
            limits = Brake(
                old.most_per_minute if per_minute is None else per_minute,
                old.same_candidate_minutes if same_candidate is None else same_candidate,
            )
            brakes.set_limits(session, company_id, limits, _ACTOR, utc_now())
        if release or refuse:
            verdict = HeldState.REFUSED if refuse else HeldState.RELEASED
            brakes.let_go(session, company_id, verdict, _ACTOR, utc_now(), reason)
        found = brakes.find_brake(session, company_id)
    shown = dataclasses.asdict(found)
    shown["pulled_at"] = found.pulled_at.isoformat() if found.pulled_at else None
    if as_json:
        print(json.dumps(shown, ensure_ascii=False))
    else:
        print(f"{name}: rejections a minute: {found.most_per_minute or 'no limit'}")
        print(f"minutes until one candidate gets another: {found.same_candidate_minutes or 'none'}")
        if found.pulled_at:
            print(f"PULLED since {shown['pulled_at']}: {found.cause}; {found.held} mails wait")
            print("Look at `career-relay log`, then --release or --refuse.")
    if found.pulled_at:
        raise typer.Exit(1)
