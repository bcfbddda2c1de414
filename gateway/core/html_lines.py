"""Walk HTML once: the visible lines, and the places where a block element could stand."""

import functools
import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.core.html import (
    BLOCK,
    COMMENT,
    END,
    MAX_OPEN,
    NOT_HIDING,
    RAW_TEXT,
    RULE_MARK,
    SIGNATURE_MARK,
    START,
    TEXT,
    VOID,
    Hiding,
    LineBuilder,
    Token,
    VisibleLine,
    hiding_of,
    is_quote,
    mark_of,
    tokenize,
)
from gateway.core.room import Room

_NO_BLOCK_INSIDE = frozenset(
    (
        *("p", "pre", "a", "h1", "h2", "h3", "h4", "h5", "h6", "button", "ul", "ol", "dl", "svg"),
        *("math", "label", "select", "object", "video", "audio", "marquee", "map", "noscript"),
        *("head", "template", "dialog", "details", "datalist", "canvas", "noframes"),
    )
)
_NEEDS_OTHER_CHILDREN = frozenset(("table", "tbody", "thead", "tfoot", "tr", "colgroup"))
_IN_HEAD = frozenset(
    ("title", "style", "script", "meta", "link", "base", "noscript", "template", "head", "xml")
)
_CELLS = frozenset(("td", "th"))
_TABLED = {"table": "table", "tr": "tr", "td": "cell", "th": "cell"}
_CLOSES_P = (BLOCK | {"td", "th"}) - {"body", "html", "head", "tbody", "thead", "tfoot", "tr"}
_ODD = frozenset(("frameset", "plaintext"))
_IMPLIED_BY = _CLOSES_P | _CELLS | {"li", "dt", "dd", "tr"}
_NO_PLACE_INSIDE = _NEEDS_OTHER_CHILDREN | RAW_TEXT
_SURELY_CLOSES_P = _CLOSES_P - {"table", "caption", "td", "th"}
"""A table stays in its paragraph where no doctype stands, as in most mails."""
_TABLE_PARTS = _NEEDS_OTHER_CHILDREN | _CELLS | {"caption"}
_SCOPE_OF_TABLES = frozenset(("table", "template"))
_SCOPE_OF_ENDS = _SCOPE_OF_TABLES | {"td", "th", "caption", "object", "marquee", "select"}
"""What an end tag does not reach through: of a table's part, of anything else (HTML 13.2.4.2)."""
_SCOPE = _SCOPE_OF_ENDS | {"button", "html"}
_PARTED = frozenset(("p", "pre"))
_INLINE = frozenset(("span", "font", "b", "strong", "i", "em", "u", "small", "big"))
_MAX_CHAIN = 5


class Tag(NamedTuple):
    """The start tag of an open element: its name, and its offsets."""

    name: str
    start: int
    end: int


class Place(NamedTuple):
    """A place where a block element can stand, and how well: cells around it, depth.

    chain  the open elements, outermost first, to be closed before the block and reopened after it
    """

    offset: int
    cells: int
    depth: int
    chain: tuple[Tag, ...] = ()


class _Open(NamedTuple):
    """An open element; `inherited` is whether text was invisible and sizeless around it."""

    name: str
    tag: Tag
    hiding: Hiding
    quote: bool
    inherited: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Page:
    """What one walk over the markup found.

    find_joints  finds the joints when asked: most pages have other places
    quotes       where quoted history stands, as (start, end)
    odd          structure in which readers may disagree: no block is put in
    """

    lines: tuple[VisibleLine, ...]
    places: tuple[Place, ...]
    find_joints: Callable[[], tuple[Place, ...]] = field(compare=False, repr=False)
    quotes: tuple[tuple[int, int], ...]
    odd: bool

    @property
    def joints(self) -> tuple[Place, ...]:
        """Line ends within a paragraph: places for a block that parts it in two."""
        return self.find_joints()

    def is_quoted_at(self, offset: int) -> bool:
        """Tell whether what is put in at `offset` stands in quoted history."""
        return any(start < offset <= end for start, end in self.quotes)

    @property
    def paragraphs(self) -> frozenset[int]:
        """The lines that begin a paragraph: a block could stand before them."""
        offsets = sorted(place.offset for place in self.places)
        found = set()
        for index in range(1, len(self.lines)):
            low, high = self.lines[index - 1].end, self.lines[index].start
            at = bisect_left(offsets, low)
            blank = not self.lines[index - 1].as_text.strip()
            if blank or (at < len(offsets) and offsets[at] <= high):
                found.add(index)
        return frozenset(found)


def read_page(markup: str) -> Page:
    """Return the visible lines and possible places of `markup`; linear, never raises."""
    return Walk(markup).run()


class Walk:
    """One walk over the tokens of a page."""

    def __init__(self, markup: str) -> None:
        """Stand before the first token."""
        self._markup = markup
        self._lines = LineBuilder()
        self._places: list[Place] = []
        self._joints: list[Place] = []
        self._quotes: list[tuple[int, int]] = []
        self._quote_start = self._at = 0
        self._joint_top: _Open | None = None
        self._joint_chain: tuple[Tag, ...] = ()
        self._open: list[_Open] = []
        self._depths: dict[str, list[int]] = {}  # of the open elements, by name; never empty
        self._starts: dict[str, list[int]] = {"table": [0], "tr": [0], "cell": []}
        self._spoken = 0  # how much text there is up to the last one outside of links
        self._hidden_whole = self._quote = self._forbidden = self._conditions = 0
        self._invisible = self._sizeless = self._is_hidden = False
        self._body_closed = self._behind = self._odd = False

    def run(self) -> Page:
        """Return what is found."""
        for token in tokenize(self._markup):
            kind, self._at = token.kind, token.start
            if kind == TEXT:
                self._text(token)
            elif kind == START:
                self._start(token)
            elif kind == END:
                self._end(token)
            elif kind == COMMENT:
                self._comment(token)
        end = len(self._markup)
        while self._open and self._open[-1].name == "p":
            self._pop()
        self._note_place(end)
        self._lines.finish(end, quoted=self._quote > 0)
        if self._quote:  # never closed
            self._quotes.append((self._quote_start, end))
        lines, quotes = tuple(self._lines.lines), tuple(self._quotes)
        joints = functools.partial(tuple, self._joints)
        return Page(lines, tuple(self._places), joints, quotes, self._odd)

    def _text(self, token: Token) -> None:
        text = self._markup[token.start : token.end]
        if "head" in self._depths:
            if not text.strip():
                return
            self._close_head()  # text ends a head that nobody closed (HTML 13.2.6.4.4)
        if self._is_hidden:
            return
        if self._body_closed and not self._behind and text.strip():
            self._behind = True  # what a gateway added behind </body> is nobody's own text
            self._lines.mark(token.start, SIGNATURE_MARK)
        length = self._lines.length
        if "pre" not in self._depths or "\n" not in text:
            self._lines.add(text, token.start)
        else:
            for found in _LINE_END.finditer(text):
                self._note_joint(token.start + found.start())
            self._lines.add_lines(text, token.start, quoted=self._quote > 0)
        if self._lines.length > length and "a" not in self._depths:
            self._spoken = self._lines.length

    def _start(self, token: Token) -> None:
        name, attrs = token.name, token.attrs
        if "head" in self._depths and name not in _IN_HEAD:
            self._close_head()
        mark = mark_of(attrs) if attrs and not self._hidden_whole else ""
        if name in _SURELY_CLOSES_P:
            self._close_up_to("p", _SCOPE)  # as a block put in before it does
        self._note_place(token.start)
        self._begin(name, token.start)
        if mark:
            self._lines.mark(token.start, mark)
        if name not in VOID:
            self._push(token)

    def _begin(self, name: str, at: int) -> None:
        """Do what every start tag of `name` does to the lines and to what was open."""
        if name == "br":
            self._note_joint(at)
            self._break(at, blank=True)
            return
        if name in _IMPLIED_BY:
            self._close_implied(name)
        if name in BLOCK:
            self._break(at)
            if name == "hr" and not self._is_hidden and not self._quote:
                self._lines.mark(at, RULE_MARK)
        elif name in _CELLS:
            self._lines.add(" ", at)
        elif name in _ODD:
            self._odd = True

    def _push(self, token: Token) -> None:
        if len(self._open) >= MAX_OPEN:
            self._odd = True
            return
        name, attrs = token.name, token.attrs
        hiding, quote = NOT_HIDING, False
        if attrs:
            hiding, quote = hiding_of(attrs), is_quote(name, attrs)
        if quote and not self._quote:
            self._quote_start = token.start
            self._lines.finish(0, quoted=False)
        self._depths.setdefault(name, []).append(len(self._open))
        inherited = (self._invisible, self._sizeless)
        tag = Tag(name, token.start, token.end)
        self._open.append(_Open(name, tag, hiding, quote, inherited))
        if name in _TABLED:
            self._starts[_TABLED[name]].append(self._lines.length)
        if hiding is not NOT_HIDING:
            self._hide(hiding)
        self._quote += quote
        self._forbidden += name in _NO_BLOCK_INSIDE

    def _hide(self, hiding: Hiding) -> None:
        self._hidden_whole += hiding.whole
        if hiding.invisible is not None:
            self._invisible = hiding.invisible
        if hiding.sizeless is not None:
            self._sizeless = hiding.sizeless
        self._is_hidden = bool(self._hidden_whole or self._invisible or self._sizeless)

    def _pop(self) -> _Open:
        element = self._open.pop()
        name = element.name
        if element.quote and self._quote == 1:
            self._quotes.append((self._quote_start, self._at))
            self._lines.finish(0, quoted=True)
        depths = self._depths[name]
        depths.pop()
        if not depths:
            del self._depths[name]
        if name in _TABLED:
            self._starts[_TABLED[name]].pop()
        if element.hiding is not NOT_HIDING:
            invisible, sizeless = element.inherited
            self._hidden_whole -= element.hiding.whole
            self._hide(Hiding(invisible=invisible, sizeless=sizeless))
        self._quote -= element.quote
        self._forbidden -= name in _NO_BLOCK_INSIDE
        return element

    def _end(self, token: Token) -> None:
        closes = self._is_in_reach(token.name)
        if closes and token.name != "p":
            while self._open[-1].name == "p":  # its end tag may be left out (HTML 13.1.2.4)
                self._break(token.start)
                self._pop()
        self._note_place(token.start)
        if token.name in BLOCK:
            self._break(token.start)
        if token.name in ("body", "html"):
            self._body_closed = True
            return
        if closes:
            while self._pop().name != token.name:
                pass

    def _is_in_reach(self, name: str) -> bool:
        """Tell whether an end tag of `name` closes an element: a stray `</div>` closes no cell."""
        if name not in self._depths or self._open[-1].name == name:
            return name in self._depths
        return self._is_in_scope(name, _SCOPE_OF_TABLES if name in _TABLE_PARTS else _SCOPE_OF_ENDS)

    def _close_head(self) -> None:
        while "head" in self._depths:
            self._pop()

    def _close_implied(self, name: str) -> None:
        """Close what a start tag of `name` closes by itself (HTML 13.2.6.4.7)."""
        if name in _CLOSES_P and "p" in self._depths:
            self._close_up_to("p", _SCOPE)
        if name in ("li", "dt", "dd") and name in self._depths:
            self._close_up_to(name, frozenset(("ul", "ol", "dl", "table", "td", "th")))
        if name in _CELLS:
            for cell in _CELLS & self._depths.keys():
                self._close_up_to(cell, _SCOPE_OF_TABLES | {"tr"})
        if name == "tr" and "tr" in self._depths:
            self._close_up_to("tr", _SCOPE_OF_TABLES)

    def _close_up_to(self, name: str, scope: frozenset[str]) -> None:
        """Close the innermost `name` and all in it, unless an element of `scope` lies between."""
        if name in self._depths and self._is_in_scope(name, scope):
            depth = self._depths[name][-1]
            while len(self._open) > depth:
                self._pop()

    def _is_in_scope(self, name: str, scope: frozenset[str]) -> bool:
        """Tell whether no element of `scope` lies between the innermost `name` and here."""
        depth = self._depths[name][-1]
        return all(self._depths[one][-1] <= depth for one in scope & self._depths.keys())

    def _comment(self, token: Token) -> None:
        self._note_place(token.start)
        text = self._markup[token.start : token.end]
        if token.end == len(self._markup) and not text.endswith(">"):
            self._odd = True  # never closed
        opens, closes = condition(text)
        self._conditions = max(0, self._conditions + opens - closes)

    def _break(self, at: int, *, blank: bool = False) -> None:
        if not self._hidden_whole:
            shown = blank and not self._is_hidden
            self._lines.finish(at, quoted=self._quote > 0, blank=shown)

    def _note_place(self, offset: int) -> None:
        if self._forbidden or self._is_closed_to_blocks():
            return
        depth, cells = len(self._open), len(self._starts["cell"])
        if depth and self._open[-1].name in _NO_PLACE_INSIDE:
            return
        if not cells or self._is_roomy_cell():
            self._places.append(Place(offset, cells, depth))

    def _note_joint(self, offset: int) -> None:
        """Note a line end in a `<p>` or `<pre>` that could be parted in two."""
        if self._forbidden != 1 or self._is_closed_to_blocks():
            return
        if self._open[-1] is not self._joint_top:  # all below the top stays while the top does
            self._joint_top = self._open[-1]
            self._joint_chain = self._find_chain()
        cells, depth = len(self._starts["cell"]), len(self._open)
        if self._joint_chain and (not cells or self._is_roomy_cell()):
            self._joints.append(Place(offset, cells, depth, self._joint_chain))

    def _find_chain(self) -> tuple[Tag, ...]:
        """Return the tags from the `<p>` or `<pre>` around to the innermost, () if none is."""
        chain = []
        for element in reversed(self._open[-_MAX_CHAIN:]):
            chain.append(element.tag)
            if element.name in _PARTED:
                return tuple(reversed(chain))
            if element.name not in _INLINE:
                break
        return ()

    def _is_closed_to_blocks(self) -> bool:
        return self._is_hidden or self._body_closed or self._quote > 0 or self._conditions > 0

    def _is_roomy_cell(self) -> bool:
        """Tell whether the innermost cell has room for a block."""
        return self._room().is_enough

    def _room(self) -> Room:
        """Return the innermost cell as it stands here."""
        table, row, cell = (starts[-1] for starts in self._starts.values())
        return Room(table, row, cell, self._lines.length, speaks=self._spoken > cell)


_LINE_END = re.compile(r"\r?\n")


_END_OF_CONDITION = re.compile(r"<!--\s{0,9}<!\[endif\]")


def condition(text: str) -> tuple[int, int]:
    """Return how many of Outlook's shown conditions a comment opens and closes."""
    if text.startswith("<!--"):
        if "[if" in text[:40] and text.endswith("<!-->"):
            return 1, 0
        return 0, int(_END_OF_CONDITION.match(text) is not None)
    return int(text.startswith("<![if")), int(text.startswith("<![endif]"))
