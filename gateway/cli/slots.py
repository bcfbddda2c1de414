"""Commands on slots: what a company does with what it earned."""

import json
from typing import Annotated

import typer

from gateway.core.account import Kind, SlotUse

ACTOR = "command line"
Reason = Annotated[str, typer.Option(help="Stays in the ledger: name no person.")]
Number = Annotated[int, typer.Argument(help="The entry that earned the slot: `slot list`.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    group = typer.Typer(no_args_is_help=True, help="Free hiring slots (無料採用枠) and their use.")
    group.command("list")(list_)
    group.command()(reserve)
    group.command()(introduce)
    group.command()(hire)
    group.command("return")(return_)
    group.command()(adjust)
    app.add_typer(group, name="slot")


def list_(
    company: str,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """List a company's slots."""
    from gateway.cli.parts import open_parts
    from gateway.store.company_records import find_company
    from gateway.store.slots import list_slots

    with open_parts().reading() as session:
        rows = list_slots(session, find_company(session, company).company.id)
    for row in rows:
        shown = {"slot": row.number, "use": row.use.value, "owed": not row.is_earned}
        owed = "" if row.is_earned else "  (owed: the next ten points fill it)"
        print(json.dumps(shown) if as_json else f"slot {row.number}  {row.use}{owed}")


def reserve(company: str, reason: Reason = "") -> None:
    """Reserve the oldest available slot for one hiring."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.company_records import find_company
    from gateway.store.slots import reserve_slot

    with open_parts().writing() as session:
        company_id = find_company(session, company).company.id
        number = reserve_slot(session, company_id, ACTOR, utc_now(), reason)
    print(f"Slot {number} is reserved.")


def introduce(company: str, slot: Number, reason: Reason = "") -> None:
    """Write down that a candidate was introduced for a reserved slot."""
    _use(company, slot, Kind.INTRODUCED, reason)


def hire(company: str, slot: Number, reason: Reason = "") -> None:
    """Write down that the introduced candidate was hired: the slot is used up."""
    _use(company, slot, Kind.HIRED, reason)


def return_(company: str, slot: Number, reason: Reason = "") -> None:
    """Give a reserved slot back: nobody was interviewed."""
    _use(company, slot, Kind.RETURNED, reason)


def _use(company: str, slot: int, kind: Kind, reason: str) -> None:
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.company_records import find_company
    from gateway.store.slots import use_slot

    with open_parts().writing() as session:
        company_id = find_company(session, company).company.id
        use_slot(session, company_id, slot, kind, ACTOR, utc_now(), reason)
    print(f"Slot {slot}: {kind}.")


def adjust(company: str, slot: Number, became: SlotUse, reason: Reason) -> None:
    """Correct what a slot is used for."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.company_records import find_company
    from gateway.store.slots import adjust_slot

    with open_parts().writing() as session:
        company_id = find_company(session, company).company.id
        adjust_slot(session, company_id, slot, became, reason, ACTOR, utc_now())
    print(f"Slot {slot} is {became} now.")
