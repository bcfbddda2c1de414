"""The sockets of a gateway of several processes: opened once, before any process is forked."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest

from gateway.cli.counted import bind_metrics
from gateway.cli.served import address_of
from gateway.settings import HostPort, Settings
from gateway.smtpd import BACKLOG, explain

_FIRST_GIVEN = 3
"""SD_LISTEN_FDS_START."""


@dataclass(frozen=True, slots=True)
class Doors:
    """Listening sockets: SMTP, SMTP with TLS at once, and /metrics."""

    smtp: tuple[socket.socket, ...]
    smtps: tuple[socket.socket, ...]
    metrics: socket.socket | None

    @property
    def address(self) -> HostPort:
        """Where SMTP is spoken."""
        return address_of(self.smtp[0])

    def close(self) -> None:
        """Close the sockets here; other processes that hold them may still accept connections."""
        for bound in (*self.smtp, *self.smtps, self.metrics):
            if bound is not None:
                bound.close()


Given = Mapping[str, tuple[socket.socket, ...]]
"""Sockets that systemd opened, by name."""


def given_sockets() -> Given:
    """Return the sockets that systemd listens on for this process: sd_listen_fds(3).

    Those named `smtps` speak TLS at once, all others are for SMTP. It keeps them while the gateway
    is restarted, and connections wait meanwhile.
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return {}
    numbers = range(_FIRST_GIVEN, _FIRST_GIVEN + int(os.environ.get("LISTEN_FDS", "0")))
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    found: dict[str, tuple[socket.socket, ...]] = {}
    for number, name in zip_longest(numbers, names[: len(numbers)], fillvalue=""):
        kind = "smtps" if name == "smtps" else "smtp"
        found[kind] = (*found.get(kind, ()), socket.socket(fileno=int(number)))
    return found


def as_given(settings: Settings, given: Given) -> Settings:
    """Return the settings with the addresses of the sockets given, in the places of their own.

    Of several it is one that other machines reach, if any is: whether somebody may log in without
    TLS hangs on it.
    """
    listens = {
        f"{kind}_listen": min(map(address_of, sockets), key=lambda address: address.is_loopback)
        for kind, sockets in given.items()
    }
    return settings.model_copy(update=listens)


def open_doors(settings: Settings, given: Given) -> Doors:
    """Listen wherever the settings say and no socket is given; connections wait from now on.

    Raises TakenError when a port is in use, CareerRelayError when there is no such address.
    """
    smtps = settings.smtps_listen
    return Doors(
        given.get("smtp") or _open(settings.smtp_listen, "SMTP_LISTEN"),
        given.get("smtps") or (_open(smtps, "SMTPS_LISTEN") if smtps is not None else ()),
        bind_metrics(settings),
    )


def _open(listen: HostPort, setting: str) -> tuple[socket.socket, ...]:
    """Return a socket for each address of the host, as asyncio's create_server() would."""
    try:
        found = socket.getaddrinfo(*listen, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        families = dict.fromkeys((family, address) for family, _, _, _, address in found)
        return tuple(_listen(family, address) for family, address in families)
    except OSError as error:
        raise explain(listen, setting, error) from None


def _listen(family: int, address: tuple[object, ...]) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
        bound.listen(BACKLOG)
    except OSError:
        bound.close()
        raise
    return bound
