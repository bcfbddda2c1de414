"""Vetoes of both languages: offers in words of their own, which say that the reader is wanted."""

from gateway.core.rules.rule import Kind, context

WANTED = (
    context(
        "ja.taken-in",
        Kind.VETO,
        -4.0,
        "the reader is wanted in the company",
        r"(?:貴殿|貴方|貴女|貴兄|あなた|様|さん|君|くん)を[^。、]{0,20}?(?:お迎え|迎え入れ|お招き|採用|起用)"
        r"(?:する(?:こと(?:と|に|を)|運び)|できる(?:こと|の(?:が|を))|(?:いた|致)します|します|したい|したく|いたしたく"
        r"|させていただ(?:き(?:ます|たく|たい)|く)|ることに)"
        r"|として[^。、]{0,8}?(?:お迎え|迎え入れ)(?:する|(?:いた|致)す|る)?こと(?:に|を|と)(?!断念|見送|控え|取り|諦め)[^。、]{0,6}?(?:決|いた|致|なり|させ)"
        r"|(?:どうか|ぜひ|是非)[^。、]{0,8}?(?:弊社|当社|うち|当院|当店|当園|当校|一緒)[^。、]{0,6}?(?:来て|入って|加わって)(?:くださ|下さ|いただ|もら)"
        r"|(?:貴殿|あなた|様|さん|君|くん)(?:に|には)[^。、]{0,10}?(?:来て|入って|加わって|働いて)"
        r"(?:ほしい|欲しい|いただきたい|もらいたい)(?!と[^。]{0,16}(?:ましたが|でしたが|ものの|おりました|いたのです))"
        r"|ご?受諾(?:いただけ|賜れ|くださ|の(?:可否|ご意向|ご返))",
        (
            "佐藤様を主任研究員としてお迎えできることは大きな誇りです。",
            "見習いとして迎え入れることに決めました。",
            "どうか弊社に来てください。",
        ),
        (
            "佐藤様をお迎えすることは叶いませんでした。",
            "別の方を正社員としてお迎えすることになりました。",
            "慎重に検討しましたが、今回は乗務員としてお迎えすることを断念いたしました。",
            "佐藤様に来ていただきたいと考えておりましたが、枠が埋まりました。",
        ),
        unless=r"(?:方|者|候補|人|氏)を[^。]{0,20}◁|▷[^。]{0,24}?(?:ませ|な[いかくけ]|ず|かね|叶|かなわ|難|見送|至ら|断念)",
    ),
    context(
        "en.taken-on",
        Kind.VETO,
        -4.0,
        "the reader is wanted in the company",
        r"\b(?:the (?:job|post|position|role|place|desk)|it)(?:'s| is) (?:now )?yours\b"
        r"|(?:^|[.!?;:,] )(?:please )?(?:do )?come (?:and|to) (?:work|join) "
        r"(?:here|us|with us|for us)\b"
        r"|\b(?:we|i)(?:'d| would| should)? (?:all )?(?:really )?(?:want|love|like) you "
        r"(?:to (?:join us|come and|take the (?:job|post|role|position)|start"
        r"|work (?:here|with us))|here)\b"
        r"|\bif you(?:'d| would)? (?:still |will )?(?:take|want) (?:the (?:job|post|role"
        r"|position)|it)\b"
        r"|\byou(?:'ve| have)? (?:got|landed) the (?:job|post|role|position)\b"
        r"|\bwe(?:'ve| have) (?:chosen|picked|selected|appointed) you\b"
        r"|\byou(?:'re| are) (?:the one we|our (?:first )?(?:choice|pick))\b",
        (
            "i should be thrilled if you would take the post.",
            "come and work here.",
            "anyway it's yours if you still want it.",
        ),
        (
            "we would love you to come back another time.",
            "the decision to apply again is up to you.",
            "we would have loved you to join us.",
        ),
        unless=r"(?:\bnot\b|n't\b|\bunable\b|\bcannot\b|\bno longer\b|\bwhether\b|\bhad\b"
        r"|\bwish\b)[^.;,]{0,30}◁",
    ),
)
