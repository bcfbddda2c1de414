"""Ways in: which proofs a company's mail servers must show, and what is taken for one."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.access import (
    PASSWORD_ONLY,
    Access,
    Pin,
    Way,
    is_wide,
    read_requires,
    write_proofs,
)
from gateway.core.network import Network, read_network
from gateway.errors import CareerRelayError
from gateway.store.company_changes import CompanyChange, note_change
from gateway.store.credentials import CredentialKind, list_credentials
from gateway.store.tables import Base

_MOST_VALUES = 500
_MOST_CHARACTERS = 8000


class AccessRow(Base):
    """One value of a company's ways in; a company without any logs in by password.

    kind   "requires", "network", "pin" or "name"
    value  "network+header", "192.0.2.0/24", "FINGERPRINT PEM" or "mail.example.jp"
    """

    __tablename__ = "company_access"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(_MOST_CHARACTERS))


def set_access(
    session: Session, company_id: int, access: Access, actor: str, now: datetime
) -> None:
    """Let the company's servers in as `access` says, from now on; noted with who did it.

    Raises CareerRelayError when it could let in nobody, or everybody.
    """
    check_access(session, company_id, access, now)
    old = load_access(session, company_id).get(company_id, PASSWORD_ONLY)
    session.execute(delete(AccessRow).where(AccessRow.company_id == company_id))
    session.add_all(
        AccessRow(company_id=company_id, kind=kind, value=value) for kind, value in _values(access)
    )
    session.flush()
    change = CompanyChange(now, actor, "access", describe_access(old), describe_access(access))
    note_change(session, company_id, change)


def check_access(session: Session, company_id: int, access: Access, now: datetime) -> None:
    """Raise CareerRelayError saying what is missing or too wide."""
    needed = frozenset().union(*access.requires)
    keys = [
        one
        for one in list_credentials(session, company_id)
        if one.kind is CredentialKind.HEADER and one.is_valid(now)
    ]
    lacks = [
        (Way.NETWORK, access.networks, "no network is named: --network 192.0.2.0/24"),
        (Way.CERTIFICATE, access.pins + access.names, "no certificate is: --certificate FILE"),
        (Way.HEADER, keys, "there is no key: career-relay company credential add NAME header"),
    ]
    for way, given, told in lacks:
        if way in needed and not given:
            raise CareerRelayError(f"{way} is required, and {told}")
    wide = [str(network) for network in access.networks if is_wide(network)]
    if wide and frozenset({Way.NETWORK}) in access.requires:
        raise CareerRelayError(
            f"{', '.join(wide)} is too large to be one company's. Addresses that others share "
            "prove nothing alone: require network+header."
        )
    values = list(_values(access))
    if len(values) > _MOST_VALUES or any(len(value) > _MOST_CHARACTERS for _, value in values):
        raise CareerRelayError("That is more than any company needs.")


def shared_networks(session: Session, company_id: int, access: Access) -> tuple[str, ...]:
    """Return the networks of `access` that overlap another company's: the sender's domain decides.

    Worth a warning where the network alone is enough: each may then send as the other.
    """
    others = [
        network
        for other, theirs in load_access(session, None).items()
        if other != company_id
        for network in theirs.networks
    ]
    return tuple(str(mine) for mine in access.networks if any(_overlap(mine, o) for o in others))


def load_access(session: Session, only: int | None) -> dict[int, Access]:
    """Return the ways in of all companies, or of one, by company id."""
    query = select(AccessRow.company_id, AccessRow.kind, AccessRow.value).order_by(AccessRow.id)
    if only is not None:
        query = query.where(AccessRow.company_id == only)
    found: defaultdict[int, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for company_id, kind, value in session.execute(query):
        found[company_id][kind].append(value)
    return {company_id: _access(values) for company_id, values in found.items()}


def describe_access(access: Access) -> str:
    """Return ways in as one line, for people."""
    ways = " or ".join(write_proofs(proofs) for proofs in access.requires)
    parts = [f"requires {ways}"]
    if access.networks:
        parts.append("networks " + " ".join(map(str, access.networks)))
    if access.pins or access.names:
        shown = [f"sha256:{pin.fingerprint}" for pin in access.pins] + list(access.names)
        parts.append("certificates " + " ".join(shown))
    return "; ".join(parts)


def _values(access: Access) -> Iterator[tuple[str, str]]:
    yield from (("requires", write_proofs(proofs)) for proofs in access.requires)
    yield from (("network", str(network)) for network in access.networks)
    yield from (("pin", f"{pin.fingerprint} {pin.pem}") for pin in access.pins)
    yield from (("name", name) for name in access.names)


def _access(values: dict[str, list[str]]) -> Access:
    return Access(
        requires=read_requires(values["requires"]),
        networks=tuple(read_network(text) for text in values["network"]),
        pins=tuple(Pin(*text.split(" ", 1)) for text in values["pin"]),
        names=tuple(values["name"]),
    )


def _overlap(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)
