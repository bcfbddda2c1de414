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
    context(
        "ja.goes-on",
        Kind.VETO,
        -4.0,
        "it goes on with the reader",
        r"(?:いかが|どう)でしょうか?[。?]?$|採用(?:(?:いた|致)したく|したく(?!て|とも)|で(?:構わない|いき|決まり))"
        r"|\((?:内定|採用|合格)\)|不(?:採用|合格)(?:の(?:通知|連絡|お知らせ)|という(?:わけ|こと))?(?:では|じゃ)(?:ありませ|ございませ|な[いく])"
        r"|(?:面談|面接)を(?:設け|設定し|組み|組ませ)(?:ま(?!せ)|て|た[いく])|(?:面談|面接)は[^。]{0,20}(?:取って|押さえて|確保して)"
        r"|(?:様|さん|君|くん)も(?:その|我々の|私どもの|私たちの)?(?:一員|メンバー|仲間)(?:です|に(?:入|加))",
        (
            "その代わり準常勤ではいかがでしょうか。",
            "つきましては施工管理技士として採用いたしたく存じます。",
            "不採用ではありません。",
            "特例として面談を設けます。",
            "選考終了(内定)",
        ),
        (
            "その後、指の具合はいかがでしょうか。",
            "今回は不採用でお願いします。",
            "面接を設定することは見送らせていただきます。",
        ),
        unless=r"(?:その後|具合|体調|調子|お加減|お元気|ご様子|近況|いつか|将来|また(?![、は])|改めて|機会)[^。]{0,24}◁"
        r"|▷[^。]{0,24}?(?:ませ|な[いかく]|かね|叶|かなわ|難|見送|至ら|断念|ところ|ましたが|でしたが|ものの|のですが)",
    ),
    context(
        "en.goes-on",
        Kind.VETO,
        -4.0,
        "it goes on with the reader",
        r"\b(?:job|post|role|position|place|desk)'s yours\b"
        r"|\b(?:we|i)(?:'d| would)? (?:now |still )?(?:like|love|want) to offer (?:it|this|that|the"
        r" (?:job|post|role|position)) to you\b"
        r"|\byou (?:begin|start|join us) (?:on |from )?(?:the )?(?:monday|tuesday|wednesday"
        r"|thursday|friday|saturday|sunday|next (?:week|month|monday)|\d{1,2}|first|second|third)\b"
        r"|\byou(?:'re| are)(?: now| already)? booked (?:in\b|on\b|for\b)"
        r"|\b(?:we|i)(?:'ve| have) (?:therefore |now |also )?moved you (?:straight |directly )?"
        r"(?:on |up )?to\b"
        r"|\b(?:have|has) not (?:yet )?(?:appointed|made (?:a|our|up our|the) (?:final )?"
        r"(?:decision|choice|minds?))\b|\bhaven't (?:yet )?(?:appointed|made (?:a|our|up our|the) "
        r"(?:final )?(?:decision|choice|minds?))\b|\b(?:haven't|have not) decided\b"
        r"|\bplaced on (?:the|our|a) (?:merit|waiting|reserve) list\b"
        r"|\bthank(?:s| you)(?: so much| very much)? for (?:the|your) (?:kind |generous )?"
        r"(?:job )?offer\b",
        (
            "then you backed the trailer, so the job's yours.",
            "we'd like to offer it to you.",
            "you begin the first of october.",
            "we've moved you straight to the final day.",
            "we haven't appointed yet.",
            "you have been placed on the merit list for 12 months.",
        ),
        (
            "we would have liked to offer it to you.",
            "we have not been able to move you on.",
            "thank you for the offer of references, but we have chosen somebody else.",
        ),
        unless=r"(?:n't|\b(?:not|unable|cannot|had|wish|whether|if))\b[^.;,]{0,30}◁|▷ of (?:help"
        r"|references?|your)\b",
    ),
)
