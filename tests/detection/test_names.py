"""Whoever is greeted, the rules hear in a letter what its own words say."""

import dataclasses
import random
import re

from gateway.core.company import Company
from gateway.core.detect import judge, judge_reading
from gateway.core.envelope import Address, Envelope
from gateway.core.mime import scan
from gateway.core.reader import read_mail
from gateway.core.verdict import Evidence
from tests.detection.mails import Labelled, as_text, load

COMPANY = Company(1, "", ("a.example",))
ENVELOPE = Envelope(Address("suzuki@a.example"), (Address("taro@mail.example"),))
GREETING = re.compile(r"\A\s*(?:\S[^\n]{0,20}様|Dear [^\n]{1,30},)\n")
NAMES = (
    *(
        "佐藤",
        "小野 健司",
        "高橋真司",
        "林 太郎",
        "長谷川\u3000美咲",
        "大野 真司",
        "市川 都",
        "合格 太郎",
    ),
    *("山田部長", "辞 退", "退 太郎", "みなみ", "三次 面接", "活躍 祈", "落合 選", "候補 12"),
    *("助成申請者", "出展者", "仕入先", "入札者", "論文投稿者", "ベンダー"),
    *("Mary", "Will Smith", "John Offer", "Grace", "Vendor", "Supplier", "Tenant", "Jordan"),
)


def _addressed_to(mail: Labelled, name: str, chance: random.Random) -> Labelled:
    title = "" if name.isascii() else chance.choice(("様", " 様"))
    greeting = f"Dear {name}," if name.isascii() else name + title
    again = chance.choice(("", f"\n{name.split(maxsplit=1)[0]}{title or ','} thank you."))
    subject = chance.choice((mail.subject, f"{name}{title} {mail.subject}"))
    body = f"{greeting}\n\n{GREETING.sub('', mail.body)}{again}"
    return dataclasses.replace(mail, body=body, subject=subject)


def _heard(evidence: tuple[Evidence, ...]) -> set[Evidence]:
    return {one for one in evidence if not one.rule.startswith(("likeness.", "courtesy."))}


def test_the_rules_hear_the_same_by_any_name() -> None:
    chance = random.Random(5)
    mails = [one for part in ("dev", "field_dev", "blind_dev") for one in load(part)]
    for mail in mails:
        for name in chance.sample(NAMES, 3):
            raw = as_text(_addressed_to(mail, name, chance))
            judged = judge(raw, scan(raw), ENVELOPE, COMPANY)
            own = judge_reading(read_mail(raw, scan(raw)))
            assert _heard(judged.evidence) == _heard(own.evidence), (mail.id, name)
