"""What the company's own system says of a mail: a header field, or a sub-address of the sender.

`X-Career-Relay: on` makes the mail a rejection, `off` lets it pass untouched; so do `+relay-on` and
`+relay-off` at the end of the reverse-path's local part (hr+relay-off@a.example). The trace header
has the same name, and begins with `id=`: the two cannot be taken for each other.
"""

import enum
from dataclasses import dataclass

from gateway.core.envelope import Envelope
from gateway.core.header import unfold
from gateway.core.mime import Part
from gateway.core.outgoing import may_remove
from gateway.core.splice import Span
from gateway.core.verdict import Evidence

_FIELD = "x-career-relay"
_TRACE = b"id="


class Order(enum.StrEnum):
    """What the relay is told to do with a mail."""

    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Override:
    """What a mail tells the relay.

    order     None when nothing is told; `off` when both are
    fields    the header fields that say so: they are for the relay alone and go in any case
    evidence  for the log
    """

    order: Order | None = None
    fields: tuple[Span, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def read_override(raw: bytes, root: Part, envelope: Envelope) -> Override:
    """Return what the header fields and the reverse-path of a mail tell the relay."""
    orders: list[Order] = []
    spans: list[Span] = []
    evidence: list[Evidence] = []
    for field in root.named(_FIELD):
        value = unfold(field.value.of(raw)).strip().lower()
        if value in {b"on", b"off"}:
            orders.append(Order(value.decode()))
            spans.append(field.span)
            evidence.append(_evidence(f"override-{value.decode()}", "told by the header field"))
        elif not value.startswith(_TRACE):
            evidence.append(_evidence("override-unknown", "X-Career-Relay is neither on nor off"))
    told = _sub_address(envelope)
    if told is not None:
        orders.append(told)
        evidence.append(_evidence(f"override-{told}", "told by the sender's sub-address"))
    fields = tuple(spans) if spans and may_remove(raw, (), spans) else ()
    return Override(_safest(orders), fields, tuple(evidence))


def _safest(orders: list[Order]) -> Order | None:
    if Order.OFF in orders:
        return Order.OFF
    return Order.ON if orders else None


def _sub_address(envelope: Envelope) -> Order | None:
    local = envelope.reverse_path.rpartition("@")[0].lower()
    _, _, tag = local.rpartition("+relay-")
    return Order(tag) if tag in {"on", "off"} and local != tag else None


def _evidence(rule: str, label: str) -> Evidence:
    return Evidence(rule, 0.0, "envelope", 0, 0, label)
