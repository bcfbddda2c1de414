"""decide(): the one door to the core. What to do with one message, and why."""

import dataclasses

from gateway.core import guard
from gateway.core.author import refuse_author, refuse_unproven
from gateway.core.block import Block
from gateway.core.company import Company, Language, Mode
from gateway.core.detect import Evidence, Judgement, Verdict, judge
from gateway.core.dkim import own_signatures
from gateway.core.envelope import Envelope
from gateway.core.inject import Injection, place_allowed
from gateway.core.known import Meeting, meet
from gateway.core.leaf import LeafError
from gateway.core.learn import learn
from gateway.core.letters import keep_letter
from gateway.core.link import MessageKey, identify_message, link_for
from gateway.core.mime import field_values, scan
from gateway.core.outgoing import may_remove
from gateway.core.override import Order, read_override
from gateway.core.plan import REMOVED, Desk, MakeLetter, Plan, Referral, refer
from gateway.core.recipients import Recipients, sort_recipients
from gateway.core.splice import Span
from gateway.core.texts import Texts
from gateway.core.trace import find_traces, is_genuine
from gateway.core.why import Why

_FROM_THE_TEXT = frozenset({Why.LINK_ADDED, Why.POSSIBLE_REJECTION, Why.NOT_A_REJECTION})
"""Reasons that come from the text; all others of a judgement are hard stops of the envelope."""

_REFUSABLE = frozenset({None, Why.SEVERAL_VISIBLE_RECIPIENTS, Why.SIGNED})
"""Stops that rule out a link, but not that the mail is refused for discourtesy."""


def decide(raw: bytes, envelope: Envelope, company: Company, desk: Desk) -> Plan:
    """Return what to do with `raw`, from memory where its letter was met before; never raises.

    raw  the message as received, CRLF line ends

    A fault in here never stops or harms a mail: it passes with the reason `fault` and the
    exception's class as evidence.
    """
    met = _meet(raw, envelope, company, desk)
    if met is not None and met.plan is not None:
        return met.plan
    try:
        texts = Texts(raw, scan(raw), () if met is None else met.leaves)
        plan = _decide(texts, envelope, company, desk)
    except Exception as error:  # noqa: BLE001  the mail comes first
        fault = Evidence("fault", 0.0, "", 0, 0, f"fault: {type(error).__name__}")
        return Plan(identify_message(None, raw), Why.FAULT, evidence=(fault,))
    if met is not None:
        _learn(met, texts, plan)
    return plan


def _meet(raw: bytes, envelope: Envelope, company: Company, desk: Desk) -> Meeting | None:
    try:
        return meet(raw, envelope, company, desk)
    except Exception:  # noqa: BLE001  a fault of the memory costs a mail nothing: it is decided anew
        return None


def _learn(met: Meeting, texts: Texts, plan: Plan) -> None:
    try:
        learn(met, texts, plan)
    except Exception:  # noqa: BLE001  the plan stands
        return


def _decide(texts: Texts, envelope: Envelope, company: Company, desk: Desk) -> Plan:
    raw, root = texts.raw, texts.root
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
    referral = refer(recipients.people[0][0], message, company, desk)
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
    return dataclasses.replace(refused, referral=refer(who, plan.message, company, desk))


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
    return Evidence(REMOVED, 0.0, "", span.start, span.end, label)
