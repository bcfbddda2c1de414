"""The words for how a company's next hop is spoken to, Japanese and English side by side."""

HOP_LABELS: dict[str, tuple[str, str]] = {
    "hop-fallbacks": ("予備の中継先", "Other next hops"),
    "hop-tls": ("中継先へのTLS", "TLS to the next hop"),
    "hop-login": ("中継先へのログイン", "Login at the next hop"),
    "hop-certificate": ("クライアント証明書", "Client certificate"),
    "hop-limits": ("接続の上限", "Limits of connections"),
    "hop-eight-bit": ("8ビットのメール", "8-bit mail"),
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
