"""`career-relay company senders`: who of a company sends its rejection mails."""

import json
import sys
from typing import Annotated

import typer

from gateway.core.company import ALL_SENDERS, Company
from gateway.core.sender import header_rule
from gateway.errors import CareerRelayError

SenderHeader = Annotated[
    list[str] | None,
    typer.Option(
        metavar='"NAME: VALUE"',
        help="Whose mails have this header field, with VALUE anywhere in it.",
    ),
]
AllSenders = Annotated[
    bool, typer.Option("--all-senders", help="Everybody at the company's domains, by your choice.")
]


def senders(
    name: str,
    sender: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS|DOMAIN", help="An address, or a domain with its subdomains."),
    ] = None,
    sender_header: SenderHeader = None,
    all_senders: AllSenders = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Show or name who sends a company's rejection mails; nobody else's mails are judged.

    What is named takes the place of what was. Who is named by an address, a domain or a header
    field may send them; effective within two seconds.
    """
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.companies import set_senders
    from gateway.store.company_records import find_company

    named = read_senders(sender, sender_header, all_senders=all_senders)
    parts = open_parts()
    if named:
        with parts.writing() as session:
            company_id = find_company(session, name).company.id
            set_senders(session, company_id, named, "command line", utc_now())
    with parts.reading() as session:
        company = find_company(session, name).company
    if as_json:
        print(json.dumps(list(company.senders), ensure_ascii=False))
        return
    for one in company.senders:
        print("everybody, as chosen" if one == ALL_SENDERS else one)
    warn_of_everybody(company)


def read_senders(
    senders: list[str] | None, headers: list[str] | None, *, all_senders: bool
) -> tuple[str, ...]:
    """Return the senders that the options name, as a company keeps them."""
    try:
        named = (*(senders or ()), *map(header_rule, headers or ()))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--sender-header") from None
    if named and all_senders:
        raise CareerRelayError("Name senders, or take --all-senders, not both.")
    return (ALL_SENDERS,) if all_senders else named


def warn_of_everybody(company: Company) -> None:
    """Say on standard error that nobody has chosen who sends the company's rejection mails."""
    if not company.senders:
        print(
            f"No recruiting sender of {company.name} is named: mails of every address at "
            f"{', '.join(company.domains)} are judged. Name them with `career-relay company "
            "senders NAME --sender ADDRESS`, or choose that with --all-senders.",
            file=sys.stderr,
        )
