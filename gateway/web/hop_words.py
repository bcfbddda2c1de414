"""The words for how a company's next hop is spoken to, Japanese and English side by side."""

HOP_LABELS: dict[str, tuple[str, str]] = {
    "hop-fallbacks": ("予備の中継先", "Other next hops"),
    "hop-tls": ("中継先へのTLS", "TLS to the next hop"),
    "hop-login": ("中継先へのログイン", "Login at the next hop"),
    "hop-certificate": ("クライアント証明書", "Client certificate"),
    "hop-limits": ("接続の上限", "Limits of connections"),
    "hop-eight-bit": ("8ビットのメール", "8-bit mail"),
    "hop-tls-none": ("使用しない", "never"),
    "hop-tls-opportunistic": ("対応していれば使用", "where it is offered"),
    "hop-tls-verify": ("必須(証明書を検証)", "always, with a certificate that is verified"),
    "hop-tls-pinned": ("必須(指定の認証局のみ)", "always, by the company's own authority alone"),
    "hop-implicit": ("接続時から暗号化", "from the first byte"),
    "hop-limits-are": (
        "同時接続 {connections}本、未使用 {seconds}秒または {mails}通で切断",
        "{connections} connections, closed after {seconds} s unused or {mails} mails",
    ),
    "hop-eight-bit-send": ("そのまま送信", "sent as it is"),
    "hop-eight-bit-refuse": ("対応していなければ送信しない", "refused where it is not taken"),
    "hop-set": ("あり", "set"),
    "hop-unset": ("なし", "none"),
    "hop-outages": ("中継先の不調", "Outages of next hops"),
    "hop-failing": (
        "メールを受け付けていない中継先があります",
        "A next hop takes no mail",
    ),
    "hop-host": ("中継先", "Next hop"),
    "hop-began": ("開始", "Since"),
    "hop-ended": ("復旧", "Until"),
    "hop-last-failed": ("直近の失敗", "Last failure"),
    "hop-failures": ("失敗したメール数", "Mails not taken"),
    "hop-cause": ("直近の結果", "Last answer"),
}
