"""IP networks and addresses as settings, allow-lists and limits see them."""

import functools
import ipaddress
from collections.abc import Collection

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def read_network(text: str) -> Network:
    """Return the network that `text` names: an address, or one with a prefix length (CIDR).

    Raises ValueError saying what is wrong, also when bits behind the prefix are set: who writes
    10.1.2.3/8 meant either less or more.
    """
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError as error:
        raise ValueError(f"{text.strip()!r} is not an IP network such as 192.0.2.0/24") from error


@functools.lru_cache(1024)
def read_address(text: str) -> IpAddress | None:
    """Return the address that `text` is, None when it is none.

    An IPv4 address within IPv6 (::ffff:192.0.2.1, how a socket for both shows it) is IPv4.
    Each connection asks for its client's three times.
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def normal_address(text: str) -> str:
    """Return an address as it is compared and shown; what is none stays as it is."""
    address = read_address(text)
    return text if address is None else str(address)


def is_within(address: str, networks: Collection[Network]) -> bool:
    """Tell whether `address` is in one of `networks`; what is no address is in none."""
    if not networks:
        return False
    found = read_address(address)
    return found is not None and any(found in network for network in networks)


def source_of(address: str) -> str:
    """Return whom limits hold responsible: the address, of IPv6 the /64 one customer has."""
    found = read_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((found, 64), strict=False))
    return address if found is None else str(found)
