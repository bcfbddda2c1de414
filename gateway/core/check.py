"""The last look before an edited mail is sent: nothing but the block was added."""

import html
from collections.abc import Sequence
from typing import NamedTuple

from gateway.core.charset import decode
from gateway.core.label import count_anew
from gateway.core.leaf import Leaf, read_leaf
from gateway.core.mime import Part, scan, walk
from gateway.core.moved import Growths, growths_of, keep_parts, move_part, move_parts, move_span
from gateway.core.place import is_seven_bit
from gateway.core.splice import Edit, Span, apply_edits, gives, in_order
from gateway.core.strip import edits_to_strip, read_texts
from gateway.core.texts import ReadLeaf, ReadText, read_as_sent
from gateway.core.transfer import MAX_LINE_BYTES, Change


class Insertion(NamedTuple):
    """What is to be done to one leaf.

    read    the leaf as read; labelled as it will be when its charset is widened
    change  the chunk in its data
    edit    of the message's bytes, for the chunk
    labels  edits of the leaf's header, () for all but a widened leaf
    """

    read: ReadLeaf
    change: Change
    edit: Edit
    link: str
    labels: tuple[Edit, ...] = ()

    @property
    def leaf(self) -> Leaf:
        """The leaf alone."""
        return self.read.leaf

    def read_without(self, text: str) -> ReadText:
        """Read what is left of the leaf without its chunk: nearly always its text of before."""
        leaf, renamed, sight = self.read
        if text == leaf.text:
            return ReadText(renamed, sight)
        return read_as_sent(text, is_html=leaf.is_html)


def edits_of(raw: bytes, root: Part, insertions: Sequence[Insertion]) -> tuple[Edit, ...]:
    """Return all edits of the message `raw` that the insertions ask for, in order of position."""
    edits = [edit for one in insertions for edit in (*one.labels, one.edit)]
    return in_order((*edits, *count_anew(raw, root, edits)))


def is_sound(
    raw: bytes, root: Part, insertions: Sequence[Insertion], edits: Sequence[Edit]
) -> bool:
    """Tell whether `edits`, made in `raw`, do what the insertions should and nothing else.

    The part tree is the same, every part stands where it must, each edited leaf reads as before
    with exactly its chunk added, no line grew too long, 7bit stayed 7bit, every link is whole and
    there once, and stripping gives back `raw`.

    The proof starts from the edited bytes: they are decoded like any message, and the block
    is found in them by its marks. Their parts are looked for again wherever an edit could have
    changed them (gateway.core.moved). What is known of the original is only compared with the
    result; caches (gateway.core.memory) answer only for identical bytes.
    """
    edited = apply_edits(raw, edits)
    tree = move_parts(raw, root, edited, edits) or _scan_again(root, edited, insertions, edits)
    if tree is None:
        return False
    leaves = list(read_texts(edited, tree))
    return _leaves_are_sound(raw, edited, tree, leaves, insertions, edits)


def is_sound_where_known(
    raw: bytes,
    head: Part,
    boundaries: Sequence[bytes],
    insertions: Sequence[Insertion],
    edits: Sequence[Edit],
) -> bool:
    """Do what is_sound() does, for a message whose parts other than its leaves were not looked for.

    head        a message with the same header, but for fields that nothing depends on
    boundaries  of all multiparts of the message
    insertions  one for each text leaf that is shown, in order; without labels

    False as well where the edits might change what parts there are.
    """
    edited = apply_edits(raw, edits)
    bodies = [one.leaf.part.body for one in insertions]
    if not keep_parts(raw, bodies, boundaries, edited, edits):
        return False
    growths = growths_of(edits)
    leaves = [read_leaf(edited, move_part(one.leaf.part, growths)) for one in insertions]
    return _leaves_are_sound(raw, edited, head, leaves, insertions, edits)


def _leaves_are_sound(
    raw: bytes,
    edited: bytes,
    root: Part,
    leaves: Sequence[Leaf],
    insertions: Sequence[Insertion],
    edits: Sequence[Edit],
) -> bool:
    """Tell whether the text leaves of the edited message hold what they should.

    root    whose header the edited message has
    leaves  all text leaves of the edited message that are shown
    """
    by_path = {leaf.part.path: leaf for leaf in leaves}
    bodies, reading = [], {}
    for insertion in insertions:
        part = insertion.leaf.part
        now = by_path.get(part.path)
        if now is None or not _leaf_is_sound(now, insertion):
            return False
        bodies.append(part.body)
        reading[part.path] = insertion.read_without
    fits = _lines_fit(raw, edited, edits, bodies)
    return fits and gives(edited, edits_to_strip(edited, root, leaves, reading), raw)


def _scan_again(
    root: Part, edited: bytes, insertions: Sequence[Insertion], edits: Sequence[Edit]
) -> Part | None:
    """Return the parts of the edited mail; None when they are not what they were."""
    tree = scan(edited)
    before, after = list(walk(root)), list(walk(tree))
    relabelled = {one.leaf.part.path: one.leaf.part for one in insertions if one.labels}
    growths = growths_of(edits)
    is_same = len(before) == len(after) and all(
        _same_part(relabelled.get(old.path, old), new, growths)
        for old, new in zip(before, after, strict=True)
    )
    return tree if is_same else None


def _same_part(old: Part, new: Part, growths: Growths) -> bool:
    if (old.path, old.media_type, old.params) != (new.path, new.media_type, new.params):
        return False
    if (old.transfer_encoding, old.defects) != (new.transfer_encoding, new.defects):
        return False
    header = move_span(old.header, growths) == new.header
    return header and move_span(old.body, growths) == new.body


def _leaf_is_sound(now: Leaf, insertion: Insertion) -> bool:
    leaf, change = insertion.leaf, insertion.change
    at = change.span.start
    if not _is_at_border(leaf, at) or now.data != leaf.data[:at] + change.new + leaf.data[at:]:
        return False
    chunk = decode(change.new, leaf.codec)
    place = _place_in_text(leaf, at)
    if now.text != leaf.text[:place] + chunk + leaf.text[place:]:
        return False
    if is_seven_bit(leaf) and not now.data.isascii():
        return False
    return _link_is_whole(chunk, insertion)


def _is_at_border(leaf: Leaf, at: int) -> bool:
    """Tell whether byte `at` cuts nothing in two: no line of a text, no tag, no CRLF."""
    before, behind = leaf.data[at - 1 : at], leaf.data[at : at + 1]
    if not before or not behind:
        return True
    if not leaf.is_html:
        return before == b"\n"
    return behind == b"<" or (behind in b"\r\n" and before + behind != b"\r\n")


def _place_in_text(leaf: Leaf, at: int) -> int:
    """Return the character offset of byte `at`, decoding only the shorter side."""
    if at <= len(leaf.data) // 2:
        return len(decode(leaf.data[:at], leaf.codec))
    return len(leaf.text) - len(decode(leaf.data[at:], leaf.codec))


def _link_is_whole(chunk: str, insertion: Insertion) -> bool:
    """Tell whether the link is in the chunk once; in text, whole on a line of its own."""
    if insertion.leaf.is_html:
        return html.unescape(chunk).count(insertion.link) == 1
    if chunk.count(insertion.link) != 1:
        return False
    before, link, behind = chunk.partition(insertion.link)
    line = before.rpartition("\n")[2] + link + behind.partition("\n")[0]
    return line.strip() == link


def _lines_fit(raw: bytes, edited: bytes, edits: Sequence[Edit], bodies: Sequence[Span]) -> bool:
    """Tell whether the lines that the edits touch are short enough, or no longer than before.

    bodies  of the edited leaves: base64 with lines of 4,000 bytes goes on with lines of that width
    """
    shift = 0
    for edit in edits:
        start = edit.span.start + shift
        size = len(edit.new)
        longest = _longest_line(edited, start, start + size)
        if longest > MAX_LINE_BYTES:
            body = next(
                (one for one in bodies if one.start <= edit.span.start <= one.end), edit.span
            )
            if longest > _longest_line(raw, body.start, body.end):
                return False
        shift += size - (edit.span.end - edit.span.start)
    return True


def _longest_line(data: bytes, start: int, end: int) -> int:
    """Return how long the longest line is; CRs are left out where they alone make it too long."""
    first = data.rfind(b"\n", 0, start) + 1
    last = data.find(b"\n", end)
    lines = data[first : last if last >= 0 else len(data)].split(b"\n")
    longest = max(map(len, lines))
    if longest <= MAX_LINE_BYTES:
        return longest
    return max(len(line.rstrip(b"\r")) for line in lines)
