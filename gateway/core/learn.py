"""Learn a letter from its mails: what meet() will know of the next one (gateway.core.known)."""

import dataclasses

from gateway.core.addressee import Renamed
from gateway.core.block import Block
from gateway.core.charset import is_roman_at
from gateway.core.detect import is_from_recruiting, judge_reading, read_to_judge
from gateway.core.inject import choose_leaves, language_among
from gateway.core.known import (
    KnownBlock,
    KnownLetter,
    Meeting,
    SeenLeaf,
    plan_by,
    without_token,
)
from gateway.core.link import Token, link_for
from gateway.core.place import find_spot, place_in
from gateway.core.plan import Plan
from gateway.core.reader import SharedReading, names_in
from gateway.core.skeleton import skeleton_of
from gateway.core.texts import ReadLeaf, Texts
from gateway.core.why import Why

_MOST_SKELETONS = 2
"""Of each sender's outline: a letter with an attachment may take 256 KB."""

_MOST_NEWEST = 4
_LEARNT_FROM, _GIVEN_UP_AT = 2, 4
"""Which mail of a letter is learnt from: the second, and two more when that gave no letter."""

_LEARNT = frozenset({Why.LINK_ADDED, Why.NOT_A_REJECTION})


def learn(met: Meeting, texts: Texts, plan: Plan) -> None:
    """Remember what was decided about a mail, once two mails of its letter have come before.

    met    what meet() returned for it, without a plan
    texts  of the mail
    plan   what was decided

    Kept is only what gives the very plan anew when it is asked about this mail.
    """
    is_plain = plan.why in _LEARNT and plan.as_letter is None
    if not is_plain or plan.copies or plan.orders or plan.removed:
        return
    place = met.place
    if place is None:
        _learn_skeleton(met, texts)
        return
    place.met += 1
    is_known = place.letter is not None and place.letter.is_for(met.mail.company, met.mail.desk)
    if is_known or not _LEARNT_FROM <= place.met <= _GIVEN_UP_AT:
        return
    met.read_all_leaves()
    letter = _letter(met, texts, plan)
    if letter is not None and plan_by(letter, met) == plan:
        place.letter, place.met = letter, 0


def _learn_skeleton(met: Meeting, texts: Texts) -> None:
    """Keep a skeleton that came twice: what is attached to one mail alone is never kept."""
    sender = met.sender
    skeleton = skeleton_of(texts.raw, met.outlined, texts.root, texts.shown.texts)
    if skeleton is None:
        return
    own = hash((met.key, skeleton.around))
    if own not in sender.newest:
        sender.newest = (own, *sender.newest[: _MOST_NEWEST - 1])
        return
    kept = sender.skeletons[: _MOST_SKELETONS - 1] if sender.key == met.key else ()
    sender.key, sender.skeletons = met.key, (skeleton, *kept)


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
    addressed = names_in((met.outlined.to or b"",))
    if (
        not _is_nobody(addressed, reading)
        or len({bool(one.renamed.names) for one in met.leaves}) > 1
    ):
        return None  # each mail's own name would be in it
    block = _known_block(met, texts, plan.referral.token) if plan.referral is not None else None
    if plan.edits and (block is None or len(block.leaves) != len(met.leaves)):
        return None
    subject = reading.renamed.rename(met.outlined.shown_subject)
    return KnownLetter(
        company,
        desk,
        dataclasses.replace(plan, evidence=(), edits=(), referral=None),
        texts.root._replace(children=()),
        found,
        {},
        plan.evidence[len(found) :],
        _with_name_alone(reading),
        judged,
        subject,
        subject != met.outlined.shown_subject,
        reading.renamed.rename(addressed),
        block,
        met.around,
        met.texts(),
    )


def _known_block(met: Meeting, texts: Texts, token: Token) -> KnownBlock:
    """Return the block that a mail got, for others of its letter."""
    chosen = choose_leaves(texts)
    desk, language = met.mail.desk, language_among(chosen)
    block = desk.write_block(met.mail.company, link_for(desk.link_base, token), language)
    leaves = [_seen(one, block, token.encode()) for one in sorted(chosen, key=_start)]
    return KnownBlock(language, without_token(block, token), tuple(leaves))


def _start(read: ReadLeaf) -> int:
    return read.leaf.part.body.start


def _seen(read: ReadLeaf, block: Block, token: bytes) -> SeenLeaf:
    leaf, spot = read.leaf, find_spot(read)
    change = place_in(read, block)
    is_roman = is_roman_at(leaf.data, change.span.start, leaf.codec)
    chunk = tuple(change.new.split(token))
    return SeenLeaf(read.page, read.lines, read.written, spot, chunk, is_roman)


def _is_nobody(addressed: str, reading: SharedReading) -> bool:
    """Tell whether the display names in To are none but the shared one."""
    return not addressed.strip(" @") or reading.renamed.rename(addressed) != addressed


def _with_name_alone(reading: SharedReading) -> SharedReading:
    """Return the reading with no sentences but those that have the shared name, and no own name."""
    named = {shared for shared, _ in reading.renamed_texts()}
    kept = tuple([one for one in reading.reading.sentences if one.text in named])
    told = dataclasses.replace(reading.reading, sentences=kept, history="")
    return reading._replace(reading=told, renamed=Renamed(""), subject=None)
