"""Mails made from a letter: other names, other words, other sentences in the place of some."""

import dataclasses
import random
import re

from gateway.core.hear import hear
from gateway.core.reader import SUBJECT, read_text
from gateway.core.rules import Kind
from gateway.core.weigh import HINT
from tests.detection.mails import Labelled

_TOKEN = re.compile(
    r"[A-Za-z][A-Za-z'’-]*|[一-龥々]{1,2}|[ァ-ヶー]+|[ぁ-ん]{1,3}|\d+|\s+|.", re.DOTALL
)
"""A word; of Japanese, which has no blanks, about as much as one."""

_JA: list[str] = re.findall(
    r"\w+",
    "机 昨日 大きな 少し 山道 静かな また それ いつも 花 なるべく だいたい 海辺 そこ とても 全体"
    " 最近 内容 特に 一部 様子 状況 すぐに 同じ 普段 部分 これまで たとえば 本当に",
)
_EN: list[str] = re.findall(
    r"\w+",
    "really matter often while report several simply different around quite number thing recent"
    " through green walk early simple corner window",
)

OTHER_JA = (
    "慎重に選考いたしました結果、ぜひ次の面接にお進みいただきたく、ご連絡いたしました。",
    "このたび、貴方様を採用させていただくことに決定いたしました。",
    "選考には今しばらくお時間をいただきたく、結果は来週中に改めてご連絡いたします。",
    "つきましては、一次面接の候補日を三つほどご返信ください。",
    "このたびの選考辞退のお申し出、承知いたしました。",
    "書類選考を通過されましたので、適性検査のご案内をお送りいたします。",
    "応募書類は確かに受け取りました。結果は二週間以内にお知らせします。",
    "社内で評価が高く、条件面の相談に移らせていただければと存じます。",
)
OTHER_EN = (
    "We are delighted to offer you the position.",
    "We would like to invite you to the next interview.",
    "We need a little more time and will be back to you next week.",
    "We have received your application and will review it shortly.",
    "We have noted that you would like to withdraw your application.",
    "You have passed the first stage of our process.",
    "The whole team would be happy to have you on board.",
    "Your travel expenses will be paid back with the enclosed form.",
)
"""What stands in the place of the verdict in other letters made of the same parts."""


def changed(mail: Labelled, chance: random.Random, share: float = 0.3) -> Labelled:
    """Return `mail` with `share` of its words replaced, dropped or with another one beside."""
    words = _TOKEN.findall(mail.body)
    places = [place for place, word in enumerate(words) if re.match(r"\w", word)]
    for place in chance.sample(places, round(share * len(places))):
        words[place] = _changed(words[place], chance)
    return dataclasses.replace(mail, body="".join(words))


def _changed(word: str, chance: random.Random) -> str:
    pool, blank = (_EN, " ") if word.isascii() else (_JA, "")
    dice = chance.random()
    if dice < 0.6:
        return chance.choice(pool)
    return "" if dice < 0.8 else word + blank + chance.choice(pool)


def with_another_verdict(mail: Labelled) -> list[Labelled]:
    """Return letters that share all of `mail` but the sentences that turn somebody down."""
    heard = hear(read_text(mail.body, mail.subject), everything=True)
    verdicts = (one for one in heard if one.kind is Kind.VERDICT and one.weight > HINT)
    spans = sorted(
        {(v.sentence.start, v.sentence.end) for v in verdicts if v.sentence.part != SUBJECT}
    )
    if not spans:
        return []
    pool = OTHER_JA if re.search("[ぁ-ん]", mail.body) else OTHER_EN
    return [dataclasses.replace(mail, body=_replaced(mail.body, spans, other)) for other in pool]


def _replaced(body: str, spans: list[tuple[int, int]], other: str) -> str:
    for start, end in reversed(spans[1:]):
        body = body[:start] + body[end:]
    start, end = spans[0]
    return body[:start] + other + body[end:]
