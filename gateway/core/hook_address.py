"""Which addresses a webhook may have: a company must not make us call our own network."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_LONGEST_URL = 2000
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052


def read_hook_url(url: str, *, allow_http: bool = False) -> SplitResult:
    """Return the parts of a webhook's address.

    Raises ValueError saying what is wrong: not https, a user or a fragment in it, no host.
    """
    if len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"a webhook's address is ASCII of at most {_LONGEST_URL} characters")
    parts = urlsplit(url)
    if parts.scheme not in ({"https", "http"} if allow_http else {"https"}):
        raise ValueError("a webhook's address begins with https://")
    if not parts.hostname or parts.username is not None or parts.fragment:
        raise ValueError("a webhook's address is https://HOST/PATH, without user and without #")
    _ = parts.port  # raises ValueError
    return parts


def is_public(address: IpAddress) -> bool:
    """Tell whether an address is one of the open internet, also when it stands for another one.

    Not: this machine, private and link-local networks, multicast, and IPv6 addresses that hold
    such an IPv4 address (mapped, 6to4, Teredo, NAT64).
    """
    if isinstance(address, ipaddress.IPv6Address):
        held = _held_by(address)
        if any(not is_public(each) for each in held):
            return False
        if held:
            return True
    return address.is_global and not address.is_multicast


def _held_by(address: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if address in _NAT64:
        return (ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF),)
    return ()
