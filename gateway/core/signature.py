"""Where a signature begins in a text: `-- `, a phone's line, or a ruled company block."""

import re
from collections.abc import Collection, Sequence

from gateway.core.memory import remembered

_DASHES = re.compile(r"\s?--\s*|－－\s*")
_PHONE = re.compile(
    r"\s*(?:(?:iPhone|iPad|Android|Galaxy|スマートフォン|携帯)\S{0,20}から(?:の)?送信.*"
    r"|sent (?:from|via) (?:my|outlook|yahoo|mail for|the) ?.{0,60}|get outlook for .{0,60}"
    r"|Outlook for (?:iOS|Android) を(?:入手|取得).*)",
    re.IGNORECASE,
)
_RULE_CHARACTERS = (
    r"━─═=＝*＊_＿#＃+＋◆◇■□●○★☆※〓－—―‐\-~〜～・.。:：／/＼\\|｜┏┗┌└┓┛┐┘├┤┣┫┳┻┃│▼▲△▽∞♪♯†…‥◎‾"
    r"￣^<>«»´`'・°"
)
_RULE = re.compile(rf"(?:[{_RULE_CHARACTERS}ー∴∵゜゚][ \u3000]?){{3,}}")
_TITLED_RULE = re.compile(
    rf"[{_RULE_CHARACTERS}]{{3,}}([^{_RULE_CHARACTERS}]{{1,80}})[{_RULE_CHARACTERS}]{{3,}}"
)
_MAX_TITLE = 40
_MAX_LINE = 200
"""A longer line is a paragraph, neither a rule nor a way to reach anybody. Only patterns anchored
at a line's start are tried on longer ones, which bounds what any line costs."""
_CONTACT = re.compile(
    r"〒|\b(?:tel|fax|phone|mobile|mail|e-mail|url|web)\b|電話|携帯|ＴＥＬ|ＦＡＸ|℡|https?://|www\."
    r"|(?<![\w.+-])[\w.+-]+[@＠][\w-]+\.[\w.]+|\d{2,4}[-(（)）]\d{2,4}[-)）]\d{3,4}|\d{3}-\d{4}",
    re.IGNORECASE,
)
_AFFILIATION = re.compile(
    r"株式会社|有限会社|合同会社|\(株\)|（株）|㈱|一般社団法人|財団法人|学校法人|医療法人|[部課室]\b|人事|採用"
    r"|担当|\b(?:inc|ltd|co|corp|llc|gmbh|k\.k)\b|都|道|府|県|市|区|department|team|recruit",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[。！？]\s*$|(?:です|ます|ました|ません|ください|下さい|ませ)[。．.]?\s*$")
_MIN_SENTENCE_WORDS = 6
_FOOTER = re.compile(
    r"\s*(?:©|\(c\)|copyright\b|.{0,80}all rights reserved|.{0,40}プライバシー ?ポリシー"
    r"|.{0,60}配信(?:の)?停止|.{0,60}\bunsubscribe\b|.{0,40}\bprivacy policy\b"
    r"|.{0,20}\bconfidentiality\b|\W{0,5}(?:strictly |private (?:and|&) )?confidential\b"
    r"|\W{0,5}(?:please note:? )?(?:please )?(?:do not|don't) reply (?:directly )?to this\b"
    r"|if you (?:have received this|received this|are not (?:the|an)\b)"
    r"|you(?:['’]re| are| have)? (?:receiv(?:ing|ed)|getting) this\b"
    r"|(?:please note:? )?this is an? (?:auto|system)|powered by\b|our mailing address is\b"
    r"|want to (?:change|update|stop)\b.{0,60}(?:e-?mails?|receive|preferences)"
    r"|you (?:can|may) (?:also )?(?:update|change|manage) your (?:e-?mail )?preferences"
    r"|[※*＊]?\s?(?:本|当|この)(?:電子)?メール(?:に(?!て)|は|の|を(?!も[っち]|以|持)|および|及び)"
    r"|(?:this|the (?:information|contents) (?:contained )?(?:in|of) this) (?:e-?mail|message)\b"
    r"(?! is to ))",
    re.IGNORECASE,
)
_FOOTER_ANYWHERE = re.compile(
    r"\s*(?:※|©|\(c\)|copyright\b|.{0,40}から(?:の)?送信|sent from my\b|get outlook\b)",
    re.IGNORECASE,
)
"""A footer that begins so needs no empty line above."""
_NOTICE_HEADING = re.compile(
    r"\W*.{0,20}(?:注意|お断り|免責|機密|注記|disclaimer|notice|confidential).{0,12}",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"残念|見送|不採用|不合格|合否|結果|お祈り|祈念|ご活躍|期待に|希望に|unfortunately|\bregret"
    r"|unsuccessful|\bnot (?:be |been )?(?:moving|proceed|progress|select|success|tak)"
    r"|decided not|decided to (?:go|move|proceed)|other candidates|wish you",
    re.IGNORECASE,
)
"""Words of a letter: a paragraph that tells a result is none of the footers, however it begins."""
_MAX_FOOTER_LINES = 16
_MAX_HEADING_WORDS = 4
_MAX_SIGNATURE_LINES = 25


@remembered
def is_rule(line: str) -> bool:
    """Tell whether `line` is a rule: symbols in a row, of few kinds, perhaps around a title."""
    if len(line) > _MAX_LINE:
        return False
    bare = line.strip()
    if not _RULE.fullmatch(bare):
        return _has_title(bare)
    kinds = len(set(bare) - {" ", "\u3000"})
    return kinds == 1 if len(bare) < _MIN_MIXED_RULE else kinds <= max(6, len(bare) // 3)


_MIN_MIXED_RULE = 5


def _has_title(line: str) -> bool:
    """Tell whether `line`, not a long one, is a rule around a title."""
    found = _TITLED_RULE.fullmatch(line.strip())
    return found is not None and len(found[1].strip()) <= _MAX_TITLE


def find_signature(
    lines: Sequence[str], start: int, end: int, paragraphs: Collection[int] | None = None
) -> int | None:
    """Return the first line of the signature at the end of `lines[start:end]`, None without one.

    paragraphs  lines that begin a paragraph; None means those behind an empty line

    A ruled block counts only when it says who and where (company, 〒, TEL, address) and holds no
    sentences: a rule may as well be a heading. Without a rule a last paragraph counts that names
    a company and holds nothing but what signatures hold, and what every mail of a house ends
    with: a phone's line, a footer, a confidentiality note.
    """
    last = _skip_blank(lines, start, end)
    found = _signature_before(lines, start, last, paragraphs)
    if found is None and last > start and is_rule(lines[last - 1]):
        found = _signature_before(lines, start, _skip_rules(lines, start, last), paragraphs)
    return found


def _signature_before(
    lines: Sequence[str], start: int, last: int, paragraphs: Collection[int] | None
) -> int | None:
    dashes = next((n for n in range(start, last) if _is_dashes(lines[n])), None)
    if dashes is not None and _closes_like_a_signature(lines, dashes, last):
        return dashes
    footer = _footer_start(lines, start, last, paragraphs)
    above = _skip_blank(lines, start, footer)
    ruled = _ruled_signature(lines, start, above)
    if ruled is not None:
        return ruled
    unruled = _unruled_block(lines, start, _skip_rules(lines, start, above), paragraphs)
    if unruled is not None:
        return _footer_start(lines, start, unruled, paragraphs)
    if footer == last:
        return None
    rules = [n for n in range(start, above) if is_rule(lines[n])]
    return above - 1 if rules == [above - 1] else footer  # a rule that parts the footer off


def _ruled_signature(lines: Sequence[str], start: int, above: int) -> int | None:
    """Return the first rule under which a signature stands; below a heading rather the next."""
    found: int | None = None
    for index in range(max(start, above - _MAX_SIGNATURE_LINES), above):
        if is_rule(lines[index]) and _is_ruled_block(lines, start, index, above):
            if found is not None or _is_letter(lines[start:index]):
                return index
            found = index
    return found


def _is_letter(lines: Sequence[str]) -> bool:
    return sum(1 for line in lines if line.strip()) > 1 or _count_sentences(lines) > 0


def _is_dashes(line: str) -> bool:
    may_be = "--" in line or "－－" in line  # looked for first: most lines have none
    return may_be and len(line) <= _MAX_LINE and _DASHES.fullmatch(line) is not None


_COMPANY = re.compile(
    r"株式会社|有限会社|合同会社|[(（]株[)）]|㈱|[(（]有[)）]|㈲|(?:社団|財団|学校|医療|独立行政|国立大学)法人"
    r"|\b(?:co\., ?ltd|inc|ltd|llc|corp(?:oration)?|k\.k|gmbh)\b\.?",
    re.IGNORECASE,
)
_DESK = re.compile(
    r"(?:採用|人事|リクルート)(?!試験|選考|面接|通知)[^\W\d_。、：:]{0,8}"
    r"(?:担当者?|チーム|グループ|事務局|センター|窓口|[係課部室])(?:\s.{0,20})?\s*\Z"
)
"""A desk that hires; nothing but a name stands behind it."""
_LAST_WORD = re.compile(r"\s*(?:敬具|敬白|謹白|草々|早々|不一|かしこ|以上)[。.]?\s*")
_NAME_LIKE = re.compile(r"[^。、，．！？!?：:>＞]{1,24}|[A-Za-z0-9 &/,.()'+-]{1,48}")
_MAX_UNRULED_LINES = 8
_MAX_UNRULED_WIDTH = 60


def _unruled_block(
    lines: Sequence[str], start: int, last: int, paragraphs: Collection[int] | None
) -> int | None:
    """Return where a last paragraph begins that only says who wrote, None without one.

    In HTML an element or `<br>` for each line makes no paragraphs of a signature: its lines go
    together up to one that says more, or up to the last word of a letter. An element that holds
    several lines is a paragraph, and what stands behind one or is one begins by itself.
    """
    for first in range(last - 1, max(start, last - 1 - _MAX_UNRULED_LINES) - 1, -1):
        behind_blank = first == start or not lines[first - 1].strip()
        if behind_blank or _begins_by_itself(lines, first, last, paragraphs or ()):
            return first if _only_says_who(lines, start, first, last) else None
    return None


def _begins_by_itself(
    lines: Sequence[str], first: int, last: int, paragraphs: Collection[int]
) -> bool:
    if first not in paragraphs:
        return False
    is_whole = last - first > 1 and not any(n in paragraphs for n in range(first + 1, last))
    return is_whole or first - 1 not in paragraphs or _ends_letter(lines[first - 1])


def _ends_letter(line: str) -> bool:
    return _LAST_WORD.fullmatch(line) is not None or not _is_who(line)


def _only_says_who(lines: Sequence[str], start: int, first: int, last: int) -> bool:
    block = [line for line in lines[first:last] if line.strip()]
    if not 0 < len(block) <= _MAX_UNRULED_LINES or not all(map(_is_who, block)):
        return False
    above = lines[max(start, first - _MAX_SIGNATURE_LINES) : first]
    return _COMPANY.search(block[0]) is not None and _count_sentences(above) > 0


def _names_house(line: str) -> bool:
    """Tell whether a line names a company, or the desk of one that hires."""
    return _COMPANY.search(line) is not None or _DESK.search(line) is not None


@remembered
def _is_who(line: str) -> bool:
    """Tell whether a line may stand in a signature: a company, a name, a way to reach them.

    A result ("Unsuccessful") may be as short as a name.
    """
    if len(line) > _MAX_UNRULED_WIDTH or _count_sentences([line]) or line.rstrip().endswith("様"):
        return False
    is_name = _NAME_LIKE.fullmatch(line.strip()) is not None
    if (is_name and not _TELLS.search(line)) or _CONTACT.search(line):
        return True
    return _COMPANY.search(line) is not None and not re.search(r"[。、：:]", line)


def _skip_rules(lines: Sequence[str], start: int, end: int) -> int:
    """Return `end` without the rules and blank lines before it: they part off what follows."""
    while end > start and (not lines[end - 1].strip() or is_rule(lines[end - 1])):
        end -= 1
    return end


def _skip_blank(lines: Sequence[str], start: int, end: int) -> int:
    """Return the line behind the last one of `lines[start:end]` that is not blank."""
    while end > start and not lines[end - 1].strip():
        end -= 1
    return end


def _footer_start(
    lines: Sequence[str], start: int, last: int, paragraphs: Collection[int] | None
) -> int:
    """Return where a footer of at most a few lines begins that reaches to `last`, else `last`.

    It must begin with a paragraph, because a line that looks like one may be the middle of a
    sentence; only lines that cannot be that may begin it anywhere.
    """
    first = last
    for index in range(last - 1, max(start, last - _MAX_FOOTER_LINES) - 1, -1):
        line = lines[index]
        if not line.strip():
            continue
        if is_rule(line) and not _has_title(line):
            if first == last:
                break  # it closes a signature
            continue
        begins = _begins_paragraph(lines, start, index, paragraphs)
        heads = _is_notice_heading(line) and _skip_blank_down(lines, index + 1, last) == first
        if heads or _is_footer(line, begins=begins):
            if any(map(_TELLS.search, lines[index:first])):
                break
            first = index
        elif begins and not _is_address(lines, start, index):
            break
    return first if _has_text_above(lines, start, first) else last


def _is_footer(line: str, *, begins: bool) -> bool:
    line = line[:_MAX_LINE]
    if not begins and not _FOOTER_ANYWHERE.match(line):
        return False
    return bool(_FOOTER.match(line) or _PHONE.fullmatch(line))


_MAX_ADDRESS_LINES = 6
_ADDRESS_HEADING = re.compile(r"\s*our mailing address is:?\s*", re.IGNORECASE)


def _is_address(lines: Sequence[str], start: int, index: int) -> bool:
    """Tell whether a line belongs to the postal address under a footer's heading."""
    for above in range(index, max(start, index - _MAX_ADDRESS_LINES) - 1, -1):
        if _ADDRESS_HEADING.fullmatch(lines[above][:_MAX_LINE]):
            return True
        if not lines[above].strip() or not _is_who(lines[above]):
            return False
    return False


def _is_notice_heading(line: str) -> bool:
    if len(line) > _MAX_TITLE or _is_sentence(line) or len(line.split()) > _MAX_HEADING_WORDS:
        return False
    return _NOTICE_HEADING.fullmatch(line) is not None


def _skip_blank_down(lines: Sequence[str], index: int, last: int) -> int:
    while index < last and not lines[index].strip():
        index += 1
    return index


_UNFINISHED = re.compile(r"[はがをにのでともへ、，,]\s*\Z")
_FINISHED = (*"。．.！!？?」）)：:", "以上")
_MAX_SHORT_LINE = 40


def _begins_paragraph(
    lines: Sequence[str], start: int, index: int, paragraphs: Collection[int] | None
) -> bool:
    """Tell whether a paragraph begins at `index`; an element for each line makes none."""
    above = lines[index - 1].rstrip() if index > start else ""
    if not above or is_rule(above) or _is_notice_heading(above):
        return True
    if paragraphs is None or index not in paragraphs:
        return False
    finished = above.endswith(_FINISHED) or len(above) <= _MAX_SHORT_LINE
    return finished and not _UNFINISHED.search(above[-4:])


def _has_text_above(lines: Sequence[str], start: int, first: int) -> bool:
    """Tell whether what stands above a footer is a text, or nothing; not a salutation alone."""
    above = [lines[n].rstrip() for n in range(start, first) if lines[n].strip()]
    if len(above) != 1 or len(above[0]) > _MAX_SHORT_LINE:
        return True
    return _is_sentence(above[0]) or above[0].endswith(_FINISHED)


def _closes_like_a_signature(lines: Sequence[str], dashes: int, last: int) -> bool:
    """Tell whether `-- ` opens a signature; without its blank only when no letter follows."""
    if lines[dashes].endswith("-- "):
        return True
    below = [line for line in lines[dashes + 1 : last] if line.strip()]
    return len(below) <= _MAX_SIGNATURE_LINES and _count_sentences(below) <= 1


def _count_sentences(lines: Sequence[str]) -> int:
    return sum(map(_is_sentence, lines))


@remembered
def _is_sentence(line: str) -> bool:
    """Tell whether a line ends a sentence: in a Japanese way, or an English one of some words."""
    if len(line) > _MAX_LINE or _SENTENCE.search(line):
        return True
    words = line.split()
    return len(words) >= _MIN_SENTENCE_WORDS and len(words[-1]) > 1 and words[-1][-1] in ".!?"


def _count(pattern: re.Pattern[str], lines: Sequence[str]) -> int:
    return sum(1 for line in lines if len(line) <= _MAX_LINE and pattern.search(line))


_RESULT = re.compile(r"選考結果|合否|不採用|不合格|見送")


def _is_ruled_block(lines: Sequence[str], start: int, first: int, end: int) -> bool:
    """Tell whether the lines from the rule at `first` to `end` are a signature."""
    block = lines[first:end]
    shown = [line for line in block if line.strip() and (not is_rule(line) or _has_title(line))]
    if not shown or _count(_RESULT, shown):
        return False
    said = [line for line in shown if not is_rule(line) and not _is_footer(line, begins=True)]
    sentences = _count_sentences(said)
    contact = _count(_CONTACT, shown)
    above = lines[start:first]
    if sentences and not _count_sentences(above):
        return False  # the rule stands under a heading, and this is the letter
    if sentences > (1 if contact >= 2 else 0) and not _advertises(shown, above):
        return False
    if said and _names_house(said[0]) and all(map(_is_who, said)) and _count_sentences(above):
        return True
    affiliation = _count(_AFFILIATION, shown)
    closed = is_rule(block[-1])
    return contact >= 2 or (contact >= 1 and affiliation >= 1) or (closed and affiliation >= 2)


_MAX_ADVERTISING = 4


def _advertises(shown: Sequence[str], above: Sequence[str]) -> bool:
    """Tell whether a block says who and where first, and then praises something in a few lines."""
    first = next((n for n, line in enumerate(shown) if _is_sentence(line)), len(shown))
    said = shown[:first]
    return (
        _count(_COMPANY, said) >= 1
        and _count(_CONTACT, said) >= 1
        and _count_sentences(shown) <= _MAX_ADVERTISING
        and _count_sentences(above[-_MAX_SIGNATURE_LINES:]) >= 1
    )
