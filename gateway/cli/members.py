"""Commands on who of a company is told by mail: member, and company contact."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.core.company import Language

if TYPE_CHECKING:
    from gateway.store.outbox import Event

ACTOR = "command line"

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Digest = Annotated[
    str | None,
    typer.Option(metavar="both|weekly|monthly|none", help="Which reports come."),
]
MuteOption = Annotated[
    list[str] | None, typer.Option("--mute", metavar="EVENT", help="Send no mails of it.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    group = typer.Typer(no_args_is_help=True, help="Who of a company is told by mail.")
    group.command()(add)
    group.command("list")(list_)
    group.command("set")(set_)
    group.command()(remove)
    app.add_typer(group, name="member")


def add(
    company: str,
    address: str,
    language: Annotated[Language, typer.Option(help="Of the mails.")] = Language.JA,
    digest: Digest = None,
    mute: MuteOption = None,
) -> None:
    """Tell one more person of a company's events by mail."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store import members
    from gateway.store.company_records import find_company

    now = utc_now()
    with open_parts().writing() as session:
        company_id = find_company(session, company).company.id
        made = members.add_member(session, company_id, address, language, ACTOR, now)
        wanted = _choose(made.muted, digest, mute or [], [])
        members.set_muted(session, made, wanted, ACTOR, now)
    print(f"Member {made.id}: {made.address}")


def list_(company: str, as_json: Json = False) -> None:
    """List a company's members and their choices."""
    from gateway.cli.parts import open_parts
    from gateway.store.company_records import find_company
    from gateway.store.members import list_members
    from gateway.store.outbox import REPORTS

    with open_parts().reading() as session:
        found = list_members(session, find_company(session, company).company.id)
    for one in found:
        muted = sorted(one.muted - REPORTS)
        if as_json:
            shown = {"member": one.id, "address": one.address, "language": one.language.value}
            print(json.dumps(shown | {"digest": one.digest, "muted": muted}))
        else:
            without = f"  without {', '.join(muted)}" if muted else ""
            print(f"{one.id}  {one.address}  {one.language}  reports: {one.digest}{without}")
    if not found and not as_json:
        print("No member: career-relay member add COMPANY ADDRESS")


def set_(
    company: str,
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="Address or number.")],
    language: Annotated[Language | None, typer.Option(help="Of the mails.")] = None,
    digest: Digest = None,
    mute: MuteOption = None,
    unmute: Annotated[
        list[str] | None, typer.Option("--unmute", metavar="EVENT", help="Send mails of it again.")
    ] = None,
) -> None:
    """Change a member's choices; what is not named stays as it is."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store import members
    from gateway.store.company_records import find_company

    now = utc_now()
    with open_parts().writing() as session:
        company_id = find_company(session, company).company.id
        found = members.find_member(session, company_id, member)
        wanted = _choose(found.muted, digest, mute or [], unmute or [])
        members.set_muted(session, found, wanted, ACTOR, now)
        if language is not None:
            members.set_language(session, found, language, ACTOR, now)
    print(f"Member {found.id} is changed.")


def remove(
    company: str,
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="Address or number.")],
) -> None:
    """Send a member no more mails; what waits for them is given up."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store import members
    from gateway.store.company_records import find_company

    with open_parts().writing() as session:
        company_id = find_company(session, company).company.id
        found = members.find_member(session, company_id, member)
        members.remove_member(session, found, ACTOR, utc_now())
    print(f"Member {found.id} is removed.")


def contact(
    name: str,
    address: Annotated[str, typer.Argument(help='Whom candidates may ask; "none" for nobody.')],
) -> None:
    """Change a company's contact address; the member who had the old one moves along."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.companies import set_contact
    from gateway.store.company_records import find_company

    with open_parts().writing() as session:
        record = find_company(session, name)
        wanted = "" if address == "none" else address
        changed = set_contact(session, record.company.id, wanted, ACTOR, utc_now())
    print(f"{changed.company.name}: {changed.company.contact or 'no contact'}")


def read_events(names: list[str]) -> "frozenset[Event]":
    """Return the events of these names.

    Raises typer.BadParameter, naming all that there are.
    """
    from gateway.store.outbox import Event

    try:
        return frozenset(Event(name) for name in names)
    except ValueError:
        raise typer.BadParameter(f"one of {', '.join(Event)}") from None


def _choose(
    muted: "frozenset[Event]", digest: str | None, mute: list[str], unmute: list[str]
) -> "frozenset[Event]":
    """Return what is muted from now on."""
    from gateway.store.members import DIGESTS
    from gateway.store.outbox import REPORTS

    wanted = (muted | read_events(mute)) - read_events(unmute)
    if digest is None:
        return wanted
    if digest not in DIGESTS:
        raise typer.BadParameter("both, weekly, monthly or none", param_hint="--digest")
    return (wanted - REPORTS) | DIGESTS[digest]
