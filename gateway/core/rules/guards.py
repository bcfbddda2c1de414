"""Words beside a verdict that take its force, in Japanese and English."""

import re

from gateway.core.rules.rule import Guard, Side

_OWN_CHIEF = re.compile(
    r"^(?!.*(?:先方|企業様|クライアント|派遣先|紹介先)).*(?:社長|店長|部長|課長|上司|役員|院長|園長|所長"
    r"|校長|工場長|料理長|会長|代表|オーナー|責任者|本社|本部|現場|各部署|先生方)"
    r"(?:に|と|へ|とも|にも)[^。、]{0,10}(?:確認|相談|話し|話を|話も|協議|検討|掛け合|かけあ|聞い|伺い)"
)
"""Who answers somebody of one's own house passes its decision on: it is reported and holds."""

GUARDS = (
    Guard(
        "ja.if",
        Side.AFTER,
        "conditional (場合, こともある)",
        re.compile(
            r"場合|際は|際に|ときは|時は|(?:なった|でし|だっ)(?:たら|ら)|可能性|かもしれ"
            r"|恐れが|おそれが|ことが?(?:ござい|あり|ある)ま?|こともあ|こともご|とは限"
            r"|か(?:どうか|否か)|に(?:かか|関)わ|でしょうか"
        ),
        (
            "ご希望に添えない結果となった場合もご了承ください。",
            "採用を見送らせていただくことがございます。",
        ),
        ("採用を見送らせていただくこととなりました。",),
    ),
    Guard(
        "ja.asked",
        Side.AFTER,
        "asked, not told (…できませんか)",
        re.compile(r"^(?:ん|い)?(?:でしょう|もの)?か(?:[。?？]|$|と(?!存|思|考|感)|ね)"),
        ("当社の仕事をお引き受けいただけませんか。",),
        ("当社の仕事はお引き受けできません。",),
    ),
    Guard(
        "ja.if-before",
        Side.BEFORE,
        "conditional (…の場合は)",
        re.compile(
            r"(?:場合(?:は|に|も|、|,|で)|際(?:は|には)|もし|このままでは|ないと(?!ころ|い[うえ]|の|判断|考|思|感|な|し|決|回|お|ご|返)|万が一"
            r"|万一|仮に|(?:なけれ|なり)ば|でない限り|(?:過ぎ(?:ます|る)?|しない|いない"
            r"|られない)と、?(?:[^。]{0,6}$))(?!.*(?:が、|ので、|ため、"
            r"|したが|という(?:こと|話|判断|結論)で、))"
        ),
        ("応募者が多数の場合は、採用を見送らせていただきます。",),
        ("ご応募が多数のため、採用を見送らせていただきます。",),
    ),
    Guard(
        "ja.reported",
        Side.AFTER,
        "reported (とのこと)",
        re.compile(
            r"とのこと|と(?:の|いう)?ご?(?:連絡|通知|返事|回答|お返事|メール|知らせ"
            r"|結果)(?:でし|です|(?:を|が|で)(?:いただ|頂|受け|もら|届|来|あり))|と(?:伺|うかが|聞"
            r"|お聞き|言わ|のお話)|(?<=[^さ])そうです|旨(?:を|、)?(?:承|伺|うかが|拝)|が届(?:き"
            r"|い)"
        ),
        ("今回は見送りとのこと、承知いたしました。",),
        (
            "不採用となりましたことをご連絡いたします。",
            "社長にも確認しましたが、今回の採用は難しいとの返事でした。",
        ),
        unless=_OWN_CHIEF,
    ),
    Guard(
        "ja.reported-before",
        Side.BEFORE,
        "reported (先方より)",
        re.compile(
            r"(?:先方|クライアント|企業様|応募先企業)(?!側?の(?:要件|事情|体制|予算|都合))|(?:同"
            r"|他)社(?:様)?(?:より|から|の)"
            r"|御社|貴社|様(?:より|から)"
        ),
        ("先方より不採用でした。",),
        ("当社での採用を見送らせていただきます。",),
    ),
    Guard(
        "ja.denied",
        Side.AFTER,
        "denied (…ではありません)",
        re.compile(
            r"(?:わけ|訳|もの|という意味|という(?:こと|判断))では|では(?:なく|あり"
            r"|ござい|ない)|のではな|ことはあり"
        ),
        ("不採用ということではございません。",),
        ("不採用となりました。",),
    ),
    Guard(
        "ja.others",
        Side.BEFORE,
        "about others (多くの方は)",
        re.compile(
            r"(?:ほか|他|多く|一部|大半|大多数|ほとんど|(?<!その)[0-9]+名|(?<!その)[0-9]+人|残り|落ちた"
            r"|[お一二三四五1-9]+(?:人|名|方)目)(?:の|が|は)?[^、。]{0,8}(?:方々?|応募者"
            r"|候補者|学生|人|名|皆さん)?(?:は|も|が|には)[^、,]{0,14}$"
        ),
        ("10名の方は残念ながら不合格となりました。",),
        (
            "慎重に検討しましたが不合格となりました。",
            "2名の採用で、その2名は別の方々にお願いすることになりました。",
        ),
    ),
    Guard(
        "ja.topic",
        Side.AFTER,
        "only names an earlier decision (…となった理由)",
        re.compile(
            r"^(?:た|かった|なかった|ない|いる|る)?(?:応募)?(?:書類|履歴書|場合|際|とき|時)"
            r"|^(?:と?なった|でした|の)(?:[0-9]{2,4}年度?|分|もの|件(?!で|に|は)|ご?応募(?:の|も"
            r"|を))"
            r"|^り?[)」』]?の(?:基準|考え方|意味|定義|方針|ポリシー|流れ)"
            r"|^[)」』]?に(?:係る|かかる|かかわる|関わる|関する|関連)"
            r"|^[^、。]{0,14}?(?:理由|背景|経緯|(?:通知|連絡|お知らせ"
            r"|メール)(?:書)?(?:を(?:受|もら|お送りした|差し上げた|いただ)|が(?:届|来)"
            r"|は(?!早|心|つら|辛|苦|直接|私|[^。]{0,4}気が重)|の|に)|(?:た|の|る)方(?:へ|に|は|が"
            r"|の|を|々|も)|(?:た|の)(?:皆様|人"
            r"|学生|候補者)|(?:た|の)(?:後|あと)|件数|率(?:は|が))"
        ),
        ("不採用となった理由をお答えします。", "不採用の方には通知いたしません。"),
        ("不採用の通知をさせていただきます。",),
    ),
    Guard(
        "ja.earlier",
        Side.BEFORE,
        "tells of an earlier decision (先日お知らせした)",
        re.compile(
            r"(?:以前|前回|昨年|一昨年|先日|先般|先月|過去|さき?ほど|先程|当時|すでに"
            r"|既に)[^。]{0,24}(?:お知らせ|ご?連絡|ご?通知|お伝え|お送り|ご案内|選考"
            r"|応募)[^。]{0,12}(?:とおり|通り|際|折|時(?:は|に)|よう(?:に|、)|では)"
            r"|^(?:以前|昨年|一昨年|当時|前回)|先(?:日|般)は[^。、]{0,8}$"
        ),
        ("先日お知らせしたとおり、今回は不採用となりましたが、",),
        ("先日はご応募ありがとうございました。慎重に検討しましたが不採用となりました。",),
    ),
    Guard(
        "ja.not-applicants",
        Side.BEFORE,
        "something else is put off (交通費の支給は)",
        re.compile(
            r"(?:交通費|支給|研修|説明会|懇親会|イベント|開催|実施|訪問|出稿|掲載|更新"
            r"|導入|実装|返却|郵送|回答|開示|見学|問い?合わせ|質問|電話|録音|録画|撮影|購入|備品"
            r"|工事|出張|機材|ツール|支払"
            r"|来社|持ち込み|ご?紹介)[^。、,]{0,8}(?:は、?|を|(?<!で)も)[^。、]{0,24}$"
        ),
        ("交通費の支給は、今回より見送らせていただいております。",),
        ("選考の結果、採用は見送らせていただきます。",),
    ),
    Guard(
        "ja.postponed",
        Side.SENTENCE,
        "only put off to a later day (見送り、改めて行う)",
        re.compile(
            r"(?:見送(?:り|って)|見合わせ(?:て)?|中止(?:し|とし)て?)、[^。]{0,24}?(?:改めて"
            r"|あらためて"
            r"|後日)[^。、]{0,10}?(?:行|実施|開催|設定|お会い)"
            r"|(?:行わない|行いません|実施し(?:ない|ません)|なし|中止|見送|省略)[^。]{0,40}?(?:オンライン|web"
            r"|リモート|電話|録画|メール)[^。]{0,6}?(?:で|にて|に)[^。]{0,10}?(?:実施|行|開催|変更|切り替え|代え)"
            r"|(?:なし|省略|免除)[^。]{0,20}?(?:次は|そのまま|直接)[^。]{0,10}?(?:最終|面接|面談|選考|内定|採用)"
        ),
        ("担当役員の出張により最終面接を見送り、十二月に改めて行います。",),
        ("今回は採用を見送り、改めて募集いたします。",),
    ),
    Guard(
        "ja.interviewer",
        Side.BEFORE,
        "somebody else takes the interview or the visit (面接は別の者が)",
        re.compile(
            r"(?:面接|面談|説明会|当日|案内|受付|見学)官?(?:は|の(?:方|担当)は)[^。、]{0,8}$"
        ),
        ("面接は別の方に担当していただくことになりました。",),
        ("面接の結果、別の方に担当していただくことになりました。",),
    ),
    Guard(
        "ja.schedule",
        Side.BEFORE,
        "a date that does not suit (15日は)",
        re.compile(
            r"(?:日程|日時|時間帯)(?:(?:の件)?ですが、)?[^。、]{0,20}$|候補日(?:の|は|につ)[^。]{0,40}$"
            r"|(?:[0-9]{1,2}日(?:\([月火水木金土日]\))?(?:は|の)|[0-9]{1,2}時)[^。、]{0,24}$"
        ),
        ("面接の日程ですが、15日はご希望に添えません。",),
        ("面接の結果ですが、ご希望に添えません。",),
    ),
    Guard(
        "ja.one-day",
        Side.BEFORE,
        "about a shift or a day (今週の土曜は)",
        re.compile(
            r"(?:今週|来週|再来週|明日|今日)の(?:[月火水木金土日]曜?日?|シフト|勤務)[^。、]{0,16}$"
            r"|[月火水木金土日]曜日?は[^。、]{0,16}$"
        ),
        ("今週の土曜は人が足りておりますので。",),
        ("アルバイトは人が足りておりますので。",),
    ),
    Guard(
        "en.if",
        Side.BEFORE,
        "conditional (if, in case)",
        re.compile(
            r"\b(?:if(?! you(?:'re| are| have)? (?:receiv|read|see|get))|in case|in the "
            r"event|should you|unless|even though you may|whenever)\b|\b(?:whether|when"
            r"|until|may|might|(?:candidates|applicants|those|people|anyone) "
            r"who)\b[^,]{0,24}$"
        ),
        ("if you are not selected for this role, keep an eye on our jobs page.",),
        ("you are not selected for this role.",),
    ),
    Guard(
        "en.if-after",
        Side.AFTER,
        "conditional (unless, if you do not hear)",
        re.compile(
            r"\b(?:unless|until|without)\b|\bif you (?:do not|don't|haven't|have not) "
            r"hear\b|\bif (?:we|the|your)\b"
        ),
        ("you have not been selected if you do not hear from us.",),
        ("you have not been selected.",),
    ),
    Guard(
        "en.others",
        Side.BEFORE,
        "about others (most applicants)",
        re.compile(
            r"\b(?:most|many|some|few|all (?:the )?other|late|incomplete|unsigned|the other"
            r"|several|these|those"
            r"|\d+)(?: \w+){0,2}? (?:applicants|candidates|people|applications|of "
            r"them)\b(?! (?:and|but|so)\b)[^,]{0,16}$|\b(?:applications|candidates|applicants"
            r"|submissions)"
            r" (?:without|that|which|received after|sent|with)\b[^,]{0,60}$"
        ),
        ("most applicants you met were not selected.",),
        ("you were not selected.",),
    ),
    Guard(
        "en.whoever",
        Side.SENTENCE,
        "about whoever does something (applicants who do not…)",
        re.compile(
            r"\bwhoever\b|\bthe successful (?:candidate|applicant) (?:gets|will|starts|joins)\b"
            r"|^(?!.*\b(?:you|your|yours)\b).*\b(?:applicants|candidates|anyone|those|people"
            r"|students)"
            r" (?:who|whose) (?:do|does|did|have|has|are|fail|cannot|can|miss|score|complete)\b"
        ),
        ("applicants who do not complete it in time will not be considered further.",),
        ("you were not among the applicants who were shortlisted.",),
    ),
    Guard(
        "en.third-person",
        Side.SENTENCE,
        "about a third person (he, she)",
        re.compile(
            r"\b(?:she|he|him|her) (?!(?:has |had )?(?:now |already )?(?:chosen|chose|picked"
            r"|selected|hired|appointed|opted for|decided on|settled on|gone with|went with)"
            r" (?:someone|somebody|another (?:candidate|applicant|person)|an internal|the other))"
            r"(?!(?:has |had |will be |is |will )?(?:said yes|accept\w*|signed|agreed|start\w*"
            r"|join\w*|taken it|took it))"
            r"(?:has|was|is|had|isn't|wasn't|won't|will|hasn't|for"
            r"|forward|to|at)\b|\b(?:she|he)(?:'s|'d|'ll)\b(?! (?:chosen|picked|selected|hired"
            r"|appointed|gone|accepted|said|agreed))|\bmoving forward with (?:him|her)\b"
        ),
        ("we are not moving forward with her at this time. she was not selected.",),
        (
            "we are not moving forward with your application.",
            "as alan said, he has chosen someone else for the job.",
        ),
    ),
    Guard(
        "en.topic",
        Side.BEFORE,
        "only names an earlier decision (the reason you were…)",
        re.compile(
            r"\b(?:reasons?(?!(?: for (?:decision|rejection|outcome|status))? ?:)|why|feedback on"
            r"|rejection|told you|as (?:we|i) (?:said|wrote"
            r"|mentioned)|previous(?:ly)?|sorry to hear|last (?:year|time|month|spring"
            r"|week)|back in|ignore)\b[^,]{0,40}$"
        ),
        ("the reason you were not selected is simple.",),
        ("you were not selected.",),
    ),
    Guard(
        "en.denied",
        Side.BEFORE,
        "denied (this does not mean)",
        re.compile(
            r"\b(?:does not mean|doesn't mean|is not to say|isn't to say|not because|not that)\b"
        ),
        ("this does not mean that you were not selected.",),
        ("you were not selected.",),
    ),
    Guard(
        "en.negated",
        Side.BEFORE,
        "the very opposite (has not been turned down)",
        re.compile(
            r"(?:\bnot|n't|\bnever|\bnobody has|\brather than|\binstead of)"
            r"(?: (?:yet|been|be|have|had|to|having|being|us|me|you))*\s*$"
        ),
        ("we have not closed your application.",),
        ("we have closed your application.", "we will not be closing it, you were not selected."),
    ),
    Guard(
        "en.not-until",
        Side.SENTENCE,
        "waits for something (cannot … until)",
        re.compile(r"(?:\bcannot\b|n't\b|\bnot\b|\bunable\b)[^.]{0,60}\b(?:until|unless)\b"),
        ("your application cannot be progressed until you upload your cv.",),
        ("your application will not be progressed.",),
    ),
    Guard(
        "en.back-then",
        Side.AFTER,
        "told of an earlier time (last month)",
        re.compile(
            r"^[^.;,]{0,24}\b(?:last (?:month|year|spring|summer|autumn|winter)|back then"
            r"|at the time)\b"
        ),
        ("we were unable to offer you the job last month.",),
        ("we are unable to offer you the job.",),
    ),
    Guard(
        "en.that-day",
        Side.AFTER,
        "an appointment does not take place (tomorrow)",
        re.compile(
            r"^(?![^.;,]{0,20}\b(?:who|start))[^.;,]{0,20}\b(?:tomorrow|today|tonight"
            r"|this (?:morning|afternoon|evening)"
            r"|on (?:mon|tues|wednes|thurs|fri|satur|sun)day|at \d)\b"
        ),
        ("we can't go ahead with the interview tomorrow.",),
        ("we can't go ahead with your application.",),
    ),
)
