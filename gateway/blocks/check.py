"""Check a company's own block, and write it: the same code at save and when a mail needs it."""

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import TemplateError

from gateway.blocks import wording
from gateway.blocks.markup import Markup, read_markup
from gateway.blocks.sandbox import Compiled, compile_template
from gateway.blocks.wording import STOP_NOTICE, VOLUNTARY_NOTICE, Problem
from gateway.core import block as marks
from gateway.core.block import Block
from gateway.core.charset import CharsetError, encode
from gateway.core.columns import columns, one_line, shorten
from gateway.core.company import BlockTemplate, Company, Language
from gateway.core.spelling import spell_for_jis

SAMPLE_LINK = "https://career-relay.example/r/abcdefghijklmnopqrstuvwxyz"
"""Stands for a candidate's link in checks and previews: an address that nobody can have."""

TEXT_MARKS = {
    Language.JA: (marks.TEXT_OPENING_JA, marks.TEXT_CLOSING_JA),
    Language.EN: (marks.TEXT_OPENING_EN, marks.TEXT_CLOSING_EN),
}
_MARKS = frozenset(mark for pair in TEXT_MARKS.values() for mark in pair)
_WRAPPER = (
    marks.HTML_OPENING + ' lang="{}" style="margin:16px 0;padding:10px 0;'
    'border-top:1px solid #8c8c8c;border-bottom:1px solid #8c8c8c;overflow-wrap:anywhere;">\n'
)
_SIGNS_ALONE = re.compile(r"[\W_]+")
_MUST_SAY = ("company", "contact", "voluntary_notice", "stop_notice")


@dataclass(frozen=True, slots=True)
class OwnBlock:
    """A company's own block that passed every check, ready to be written for any link."""

    language: Language
    text: Compiled
    html: Compiled
    values: Mapping[str, str]

    def write(self, link: str) -> Block:
        """Return the block that offers `link`.

        Raises jinja2.TemplateError; ValueError when the link is not there exactly once.
        """
        values = {**self.values, "link": link}
        opening, closing = TEXT_MARKS[self.language]
        lines = (line.rstrip() for line in self.text.render(values).split("\n"))
        text = "\n".join((opening, *lines, closing))
        rendered = refer_rare(self.html.render(values))
        inner = "\n".join(line.rstrip() for line in rendered.split("\n"))
        markup = f"{_WRAPPER.format(self.language)}{inner}\n{marks.HTML_CLOSING}"
        if text.count(link) != 1 or html.unescape(markup).count(link) != 1:
            raise ValueError("the link is not in the block exactly once")
        return Block(self.language, text, markup, link)


def read_own_block(company: Company, own: BlockTemplate) -> OwnBlock | tuple[Problem, ...]:
    """Return the block that `own` makes for `company`, or everything that is wrong with it.

    Never raises, whatever the template holds.
    """
    problems = [wording.missing(part) for part, source in _sources(own) if not source.strip()]
    if problems:
        return tuple(problems)
    values = values_for(company, own.language)
    text = compile_template(own.text, is_html=False)
    markup = compile_template(own.html, is_html=True)
    try:
        problems += _judge_text(text, own.language, values)
        problems += _judge_html(markup, values)
        if problems or isinstance(text, Problem) or isinstance(markup, Problem):
            return tuple(problems)
        block = OwnBlock(own.language, text, markup, values)
        block.write(SAMPLE_LINK)
    except (TemplateError, ValueError):
        return (*problems, wording.not_a_template("text", 0))
    return block


def refer_rare(markup: str) -> str:
    """Return `markup` with references for all that JIS X 0208 lacks.

    Codecs disagree on more: ® in EUC-JP is JIS X 0212 for some, and an error for others.
    """
    try:
        markup.encode("iso2022_jp")
    except UnicodeEncodeError:
        return markup.encode("iso2022_jp", "xmlcharrefreplace").decode("iso2022_jp")
    return markup


def values_for(company: Company, language: Language) -> dict[str, str]:
    """Return what stands for the placeholders, but for the link."""
    # An English mail is often us-ascii, and its reader may not read the Japanese name.
    name = company.ascii_name if language is Language.EN else company.name
    return {
        "company": one_line(name),
        "contact": one_line(company.contact),
        "voluntary_notice": VOLUNTARY_NOTICE[language],
        "stop_notice": STOP_NOTICE[language],
    }


def _sources(own: BlockTemplate) -> tuple[tuple[str, str], ...]:
    return ("text", own.text), ("html", own.html)


def _judge_text(
    template: Compiled | Problem, language: Language, values: Mapping[str, str]
) -> Iterator[Problem]:
    if isinstance(template, Problem):
        yield template
        return
    text = template.render({**values, "link": SAMPLE_LINK})
    lines = [line.strip() for line in text.split("\n")]
    if lines.count(SAMPLE_LINK) != 1 or text.count(SAMPLE_LINK) != 1:
        yield wording.LINK_IN_TEXT
    if len(lines) > wording.MAX_OWN_LINES:
        yield wording.TOO_MANY_LINES
    for number, line in enumerate(lines, 1):
        if line != SAMPLE_LINK and columns(line) > wording.MAX_COLUMNS:
            yield wording.too_wide(number, columns(line))
        if _is_odd(line):
            yield wording.odd_line(number)
    yield from _judge_characters(text, language)
    yield from _judge_words("text", values, lines, template.widths)


def _judge_characters(text: str, language: Language) -> Iterator[Problem]:
    if _has_unseen(text):
        yield wording.control_characters("text")
    lacking = _not_encodable(text, language)
    if lacking:
        yield wording.not_encodable(lacking, ascii_only=language is Language.EN)


def _is_odd(line: str) -> bool:
    """Tell whether a line could be taken for a quote or a signature, or for one of our marks."""
    if line.startswith((">", "From ")) or {line, spell_for_jis(line)} & _MARKS:
        return True
    return bool(line) and _SIGNS_ALONE.fullmatch(line) is not None


def _not_encodable(text: str, language: Language) -> str:
    """Return the characters that mails in this language may not be able to carry, each once."""
    codec = "ascii" if language is Language.EN else "iso-2022-jp"
    if _carries(text, codec):
        return ""  # a half-width kana and its voicing mark are carried together
    seen = dict.fromkeys(character for character in text if character != "\n")
    return "".join(character for character in seen if not _carries(character, codec))


def _carries(character: str, codec: str) -> bool:
    try:
        encode(character, codec)
    except CharsetError:
        return False
    return True


def _judge_html(template: Compiled | Problem, values: Mapping[str, str]) -> Iterator[Problem]:
    if isinstance(template, Problem):
        yield template
        return
    source = template.render({**values, "link": SAMPLE_LINK})
    if _has_unseen(html.unescape(source)):
        yield wording.control_characters("html")
    found = read_markup(source)
    if isinstance(found, Problem):
        yield found
        return
    longest = max(len(line.encode("ascii", "xmlcharrefreplace")) for line in source.split("\n"))
    if longest > wording.MAX_HTML_LINE_BYTES:
        yield _LINE_TOO_LONG
    if not _has_the_link(found, source):
        yield wording.LINK_IN_HTML
    yield from _judge_words("html", values, found.visible.split("\n"), template.widths)


_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def _has_unseen(text: str) -> bool:
    return any(unicodedata.category(char) in _UNSEEN for char in text if char != "\n")


_LINE_TOO_LONG = wording.markup(
    "html-line",
    "HTMLに長すぎる行があります。日本語で100文字程度ごとに改行してください。",
    "A line of the HTML is too long. Break it after some 100 Japanese or 800 English characters.",
)


def _has_the_link(found: Markup, source: str) -> bool:
    """Tell whether the link is the href of the one `a`, and nowhere else."""
    if [href for href, _ in found.links] != [SAMPLE_LINK]:
        return False
    return bool(found.links[0][1].strip()) and html.unescape(source).count(SAMPLE_LINK) == 1


def _judge_words(
    part: str, values: Mapping[str, str], lines: list[str], widths: frozenset[int]
) -> Iterator[Problem]:
    """Check the text a reader sees: everything required is said, nothing forbidden is."""
    seen = "\n".join(lines)
    own = seen.replace(SAMPLE_LINK, " ")
    for field in _MUST_SAY:
        value = values[field]
        if not value:
            yield wording.no_contact(part)
            continue
        said = {value}
        if field == "company":
            said |= {shorten(value, width) for width in widths}
        if not any(words in seen for words in said):
            yield wording.not_said(part, field)
        for words in said:
            own = own.replace(words, " ")
    yield from _judge_own_words(part, own)


def _judge_own_words(part: str, own: str) -> Iterator[Problem]:
    """Judge the words that are the company's own, as they are and across blanks and lines."""
    plain = unicodedata.normalize("NFKC", own).lower()
    spellings = (" ".join(plain.split()), "".join(plain.split()))
    for find, problem in (
        (wording.find_promise, wording.promises),
        (wording.find_reward, wording.rewards),
        (wording.find_address, wording.other_address),
    ):
        words = next((found for spelling in spellings if (found := find(spelling))), "")
        if words:
            yield problem(part, words)
