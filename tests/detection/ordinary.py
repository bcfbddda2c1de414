"""Ordinary outgoing mail in great variety, made from a grammar of openings, matters and ends.

Nothing here turns an application for work down, though much of it says no, sorry or thank you,
speaks of applying, selecting and interviewing, or wishes somebody well.
"""

import random
from collections.abc import Iterator

from tests.detection.mails import Labelled

SENDERS = ("sales", "info", "support", "billing", "news", "hr", "recruit", "k.mori", "office")

_DAY = ("12日(火)", "来週の水曜日", "3月4日", "今週金曜", "14日")
_GOODS = ("空気清浄機", "会計ソフト", "作業用手袋", "会議用マイク", "印刷用紙", "翻訳サービス")
_NAME = ("山本", "小林", "加藤", "渡辺", "中村", "佐々木", "清水", "斎藤")

JA_OPENINGS = (
    "{name}様\nいつもお世話になっております。",
    "{name}様\n平素は格別のお引き立てを賜り、厚く御礼申し上げます。",
    "{name}様\nお問い合わせいただきありがとうございます。",
    "{name}さん\nお疲れさまです。",
    "各位\n平素よりお世話になっております。",
    "{name}様\n先日はお時間をいただき、ありがとうございました。",
)
JA_MATTERS = (
    "{goods}の見積書をお送りいたします。ご検討のほどよろしくお願いいたします。",
    "{goods}のご注文を承りました。{day}までに発送いたします。",
    "誠に申し訳ございませんが、{goods}は在庫がなく、ご希望に添えません。",
    "ご提案いただいた{goods}の導入は、社内で検討した結果、今回は見送らせていただきます。",
    "{goods}の返品はお受けできません。何卒ご了承ください。",
    "{day}の打ち合わせですが、都合が合わず参加できません。残念ですが欠席いたします。",
    "{day}の定例会は中止とさせていただきます。次回の日程は追ってご連絡いたします。",
    "ご請求書をお送りいたします。お支払期限は{day}です。",
    "弊社主催のセミナーは定員に達したため、受付を終了いたしました。",
    "抽選の結果、誠に残念ながら今回はご用意することができませんでした。",
    "新製品の{goods}をご紹介いたします。詳しくは資料をご覧ください。",
    "お申し込みいただいたローンの審査の結果、ご希望に沿いかねる結果となりました。",
    "会員登録が完了しました。心当たりのない場合は破棄してください。",
    "パスワードの再設定を受け付けました。24時間以内にお手続きください。",
    "このたび人事異動により担当が変わることとなりました。今後のご健勝とご活躍をお祈り申し上げます。",
    "ご応募ありがとうございます。書類選考の結果は10日以内にご連絡いたします。",
    "面接の日程は{day}の10時でお願いいたします。当日は履歴書をお持ちください。",
    "面接の候補日ですが、{day}はご希望に添えません。別の日をお知らせください。",
    "選考の結果、二次面接にお進みいただくこととなりました。{day}のご都合はいかがでしょうか。",
    "厳正なる選考の結果、採用とさせていただくこととなりました。入社日は4月1日です。",
    "選考辞退のご連絡、承知いたしました。今後のご活躍をお祈り申し上げます。",
    "応募フォームの不具合により、書類が届いておりません。お手数ですが再送をお願いいたします。",
    "ご紹介いただいた候補者の方ですが、今回は採用に至りませんでした。引き続きご紹介ください。",
    "{goods}の入札につきましては、貴社は選外となりました。",
    "原稿を拝見しましたが、今号への掲載は見送らせていただきます。",
    "有給休暇の申請は、{day}は人手が足りないため承認できませんでした。",
    "お問い合わせの機能は、現時点では対応しておりません。ご要望として承ります。",
    "契約の更新は行わないこととなりました。長らくのご利用に感謝いたします。",
    "障害は{day}に復旧いたしました。ご迷惑をおかけし申し訳ございませんでした。",
    "取材のお申し出ですが、あいにくお受けすることができません。",
    "採用管理システムの無料トライアルは{day}で終了いたします。",
    "今月のメールマガジンでは、不採用通知の書き方を特集しています。",
    "{name}様よりお預かりした書類は、{day}に返送いたしました。",
    "年末年始の営業についてお知らせいたします。{day}は休業とさせていただきます。",
    "工場見学のお申し込みは締め切りました。またの機会をお待ちしております。",
    "求人広告の掲載期間が{day}で終了いたします。継続される場合はご連絡ください。",
    "適性検査の受検期限は{day}です。期限を過ぎると選考に進めません。",
    "会議室の予約が重なり、{day}はお使いいただけません。",
)
JA_ENDS = (
    "よろしくお願いいたします。",
    "ご不明な点がございましたらお気軽にお問い合わせください。",
    "今後ともよろしくお願い申し上げます。",
    "取り急ぎご連絡まで。",
    "貴社のますますのご発展をお祈り申し上げます。",
    "末筆ながら皆様のご健康をお祈り申し上げます。",
)
JA_SUBJECTS = (
    "{goods}の件",
    "ご連絡",
    "Re: {day}の件",
    "お知らせ",
    "【ご確認】{goods}について",
    "お打ち合わせの件",
)

EN_OPENINGS = (
    "Dear {name},\nThank you for your message.",
    "Hi {name},\nHope you are well.",
    "Hello {name},\nThanks for getting in touch with us.",
    "Dear customer,\nThank you for your interest in our products.",
    "Hi {name},\nGreat to speak with you last week.",
)
EN_MATTERS = (
    "Please find attached our quotation for the {goods}.",
    "Unfortunately the {goods} is out of stock and we cannot deliver it before {day}.",
    "We regret that we are unable to accept returns of the {goods} after 30 days.",
    "After careful review we have decided not to go ahead with your proposal for the {goods}.",
    "Your order has shipped and will arrive by {day}.",
    "I'm sorry, I can't make the meeting on {day}. Could we move it?",
    "Your subscription could not be renewed because the card was declined.",
    "We won't be moving forward with the office move this year.",
    "The webinar is full, so we cannot offer you a place. We will run it again on {day}.",
    "Your invoice is overdue. Please pay by {day}.",
    "Thank you for your application. We will review it and contact you by {day}.",
    "We would like to invite you to an interview on {day} at 10:00.",
    "We are delighted to offer you the position. Your contract is attached.",
    "Thank you for letting us know that you have withdrawn. We wish you every success.",
    "The candidates you sent are not what we are looking for. Please send others.",
    "The grant committee did not select your project this time.",
    "Your abstract was not accepted for the conference.",
    "We have chosen another supplier for the {goods}.",
    "The feature you asked for is not planned. We know this is not the answer you hoped for.",
    "Unfortunately your claim was rejected because the policy had expired.",
    "The meeting room has been given to another team on {day}.",
    "We are closed on {day} and will be in touch the day after.",
    "Our newsletter this month: how to cope when you are not selected for a job.",
    "The speaker has cancelled, so the talk on {day} will not take place.",
    "We could not deliver your parcel because nobody was at home.",
    "Your leave request for {day} was declined because two colleagues are away.",
    "The contract for the {goods} will not be renewed. Thank you for your work.",
    "Please ignore my last message; it was meant for somebody else.",
    "Your password was not changed because the link had expired.",
    "We decided against the blue version and went with the other one.",
)
EN_ENDS = (
    "Best regards",
    "Please let us know if you have any questions.",
    "Wishing you all the best",
    "Thank you for your understanding.",
    "Kind regards",
)
EN_SUBJECTS = ("{goods}", "Re: your message", "Update", "{day}", "Your request", "Quick note")
_EN_DAY = ("Tuesday", "12 March", "Friday", "next Wednesday")
_EN_GOODS = ("air purifier", "accounting software", "microphone", "printer", "training package")
_EN_NAME = ("Alice", "Mr Brown", "Priya", "Tom", "Ms Schmidt")


def ordinary_mails(count: int, seed: int = 20261121) -> Iterator[Labelled]:
    """Yield `count` mails, the same ones for the same seed; two matters stand in every third."""
    choice = random.Random(seed)
    for number in range(count):
        yield _japanese(choice, number) if number % 3 else _english(choice, number)


def _japanese(choice: random.Random, number: int) -> Labelled:
    def one(variants: tuple[str, ...]) -> str:
        return choice.choice(variants).format(
            name=choice.choice(_NAME), goods=choice.choice(_GOODS), day=choice.choice(_DAY)
        )

    matters = [one(JA_MATTERS) for _ in range(choice.choice((1, 1, 2)))]
    body = "\n".join((one(JA_OPENINGS), *matters, one(JA_ENDS)))
    return _mail(choice, number, "ja", one(JA_SUBJECTS), body)


def _english(choice: random.Random, number: int) -> Labelled:
    def one(variants: tuple[str, ...]) -> str:
        return choice.choice(variants).format(
            name=choice.choice(_EN_NAME), goods=choice.choice(_EN_GOODS), day=choice.choice(_EN_DAY)
        )

    matters = [one(EN_MATTERS) for _ in range(choice.choice((1, 1, 2)))]
    body = "\n\n".join((one(EN_OPENINGS), *matters, one(EN_ENDS)))
    return _mail(choice, number, "en", one(EN_SUBJECTS), body)


def _mail(choice: random.Random, number: int, language: str, subject: str, body: str) -> Labelled:
    return Labelled(
        id=f"ordinary-{number:05d}",
        label="other",
        kind="ordinary",
        language=language,
        sender=f"{choice.choice(SENDERS)}@kanado.example",
        to="customer@example.com",
        subject=subject,
        body=body,
    )
