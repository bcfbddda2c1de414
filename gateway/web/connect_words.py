"""The words of the pages on connecting and on the brake, Japanese and English side by side."""

CONNECT_LABELS: dict[str, tuple[str, str]] = {
    "connect": ("メールサーバーの接続", "Connect a mail server"),
    "connect-help": (
        (
            "送信元のメールシステムを選ぶと、この企業の値を入れた設定手順を表示します。"
            "パスワードはここには保存されていないため、PASSWORDの部分をご自身で置き換えてください。"
        ),
        (
            "Choose what sends the company's mail: the steps are filled in with its values. The "
            "password is not kept here: put it in the place of PASSWORD."
        ),
    ),
    "connect-relay": (
        "貴社のメールサーバーから見た、この中継の宛先(ホスト名:ポート)",
        "The relay as the company's mail server reaches it (host:port)",
    ),
    "connect-wrong": (
        "ホスト名:ポート の形で入力してください。例: relay.example.jp:587",
        "Type host:port, for example relay.example.jp:587",
    ),
    "connect-typed": (
        "この宛先は入力された値です。中継の設定にある値は次のとおりです:",
        "This address was typed in. The relay's own settings say:",
    ),
    "connect-untried": (
        "この手順は実際の環境で試していません。入力する前に、提供元の説明と照らし合わせてください。",
        (
            "These steps were not tried with the real thing: compare them with the vendor's pages "
            "before you type anything."
        ),
    ),
    "connect-exchange-online": ("Exchange Online", "Exchange Online"),
    "connect-generic": ("その他のメールサーバー", "Any other mail server"),
    "connect-google": ("Google Workspace", "Google Workspace"),
    "connect-postfix": ("Postfix", "Postfix"),
    "connect-ses": ("Amazon SES", "Amazon SES"),
    "connect-steps": ("設定手順(英語)", "What to type"),
    "connect-after": (
        "設定後は、次のコマンドで経路を確認し、試験メールを1通送ってください。",
        "Afterwards look at the whole way, and send a test mail, with:",
    ),
    "brake-page": ("ブレーキ", "Brake"),
    "brake-help": (
        (
            "短時間に多数の不採用通知が送られたときなどに、不採用通知だけを保留します。保留中のメールは、"
            "貴社の送信サーバーに残り、再送のたびに確認されます。ほかのメールは通常どおり送信されます。"
        ),
        (
            "Holds rejection mails when, for example, too many go out at once. What is held stays "
            "in the company's own mail server and is tried again; all other mail flows."
        ),
    ),
    "brake-per-minute": ("1分あたりの上限", "Rejections a minute at most"),
    "brake-same": ("同じ候補者への間隔(分)", "Minutes before one candidate gets another"),
    "brake-off": ("なし", "off"),
    "brake-state": ("現在の状態", "Now"),
    "brake-free": ("保留していません", "nothing is held"),
    "brake-pulled": ("不採用通知を保留しています", "rejection mails are held"),
    "brake-since": ("保留開始", "Since"),
    "brake-cause": ("原因", "Cause"),
    "brake-held": ("保留中のメール", "Mails that wait"),
    "brake-reason": ("理由(記録に残ります)", "Reason (it is written down)"),
    "brake-no-reason": ("理由を入力してください。", "Please give a reason."),
    "brake-release": ("送信を許可する", "Let them go"),
    "brake-refuse": ("送信を拒否する", "Refuse them"),
    "brake-release-means": (
        "許可すると、次の再送のときに届きます。",
        "Let go, they leave when the mail server tries them again.",
    ),
    "brake-refuse-means": (
        "拒否すると、次の再送のときに差出人へ戻ります(550)。取り消せません。",
        "Refused, they go back to their senders (550) when tried again; this cannot be undone.",
    ),
    "brake-stopped": ("保留した試行の記録", "What was stopped, each attempt"),
}
