"""The person whom a letter greets: its text with another name reads the same.

A company sends one letter to many people. With the name of each replaced by one that all share,
those letters are one text, which is read and judged once. What is found in it is told by its own
offsets; `Renamed` knows where that is in the text as sent.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

_SURNAME, _GIVEN_NAME, _LATIN_NAME, _LATIN_FIRST = "大野", "真司", "Jordan Kowalski", "Jordan"
"""The shared names: usual ones, which no rule and no signature knows."""

_LAST = _SURNAME[-1] + _GIVEN_NAME[-1]
_ENDS_ALIKE = re.compile(
    rf"[{_LAST}][ \u3000]*(?:様|さん|さま|殿|氏|君|くん|先生)|大[ \u3000]+野|真[ \u3000]+司"
)

_SEARCHED_CHARS = 4000
"""A greeting stands at the top, in HTML behind its head."""

_HONORIFICS = ("様", "さん", "さま", "殿")
_TITLES = (*_HONORIFICS, "氏", "君", "くん")
_GREETINGS = ("Dear ", "Hi ", "Hello ")
_MOST_CHARS, _MOST_TRIES = 40, 8
_MOST_PLACES = 50
"""A letter names its reader a few times; a text with the name on each of its lines is none."""

_BLANKS = " \u3000\t"

_LETTERS = "一-龥々〆ヶぁ-んァ-ヴー"
_JAPANESE = re.compile(rf"[一-龥々〆ヶぁ-ん]{{1,5}}(?:[ \u3000][{_LETTERS}0-9]{{1,8}})?")
_LATIN = re.compile(
    r"(?:(?:Mr|Ms|Mrs|Dr|Miss|Mx)\.? )?([A-Z][a-z]{2,20}(?: [A-Z][a-z]{1,20}){0,2})"
)
_NO_NAME = re.compile(
    r"\A.\Z|\A[おごみ御]|[者先親主員客業社組店局所会院校館団署庁省係課部室長]\Z|[求個法本友知新住老成国会]人\Z"
    r"|会社|法人|大学|学[校生園]|応募|求職|希望|受験|受検|参加|選考|採用|人事|担当|代表|先生|皆|各位|関係|貴|弊"
    r"|不合格|不採用|見送|お祈|残念|合格|内定|辞退|転送|引用|返信|原本|差出人|送信|宛先|件名|日時|日付|本文"
    r"|\b(?:\w+(?:[eo]r|ant|ent|ist|ee|ate|ing|ion|al)s?|Sir|Madam|Miss|All|Team|Friend|There|Folks|Everyone"
    r"|Staff|Guest|Client|Parent|Student|Colleague|Fellow|Talent|From|Sent|Date|Subject|Message|Career|Relay"
    r"|Will|May|April|June|August|Mark|Hope|Grace|Faith|Joy|Art|Rich|Bill|Chance|Summer|Best|With|Con)s?\b"
)
"""What is greeted without being one person's name, and names that are words as well."""


class Renamed(NamedTuple):
    """A text in which the person greeted has the shared name.

    text    with the shared name
    names   each way in which it names them, longest first, and what stands in its place; none
            where nobody is greeted by a name that is sure
    places  where shared names begin in `text`
    shifts  how far behind its place in the text as sent stands what comes before the first of
            them, between them, and after the last
    """

    text: str
    names: tuple[tuple[str, str], ...] = ()
    places: tuple[int, ...] = ()
    shifts: tuple[int, ...] = (0,)

    def as_sent(self, offset: int) -> int:
        """Return where character `offset` of `text` is in the text as sent."""
        return offset - self.shifts[bisect_left(self.places, offset)]

    def span_as_sent(self, start: int, end: int) -> tuple[int, int]:
        """Return where as_sent() finds `start` and `end`, in one call."""
        places, shifts = self.places, self.shifts
        return start - shifts[bisect_left(places, start)], end - shifts[bisect_left(places, end)]

    def here(self, offset: int) -> int:
        """Return where character `offset` of the text as sent is in `text`."""
        passed = 0
        for place, shift in zip(self.places, self.shifts, strict=False):
            if place - shift >= offset:
                break
            passed += 1
        return offset + self.shifts[passed]

    def rename(self, text: str) -> str:
        """Return another text of the same mail with the shared name, where that is sure."""
        names = dict(self.names)
        cut = _cut(text, names)
        is_named = len(cut.names) > 0 and _are_whole_words(cut.texts)
        return _put_together(cut, names).text if is_named else text


class _Cut(NamedTuple):
    """A text without the names in it: one more texts than names, which stand between them."""

    texts: list[str]
    names: list[str]


def rename(text: str, *, is_markup: bool = False) -> Renamed:
    """Return `text` with the shared name; as it is when no name is sure to be one everywhere."""
    name = _find_name(text)
    if not name:
        return Renamed(text)
    shared = _share(text, name)
    *_, shortest = shared  # the others begin with it, and so stand no more often
    if text.count(shortest) > _MOST_PLACES:
        return Renamed(text)
    cut = _cut(text, shared)
    is_sure = _are_whole_words(cut.texts) and not (is_markup and _cut_a_tag(cut.texts))
    rest = "\0".join(cut.texts)
    if not is_sure or _speaks_of(rest, name) or _is_like_shared(rest, name):
        return Renamed(text)
    return _put_together(cut, shared)


def _find_name(text: str) -> str:
    """Return the name that stands alone in a line or an element with a greeting, "" if none."""
    for honorific in _HONORIFICS:
        end = -1
        for _ in range(_MOST_TRIES):
            end = text.find(honorific, end + 1, _SEARCHED_CHARS)
            line = _line_before(text, end).strip(_BLANKS) if end >= 0 else ""
            if not line:
                break
            if _JAPANESE.fullmatch(line) and _REST_OF_LINE.match(text, end + len(honorific)):
                return "" if _NO_NAME.search(line) else line
    for greeting in _GREETINGS:
        start = text.find(greeting, 0, _SEARCHED_CHARS)
        found = _LATIN.match(text, start + len(greeting)) if start >= 0 else None
        if found is not None and not _line_before(text, start):
            is_alone = _REST_OF_LINE.match(text, found.end()) and not _NO_NAME.search(found[1])
            return found[1] if is_alone else ""
    return ""


def _line_before(text: str, at: int) -> str:
    """Return the end of what stands before a place in its line or its element."""
    before = text[at - _MOST_CHARS if at > _MOST_CHARS else 0 : at]
    return before.rpartition("\n")[2].rpartition(">")[2]


_REST_OF_LINE = re.compile(r"[、,，:：!]?[ \t\u3000]*(?:\r?\n|<|\Z)")


def _share(text: str, name: str) -> dict[str, str]:
    """Return the shared name for each way in which the letter names the person, longest first."""
    if name.isascii():
        first = name.partition(" ")[0]
        return {name: _LATIN_NAME, first: _LATIN_FIRST} if first != name else {name: _LATIN_FIRST}
    surname, blank, given = name.replace("\u3000", " ").partition(" ")
    if blank:
        whole = {name: f"{_SURNAME} {_GIVEN_NAME}", surname + given: _SURNAME + _GIVEN_NAME}
        return {**whole, surname: _SURNAME}
    for length in (2, 3, 1):
        surname = name[:length]
        if length < len(name) and any(surname + title in text for title in _TITLES):
            return {name: _SURNAME + _GIVEN_NAME, surname: _SURNAME}
    return {name: _SURNAME}


def _cut(text: str, names: Iterable[str]) -> _Cut:
    """Return the text cut at each of the names; one that stands in another comes behind it."""
    texts, between = [text], [""]
    for name in names:
        if name not in text:
            continue
        finer: list[str] = []
        behind: list[str] = []
        for piece, follower in zip(texts, between, strict=True):
            parts = [piece]
            if name in piece:
                parts = piece.split(name)
                behind += [name] * (len(parts) - 1)
            finer += parts
            behind += (follower,)
        texts, between = finer, behind
    return _Cut(texts, between[:-1])


_BEFORE = frozenset(("", "\n", " ", "\u3000", ">", "、", "。", ","))
_BEHIND = frozenset((*_BEFORE, "\r", "<", *(one for one in _TITLES if len(one) == 1)))
"""What mostly stands beside a name and is no word that goes on: looked up before it is asked."""


def _are_whole_words(texts: Sequence[str]) -> bool:
    """Tell whether no name between two texts is part of a longer word."""
    for left, right in pairwise(texts):
        before, behind = left[-1:], right[:1]
        if before not in _BEFORE and before.isalnum() and not "ぁ" <= before <= "ん":
            return False
        if behind not in _BEHIND and behind.isalnum() and not right.startswith(_TITLES):
            return False
    return True


def _cut_a_tag(texts: Sequence[str]) -> bool:
    """Tell whether a name also stands in a tag or a comment."""
    depth = 0
    for text in texts[:-1]:
        depth += text.count("<") - text.count(">")
        if depth:
            return True
    return False


def _speaks_of(rest: str, name: str) -> bool:
    """Tell whether the rest of a letter may name the person, or somebody of a like name."""
    if name.isascii():
        return any(word in rest for word in name.split())
    bare = name.replace(" ", "").replace("\u3000", "")
    for one, other in pairwise(bare):
        if one + other in rest and not (one + other).isdecimal():
            return True
    return False


def _is_like_shared(rest: str, name: str) -> bool:
    """Tell whether the rest of a letter holds what could be taken for the shared name."""
    if name.isascii():
        return any(word in rest.lower() for word in _LATIN_NAME.lower().split())
    if _SURNAME in rest or _GIVEN_NAME in rest:
        return True
    # the last character of a name before a title may be all that tells who is meant
    may_end_alike = _SURNAME[-1] in rest or _GIVEN_NAME[-1] in rest
    return may_end_alike and _ENDS_ALIKE.search(rest) is not None


def _put_together(cut: _Cut, shared: Mapping[str, str]) -> Renamed:
    texts: list[str] = []
    places: list[int] = []
    shifts = [0]
    length = 0
    for text, name in zip(cut.texts, cut.names, strict=False):
        new = shared[name]
        texts += (text, new)
        place = length + len(text)
        length = place + len(new)
        places += (place,)
        shifts += (shifts[-1] + len(new) - len(name),)
    texts += cut.texts[-1:]
    return Renamed("".join(texts), tuple(shared.items()), tuple(places), tuple(shifts))
