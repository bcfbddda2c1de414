"""What a company's mail administrator types to send through the relay, filled in."""

import enum
import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.core.sender import named_addresses
from gateway.host_port import HostPort, parse_host_port

if TYPE_CHECKING:  # the command line loads the database when it needs it
    from gateway.settings import Settings
    from gateway.store.company_records import CompanyRecord


_HOST = re.compile(r"[A-Za-z0-9._:-]+")


class Product(enum.StrEnum):
    """What stands in front of the relay; also the name of the template in templates/connect."""

    POSTFIX = "postfix"
    EXCHANGE_ONLINE = "exchange-online"
    GOOGLE = "google"
    SES = "ses"
    GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class Door:
    """Where a company's mail server reaches the relay.

    has_tls  whether it offers STARTTLS; without it logins are taken from this machine only
    """

    address: HostPort
    has_tls: bool = False

    def moved(self, text: str) -> "Door":
        """Return the door with the address `text`, as it is reached from outside.

        Raises ValueError saying what is wrong.
        """
        address = HostPort(*parse_host_port(text))
        if not _HOST.fullmatch(address.host):
            raise ValueError("no name of a host")
        return Door(address, self.has_tls)


def door_of(settings: "Settings") -> Door:
    """Return where the relay can be reached, as far as its settings tell."""
    listens = settings.smtp_listen
    here = listens if listens.is_loopback else HostPort(settings.hostname, listens.port)
    return Door(here, has_tls=settings.tls_certificate is not None)


def fill_in(record: "CompanyRecord", door: Door, password: str = "") -> Mapping[str, object]:
    """Return the values of the templates; the password is not known here, "" leaves a word."""
    return {
        "shell_name": shlex.quote(record.company.name),
        "host": door.address.host,
        "port": door.address.port,
        "clear": door.address.is_loopback and not door.has_tls,
        "user": record.smtp_user,
        "password": password or "PASSWORD",
        "domains": record.company.domains,
        "addresses": named_addresses(record.company),
        "next_hop": record.next_hop,
        "quoted": _quoted,
    }


def _quoted(texts: Iterable[str]) -> str:
    return ", ".join(json.dumps(text, ensure_ascii=False) for text in texts)
