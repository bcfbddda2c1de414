"""What a company's settings must be before they are written down, each refusal in a sentence.

SQLite keeps a text of any length, PostgreSQL refuses one that is too long with an error that
nobody understands: so lengths are checked here, for both.
"""

import re

from gateway.core.company import ALL_SENDERS, Company
from gateway.core.sender import HEADER_RULE, header_rule
from gateway.errors import CareerRelayError
from gateway.settings import HostPort

MOST_NAME = 200
MOST_ADDRESS = 320
MOST_NEXT_HOP = 300
"""Characters in the database."""

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"localhost|(?=.{{1,253}}\Z)(?:{_LABEL}\.)+{_LABEL}")
_COMMAND_WORDS = {"verify"}


def check_name(name: str, domains: tuple[str, ...]) -> None:
    """Raise CareerRelayError unless a company can be called `name` and has a domain.

    Not a word of the command line either: `career-relay ledger verify` checks all ledgers.
    """
    if not (domains and name):
        raise CareerRelayError("A company needs a name and at least one domain.")
    if name.lower() in _COMMAND_WORDS:
        raise CareerRelayError(
            f'A company cannot be called "{name}": the command line has a use for that word. '
            f'Example: "{name} Inc."'
        )
    _refuse_longer("A company's name", name, MOST_NAME)


def check_contact(contact: str) -> None:
    """Raise CareerRelayError when the address for notifications is too long."""
    _refuse_longer("The contact address", contact, MOST_ADDRESS)


def check_next_hop(next_hop: HostPort) -> None:
    """Raise CareerRelayError when nothing can listen there."""
    _refuse_longer("The next hop", str(next_hop), MOST_NEXT_HOP)
    if next_hop.port == 0:
        raise CareerRelayError(
            f"The next hop {next_hop} has no port: nothing listens on 0. Example: "
            f"{HostPort(next_hop.host, 25)}"
        )


def read_domain(text: str) -> str:
    """Return the domain that `text` names: lower case, IDNA A-labels, no final dot.

    Raises CareerRelayError when it is none.
    """
    domain = text.strip().removeprefix("@").rstrip(".").lower()
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            domain = ""
    if not _DOMAIN.fullmatch(domain):
        raise CareerRelayError(f"{text!r} is not a domain. Example: example.co.jp")
    return domain


def read_sender(text: str, domains: tuple[str, ...]) -> str:
    """Return an address with its domain normalised, a domain, a header rule or ALL_SENDERS.

    Raises CareerRelayError when it is in none of `domains`: mail from there is never the
    company's, so no mail of such a sender would get a link.
    """
    if text == ALL_SENDERS:
        return text
    if text.startswith(HEADER_RULE):
        return _read_header_rule(text)
    local, at, domain = text.strip().rpartition("@")
    owned = read_domain(domain if local and at else text)
    if not Company(0, "", domains).owns(owned):
        raise CareerRelayError(
            f"Sender {text.strip()} is in none of the company's domains ({', '.join(domains)}). "
            f"Add its domain too: --domain {owned}"
        )
    sender = f"{local.lower()}@{owned}" if local and at else owned
    _refuse_longer("A sender", sender, MOST_ADDRESS)
    return sender


def _read_header_rule(text: str) -> str:
    name, _, value = text.removeprefix(HEADER_RULE).partition("=")
    try:
        rule = header_rule(f"{name}: {value}")
    except ValueError as error:
        raise CareerRelayError(f"{error}") from None
    _refuse_longer("A sender", rule, MOST_ADDRESS)
    return rule


def _refuse_longer(what: str, text: str, most: int) -> None:
    if len(text) > most:
        raise CareerRelayError(f"{what} has {most} characters at most, this one has {len(text)}.")
