"""Chinese, Korean and Vietnamese by small tables: enough to list a mail for review, no more."""

import re

from gateway.core.rules.rule import Kind, Rule

OTHER_LANGUAGES = (
    Rule(
        "zh.verdict",
        Kind.VERDICT,
        3.0,
        "verdict: not hired, in Chinese (未被录用)",
        re.compile(
            r"(?:未|没有|沒有|不予|无法|無法|不能)[^。,]{0,8}?(?:录用|錄用|录取|錄取"
            r"|通过|通過|入选|入選|进入下)"
            r"|遗憾[^。]{0,30}?(?:未|无法|不)|遺憾[^。]{0,30}?(?:未|無法|不)"
            r"|不(?:太)?(?:符合|合适|合適)|婉拒|暂不|暫不|(?:未|没|沒|不)(?:能|有"
            r"|被)?[^。,]{0,8}?(?:入选|入選|聘|选中|選中|继续|繼續"
            r"|推进|推進|进入|進入)|(?:另一|其他|别的|別的|更(?:合适|合適|匹配"
            r"|適合))[^。,]{0,10}?(?:人选|人選|候选|候選|应聘|應徵|应征|求职|求職)"
            r"|(?:职位|職位|职缺|職缺|岗位|名额|名額)[^。]{0,10}?(?:招满|额满|額滿|关闭|關閉|取消"
            r"|填补|填補)"
        ),
        ("经综合评定,您此次未被录用,我们深表遗憾。",),
        ("恭喜您通过一面。",),
    ),
    Rule(
        "ko.verdict",
        Kind.VERDICT,
        3.0,
        "verdict: not hired, in Korean (불합격)",
        re.compile(
            r"불합격|탈락|다른\s?(?:지원자|후보|분)[^.]{0,16}?(?:선|채용|모시|결정|진행)|(?:채용"
            r"|포지션|모집)[^.]{0,12}?마감|인연[^.]{0,12}?(?:닿지|못|않)|(?:선발|선정|합류|기대"
            r"|전형)[^.]{0,16}?(?:못|않|어렵)|(?:다음|면접|전형)[^.]{0,16}?(?:못|않기로|어렵)"
            r"|합격[^.]{0,12}?(?:못|않|드리지)|모시지\s?못|함께[^.]{0,16}?(?:못"
            r"|어렵|없)|(?:아쉽|안타깝)게도[^.]{0,40}?(?:못|않|없|어렵)"
            r"|(?:채용|진행)[^.]{0,16}?(?:어렵|않기로|못|종료)"
        ),
        ("아쉽게도 이번에는 함께하지 못하게 되었습니다.",),
        ("1차 면접 합격을 축하드립니다.",),
    ),
    Rule(
        "vi.verdict",
        Kind.VERDICT,
        3.0,
        "verdict: not hired, in Vietnamese (rất tiếc)",
        re.compile(
            r"rất tiếc[^.]{0,80}?(?:không|chưa)|(?:không|chưa)[^.]{0,24}?(?:trúng tuyển"
            r"|phù hợp|được chọn|tiếp tục|lựa chọn|vượt qua|hợp tác|đạt|nhận|tuyển|đồng hành)"
            r"|ứng viên khác|tuyển đủ|vị trí[^.]{0,16}?đóng"
            r"|dừng[^.]{0,16}?(?:tại đây|ở đây)"
        ),
        ("rất tiếc, bạn chưa phù hợp với vị trí này.",),
        ("chúc mừng bạn đã trúng tuyển.",),
    ),
)
"""Their weight stays under the inject threshold whatever else the mail says: see `detect`."""
