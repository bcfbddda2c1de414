"""What can be set about the way to a company's next hop: hosts, TLS, login, limits. Only values."""

import enum
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.host_port import HostPort


class HopTls(enum.StrEnum):
    """Whether the way to the next hop is encrypted, and who it must prove to be.

    opportunistic  TLS when it is offered, with whoever answers (RFC 7435)
    verify         TLS, with a certificate for the host's name by an authority of this system
    pinned         the same by the company's own authority alone
    """

    NONE = "none"
    OPPORTUNISTIC = "opportunistic"
    VERIFY = "verify"
    PINNED = "pinned"


class EightBit(enum.StrEnum):
    """What becomes of 8-bit mail where the next hop does not offer 8BITMIME."""

    SEND = "send"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class HopSettings:
    """How a company's next hop is spoken to; the secrets are sealed by gateway.keys.sealing.

    fallbacks             tried in this order when the first host takes no connection
    implicit_tls          TLS from the first byte (port 465), no STARTTLS
    authority             PEM certificates of who signs the next hop's, "" for the system's
    user                  "" for no login
    certificate           PEM chain that the relay shows, "" for none
    most_connections      mails on their way at once, the others wait for their turn
    idle_seconds          an unused connection is closed after so long
    mails_per_connection  then a new one is made
    """

    fallbacks: tuple[HostPort, ...] = ()
    tls: HopTls = HopTls.OPPORTUNISTIC
    implicit_tls: bool = False
    authority: str = field(default="", repr=False)
    user: str = ""
    sealed_password: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    sealed_key: str = field(default="", repr=False)
    most_connections: int = 20
    idle_seconds: int = 30
    mails_per_connection: int = 100
    eight_bit: EightBit = EightBit.SEND


class Bounds(NamedTuple):
    """What a next hop takes, as far as it says so and the company wants that kept.

    size       octets of a message as sent, None for any number
    eight_bit  whether bytes above 127 may go there
    """

    size: int | None = None
    eight_bit: bool = True


DEFAULT_HOP = HopSettings()
"""How every company begins."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a company's mails go: `hosts` in the order they are tried, and how."""

    company_id: int
    hosts: tuple[HostPort, ...]
    settings: HopSettings = DEFAULT_HOP


def describe_hop(hop: HopSettings) -> dict[str, str]:
    """Return the settings as a person reads them, without any secret."""
    tls = f"{hop.tls} (from the first byte)" if hop.implicit_tls else hop.tls.value
    return {
        "fallbacks": ", ".join(map(str, hop.fallbacks)),
        "tls": tls,
        "login": hop.user,
        "client_certificate": "yes" if hop.certificate else "",
        "limits": f"{hop.most_connections} connections, closed after {hop.idle_seconds} s unused "
        f"or {hop.mails_per_connection} mails",
        "eight_bit": hop.eight_bit.value,
    }
