"""HTML as a reader of mail sees it: a linear tokenizer with offsets, and the visible lines."""

import html
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from gateway.core.memory import LONGEST_REMEMBERED, remembered

TEXT, START, END, COMMENT, RAW = "text", "start", "end", "comment", "raw"


class Token(NamedTuple):
    """A piece of markup.

    kind   TEXT, START, END, COMMENT (declarations too) or RAW (inside script, style, ...)
    name   of a tag, lower case; "" for the others
    attrs  of a tag, names in lower case, values unescaped; None when it has none
    """

    kind: str
    start: int
    end: int
    name: str = ""
    attrs: Mapping[str, str] | None = None


RAW_TEXT = frozenset(("script", "style", "title", "textarea", "xmp", "iframe", "noembed"))
VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)
BLOCK = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "div"),
        *("dl", "dt", "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("head", "header", "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section"),
        *("table", "tbody", "tfoot", "thead", "tr", "ul"),
    )
)
_OPENS_RAW = RAW_TEXT | {"plaintext"}
MAX_OPEN = 512
"""As many elements within each other as browsers keep apart."""


def unescape(text: str) -> str:
    """Return `text` with its character references resolved; never raises.

    As it is when a numeric one has more digits than Python turns into a number.
    """
    try:
        return html.unescape(text)
    except ValueError:
        return text


_TEXT_AND_TAG = re.compile(r"[^<]*+<(/?)([a-zA-Z][^\s/>]*+)\s*+/?>")
_TAG_NAME = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_ATTRIBUTE = re.compile(
    r"""[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)|(["'])|))?"""
)
_TAG_END = re.compile(r"[\s/]*>")
_COMMENT_END = re.compile(r"--!?>")
_SHORT_COMMENT = re.compile(r"<!---?>")


def tokenize(markup: str) -> Iterator[Token]:
    """Yield the tokens of `markup` in order, covering it all; never raises, in linear time.

    Follows the HTML standard's tokenizer: comments, quoted attributes, raw text elements. What is
    never closed reaches to the end, and is a COMMENT or RAW whatever is inside.
    """
    cursor = 0
    while cursor < len(markup):
        simple = _TEXT_AND_TAG.match(markup, cursor)
        if simple:  # most of a mail's markup: some text, and a tag without attributes
            start, end = simple.start(1) - 1, simple.end()
            token: Token | None = Token(END if simple[1] else START, start, end, simple[2].lower())
        else:
            start = markup.find("<", cursor)
            if start < 0:
                yield Token(TEXT, cursor, len(markup))
                return
            token = _markup_at(markup, start)
        if token is None:  # a lone `<` is text
            yield Token(TEXT, cursor, start + 1)
            cursor = start + 1
            continue
        if start > cursor:
            yield Token(TEXT, cursor, start)
        yield token
        cursor = token.end
        if token.name in _OPENS_RAW and token.kind == START:
            cursor = _raw_end(markup, token)
            if cursor > token.end:
                yield Token(RAW, token.end, cursor)


def _raw_end(markup: str, token: Token) -> int:
    if token.name == "plaintext":
        return len(markup)
    closing = re.compile(rf"</{token.name}(?=[\s/>])", re.IGNORECASE).search(markup, token.end)
    return closing.start() if closing else len(markup)


def _markup_at(markup: str, start: int) -> Token | None:
    following = markup[start + 1 : start + 2]
    if following in ("!", "?"):
        return Token(COMMENT, start, _declaration_end(markup, start))
    if following == "/" and not markup[start + 2 : start + 3].isalpha():
        close = markup.find(">", start)
        return Token(COMMENT, start, close + 1 if close >= 0 else len(markup))
    return _tag_at(markup, start)


def _declaration_end(markup: str, start: int) -> int:
    if markup.startswith("<!--", start):
        short = _SHORT_COMMENT.match(markup, start)
        if short:
            return short.end()
        close = _COMMENT_END.search(markup, start + 4)
        return close.end() if close else len(markup)
    end = markup.find(">", start)
    return end + 1 if end >= 0 else len(markup)


def _tag_at(markup: str, start: int) -> Token | None:
    end = markup.find(">", start, start + LONGEST_REMEMBERED) + 1
    short = read_tag(markup[start:end], 0) if end else None
    if short is None or short.kind == COMMENT:  # a `>` may stand in a value: then it goes on
        return read_tag(markup, start)
    return short._replace(start=start, end=end)


@remembered
def read_tag(markup: str, start: int) -> Token | None:
    """Return the tag at `start`, a COMMENT when it is never closed, None when there is none."""
    name = _TAG_NAME.match(markup, start)
    if name is None:
        return None
    attrs: dict[str, str] = {}
    cursor = name.end()
    while True:
        end = _TAG_END.match(markup, cursor)
        if end:
            kind = END if name[1] else START
            return Token(kind, start, end.end(), name[2].lower(), MappingProxyType(attrs))
        found = _ATTRIBUTE.match(markup, cursor)
        if found is None or found[5]:  # the end of the text, or a quote that is never closed
            return Token(COMMENT, start, len(markup))
        value = found[2] or found[3] or found[4] or ""
        attrs.setdefault(found[1].lower(), unescape(value))
        cursor = found.end()


class VisibleLine(NamedTuple):
    """A line as a reader sees it.

    start, end  offsets around its first and last visible character
    quoted      it stands inside quoted history
    mark        what begins here, when the line is not seen but stands for an element: a signature
                or history in a container that mail programs use for it, or an `<hr>`
    """

    text: str
    start: int
    end: int
    quoted: bool = False
    mark: str = ""

    @property
    def as_text(self) -> str:
        """The line as it would stand in a text mail: `>> ` before what is quoted.

        Not `> `, which alone might be an arrow.
        """
        return self.mark or (f">> {self.text}" if self.quoted else self.text)


SIGNATURE_MARK = "-- "
HISTORY_MARK = "-----Original Message-----"
RULE_MARK = "--------------------"

_HIDDEN = re.compile(
    r"display\s*:\s*none|(?:^|;)\s*opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)"
    r"|(?:max-height|line-height)\s*:\s*0(?:px|pt)?\s*;(?=.*overflow\s*:\s*hidden)",
    re.IGNORECASE | re.DOTALL,
)
_VISIBILITY = re.compile(r"visibility\s*:\s*(hidden|collapse|visible)", re.IGNORECASE)
_FONT_SIZE = re.compile(
    r"font-size\s*:\s*(?:(0+(?:\.0+)?)(?:[a-z]{2,4}|%)?\s*(?:;|!|$)"
    r"|([\d.]+\s*(?:px|pt|pc|cm|mm|in|rem)|(?:x+-)?(?:small|large)|medium))",
    re.IGNORECASE,
)
_MAX_STYLE = 1000
_DIVIDER = re.compile(
    r"border\s*:\s*none\s*;\s*border-top\s*:\s*solid\s+#(?:e1e1e1|b5c4df|cccccc)"
    r"|border-top-color\s*:\s*rgb\(229,\s*229,\s*229\)",
    re.IGNORECASE,
)
_QUOTE_CLASSES = frozenset(
    ("gmail_quote", "gmail_extra", "moz-cite-prefix", "protonmail_quote", "yahoo_quoted")
)
_HISTORY_IDS = frozenset(
    (
        *("divrplyfwdmsg", "x_divrplyfwdmsg", "appendonsend", "stopspelling", "replysplit"),
        *("olk_src_body_section", "mail-editor-reference-message-container"),
    )
)
_SIGNATURE_CLASSES = frozenset(
    ("gmail_signature", "moz-signature", "protonmail_signature_block", "mobile_sig")
)
_SIGNATURE_IDS = frozenset(
    (
        *("signature", "applemailsignature", "ms-outlook-mobile-signature", "outlook-signature"),
        *("divtagdefaultsignature", "linebreakatbeginningofsignature"),
    )
)


class Hiding(NamedTuple):
    """How a start tag hides its element from every reader.

    whole      with all that is in it
    invisible  until an element in it says otherwise; None when the tag does not say
    sizeless   the same of text without size: layouts in tables do so to lose the blanks between
    """

    whole: bool = False
    invisible: bool | None = None
    sizeless: bool | None = None


NOT_HIDING = Hiding()


def hiding_of(attrs: Mapping[str, str]) -> Hiding:
    """Return how a start tag hides its element, or shows it again."""
    style = attrs.get("style", "")[:_MAX_STYLE]
    hiding = _hiding_by(style) if style else NOT_HIDING
    return hiding._replace(whole=True) if "hidden" in attrs else hiding


@remembered
def _hiding_by(style: str) -> Hiding:
    invisible = sizeless = None
    for found in _VISIBILITY.finditer(style):
        invisible = found[1].lower() != "visible"
    for found in _FONT_SIZE.finditer(style):
        sizeless = found[1] is not None
    return Hiding(_HIDDEN.search(style) is not None, invisible, sizeless)


def is_quote(name: str, attrs: Mapping[str, str]) -> bool:
    """Tell whether an element holds quoted history (Gmail, Thunderbird, Apple Mail, Yahoo!)."""
    if name == "blockquote" and attrs.get("type", "").lower() == "cite":
        return True
    return not _QUOTE_CLASSES.isdisjoint(attrs.get("class", "").lower().split())


def mark_of(attrs: Mapping[str, str]) -> str:
    """Return what begins with an element: SIGNATURE_MARK, HISTORY_MARK or ""."""
    identity = attrs.get("id", "").lower()
    if identity in _HISTORY_IDS or _DIVIDER.search(attrs.get("style", "")[:_MAX_STYLE]):
        return HISTORY_MARK
    classes = attrs.get("class", "").lower().split()
    if identity in _SIGNATURE_IDS or not _SIGNATURE_CLASSES.isdisjoint(classes):
        return SIGNATURE_MARK
    return ""


BLANK = " \t\r\n\f"
"""What HTML takes for a blank; \xa0 and \u3000 are shown."""
_BLANKS = re.compile(rf"[{BLANK}]+")
_UNCOLLAPSED = re.compile(r"[\t\r\n\f]|  ")


def collapse(text: str) -> str:
    """Return a line's text as it is shown: one blank for many, none around it."""
    if _UNCOLLAPSED.search(text):
        text = _BLANKS.sub(" ", text)
    return text.strip(" ")


def width_of(text: str) -> int:
    """Return how much room a text takes, roughly: two columns a character that is not ASCII."""
    return len(text) if text.isascii() else 2 * len(text)


class LineBuilder:
    """Collect pieces of visible text into lines."""

    def __init__(self) -> None:
        self.lines: list[VisibleLine] = []
        self.length = 0
        self._pieces: list[str] = []
        self._start = -1
        self._end = -1

    def add(self, text: str, start: int) -> None:
        """Add the text as it stands in the markup at offset `start`."""
        stripped = text.strip(BLANK)
        if not stripped:
            if self._pieces:  # blanks at a line's beginning are not seen
                self._pieces.append(" ")
            return
        self._pieces.append(unescape(text) if "&" in text else text)
        if len(stripped) < len(text):
            start += len(text) - len(text.lstrip(BLANK))
        if self._start < 0:
            self._start = start
        self._end = start + len(stripped)
        self.length += width_of(stripped)

    def add_lines(self, text: str, start: int, *, quoted: bool) -> None:
        """Add preformatted text: its line ends are line ends."""
        first, *others = text.split("\n")
        self.add(first, start)
        start += len(first)
        for piece in others:
            self.finish(start, quoted=quoted, blank=True)
            self.add(piece, start + 1)
            start += 1 + len(piece)

    def finish(self, at: int, *, quoted: bool, blank: bool = False) -> None:
        """End the line at offset `at`; an empty one is kept only when `blank`."""
        if self._start >= 0:
            text = collapse("".join(self._pieces))
            self.lines.append(VisibleLine(text, self._start, self._end, quoted))
            self._start = self._end = -1
        elif blank:
            self.lines.append(VisibleLine("", at, at, quoted))
        self._pieces.clear()

    def mark(self, at: int, mark: str) -> None:
        """Note that a signature or history begins at offset `at`."""
        self.finish(at, quoted=False)
        self.lines.append(VisibleLine("", at, at, mark=mark))
