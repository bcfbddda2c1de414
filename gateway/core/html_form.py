"""The form of an HTML letter: walked once for all letters that differ in words alone.

A page is cut into texts and tags. Its form is the same markup with a placeholder for each text and
without attributes that decide nothing. That is walked like any page, once; the result is kept, and
filled with the texts of each letter of that form.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain
from typing import NamedTuple

from gateway.core.html import (
    BLANK,
    COMMENT,
    END,
    HISTORY_MARK,
    RAW_TEXT,
    Token,
    VisibleLine,
    collapse,
    hiding_of,
    is_quote,
    mark_of,
    read_tag,
    unescape,
    width_of,
)
from gateway.core.html_lines import Page, Place, Tag, Walk, condition, read_page
from gateway.core.memory import (
    LONGEST_FORM,
    LONGEST_WHOLE,
    MOST_FORMS,
    remembered,
    remembered_form,
)
from gateway.core.room import Room

_TAGS = re.compile(
    r"(<(?:/?[a-zA-Z][^<>]*+>|!--(?:-?>|.*?(?:--!?>|\Z))|!(?!--)[^>]*+(?:>|\Z)))", re.DOTALL
)
"""Tags, comments and declarations where the tokenizer of gateway.core.html finds them; what it
may understand otherwise leaves a `<` in a text."""
_MOST_PIECES = 4000
LONGEST_TAGS = 1 << 15
"""Characters of a page whose tags are remembered as they stand, with all that decides nothing."""


def see_page(markup: str) -> Page:
    """Return what `read_page(markup)` returns; sooner when pages of its form were seen before."""
    return _see_by_form(markup) or read_page(markup)


def _see_by_form(markup: str) -> Page | None:
    """Return the page; None when it has no form that is sure, a long one or one never met."""
    pieces = _TAGS.split(markup) if len(markup) <= LONGEST_WHOLE else []
    if not 0 < len(pieces) <= _MOST_PIECES:
        return None
    texts = [_measure(text) for text in pieces[::2]]
    stands = "".join([text.stands for text in texts])
    if "<" in stands:
        return None
    write = _write_form if len(markup) <= LONGEST_TAGS else _write_form.__wrapped__
    bare = write(stands, *pieces[1::2])
    form = _find_form(bare) if 0 < len(bare) <= LONGEST_FORM and _meet(bare).again() else None
    return None if form is None else _fill(form, pieces, texts)


@functools.lru_cache(MOST_FORMS)
def _write_form(stands: str, *tags: str) -> str:
    """Return the form of a page as markup; "" when a tag might be read differently."""
    bare = [_bare(tag) for tag in tags]
    signs = [_sign(one, number) for number, one in enumerate(stands)]
    markup = "".join(chain.from_iterable(zip(signs, (*bare, ""), strict=True)))
    return "" if "" in bare else markup


class _Meeting:
    """Remembers which forms were met: many come only once, and finding one costs another walk."""

    __slots__ = ("_met",)

    def __init__(self) -> None:
        self._met = False

    def again(self) -> bool:
        """Tell whether this was asked before."""
        met, self._met = self._met, True
        return met


@remembered_form
def _meet(_markup: str) -> _Meeting:
    return _Meeting()


class _Text(NamedTuple):
    """A text between two tags.

    stands         "-" when there is none, " " for blanks alone, "?" for blanks that HTML shows,
                   "<" when it may hold markup, else "x"
    start, length  of what is not blank
    width          of that, as a line counts it
    shown          with its character references resolved
    alone          the line that it makes when nothing else is on it
    """

    stands: str
    start: int
    length: int
    width: int
    shown: str
    alone: str


@remembered
def _measure(text: str) -> _Text:
    bare = text.strip(BLANK)
    if not bare:
        return _Text(" " if text else "-", 0, 0, 0, "", "")
    stands = "<" if "<" in text else "x" if text.strip() else "?"
    start = len(text) - len(text.lstrip(BLANK))
    shown = unescape(text) if "&" in text else text
    return _Text(stands, start, len(bare), width_of(bare), shown, collapse(shown))


_FIRST_SIGN, _FIRST_ODD_SIGN = 0xF0000, 0x100000
"""Private-use characters, one per text, by which it is found again in the lines."""


def _sign(stands: str, number: int) -> str:
    if stands in "x?":
        return chr((_FIRST_SIGN if stands == "x" else _FIRST_ODD_SIGN) + number)
    return "" if stands == "-" else stands


_ENDS_RAW_TEXT = re.compile(rf"</(?:{'|'.join(sorted(RAW_TEXT))})[\s/>]", re.IGNORECASE)


@remembered
def _bare(tag: str) -> str:
    """Return the tag with only what a walk looks at; "" when it might be read differently."""
    if tag.startswith("<!"):
        if not tag.endswith(">") or _ENDS_RAW_TEXT.search(tag):
            return tag
        opens, closes = condition(tag)
        return "<![if>" if opens else "<![endif]>" if closes else "<!---->"
    token = read_tag(tag, 0)
    if token is None or token.kind == COMMENT:
        return ""
    return f"</{token.name}>" if token.kind == END else f"<{token.name}{_bare_attributes(token)}>"


def _bare_attributes(token: Token) -> str:
    attrs = token.attrs or {}
    hiding, mark = hiding_of(attrs), mark_of(attrs)
    style = ""
    if hiding.invisible is not None:
        style += f"visibility:{'hidden' if hiding.invisible else 'visible'};"
    if hiding.sizeless is not None:
        style += f"font-size:{0 if hiding.sizeless else '9px'};"
    return "".join((
        " hidden" if hiding.whole else "",
        f' style="{style}"' if style else "",
        " class=gmail_quote" if is_quote(token.name, attrs) else "",
        f" id={'appendonsend' if mark == HISTORY_MARK else 'signature'}" if mark else "",
    ))  # fmt: skip


class _Line(NamedTuple):
    """A line of a form.

    texts  the numbers of the texts in it, -1 for a blank between them
    at     the piece before which it stands when it has no text
    """

    texts: tuple[int, ...]
    at: int
    quoted: bool
    mark: str


class _FormPlace(NamedTuple):
    """A place in a form: before piece `at`.

    room  the table cell around it, in shown texts instead of columns
    """

    at: int
    cells: int
    depth: int
    chain: tuple[Tag, ...]
    room: Room | None


class _Form(NamedTuple):
    """A Page of which only the texts are missing; pieces instead of offsets.

    shown  the numbers of the visible texts, in order
    """

    lines: tuple[_Line, ...]
    shown: tuple[int, ...]
    places: tuple[_FormPlace, ...]
    joints: tuple[_FormPlace, ...]
    quotes: tuple[tuple[int, int], ...]
    odd: bool


class _FormWalk(Walk):
    """A walk over a form, where nobody knows yet how much text a table cell has.

    rooms, joint_rooms  the table cell around each place and joint
    depends             a text of blanks stands where it decides which blanks they are
    """

    def __init__(self, markup: str) -> None:
        super().__init__(markup)
        self.rooms: list[Room | None] = []
        self.joint_rooms: list[Room | None] = []
        self.depends = False

    def _text(self, token: Token) -> None:
        if self._markup[token.start] >= chr(_FIRST_ODD_SIGN):
            self.depends |= "head" in self._depths or self._body_closed
        super()._text(token)

    def _is_roomy_cell(self) -> bool:
        return True

    def _note_place(self, offset: int) -> None:
        super()._note_place(offset)
        self._note_room(self.rooms, self._places)

    def _note_joint(self, offset: int) -> None:
        super()._note_joint(offset)
        self._note_room(self.joint_rooms, self._joints)

    def _note_room(self, rooms: list[Room | None], places: Sequence[Place]) -> None:
        if len(rooms) < len(places):
            rooms.append(self._room() if places[-1].cells else None)

    def _room(self) -> Room:
        one = super()._room()  # in columns, of which a sign takes two
        return Room(one.table // 2, one.row // 2, one.cell // 2, one.place // 2, one.speaks)


@remembered_form
def _find_form(markup: str) -> _Form | None:
    """Return what a walk over bare markup finds; None when the result depends on more."""
    if "<pre" in markup:
        return None  # its line ends are in the texts
    walk = _FormWalk(markup)
    page = walk.run()
    starts = [0, *accumulate(map(len, _TAGS.split(markup)))]
    piece_at = {start: piece for piece, start in reversed(tuple(enumerate(starts)))}
    try:
        lines = tuple([_line(line, piece_at) for line in page.lines])
        places = tuple(_form_places(page.places, walk.rooms, piece_at))
        joints = tuple(_form_places(page.joints, walk.joint_rooms, piece_at))
        quotes = tuple([(piece_at[start], piece_at[end]) for start, end in page.quotes])
    except KeyError:  # raw text ended within a comment: what follows is no sign
        return None
    shown = tuple([number for line in lines for number in line.texts if number >= 0])
    return None if walk.depends else _Form(lines, shown, places, joints, quotes, page.odd)


def _line(line: VisibleLine, piece_at: dict[int, int]) -> _Line:
    texts = tuple([_number(sign) for sign in line.text])
    return _Line(texts, 0 if texts else piece_at[line.start], line.quoted, line.mark)


def _number(sign: str) -> int:
    if sign == " ":
        return -1
    if ord(sign) < _FIRST_SIGN:
        raise KeyError(sign)
    return ord(sign) & 0xFFFF


def _form_places(
    places: Sequence[Place], rooms: Sequence[Room | None], piece_at: dict[int, int]
) -> Iterator[_FormPlace]:
    for place, room in zip(places, rooms, strict=True):
        tags = [Tag(one.name, piece_at[one.start], piece_at[one.end]) for one in place.chain]
        yield _FormPlace(piece_at[place.offset], place.cells, place.depth, tuple(tags), room)


def _fill(form: _Form, pieces: Sequence[str], texts: Sequence[_Text]) -> Page:
    """Return the page of this form that is made of `pieces`."""
    starts = [0, *accumulate(map(len, pieces))]
    widths = [0, *accumulate([texts[number].width for number in form.shown])]
    return Page(
        tuple([_fill_line(line, starts, texts) for line in form.lines]),
        _fill_places(form.places, starts, widths),
        functools.partial(_fill_places, form.joints, starts, widths),
        tuple([(starts[first], starts[end]) for first, end in form.quotes]),
        form.odd,
    )


def _fill_line(line: _Line, starts: Sequence[int], texts: Sequence[_Text]) -> VisibleLine:
    numbers = line.texts
    if not numbers:
        at = starts[line.at]
        return VisibleLine("", at, at, line.quoted, line.mark)
    first = texts[numbers[0]]
    start = starts[2 * numbers[0]] + first.start
    if len(numbers) == 1:
        return VisibleLine(first.alone, start, start + first.length, line.quoted, line.mark)
    last = texts[numbers[-1]]
    end = starts[2 * numbers[-1]] + last.start + last.length
    shown = "".join([" " if number < 0 else texts[number].shown for number in numbers])
    return VisibleLine(collapse(shown), start, end, line.quoted, line.mark)


def _fill_places(
    places: Sequence[_FormPlace], starts: Sequence[int], widths: Sequence[int]
) -> tuple[Place, ...]:
    return tuple([
        Place(
            starts[at],
            cells,
            depth,
            tuple([Tag(name, starts[start], starts[end]) for name, start, end in tags]),
        )
        for at, cells, depth, tags, room in places
        if room is None or room.measured(widths).is_enough
    ])  # fmt: skip
