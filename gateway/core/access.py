"""How a company's mail servers show who they are, and which proofs together are enough."""

import enum
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.core.network import Network, is_within


class Way(enum.StrEnum):
    """One proof of who a client is."""

    PASSWORD = "password"  # noqa: S105  SMTP AUTH
    NETWORK = "network"  # it comes from an address of the company's list
    CERTIFICATE = "certificate"  # it has the private key of a certificate of the company's list
    HEADER = "header"  # the mail carries the company's secret routing header

    @property
    def is_known_before_data(self) -> bool:
        """Whether it is shown before the message comes."""
        return self is not Way.HEADER


Proofs = frozenset[Way]


@dataclass(frozen=True, slots=True)
class Pin:
    """A client certificate as such: whoever issued it, this very one is the company's.

    fingerprint  SHA-256 of its DER form, 64 hexadecimal digits
    pem          the certificate: TLS must know it to take it
    """

    fingerprint: str
    pem: str


@dataclass(frozen=True, slots=True)
class ShownCertificate:
    """The certificate that a client showed, whose private key it has.

    names  its subject's common name and DNS names, lower case; () when it was not issued by the
           authority that this installation trusts
    """

    fingerprint: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """Who may send as a company.

    requires  each member is enough by itself, and needs all the proofs it holds
    networks  where its servers are
    pins      their certificates
    names     names in certificates that the trusted authority issued, lower case
    """

    requires: tuple[Proofs, ...] = (frozenset({Way.PASSWORD}),)
    networks: tuple[Network, ...] = ()
    pins: tuple[Pin, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def knows_unasked(self) -> bool:
        """Whether a client can show anything by being where and what it is."""
        return bool(self.networks or self.pins or self.names)

    def proofs_of(self, address: str, certificate: ShownCertificate | None) -> Proofs:
        """Return what a client shows by being where and what it is."""
        shown = set()
        if self.networks and is_within(address, self.networks):
            shown.add(Way.NETWORK)
        if certificate is not None and self._knows(certificate):
            shown.add(Way.CERTIFICATE)
        return frozenset(shown)

    def admits(self, shown: Proofs) -> bool:
        """Tell whether `shown` is enough."""
        return any(map(shown.issuperset, self.requires))

    def _knows(self, certificate: ShownCertificate) -> bool:
        return any(pin.fingerprint == certificate.fingerprint for pin in self.pins) or any(
            name in self.names for name in certificate.names
        )


PASSWORD_ONLY = Access()
"""How every company begins."""


def read_requires(texts: Iterable[str]) -> tuple[Proofs, ...]:
    """Return what texts such as "password" and "network+header" require.

    Raises ValueError saying what is wrong.
    """
    requires = tuple(dict.fromkeys(_read_proofs(text) for text in texts))
    if not requires:
        raise ValueError("at least one way in is needed")
    return requires


def write_proofs(proofs: Proofs) -> str:
    """Return proofs as `read_requires` reads them."""
    return "+".join(way.value for way in Way if way in proofs)


def _read_proofs(text: str) -> Proofs:
    try:
        proofs = frozenset(Way(word) for word in text.strip().lower().split("+"))
    except ValueError:
        ways = ", ".join(Way)
        raise ValueError(f"{text!r} is not one or several of {ways}, joined by +") from None
    if not any(way.is_known_before_data for way in proofs):
        raise ValueError(
            "a header alone would let anybody ask the next hop for recipients: "
            "join it with another, such as network+header"
        )
    return proofs


def is_wide(network: Network) -> bool:
    """Tell whether a network is too large to be one company's: more than 4,096 addresses or /48."""
    longest = 20 if isinstance(network, ipaddress.IPv4Network) else 48
    return network.prefixlen < longest
