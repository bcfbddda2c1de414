"""Commands on who may send as a company: access, password, credential."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.core.access import Access
    from gateway.store.credentials import Credential, CredentialKind

_ACTOR = "command line"
_KEEP_DAYS = 7

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def add_to(group: typer.Typer) -> None:
    """Add the commands of this module to the group `company`."""
    group.command()(access)
    group.command()(password)
    credential = typer.Typer(no_args_is_help=True, help="Secrets of a company's mail servers.")
    credential.command("list")(list_)
    credential.command()(add)
    credential.command()(revoke)
    group.add_typer(credential, name="credential")


def access(
    name: str,
    require: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WAY[+WAY]",
            help="password, network, certificate or header; joined by + all are needed. Given "
            "several times, each is enough.",
        ),
    ] = None,
    network: Annotated[
        list[str] | None,
        typer.Option(metavar="CIDR", help='An address or network; "none" for none.'),
    ] = None,
    certificate: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE|NAME",
            help="A client certificate in PEM, or a name in one of the authority of "
            'CAREER_RELAY_TLS_CLIENT_CA; "none" for none.',
        ),
    ] = None,
) -> None:
    """Show or set how a company's mail servers show who they are; effective within two seconds.

    What is not named stays as it is.
    """
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.access import describe_access, set_access, shared_networks
    from gateway.store.company_records import find_company

    parts = open_parts()
    if require is None and network is None and certificate is None:
        with parts.reading() as session:
            print(describe_access(find_company(session, name).access))
        return
    with parts.writing() as session:
        record = find_company(session, name)
        wanted = _changed(record.access, require, network, certificate)
        set_access(session, record.company.id, wanted, _ACTOR, utc_now())
        shared = shared_networks(session, record.company.id, wanted)
    print(f"{record.company.name}: {describe_access(wanted)}")
    if shared:
        print(
            f"{', '.join(shared)} is another company's too: from there the sender's domain decides."
        )


def password(
    name: str,
    keep_old: Annotated[
        bool, typer.Option("--keep-old", help="Let the old one be valid for --days more.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=365)] = _KEEP_DAYS,
) -> None:
    """Give a company a new SMTP password, shown once; the old one is void at once."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.companies import renew_password
    from gateway.store.company_records import find_company

    now = utc_now()
    until = now + timedelta(days=days) if keep_old else None
    with open_parts().writing() as session:
        company_id = find_company(session, name).company.id
        record, secret = renew_password(session, company_id, _ACTOR, now, until)
    print(f"  SMTP user      {record.smtp_user}")
    print(f"  SMTP password  {secret}   (not shown again)")
    print(f"The old one is valid until {_day(until)}." if until else "The old one is void.")


def list_(name: str, as_json: Json = False) -> None:
    """List a company's secrets: which, since when, until when, last used."""
    from gateway.cli.parts import open_parts
    from gateway.store.company_records import find_company

    with open_parts().reading() as session:
        found = find_company(session, name).credentials
    for one in found:
        print(json.dumps(_as_dict(one)) if as_json else _as_line(one))


def add(
    name: str,
    kind: Annotated[str, typer.Argument(metavar="password|header|api")],
) -> None:
    """Add a secret, shown once: an SMTP password, a routing header or an API token."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.core.routing_key import FIELD_NAME
    from gateway.store.company_records import find_company
    from gateway.store.credentials import CredentialKind, add_credential

    wanted = _read_kind(kind)
    with open_parts().writing() as session:
        record = find_company(session, name)
        made, secret = add_credential(session, record.company.id, wanted, _ACTOR, utc_now())
    if wanted is CredentialKind.PASSWORD:
        print(f"  SMTP user      {record.smtp_user}")
        print(f"  SMTP password  {secret}   (number {made.id}, not shown again)")
    elif wanted is CredentialKind.API:
        print(f"  Authorization: Bearer {secret}   (number {made.id}, not shown again)")
    else:
        print(f"  {FIELD_NAME}: {secret}   (number {made.id}, not shown again)")


def revoke(
    name: str,
    number: int,
    days: Annotated[int, typer.Option(min=0, max=365, help="Only after so many days.")] = 0,
) -> None:
    """Take a secret away, now or in some days."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.company_records import find_company
    from gateway.store.credentials import limit_credential

    now = utc_now()
    until = now + timedelta(days=days) if days else None
    with open_parts().writing() as session:
        record = find_company(session, name)
        limit_credential(session, record.company.id, number, until, _ACTOR, now)
    print(f"Number {number} is void{f' from {_day(until)}' if until else ''}.")


def _changed(
    old: "Access",
    require: list[str] | None,
    network: list[str] | None,
    certificate: list[str] | None,
) -> "Access":
    """Return the ways in with what the options name."""
    from dataclasses import replace

    from gateway.core.access import read_requires
    from gateway.core.network import read_network

    try:
        new = old if require is None else replace(old, requires=read_requires(require))
        if network is not None:
            new = replace(new, networks=tuple(read_network(text) for text in _given(network)))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return new if certificate is None else _with_certificates(new, _given(certificate))


def _with_certificates(old: "Access", given: list[str]) -> "Access":
    from dataclasses import replace

    from gateway.smtp.certificate import read_pin

    pins, names = [], []
    for text in given:
        if not Path(text).is_file():
            names.append(text.lower())
            continue
        try:
            pins.append(read_pin(Path(text).read_bytes()))
        except (OSError, ValueError):
            raise typer.BadParameter(f"{text} is no certificate in PEM") from None
    return replace(old, pins=tuple(pins), names=tuple(names))


def _given(texts: list[str]) -> list[str]:
    return [text for text in texts if text != "none"]


def _read_kind(text: str) -> "CredentialKind":
    from gateway.store.credentials import CredentialKind

    try:
        return CredentialKind(text)
    except ValueError:
        raise typer.BadParameter("password, header or api") from None


def _as_dict(one: "Credential") -> dict[str, object]:
    return {
        "number": one.id,
        "kind": one.kind.value,
        "created_at": one.created_at.isoformat(),
        "expires_at": one.expires_at.isoformat() if one.expires_at else None,
        "last_used_at": one.last_used_at.isoformat() if one.last_used_at else None,
    }


def _as_line(one: "Credential") -> str:
    until = f"until {_day(one.expires_at)}" if one.expires_at else "until revoked"
    used = f"last used {one.last_used_at:%Y-%m-%d %H}:00 UTC" if one.last_used_at else "never used"
    return f"{one.id:5}  {one.kind:8}  since {_day(one.created_at)}  {until}  {used}"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "-"
