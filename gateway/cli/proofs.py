"""`career-relay company prove`: show that a company's domains are its own."""

import json
from typing import Annotated, Any

import typer

from gateway.errors import NotFoundError

_ACTOR = "command line"


def prove(
    name: str,
    vouch: Annotated[
        str | None, typer.Option(metavar="DOMAIN", help="You know it is theirs: no DNS needed.")
    ] = None,
    withdraw: Annotated[
        str | None, typer.Option(metavar="DOMAIN", help="It is not known to be theirs any more.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Ask DNS whether a company's domains are its own, and write down what it says.

    Prints the TXT record to publish for each domain. Exit code 1 while one is not proven.
    A domain that was proven before stays so when DNS does not answer.
    """
    if vouch and withdraw:
        raise typer.BadParameter("take one of --vouch and --withdraw")
    shown = _change(name, vouch, withdraw) if vouch or withdraw else _ask_dns(name)
    if as_json:
        print(json.dumps(shown, ensure_ascii=False))
    else:
        for one in shown:
            print(f"{one['domain']}  {one['proof'] or 'not proven'}")
            if one["proof"] != "vouched":
                print(f'  {one["record"]}. IN TXT "{one["text"]}"')
            if one["trouble"]:
                print(f"  {one['trouble']}")
    if not all(one["proof"] for one in shown):
        raise typer.Exit(1)


def _ask_dns(name: str) -> list[dict[str, Any]]:
    from gateway.cli.parts import open_parts, utc_now
    from gateway.core.proof import is_proven, record_name, record_text
    from gateway.resolver import DnsError, DnsResolver
    from gateway.store.company_records import find_company
    from gateway.store.domain_proofs import ProofKind, save_proof

    parts = open_parts()
    resolver = DnsResolver(parts.settings.dns_server)
    with parts.reading() as session:
        company = find_company(session, name).company
    troubles: dict[str, str] = {}
    for domain in company.domains:
        try:
            found = resolver.txt(record_name(domain))
        except DnsError as error:
            troubles[domain] = str(error)
            continue
        if is_proven(found, record_text(parts.key, company.id, domain)):
            with parts.writing() as session:
                save_proof(session, company.id, domain, ProofKind.DNS, _ACTOR, utc_now())
        else:
            troubles[domain] = "The record is not there." if not found else "It says another text."
    return _state(name, troubles)


def _change(name: str, vouch: str | None, withdraw: str | None) -> list[dict[str, Any]]:
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.admission import read_domain
    from gateway.store.company_records import find_company
    from gateway.store.domain_proofs import ProofKind, save_proof, withdraw_proof

    domain = read_domain(vouch or withdraw or "")
    with open_parts().writing() as session:
        company = find_company(session, name).company
        if domain not in company.domains:
            owned = ", ".join(company.domains)
            raise NotFoundError(f"{domain} is none of the company's domains: {owned}.")
        if vouch:
            save_proof(session, company.id, domain, ProofKind.VOUCHED, _ACTOR, utc_now())
        else:
            withdraw_proof(session, company.id, domain, _ACTOR, utc_now())
    return [one for one in _state(name, {}) if not withdraw or one["domain"] != domain]


def _state(name: str, troubles: dict[str, str]) -> list[dict[str, Any]]:
    from gateway.cli.parts import open_parts
    from gateway.core.proof import record_name, record_text
    from gateway.store.company_records import find_company
    from gateway.store.domain_proofs import load_proofs

    parts = open_parts()
    with parts.reading() as session:
        company = find_company(session, name).company
        proofs = load_proofs(session, company.id).get(company.id, ())
    kinds = {proof.domain: proof.kind.value for proof in proofs}
    return [
        {
            "domain": domain,
            "proof": kinds.get(domain, ""),
            "record": record_name(domain),
            "text": record_text(parts.key, company.id, domain),
            "trouble": troubles.get(domain, ""),
        }
        for domain in company.domains
    ]
