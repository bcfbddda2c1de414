"""What is decided about one message, and what deciding needs besides the message."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.core.answer import Origin
from gateway.core.block import Block
from gateway.core.candidate import CandidateHash, Masked, hash_candidate, mask
from gateway.core.company import Company, Language
from gateway.core.envelope import Address, Envelope
from gateway.core.letter import Letter
from gateway.core.link import MessageKey, Token, make_token
from gateway.core.splice import Edit, Span
from gateway.core.verdict import Evidence, Verdict
from gateway.core.why import Action, Why

WriteCompanyBlock = Callable[[Company, str, Language], Block]
"""Write a company's link block for a link in a language; pure."""

MakeLetter = Callable[[], Letter | None]
"""Make the letter, or None when the mail cannot be one; pure."""

_SIGNED = "dkim-signed"
REMOVED = "dkim-removed"
_OF_THE_EDIT = frozenset({_SIGNED, REMOVED})
"""Rules about what the edit itself did: they do not hold once the edit is dropped."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What decide() needs besides the mail: given once, the same for every mail.

    key            keys tokens, candidate hashes and trace headers
    link_base      start of every link, without a final slash
    write_block    writes a company's block
    most_copies    most candidates of one mail that get a copy each; with more it passes
    require_proof  whether a link needs a proven domain
    """

    key: bytes
    link_base: str
    write_block: WriteCompanyBlock
    most_copies: int = 50
    require_proof: bool = False


@dataclass(frozen=True, slots=True)
class Referral:
    """The candidate that a mail refers, if it does, without their address."""

    candidate: CandidateHash
    masked: Masked
    token: Token


def refer(who: Address, message: MessageKey, company: Company, desk: Desk) -> Referral:
    """Return the referral of the person behind `who` by this message of the company."""
    candidate = hash_candidate(desk.key, who)
    return Referral(candidate, mask(who), make_token(desk.key, company.id, message, candidate))


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with one message, and why.

    message   the mail's identity: the same for every retry
    edits      () passes the mail as it is
    parts      paths of the leaf parts that `edits` change ("1.2"), or would in observe mode
    removed    header fields taken out: those in `orders`, DKIM signatures that `edits` break
    orders     header fields meant for the relay alone, always taken out
    evidence   what a person would point at, safe to log
    referral   whom the mail refers: when a link goes in, would go in (observe mode), or would
               have gone in had the company not had the mail refused (DISCOURTEOUS)
    signature  our DKIM-Signature field for the edited mail, b"" when the relay does not sign
    copies     envelopes that the mail must be split into, each decided on its own, so that
               nobody gets a link made for somebody else; () when one mail serves everybody
    origin     what a person's answer about this mail would be remembered by, if one may be asked
    as_letter  makes the registered letter that such a mail would be, where no letter matched it;
               it takes longer than deciding, so it is not called for every mail
    letter     what `as_letter` made
    """

    message: MessageKey
    why: Why
    verdict: Verdict = Verdict.OTHER
    score: float = 0.0
    rules_version: str = ""
    evidence: tuple[Evidence, ...] = ()
    edits: tuple[Edit, ...] = ()
    parts: tuple[str, ...] = ()
    removed: tuple[Span, ...] = ()
    orders: tuple[Span, ...] = ()
    referral: Referral | None = None
    signature: bytes = b""
    copies: tuple[Envelope, ...] = ()
    origin: Origin | None = None
    as_letter: MakeLetter | None = field(default=None, compare=False, repr=False)
    letter: Letter | None = field(default=None, compare=False, repr=False)

    @property
    def action(self) -> Action:
        """Whether the mail's bytes change."""
        return Action.INJECTED if self.edits else Action.PASSED

    def passed(self, why: Why) -> "Plan":
        """Return the plan that leaves the mail as it is, for the reason `why`."""
        return dataclasses.replace(
            self,
            why=why,
            evidence=tuple(one for one in self.evidence if one.rule not in _OF_THE_EDIT),
            edits=(),
            parts=(),
            removed=self.orders,
            referral=None,
            signature=b"",
            copies=(),
        )

    def signed(self, signature: bytes) -> "Plan":
        """Return the plan whose edited mail leaves with our DKIM-Signature field."""
        evidence = Evidence(_SIGNED, 0.0, "", 0, 0, "signed by the relay with DKIM")
        return dataclasses.replace(self, signature=signature, evidence=(*self.evidence, evidence))

    def unsigned(self, because: str) -> "Plan":
        """Return the plan that leaves the mail as it is, because it could not be signed."""
        passed = self.passed(Why.SIGNING_FAILED)
        evidence = Evidence("not-signed", 0.0, "", 0, 0, f"not signed with DKIM: {because}")
        return dataclasses.replace(passed, evidence=(*passed.evidence, evidence))
