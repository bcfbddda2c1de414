"""What of a text was newly written: neither quoted history nor signature."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from gateway.core.memory import remembered
from gateway.core.signature import find_signature, is_rule


class Written(NamedTuple):
    """Where in the lines the newly written text is; all are line indices from 0.

    end        the line after the last newly written one, where a block goes; 0 when there is none
    history    the first line of the last quoted history, None when nothing is quoted
    signature  the first line of the signature of the text that ends at `end`
    own        the newly written lines that are not blank
    limit      the line from which on everything is history, the number of lines if there is none;
               quotes, which are marked on every line, are not meant
    bare       `own` is nothing but a signature or a footer
    """

    end: int
    history: int | None
    signature: int | None
    own: tuple[int, ...]
    limit: int
    bare: bool = False


_QUOTED = re.compile(r"\s?[>＞]")
_DATE = r"\d{4}\s*[年/.-]\s*\d{1,2}\s*[月/.-]\s*\d{1,2}"
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)\w*"

_HARD_MARK = re.compile(
    r"""\s*(?:
      [-_=―─━]{2,}+\s*+(?:original\ (?:message|mail)|forwarded\ (?:message|by)|forwarded\ mail
          |元の(?:メッセージ|メール)|原始邮件|message\ d.origine|ursprüngliche\ nachricht
          |mensaje\ original|messaggio\ originale
          |転送(?:された)?メッセージ|転送メール|転送|返信元のメッセージ)
          .*
      |begin\ forwarded\ message:|転送されたメッセージ:
      |[-*_]{5,}+\s*+(?:reply|quoted|引用|以下引用|以下、引用).*
      |-{3,}+\s*+(?:on\ .{5,80}\ wrote|.{1,60}さん(?:は|が)書きました).*
    )\s*""",
    re.IGNORECASE | re.VERBOSE,
)
"""After one of these everything is history (Outlook, Notes, Becky!, phones, forwards)."""

_FROM_FIELD = re.compile(
    r"\s*[*_]{0,2}(?:from|差出人|送信者|送信元|发件人|寄件者|보낸\s?사람|de|von|da|van)\s*[*_]{0,2}\s*[:：]",
    re.IGNORECASE,
)
_OTHER_FIELD = re.compile(
    r"\s*[*_]{0,2}(?:sent|date|to|cc|subject|reply-to|送信日時|送信日|日時|日付|受信日時|宛先|件名|题|CC"
    r"|envoyé|à|objet|gesendet|datum|an|betreff|enviado(?:\sel)?|para|asunto|assunto|inviato|a|oggetto"
    r"|verzonden|aan|onderwerp|发送时间|收件人|主题|寄件日期|收件者|主旨|보낸\s?날짜|받는\s?사람|제목)"
    r"\s*[*_]{0,2}\s*[:：]",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*[_\-―─━=]{5,}\s*")

_ATTRIBUTION = re.compile(
    rf"""\s*(?:
      (?:on|am|le|el)\s.{{4,200}}(?:wrote|schrieb|écrit|escribió)\s?:?
      |.{{2,200}}\bwrote:
      |(?=.*(?:{_DATE}|{_MONTH}|\d{{1,2}}:\d\d)).{{4,200}}
        (?:のメール|のメッセージ|さんは?書きました|さんが書きました|は書きました|が書きました|からのメール
          |さんからのメール|に書かれた内容|wrote|>)\s?[:：]?
      |.{{1,80}}さん(?:は|が)(?:書きました|言いました|wrote)\s?[:：]?
      |[「『"].{{1,80}}[」』"]\s?(?:さん)?\s?wrote\s?[:：]?
    )\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_MAY_OPEN_HISTORY = re.compile(
    r"\s*+(?:[-_=―─━*]|begin\ forwarded|転送|from|差出人|送信|发件人|sent|date|to|cc|subject"
    r"|reply-to|日[時付]|受信日時|宛先|件名|题|on\s|\d{4}|寄件者|보낸"
    r"|(?:de|von|da|van)\s?[:：])",
    re.IGNORECASE,
)
"""How each line begins that may start such history; most lines begin otherwise."""

_ATTRIBUTION_START = re.compile(
    rf"\s*(?:on\s+(?:\w{{3,9}},?\s|{_MONTH}|\d)|{_DATE})", re.IGNORECASE
)
_ATTRIBUTION_END = re.compile(
    r"(?:wrote|schrieb|écrit|escribió|メール|メッセージ|書きました|言いました|内容|>)\s?[:：]?\s*\Z",
    re.IGNORECASE,
)
"""What every attribution ends with, looked for first: most lines have none of it."""
_MAX_ATTRIBUTION = 300


class _Look(NamedTuple):
    """What a line looks like by itself.

    quoted  begins with a `>`
    opens   begins like a line that opens history
    greets  may be a salutation
    rules   may be a line drawn between two letters
    dated   names somebody, a day and an hour, as the head of an earlier letter may
    """

    blank: bool
    quoted: bool
    opens: bool
    greets: bool
    rules: bool
    dated: bool = False


@remembered
def _look_at(line: str) -> _Look:
    bare = line.strip()
    if not bare:
        return _Look(blank=True, quoted=False, opens=False, greets=False, rules=False)
    return _Look(
        blank=False,
        quoted=_QUOTED.match(line[:2]) is not None,
        opens=len(line) <= _MAX_ATTRIBUTION and _MAY_OPEN_HISTORY.match(line) is not None,
        greets=bare.endswith(_SALUTATION_ENDS) and _is_salutation(line, bare),
        rules=not bare[0].isalnum() and _is_letter_rule(line, bare),
        dated=bare[-1].isdigit() and len(line) <= _MAX_SALUTATION and _is_dated(bare),
    )


def find_written(lines: Sequence[str], paragraphs: Collection[int] | None = None) -> Written:
    """Return which of the `lines` (without line ends) of a text were newly written.

    paragraphs  lines that begin a paragraph; None means those after an empty line

    Knows top posting, bottom posting and answers between quotes, in the styles of Japanese and
    English mail programs. A `>` that stands alone may be an arrow: see `_is_single_quote`.
    """
    looks = [_look_at(line) for line in lines]
    limit = _hard_history(lines, looks)
    quoted = _quoted_lines(lines, looks, limit)
    limit = _second_letter(looks, quoted, limit)
    quoted = frozenset(n for n in quoted if n < limit)  # those below are history's own
    own: list[int] = []
    signature: int | None = None
    for start, end in _segments(quoted, limit):
        sign = find_signature(lines, start, end, paragraphs)
        written = [n for n in range(start, end if sign is None else sign) if not looks[n].blank]
        if all(is_rule(lines[n]) for n in written):
            continue  # nobody says anything by a rule
        signature = sign
        own += written
    bare = not own
    if bare:  # a footer or signature alone is all that the mail says
        own = [n for n in range(limit) if n not in quoted and not looks[n].blank]
    end = own[-1] + 1 if own else 0
    return Written(end, _history(quoted, limit, len(lines)), signature, tuple(own), limit, bare)


def find_history(lines: Sequence[str]) -> int:
    """Return the line from which on everything is history, the number of lines if there is none.

    Quotes, which are marked on every line, are not meant.
    """
    looks = [_look_at(line) for line in lines]
    limit = _hard_history(lines, looks)
    return _second_letter(looks, _quoted_lines(lines, looks, limit), limit)


_SALUTATION = re.compile(
    r"(?:[^\s。、].{0,30}(?:様|さま|さん|殿)|(?:dear|hi|hello)\b.{1,40}[,:])", re.IGNORECASE
)
_SALUTATION_ENDS = ("様", "さま", "さん", "殿", ",", ":")
_MAX_SALUTATION = 60
_LETTER_RULE = re.compile(r"[\W_]{3,}")
_MAX_LETTER_RULE = 200
_DATED = re.compile(
    rf"(?!日[時付]|面接|面談|選考|開催|締|期限|受付|提出)[^:：。、\d]{{1,30}}\s{_DATE}日?.{{0,4}}\s\d{{1,2}}:\d\d(?::\d\d)?"
)


def _second_letter(looks: Sequence[_Look], quoted: Collection[int], limit: int) -> int:
    """Return the rule line with a salutation under it, when one stood above already, else `limit`.

    That is what an earlier letter looks like that was pasted below without any other mark.
    """
    if sum([look.greets for look in looks]) < 2:
        return limit
    opened = False
    rule: int | None = None
    for index in range(limit):
        look = looks[index]
        if look.blank or index in quoted:
            continue
        if look.greets:
            if opened and rule is not None:
                return rule
            opened = True
        if look.rules or not (look.dated and rule is not None):
            rule = index if look.rules else None
    return limit


def _is_salutation(line: str, bare: str) -> bool:
    return len(line) <= _MAX_SALUTATION and _SALUTATION.fullmatch(bare) is not None


def _is_dated(bare: str) -> bool:
    return _DATED.fullmatch(bare) is not None


def _is_letter_rule(line: str, bare: str) -> bool:
    return len(line) <= _MAX_LETTER_RULE and _LETTER_RULE.fullmatch(bare) is not None


def _history(quoted: frozenset[int], limit: int, count: int) -> int | None:
    if limit < count:
        return limit
    last = max(quoted, default=None)
    while last is not None and last - 1 in quoted:
        last -= 1
    return last


def _segments(quoted: frozenset[int], limit: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches of lines between quotes, as (first, behind the last)."""
    start = 0
    for index in sorted(quoted):
        if index > start:
            yield start, index
        start = index + 1
    if start < limit:
        yield start, limit


def _hard_history(lines: Sequence[str], looks: Sequence[_Look]) -> int:
    """Return the first line behind which all is history, the number of lines if there is none."""
    for index in [index for index, look in enumerate(looks) if look.opens]:
        if _HARD_MARK.fullmatch(lines[index]):
            return index
        if _is_field_block(lines, index):
            above = index - 1
            while above >= 0 and not lines[above].strip() and index - above <= 2:
                above -= 1
            return above if above >= 0 and _RULE.fullmatch(lines[above][:200]) else index
        if _is_bare_attribution(lines, index):
            return index
    return len(lines)


def _is_field_block(lines: Sequence[str], index: int) -> bool:
    """Tell whether a block of header fields begins here, as Outlook and its kin write it."""
    starts_with_sender = _FROM_FIELD.match(lines[index])
    if not starts_with_sender and not _OTHER_FIELD.match(lines[index]):
        return False
    below = (line[:_MAX_ATTRIBUTION] for line in lines[index + 1 : index + 9])
    following = [line for line in below if line.strip()][:5]
    others = sum(1 for line in following if _OTHER_FIELD.match(line))
    if starts_with_sender:
        return others >= 2
    return others >= 1 and any(_FROM_FIELD.match(line) for line in following[:3])


def _is_bare_attribution(lines: Sequence[str], index: int) -> bool:
    """Tell whether an `On ... wrote:` is followed by text without any `>`: then all is history."""
    if not _ATTRIBUTION_START.match(lines[index]):
        return False
    length = _attribution_length(lines, index)
    if not length or not lines[index + length - 1].rstrip().endswith((":", "：", "書きました")):
        return False
    following = next((n for n in range(index + length, len(lines)) if lines[n].strip()), None)
    return following is not None and not _QUOTED.match(lines[following][:2])


def _attribution_length(lines: Sequence[str], index: int) -> int:
    """Return over how many lines an attribution stands at `index`, 0 when there is none."""
    if len(lines[index]) > _MAX_ATTRIBUTION or not lines[index].strip():
        return 0
    if _is_attribution(lines[index]):
        return 1
    if not _ATTRIBUTION_START.match(lines[index]):
        return 0
    joined = lines[index]
    for length, line in enumerate(lines[index + 1 : index + 3], start=2):
        joined = f"{joined.rstrip()} {line.strip()}"
        if not line.strip() or len(joined) > _MAX_ATTRIBUTION:
            return 0
        if _is_attribution(joined):
            return length
    return 0


def _is_attribution(line: str) -> bool:
    if not _ATTRIBUTION_END.search(line[-24:]):
        return False
    return _ATTRIBUTION.fullmatch(line) is not None


def _quoted_lines(lines: Sequence[str], looks: Sequence[_Look], limit: int) -> frozenset[int]:
    """Return the lines before `limit` that are quoted, their attributions and blanks among them."""
    found: set[int] = set()
    end = 0
    for index in [index for index, look in enumerate(looks[:limit]) if look.quoted]:
        if index < end:
            continue
        end, count = _quoted_run(lines, index, limit)
        first = _attribution_above(lines, index)
        if first < index or count > 1 or _is_single_quote(lines, index):
            found.update(range(first, end))
    return frozenset(found)


_ENDS_SENTENCE = re.compile(r"[。？！]\s*\Z|\w\s\S+\s.*[.?!]\s*\Z")
_POINTS_AT = re.compile(r"https?://|www\.|こちら|[@＠]", re.IGNORECASE)


_MAX_POINTER = 1000


def _is_single_quote(lines: Sequence[str], index: int) -> bool:
    """Tell whether a `>` line that stands alone, without attribution, is a quote.

    It is one if it begins a paragraph, is a sentence and points at nothing; else it is an arrow.
    """
    line = lines[index]
    if line.lstrip().startswith((">>", "> >")):
        return True
    begins = index == 0 or not lines[index - 1].strip()
    if not begins or not _ENDS_SENTENCE.search(line[-200:]):
        return False
    return _POINTS_AT.search(line[:_MAX_POINTER]) is None


def _quoted_run(lines: Sequence[str], start: int, limit: int) -> tuple[int, int]:
    """Return the line behind the run of quoted lines from `start`, and how many it has."""
    end, count = start + 1, 1
    probe = end
    while probe < limit:
        if _QUOTED.match(lines[probe][:2]):
            count += 1
            end = probe + 1
        elif lines[probe].strip():
            break
        probe += 1
    return end, count


def _attribution_above(lines: Sequence[str], index: int) -> int:
    """Return the first line of the attribution that stands over the quote at `index`."""
    above = index - 1
    while above >= 0 and not lines[above].strip() and index - above <= 3:
        above -= 1
    for length in (3, 2, 1):
        first = above - length + 1
        if first >= 0 and _attribution_length(lines, first) == length:
            return first
    return index
