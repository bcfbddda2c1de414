"""Commands on persons: erase."""

from typing import Annotated

import typer

from gateway.core.envelope import Address


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    group = typer.Typer(no_args_is_help=True, help="Single persons: erasure.")
    group.callback()(_person)
    group.command()(erase)
    app.add_typer(group, name="person")


def _person() -> None:
    """Keep `person erase` two words while there is one command."""


def erase(
    address: Annotated[
        str, typer.Argument(help="The mail address; - reads it from standard input.")
    ],
    opt_out: Annotated[
        bool, typer.Option("--opt-out", help="Also stop notices; this keeps a keyed hash.")
    ] = False,
) -> None:
    """Forget a person: who was referred is erased, sums and ledgers stay."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.core.candidate import hash_candidate, mask
    from gateway.store import referrals
    from gateway.store.retention import erase_person

    text = typer.get_text_stream("stdin").readline() if address == "-" else address
    who = Address(text.strip())
    if "@" not in who:
        raise typer.BadParameter("that is no mail address", param_hint="ADDRESS")
    parts = open_parts()
    candidate = hash_candidate(parts.key, who)
    with parts.writing() as session:
        done = erase_person(session, candidate, mask(who))
        if opt_out:
            referrals.opt_out(session, candidate, utc_now())
    print(f"{done.referrals} referrals and {done.mails} lines of the mail log name nobody now.")
