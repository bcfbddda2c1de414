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
    context(
        "ja.chosen",
        Kind.VETO,
        -4.0,
        "the choice fell on the reader",
        r"(?:貴殿|貴方|貴女|貴兄|あなた|様|さん|君|くん)(?:"
        r"に(?:は)?[^。、を]{0,8}?(?:決定(?:いた|致)?し|決め(?:まし|させ)|決まりまし)"
        r"|に(?:は)?(?:ぜひ|是非)?お願い(?:したい|したく|いたしたく|することに)"
        r"|に(?:は)?[^。、]{0,12}?お任せ(?:したい|したく|いたしたく|すること(?:に|と)|(?:いた|致)?します)"
        r"|が[^。、]{0,12}?(?:ふさわしい|相応しい|適任(?:だ|で|と))|のお名前が挙が|のご?[^。、]{1,6}が決め手"
        r"|が[^。、]{0,6}?(?:残られ|選ばれ)(?:ま|た)"
        r"|を[^。、]{0,8}?(?:(?:推す|選ぶ|選出する)こと(?:に|と)|(?:選び|選出(?:いた)?し|推薦(?:いた)?し)まし))"
        r"|(?:仲間|一員|メンバー|スタッフ)(?:に|として)[^。、]{0,8}?"
        r"(?:(?:なって|加わって|入って)(?:ほしい|欲しい|(?:いただ|頂)(?:きた[いく]|きます)|もらいた[いく]|くださ[いる]|下さ[いる])"
        r"|歓迎(?:(?:いた|致)?します|(?:いた|致)?した[いく]))"
        r"|(?:一緒に|ともに|共に)(?:働|仕事)[^。、]{0,6}?(?:こと|日|の)を(?:楽しみ|心待ち)"
        r"|お?力を[^。、]{0,6}?(?:お借りした[いく]|(?:発揮して|お?貸して)(?:(?:いただ|頂)きた[いく]|ほしい|欲しい|ください))"
        r"|(?:選考|審査|面接|試験)(?:を|に)[^。、]{0,4}?(?:突破|通過|合格)(?:され|なさい|し)まし(?:たこと|たので|た(?!が|もの|けれ|候補|方))",
        (
            "選考の結果、佐藤様に店長をお任せすることとなりました。",
            "他の方とも迷いましたが、山田さんに決めました。",
            "ぜひ仲間になっていただきたいという結論に至りました。",
            "佐藤様のお力をお借りしたく存じます。",
            "選考を突破されましたことをお知らせいたします。",
            "佐藤様が最もふさわしいという結論に達しました。",
        ),
        (
            "佐藤様にお任せすることは難しいと判断いたしました。",
            "別の応募者さんに決めました。",
            "仲間になっていただきたいと考えておりましたが、枠が埋まりました。",
            "他社様でその力を発揮していただきたいと願っております。",
            "またの機会に佐藤様のお力をお借りしたく存じます。",
            "佐藤様が適任と申し上げることはできませんでした。",
            "いつか一緒に働ける日を楽しみにしております。",
            "書類選考を通過されましたが、面接の結果は見送りとなりました。",
        ),
        unless=r"(?:別の|他の|ほかの|もう[一お]|以外|の方に|他社)[^。、]{0,24}◁"
        r"|(?:いつか|いずれ|また(?![、は])|将来|改めて|機会)[^。]{0,24}◁"
        r"|(?:学生|主婦|師|者|員|手|屋|社)◁"  # whoever is named by a trade is not the reader
        r"|▷[^。]{0,24}?(?:ませ|な[いかくけ]|ず|かね|叶|かなわ|難|見送|至ら|断念|ところ|ましたが|でしたが|ものの|のですが|だけに|気持ち)",
    ),
    context(
        "en.chosen",
        Kind.VETO,
        -4.0,
        "the choice fell on the reader",
        r"\b(?:chose|picked|(?:go|went|going) with|(?:decided|settled) (?:up)?on) you\b"
        r"|\b(?:candidate|applicant) (?:is|was) you\b"
        r"|\b(?:we|i)(?:'d| would| should) like you (?:to be|in|on) (?:the|our|this)\b"
        r"|\byou(?:'re| are|'ve been| have been)? (?:the |our )?(?:successful|chosen|preferred"
        r"|winning) (?:candidate|applicant)\b"
        r"|\b(?:thrilled|delighted|happy|glad|pleased|excited) to (?:have|welcome) you "
        r"(?:on board|aboard|on (?:the|our) team|join|with us|start|to (?:the|our) team)\b"
        r"|\bbeen (?:awarded|offered|given) to you\b|\bin your favou?r\b|\bis you (?:that )?we\b"
        r"|\b(?:agreed|decided|want|wish) to (?:take|hire|employ|appoint) you\b"
        r"|\byou(?:r name)?(?:'ve| have)? (?:came|come) (?:first|(?:out )?(?:on top|ahead))\b"
        r"|\byou(?:'ve| have)? made it (?:in)?to the\b|\bhope (?:that )?you(?:'ll| will) accept\b"
        r"|\blook(?:s|ing)? forward to (?:working with|welcoming|having) you\b"
        r"|\bwelcome (?:to (?:the|our) team|aboard|on board)\b"
        r"|\b(?:moved|put|taken|advanced|passed) you (?:on |forward |through |up )?(?:in)?to "
        r"(?:the|our) (?:final|next|second|last) (?:round|stage|interview)\b"
        r"|\b(?:contract|offer letter)\b[^.;,]{0,12}? (?:will reach|is on its way|will follow)\b",
        (
            "the panel chose you.",
            "the successful candidate is you.",
            "everybody here is looking forward to working with you.",
            "we have moved you to the final round.",
            "a contract will reach you by post this week.",
            "the vote was unanimous in your favour.",
        ),
        (
            "in the end we decided not to go with you.",
            "we would have been thrilled to have you on board.",
            "we look forward to working with you another time.",
            "we have not put you through to the next round.",
            "you almost made it to the last three.",
        ),
        unless=r"(?:n't|\b(?:not|unable|cannot|no|neither|whether|had|if|wish|have been|against"
        r"|than|instead|without|nearly))\b[^.;,]{0,30}◁"
        r"|▷[^.;]{0,30}\b(?:future|one day|some ?day|another|again|time)\b",
    ),
)
