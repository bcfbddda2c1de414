"""`career-relay company hop`: where a company's mails go next, and how that server is spoken to."""

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.reading import read_password
from gateway.errors import CareerRelayError
from gateway.hops import EightBit, HopSettings, HopTls, describe_hop
from gateway.host_port import HostPort, parse_host_port

if TYPE_CHECKING:
    from gateway.cli.parts import Parts
    from gateway.store.company_records import CompanyRecord


def hop(  # noqa: PLR0913, PLR0917  one parameter an option
    name: str,
    hosts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[HOST:PORT]...", help="In the order they are tried."),
    ] = None,
    tls: Annotated[
        HopTls | None,
        typer.Option(
            help="none; opportunistic: when offered; verify: by this system's authorities; "
            "pinned: by --authority alone."
        ),
    ] = None,
    implicit_tls: Annotated[
        bool | None,
        typer.Option("--implicit-tls/--starttls", help="TLS from the first byte, as on port 465."),
    ] = None,
    authority: Annotated[
        Path | None, typer.Option(metavar="FILE", help="PEM certificates to trust, and no other.")
    ] = None,
    user: Annotated[
        str | None, typer.Option(help='Log in as USER; "" for no login. Asks for the password.')
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With the password; - asks for it, or reads input."),
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="PEM chain to show as a client.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="PEM key of --certificate.")
    ] = None,
    no_certificate: Annotated[
        bool, typer.Option("--no-certificate", help="Show none any more.")
    ] = False,
    most_connections: Annotated[
        int | None, typer.Option(help="Mails on their way at once; the others wait.")
    ] = None,
    idle_seconds: Annotated[
        int | None, typer.Option(help="Close an unused connection after so long.")
    ] = None,
    mails_per_connection: Annotated[
        int | None, typer.Option(help="Then a new one is made.")
    ] = None,
    eight_bit: Annotated[
        EightBit | None,
        typer.Option(help="What becomes of 8-bit mail where 8BITMIME is not offered."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Show or change where a company's mails go next; effective within two seconds.

    Password and key are encrypted with this installation's key before they are stored.
    """
    from gateway.cli.parts import open_parts

    plain: dict[str, Any] = {
        "tls": tls,
        "implicit_tls": implicit_tls,
        "most_connections": most_connections,
        "idle_seconds": idle_seconds,
        "mails_per_connection": mails_per_connection,
        "eight_bit": eight_bit,
    }
    parts = open_parts()
    record = _read(parts, name)
    company_id = record.company.id
    changes = {option: value for option, value in plain.items() if value is not None}
    first, changes["fallbacks"] = _read_hosts(record, hosts or [])
    changes |= _trust(record.hop, tls, authority)
    if user is not None:
        changes |= _log_in(parts, company_id, user, password_file)
    elif password_file is not None:
        raise typer.BadParameter("goes with --user", param_hint="--password-file")
    changes |= _show_certificate(parts, company_id, certificate, key, none=no_certificate)
    changed = dataclasses.replace(record.hop, **changes)
    if (first, changed) != (record.next_hop, record.hop):
        _save(parts, company_id, first, changed)
    _print(_read(parts, name), as_json=as_json)


def _read(parts: "Parts", name: str) -> "CompanyRecord":
    from gateway.store.company_records import find_company

    with parts.reading() as session:
        return find_company(session, name)


def _read_hosts(record: "CompanyRecord", hosts: list[str]) -> tuple[HostPort, tuple[HostPort, ...]]:
    """Return the first host and the others; without any the company's."""
    if not hosts:
        return record.next_hop, record.hop.fallbacks
    try:
        first, *others = (HostPort(*parse_host_port(text)) for text in hosts)
    except ValueError as error:
        raise typer.BadParameter(
            f"{error}, for example mx.example.jp:587", param_hint="HOST:PORT"
        ) from None
    return first, tuple(others)


def _trust(hop: HopSettings, tls: HopTls | None, authority: Path | None) -> dict[str, Any]:
    """Return the authority to keep; another mode than pinned has none."""
    if authority is not None:
        return {"authority": _read_text(authority, "--authority")}
    return {} if (tls or hop.tls) is HopTls.PINNED else {"authority": ""}


def _log_in(
    parts: "Parts", company_id: int, user: str, password_file: Path | None
) -> dict[str, Any]:
    from gateway.smtp.hop_tls import bind_password

    if not user:
        return {"user": "", "sealed_password": ""}
    password = read_password(password_file or Path("-"), user)
    sealed = parts.hop_seal.lock(password.encode(), bind_password(company_id))
    return {"user": user, "sealed_password": sealed}


def _show_certificate(
    parts: "Parts", company_id: int, certificate: Path | None, key: Path | None, *, none: bool
) -> dict[str, Any]:
    from gateway.smtp.hop_tls import bind_key

    if none:
        return {"certificate": "", "sealed_key": ""}
    if (certificate is None) != (key is None):
        raise typer.BadParameter("--certificate and --key go together")
    if certificate is None or key is None:
        return {}
    pem = _read_text(key, "--key").encode()
    return {
        "certificate": _read_text(certificate, "--certificate"),
        "sealed_key": parts.hop_seal.lock(pem, bind_key(company_id)),
    }


def _read_text(path: Path, option: str) -> str:
    try:
        return path.read_text("ascii")
    except (OSError, ValueError) as error:
        raise CareerRelayError(f"{option} {path} cannot be read: {type(error).__name__}") from None


def _save(parts: "Parts", company_id: int, first: HostPort, hop: HopSettings) -> None:
    from gateway.cli.parts import utc_now
    from gateway.smtp.hop_tls import open_security
    from gateway.store.hops import check_hop, save_route

    check_hop(first, hop)
    open_security(company_id, hop, parts.hop_seal)  # as the gateway will: errors show here
    with parts.writing() as session:
        save_route(session, company_id, first, hop, actor="command line", now=utc_now())


def _print(record: "CompanyRecord", *, as_json: bool) -> None:
    shown = {"next_hop": str(record.next_hop), **describe_hop(record.hop)}
    if as_json:
        print(json.dumps(shown, ensure_ascii=False))
        return
    for key, value in shown.items():
        print(f"{key:18} {value or '-'}")
