"""What the tests of the ways in share: proofs that a company may bring, and one mail."""

import dataclasses
import socket
import struct

from gateway.core.access import Access, read_requires
from gateway.core.network import read_network
from gateway.store.credentials import Credential
from tests.smtp.gateways import OUTSIDE, Gateway, Wire

MESSAGE = "Subject: x\r\n\r\nhello\r\n."
V2 = b"\r\n\r\n\0\r\nQUIT\n"


def access(*requires: str, network: str | None = "127.0.0.0/8") -> Access:
    networks = (read_network(network),) if network else ()
    return Access(requires=read_requires(requires), networks=networks)


def let_in(gateway: Gateway, ways: Access, *keys: Credential) -> None:
    directory = gateway.directory
    directory.record = dataclasses.replace(directory.record, access=ways, credentials=keys)


def send(wire: Wire, sender: str, content: str = MESSAGE) -> str:
    """Return the reply that decides: to MAIL when it refuses, else to the final dot."""
    reply = wire.ask(f"MAIL FROM:<{sender}>")
    if not reply.startswith("250"):
        return reply
    assert wire.ask(f"RCPT TO:<{OUTSIDE}>").startswith("250")
    assert wire.ask("DATA").startswith("354")
    return wire.ask(content)


def v2(address: str, command: int = 0x21) -> bytes:
    """Return a PROXY v2 header that says the client is at `address`."""
    packed = socket.inet_aton(address) + socket.inet_aton("192.0.2.1") + struct.pack("!HH", 1, 25)
    return V2 + bytes([command, 0x11]) + struct.pack("!H", len(packed)) + packed
