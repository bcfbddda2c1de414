"""`career-relay company dkim`: who signs a company's edited mails, with which key."""

import enum
import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.core.dkim import Algorithm, DkimMode, NotSignableError
from gateway.errors import CareerRelayError, NotFoundError, TakenError

if TYPE_CHECKING:
    from gateway.cli.parts import Parts
    from gateway.store.company_records import CompanyRecord
    from gateway.store.dkim_keys import DkimKey

_ACTOR = "command line"
_TXT_STRING_BYTES = 255
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_SELECTOR = re.compile(rf"(?=.{{1,63}}\Z){_LABEL}(?:\.{_LABEL})*")
"""RFC 6376 section 3.1; one column of the database."""


class KeyKind(enum.StrEnum):
    """A key as one speaks of it; Algorithm is how the mail does."""

    RSA = "rsa"
    ED25519 = "ed25519"


def dkim(  # noqa: PLR0913, PLR0917  one parameter an option
    name: str,
    sign: Annotated[
        bool, typer.Option("--sign", help="Let the relay sign; makes a key of a new selector.")
    ] = False,
    off: Annotated[
        bool, typer.Option("--off", help="Let the next hop sign; the keys are kept.")
    ] = False,
    selector: Annotated[
        str | None, typer.Option(help="Of the key to sign with; without it the one in use.")
    ] = None,
    algorithm: Annotated[
        KeyKind | None, typer.Option(help="Of a new key; not every receiver knows ed25519.")
    ] = None,
    forget: Annotated[
        str | None, typer.Option(metavar="SELECTOR", help="Delete an old key for ever.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Show or change who signs a company's edited mails; prints the DNS records to publish.

    A new key beside one in use does not sign yet: publish its record, then run the
    same command again. Effective within two seconds.
    """
    if sum((sign, off, forget is not None)) > 1 or not (sign or selector is algorithm is None):
        raise typer.BadParameter(
            "take one of --sign, --off and --forget; --selector and --algorithm go with --sign"
        )
    from gateway.cli.parts import open_parts

    parts = open_parts()
    said = ""
    if sign:
        said = _sign(parts, name, selector, algorithm)
    elif off:
        said = _turn_off(parts, name)
    elif forget is not None:
        said = _forget(parts, name, forget)
    _show(parts, name, said, as_json=as_json)


def _sign(parts: "Parts", name: str, selector: str | None, kind: KeyKind | None) -> str:
    from gateway.cli.parts import utc_now

    record, keys = _read(parts, name)
    in_use = record.dkim.key
    chosen = selector or _selector_in_use(record, keys) or f"cr{utc_now():%Y%m%d}"
    if not _SELECTOR.fullmatch(chosen):
        raise typer.BadParameter(
            "must be letters a-z, digits and hyphens, for example cr2026", param_hint="--selector"
        )
    if chosen not in keys:
        _make_key(parts, record.company.id, chosen, kind or KeyKind.RSA)
        if in_use is not None:
            return (
                f"A new key was made. {in_use.selector} goes on signing: publish the new record, "
                f"wait until it is seen everywhere, then run this command again."
            )
    elif kind is not None and _kind(keys[chosen]) is not kind:
        raise CareerRelayError(
            f"the key of the selector {chosen} is {_kind(keys[chosen])}: choose a new --selector"
        )
    elif not _opens(parts, keys[chosen]):
        raise CareerRelayError(
            f"the key of {chosen} was sealed with another CAREER_RELAY_SECRET_KEY: "
            "choose a new --selector, or give the gateway its old secret back"
        )
    _set(parts, record.company.id, chosen)
    return "Its record must be published: until it is seen, receivers ignore the signatures."


def _selector_in_use(record: "CompanyRecord", keys: dict[str, "DkimKey"]) -> str | None:
    """Return the selector that signs, else the newest key's, None without any key."""
    return record.dkim.key.selector if record.dkim.key else next(reversed(keys), None)


def _make_key(parts: "Parts", company_id: int, selector: str, kind: KeyKind) -> None:
    from sqlalchemy.exc import IntegrityError

    from gateway.cli.parts import utc_now
    from gateway.keys.signing import make_key
    from gateway.store.dkim_keys import DkimKey, add_key

    new = make_key(Algorithm(f"{kind}-sha256"))
    key = DkimKey(
        company_id=company_id,
        selector=selector,
        algorithm=new.algorithm.value,
        public_key=new.public,
        sealed_key=parts.signer.seal(company_id, selector, new),
        created_at=utc_now(),
    )
    try:
        with parts.writing() as session:
            add_key(session, key)
    except IntegrityError:
        raise TakenError(f"A key of the selector {selector} was made this very moment.") from None


def _set(parts: "Parts", company_id: int, selector: str) -> None:
    from gateway.cli.parts import utc_now
    from gateway.store.companies import set_dkim

    with parts.writing() as session:
        set_dkim(session, company_id, selector, _ACTOR, utc_now())


def _turn_off(parts: "Parts", name: str) -> str:
    record, _ = _read(parts, name)
    _set(parts, record.company.id, "")
    return "Leave the DNS records for a week: mails on their way are still checked by them."


def _forget(parts: "Parts", name: str, selector: str) -> str:
    from gateway.store.dkim_keys import remove_key

    record, keys = _read(parts, name)
    if record.dkim.key is not None and record.dkim.key.selector == selector:
        raise CareerRelayError(f"{selector} is in use: sign with another selector first, or --off")
    if selector not in keys:
        raise NotFoundError(f'{name} has no DKIM key of the selector "{selector}".')
    with parts.writing() as session:
        remove_key(session, record.company.id, selector)
    return f"The key of {selector} is deleted; its DNS record may go too."


def _read(parts: "Parts", name: str) -> tuple["CompanyRecord", dict[str, "DkimKey"]]:
    """Return the company and its keys by selector, oldest first."""
    from gateway.store.company_records import find_company
    from gateway.store.dkim_keys import list_keys

    with parts.reading() as session:
        record = find_company(session, name)
        keys = list_keys(session, record.company.id)
    return record, {key.selector: key for key in keys}


def _kind(key: "DkimKey") -> KeyKind:
    return KeyKind(key.algorithm.removesuffix("-sha256"))


def _show(parts: "Parts", name: str, said: str, *, as_json: bool) -> None:
    record, keys = _read(parts, name)
    shown = [_key_as_dict(parts, record, key) for key in keys.values()]
    if as_json:
        mode = record.dkim.mode.value
        answer = {"company": record.company.name, "dkim": mode, "keys": shown}
        print(json.dumps(answer, ensure_ascii=False))
        return
    signs = record.dkim.mode is DkimMode.RELAY_SIGNS
    who = "the relay signs edited mails" if signs else "the next hop signs"
    print(f"{record.company.name}: {who} ({record.dkim.mode}).")
    for key in shown:
        _print_key(key)
    if said:
        print(said)


def _key_as_dict(parts: "Parts", record: "CompanyRecord", key: "DkimKey") -> dict[str, Any]:
    return {
        "selector": key.selector,
        "algorithm": key.algorithm,
        "created_at": _date(key.created_at),
        "in_use": record.dkim.key == key and record.dkim.mode is DkimMode.RELAY_SIGNS,
        "opens": _opens(parts, key),
        "records": [
            {"name": f"{key.selector}._domainkey.{domain}", "type": "TXT", "value": _value(key)}
            for domain in record.company.domains
        ],
    }


def _date(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _opens(parts: "Parts", key: "DkimKey") -> bool:
    try:
        parts.signer.open(key)
    except NotSignableError:
        return False
    return True


def _value(key: "DkimKey") -> str:
    """Return the TXT record's value (RFC 6376 section 3.6.1)."""
    return f"v=DKIM1; k={_kind(key)}; p={key.public_key}"


def _print_key(key: dict[str, Any]) -> None:
    state = "signs" if key["in_use"] else "does not sign"
    print(f"\nselector {key['selector']} ({key['algorithm']}, {key['created_at']}): {state}")
    if not key["opens"]:
        print("  It was sealed with another CAREER_RELAY_SECRET_KEY and cannot be used.")
    for record in key["records"]:
        print(zone_line(record["name"], record["value"]))


def zone_line(name: str, value: str) -> str:
    """Return a TXT record as zone files have it: strings of at most 255 bytes (RFC 1035 3.3.14)."""
    size = _TXT_STRING_BYTES
    pieces = [f'"{value[at : at + size]}"' for at in range(0, len(value), size)]
    return f"{name}. IN TXT ( " + "\n    ".join(pieces) + " )"
