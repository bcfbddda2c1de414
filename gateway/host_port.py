"""Where a server listens, and how it is written."""

from typing import Any, NamedTuple


class HostPort(NamedTuple):
    """Where a server listens: host name or IP address, and TCP port."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return `host:port`, an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def reachable(self) -> "HostPort":
        """An address that reaches, from this machine, who listens here."""
        return HostPort("127.0.0.1", self.port) if self.host in {"0.0.0.0", "::"} else self  # noqa: S104

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")


def parse_host_port(value: Any) -> Any:
    """Return the HostPort that `value` ("host:port") names.

    Raises ValueError saying what is wrong.
    """
    if not isinstance(value, str):
        return value
    host, colon, port = value.strip().rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) <= 65535):
        raise ValueError(f"{value!r} is not HOST:PORT")
    return HostPort(host, int(port))
