"""What a page says after a form did its work, Japanese and English side by side."""

from gateway.web.pair import Pair

SAID_LABELS: dict[str, Pair] = {
    "said-to-inject": Pair("記載モードに切り替えました。", "Switched to inject mode."),
    "said-to-observe": Pair("観察モードに切り替えました。", "Switched to observe mode."),
    "said-block-saved": Pair("案内文を保存しました。", "The link block is saved."),
    "said-block-reset": Pair(
        "案内文を標準に戻しました。", "The default link block is in use again."
    ),
    "said-block-taken": Pair(
        "同時に別の変更が保存されたため、この変更は保存していません。現在の内容をご確認ください。",
        "Not saved: somebody else saved at the same moment. This is what holds now.",
    ),
    "said-letter-added": Pair("文面を登録しました。", "The letter is registered."),
    "said-letter-removed": Pair("文面を削除しました。", "The letter is removed."),
    "said-senders": Pair("採用連絡の送信者を保存しました。", "The recruiting senders are saved."),
    "said-courtesy": Pair(
        "文面の確認の設定を保存しました。", "The reactions of the courtesy check are saved."
    ),
    "said-reviewed": Pair("回答を記録しました。", "The answer is written down."),
    "said-voided": Pair("紹介を取り消しました。", "The referral was taken back."),
    "said-released": Pair(
        "保留中のメールの送信を許可しました。", "The held mails may go: the brake is released."
    ),
    "said-refused": Pair("保留中のメールの送信を拒否しました。", "The held mails are refused."),
    "said-brake-changed": Pair(
        "表示後にブレーキの状態が変わったため、何もしていません。現在の状態をご確認ください。",
        "Nothing was done: the brake has changed since the page was shown. This is how it is now.",
    ),
    "said-retried": Pair(
        "計算できなかった紹介は、まもなく再試行されます。",
        "The referrals that failed are tried again shortly.",
    ),
    "said-resent": Pair("通知を再送します。", "The notification is sent again."),
    "said-parked": Pair("通知の送信を中止しました。", "The notification is given up."),
    "said-member-added": Pair("通知先を追加しました。", "The member is added."),
    "said-member-changed": Pair("通知先の設定を保存しました。", "The member's choices are saved."),
    "said-member-removed": Pair("通知先を外しました。", "The member is removed."),
    "said-contact": Pair(
        "候補者向けの連絡先を保存しました。", "The contact for candidates is saved."
    ),
    "said-webhook-changed": Pair(
        "Webhookの知らせる出来事を保存しました。", "What the webhook is told of is saved."
    ),
    "said-webhook-enabled": Pair("Webhookを再開しました。", "The webhook is enabled."),
    "said-webhook-removed": Pair("Webhookを削除しました。", "The webhook is removed."),
}
