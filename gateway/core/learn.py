"""Learn a letter from its mails: what meet() will know of the next one (gateway.core.known)."""

import dataclasses

from gateway.core.addressee import Renamed
from gateway.core.block import Block
from gateway.core.detect import is_from_recruiting, judge_reading, read_to_judge
from gateway.core.inject import choose_leaves, language_among
from gateway.core.known import (
    LETTERS,
    SENDERS,
    KnownBlock,
    KnownLeaf,
    KnownLetter,
    Meeting,
    Sender,
    count_of,
    plan_by,
    without_token,
)
from gateway.core.link import MessageKey, Token, link_for
from gateway.core.place import find_spot, joint_at, place_in
from gateway.core.plan import Plan
from gateway.core.reader import SharedReading, names_in
from gateway.core.skeleton import skeleton_of
from gateway.core.texts import ReadLeaf, Texts
from gateway.core.why import Why

_MOST_SKELETONS = 2
"""Of each sender's outline: a letter with an attachment may take 256 KB."""

_LEARNT_FROM, _GIVEN_UP_AT = 2, 4
"""Which mail of a letter is learnt from: the second, and two more when that gave no letter."""

_NO_MESSAGE = MessageKey("")
_LEARNT = frozenset({Why.LINK_ADDED, Why.NOT_A_REJECTION})


def learn(met: Meeting, texts: Texts, plan: Plan) -> None:
    """Remember what was decided about a mail, when another one before it reads the same.

    met    what meet() returned for it, without a plan
    texts  of the mail
    plan   what was decided

    Kept is only what gives the very plan anew when it is asked about this mail.
    """
    is_plain = plan.why in _LEARNT and plan.as_letter is None
    if not is_plain or plan.copies or plan.orders or plan.removed:
        return
    if not met.letter:
        _learn_skeleton(met, texts)
        return
    count = count_of(met.letter)
    count.times += 1
    if not _LEARNT_FROM <= count.times <= _GIVEN_UP_AT:
        return
    met.read_all_leaves()
    letter = _letter(met, texts, plan)
    if letter is not None and plan_by(letter, met) == plan:
        LETTERS.keep(met.letter, letter)
        count.times = 0


def _learn_skeleton(met: Meeting, texts: Texts) -> None:
    """Keep a skeleton that came twice: what is attached to one mail alone is never kept."""
    skeleton = skeleton_of(texts.raw, met.outlined, texts.root, texts.shown.texts)
    if skeleton is None:
        return
    count = count_of(hash((met.sender, skeleton.around)))
    count.times += 1
    if count.times < _LEARNT_FROM:
        return
    known = SENDERS.get(hash(met.sender))
    others = known.skeletons if known is not None and known.key == met.sender else ()
    kept = (skeleton, *others[: _MOST_SKELETONS - 1])
    SENDERS.keep(hash(met.sender), Sender(met.sender, kept))


def _letter(met: Meeting, texts: Texts, plan: Plan) -> KnownLetter | None:
    """Return what may hold for all mails of this mail's letter, None when nothing is sure to."""
    _, envelope, company, desk = met.mail
    reading = read_to_judge(texts.raw, texts.root, texts)
    sections = [leaf.part.section for leaf, _ in met.leaves]
    judged = sections.index(reading.part) if reading.part in sections else -1
    if judged < 0 or reading.renamed != met.leaves[judged].renamed:
        return None  # it was judged in its own words
    recruiting = is_from_recruiting(envelope, company)
    found = judge_reading(reading.reading, recruiting_sender=recruiting).evidence
    rename, shown = reading.renamed.rename, met.outlined.shown_subject
    subject, addressed = rename(shown), rename(names_in((met.outlined.to or b"",)))
    if not _is_for_all(subject, addressed, reading, met):
        return None
    block = _known_block(met, texts, plan.referral.token) if plan.referral is not None else None
    if block is not None and len(block.leaves) != len(met.leaves):
        return None
    return KnownLetter(
        company,
        desk,
        dataclasses.replace(plan, message=_NO_MESSAGE, evidence=(), edits=(), referral=None),
        texts.root._replace(children=()),
        found,
        {},
        plan.evidence[len(found) :],
        _with_name_alone(reading),
        judged,
        subject,
        subject != shown,
        addressed,
        block,
        met.around,
        met.texts(),
    )


def _known_block(met: Meeting, texts: Texts, token: Token) -> KnownBlock:
    """Return the block that a mail got, for others of its letter."""
    chosen = choose_leaves(texts)
    desk, language = met.mail.desk, language_among(chosen)
    block = desk.write_block(met.mail.company, link_for(desk.link_base, token), language)
    leaves = [_known_leaf(one, block, token.encode()) for one in sorted(chosen, key=_start)]
    return KnownBlock(language, without_token(block, token), tuple(leaves))


def _start(read: ReadLeaf) -> int:
    return read.leaf.part.body.start


def _known_leaf(read: ReadLeaf, block: Block, token: bytes) -> KnownLeaf:
    leaf, spot = read.leaf, find_spot(read)
    change = place_in(read, block)
    joint = joint_at(leaf, change.span.start)
    chunk = tuple(change.new.split(token))
    return KnownLeaf(read.sight, spot, joint, chunk)


def _is_for_all(subject: str, addressed: str, reading: SharedReading, met: Meeting) -> bool:
    """Tell whether nothing names the reader but by the shared name: else it is one mail's alone."""
    names = reading.renamed.names
    if any(name in text for name, _ in names for text in (subject, addressed)):
        return False
    if addressed.strip(" @") and not any(shared in addressed for _, shared in names):
        return False
    return len({bool(one.renamed.names) for one in met.leaves}) == 1


def _with_name_alone(reading: SharedReading) -> SharedReading:
    """Return the reading with no sentences but those that have the shared name, and no own name."""
    named = {shared for shared, _ in reading.renamed_texts()}
    kept = tuple([one for one in reading.reading.sentences if one.text in named])
    told = dataclasses.replace(reading.reading, sentences=kept, history="")
    return reading._replace(reading=told, renamed=Renamed(""), subject=None)
