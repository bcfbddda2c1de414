"""`career-relay doctor`: look at everything between a company and its candidates."""

import dataclasses
import json
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.command()(doctor)


def doctor(
    name: str,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Look at relay, domains, next hop, links, SPF and DKIM of a company, one line each.

    Sends no mail. Exit code 1 when something fails.
    """
    from gateway.cli.parts import open_parts
    from gateway.diagnosis import Health, Patient, diagnose
    from gateway.resolver import DnsResolver
    from gateway.smtp.hop_tls import open_security
    from gateway.store.company_records import find_company

    parts = open_parts()
    with parts.reading() as session:
        record = find_company(session, name)
    patient = Patient(
        record,
        parts.settings,
        parts.key,
        DnsResolver(parts.settings.dns_server),
        lambda: open_security(record.company.id, record.hop, parts.hop_seal),
    )
    has_failed = False
    for finding in diagnose(patient):
        has_failed |= finding.health is Health.FAIL
        if as_json:
            print(json.dumps(dataclasses.asdict(finding), ensure_ascii=False))
            continue
        print(f"{finding.health.value:4}  {finding.what}: {finding.text}")
        if finding.next_step:
            print(f"      {finding.next_step}")
    if has_failed:
        raise typer.Exit(1)
