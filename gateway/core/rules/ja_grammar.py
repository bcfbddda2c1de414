"""Japanese ways of not being able to, and of going on in the same clause."""


def any_of(words: str) -> str:
    """Return a pattern for any of `words`; their first characters stand ahead, to fail fast."""
    heads = "".join(sorted({word[0] for word in words.split()}))
    return f"(?=[{heads}])(?:{'|'.join(words.split())})"


CANNOT = (
    r"(?:(?=[でき出叶適かいた致し頂戴差さ難む困厳無な至及得踏見ら断きれも])"
    r"(?:(?:でき|出来)(?:な|ませ|ず|かね|兼ね)|(?:叶|適|かな)(?:わ(?:な|ず|ぬ)|いませ)"
    r"|(?:叶|かな)え(?:られ)?(?:な|ませ|ず)"
    r"|(?:いた|致)?し(?:かね|兼ね|がた|難)|(?:いただ|頂|戴)(?:け(?:な|ませ|ず|そうに)|きかね)"
    r"|(?:差し上げ|さしあげ)(?:られ)?(?:な|ませ|ず|かね)|(?:難|むずか)し|困難|厳し|無理"
    r"|(?:なら|至ら|いたら|及ば)(?:な|ず|ぬ)|(?:なり|至り|いたり|及び)ませ|得ませ|得ず"
    r"|踏み切れ(?:な|ませ|ず)|見出せ(?:な|ませ|ず)|られ(?:な|ませ|ず)|かねる|かねま|断念(?:い|し|す"
    r"|せ)|きれ(?:な|ませ|ず)|もらえ(?:な|ませ|ず)"
    r"|できる(?:状況|状態|段階|体制|見込み|環境)(?:では|に(?:は)?)(?:な[いくか]|ありませ"
    r"|ございませ)))"
)
"""The polite ways of not being able: できません, 叶わず, いたしかねます, 難しい, とはなりません."""

_ELSE = any_of(
    "購入 備品 機材 支払 工事 辞退 承諾 取消 取り消 変更 期限 返 質問 参加 出席 開示 回答 理由 "
    "個別 持参 提出 遅 問合わ 問い合わ 日程 時間 交通 録 撮影 電話 見学 同伴"
)

GAP = rf"(?:(?!{_ELSE})[^。、,]){{0,22}}?"
"""Up to 22 characters of the same clause that do not start speaking of something else."""
