"""Whose mail is it, by its own header? One From, one mailbox, of the company's own domain.

A link in a mail that says it is somebody else's would be a forged credit, so whatever two
parsers could read differently is refused a link: it passes as it came and counts nothing.
"""

import dataclasses
import re
from email.utils import getaddresses
from typing import NamedTuple

from gateway.core.candidate import normalise
from gateway.core.company import Company
from gateway.core.envelope import Address, Envelope, domain_of
from gateway.core.header import Field, decode_words, unfold
from gateway.core.memory import remembered
from gateway.core.mime import Part
from gateway.core.why import Why

_LONGEST_VALUE = 2000

_QUOTED = rb'"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[ -~])*"'
_ATEXT = rb"A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.\x80-\xff"
_MAILBOX = re.compile(
    rb"(?:(?P<name>(?:[ \t" + _ATEXT + rb"]|" + _QUOTED + rb")*)"
    rb"<(?P<angle>[^<>]*)>|[ \t]*(?P<bare>[^ \t<>()]++))"
    rb"[ \t]*(?:\([^()<>@,:;\\\x00-\x08\x0a-\x1f\x7f]*\)[ \t]*)?"
)
"""RFC 5322 section 3.4 without obsolete forms, routes, groups and comments inside an address. A
comment after it (where old programs put the name) must hold nothing that reads as an address."""

_ADDRESS = re.compile(
    rb"(?:[" + _ATEXT + rb']+|"(?:[ !#-\[\]-~\x80-\xff]|\\[ -~])*")'
    rb"@[A-Za-z0-9\x80-\xff](?:[A-Za-z0-9_\-.\x80-\xff]*[A-Za-z0-9\x80-\xff])?"
)
_IN_A_NAME = re.compile(r"[^\s<>()\"',;:]@([^\s<>()\"',;:]+)")


def refuse_author(raw: bytes, root: Part, company: Company) -> Why | None:
    """Return why the mail's own header does not show it to be the company's, None when it does.

    From stands once and names one mailbox of the company's domains, read alike by this grammar
    and the standard library's; so does each Resent-From (RFC 5322 section 3.6.6). Sender may name
    whose machine it was, once.
    """
    if not all(_is_mbox_line(raw, one) for one in root.named("")):
        return Why.ODD_FROM  # for some parsers the header ends there
    authors = root.named("from")
    if len(authors) != 1 or len(root.named("sender")) > 1:
        return Why.ODD_FROM
    for author in (*authors, *root.named("resent-from")):
        why = _refuse_mailbox(author.value.of(raw), company)
        if why is not None:
            return why
    return None


def refuse_unproven(raw: bytes, root: Part, envelope: Envelope, company: Company) -> Why | None:
    """Return UNPROVEN_DOMAIN unless the mail's domains are proven to be the company's, then None.

    For a mail that refuse_author() let through: reverse-path and From are of proven domains.
    """
    surely = dataclasses.replace(company, domains=company.proven)
    is_sure = surely.owns(domain_of(envelope.reverse_path)) and not refuse_author(raw, root, surely)
    return None if is_sure else Why.UNPROVEN_DOMAIN


def _is_mbox_line(raw: bytes, field: Field) -> bool:
    return field.span.start == 0 and raw.startswith((b"From ", b">From "))


def _refuse_mailbox(value: bytes, company: Company) -> Why | None:
    mailbox = _read_mailbox(value)
    if mailbox is None or not all(map(company.owns, mailbox.shown)):
        return Why.ODD_FROM
    return None if company.owns(mailbox.domain) else Why.FOREIGN_FROM


class _Mailbox(NamedTuple):
    """The one mailbox of a field: its domain, and those of what looks like addresses in its name.

    All are lower case.
    """

    domain: str
    shown: tuple[str, ...]


@remembered
def _read_mailbox(value: bytes) -> _Mailbox | None:
    """Return the one mailbox that everybody reads in the value, None when that is not sure."""
    unfolded = unfold(value)
    found = _MAILBOX.fullmatch(unfolded) if len(unfolded) <= _LONGEST_VALUE else None
    address = (found["angle"] or found["bare"] or b"") if found else b""
    if found is None or not _ADDRESS.fullmatch(address) or b"=?" in address:
        return None
    if not _others_agree(unfolded, address):
        return None
    text = address.decode("utf-8", "replace")
    domain = domain_of(text if text.isascii() else normalise(Address(text)))
    named = _IN_A_NAME.findall(decode_words(found["name"] or b""))
    return _Mailbox(domain, tuple([one.rstrip(".").lower() for one in named]))


def _others_agree(unfolded: bytes, address: bytes) -> bool:
    """Tell whether the standard library reads the same one address."""
    read = getaddresses([unfolded.decode("latin-1")])
    return [found for _, found in read] == [address.decode("latin-1")]
