"""The words of the page on registered letters, Japanese and English side by side."""

from gateway.web.pair import Pair

LETTER_LABELS: dict[str, Pair] = {
    "letters": Pair("登録済みの不採用通知", "Registered letters"),
    "letters-help": Pair(
        "貴社がお使いの不採用通知の文面を登録すると、氏名や日付が変わっても、その文面から作られたメールを"
        "不採用通知と判定します。文面は保存されません。語句の鍵付きハッシュだけを保存します。",
        "Register the rejection letters that the company sends: mails made from one are "
        "recognised, whatever names and dates they carry. The text is not kept, only keyed hashes "
        "of its phrases.",
    ),
    "letter-text": Pair("文面(本文全体)", "The letter, its whole text"),
    "letter-add": Pair("登録する", "Register"),
    "letter-remove": Pair("削除する", "Remove"),
    "letter-number": Pair("番号", "No."),
    "letter-sentences": Pair("文の数", "Sentences"),
    "letter-removed": Pair("削除済み", "removed"),
    "letter-none": Pair("まだ登録されていません。", "No letter is registered yet."),
    "letter-too-little": Pair(
        "登録できません。あいさつやお礼だけでは他のメールと区別できません。候補者に届く本文全体を"
        "貼り付けてください。",
        "Not registered: greetings and thanks alone stand in every mail. Paste the whole letter as "
        "candidates get it.",
    ),
    "letter-too-long": Pair(
        "登録できません。長すぎます。1通ずつ登録してください。",
        "Not registered: too long. Register one letter at a time.",
    ),
    "letter-no-refusal": Pair(
        "登録できません。不採用の文が見つからず、別の種類のメールの言葉があります。",
        "Not registered: no refusal is heard in it, and words of another kind of mail are.",
    ),
    "letter-refused": Pair(
        "登録できません。すでに登録されているか、登録数の上限に達しています。",
        "Not registered: it is registered already, or there are as many letters as there may be.",
    ),
}
