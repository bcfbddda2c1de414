"""`career-relay connect`: what a company's mail administrator types, filled in."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.reading import read_password
from gateway.snippets import Product, door_of, fill_in


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.command()(connect)


def connect(
    name: str,
    for_: Annotated[Product, typer.Option("--for", help="What sends the company's mail.")],
    relay: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            help="Where the company reaches this relay; without it CAREER_RELAY_HOSTNAME and the "
            "port that it listens on.",
        ),
    ] = None,
    password: Annotated[
        str | None,
        typer.Option(
            help="Of the company's SMTP user, to be printed; it is not known here. Whoever may "
            "list processes on this machine sees it: --password-file is better."
        ),
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The same from a file; - asks for it, or reads input."),
    ] = None,
) -> None:
    """Print what makes a company's mail server send through this relay."""
    from gateway.cli.parts import open_parts
    from gateway.store.company_records import find_company

    if password is not None and password_file is not None:
        raise typer.BadParameter("goes without --password", param_hint="--password-file")
    parts = open_parts()
    with parts.reading() as session:
        record = find_company(session, name)
    if password_file is not None:
        password = read_password(password_file, record.smtp_user)
    door = door_of(parts.settings)
    try:
        door = door.moved(relay) if relay else door
    except ValueError as error:
        raise typer.BadParameter(f"{error}, for example relay.example.jp:587") from None
    print(parts.renderer.snippet(for_.value, fill_in(record, door, password or "")))
