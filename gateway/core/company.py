"""A company as the core sees it: values only, no database and no secrets."""

import enum
from dataclasses import dataclass

from gateway.core.answer import Answer
from gateway.core.envelope import is_within
from gateway.core.findings import ALWAYS_NOTIFY, Courtesy
from gateway.core.letter import Letter

ALL_SENDERS = "*"
"""Stands among a company's senders when somebody has chosen: everybody at its domains."""


class Mode(enum.StrEnum):
    """Whether a company's mails are changed (`inject`) or only judged and logged (`observe`)."""

    OBSERVE = "observe"
    INJECT = "inject"


class Language(enum.StrEnum):
    """A language that blocks, pages and notifications exist in."""

    JA = "ja"
    EN = "en"


@dataclass(frozen=True, slots=True)
class BlockTemplate:
    """A company's own wording of the link block in one language, as it was typed.

    text, html  templates without our marks and wrapper; both "" stand for the default block
    version     counts from 1 for each company and language
    """

    language: Language
    text: str
    html: str
    version: int = 0

    @property
    def is_default(self) -> bool:
        """Whether the company went back to the default block."""
        return not (self.text or self.html)


@dataclass(frozen=True, slots=True)
class Company:
    """One company: whose mail it is, and what may be done with it.

    domains  the company's own and its siblings', lower case, IDNA A-labels
    senders  who sends rejection mails: addresses, domains, "header:NAME=VALUE" fields, ALL_SENDERS;
             () means all of `domains`, as long as nobody has chosen
    contact  the address that the link block names and notifications go to
    blocks   the company's own link blocks, at most one a language
    letters  its registered rejection letters: a mail made from one is a rejection
    offset   extra points that a mail needs for a link, because reviews denied verdicts
    proven   those of `domains` that DNS proved, or that the operator vouched for
    courtesy what follows from a rejection mail that nobody should get
    answers  people's words on single mails that decide about others of the same origin
    """

    id: int
    name: str
    domains: tuple[str, ...]
    mode: Mode = Mode.OBSERVE
    senders: tuple[str, ...] = ()
    contact: str = ""
    language: Language = Language.JA
    blocks: tuple[BlockTemplate, ...] = ()
    letters: tuple[Letter, ...] = ()
    proven: tuple[str, ...] = ()
    offset: float = 0.0
    courtesy: Courtesy = ALWAYS_NOTIFY
    answers: tuple[Answer, ...] = ()

    def own_block(self, language: Language) -> BlockTemplate | None:
        """Return the company's own block in `language`, None when it uses the default."""
        found = (own for own in self.blocks if own.language is language and not own.is_default)
        return next(found, None)

    @property
    def ascii_name(self) -> str:
        """A name that every charset can carry: the company's own, else its first domain."""
        if self.name.isascii():
            return self.name
        return self.domains[0] if self.domains else "our company"

    def owns(self, domain: str) -> bool:
        """Tell whether `domain` (lower case) is one of the company's own or a subdomain of one."""
        return domain in self.domains or any(is_within(domain, own) for own in self.domains)
