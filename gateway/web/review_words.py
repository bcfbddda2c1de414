"""The words of the page on reviews, Japanese and English side by side."""

from gateway.web.pair import Pair

REVIEW_LABELS: dict[str, Pair] = {
    "review": Pair("判定の確認", "Review"),
    "review-help": Pair(
        "不採用通知、またはその可能性があると判定したメールです。メールの内容は保存していないため、"
        "日時と宛先をもとに、送信済みメールと照らし合わせてご確認ください。",
        "Mails that were taken for rejections, or may be such. Their text is not kept: compare "
        "time and recipient with your own sent mail.",
    ),
    "review-in-a-row": Pair("続けて正しかった判定", "Confirmed in a row"),
    "review-needed": Pair("記載モードに必要な数", "Needed for inject mode"),
    "review-wrong": Pair("誤っていた判定", "Wrong so far"),
    "review-offset": Pair("判定基準の引き上げ(点)", "Threshold raised by (points)"),
    "review-count": Pair("確認待ち", "Waiting"),
    "review-action": Pair("処理", "What was done"),
    "review-answer": Pair("回答", "Answer"),
    "review-yes": Pair("不採用通知である", "Rejection mail"),
    "review-no": Pair("不採用通知ではない", "Not a rejection"),
    "review-no-withdraw": Pair(
        "不採用通知ではない(紹介を取り消し、観察モードに戻す)",
        "Not a rejection: take the referral back, stop adding links",
    ),
    "review-none": Pair("確認待ちのメールはありません。", "No mail waits for review."),
    "review-answers": Pair("最近の回答", "Recent answers"),
    "review-change": Pair("回答の変更", "Change it"),
    "review-withdrawn": Pair(
        "誤って記載したリンクの紹介を取り消し、観察モードに戻しました。番号:",
        "A link went into a mail that was no rejection. The company is in observe mode, and its "
        "referral was taken back. Number:",
    ),
    "review-rule-no-link": Pair(
        "今後、同じ送信者と件名のメールにはリンクを記載しません。回答を変更すると元に戻ります。",
        "Mails of this sender and subject get no link from now on. Changing the answer ends that.",
    ),
    "review-rule-eased": Pair(
        "今後、同じ送信者と件名で、同じ文面の特徴があるメールは、不採用通知と判定されやすくなります。",
        "Mails of this sender and subject that refuse in the same way need a point less from now "
        "on.",
    ),
    "review-letter": Pair("文面", "Letter"),
    "review-remember": Pair("この文面を登録する", "Remember this letter"),
    "review-remember-help": Pair(
        "不採用通知と回答されたメールの文面は、登録することができます。文面そのものではなく、語句の鍵付き"
        "ハッシュだけが、30日以内の新しいメールについて残っています。",
        "The letter of a mail that was called a rejection can be registered. Not its text, only "
        "keyed hashes of its phrases are kept, of new mails and for 30 days.",
    ),
    "review-known-letter": Pair("登録済み 第{number}号", "registered: no. {number}"),
    "review-remembered": Pair(
        "文面を登録しました。第{number}号",
        "The letter is registered as no. {number}.",
    ),
    "review-like": Pair(
        "ほぼ同じ文面がすでに登録されています。第{number}号",
        "Nearly the same letter is registered already: no. {number}.",
    ),
    "review-few": Pair(
        "まだ十分な数の判定が確認されていません。先に判定をご確認いただくことをお勧めします。",
        "Too few verdicts have been confirmed yet. Please look at them first.",
    ),
    "review-skip": Pair(
        "確認を待たずに記載モードに切り替える",
        "Switch to inject mode without more reviews",
    ),
}
