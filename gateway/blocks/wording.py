"""What a company's own block must say and must not, and each problem in words, in ja and en."""

import re
from dataclasses import dataclass

from gateway.core.company import Language

MAX_TEMPLATE_BYTES = 4096
MAX_OWN_LINES = 4
"""Six with our two mark lines."""
MAX_COLUMNS = 34
MAX_HTML_LINE_BYTES = 900
"""Below the 998 of RFC 5322 section 2.1.1, every character written as a reference."""

FIELDS = ("company", "contact", "link", "voluntary_notice", "stop_notice")
"""The placeholders of a template."""

VOLUNTARY_NOTICE = {
    Language.JA: "ご利用は任意で選考に影響せず、応募情報も第三者に提供しておりません。",
    Language.EN: "Voluntary, with no effect on the result; nothing has been passed on.",
}
STOP_NOTICE = {
    Language.JA: "今後のご案内の停止は、リンク先にて承ります。",
    Language.EN: "You can stop such notices on the linked page.",
}
"""Fixed wordings, the same whoever writes the block: so no check has to understand prose."""

_PROMISES = re.compile(
    r"(?<![社県国市院校都])内定(?![例期数員])|(?:採用|就職|転職|入社|合格)(?:を|は|が)?(?:お?約束|保証|確約|確実|決定)"
    "|(?:必ず|絶対に?|確実に|100[%パ])(?:.{0,6})(?:採用|就職|転職|入社|合格|決ま)"
    r"|guarantee[ds]?\b.{0,30}\b(?:job|offer|position|employment|interview|hir)"
    r"|\b(?:job|offer|position|employment|interview|hiring|placement)s?\b.{0,20}\bguarantee"
    r"|\b(?:promise|assure)[ds]?\b.{0,30}\b(?:job|offer|position|employment)"
    r"|\byou(?: will|'ll| are sure to| are certain to) (?:be (?:hired|offered)|get (?:a|the) job"
    r"|(?:find|land|receive) (?:a|an|the) (?:job|offer|position))"
    r"|\b(?:certain|sure|100 ?%)\b.{0,20}\b(?:job|offer|hired)\b"
)
_REWARDS = re.compile(
    "謝礼|お?祝い?金|ギフト(?:券|カード)|商品券|クオカード|プレゼント|キャッシュバック"
    r"|\bgift cards?\b|\bcash ?back\b|\brewards?\b|\bsign(?:ing|-?up)? bonus|\bvouchers?\b"
)
_ADDRESSES = re.compile(r"[a-z]{2,10}://|//|(?<![a-z0-9])www\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps a block from being saved, and what to do about it, in both languages.

    part  where it is: "text" or "html"
    code  its name, for logs
    """

    part: str
    code: str
    ja: str
    en: str

    def say(self, language: Language) -> str:
        """Return it in `language`."""
        return self.ja if language is Language.JA else self.en


def find_promise(words: str) -> str:
    """Return the promise of a job in `words` (NFKC, lower case), "" without one."""
    return _first(_PROMISES, words)


def find_reward(words: str) -> str:
    """Return what is offered for registering in `words` (NFKC, lower case), "" without it."""
    return _first(_REWARDS, words)


def find_address(words: str) -> str:
    """Return the beginning of a web address in `words`, "" without one."""
    return _first(_ADDRESSES, words)


def _first(table: re.Pattern[str], words: str) -> str:
    found = table.search(words)
    return found[0] if found else ""


def missing(part: str) -> Problem:
    """Say that the text or the HTML is empty."""
    name = _NAMES[part]
    return Problem(
        part,
        "missing",
        f"{name[0]}が空です。テキストとHTMLの両方を入力してください。",
        f"The {name[1]} is empty. Fill in both text and HTML.",
    )


def too_long(part: str) -> Problem:
    """Say that the template is larger than MAX_TEMPLATE_BYTES."""
    return Problem(
        part,
        "too-long",
        f"{MAX_TEMPLATE_BYTES}バイトを超えています。短くしてください(日本語は1文字3バイトです)。",
        f"It is longer than {MAX_TEMPLATE_BYTES} bytes. Shorten it.",
    )


def not_a_template(part: str, line: int) -> Problem:
    """Say that a placeholder is broken; `line` counts from 1, 0 is unknown."""
    ja = f"{line}行目付近の" if line else ""
    en = f" near line {line}" if line else ""
    return Problem(
        part,
        "not-a-template",
        f"{ja}差し込み欄の書き方が正しくありません。{{{{ company }}}}のように、"
        "二重の波括弧で囲んでください。",
        f"A placeholder{en} is not written correctly. Write it as {{{{ company }}}}, in double "
        "braces.",
    )


def unknown_placeholder(part: str, line: int) -> Problem:
    """Say that something else than a placeholder stands in braces."""
    known = ", ".join(f"{{{{ {name} }}}}" for name in FIELDS)
    ja = f"{line}行目付近に、" if line else ""
    en = f" near line {line}" if line else ""
    return Problem(
        part,
        "unknown-placeholder",
        f"{ja}使用できない記述があります。使用できるのは {known} と、名称を短くする "
        "{{ company | shorten(20) }}(8から60)だけです。{% %}の命令や計算は使用できません。",
        f"Something{en} cannot be used here. Only {known} and, to cut a long name, "
        "{{ company | shorten(20) }} (8 to 60) may stand in braces; no {% %} and no sums.",
    )


_NAMES = {"text": ("テキスト", "text"), "html": ("HTML", "HTML")}

_WHAT = {
    "company": ("企業名", "the company's name"),
    "contact": ("連絡先", "the contact address"),
    "voluntary_notice": ("任意であることの説明", "that it is voluntary"),
    "stop_notice": ("停止方法の説明", "how to stop such notices"),
}


def not_said(part: str, field: str) -> Problem:
    """Say that something is missing that every block must say."""
    ja, en = _WHAT[field]
    return Problem(
        part,
        f"no-{field.replace('_', '-')}",
        f"{ja}がありません。{{{{ {field} }}}} を読める位置に入れてください。",
        f"It does not say {en}. Put {{{{ {field} }}}} where it can be read."
        if field.endswith("notice")
        else f"It does not name {en}. Put {{{{ {field} }}}} where it can be read.",
    )


def no_contact(part: str) -> Problem:
    """Say that the company has no contact address to name."""
    return Problem(
        part,
        "no-contact-known",
        "この企業には連絡先が登録されていません。運用者に、連絡先の登録を依頼してください。",
        "This company has no contact address. Ask the operator to register one.",
    )


LINK_IN_TEXT = Problem(
    "text",
    "link",
    "{{ link }} を1回だけ、単独の行に入れてください(前後に文字を置かないでください)。",
    "Put {{ link }} in exactly once, alone on a line of its own.",
)
LINK_IN_HTML = Problem(
    "html",
    "link",
    'リンクは <a href="{{ link }}">…</a> の形で1回だけ入れ、リンクの文字も書いてください。'
    "{{ link }} はほかの場所には入れられません。",
    'Put the link in exactly once, as <a href="{{ link }}">words</a> with words to click on. '
    "{{ link }} cannot stand anywhere else.",
)
TOO_MANY_LINES = Problem(
    "text",
    "lines",
    f"{MAX_OWN_LINES}行(リンクの行を含みます)を超えています。行を減らしてください。"
    "上下の区切り線は自動で入ります。",
    f"It has more than {MAX_OWN_LINES} lines, the link's included. Use fewer lines; the rules "
    "above and below are added for you.",
)


def too_wide(number: int, width: float) -> Problem:
    """Say that line `number`, from 1, is wider than MAX_COLUMNS."""
    return Problem(
        "text",
        "width",
        f"{number}行目が全角{width:g}文字分あります。全角{MAX_COLUMNS}文字以内にしてください"
        "(名称は {{ company | shorten(20) }} で短くできます)。",
        f"Line {number} is {width * 2:g} characters wide. Use at most {MAX_COLUMNS * 2} "
        "({{ company | shorten(20) }} cuts a long name; a Japanese character counts as two).",
    )


def odd_line(number: int) -> Problem:
    """Say that a line would be taken for a quote, a signature or our own mark."""
    return Problem(
        "text",
        "odd-line",
        f"{number}行目は、引用、署名の区切り、または自動で入る区切り線と見分けがつきません。"
        "行頭の「>」や、記号だけの行は使用しないでください。",
        f"Line {number} looks like a quote, a signature's rule or the rules that are added for "
        "you. Do not begin a line with > and use no line of signs alone.",
    )


def control_characters(part: str) -> Problem:
    """Say that there are characters that nobody sees."""
    return Problem(
        part,
        "control-characters",
        "目に見えない文字(制御文字、タブ、文字方向の指定など)が含まれています。取り除いてください。",
        "There are characters that cannot be seen (control characters, tabs, text directions). "
        "Remove them.",
    )


def not_encodable(characters: str, *, ascii_only: bool) -> Problem:
    """Say which characters the charset of the mails lacks."""
    shown = " ".join(characters)
    if ascii_only:
        return Problem(
            "text",
            "charset",
            f"英語のテキストでは次の文字を使用できません: {shown} 半角の英数字と記号だけに"
            "してください。",
            f"The English text cannot carry: {shown} Use ASCII letters and signs only.",
        )
    return Problem(
        "text",
        "charset",
        f"日本語メールの文字コード(ISO-2022-JP)で表せない文字があります: {shown} "
        "ほかの文字に置き換えてください。",
        f"The charset of Japanese mail (ISO-2022-JP) lacks: {shown} Write it with others.",
    )


def promises(part: str, words: str) -> Problem:
    """Say that it promises a job."""
    return Problem(
        part,
        "promise",
        f"採用を約束する表現は使用できません: 「{words}」。削除してください。",
        f'A block must not promise a job: "{words}". Take it out.',
    )


def rewards(part: str, words: str) -> Problem:
    """Say that it offers something for registering."""
    return Problem(
        part,
        "reward",
        f"登録への謝礼や特典は記載できません: 「{words}」。削除してください。",
        f'A block must not offer anything for registering: "{words}". Take it out.',
    )


def other_address(part: str, words: str) -> Problem:
    """Say that it holds an address besides the link."""
    return Problem(
        part,
        "address",
        f"リンク以外のアドレスは記載できません: 「{words}」。削除してください。",
        f'No other address than the link may stand in a block: "{words}". Take it out.',
    )


def markup(code: str, ja: str, en: str) -> Problem:
    """Return a problem of the HTML."""
    return Problem("html", code, ja, en)
