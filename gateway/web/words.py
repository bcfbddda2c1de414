"""Every reason and label of the admin pages in words, Japanese and English side by side."""

from gateway.core.account import Kind, SlotUse
from gateway.core.company import Language, Mode
from gateway.core.rules.spoken import spoken_label
from gateway.core.verdict import Evidence, Verdict
from gateway.core.why import Action, Why
from gateway.store.outbox import NotificationState
from gateway.store.referrals import ReferralState
from gateway.web.block_words import BLOCK_LABELS
from gateway.web.connect_words import CONNECT_LABELS
from gateway.web.hop_words import HOP_LABELS
from gateway.web.kept_words import TABLES, in_japanese
from gateway.web.ledger_words import KIND_WORDS, LEDGER_LABELS, USE_WORDS
from gateway.web.letter_words import LETTER_LABELS
from gateway.web.member_words import MEMBER_LABELS
from gateway.web.pair import Pair
from gateway.web.queue_words import QUEUE_LABELS
from gateway.web.recruiting_words import RECRUITING_LABELS
from gateway.web.review_words import REVIEW_LABELS
from gateway.web.said_words import SAID_LABELS

WHY: dict[Why, Pair] = {
    Why.LINK_ADDED: Pair(
        "不採用通知と判定し、リンクを記載しました",
        "Recognised as a rejection mail; the link was put in",
    ),
    Why.OBSERVED: Pair(
        "不採用通知と判定しました(観察モードのため、何も変更していません)",
        "Recognised as a rejection mail; observe mode, so nothing was changed",
    ),
    Why.NULL_SENDER: Pair(
        "送信者が空の通知メール(不達通知など)です", "A bounce or report: its sender is empty"
    ),
    Why.NOT_A_RECRUITING_SENDER: Pair(
        "採用連絡の送信者として登録されていません",
        "The sender is not registered for recruiting mail",
    ),
    Why.FOREIGN_FROM: Pair(
        "差出人(From)のドメインが、登録された自社ドメインではありません",
        "From is not of the company's domains",
    ),
    Why.UNPROVEN_DOMAIN: Pair(
        "送信ドメインの所有がまだ確認されていません",
        "Nobody has proven yet that the sender's domain is the company's",
    ),
    Why.BRAKED: Pair(
        "大量誤送信防止のブレーキで保留、または管理者が拒否しました",
        "Held by the brake against mass mistakes, or refused by an administrator",
    ),
    Why.DISCOURTEOUS: Pair(
        "文面の確認により、送信を止めました(会社の設定)",
        "Not sent: the company refuses mails with what was found in this one",
    ),
    Why.ODD_FROM: Pair(
        "差出人(From)の読み方が一つに決まりません",
        "From can be read in more than one way",
    ),
    Why.NO_OUTSIDE_RECIPIENT: Pair("社外の宛先がありません", "No recipient outside the company"),
    Why.SEVERAL_VISIBLE_RECIPIENTS: Pair(
        "複数の社外宛先が互いに見える状態です(宛先の確認をお勧めします)",
        "Several outside recipients can see each other; check the recipients",
    ),
    Why.SEVERAL_CANDIDATES: Pair(
        "複数の候補者(Bcc)への1通のメールです(お一人ずつ別のメールにして送ります)",
        "One mail to several candidates (Bcc): it leaves as a copy for each",
    ),
    Why.TOO_MANY_CANDIDATES: Pair(
        "候補者の数が多すぎるメールです(1通から作れる数の上限を超えています)",
        "More candidates in one mail than copies are made for",
    ),
    Why.SENT_BEFORE: Pair(
        "前回の送信で届いています(二重には送りません)",
        "Left at an earlier attempt, so it was not sent again",
    ),
    Why.ROLE_RECIPIENT: Pair(
        "個人ではない宛先(info@、noreply@など)です",
        "The recipient is a role mailbox (info@, noreply@), not a person",
    ),
    Why.OPTED_OUT: Pair(
        "ご本人がご案内の停止を希望されています", "The candidate has asked for no such notices"
    ),
    Why.OVERRIDE_OFF: Pair(
        "貴社のシステムの指定(X-Career-Relay: off)により、元のまま送信しました",
        "The company's own system said off (X-Career-Relay: off)",
    ),
    Why.NOT_A_REJECTION: Pair("不採用通知ではありません", "Not a rejection mail"),
    Why.POSSIBLE_REJECTION: Pair(
        "不採用通知の可能性があります(確認待ち。何も変更していません)",
        "Possibly a rejection mail: passed unchanged and listed for review",
    ),
    Why.SIGNED: Pair(
        "電子署名があります(変更すると署名が壊れます)", "Signed: a change would break the signature"
    ),
    Why.ENCRYPTED: Pair("暗号化されています", "Encrypted"),
    Why.RIGHTS_MANAGED: Pair("権限管理(IRM)で保護されています", "Protected by rights management"),
    Why.SEALED: Pair("ARCの封印があります", "Sealed by ARC"),
    Why.CALENDAR: Pair("予定の招待です", "A calendar invitation"),
    Why.REPORT: Pair("配送・開封などの報告メールです", "A delivery or reading report"),
    Why.AUTO_REPLY: Pair("自動応答のメールです", "An automatic reply"),
    Why.MAILING_LIST: Pair("メーリングリストのメールです", "Mailing list mail"),
    Why.PARTIAL: Pair("分割送信されたメールの一部です", "One part of a split message"),
    Why.TNEF: Pair("Outlook独自形式(winmail.dat)です", "Outlook's own format (winmail.dat)"),
    Why.ATTACHED_MAIL: Pair(
        "本文が添付メール(転送)の中にあります", "The text is inside an attached mail"
    ),
    Why.NO_TEXT: Pair("変更できる本文がありません", "No text that could be changed"),
    Why.TOO_LARGE: Pair("大きすぎるため変更していません", "Too large to be changed"),
    Why.ODD_STRUCTURE: Pair(
        "構造が特殊で、表示がメールソフトにより異なる可能性があります",
        "Odd structure: two mail programs could show different texts",
    ),
    Why.ODD_ENCODING: Pair(
        "本文が、表示された文字コードでは読み取れません",
        "The text does not decode under its own label",
    ),
    Why.CHARSET: Pair(
        "本文の文字コードでは案内文を表せません",
        "The block cannot be written in the text's charset",
    ),
    Why.NO_PLACE: Pair(
        "案内文を安全に置ける場所がありません", "No spot where the block could safely stand"
    ),
    Why.ALREADY_LINKED: Pair("リンクがすでに記載されています", "Already carries a link block"),
    Why.ALREADY_RELAYED: Pair(
        "すでにこの中継を通過したメールです", "Has already passed through this relay"
    ),
    Why.NEXT_HOP_SIZE: Pair(
        "リンクを記載すると次の中継先の上限サイズを超えるため、元のまま送信しました",
        "With the link the mail would be larger than the next hop takes; the original went out",
    ),
    Why.NEXT_HOP_EIGHT_BIT: Pair(
        "リンクを記載すると8ビットのメールになり、次の中継先が受け取れないため、元のまま送信しました",
        "With the link the mail would be 8-bit, and the next hop takes none; the original went out",
    ),
    Why.CHECK_FAILED: Pair(
        "送信前の検査に合格しなかったため、元のまま送信しました",
        "The edited mail did not pass the check before sending; the original went out",
    ),
    Why.SIGNING_FAILED: Pair(
        "DKIM署名を付けられなかったため、元のまま送信しました",
        "The edited mail could not be signed (DKIM); the original went out",
    ),
    Why.FAULT: Pair(
        "内部の不具合のため、元のまま送信しました", "An internal fault; the original went out"
    ),
}

VERDICTS: dict[Verdict, Pair] = {
    Verdict.REJECTION: Pair("不採用通知", "rejection"),
    Verdict.POSSIBLE: Pair("可能性あり", "possible"),
    Verdict.OTHER: Pair("その他", "other"),
}

ACTIONS: dict[Action, Pair] = {
    Action.INJECTED: Pair("リンクを記載", "link put in"),
    Action.PASSED: Pair("元のまま", "passed unchanged"),
}

MODES: dict[Mode, Pair] = {
    Mode.OBSERVE: Pair("観察モード", "observe mode"),
    Mode.INJECT: Pair("記載モード", "inject mode"),
}

REFERRAL_STATES: dict[ReferralState, Pair] = {
    ReferralState.RELAYING: Pair("送信中(結果未確認)", "relaying (answer not known)"),
    ReferralState.RELAYED: Pair("送信済み", "relayed"),
    ReferralState.REFUSED: Pair("次の中継先が拒否", "refused by the next hop"),
}

KINDS: dict[Kind, Pair] = {kind: Pair(*both) for kind, both in KIND_WORDS.items()}

USES: dict[SlotUse, Pair] = {use: Pair(*both) for use, both in USE_WORDS.items()}

NOTIFICATION_STATES: dict[NotificationState, Pair] = {
    NotificationState.PENDING: Pair("送信待ち", "waiting"),
    NotificationState.SENT: Pair("送信済み", "sent"),
    NotificationState.PARKED: Pair("送信できず(要確認)", "given up, needs a person"),
}

_OF_PAGES = (
    *(BLOCK_LABELS, CONNECT_LABELS, HOP_LABELS, LEDGER_LABELS, LETTER_LABELS, MEMBER_LABELS),
    *(QUEUE_LABELS, RECRUITING_LABELS, REVIEW_LABELS, SAID_LABELS),
)

LABELS: dict[str, Pair] = {
    **{label: Pair(*both) for table in _OF_PAGES for label, both in table.items()},
    "brand": Pair("キャリアリレー", "Career Relay"),
    "admin": Pair("管理", "admin"),
    "login": Pair("ログイン", "Log in"),
    "logout": Pair("ログアウト", "Log out"),
    "user": Pair("ユーザー名", "User name"),
    "password": Pair("パスワード", "Password"),
    "login-wrong": Pair(
        "ユーザー名またはパスワードが違います。", "User name or password is wrong."
    ),
    "login-throttled": Pair(
        "失敗が続いたため、しばらくお待ちいただく必要があります。",
        "Too many failures: please wait a little before the next try.",
    ),
    "overview": Pair("概要", "Overview"),
    "mails": Pair("メール記録", "Mail log"),
    "companies": Pair("導入企業", "Companies"),
    "company": Pair("企業", "Company"),
    "mode": Pair("動作モード", "Mode"),
    "points-of-ten": Pair("ポイント(10で1枠)", "Points (10 make a slot)"),
    "counted": Pair("紹介数", "Referrals counted"),
    "slots-available": Pair("利用できる無料採用枠", "Free hiring slots available"),
    "slots-earned": Pair("獲得した無料採用枠", "Free hiring slots earned"),
    "to-next": Pair("次の枠まで", "Until the next slot"),
    "mails-today": Pair("本日のメール", "Mails today"),
    "unsettled": Pair("未処理の紹介", "Referrals not settled yet"),
    "unsettled-help": Pair(
        "送信済みで、ポイントの計算がまだのもの", "relayed, points not worked out yet"
    ),
    "possible": Pair("確認待ち(不採用通知の可能性)", "Possible rejections for review"),
    "unknown": Pair("結果不明の紹介", "Referrals of unknown outcome"),
    "unknown-help": Pair(
        "次の中継先に渡してから10分以上、結果が記録されていないもの。候補者に届いたかどうかは、"
        "次の中継先の記録でご確認ください。ポイントには数えられていません。",
        "Handed to the next hop more than ten minutes ago, and its answer was never written down. "
        "The next hop's own log tells whether the mail left. They count nothing.",
    ),
    "no-companies": Pair(
        "導入企業はまだありません。次のコマンドで追加できます。",
        "There is no company yet. This command adds one.",
    ),
    "filter": Pair("絞り込む", "Filter"),
    "all": Pair("すべて", "all"),
    "verdict": Pair("判定", "Verdict"),
    "why": Pair("理由", "Reason"),
    "time": Pair("日時", "Time"),
    "candidate": Pair("候補者", "Candidate"),
    "next-hop-reply": Pair("次の中継先の応答", "Next hop's reply"),
    "no-reply": Pair("応答なし", "no reply"),
    "later": Pair("続きを表示", "Later entries"),
    "older": Pair("さらに前へ", "Older"),
    "newest": Pair("最新へ", "Newest"),
    "no-mails": Pair("該当するメールはありません。", "No mails here."),
    "mail": Pair("メール", "Mail"),
    "size": Pair("サイズ", "Size"),
    "bytes": Pair("バイト", "bytes"),
    "recipients": Pair("宛先の数", "Recipients"),
    "decided": Pair("判定しました", "Decided"),
    "score": Pair("スコア", "Score"),
    "rules-version": Pair("判定規則の版", "Version of the rules"),
    "evidence": Pair("根拠", "Evidence"),
    "no-evidence": Pair("本文の判定に至る前に決まりました。", "Decided without reading the text."),
    "rule": Pair("規則", "Rule"),
    "weight": Pair("重み", "Weight"),
    "part": Pair("部分", "Part"),
    "span": Pair("位置", "Place"),
    "label": Pair("内容", "What it says"),
    "changed": Pair("変更内容", "What was changed"),
    "changed-parts": Pair("リンクを記載した部分", "Parts that carry the link"),
    "would-change-parts": Pair("記載モードなら変更した部分", "Parts inject mode would change"),
    "unchanged": Pair(
        "本文は1バイトも変更していません(追跡用ヘッダーのみ追加)。",
        "Not one byte was changed; only the trace headers were added on top.",
    ),
    "handed-on": Pair("次の中継先に渡しました", "Handed to the next hop"),
    "milliseconds": Pair("ミリ秒", "ms"),
    "referral": Pair("紹介", "Referral"),
    "no-referral": Pair("このメールは紹介の対象外です。", "This mail refers nobody."),
    "created": Pair("記録", "Written down"),
    "relayed": Pair("送信完了", "Relayed"),
    "opened": Pair("本人がページから先へ進んだ", "A person went on from the page"),
    "settled": Pair("ポイントの計算", "Settled"),
    "not-yet": Pair("まだ", "not yet"),
    "attempts": Pair("同じメールの送信の試み", "Attempts to relay this mail"),
    "this-mail": Pair("このメール", "this one"),
    "ledger": Pair("台帳", "Ledger"),
    "ledger-empty": Pair("台帳の記載はまだありません。", "No ledger entries yet."),
    "entry": Pair("記載", "Entry"),
    "reason": Pair("事由", "Reason"),
    "actor": Pair("操作者", "Actor"),
    "rule-version": Pair("規則の版", "Rule version"),
    "hash": Pair("ハッシュ", "Hash"),
    "points-in-slot": Pair("この枠の10名", "Its ten referrals"),
    "notifications": Pair("お知らせメール", "Notifications"),
    "no-notifications": Pair("お知らせメールはありません。", "No notifications."),
    "event": Pair("出来事", "Event"),
    "first-referral": Pair("最初の紹介", "first referral"),
    "halfway": Pair("次の枠まで半分", "half way to a slot"),
    "slot-earned": Pair("無料採用枠の獲得", "slot earned"),
    "state": Pair("状態", "State"),
    "sent": Pair("送信", "Sent"),
    "settings": Pair("設定", "Settings"),
    "domains": Pair("ドメイン", "Domains"),
    "senders": Pair("採用連絡の送信者", "Recruiting senders"),
    "whole-domain": Pair("ドメイン全体", "the whole domain"),
    "next-hop": Pair("次の中継先", "Next hop"),
    "smtp-user": Pair("SMTPユーザー名", "SMTP user"),
    "contact": Pair("候補者向けの連絡先", "Contact for candidates"),
    "nobody": Pair("なし", "nobody"),
    "language": Pair("言語", "Language"),
    "switch-mode": Pair("動作モードの切り替え", "Switch the mode"),
    "to-inject": Pair("記載モードに切り替える", "Switch to inject mode"),
    "to-observe": Pair("観察モードに切り替える", "Switch to observe mode"),
    "inject-means": Pair(
        "不採用通知と判定されたメールに、リンクの案内文を記載して送信します。"
        "先に、メール記録で観察モード中の判定をご確認ください。",
        "Mails recognised as rejections will leave with the link block. "
        "Look through the mail log of observe mode first.",
    ),
    "observe-means": Pair(
        "判定と記録だけを行い、メールは変更しません。記載済みのリンクは引き続き有効です。",
        "Mails are judged and logged, and nothing is changed. Links already sent stay valid.",
    ),
    "cancel": Pair("やめる", "Cancel"),
    "changes": Pair("変更履歴", "History"),
    "no-changes": Pair("変更はありません。", "Nothing was changed."),
    "before": Pair("変更前", "Before"),
    "after": Pair("変更後", "After"),
    "what": Pair("項目", "What"),
    "show": Pair("表示", "Show"),
    "inbox": Pair("デモ受信箱", "Demo inbox"),
    "inbox-help": Pair(
        "デモの中継先に届いたメールです。届いたとおりの内容を確認できます。",
        "What arrived at the demo's next hop, exactly as it arrived.",
    ),
    "inbox-empty": Pair("まだメールは届いていません。", "No mail has arrived yet."),
    "from": Pair("送信者", "From"),
    "to": Pair("宛先", "To"),
    "subject": Pair("件名", "Subject"),
    "text": Pair("テキスト", "Text"),
    "html": Pair("HTML", "HTML"),
    "raw": Pair("原文", "Raw"),
    "no-text-part": Pair("テキスト部分はありません。", "It has no text part."),
    "no-html-part": Pair("HTML部分はありません。", "It has no HTML part."),
    "to-inbox": Pair("受信箱に戻る", "Back to the inbox"),
    "root-help": Pair(
        "不採用通知メールに企業独自の紹介リンクを記載し、紹介数を証明できる形で記録する、"
        "SMTP中継サーバーです。",
        "An SMTP relay that puts a company's own referral link into its rejection mails, "
        "and keeps a provable count of the referrals.",
    ),
    "root-candidate": Pair(
        "メールのリンクからお越しの方は、お手数ですが、リンク全体を開き直してください。",
        "If you came from a link in a mail, please open the whole link again.",
    ),
    "health": Pair("稼働状態", "Health"),
}
"""Everything else the admin and demo pages say."""


class Words:
    """The words of one language, as templates call them: `w("login")`, `w.why(mail.why)`."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def __call__(self, label: str) -> str:
        """Return a label; an unknown one raises KeyError."""
        return LABELS[label].say(self._language)

    def evidence(self, one: Evidence) -> str:
        """Return what a piece of evidence means."""
        return spoken_label(one, self._language)

    def why(self, why: Why) -> str:
        """Return a reason in words."""
        return WHY[why].say(self._language)

    def verdict(self, verdict: Verdict) -> str:
        """Return a verdict in words."""
        return VERDICTS[verdict].say(self._language)

    def action(self, action: Action) -> str:
        """Return in words what happened to a mail's bytes."""
        return ACTIONS[action].say(self._language)

    def mode(self, mode: Mode) -> str:
        """Return a mode in words."""
        return MODES[mode].say(self._language)

    def state(self, state: ReferralState) -> str:
        """Return a referral's state in words."""
        return REFERRAL_STATES[state].say(self._language)

    def kind(self, kind: Kind) -> str:
        """Return the kind of a ledger entry in words."""
        return KINDS[kind].say(self._language)

    def use(self, use: SlotUse) -> str:
        """Return in words what a slot is used for."""
        return USES[use].say(self._language)

    def kept(self, table: str, text: str) -> str:
        """Return a text that the ledger keeps in English, by the name of the table of its words."""
        return in_japanese(text, TABLES[table]) if self._language is Language.JA else text

    def notification(self, state: NotificationState) -> str:
        """Return in words how far a notification came."""
        return NOTIFICATION_STATES[state].say(self._language)
