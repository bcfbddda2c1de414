"""The words of the page on reviews, Japanese and English side by side."""


def _both(ja: str, en: str) -> tuple[str, str]:
    """Return the pair: the same thing in both languages."""
    return ja, en


REVIEW_LABELS: dict[str, tuple[str, str]] = {
    "review": _both("判定の確認", "Review"),
    "review-help": _both(
        "不採用通知、またはその可能性があると判定したメールです。メールの内容は保存していないため、"
        "日時と宛先をもとに、送信済みメールと照らし合わせてご確認ください。",
        "Mails that were taken for rejections, or may be such. Their text is not kept: compare "
        "time and recipient with your own sent mail.",
    ),
    "review-in-a-row": _both("続けて正しかった判定", "Confirmed in a row"),
    "review-needed": _both("記載モードに必要な数", "Needed for inject mode"),
    "review-wrong": _both("誤っていた判定", "Wrong so far"),
    "review-offset": _both("判定基準の引き上げ(点)", "Threshold raised by (points)"),
    "review-count": _both("確認待ち", "Waiting"),
    "review-action": _both("処理", "What was done"),
    "review-answer": _both("回答", "Answer"),
    "review-yes": _both("不採用通知である", "Rejection mail"),
    "review-no": _both("不採用通知ではない", "Not a rejection"),
    "review-no-withdraw": _both(
        "不採用通知ではない(紹介を取り消し、観察モードに戻す)",
        "Not a rejection: take the referral back, stop adding links",
    ),
    "review-none": _both("確認待ちのメールはありません。", "No mail waits for review."),
    "review-answers": _both("最近の回答", "Recent answers"),
    "review-change": _both("回答の変更", "Change it"),
    "review-withdrawn": _both(
        "誤って記載したリンクの紹介を取り消し、観察モードに戻しました。番号:",
        "A link went into a mail that was no rejection. The company is in observe mode, and its "
        "referral was taken back. Number:",
    ),
    "review-few": _both(
        "まだ十分な数の判定が確認されていません。先に判定をご確認いただくことをお勧めします。",
        "Too few verdicts have been confirmed yet. Please look at them first.",
    ),
    "review-skip": _both(
        "確認を待たずに記載モードに切り替える",
        "Switch to inject mode without more reviews",
    ),
}
