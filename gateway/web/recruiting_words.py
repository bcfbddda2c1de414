"""The words of the page on recruiting senders and courtesy, Japanese and English side by side."""

from gateway.web.pair import Pair

RECRUITING_LABELS: dict[str, Pair] = {
    "recruiting": Pair("送信者と文面の確認", "Senders and courtesy"),
    "recruiting-help": Pair(
        "不採用通知を送る送信者を、1行に1つずつご記入ください。アドレス(saiyo@example.co.jp)、"
        "ドメイン(jobs.example.co.jp)、またはヘッダー(X-Mailer: HERP)です。"
        "ほかの送信者のメールは判定しません。変更は2秒以内に反映されます。",
        "Who sends rejection mails, one a line: an address (jobs@example.com), a domain with its "
        "subdomains (jobs.example.com) or a header field (X-Mailer: HERP). Mails of nobody else "
        "are judged. Effective within two seconds.",
    ),
    "recruiting-nobody": Pair(
        "まだ指定されていないため、貴社のドメインのすべてのアドレスのメールを判定しています。",
        "Nobody is named yet: mails of every address at the company's domains are judged.",
    ),
    "recruiting-everybody": Pair(
        "貴社のドメインのすべての送信者とする", "Everybody at the company's domains"
    ),
    "recruiting-save": Pair("保存する", "Save"),
    "recruiting-wrong": Pair(
        "保存していません。貴社のドメインのアドレスまたはドメイン、またはヘッダー(名前: 値)を"
        "1つ以上、もしくはすべての送信者のどちらか一方をご指定ください。",
        "Not saved. Name at least one address or domain of the company, or a header field "
        "(NAME: VALUE); or choose everybody, not both.",
    ),
    "courtesy": Pair("文面の確認", "Courtesy check"),
    "courtesy-help": Pair(
        "不採用通知と判定したメールに次の問題が見つかったときの対応です。「送信しない」を選ぶと、"
        "観察モードでもメールは候補者に届かず、送信者にエラー(550)が返ります。",
        "What follows when this is found in a mail that is a rejection. A refused mail does not "
        "go, not even in observe mode: its sender gets the error 550.",
    ),
    "courtesy-finding": Pair("問題", "Found"),
    "courtesy-reaction": Pair("対応", "What follows"),
    "courtesy-log": Pair("記録のみ", "log it"),
    "courtesy-notify": Pair("通知する", "tell the company"),
    "courtesy-refuse": Pair("送信しない(550)", "refuse the mail (550)"),
}
