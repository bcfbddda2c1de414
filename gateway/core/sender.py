"""Who sends a company's rejection mails: by address, domain, or a field of the header."""

import re

from gateway.core.company import ALL_SENDERS, Company
from gateway.core.envelope import Address, Envelope, domain_of, is_within
from gateway.core.mime import Part, decode_words, field_values

HEADER_RULE = "header:"
"""Begins a sender that is known by a field: "header:X-Mailer=HERP"."""

_FIELD = re.compile(r"([!-9;-~]+)[ \t]*:[ \t]*(\S(?:.*\S)?)[ \t]*")  # RFC 5322 section 2.2


def header_rule(field: str) -> str:
    """Return the sender that "NAME: VALUE" names: "header:name=VALUE".

    Raises ValueError when that is no field of a header.
    """
    found = _FIELD.fullmatch(field)
    if found is None or not field.isprintable() or "=" in found[1]:
        raise ValueError(f'{field!r} is no header field. Example: "X-Mailer: HERP"')
    return f"{HEADER_RULE}{found[1].lower()}={found[2]}"


def may_reject(raw: bytes, root: Part, envelope: Envelope, company: Company) -> bool:
    """Tell whether the message `raw` comes from one of the company's recruiting senders.

    Without any, and with ALL_SENDERS, everybody is one.
    """
    senders = tuple(map(str.lower, company.senders))
    if not senders or ALL_SENDERS in senders:
        return True
    return any(
        _has_field(raw, root, one) if one.startswith(HEADER_RULE) else _is_from(envelope, one)
        for one in senders
    )


def names_senders(company: Company) -> bool:
    """Tell whether the company has said who of its people sends rejection mails."""
    return any(one != ALL_SENDERS for one in company.senders)


def named_addresses(company: Company) -> tuple[str, ...]:
    """Return those of the company's senders that are single addresses."""
    senders = company.senders
    return tuple(one for one in senders if "@" in one and not one.startswith(HEADER_RULE))


def _is_from(envelope: Envelope, sender: str) -> bool:
    address: Address = envelope.reverse_path
    domain = domain_of(address)
    if "@" in sender:
        return address.lower() == sender
    return is_within(domain, sender)


def _has_field(raw: bytes, root: Part, rule: str) -> bool:
    """Tell whether a field of the header holds what the rule names, in any letter case."""
    name, _, wanted = rule.removeprefix(HEADER_RULE).partition("=")
    return any(wanted in decode_words(value).lower() for value in field_values(raw, root, name))
