"""The words of the page on a company's own link block, Japanese and English side by side."""

from gateway.web.pair import Pair

BLOCK_LABELS: dict[str, Pair] = {
    "block": Pair("案内文", "Link block"),
    "block-edit": Pair("案内文を編集する", "Edit the link block"),
    "block-help": Pair(
        "不採用通知に記載する案内文です。言語ごとに、テキストとHTMLの両方を登録します。"
        "どちらを使うかは、メール本文の言語で決まります。保存後2秒以内に反映されます。",
        "What is put into rejection mails, as text and as HTML for each language; the language of "
        "the mail's own text decides which is used. Saved changes are in use within two seconds.",
    ),
    "block-ja": Pair("日本語の案内文", "Japanese block"),
    "block-en": Pair("英語の案内文", "English block"),
    "block-default": Pair("標準の案内文を使用しています。", "The default block is in use."),
    "block-own": Pair(
        "自社の案内文を使用しています。版:",
        "The company's own block is in use: version",
    ),
    "block-not-used": Pair(
        "保存されている案内文は現在の基準を満たさないため、標準の案内文を使用しています。"
        "下の指摘をご確認のうえ、保存し直してください。",
        "The saved block does not pass today's checks, so the default one is in use. Mend what is "
        "said below and save again.",
    ),
    "block-fields": Pair(
        "使用できる差し込み欄: {{ company }} 企業名、{{ contact }} 連絡先、{{ link }} 候補者ごとの"
        "リンク、{{ voluntary_notice }} 任意であることの説明、{{ stop_notice }} 停止方法の説明。"
        "いずれも、テキストとHTMLの両方に必要です。",
        "Placeholders: {{ company }} name, {{ contact }} contact address, {{ link }} the "
        "candidate's link, {{ voluntary_notice }} that it is voluntary, {{ stop_notice }} how to "
        "stop. Each is needed in both text and HTML.",
    ),
    "block-limits": Pair(
        "テキストは4行まで(リンクの行を含みます)、1行は全角34文字までです。",
        "Text: at most 4 lines, the link's included, of at most 68 characters.",
    ),
    "in-use": Pair("現在の案内文", "The block in use"),
    "preview": Pair("プレビュー", "Preview"),
    "preview-unsaved": Pair(
        "まだ保存していません。この内容でよろしければ、保存してください。",
        "Not saved yet. Save it if this is what you want.",
    ),
    "save": Pair("保存する", "Save"),
    "reset": Pair("標準に戻す", "Back to the default"),
    "problems": Pair("保存できません。次の点を修正してください。", "Not saved. Please mend this."),
    "versions": Pair("保存した版", "Saved versions"),
    "version": Pair("版", "Version"),
    "to-default": Pair("標準に戻す", "back to the default"),
    "no-versions": Pair("まだ保存されていません。", "Nothing was saved yet."),
    "back": Pair("戻る", "Back"),
}
