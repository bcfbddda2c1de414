"""Where a signature begins in a text: `-- `, a phone's line, or a ruled company block."""

import re
from collections.abc import Collection, Sequence

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
_RULE = re.compile(rf"\s*(?:[{_RULE_CHARACTERS}][ \u3000]?){{5,}}\s*")
_TITLED_RULE = re.compile(
    rf"\s*[{_RULE_CHARACTERS}]{{3,}}\s*[^{_RULE_CHARACTERS}]{{1,40}}?\s*[{_RULE_CHARACTERS}]{{3,}}\s*"
)
_CONTACT = re.compile(
    r"〒|\b(?:tel|fax|phone|mobile|mail|e-mail|url|web)\b|電話|携帯|ＴＥＬ|ＦＡＸ|℡|https?://|www\."
    r"|[\w.+-]+[@＠][\w-]+\.[\w.]+|\d{2,4}[-(（)）]\d{2,4}[-)）]\d{3,4}|\d{3}-\d{4}",
    re.IGNORECASE,
)
_AFFILIATION = re.compile(
    r"株式会社|有限会社|合同会社|\(株\)|（株）|㈱|一般社団法人|財団法人|学校法人|医療法人|[部課室]\b|人事|採用"
    r"|担当|\b(?:inc|ltd|co|corp|llc|gmbh|k\.k)\b|都|道|府|県|市|区|department|team|recruit",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[。！？]\s*$|(?:です|ます|ました|ません|ください|下さい|ませ)[。．.]?\s*$")
_ENGLISH_SENTENCE = re.compile(r"(?:\S+\s+){5,}\S+[.!?]\s*$")
_FOOTER = re.compile(
    r"\s*(?:©|\(c\)|copyright\b|.{0,80}all rights reserved|.{0,40}プライバシー ?ポリシー"
    r"|.{0,60}配信(?:の)?停止"
    r"|.{0,60}\bunsubscribe\b|.{0,40}\bprivacy policy\b|.{0,20}\bconfidential(?:ity)?\b"
    r"|if you (?:have |are not )|[※*＊]?\s?(?:本|当|この)(?:電子)?メール(?:に|は|の|を|および|及び)"
    r"|(?:this|the information in this|the contents of this) (?:e-?mail|message)\b)",
    re.IGNORECASE,
)
_MAX_FOOTER_LINES = 8
_MAX_SIGNATURE_LINES = 25


def is_rule(line: str) -> bool:
    """Tell whether `line` is a rule: symbols in a row, of few kinds, perhaps around a title."""
    if len(line) > 200:
        return False
    if _RULE.fullmatch(line):
        return len(set(line.strip())) <= 6
    return _TITLED_RULE.fullmatch(line) is not None


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
    dashes = next((n for n in range(start, last) if _DASHES.fullmatch(lines[n])), None)
    if dashes is not None and _closes_like_a_signature(lines, dashes, last):
        return dashes
    footer = _footer_start(lines, start, last)
    above = _skip_blank(lines, start, footer)
    for index in range(max(start, above - _MAX_SIGNATURE_LINES), above):
        if is_rule(lines[index]) and _is_ruled_block(lines[index:above]):
            return index
    unruled = _unruled_block(lines, start, above, paragraphs)
    if unruled is not None:
        return unruled
    return footer if footer < last else None


_COMPANY = re.compile(
    r"株式会社|有限会社|合同会社|[(（]株[)）]|㈱|[(（]有[)）]|㈲|(?:社団|財団|学校|医療|独立行政|国立大学)法人"
    r"|\b(?:co\., ?ltd|inc|ltd|llc|corp(?:oration)?|k\.k|gmbh)\b\.?",
    re.IGNORECASE,
)
_NAME_LIKE = re.compile(r"[^。、，．！？!?：:>＞]{1,24}")
_MAX_UNRULED_LINES = 8
_MAX_UNRULED_WIDTH = 60


def _unruled_block(
    lines: Sequence[str], start: int, last: int, paragraphs: Collection[int] | None
) -> int | None:
    """Return where a last paragraph begins that only says who wrote, None without one."""
    first = last - 1
    while first > start and last - first <= _MAX_UNRULED_LINES:
        starts = not lines[first - 1].strip() if paragraphs is None else first in paragraphs
        if starts:
            break
        first -= 1
    block = [line for line in lines[first:last] if line.strip()]
    above = lines[max(start, first - _MAX_SIGNATURE_LINES) : first]
    if not block or len(block) > _MAX_UNRULED_LINES or not _count_sentences(above):
        return None
    return first if _COMPANY.search(block[0]) and all(map(_is_who, block)) else None


def _is_who(line: str) -> bool:
    """Tell whether a line may stand in a signature: a company, a name, a way to reach them."""
    if len(line) > _MAX_UNRULED_WIDTH or _count_sentences([line]) or line.rstrip().endswith("様"):
        return False
    if _CONTACT.search(line) or _NAME_LIKE.fullmatch(line.strip()):
        return True
    return _COMPANY.search(line) is not None and not re.search(r"[。、：:]", line)


def _skip_blank(lines: Sequence[str], start: int, end: int) -> int:
    """Return the line behind the last one of `lines[start:end]` that is not blank."""
    while end > start and not lines[end - 1].strip():
        end -= 1
    return end


def _footer_start(lines: Sequence[str], start: int, last: int) -> int:
    """Return where a footer of at most a few lines begins that reaches to `last`, else `last`."""
    first = last
    for index in range(last - 1, max(start, last - _MAX_FOOTER_LINES) - 1, -1):
        if _FOOTER.match(lines[index]) or _PHONE.fullmatch(lines[index]):
            first = index
        elif lines[index].strip():
            break
    return first


def _closes_like_a_signature(lines: Sequence[str], dashes: int, last: int) -> bool:
    """Tell whether `-- ` opens a signature; without its blank only when no letter follows."""
    if lines[dashes].endswith("-- "):
        return True
    below = [line for line in lines[dashes + 1 : last] if line.strip()]
    return len(below) <= _MAX_SIGNATURE_LINES and _count_sentences(below) <= 1


def _count_sentences(lines: Sequence[str]) -> int:
    return sum(1 for line in lines if _SENTENCE.search(line) or _ENGLISH_SENTENCE.search(line))


def _is_ruled_block(block: Sequence[str]) -> bool:
    inside = [line for line in block if line.strip() and not is_rule(line)]
    titles = [line for line in block if _TITLED_RULE.fullmatch(line) and not _RULE.fullmatch(line)]
    if not inside and not titles:
        return False
    sentences = _count_sentences(inside)
    contact = sum(1 for line in (*inside, *titles) if _CONTACT.search(line))
    affiliation = sum(1 for line in (*inside, *titles) if _AFFILIATION.search(line))
    closed = is_rule(block[-1])
    if sentences > (1 if contact >= 2 else 0):
        return False
    return contact >= 2 or (contact >= 1 and affiliation >= 1) or (closed and affiliation >= 2)
