"""The words of the pages on members and webhooks, Japanese and English side by side."""

MEMBER_LABELS: dict[str, tuple[str, str]] = {
    "members": ("通知先", "Members"),
    "members-help": (
        "通知のメールを受け取る方です。お一人ずつ、言語と受け取る通知を選べます。",
        "Who gets notifications by mail. Each has a language and chooses what to be told.",
    ),
    "member-none": ("登録されていません。", "None."),
    "member-add": ("追加する", "Add"),
    "member-change": ("変更する", "Change"),
    "member-remove": ("外す", "Remove"),
    "member-address": ("メールアドレス", "Address"),
    "member-events": ("受け取る通知", "Told of"),
    "member-refused": (
        (
            "変更できません。メールアドレスの形式でないか、すでに登録されています。"
            "登録できるのは50件までです。"
        ),
        "Not changed: that is no address, or a member has it already; fifty are the most.",
    ),
    "contact-help": (
        "候補者に案内する連絡先です。この連絡先で通知を受け取っている方の宛先も変わります。",
        "Whom candidates may ask. The member who has this address moves along.",
    ),
    "japanese": ("日本語", "Japanese"),
    "english": ("英語", "English"),
    "digest": ("レポート", "Reports"),
    "digest-both": ("週次と月次", "weekly and monthly"),
    "digest-weekly": ("週次", "weekly"),
    "digest-monthly": ("月次", "monthly"),
    "digest-none": ("受け取らない", "none"),
    "webhook-help": (
        "貴社のプログラムに出来事を知らせます。署名はStandard Webhooksの方式です。",
        "The company's programs hear of events, signed as Standard Webhooks has it.",
    ),
    "webhook-add": ("追加する", "Add"),
    "webhook-change": ("変更する", "Change"),
    "webhook-rotate": ("秘密鍵を更新する", "New secret"),
    "webhook-enable": ("再開する", "Enable"),
    "webhook-remove": ("削除する", "Remove"),
    "webhook-all": ("すべて", "everything"),
    "webhook-some": ("次のものだけ", "only these"),
    "webhook-events": ("知らせる出来事", "Told of"),
    "webhook-secret": (
        "秘密鍵です。この画面にしか表示されません。更新した場合、24時間は以前の鍵でも署名します。",
        "The secret, shown only now. After a change the old one signs too for 24 hours.",
    ),
    "webhook-refused": (
        "追加できません。httpsの公開アドレスを入力してください。登録できるのは10件までです。",
        "Not added: an https address of the open internet is wanted, and ten are the most.",
    ),
}
