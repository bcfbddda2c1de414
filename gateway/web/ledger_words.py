"""The words of ledger entries and of what can be done with them, Japanese and English."""

from gateway.core.account import Kind, SlotUse
from gateway.web.pair import Pair

KIND_WORDS: dict[Kind, Pair] = {
    Kind.HELD: Pair("保留(まだ加算なし)", "held, not counted yet"),
    Kind.COUNTED: Pair("ポイント加算", "counted"),
    Kind.NOT_COUNTED: Pair("加算なし", "not counted"),
    Kind.VOID: Pair("取り消し(ポイント減算)", "void: the point is taken back"),
    Kind.WITHDRAWN: Pair("取り消し(ポイントなし)", "withdrawn: there was no point"),
    Kind.SLOT_EARNED: Pair("無料採用枠の獲得", "slot earned"),
    Kind.SLOT_REVOKED: Pair("無料採用枠の取り消し", "slot revoked"),
    Kind.RESERVED: Pair("枠を予約", "slot reserved"),
    Kind.INTRODUCED: Pair("枠で候補者を紹介", "candidate introduced for a slot"),
    Kind.HIRED: Pair("枠で採用", "hired for a slot"),
    Kind.RETURNED: Pair("枠を返却", "slot returned"),
    Kind.EXPIRED: Pair("枠の期限切れ", "slot expired"),
    Kind.ADJUSTED: Pair("枠の訂正(運用者)", "slot corrected by the operator"),
}

USE_WORDS: dict[SlotUse, Pair] = {
    SlotUse.AVAILABLE: Pair("利用可能", "available"),
    SlotUse.RESERVED: Pair("予約中", "reserved"),
    SlotUse.INTRODUCED: Pair("紹介済み", "introduced"),
    SlotUse.HIRED: Pair("採用済み", "hired"),
    SlotUse.EXPIRED: Pair("期限切れ", "expired"),
}

LEDGER_LABELS: dict[str, Pair] = {
    "void": Pair("この紹介を取り消す", "Take this referral back"),
    "void-ask": Pair("紹介の取り消し", "Take a referral back"),
    "void-means": Pair(
        "不採用通知ではないメールにリンクが記載された場合などに使います。ポイントがあれば差し引き、"
        "必要に応じて無料採用枠も取り消します。候補者のページには、案内が取り下げられたと表示されます。"
        "元に戻すことはできません。",
        "For a link that should not have been put in. The point, if any, is taken back, and a slot "
        "that rests on it is revoked. The candidate's page will say that the notice was "
        "withdrawn. This cannot be undone.",
    ),
    "void-reason": Pair(
        "理由(台帳に残ります。個人名は書かないでください)",
        "Reason (stays in the ledger; name no person)",
    ),
    "void-done": Pair("この紹介は取り消されました。", "This referral was taken back."),
    "slot": Pair("枠", "Slot"),
    "held": Pair("保留(まだ加算なし)", "Held, not counted yet"),
}
