"""The PROXY protocol, versions 1 and 2: who a trusted load balancer speaks for.

https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt sections 2.1 and 2.2. It comes before
everything else, TLS too. A balancer that is trusted must send it: who could leave it out could
pass for the balancer.
"""

import asyncio
import ipaddress
import re

_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
_V1 = re.compile(
    rb"PROXY (?:TCP4 (?P<v4>[0-9.]{7,15}) [0-9.]{7,15}|TCP6 (?P<v6>[0-9A-Fa-f:.]{2,39}) "
    rb"[0-9A-Fa-f:.]{2,39}) [0-9]{1,5} [0-9]{1,5}\r\n"
)
_V1_UNKNOWN = re.compile(rb"PROXY UNKNOWN(?: [ -~]*)?\r\n")
_LONGEST_V1 = 107
_LONGEST_V2 = 4096
_LOCAL, _PROXY = 0x20, 0x21
_TCP4, _TCP6 = 0x11, 0x21


class ProxyError(Exception):
    """What came is no PROXY header."""


async def read_proxy(reader: asyncio.StreamReader) -> str | None:
    """Return the address of the client that the balancer speaks for.

    None when it speaks for itself (its health checks) or cannot say for whom. Raises ProxyError,
    EOFError when the balancer is gone; the caller sets a time limit.
    """
    head = await reader.readexactly(len(_SIGNATURE))
    if head == _SIGNATURE:
        return await _read_v2(reader)
    if not head.startswith(b"PROXY "):
        raise ProxyError
    while not head.endswith(b"\r\n"):  # byte by byte: what follows is the client's
        if len(head) >= _LONGEST_V1:
            raise ProxyError
        head += await reader.readexactly(1)
    return _parse_v1(head)


def _parse_v1(line: bytes) -> str | None:
    if _V1_UNKNOWN.fullmatch(line):
        return None
    found = _V1.fullmatch(line)
    if found is None:
        raise ProxyError
    try:
        if found["v4"]:
            return str(ipaddress.IPv4Address(found["v4"].decode()))
        return str(ipaddress.IPv6Address(found["v6"].decode()))
    except ValueError:
        raise ProxyError from None


async def _read_v2(reader: asyncio.StreamReader) -> str | None:
    fixed = await reader.readexactly(4)
    command, family, length = fixed[0], fixed[1], int.from_bytes(fixed[2:], "big")
    if length > _LONGEST_V2:
        raise ProxyError
    rest = await reader.readexactly(length)
    if command == _LOCAL:
        return None
    if command != _PROXY:
        raise ProxyError
    if family == _TCP4 and length >= 12:
        return str(ipaddress.IPv4Address(rest[:4]))
    if family == _TCP6 and length >= 36:
        return str(ipaddress.IPv6Address(rest[:16]))
    if family in {_TCP4, _TCP6}:
        raise ProxyError
    return None
