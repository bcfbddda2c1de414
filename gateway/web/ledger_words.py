"""The words of ledger entries and of what can be done with them, Japanese and English."""

from gateway.core.account import Kind, SlotUse


def _both(ja: str, en: str) -> tuple[str, str]:
    """Return the pair: the same thing in both languages."""
    return ja, en


KIND_WORDS: dict[Kind, tuple[str, str]] = {
    Kind.HELD: ("保留(まだ加算なし)", "held, not counted yet"),
    Kind.COUNTED: ("ポイント加算", "counted"),
    Kind.NOT_COUNTED: ("加算なし", "not counted"),
    Kind.VOID: ("取り消し(ポイント減算)", "void: the point is taken back"),
    Kind.WITHDRAWN: ("取り消し(ポイントなし)", "withdrawn: there was no point"),
    Kind.SLOT_EARNED: ("無料採用枠の獲得", "slot earned"),
    Kind.SLOT_REVOKED: ("無料採用枠の取り消し", "slot revoked"),
    Kind.RESERVED: ("枠を予約", "slot reserved"),
    Kind.INTRODUCED: ("枠で候補者を紹介", "candidate introduced for a slot"),
    Kind.HIRED: ("枠で採用", "hired for a slot"),
    Kind.RETURNED: ("枠を返却", "slot returned"),
    Kind.EXPIRED: ("枠の期限切れ", "slot expired"),
    Kind.ADJUSTED: ("枠の訂正(運用者)", "slot corrected by the operator"),
}

USE_WORDS: dict[SlotUse, tuple[str, str]] = {
    SlotUse.AVAILABLE: ("利用可能", "available"),
    SlotUse.RESERVED: ("予約中", "reserved"),
    SlotUse.INTRODUCED: ("紹介済み", "introduced"),
    SlotUse.HIRED: ("採用済み", "hired"),
    SlotUse.EXPIRED: ("期限切れ", "expired"),
}

LEDGER_LABELS: dict[str, tuple[str, str]] = {
    "void": ("この紹介を取り消す", "Take this referral back"),
    "void-ask": ("紹介の取り消し", "Take a referral back"),
    "void-means": _both(
        "不採用通知ではないメールにリンクが記載された場合などに使います。ポイントがあれば差し引き、"
        "必要に応じて無料採用枠も取り消します。候補者のページには、案内が取り下げられたと表示されます。"
        "元に戻すことはできません。",
        "For a link that should not have been put in. The point, if any, is taken back, and a slot "
        "that rests on it is revoked. The candidate's page will say that the notice was "
        "withdrawn. This cannot be undone.",
    ),
    "void-reason": (
        "理由(台帳に残ります。個人名は書かないでください)",
        "Reason (stays in the ledger; name no person)",
    ),
    "void-done": ("この紹介は取り消されました。", "This referral was taken back."),
    "slot": ("枠", "Slot"),
    "held": ("保留(まだ加算なし)", "Held, not counted yet"),
}
