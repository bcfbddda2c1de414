"""Read the HTML of a company's block strictly: a short list of tags and styles, well nested.

A browser mends what is wrong in HTML, each in its own way. So nothing is mended here: a `<` that
does not begin a tag of the list is a problem, as is an attribute without quotes or a tag that
stays open. What passes is read by every mail program alike, and is whole inside our wrapper.

Colours are left to the candidate's mail program: then the block is readable in dark mode, and no
notice can be made invisible. Nothing can be hidden, moved over the mail or loaded.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.blocks.wording import Problem, control_characters, markup

_PHRASING = frozenset(("span", "b", "strong", "em", "i", "u", "small", "a"))
_FLOW = frozenset(("div",))
_TAGS = _PHRASING | _FLOW | {"p", "br"}
_MAX_DEPTH = 12

_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)"
    r"(?P<attrs>(?:[ \n]+[A-Za-z-]+=(?:\"[^\"<>\n]*\"|'[^'<>\n]*'))*)[ \n]*(?P<self>/?)>"
)
_ATTRIBUTE = re.compile(r"([A-Za-z-]+)=(?:\"([^\"]*)\"|'([^']*)')")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

_NOTHING = frozenset(("", "\ufffd"))
"""What references to control characters and to no character stand for."""

_LENGTH = r"(?:0|\d{1,2}(?:\.\d)?(?:px|pt|em))"
_LENGTHS = rf"{_LENGTH}(?:\s+{_LENGTH}){{0,3}}"
_BORDER = r"(?:none|0|\d{1,2}px\s+(?:solid|dashed|dotted|double)(?:\s+(?:#[0-9a-f]{3,6}|[a-z]+))?)"
_SIZE = r"(?:1[1-9]px|2[0-4]px|(?:9|1\d)pt|(?:8[5-9]|9\d|1[0-4]\d|150)%|(?:0\.9|1(?:\.[0-5])?)em)"
_STYLES = {
    "margin": _LENGTHS,
    "padding": _LENGTHS,
    **{
        f"{box}-{side}": _LENGTH
        for box in ("margin", "padding")
        for side in ("top", "right", "bottom", "left")
    },
    **{f"border{side}": _BORDER for side in ("", "-top", "-right", "-bottom", "-left")},
    "font-size": _SIZE,
    "font-weight": r"(?:normal|bold|[4-7]00)",
    "font-style": r"(?:normal|italic)",
    "line-height": r"(?:normal|1(?:\.\d{1,2})?|2)",
    "text-align": r"(?:left|center|right)",
    "text-decoration": r"(?:none|underline)",
}
_STYLE = {name: re.compile(values, re.ASCII) for name, values in _STYLES.items()}


@dataclass(slots=True)
class Markup:
    r"""What was read.

    runs   the visible texts between tags, references resolved, in order; "\n" where a line ends
    links  the href of each `a`, with the words inside it
    """

    runs: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)

    @property
    def visible(self) -> str:
        """The visible text: lines as a reader sees them, blanks as one."""
        lines = "".join(self.runs).split("\n")
        return "\n".join(" ".join(line.split()) for line in lines).strip()


def read_markup(source: str) -> Markup | Problem:
    """Return what a reader of `source` sees, or the first thing in it that is not allowed.

    source  rendered HTML, without our wrapper; linear, never raises
    """
    reader = _Reader()
    for kind, piece, found in _pieces(source):
        problem = reader.tag(found) if found is not None else reader.text(kind, piece)
        if problem is not None:
            return problem
    return reader.finish()


def _pieces(source: str) -> Iterator[tuple[str, str, re.Match[str] | None]]:
    """Yield texts ("text"), tags (with their match) and what is none ("odd")."""
    cursor = 0
    while cursor < len(source):
        start = source.find("<", cursor)
        end = start if start >= 0 else len(source)
        if end > cursor:
            yield "text", source[cursor:end], None
        if start < 0:
            return
        found = _TAG.match(source, start)
        if found is None:
            yield "odd", source[start : start + 20], None
            return
        yield "tag", found[0], found
        cursor = found.end()


class _Reader:
    def __init__(self) -> None:
        self._markup = Markup()
        self._open: list[str] = []
        self._words: list[str] = []
        self._href: str | None = None

    def text(self, kind: str, piece: str) -> Problem | None:
        if kind == "odd":
            return _not_markup(piece)
        if ">" in piece or "&" in _REFERENCE.sub("", piece):
            return _bare_sign()
        if any(html.unescape(each) in _NOTHING for each in _REFERENCE.findall(piece)):
            return control_characters("html")
        shown = html.unescape(piece).replace("\n", " ")
        self._markup.runs.append(shown)
        if self._href is not None:
            self._words.append(shown)
        return None

    def tag(self, found: re.Match[str]) -> Problem | None:
        name = found["name"].lower()
        if name not in _TAGS:
            return _tag_not_allowed(name)
        if found["end"]:
            return self._end(name, found)
        attributes = _read_attributes(found["attrs"])
        problem = _judge_attributes(name, attributes) or self._judge_place(name)
        if problem is not None:
            return problem
        if found["self"] and name != "br":
            return _not_nested(name)
        self._start(name, attributes)
        return None

    def finish(self) -> Markup | Problem:
        return _not_nested(self._open[-1]) if self._open else self._markup

    def _start(self, name: str, attributes: list[tuple[str, str]]) -> None:
        if name not in _PHRASING:
            self._markup.runs.append("\n")
        if name == "br":
            return
        self._open.append(name)
        if name == "a":
            self._href, self._words = dict(attributes).get("href", ""), []

    def _end(self, name: str, found: re.Match[str]) -> Problem | None:
        if found["attrs"] or found["self"] or not self._open or self._open[-1] != name:
            return _not_nested(name)
        self._open.pop()
        if name not in _PHRASING:
            self._markup.runs.append("\n")
        if name == "a" and self._href is not None:
            self._markup.links.append((self._href, "".join(self._words)))
            self._href = None
        return None

    def _judge_place(self, name: str) -> Problem | None:
        """Refuse what HTML would close by itself: a block in a phrase, a link in a link."""
        if len(self._open) >= _MAX_DEPTH:
            return _not_nested(name)
        inside_phrase = any(outer in _PHRASING or outer == "p" for outer in self._open)
        if name in {"p", "div"} and inside_phrase:
            return _block_in_phrase(name)
        return _not_nested(name) if name == "a" and "a" in self._open else None


def _read_attributes(text: str) -> list[tuple[str, str]]:
    """Return names (lower case) and values, references resolved."""
    found = _ATTRIBUTE.finditer(text)
    return [(m[1].lower(), html.unescape(m[2] if m[2] is not None else m[3])) for m in found]


def _judge_attributes(name: str, attributes: list[tuple[str, str]]) -> Problem | None:
    names = [attribute for attribute, _ in attributes]
    if len(set(names)) < len(names):
        return _attribute_not_allowed(name, names[-1])
    for attribute, value in attributes:
        if attribute == "style":
            problem = _judge_style(value)
        elif attribute == "href" and name == "a":
            problem = None  # which address it is, the caller knows
        elif attribute == "lang":
            problem = None if re.fullmatch("[A-Za-z-]{2,12}", value) else _style("lang", value)
        else:
            problem = _attribute_not_allowed(name, attribute)
        if problem is not None:
            return problem
    return None


def _judge_style(style: str) -> Problem | None:
    for declaration in filter(str.strip, style.split(";")):
        name, _, value = (part.strip().lower() for part in declaration.partition(":"))
        if name not in _STYLE or not _STYLE[name].fullmatch(value):
            return _style(name, value)
    return None


def _not_markup(piece: str) -> Problem:
    shown = piece.partition("\n")[0]
    return markup(
        "not-markup",
        f"HTMLの書き方が正しくありません: 「{shown}」付近。タグは閉じ、属性の値は引用符で囲み、"
        "コメントは使用せず、文字としての「<」は「&lt;」と書いてください。",
        f'The HTML is not correct near "{shown}". Close every tag, quote every attribute, use no '
        "comments, and write &lt; for a < that is text.",
    )


def _bare_sign() -> Problem:
    return markup(
        "bare-sign",
        "文字としての「&」「>」は「&amp;」「&gt;」と書いてください。",
        "Write &amp; and &gt; for an & or > that is text.",
    )


def _tag_not_allowed(name: str) -> Problem:
    allowed = " ".join(sorted(_TAGS))
    return markup(
        "tag",
        f"<{name}> は使用できません。使用できるタグ: {allowed}",
        f"<{name}> cannot be used. These tags can: {allowed}",
    )


def _attribute_not_allowed(name: str, attribute: str) -> Problem:
    return markup(
        "attribute",
        f"<{name}> の属性「{attribute}」は使用できません。使用できるのは style、lang と、"
        "<a> の href だけです(それぞれ1回)。",
        f'The attribute "{attribute}" of <{name}> cannot be used. Only style, lang and the href '
        "of <a> can, once each.",
    )


def _style(name: str, value: str) -> Problem:
    shown = f"{name}: {value}" if value else name
    allowed = " ".join(sorted({re.sub("-(top|right|bottom|left)$", "", each) for each in _STYLE}))
    return markup(
        "style",
        f"スタイル「{shown}」は使用できません。使用できるもの: {allowed}(文字は11px以上。色は"
        "候補者のメールソフトに合わせるため指定できません)。",
        f'The style "{shown}" cannot be used. These can: {allowed} (text of 11px or more; colours '
        "are left to the candidate's mail program).",
    )


def _not_nested(name: str) -> Problem:
    return markup(
        "nesting",
        f"<{name}> の開始と終了が対応していません。開いた順と逆の順に閉じてください。",
        f"<{name}> is not opened and closed in order. Close every tag, the last opened first.",
    )


def _block_in_phrase(name: str) -> Problem:
    return markup(
        "nesting",
        f"<{name}> は <p> や文字装飾のタグの中には置けません。外に出してください。",
        f"<{name}> cannot stand inside <p> or a tag that formats words. Move it outside.",
    )
