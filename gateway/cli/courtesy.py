"""`career-relay company courtesy`: what follows from a rejection mail that nobody should get."""

import json
from typing import Annotated

import typer

from gateway.core.findings import LABELS, Courtesy, Finding, Reaction

_SHAPE = "FINDING=log|notify|refuse"


def courtesy(
    name: str,
    finding: Annotated[
        list[str] | None,
        typer.Option(metavar=_SHAPE, help=f"Findings: {', '.join(Finding)}; or all."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Show or set what follows from each finding of the courtesy check.

    log: it stands in the log. notify: the company is told, at most once an hour, and the mail
    goes. refuse: the mail does not go, its sender gets 550, in observe mode too.
    """
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.company_records import find_company
    from gateway.store.courtesy import set_reactions

    reactions = _read(finding or [])
    parts = open_parts()
    if reactions:
        with parts.writing() as session:
            company_id = find_company(session, name).company.id
            set_reactions(session, company_id, reactions, "command line", utc_now())
    with parts.reading() as session:
        found = find_company(session, name).company.courtesy
    if as_json:
        print(json.dumps({one.value: found.reaction(one).value for one in Finding}))
        return
    for one in Finding:
        print(f"{one:20} {found.reaction(one):8} {LABELS[one]}")


def describe_courtesy(found: Courtesy) -> list[str]:
    """Return what follows from each finding in one word group each."""
    return [f"{one}={found.reaction(one)}" for one in Finding]


def _read(texts: list[str]) -> dict[Finding, Reaction]:
    reactions: dict[Finding, Reaction] = {}
    for text in texts:
        key, _, value = text.partition("=")
        try:
            findings = list(Finding) if key == "all" else [Finding(key)]
            reactions |= dict.fromkeys(findings, Reaction(value))
        except ValueError:
            known = ", ".join(Finding)
            raise typer.BadParameter(
                f"{text!r} is not {_SHAPE}; findings are {known}", param_hint="--finding"
            ) from None
    return reactions
