"""A mail of a letter met before: its plan from memory, its edits and their proof made anew.

Two mails whose skeletons are the same (gateway.core.skeleton) and whose texts with the shared name
are the same (gateway.core.addressee) are judged alike, and get their block in the same places, as
long as the rules hear nothing else by their own name. What is each mail's own (who gets it, its
identity, the name) is read anew, and the edited mail is proven sound like any other.
Whatever is not surely the same is decided as if nothing had been met: docs/decisions/026.
"""

import functools
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import starmap
from typing import NamedTuple

from gateway.core.addressee import Renamed
from gateway.core.answer import Origin
from gateway.core.block import Block
from gateway.core.check import is_sound_where_known
from gateway.core.company import Company, Language
from gateway.core.detect import are_several_in
from gateway.core.envelope import Envelope
from gateway.core.guard import telling_lines_in
from gateway.core.inject import with_change
from gateway.core.leaf import Leaf, LeafError
from gateway.core.link import Token, identify_message, link_for
from gateway.core.memory import LONGEST_LETTER, Shelf
from gateway.core.mime import Part
from gateway.core.origin import find_origin
from gateway.core.place import Joint, Spot, joint_at
from gateway.core.plan import Desk, Plan, refer
from gateway.core.reader import SharedReading, names_in, subject_of
from gateway.core.recipients import sort_recipients
from gateway.core.skeleton import NOTHING_FOUND, Found, Outline, Skeleton, Stretch, outline
from gateway.core.splice import Edit, Span
from gateway.core.texts import NamedLeaf, ReadLeaf, Sight, read_named
from gateway.core.transfer import Change
from gateway.core.verdict import Evidence, Verdict
from gateway.core.weigh_form import sounds_alike
from gateway.core.why import Why

_LARGEST = 512 << 10
"""Bytes of a mail; whatever is larger is decided in a thread and takes its time anyway."""

_MOST_SHIFTS = 64
"""Of each letter: lengths of names and subjects that are remembered."""


class KnownLeaf(NamedTuple):
    """What a reader sees of a leaf, and what goes into it.

    spot   where the block goes
    joint  what the block's bytes there depend on
    chunk  those bytes, before and behind the token
    """

    sight: Sight
    spot: Spot
    joint: Joint
    chunk: tuple[bytes, ...]

    def change_for(self, leaf: Leaf, renamed: Renamed, token: bytes) -> Change:
        """Return the change that puts a candidate's block into their mail's leaf.

        Raises LeafError (ODD_ENCODING) when its place is not sure.
        """
        offset = self.spot.offset_in(leaf, renamed)
        if joint_at(leaf, offset) != self.joint:
            raise LeafError(Why.ODD_ENCODING)
        return Change(Span(offset, offset), token.join(self.chunk))


class KnownBlock(NamedTuple):
    """A letter's block.

    written  its text and its HTML without the token
    leaves   what it goes into: all text leaves, in order
    """

    language: Language
    written: tuple[str, str]
    leaves: tuple[KnownLeaf, ...]


@dataclass(frozen=True, slots=True)
class KnownLetter:
    """What was decided about a mail, and what of it holds for all others of its letter.

    It holds nobody's name but the shared one.

    company, desk  for whom it was decided, and by what
    plan           what is the same for all
    head           the message it was learnt from: of its parts only the header is asked for
    found          evidence from its text: where it stands in the leaf with the shared name
    placed         the same in mails as sent, by Renamed.shifts and the length of the subject
    noted          all other evidence
    reading        what was judged: of the sentences only those with the shared name
    judged         which leaf that was
    subject        as it is shown, with the shared name
    is_subject_own  whether that differs from what was shown: the plan's origin is one mail's alone
    addressed      display names in To, with the shared name
    block          what goes in, None when nothing does
    around         what stands around its texts
    texts          what must be equal in them
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
    is_subject_own: bool
    addressed: str
    block: KnownBlock | None
    around: tuple[Stretch, ...]
    texts: tuple[Hashable, ...]

    def is_for(self, company: Company, desk: Desk) -> bool:
        """Tell whether it was decided for this company as it is now, and by this desk."""
        return self.company == company and self.desk == desk

    def place_as_sent(self, reading: SharedReading) -> tuple[Evidence, ...]:
        """Return what was found, where it stands in a mail that reads like this letter."""
        end = 0 if reading.subject is None else reading.subject.end
        lengths = (*reading.renamed.shifts, end)
        placed = self.placed.get(lengths)
        if placed is None:
            if len(self.placed) >= _MOST_SHIFTS:
                self.placed.clear()
            placed = self.placed[lengths] = reading.place_as_sent(self.found)
        return placed


class Sender(NamedTuple):
    """The skeletons of mails of one outline from one sender, that two mails had.

    key  what those mails have in common
    """

    key: Hashable
    skeletons: tuple[Skeleton, ...]


class Count:
    """How often something came that is not known."""

    __slots__ = ("times",)

    def __init__(self) -> None:
        self.times = 0


SENDERS: Shelf[Sender] = Shelf(64)
LETTERS: Shelf[KnownLetter] = Shelf(64)
"""By hashes; what is kept tells by itself whether it is what was asked for."""


@functools.lru_cache(4096)
def count_of(_key: int) -> Count:
    """Return how often came what has this hash: of what came once, only that is kept."""
    return Count()


def forget() -> None:
    """Forget all letters."""
    SENDERS.clear()
    LETTERS.clear()
    count_of.cache_clear()


class _Mail(NamedTuple):
    """A mail in hand: its bytes, who sends it to whom, for whom and by what it is decided."""

    raw: bytes
    envelope: Envelope
    company: Company
    desk: Desk


@dataclass(slots=True)
class Meeting:
    """A mail that may be of a known letter: what was found out about it on the way.

    sender  what the mails of one sender have in common
    around  what stands around its text leaves
    found   those leaves
    leaves  those of them that were read: of what may be a known letter all, else the first
    letter  what a letter is kept by, 0 where the skeleton is not known
    plan    what is decided about it, None when that is not known
    """

    mail: _Mail
    outlined: Outline
    sender: Hashable
    around: tuple[Stretch, ...] = ()
    found: Found = NOTHING_FOUND
    leaves: tuple[NamedLeaf, ...] = ()
    letter: int = 0
    plan: Plan | None = None

    def read_all_leaves(self) -> None:
        """Read those leaves that were not read; raises LeafError when one cannot be."""
        others = self.found.parts[len(self.leaves) :]
        self.leaves = (*self.leaves, *[_read(self.mail.raw, part) for part in others])

    def texts(self) -> tuple[Hashable, ...]:
        """Return what must be equal in the leaves of another mail of the letter."""
        return tuple([_key_of(*one) for one in self.leaves])


def meet(raw: bytes, envelope: Envelope, company: Company, desk: Desk) -> Meeting | None:
    """Return what is known of a mail's letter; None when no letter is learnt from such a mail."""
    if len(raw) > _LARGEST or len(envelope.recipients) != 1 or company.letters:
        return None
    outlined = outline(raw, company.senders)
    if outlined is None:
        return None
    met = Meeting(
        _Mail(raw, envelope, company, desk),
        outlined,
        (outlined.key, envelope.reverse_path, company.id),
    )
    sender = SENDERS.get(hash(met.sender))
    for skeleton in sender.skeletons if sender is not None and sender.key == met.sender else ():
        found = skeleton.find_leaves(raw, outlined)
        if found is not None:
            met.around, met.found = skeleton.around, found
            return _meet_letter(met)
    return met


def _meet_letter(met: Meeting) -> Meeting | None:
    try:
        first = _read(met.mail.raw, met.found.parts[0])
        rename, outlined = first.renamed.rename, met.outlined
        said = rename(outlined.shown_subject), rename(names_in((outlined.to or b"",)))
        met.leaves = (first,)
        met.letter = hash((met.sender, met.around, said, _key_of(*first)))
        letter = LETTERS.get(met.letter)
        if letter is not None:
            met.read_all_leaves()
            met.plan = plan_by(letter, met)
    except LeafError:
        return None
    return met


def _read(raw: bytes, part: Part) -> NamedLeaf:
    """Read a leaf; raises LeafError also where its text is longer than what is remembered."""
    read = read_named(raw, part)
    if len(read.leaf.text) > LONGEST_LETTER:
        raise LeafError(Why.TOO_LARGE)
    return read


def _key_of(leaf: Leaf, renamed: Renamed) -> Hashable:
    """Return what must be equal in a leaf of another mail of the letter."""
    shared = tuple([shared for _, shared in renamed.names])
    layout = leaf.codec, leaf.line_end, leaf.guessed, leaf.data.isascii()
    return renamed.text, renamed.places, shared, layout, telling_lines_in(leaf.data)


def plan_by(letter: KnownLetter, met: Meeting) -> Plan | None:
    """Return the plan of a mail of a letter, None when the mail is not surely like the others.

    Raises LeafError when the block cannot go into it.
    """
    raw, envelope, company, desk = met.mail
    if not letter.is_for(company, desk) or letter.around != met.around:
        return None
    if letter.texts != met.texts():
        return None
    recipients = sort_recipients(envelope, company)
    subject = met.outlined.shown_subject
    renamed = met.leaves[letter.judged].renamed
    said = letter.reading
    reading = SharedReading(said.reading, said.part, renamed, subject_of(subject))
    if not recipients.people or not _is_read_alike(letter, reading, met):
        return None
    known, origin = letter.plan, letter.plan.origin
    is_own = letter.is_subject_own or subject != letter.subject
    if is_own and known.verdict is not Verdict.OTHER:
        origin = _origin_of(reading, met.mail)
        if company.answers and origin != known.origin:
            return None  # people's answers are found by it
    message = identify_message(met.outlined.message_id, raw)
    evidence = (*letter.place_as_sent(reading), *letter.noted)
    judged = known.why, known.verdict, known.score, known.rules_version, evidence
    if letter.block is None:
        return Plan(message, *judged, origin=origin)
    referral = refer(recipients.people[0][0], message, company, desk)
    edits = _edits(letter.block, letter.head, met, referral.token)
    if not edits:
        return None
    return Plan(message, *judged, edits, known.parts, referral=referral, origin=origin)


def _is_read_alike(letter: KnownLetter, reading: SharedReading, met: Meeting) -> bool:
    """Tell whether the reader sees the same besides the texts, and no rule hears the name."""
    to, subject = met.outlined.to or b"", met.outlined.shown_subject
    if are_several_in((to,), met.mail.company):
        return False
    rename = reading.renamed.rename
    if rename(names_in((to,))) != letter.addressed or rename(subject) != letter.subject:
        return False
    return all(starmap(sounds_alike, reading.renamed_texts()))


def _origin_of(reading: SharedReading, mail: _Mail) -> Origin | None:
    subject = reading.subject.text if reading.subject is not None else ""
    return find_origin(mail.envelope.reverse_path, subject, mail.desk.key, mail.company.id)


def without_token(block: Block, token: Token) -> tuple[str, str]:
    """Return what a block's text and HTML say to everybody."""
    return block.text.replace(token, ""), block.html.replace(token, "")


def _edits(known: KnownBlock, head: Part, met: Meeting, token: Token) -> tuple[Edit, ...]:
    """Return the edits that put the block into the mail, () when they are not proven sound."""
    raw, _, company, desk = met.mail
    block = desk.write_block(company, link_for(desk.link_base, token), known.language)
    if without_token(block, token) != known.written:
        return ()
    insertions = []
    for (leaf, renamed), its in zip(met.leaves, known.leaves, strict=True):
        change = its.change_for(leaf, renamed, token.encode())
        read = ReadLeaf(leaf, renamed, its.sight)
        insertions.append(with_change(raw, read, change, block.link))
    edits = tuple([one.edit for one in insertions])
    is_sound = is_sound_where_known(raw, head, met.found.boundaries, insertions, edits)
    return edits if is_sound else ()
