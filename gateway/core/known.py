"""A mail of a letter met before: its plan from memory, its edits and their proof made anew.

Two mails whose skeletons are the same (gateway.core.skeleton) and whose texts with the shared name
are the same (gateway.core.addressee) are judged alike, and get their block in the same places, as
long as the rules hear nothing else by their own name. What is each mail's own (who gets it, its
identity, the name) is read anew, and the edited mail is proven sound like any other.
Whatever is not surely the same is decided as if nothing had been met: docs/decisions/026.
"""

import dataclasses
import functools
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import starmap
from typing import NamedTuple

from gateway.core.addressee import Renamed
from gateway.core.block import Block
from gateway.core.check import is_sound_where_known
from gateway.core.company import Company, Language
from gateway.core.detect import is_recruiting_mailbox, judge_reading, read_to_judge
from gateway.core.envelope import Address, Envelope
from gateway.core.html_lines import Page
from gateway.core.inject import choose_leaves, language_among, with_block
from gateway.core.leaf import Leaf, LeafError
from gateway.core.link import identify_message, link_for
from gateway.core.memory import LONGEST_LETTER, MOST_LETTERS
from gateway.core.mime import Part
from gateway.core.plan import Desk, Plan, refer
from gateway.core.reader import SharedReading, names_in, shown_subject
from gateway.core.recipients import sort_recipients
from gateway.core.sender import names_senders
from gateway.core.skeleton import NOTHING_FOUND, Found, Outline, Skeleton, outline, skeleton_of
from gateway.core.splice import Edit
from gateway.core.texts import NamedLeaf, ReadLeaf, Texts, read_named
from gateway.core.verdict import Evidence
from gateway.core.weigh_form import sounds_alike
from gateway.core.why import Why
from gateway.core.written import Written

_LARGEST = 512 << 10
_MOST_SENDERS = 32
_MOST_SKELETONS = 2
"""Of each sender's outline: a letter with an attachment may take 256 KB."""

_MOST_SHIFTS = 64
"""Of each letter: lengths of names that are remembered."""

_LEARNT = frozenset({Why.LINK_ADDED, Why.NOT_A_REJECTION})


class _SeenLeaf(NamedTuple):
    """What a reader sees of a leaf: fields as in ReadLeaf."""

    page: Page | None
    lines: tuple[str, ...]
    written: Written


@dataclass(frozen=True, slots=True)
class _Letter:
    """What was decided about a mail, and what of it holds for all others of its letter.

    It holds nobody's name but the shared one.

    company, desk  for whom it was decided, and by what
    plan           what is the same for all
    head           the message it was learnt from: of its parts only the header is asked for
    found          evidence from its text: where it stands in the leaf with the shared name
    placed         the same in mails as sent, by Renamed.shifts: names of one length, one answer
    noted          all other evidence
    reading        what was judged: of the sentences only those with the shared name
    judged         which leaf that was
    subject        as it is shown
    addressed      display names in To, with the shared name
    language       of the block, None without one
    seen           what a reader sees of each leaf that gets the block: of all, or of none
    others         what must be equal in the leaves but the first, which the letter is found by
    """

    company: Company
    desk: Desk
    plan: Plan
    head: Part
    found: tuple[Evidence, ...]
    placed: dict[tuple[int, ...], tuple[Evidence, ...]]
    noted: tuple[Evidence, ...]
    reading: SharedReading
    judged: int
    subject: str
    addressed: str
    language: Language | None
    seen: tuple[_SeenLeaf, ...]
    others: tuple[Hashable, ...]

    def is_for(self, company: Company, desk: Desk) -> bool:
        """Tell whether it was decided for this company as it is now, and by this desk."""
        return self.company == company and self.desk == desk

    def place_as_sent(self, reading: SharedReading) -> tuple[Evidence, ...]:
        """Return what was found, where it stands in a mail that reads like this letter."""
        shifts = reading.renamed.shifts
        placed = self.placed.get(shifts)
        if placed is None:
            if len(self.placed) >= _MOST_SHIFTS:
                self.placed.clear()
            placed = self.placed[shifts] = reading.place_as_sent(self.found)
        return placed


class _Sender:
    """The skeletons of mails of one outline from one sender; of the newest only a hash."""

    __slots__ = ("newest", "skeletons")

    def __init__(self) -> None:
        self.skeletons: tuple[Skeleton, ...] = ()
        self.newest = 0


class _Place:
    """The place of a letter in the memory; it is empty until a second mail of it has come."""

    __slots__ = ("letter", "was_met")

    def __init__(self) -> None:
        self.letter: _Letter | None = None
        self.was_met = False


@functools.lru_cache(_MOST_SENDERS)
def _sender(_outline: Hashable, _reverse_path: Address, _company: int) -> _Sender:
    return _Sender()


@functools.lru_cache(MOST_LETTERS)
def _place(_skeleton: tuple[bytes, ...], _sender: _Sender, _texts: Hashable) -> _Place:
    return _Place()


def forget() -> None:
    """Forget all letters."""
    _sender.cache_clear()
    _place.cache_clear()


class _Mail(NamedTuple):
    """A mail in hand: its bytes, who sends it to whom, for whom and by what it is decided."""

    raw: bytes
    envelope: Envelope
    company: Company
    desk: Desk


class Meeting(NamedTuple):
    """A mail that may be of a known letter: what was found out about it on the way.

    found   its text leaves
    leaves  those of them that were read: where a letter is known in its place all, else the first
    plan    what is decided about it, None when that is not known
    """

    mail: _Mail
    outlined: Outline
    sender: _Sender
    place: _Place | None = None
    found: Found = NOTHING_FOUND
    leaves: tuple[NamedLeaf, ...] = ()
    plan: Plan | None = None

    def with_all_leaves(self) -> "Meeting":
        """Return the meeting with all leaves read; raises LeafError when one cannot be."""
        others = self.found.parts[len(self.leaves) :]
        leaves = (*self.leaves, *[read_named(self.mail.raw, part) for part in others])
        return self._replace(leaves=leaves)


def meet(raw: bytes, envelope: Envelope, company: Company, desk: Desk) -> Meeting | None:
    """Return what is known of a mail's letter; None when no letter is learnt from such a mail."""
    if len(raw) > _LARGEST or len(envelope.recipients) != 1 or company.letters:
        return None
    outlined = outline(raw, company.senders)
    if outlined is None:
        return None
    sender = _sender(outlined.key, envelope.reverse_path, company.id)
    met = Meeting(_Mail(raw, envelope, company, desk), outlined, sender)
    for skeleton in sender.skeletons:
        found = skeleton.find_leaves(raw, outlined)
        if found is not None:
            return _meet_letter(met, skeleton, found)
    return met


def _meet_letter(met: Meeting, skeleton: Skeleton, found: Found) -> Meeting | None:
    try:
        first = read_named(met.mail.raw, found.parts[0])
        if len(first.leaf.text) > LONGEST_LETTER:
            return None
        place = _place(skeleton.around, met.sender, _key_of(*first))
        met = Meeting(met.mail, met.outlined, met.sender, place, found, (first,))
        if place.letter is None:
            return met
        met = met.with_all_leaves()
        return met._replace(plan=_plan(place.letter, met))
    except LeafError:
        return None


def _key_of(leaf: Leaf, renamed: Renamed) -> Hashable:
    """Return what must be equal in a leaf of another mail of the letter."""
    shared = tuple([shared for _, shared in renamed.names])
    layout = leaf.codec, leaf.line_end, leaf.guessed, leaf.data.isascii()
    return renamed.text, renamed.places, shared, layout


def _plan(letter: _Letter, met: Meeting) -> Plan | None:
    """Return the plan of a mail of a letter, None when the mail is not surely like the others.

    Raises LeafError when the block cannot go into it.
    """
    raw, envelope, company, desk = met.mail
    if not letter.is_for(company, desk) or letter.others != _keys_of_others(met):
        return None
    recipients = sort_recipients(envelope, company)
    reading = letter.reading._replace(renamed=met.leaves[letter.judged].renamed)
    if not recipients.people or not _is_read_alike(letter, reading, met.outlined):
        return None
    known = letter.plan
    message = identify_message(met.outlined.message_id, raw)
    evidence = (*letter.place_as_sent(reading), *letter.noted)
    found = known.why, known.verdict, known.score, known.rules_version, evidence
    if letter.language is None:
        return Plan(message, *found, origin=known.origin)
    referral = refer(recipients.people[0][0], message, company, desk)
    block = desk.write_block(company, link_for(desk.link_base, referral.token), letter.language)
    edits = _edits(letter, met, block)
    parts, origin = known.parts, known.origin
    return Plan(message, *found, edits, parts, referral=referral, origin=origin) if edits else None


def _keys_of_others(met: Meeting) -> tuple[Hashable, ...]:
    return tuple([_key_of(*one) for one in met.leaves[1:]])


def _is_read_alike(letter: _Letter, reading: SharedReading, outlined: Outline) -> bool:
    """Tell whether the reader sees the same besides the texts, and no rule hears the name."""
    to = outlined.to or b""
    if to.count(b"@") > 1:
        return False  # several people may be seen
    renamed = reading.renamed
    if renamed.rename(names_in((to,))) != letter.addressed:
        return False
    if any(name in letter.subject for name, _ in renamed.names):
        return False
    return all(starmap(sounds_alike, reading.renamed_texts()))


def _edits(letter: _Letter, met: Meeting, block: Block) -> tuple[Edit, ...]:
    """Return the edits that put the block into the mail, () when they are not proven sound."""
    raw = met.mail.raw
    insertions = [
        with_block(raw, ReadLeaf(leaf, *seen, renamed), block)
        for (leaf, renamed), seen in zip(met.leaves, letter.seen, strict=True)
    ]
    edits = tuple([one.edit for one in insertions])
    boundaries = met.found.boundaries
    is_sound = is_sound_where_known(raw, letter.head, boundaries, insertions, edits)
    return edits if is_sound else ()


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
    elif not place.was_met:
        place.was_met = True
    elif place.letter is None or not place.letter.is_for(met.mail.company, met.mail.desk):
        met = met.with_all_leaves()
        letter = _letter(met, texts, plan)
        if letter is not None and _plan(letter, met) == plan:
            place.letter = letter


def _learn_skeleton(met: Meeting, texts: Texts) -> None:
    """Keep a skeleton that came twice: what is attached to one mail alone is never kept."""
    skeleton = skeleton_of(texts.raw, met.outlined, texts.root, texts.shown.texts)
    if skeleton is None:
        return
    newest = hash(skeleton.around)
    if newest == met.sender.newest:
        met.sender.skeletons = (skeleton, *met.sender.skeletons[: _MOST_SKELETONS - 1])
    met.sender.newest = newest


def _letter(met: Meeting, texts: Texts, plan: Plan) -> _Letter | None:
    """Return what may hold for all mails of this mail's letter, None when nothing is sure to."""
    _, envelope, company, desk = met.mail
    reading = read_to_judge(texts.raw, texts.root, texts)
    sections = [leaf.part.section for leaf, _ in met.leaves]
    judged = sections.index(reading.part) if reading.part in sections else -1
    if judged < 0 or reading.renamed != met.leaves[judged].renamed:
        return None  # it was judged in its own words
    recruiting = names_senders(company) or is_recruiting_mailbox(envelope.reverse_path)
    found = judge_reading(reading.reading, recruiting_sender=recruiting).evidence
    chosen = choose_leaves(texts) if plan.edits else []
    seen = {read.leaf.part.path: _SeenLeaf(read.page, read.lines, read.written) for read in chosen}
    if plan.edits and len(seen) != len(met.leaves):
        return None
    return _Letter(
        company,
        desk,
        dataclasses.replace(plan, evidence=(), edits=(), referral=None),
        texts.root,
        found,
        {},
        plan.evidence[len(found) :],
        _with_name_alone(reading),
        judged,
        shown_subject(texts.raw, texts.root),
        reading.renamed.rename(names_in((met.outlined.to or b"",))),
        language_among(chosen) if chosen else None,
        tuple([seen[leaf.part.path] for leaf, _ in met.leaves] if seen else []),
        _keys_of_others(met),
    )


def _with_name_alone(reading: SharedReading) -> SharedReading:
    """Return the reading with no sentences but those that have the shared name, and no own name."""
    named = {shared for shared, _ in reading.renamed_texts()}
    kept = tuple([one for one in reading.reading.sentences if one.text in named])
    told = dataclasses.replace(reading.reading, sentences=kept, history="")
    return reading._replace(reading=told, renamed=Renamed(""))
