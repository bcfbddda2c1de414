"""Which addresses a webhook may have: a company must not make us call our own network."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_LONGEST_URL = 2000
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
_GLOBAL = ipaddress.IPv6Network("2000::/3")  # all that RFC 4291 section 2.4 has given out so far
_DS_LITE = ipaddress.IPv4Network("192.0.0.0/24")  # RFC 6890: within a network, part of it "global"


def read_hook_url(url: str, *, allow_http: bool = False) -> SplitResult:
    """Return the parts of a webhook's address.

    Raises ValueError saying what is wrong: not https, a user or a fragment in it, no host, an
    address of this network in its place. What a name leads to is looked at when it is called.
    """
    if len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"a webhook's address is ASCII of at most {_LONGEST_URL} characters")
    parts = urlsplit(url)
    if parts.scheme not in ({"https", "http"} if allow_http else {"https"}):
        raise ValueError("a webhook's address begins with https://")
    if not parts.hostname or parts.username is not None or parts.fragment:
        raise ValueError("a webhook's address is https://HOST/PATH, without user and without #")
    _ = parts.port  # raises ValueError
    if not allow_http and not _may_be_public(parts.hostname):
        raise ValueError("a webhook's address is on the open internet, not on this network")
    return parts


def _may_be_public(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.rstrip(".") != "localhost"
    return is_public(address)


def is_public(address: IpAddress) -> bool:
    """Tell whether an address is one of the open internet, also when it stands for another one.

    Not: this machine, private, link-local and site-local networks, multicast, IPv6 addresses that
    hold such an IPv4 address (mapped, 6to4, Teredo, NAT64), and those of a network's own
    translation (RFC 8215, RFC 2765), which hold who knows what.
    """
    if isinstance(address, ipaddress.IPv6Address):
        held = _held_by(address)
        if any(not is_public(each) for each in held):
            return False
        return bool(held) or (address in _GLOBAL and address.is_global)
    return address.is_global and not address.is_multicast and address not in _DS_LITE


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
