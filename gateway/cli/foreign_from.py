"""`career-relay company foreign-from`: what becomes of mail that says it is somebody else's."""

from typing import Annotated

import typer

_SAYS = {
    "pass": "mail whose From is not surely the company's passes as it came, without a link.",
    "refuse": "mail whose From is not surely the company's is refused with 550.",
}


def foreign_from(
    name: str,
    policy: Annotated[str | None, typer.Argument(metavar="pass|refuse")] = None,
) -> None:
    """Show or set what happens to mail with a foreign header From; effective within two seconds.

    Not surely the company's: From is of another domain, is missing, stands twice, or can be read
    in more than one way. Mail without an envelope sender, such as bounces, always passes.
    """
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.company_records import find_company
    from gateway.store.foreign_from import ForeignFrom, set_foreign_from

    parts = open_parts()
    if policy is not None:
        try:
            wanted = ForeignFrom(policy)
        except ValueError:
            raise typer.BadParameter("pass or refuse") from None
        with parts.writing() as session:
            company_id = find_company(session, name).company.id
            set_foreign_from(session, company_id, wanted, "command line", utc_now())
    with parts.reading() as session:
        found = find_company(session, name).foreign_from
    print(f"{name}: {_SAYS[found.value]}")
