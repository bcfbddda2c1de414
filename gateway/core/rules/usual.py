"""Verdicts in the usual words of smaller desks, in Japanese and English."""

from gateway.core.rules.ja_grammar import CANNOT
from gateway.core.rules.rule import verdict

USUAL_VERDICTS = (
    verdict(
        "ja.not-left-in",
        3.75,
        "did not stay among the last, need not come (最終の一名に残れず)",
        r"(?:最終|候補|選考|[一二三1-9]名|枠)[^。、,]{0,10}?に(?:は)?残(?:る(?:こと)?|れ|り|って)(?:は|が"
        r"|も)?[^。、,]{0,4}?(?:でき(?:ませ|な|ず)|ませんでし|叶|な(?:かっ|く)|ず)"
        r"|(?:面接|選考|試験)[^。、,]{0,12}?お越し(?:いただか|になら)な(?:くて|く)も?(?:結構|よろし|大丈夫)"
        r"|(?:お声がけ|お声掛け|お呼び(?:出し)?)(?:を|は)(?:差し)?控え(?:る|させ)"
        r"|(?:あなた|様|さん|ご経験|スキル)[^。、,]{0,10}?合う(?:部署|配属先|仕事|ポジション)[^。、,]{0,8}?"
        + CANNOT,
        (
            "競争率が高く、最終の一名に残ることはできませんでした。",
            "次回以降の面接にはお越しいただかなくて結構です。",
            "他の候補者との比較の中で、今回はお声がけを控えることにしました。",
        ),
        (
            "最終選考に残られた方にご連絡します。",
            "夜間のお声がけは控えてください。",
            "面接には印鑑をお持ちいただかなくて結構です。",
        ),
    ),
    verdict(
        "en.no-matching",
        3.75,
        "cannot be matched, or the budget allows for one",
        r"(?:\bnot|n't|\bcannot|\bunable to)(?: \w+)? match you (?:to|with|up)\b"
        r"|\bonly (?:stretch\w*|extend\w*|cover\w*|allow\w*|run\w*|fund\w*) (?:to |for )?(?:one"
        r"|a single) (?:person|hire|post|position|role|place)\b",
        (
            "we can't match you to any of our current vacancies.",
            "the budget only stretches to one person.",
        ),
        ("we can't match your price.",),
    ),
    verdict(
        "en.not-quite-right",
        3.75,
        "not right for it, or too little experience",
        r"\byou(?:'re| are| were|r (?:style|voice|experience|profile) (?:is|was))? (?:not"
        r"|n't) (?:quite |really )?right for (?:the|this|our)\b"
        r"|\b(?:experience|background|knowledge|qualifications?|portfolio"
        r"|training)\b[^.;,]{0,24}? (?:is|are|was|were|seems?) (?:a (?:bit|little) )?"
        r"too (?:limited|narrow|little|thin|general|junior|light|short|far)\b"
        r"|\b(?:not going to be|isn't going to be|won't be|can't be) a yes\b",
        (
            "i'm sorry, but we've decided you're not quite right for the part.",
            "unfortunately your experience in retail is too limited for a supervisor role.",
        ),
        ("the time is too short for a tour.",),
    ),
    verdict(
        "ja.those-chosen",
        3.75,
        "those people were chosen (その人たちに決めました)",
        r"その(?:方々?|かた|人たち|人|方たち|二人|お二人|子)(?:に|で|を)(?:決め|決定|お?願いする(?:こと|運び)|採用(?:し|する|を決))"
        r"|(?:今回の)?募集(?:内容|の趣旨)?(?:と|に)は?合い?ませんでし",
        ("ほかにも応募があって、話し合いの結果その人たちに決めました。",),
        ("面接の担当をその人に頼んでよろしいですか。",),
    ),
)
