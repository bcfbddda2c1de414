"""Commands on companies: add, list, show, mode, dkim, hop, block."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from gateway.cli import access
from gateway.cli.blocks import block
from gateway.cli.brakes import brake
from gateway.cli.courtesy import courtesy, describe_courtesy
from gateway.cli.dkim import dkim
from gateway.cli.foreign_from import foreign_from
from gateway.cli.hops import hop
from gateway.cli.ledger import rule_in_words
from gateway.cli.members import contact
from gateway.cli.proofs import prove
from gateway.cli.reviews import check_inject
from gateway.cli.senders import (
    AllSenders,
    SenderHeader,
    read_senders,
    senders,
    warn_of_everybody,
)
from gateway.core.company import Language, Mode
from gateway.hops import describe_hop
from gateway.host_port import HostPort, parse_host_port

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    group = typer.Typer(no_args_is_help=True, help="Companies whose mail passes the relay.")
    group.command()(add)
    group.command("list")(list_)
    group.command()(show)
    group.command()(mode)
    group.command()(contact)
    group.command()(dkim)
    group.command()(hop)
    group.command()(block)
    access.add_to(group)
    group.command()(prove)
    group.command()(brake)
    group.command()(courtesy)
    group.command()(foreign_from)
    group.command()(senders)
    app.add_typer(group, name="company")


def add(  # noqa: PLR0913, PLR0917  one parameter an option
    name: Annotated[str, typer.Argument(help="As the candidates know it.")],
    domain: Annotated[
        list[str], typer.Option(help="A domain the company sends from; subdomains are included.")
    ],
    next_hop: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="The mail server that gets every mail next.")
    ],
    mode: Annotated[
        Mode, typer.Option(help="observe: decide and log, change nothing. inject: add the link.")
    ] = Mode.OBSERVE,
    sender: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS|DOMAIN", help="Who sends rejection mails; without it the whole domain."
        ),
    ] = None,
    sender_header: SenderHeader = None,
    all_senders: AllSenders = False,
    contact: Annotated[
        str | None,
        typer.Option(
            help="Whom candidates may ask, and the first member who is told; without it the "
            "first --sender address, else postmaster@ the first domain."
        ),
    ] = None,
    language: Annotated[Language, typer.Option(help="Of the notifications.")] = Language.JA,
    as_json: Json = False,
) -> None:
    """Add a company; its SMTP user and password are shown once, now."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.companies import add_company

    hop = _read_host_port(next_hop)
    named = read_senders(sender, sender_header, all_senders=all_senders)
    parts = open_parts()
    with parts.writing() as session:
        record, password = add_company(
            session,
            name=name,
            domains=domain,
            next_hop=hop,
            mode=mode,
            senders=named,
            contact=contact or _default_contact(sender or (), domain[0]),
            language=language,
            now=utc_now(),
        )
    if mode is Mode.INJECT:
        warn_of_everybody(record.company)
    shown = _as_dict(record) | {"smtp_user": record.smtp_user, "smtp_password": password}
    if as_json:
        print(json.dumps(shown, ensure_ascii=False))
        return
    print(f"Added {record.company.name} ({record.company.mode} mode).")
    print(f"  SMTP user      {record.smtp_user}")
    print(f"  SMTP password  {password}   (not shown again)")
    if record.company.mode is Mode.OBSERVE:
        quoted = json.dumps(name, ensure_ascii=False)
        print(
            "Mails are decided and logged, not changed. Say whether the verdicts are right, then:"
        )
        print(f"  career-relay review {quoted}")
        print(f"  career-relay company mode {quoted} inject")


def list_(as_json: Json = False) -> None:
    """List the companies."""
    from gateway.cli.parts import open_parts
    from gateway.store.company_records import load_companies

    with open_parts().reading() as session:
        records = load_companies(session)
    for record in records:
        shown = _as_dict(record)
        if as_json:
            print(json.dumps(shown, ensure_ascii=False))
        else:
            domains = ", ".join(shown["domains"])
            print(f"{shown['name']}  {shown['mode']}  {domains}  -> {shown['next_hop']}")
    if not records and not as_json:
        print("No company yet: career-relay company add NAME --domain D --next-hop HOST:PORT")


def show(name: str, as_json: Json = False) -> None:
    """Show one company."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.company_records import find_company
    from gateway.store.members import list_members
    from gateway.store.outages import describe_outage, list_outages
    from gateway.store.retention import retention_days
    from gateway.store.rules import rule_at

    with open_parts().reading() as session:
        record = find_company(session, name)
        rule = rule_at(session, record.company.id, utc_now())
        kept = retention_days(session, record.company.id)
        told = list_members(session, record.company.id)
        outages = list_outages(session, record.company.id)
    shown = _as_dict(record)
    shown["next_hop_outages"] = [describe_outage(outage) for outage in outages]
    shown["members"] = [member.address for member in told]
    shown["counting_rule"] = f"{rule.version}: {rule_in_words(rule)}"
    shown["remembers_candidates"] = f"{kept} days" if kept else "for ever"
    if as_json:
        print(json.dumps(shown, ensure_ascii=False))
        return
    for key, value in shown.items():
        text = ", ".join(value) if isinstance(value, list) else value
        print(f"{key:22} {text or '-'}")


def mode(
    name: str,
    new_mode: Annotated[Mode, typer.Argument(metavar="observe|inject")],
    unreviewed: Annotated[
        bool, typer.Option("--unreviewed", help="Inject though too few verdicts were confirmed.")
    ] = False,
) -> None:
    """Switch a company between observe and inject; effective within two seconds.

    From observe to inject it wants verdicts confirmed in a row (`career-relay review`).
    """
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.companies import set_mode
    from gateway.store.company_records import find_company

    parts = open_parts()
    with parts.writing() as session:
        record = find_company(session, name)
        if new_mode is Mode.INJECT:
            needed = parts.settings.reviews_before_inject
            check_inject(session, record.company.id, needed, unreviewed=unreviewed)
        set_mode(session, record.company.id, new_mode, actor="command line", now=utc_now())
    print(f"{record.company.name}: {new_mode} mode.")
    if new_mode is Mode.INJECT:
        warn_of_everybody(record.company)


def _read_host_port(text: str) -> HostPort:
    try:
        return HostPort(*parse_host_port(text))
    except ValueError as error:
        raise typer.BadParameter(
            f"{error}, for example 127.0.0.1:25", param_hint="--next-hop"
        ) from None


def _default_contact(senders: Sequence[str], domain: str) -> str:
    """Return an address that exists: postmaster does everywhere (RFC 5321 section 4.5.1)."""
    return next((sender for sender in senders if "@" in sender), f"postmaster@{domain}")


def _as_dict(record: Any) -> dict[str, Any]:
    from gateway.store.access import describe_access

    company = record.company
    return {
        "id": company.id,
        "name": company.name,
        "mode": company.mode.value,
        "domains": list(company.domains),
        "senders": list(company.senders),
        "next_hop": str(record.next_hop),
        **{f"hop_{name}": text for name, text in describe_hop(record.hop).items()},
        "contact": company.contact,
        "language": company.language.value,
        "dkim": record.dkim.mode.value,
        "dkim_key": record.dkim.key.selector if record.dkim.key else "",
        "smtp_user": record.smtp_user,
        "access": describe_access(record.access),
        "proven_domains": list(company.proven),
        "foreign_from": record.foreign_from.value,
        "courtesy": describe_courtesy(company.courtesy),
    }
