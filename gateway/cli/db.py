"""Commands on the database itself: copy."""

import contextlib
import json
from collections.abc import Iterator
from typing import Annotated

import typer

from gateway.errors import CareerRelayError, NotFoundError, SettingError

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
    from gateway.store.copying import copy_database
    from gateway.store.engine import open_engine
    from gateway.store.migrate import migrate

    addresses = [_read_address("--from", source), _read_address("--to", target)]
    if addresses[0] == addresses[1]:
        raise CareerRelayError("--from and --to are the same database")
    with _clear_trouble("--from", addresses[0]):
        _refuse_missing(addresses[0])
    with _clear_trouble("--to", addresses[1]):
        migrate(addresses[1])
    with contextlib.ExitStack() as stack:
        engines = [open_engine(address) for address in addresses]
        for engine in engines:
            stack.callback(engine.dispose)
        stack.enter_context(_clear_trouble("--to", addresses[1], also=("--from", addresses[0])))
        copied = copy_database(*engines)
    if as_json:
        print(json.dumps({each.table: each.rows for each in copied}))
        return
    for each in copied:
        print(f"{each.rows:10} {each.table}")
    print("Every row is there, and every ledger verifies. Set CAREER_RELAY_DATABASE_URL to it.")


def _read_address(option: str, url: str) -> str:
    from gateway.settings import load_settings

    try:
        return load_settings(database_url=url).database
    except SettingError as error:
        if "CAREER_RELAY_DATABASE_URL" not in str(error):
            raise
        raise CareerRelayError(_no_address(option)) from None


def _no_address(option: str) -> str:
    return (
        f"{option} is not a database address. Examples: {option} sqlite:////var/lib/x.sqlite3, "
        f"{option} postgresql://relay:secret@127.0.0.1/relay"
    )


def _refuse_missing(address: str) -> None:
    """Raise NotFoundError for a file that is not there: a mistyped name is no empty ledger."""
    from gateway.store.engine import sqlite_file

    file = sqlite_file(address)
    if file is not None and not file.exists():
        raise NotFoundError(f"--from: there is no file {file}")


@contextlib.contextmanager
def _clear_trouble(
    option: str, address: str, also: tuple[str, str] | None = None
) -> Iterator[None]:
    """Say which database did not do it, and what to do next.

    also  another database that may have failed, by option and address
    """
    from sqlalchemy.exc import ArgumentError, DBAPIError

    from gateway.store.trouble import explain_trouble, is_of

    try:
        yield
    except ArgumentError:
        raise CareerRelayError(_no_address(option)) from None
    except DBAPIError as error:
        if also is not None and not is_of(error, address):
            option, address = also
        told = explain_trouble(error, address)
        raise CareerRelayError(f"nothing was copied. {option}: {told}") from None
    except OSError as error:
        raise CareerRelayError(
            f"nothing was copied. {option}: {error.filename or address} cannot be made or written "
            f"({error.strerror}): name another place"
        ) from None
