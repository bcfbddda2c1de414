"""Texts that the ledger keeps in English, said in Japanese: who did it, what changed, what failed.

The database keeps one wording, which the command line shows and which no later version rewrites;
a reader of Japanese pages gets these words. What is not known here is shown as it is kept.
"""

import re
from collections.abc import Mapping

from gateway.core.findings import Finding, Reaction
from gateway.core.rules.labels_ja import LABELS_JA
from gateway.web.recruiting_words import RECRUITING_LABELS

_CREDENTIALS = {"password": "パスワード", "header": "ヘッダーの秘密鍵", "api": "APIトークン"}

ACTORS: Mapping[str, str] = {
    "admin \\(web\\)": "管理画面",
    "command line": "コマンド",
    "doctor \\(command line\\)": "doctorコマンド",
    "the relay": "中継システム",
    "settle": "自動計算",
    "expiry": "期限切れの自動処理",
    "bounce report": "不達通知",
    "unsubscribe link": "停止リンク",
    "demo": "デモ",
    "api token (\\d+)": "APIトークン {0}",
}
"""Who did it: patterns, and what they mean; {0} is what the first group holds."""

THINGS: Mapping[str, str] = {
    "mode": "動作モード",
    "senders": "採用連絡の送信者",
    "contact": "候補者向けの連絡先",
    "next_hop": "次の中継先",
    "dkim": "DKIM署名",
    "access": "接続元の証明",
    "brake": "ブレーキの上限",
    "brake_pulled": "ブレーキ",
    "courtesy": "文面の確認",
    "domain_proof": "ドメインの所有確認",
    "foreign_from": "他社ドメインのFrom",
    "letter": "登録済みの不採用通知",
    "offset": "判定基準",
    "retention": "記録の保存日数",
    "review": "判定の確認",
    "judging": "判定の調整",
    "false injection": "誤って記載したリンク",
    "hop_fallbacks": "予備の中継先",
    "hop_tls": "中継先へのTLS",
    "hop_login": "中継先へのログイン",
    "hop_password": "中継先のパスワード",
    "hop_authority": "中継先の認証局",
    "hop_certificate": "クライアント証明書",
    "hop_client_certificate": "クライアント証明書",
    "hop_limits": "接続の上限",
    "hop_eight_bit": "8ビットのメール",
    "member (\\d+)": "通知先 {0}",
    "webhook (\\d+)": "Webhook {0}",
    **{f"credential (\\d+) \\({kind}\\)": f"{ja} {{0}}" for kind, ja in _CREDENTIALS.items()},
}
"""What of a company was changed."""

CAUSES: Mapping[str, str] = {
    "more than (\\d+) rejections within a minute": "1分間に{0}通を超える不採用通知",
    "more than (\\d+) rejections within a minute, refused ones among them": (
        "1分間に{0}通を超える不採用通知(拒否したものを含む)"
    ),
    "one candidate twice within (\\d+) minutes": "同じ候補者に{0}分以内に2通目",
}
"""Why a brake was pulled."""

DECISIONS: Mapping[str, str] = {
    "duplicate": "期間内に加算済みの候補者",
    "voided": "加算前に取り消し",
    "until-opened": "案内ページの「次へ進む」待ち",
    "until-registered": "登録待ち",
    "hold-hours": "保留期間中",
    "burst": "急増のため確認待ち",
}
"""Why a referral is held or not counted: words of the program alone."""

CORRECTIONS: Mapping[str, str] = {
    "not a rejection mail, says a person who looked": "不採用通知ではないとの回答",
    "bounced(?: (\\S+))?": "不達 {0}",
}
"""Why a referral was taken back, where nobody said it in words of their own."""


def _reaction(finding: Finding, reaction: Reaction) -> str:
    return f"{LABELS_JA[f'courtesy.{finding}']}: {RECRUITING_LABELS[f'courtesy-{reaction}'].ja}"


VALUES: Mapping[str, str] = {
    **CAUSES,
    "observe": "観察モード",
    "inject": "記載モード",
    "removed": "削除",
    "enabled": "有効",
    "added": "追加",
    "valid": "有効",
    "revoked": "失効",
    "gone": "停止(410の応答)",
    "secret": "秘密鍵",
    "yes": "あり",
    "pass": "元のまま送信",
    "refuse": "送信しない(550)",
    "an older one": "以前のもの",
    "a new one": "新しいもの",
    "(\\d+) of (\\d+) confirmed": "{1}件中{0}件を確認済み",
    "inject mode without more": "確認を待たずに記載モード",
    "until (.+) UTC": "{0}(UTC)まで",
    "new secret; the old one until (.+) UTC": "新しい秘密鍵(以前の鍵は{0}(UTC)まで)",
    "no\\. (\\d+)": "第{0}号",
    "no\\. (\\d+) registered": "第{0}号を登録",
    "(https?://\\S+): everything": "{0}: すべて",
    "without (.*)": "受け取らない通知: {0}",
    "mail (\\S+)": "メール {0}",
    "mail (\\S+): a rejection": "メール {0}: 不採用通知である",
    "mail (\\S+): no rejection": "メール {0}: 不採用通知ではない",
    "mail (\\S+): no-link for its sender and subject": (
        "メール {0}: 同じ送信者と件名にはリンクを記載しない"
    ),
    "mail (\\S+): eased for its sender and subject": (
        "メール {0}: 同じ送信者と件名の判定基準を下げる"
    ),
    **{f"{one} {what}": _reaction(one, what) for one in Finding for what in Reaction},
    "held mails released(?:: (.*))?": "保留中のメールの送信を許可 {0}",
    "held mails refused(?:: (.*))?": "保留中のメールの送信を拒否 {0}",
    "(\\d+) a minute, one candidate again after (\\d+) minutes": (
        "1分あたり{0}通、同じ候補者への間隔{1}分"
    ),
    "(\\S+) dns": "{0} DNSで確認",
    "(\\S+) vouched": "{0} 運用者が確認",
    "(\\S+) lost": "{0} 確認できなくなりました",
    "(\\d+) connections, closed after (\\d+) s unused or (\\d+) mails": (
        "接続{0}本、未使用{1}秒または{2}通で切断"
    ),
}
"""What stood there before a change, and after it."""

ANSWERS: Mapping[str, str] = {
    "connection refused": "接続を拒否されました",
    "timed out|TimeoutError": "時間切れ",
    "connection closed": "接続が切れました",
    "out of step|not a reply|it said what nobody asked for": "SMTPの応答として正しくありません",
    "it answered before the mail's end": "メールを送り終える前に応答しました",
    "it said 421": "421の応答で切断されました",
    "it greets with (\\d+)": "接続時の応答が{0}でした",
    "it answers EHLO with (\\d+)": "EHLOへの応答が{0}でした",
    "it does not offer STARTTLS, which the company's settings ask": (
        "設定で必要なSTARTTLSに対応していません"
    ),
    "STARTTLS refused \\((\\d+)\\)": "STARTTLSを拒否されました({0})",
    "something was slipped in before TLS": "TLSの開始前に不正なデータがありました",
    "TLS failed: (.+)": "TLSに失敗しました: {0}",
    "its certificate is not accepted: (.+)": "証明書を受け入れられません: {0}",
    "no login: a password is not sent without TLS": "TLSなしではパスワードを送りません",
    "no login: it offers neither AUTH PLAIN nor LOGIN": (
        "AUTH PLAIN、LOGINのどちらにも対応していません"
    ),
    "login refused \\((\\d+)\\)": "ログインを拒否されました({0})",
    "RSET refused": "RSETを拒否されました",
    "settings not usable": "設定が使用できません",
    "no answer before the sender gave up": "送信元が待つ間に応答がありませんでした",
    "(\\d+) to the message": "本文への応答が{0}でした",
    "(\\d+) to (\\S+)": "{1}への応答が{0}でした",
    "the server says (\\d+)": "サーバーの応答が{0}でした",
    "no next hop takes a connection": "どの中継先にも接続できません",
    "address not public": "公開されていないアドレスです",
    "too large": "大きすぎます",
    "removed": "通知先から外れました",
    "disabled": "停止中です",
    "ConnectionRefusedError": "接続を拒否されました",
    "its name is not found|gaierror": "ホスト名が見つかりません",
    "SSLCertVerificationError": "証明書を受け入れられません",
}
"""What a next hop, a mail server or a webhook came to."""


TABLES: Mapping[str, Mapping[str, str]] = {
    "actor": ACTORS,
    "thing": THINGS,
    "cause": CAUSES,
    "decision": DECISIONS,
    "correction": CORRECTIONS,
    "value": VALUES,
    "answer": ANSWERS,
}
"""The tables by the names that templates use."""


def in_japanese(text: str, table: Mapping[str, str]) -> str:
    """Return what `text` means by `table`; as it is where the table does not know it."""
    for pattern, words in table.items():
        found = re.fullmatch(pattern, text)
        if found is not None:
            return words.format(*(group or "" for group in found.groups())).strip()
    return text
