"""decide(): the one door to the core. What to do with one message, and why."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.core import guard
from gateway.core.author import refuse_author, refuse_unproven
from gateway.core.block import Block
from gateway.core.candidate import CandidateHash, Masked, hash_candidate, mask
from gateway.core.company import Company, Language, Mode
from gateway.core.detect import Evidence, Judgement, Verdict, judge
from gateway.core.dkim import own_signatures
from gateway.core.envelope import Address, Envelope
from gateway.core.inject import Injection, place_allowed
from gateway.core.leaf import LeafError
from gateway.core.letter import Letter
from gateway.core.letters import keep_letter
from gateway.core.link import MessageKey, Token, identify_message, link_for, make_token
from gateway.core.mime import field_values, scan
from gateway.core.origin import Origin
from gateway.core.outgoing import may_remove
from gateway.core.override import Order, read_override
from gateway.core.recipients import Recipients, sort_recipients
from gateway.core.splice import Edit, Span
from gateway.core.texts import Texts
from gateway.core.trace import find_traces, is_genuine
from gateway.core.why import Action, Why

WriteCompanyBlock = Callable[[Company, str, Language], Block]
"""Write a company's link block for a link in a language; pure."""

MakeLetter = Callable[[], Letter | None]
"""Make the letter, or None when the mail cannot be one; pure."""

_FROM_THE_TEXT = frozenset({Why.LINK_ADDED, Why.POSSIBLE_REJECTION, Why.NOT_A_REJECTION})
"""Reasons that come from the text; all others of a judgement are hard stops of the envelope."""


_REFUSABLE = frozenset({None, Why.SEVERAL_VISIBLE_RECIPIENTS, Why.SIGNED})
"""Stops that rule out a link, but not that the mail is refused for discourtesy."""

_SIGNED = "dkim-signed"
_REMOVED = "dkim-removed"
_OF_THE_EDIT = frozenset({_SIGNED, _REMOVED})
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


def decide(raw: bytes, envelope: Envelope, company: Company, desk: Desk) -> Plan:
    """Return what to do with `raw`; never raises.

    raw  the message as received, CRLF line ends

    A fault in here never stops or harms a mail: it passes with the reason `fault` and the
    exception's class as evidence.
    """
    try:
        return _decide(raw, envelope, company, desk)
    except Exception as error:  # noqa: BLE001  the mail comes first
        fault = Evidence("fault", 0.0, "", 0, 0, f"fault: {type(error).__name__}")
        return Plan(identify_message(None, raw), Why.FAULT, evidence=(fault,))


def _decide(raw: bytes, envelope: Envelope, company: Company, desk: Desk) -> Plan:
    root = scan(raw)
    texts = Texts(raw, root)
    message = identify_message(next(iter(field_values(raw, root, "message-id")), None), raw)
    override = read_override(raw, root, envelope)
    if override.order is Order.OFF:
        told = Plan(message, Why.OVERRIDE_OFF, evidence=override.evidence, orders=override.fields)
        return told.passed(Why.OVERRIDE_OFF)
    is_told = override.order is Order.ON
    judgement = judge(raw, root, envelope, company, desk.key, texts, told=is_told)
    plan = Plan(
        message,
        judgement.why,
        judgement.verdict,
        judgement.score,
        judgement.rules_version,
        (*judgement.evidence, *override.evidence),
        orders=override.fields,
        origin=judgement.origin,
        as_letter=_as_letter(judgement, company, desk.key),
    )
    recipients = sort_recipients(envelope, company)
    stop = _first_stop(texts, judgement, message, desk.key)
    if stop in _REFUSABLE and _is_refused(texts, judgement, company):
        return _refused(plan, recipients, company, desk)
    stop = stop or refuse_author(raw, root, company)
    if stop is None and desk.require_proof:
        stop = refuse_unproven(raw, root, envelope, company)
    if stop is not None:
        return plan.passed(stop)
    if not recipients.people:
        return plan.passed(Why.ROLE_RECIPIENT if recipients.roles else Why.NO_OUTSIDE_RECIPIENT)
    if len(recipients.people) > desk.most_copies:
        return plan.passed(Why.TOO_MANY_CANDIDATES)
    referral = _refer(recipients.people[0][0], message, company, desk)
    linked = _linked(plan, texts, company, referral, desk)
    return _split(linked, recipients.split(envelope)) if linked.referral else linked


def _as_letter(judgement: Judgement, company: Company, key: bytes) -> MakeLetter | None:
    """Return what makes the letter that a person's answer may register, None where none is wanted.

    None for mails that get their link anyway: in inject mode people are asked about doubtful ones.
    """
    sure = judgement.verdict is Verdict.REJECTION and company.mode is Mode.INJECT
    known = any(one.rule.startswith("letter-") for one in judgement.evidence)
    reading = judgement.reading
    if reading is None or sure or known:
        return None
    return lambda: keep_letter(reading.in_own_words(), key, company.id)


def _is_refused(texts: Texts, judgement: Judgement, company: Company) -> bool:
    """Tell whether the company has chosen to have this mail of its own refused."""
    refused = company.courtesy.refused(judgement.findings)
    return bool(refused) and refuse_author(texts.raw, texts.root, company) is None


def _refused(plan: Plan, recipients: Recipients, company: Company, desk: Desk) -> Plan:
    """Return the plan of a mail that is refused; it names the candidate when there is just one."""
    refused = plan.passed(Why.DISCOURTEOUS)
    if len(recipients.people) != 1:
        return refused
    who = recipients.people[0][0]
    return dataclasses.replace(refused, referral=_refer(who, plan.message, company, desk))


def _split(linked: Plan, copies: tuple[Envelope, ...]) -> Plan:
    """Return the plan of a mail that leaves in copies: what works for one works for each."""
    if not copies:
        return linked
    evidence = Evidence("copies", 0.0, "envelope", 0, 0, f"leaves in {len(copies)} copies")
    if not linked.edits:  # observed
        return dataclasses.replace(linked, referral=None, evidence=(*linked.evidence, evidence))
    passed = linked.passed(Why.SEVERAL_CANDIDATES)
    return dataclasses.replace(passed, evidence=(*passed.evidence, evidence), copies=copies)


def _first_stop(texts: Texts, judgement: Judgement, message: MessageKey, key: bytes) -> Why | None:
    """Return why the mail must not be touched: the envelope's reason, the form's, the text's."""
    if judgement.why not in _FROM_THE_TEXT:
        return judgement.why
    if any(is_genuine(key, trace, mac, message) for trace, mac, _ in find_traces(texts.raw)):
        return Why.ALREADY_RELAYED
    forbidden = guard.refuse(texts.raw, texts.root, texts)
    if forbidden is not None:
        return forbidden
    if judgement.why is Why.NOT_A_REJECTION:
        return _unreadable(texts) or judgement.why
    return None if judgement.why is Why.LINK_ADDED else judgement.why


def _unreadable(texts: Texts) -> Why | None:
    """Return why no shown leaf can be read, None when one can: unread text was never judged."""
    why = None
    for part in texts.shown.leaves:
        try:
            texts.leaf(part)
        except LeafError as error:
            why = why or error.why
        else:
            return None
    return why


def _refer(who: Address, message: MessageKey, company: Company, desk: Desk) -> Referral:
    candidate = hash_candidate(desk.key, who)
    return Referral(candidate, mask(who), make_token(desk.key, company.id, message, candidate))


def _linked(plan: Plan, texts: Texts, company: Company, referral: Referral, desk: Desk) -> Plan:
    raw, root = texts.raw, texts.root
    link = link_for(desk.link_base, referral.token)

    def write(language: Language) -> Block:
        return desk.write_block(company, link, language)

    placed = place_allowed(texts, write)
    if not isinstance(placed, Injection):
        return plan.passed(placed)
    if company.mode is Mode.OBSERVE:
        passed = plan.passed(Why.OBSERVED)
        return dataclasses.replace(passed, parts=placed.parts, referral=referral)
    broken = own_signatures(raw, root.fields, company)
    removed = tuple(sorted((*broken, *plan.orders), key=lambda span: span.start))
    if removed and not may_remove(raw, placed.edits, removed):
        return plan.passed(Why.CHECK_FAILED)
    return dataclasses.replace(
        plan,
        why=Why.LINK_ADDED,
        edits=placed.edits,
        parts=placed.parts,
        removed=removed,
        referral=referral,
        evidence=(*plan.evidence, *map(_removal, broken)),
    )


def _removal(span: Span) -> Evidence:
    label = "a DKIM signature of the company, which the link breaks, was taken out"
    return Evidence(_REMOVED, 0.0, "", span.start, span.end, label)
