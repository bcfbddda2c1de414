"""Commands on the database itself: copy."""

import contextlib
import json
from typing import Annotated

import typer

from gateway.errors import CareerRelayError

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    group = typer.Typer(no_args_is_help=True, help="The database itself.")
    group.command()(copy)
    app.add_typer(group, name="db")


def copy(
    source: Annotated[str, typer.Option("--from", metavar="URL", help="The database to copy.")],
    target: Annotated[
        str, typer.Option("--to", metavar="URL", help="An empty one; its tables are made.")
    ],
    as_json: Json = False,
) -> None:
    """Copy a ledger into an empty database, for example from SQLite to PostgreSQL, and verify it.

    Stop the relay first: what it writes meanwhile is not copied. The secret key must stay the
    same. Nothing is changed in the database that is copied.
    """
    from sqlalchemy.exc import ArgumentError, DBAPIError

    from gateway.settings import load_settings
    from gateway.store.copying import copy_database
    from gateway.store.engine import open_engine
    from gateway.store.migrate import migrate

    try:
        addresses = [load_settings(database_url=url).database for url in (source, target)]
        if addresses[0] == addresses[1]:
            raise CareerRelayError("--from and --to are the same database")
        migrate(addresses[1])
        with contextlib.ExitStack() as stack:
            engines = [open_engine(address) for address in addresses]
            for engine in engines:
                stack.callback(engine.dispose)
            copied = copy_database(*engines)
    except ArgumentError:
        raise CareerRelayError("--from or --to is not a database address") from None
    except DBAPIError as error:
        raise CareerRelayError(
            f"nothing was copied: a database refused or is gone ({type(error.orig).__name__})"
        ) from None
    if as_json:
        print(json.dumps({each.table: each.rows for each in copied}))
        return
    for each in copied:
        print(f"{each.rows:10} {each.table}")
    print("Every row is there, and every ledger verifies. Set CAREER_RELAY_DATABASE_URL to it.")
