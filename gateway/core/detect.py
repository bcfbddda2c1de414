"""Is this a rejection mail to an outside candidate? A verdict, a score and the evidence for it.

Explainable weighted rules over the newly written text, without a clock; what is remembered is what
would be said anew. One sentence must turn an application down; everything else in a rejection also
stands in offers, withdrawals and business letters. What the text is like as a whole tips the scale
where the rules doubt, and stands for that sentence where it is sure (`core/tip.py`).
"""

import dataclasses
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import starmap

from gateway.core.answer import Origin, find_confirmation, find_denial
from gateway.core.candidate import is_role
from gateway.core.company import Company
from gateway.core.courtesy import find_discourtesies
from gateway.core.envelope import NULL_SENDER, Address, Envelope, domain_of
from gateway.core.findings import Finding, evidence_of
from gateway.core.header import unfold
from gateway.core.hear import named_in
from gateway.core.letters import LETTER_POINTS, find_letter
from gateway.core.likeness import likeness_of
from gateway.core.mailboxes import addresses_in
from gateway.core.memory import MOST_LETTERS
from gateway.core.mime import Part
from gateway.core.origin import find_origin
from gateway.core.reader import Reading, SharedReading, read_shared
from gateway.core.rules import RULES_VERSION
from gateway.core.sender import may_reject, names_senders
from gateway.core.texts import Texts
from gateway.core.tip import is_doubted, tip
from gateway.core.verdict import Evidence, Verdict, verdicts_in
from gateway.core.weigh import (
    INJECT_POINTS,
    POSSIBLE_POINTS,
    Weighing,
    heaviest,
    score_of,
)
from gateway.core.weigh_form import sounds_alike, weigh_by_form
from gateway.core.why import Why

__all__ = ["RULES_VERSION", "Evidence", "Judgement", "Verdict", "judge", "judge_reading"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was decided about one mail, and why.

    verdict        from the text; `possible` at most when several outside recipients see each other
    score          0 to 1; from 0.8 a rejection when nothing forbids
    evidence       heaviest first
    why            LINK_ADDED when the verdict is rejection and nothing forbids a link, else the
                   reason: a hard stop of the envelope, POSSIBLE_REJECTION or NOT_A_REJECTION
    rules_version  the rules that judged
    findings       what is wrong with a mail whose text is a rejection
    origin         of a mail that is not `other`: what answers are remembered by
    is_near        doubtful for want of a point alone
    reading        what was read of a mail that is not `other`
    """

    verdict: Verdict
    score: float
    evidence: tuple[Evidence, ...]
    why: Why
    rules_version: str = RULES_VERSION
    findings: tuple[Finding, ...] = ()
    origin: Origin | None = None
    is_near: bool = False
    reading: SharedReading | None = field(default=None, compare=False, repr=False)


def judge(  # noqa: PLR0913  the mail, who sends it to whom, and what is known already
    raw: bytes,
    root: Part,
    envelope: Envelope,
    company: Company,
    key: bytes = b"",
    texts: Texts | None = None,
    *,
    told: bool = False,
) -> Judgement:
    """Judge the message `raw`, whose parts are `root`, sent by `company` as `envelope` says.

    key    the installation's, with which the company's letters were registered
    texts  of the message, when they are shared with other readers
    told   the company's own system says that it is a rejection

    Pure, and linear in the size of the mail. Never raises for anything a mail can hold.
    """
    outside = [one for one in envelope.recipients if not company.owns(domain_of(one))]
    if envelope.reverse_path == NULL_SENDER:
        return _stopped(Why.NULL_SENDER)
    if not outside:
        return _stopped(Why.NO_OUTSIDE_RECIPIENT)
    if not told and not may_reject(raw, root, envelope, company):
        return _stopped(Why.NOT_A_RECRUITING_SENDER)
    reading = read_to_judge(raw, root, texts or Texts(raw, root))
    judged = _judge_text(reading, company, key, recruiting=is_from_recruiting(envelope, company))
    only_told = told and judged.verdict is not Verdict.REJECTION
    if told:
        judged = _lifted(judged)
    if judged.verdict is Verdict.OTHER:
        return judged
    subject = reading.subject.text if reading.subject is not None else ""
    origin = find_origin(envelope.reverse_path, subject, key, company.id)
    judged = dataclasses.replace(judged, origin=origin, reading=reading)
    judged = _forbidden(_eased(judged, company), company)
    if judged.verdict is Verdict.REJECTION and not only_told:
        judged = _noting(judged, find_discourtesies(reading.reading, company, judged.evidence))
    return _to_whom(judged, raw, root, outside, company)


def read_to_judge(raw: bytes, root: Part, texts: Texts) -> SharedReading:
    """Return the mail with the shared name, where nothing that is asked of it depends on a name.

    That is: the rules hear the same by either name, nobody is named who might be another, and what
    is quoted, which is asked as a whole, has no name in it.
    """
    shared = read_shared(raw, root, texts)
    if not shared.renamed.names:
        return shared
    names_somebody = any(named_in(one.text) for one in shared.reading.sentences)
    if (
        names_somebody
        or shared.renames_history
        or not all(starmap(sounds_alike, shared.renamed_texts()))
    ):
        return shared.as_it_is()
    return shared


def _to_whom(
    judged: Judgement, raw: bytes, root: Part, outside: list[Address], company: Company
) -> Judgement:
    """Return the judgement, held back when those who get the mail are no single candidate."""
    if all(is_role(one) for one in outside):
        return _held_back(judged, Why.ROLE_RECIPIENT)
    if _are_several_seen(raw, root, company):
        seen = _noting(judged, [Finding.VISIBLE_CANDIDATES])
        return _held_back(seen, Why.SEVERAL_VISIBLE_RECIPIENTS)
    return judged


def _judge_text(
    reading: SharedReading, company: Company, key: bytes, *, recruiting: bool
) -> Judgement:
    judged = judge_reading(reading.reading, recruiting_sender=recruiting)
    if reading.renamed.names:
        judged = dataclasses.replace(judged, evidence=reading.place_as_sent(judged.evidence))
    judged = _stricter(judged, company.offset)
    if company.letters:
        judged = _with_letter(judged, reading.in_own_words(), company, key)
    return judged


def _noting(judged: Judgement, findings: Iterable[Finding]) -> Judgement:
    found = tuple(findings)
    if not found:
        return judged
    evidence = (*judged.evidence, *map(evidence_of, found))
    is_rejection = judged.verdict is Verdict.REJECTION
    noted = (*judged.findings, *found) if is_rejection else ()
    return dataclasses.replace(judged, evidence=evidence, findings=noted)


def judge_reading(reading: Reading, *, recruiting_sender: bool = False) -> Judgement:
    """Judge what a reader sees, without any envelope."""
    return _judge_reading(reading, recruiting_sender)


@functools.lru_cache(MOST_LETTERS)
def _judge_reading(reading: Reading, recruiting_sender: bool) -> Judgement:  # noqa: FBT001  a memory's key
    weighing = weigh_by_form(reading, recruiting_sender=recruiting_sender)
    if is_doubted(weighing):
        weighing = tip(weighing, likeness_of(reading), reading)
    verdict = _verdict(weighing)
    points = weighing.points
    if verdict is not Verdict.REJECTION:  # whoever cuts at a score finds the same rejections
        points = min(points, INJECT_POINTS - 0.1)
    return Judgement(
        verdict,
        score_of(points),
        tuple(heaviest(weighing.evidence)),
        _WHY[verdict],
        is_near=verdict is Verdict.POSSIBLE and _is_near(weighing),
    )


MOST_EASED = 1.0
"""Points that a person's answer on a doubtful mail gives to a mail like it.

A mail like it is of the same sender and subject, and has the very same verdict rules. Without the
last the own sets have neighbours half a point below the threshold; with it none has any, whatever
the sender and the subject: tests/detection/test_answers.py.
"""


def _is_near(weighing: Weighing) -> bool:
    enough = weighing.points >= INJECT_POINTS - MOST_EASED
    return enough and not weighing.vetoed and not weighing.only_lists


def _eased(judged: Judgement, company: Company) -> Judgement:
    """Return it as a rejection where a person called a doubtful mail like this one a rejection."""
    if not judged.is_near or not company.answers or company.offset:
        return judged
    heard = verdicts_in(judged.evidence)
    answer = find_confirmation(company.answers, judged.origin, heard)
    if answer is None:
        return judged
    evidence = _said(
        "review.confirmed",
        MOST_EASED,
        f"relation: people called a mail of this sender and subject a rejection ({answer.mail})",
    )
    return dataclasses.replace(
        judged,
        verdict=Verdict.REJECTION,
        score=max(judged.score, score_of(INJECT_POINTS)),
        evidence=(*judged.evidence, evidence),
        why=_WHY[Verdict.REJECTION],
    )


def _forbidden(judged: Judgement, company: Company) -> Judgement:
    """Return the judgement as doubtful where a person denied a rejection of this origin."""
    denial = find_denial(company.answers, judged.origin)
    if denial is None or judged.verdict is not Verdict.REJECTION:
        return judged
    evidence = _said(
        "review.denied",
        -INJECT_POINTS,
        f"veto: people said that a mail of this sender and subject was none ({denial.mail})",
    )
    judged = dataclasses.replace(judged, evidence=(*judged.evidence, evidence))
    return _held_back(judged, Why.POSSIBLE_REJECTION)


def _said(rule: str, weight: float, label: str) -> Evidence:
    return Evidence(rule, weight, "envelope", 0, 0, label)


def _stricter(judged: Judgement, offset: float) -> Judgement:
    """Return the judgement of a company whose rejections need `offset` points more than others."""
    if not offset or judged.verdict is not Verdict.REJECTION:
        return judged
    label = f"counter: people denied verdicts of this company, so {offset:g} points more are needed"
    evidence = _said("company.offset", -offset, label)
    judged = dataclasses.replace(judged, evidence=(*judged.evidence, evidence))
    if judged.score >= score_of(INJECT_POINTS + offset):
        return judged
    return _held_back(judged, Why.POSSIBLE_REJECTION)


def _with_letter(judged: Judgement, reading: Reading, company: Company, key: bytes) -> Judgement:
    """Return the judgement with what the company's registered letters say of the mail.

    A match is the company's own word for a rejection; against a veto it only lists the mail.
    """
    match = find_letter(reading, company.letters, key, company.id)
    if match is None:
        return judged
    heard = dict.fromkeys((match.evidence, *judged.evidence, *match.against))
    judged = dataclasses.replace(judged, evidence=tuple(heaviest(heard)))
    if not match.against:
        return _lifted(judged)
    judged = dataclasses.replace(judged, is_near=False)
    if judged.verdict is not Verdict.OTHER:
        return judged
    score = max(judged.score, score_of(POSSIBLE_POINTS))
    return dataclasses.replace(
        judged, verdict=Verdict.POSSIBLE, score=score, why=_WHY[Verdict.POSSIBLE]
    )


def _lifted(judged: Judgement) -> Judgement:
    """Return the judgement as a rejection: the company's own word is enough for one."""
    score = max(judged.score, score_of(LETTER_POINTS))
    return dataclasses.replace(
        judged, verdict=Verdict.REJECTION, score=score, why=_WHY[Verdict.REJECTION]
    )


_WHY = {
    Verdict.REJECTION: Why.LINK_ADDED,
    Verdict.POSSIBLE: Why.POSSIBLE_REJECTION,
    Verdict.OTHER: Why.NOT_A_REJECTION,
}


def _verdict(weighing: Weighing) -> Verdict:
    if weighing.points >= INJECT_POINTS and not weighing.vetoed:
        return Verdict.REJECTION
    return Verdict.POSSIBLE if weighing.points >= POSSIBLE_POINTS else Verdict.OTHER


def _stopped(why: Why) -> Judgement:
    return Judgement(Verdict.OTHER, 0.0, (), why)


def _held_back(judged: Judgement, why: Why) -> Judgement:
    """Return the judgement as doubtful: the text may be a rejection, but no link may go in."""
    score = min(judged.score, score_of(INJECT_POINTS - 0.1))
    return dataclasses.replace(judged, verdict=Verdict.POSSIBLE, score=score, why=why)


_RECRUITING_MAILBOXES = frozenset(
    (
        *("recruit", "recruiting", "recruitment", "recruiter", "saiyo", "saiyou", "jinji", "hr"),
        *("careers", "career", "jobs", "job", "talent", "hiring", "people", "entry", "shinsotsu"),
        *("newgrads", "ta", "human-resources", "humanresources", "kyujin", "oubo", "applications"),
        *("personnel", "vacancies", "kyuujin", "boshu"),
    )
)


def is_recruiting_mailbox(sender: Address) -> bool:
    """Tell whether the local part of `sender` names a recruiting desk (saiyo@, careers@)."""
    local = sender.rpartition("@")[0].lower().partition("+")[0]
    words = local.replace("_", "-").replace(".", "-").split("-")
    return local in _RECRUITING_MAILBOXES or any(one in _RECRUITING_MAILBOXES for one in words)


def _are_several_seen(raw: bytes, root: Part, company: Company) -> bool:
    """Tell whether To and Cc show several outside addresses to every recipient."""
    shown = [one.value.of(raw) for one in root.fields if one.name in ("to", "cc")]
    return are_several_in(shown, company)


def are_several_in(values: Sequence[bytes], company: Company) -> bool:
    """Tell whether the values of To and Cc show several addresses that are not the company's."""
    if b"".join(values).count(b"@") < 2:  # parsing them takes longer than judging
        return False
    texts = [unfold(value).decode("latin-1") for value in values]
    seen = {address.lower() for text in texts for address in addresses_in(text)}
    return sum(1 for address in seen if not company.owns(domain_of(address))) > 1


def is_from_recruiting(envelope: Envelope, company: Company) -> bool:
    """Tell whether the sender is known to write to applicants."""
    return names_senders(company) or is_recruiting_mailbox(envelope.reverse_path)
