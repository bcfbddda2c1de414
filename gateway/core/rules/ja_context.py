"""Japanese context: what speaks for an application for work, and what goes with a refusal."""

from gateway.core.rules.rule import Kind, context

CONTEXT = (
    context(
        "ja.work",
        Kind.RELATION,
        1.5,
        "work, hiring, an interview",
        r"(?<!商品)採用|面接|履歴書|職務経歴|求人|インターン|入社|内定|アルバイト|バイト"
        r"|パート(?!ナー)|求職|エントリーシート|職種|正社員|契約社員"
        r"|業務委託|書類選考|ポジション|ポートフォリオ|就職|就活|新卒|中途|転職|シフト"
        r"|フリーランス|曜日|入っていただ|人を増や|勤務|力を発揮|経験を(?:活|生)か|参画|ライター"
        r"|デザイナー"
        r"|エンジニア|仕事|雇|公募|教員|助教|准教授|研究員|適性検査|人事|採否|働[いくけき]"
        r"|マネージャー|営業職|職(?:への|に)ご?応募|めんせつ|しごと|さいよう|レジュメ|履歴|ジョイン"
        r"|\b(?:c[oteifm]o|resume|cv)\b|スタッフ(?:募集|として)|お手伝い(?:いただ|さん|の)",
        ("このたびは採用面接にお越しいただきありがとうございました。",),
        ("請求書をお送りします。",),
    ),
    context(
        "ja.application",
        Kind.RELATION,
        1.0,
        "an application, a selection",
        r"応募|エントリー|選考|志望|合否|受験|面談",
        ("このたびはご応募いただきありがとうございました。",),
        ("請求書をお送りします。",),
    ),
    context(
        "ja.wish",
        Kind.COURTESY,
        0.5,
        "wishes for the future (お祈り)",
        r"祈(?:り|念)|ご活躍|ご多幸|ご成功|応援して",
        ("今後のご活躍をお祈り申し上げます。",),
        ("お願いいたします。",),
    ),
    context(
        "ja.regret",
        Kind.COURTESY,
        0.5,
        "regret (残念, 申し訳)",
        r"残念|遺憾|心苦し|申し?訳|恐縮|ごめんなさい|あいにく|不本意",
        ("誠に残念ながら、",),
        ("ありがとうございます。",),
    ),
    context(
        "ja.deliberated",
        Kind.COURTESY,
        0.5,
        "the result of deliberation (慎重に検討)",
        r"慎重|厳正|検討(?:を重ね|いた|し|の結果)|協議|勘案|総合的|議論|考え(?:た|まし)"
        r"|相談(?:いた|し)|(?:の|した|ました|ます)結果",
        ("慎重に検討いたしました結果、",),
        ("ご検討ください。",),
    ),
    context(
        "ja.papers",
        Kind.COURTESY,
        0.5,
        "the papers are returned or destroyed",
        r"(?:履歴書|書類|応募情報|個人情報)[^。]{0,30}(?:返却|返送|廃棄|破棄|処分|削除|消去|保管)",
        ("お預かりした書類は破棄いたします。",),
        ("書類をお持ちください。",),
    ),
    context(
        "ja.visit",
        Kind.RELATION,
        0.5,
        "thanks for a visit or a talk",
        r"(?:お越し|ご足労|ご来社|ご訪問|お運び)(?:くだ|下さ|いただ|頂)"
        r"|お時間を?(?:いただ|頂|頂戴|ちょうだい|割い|つく|作)|お話(?:を)?(?:うかが|伺"
        r"|聞か|いただ|させて)|おつかれさま|お疲れ様で",
        ("先日は遠方よりお越しいただきありがとうございました。",),
        ("請求書をお送りします。",),
    ),
    context(
        "ja.later",
        Kind.COURTESY,
        0.5,
        "perhaps another time",
        r"(?:また|別)の機会|機会(?:が|に)(?:あり|ござい)|お声がけ|お声掛け|ご縁があ",
        ("また人を増やすときにお声がけしますね。",),
        ("声が大きい。",),
    ),
)
