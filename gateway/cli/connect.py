"""`career-relay connect`: what a company's mail administrator types, filled in."""

import enum
import json
from collections.abc import Iterable
from typing import Annotated

import typer


class Product(enum.StrEnum):
    """What stands in front of the relay; also the name of the template in templates/connect."""

    POSTFIX = "postfix"
    EXCHANGE_ONLINE = "exchange-online"
    GOOGLE = "google"
    SES = "ses"
    GENERIC = "generic"


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
        typer.Option(help="Of the company's SMTP user, to be printed; it is not known here."),
    ] = None,
) -> None:
    """Print what makes a company's mail server send through this relay."""
    from gateway.cli.parts import open_parts
    from gateway.core.sender import named_addresses
    from gateway.settings import HostPort, parse_host_port
    from gateway.store.company_records import find_company

    parts = open_parts()
    with parts.reading() as session:
        record = find_company(session, name)
    settings = parts.settings
    listens = settings.smtp_listen
    here = listens if listens.is_loopback else HostPort(settings.hostname, listens.port)
    try:
        address = HostPort(*parse_host_port(relay)) if relay else here
    except ValueError as error:
        raise typer.BadParameter(f"{error}, for example relay.example.jp:587") from None
    values = {
        "name": name,
        "host": address.host,
        "port": address.port,
        "clear": address.is_loopback and settings.tls_certificate is None,
        "user": record.smtp_user,
        "password": password or "PASSWORD",
        "domains": record.company.domains,
        "addresses": named_addresses(record.company),
        "next_hop": record.next_hop,
        "quoted": _quoted,
    }
    print(parts.renderer.snippet(for_.value, values))


def _quoted(texts: Iterable[str]) -> str:
    return ", ".join(json.dumps(text, ensure_ascii=False) for text in texts)
