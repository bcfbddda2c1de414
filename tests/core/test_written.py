"""Newly written text ends before history and signature, in all their styles."""

import time

import pytest

from gateway.core.written import find_written

OWN = "山田様\n\n選考の結果、不採用となりました。\n"
SIGNATURE = (
    "株式会社サンプル 人事部\n〒100-0001 東京都千代田区\nTEL 03-0000-0000\nhttps://a.example/\n"
)


def written(text: str) -> list[str]:
    lines = text.split("\n")
    return [lines[index] for index in find_written(lines).own]


def after(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(lines[find_written(lines).end :])


HISTORY = [
    "-----Original Message-----\nFrom: a\nSubject: b\n\nold\n",
    "-------- Original Message --------\nold\n",
    "----- 元のメッセージ -----\nold\n",
    "---------- Forwarded message ---------\nFrom: a\nold\n",
    "-------- 転送されたメッセージ --------\nold\n",
    "Begin forwarded message:\n\nFrom: a\n",
    "________________________________\nFrom: a\nSent: b\nTo: c\nSubject: d\n\nold\n",
    "差出人: 山田\n送信日時: 2026年1月5日 10:00\n宛先: 人事\n件名: 応募\n\nold\n",
    "*From:* a\n*Sent:* b\n*To:* c\n\nold\n",
    "Date: Thu, 26 Jun 2014\nSubject: x\nFrom: a\nTo: b\n\nold\n",
    "日時: 2026年1月5日\n差出人: 山田\n宛先: 人事\n\nold\n",
    "送信元: 山田\n日時: 2026年1月5日\n宛先: 人事\n\nold\n",
    "2026年1月5日(月) 10:00 山田 <taro@mail.example>:\n\n> old\n> old\n",
    "2026/01/05 10:00、山田 <taro@mail.example>のメール:\n\n> old\n",
    "2026年1月5日 10:00、山田さんは書きました:\n> old\n",
    "On Mon, Jan 5, 2026 at 10:00 AM Taro <taro@mail.example> wrote:\n\n> old\n",
    "On Mon, 5 Jan 2026, Taro Yamada with a long name indeed\n<taro@mail.example> wrote:\n> old\n",
    "On 2026/01/05 10:00, Taro wrote:\nold without marks\n",
    '"Taro" <taro@mail.example> wrote:\n> old\n',
    "山田さんが書きました:\n> old\n",
    "> old\n> old\n",
    "> 2026/01/05、山田のメール:\n> \n> old\n",
    "De : Taro\nEnvoyé : lundi 5 janvier 2026 10:00\nÀ : RH\nObjet : Entretien\n\nold\n",
    "Von: Taro\nGesendet: Montag, 5. Januar 2026\nAn: HR\nBetreff: Bewerbung\n\nold\n",
    "De: Taro\nEnviado el: lunes, 5 de enero\nPara: RH\nAsunto: Hola\n\nold\n",
    "发件人: 太郎\n发送时间: 2026年1月5日\n收件人: 人事\n主题: 应聘\n\nold\n",
    "-----Message d'origine-----\nold\n",
    "-----\n山田 2026/01/05 10:02\n採用担当様\n候補日の件、ありがとうございます。\n",
]


def test_a_date_under_a_rule_is_no_earlier_letter() -> None:
    text = f"{OWN}\n-----\n面接 2026/01/05 10:00\n山田様\n-----\n日時: 2026/01/05 10:00\n"
    assert "不採用" in "".join(written(text))
    assert "日時: 2026/01/05 10:00" in written(text)


@pytest.mark.parametrize("history", HISTORY)
@pytest.mark.parametrize("signature", ["", "-- \nHR\n\n", f"━━━━━━━━\n{SIGNATURE}━━━━━━━━\n\n"])
def test_history_below_is_not_newly_written(history: str, signature: str) -> None:
    assert written(f"{OWN}\n{signature}{history}") == [line for line in OWN.split("\n") if line]
    assert after(f"{OWN}\n{history}").strip() == history.strip()


SIGNATURES = [
    "-- \nHR\n",
    f"--\n{SIGNATURE}",
    *(
        f"{rule}\n{SIGNATURE}{rule}\n"
        for rule in ("━" * 12, "-" * 30, "*" * 30, "=" * 30, "_/" * 10)
    ),
    f"{'+-' * 12}\n{SIGNATURE}",
    f"◆{'─' * 12}◆\n{SIGNATURE}◆{'─' * 12}◆\n",
    f"=-=-=-= 株式会社サンプル =-=-=-=\n{SIGNATURE}",
    f"{'#' * 20}\n{SIGNATURE}{'#' * 20}\n\n※本メールは機密情報を含みます。\n",
    f"{'─' * 20}\n\n 人事部 髙橋\n E-mail: hr@a.example\n{'─' * 20}\n",
    "iPhoneから送信\n",
    "Sent from my iPhone\n",
    "This message is intended only for the addressee.\n",
    "© 2026 Sample Inc. All rights reserved.\n",
    "プライバシーポリシー | 会社概要\n",
]


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_signature_is_not_newly_written(signature: str) -> None:
    assert after(f"{OWN}\n{signature}").strip("\n") == signature.strip("\n")


NO_SIGNATURE = [
    "━━━━━━━━\n■選考結果\n━━━━━━━━\n不採用となりました。\n",
    "----------\n面接会場: 東京都千代田区 TEL 03-0000-0000\n----------\nお待ちしております。\n",
    "株式会社サンプルの説明会\n日時: 1月5日 10:00\n",
    "株式会社サンプル本社受付へお越しください。\n",
    "-- 追記 --\n書類は返却いたします。\n",
    "> 矢印の行です\n",
    "1 > 2 > 3\n",
    "From: 東京\nTo: 大阪\n",
    "日時: 1月5日 10:00\n宛先: 本社受付\n持ち物: なし\n",
    "On reflection, we wrote:\nsee above\n",
]


@pytest.mark.parametrize("text", NO_SIGNATURE)
def test_what_only_looks_like_it_is_newly_written(text: str) -> None:
    assert after(f"{OWN}\n{text}").strip() == ""


def test_a_text_below_its_quote_is_found() -> None:
    text = f"2026年1月5日(月) 山田 <taro@mail.example>:\n> old\n> old\n\n{OWN}\n-- \nHR\n"
    assert written(text) == [line for line in OWN.split("\n") if line]
    assert after(text) == "\n-- \nHR\n"


def test_answers_between_quotes_end_with_the_last() -> None:
    text = "> one\n> one\nfirst\n\n> two\n> two\nsecond\n\n> three\n> three\n"
    assert written(text) == ["first", "second"]
    assert after(text) == "\n> three\n> three\n"


@pytest.mark.parametrize(
    "block",
    [
        "株式会社サンプル\n人事部 髙橋\nTEL 03-0000-0000\n",
        "みどり商事株式会社 人事部\n",
        "Sample Inc.\nHuman Resources\nhttps://a.example/\n",
    ],
)
def test_a_last_paragraph_that_names_the_company_is_a_signature(block: str) -> None:
    assert after(f"{OWN}\n{block}") == f"\n{block}"


SIGNED = ["山田様", "不採用となりました。", "ご活躍をお祈り申し上げます。"]


@pytest.mark.parametrize("between", [[""], []])
def test_a_signature_of_an_element_for_each_line_stands_together(between: list[str]) -> None:
    signature = [
        "株式会社サンプル",
        "人事部 髙橋",
        "〒100-0001 東京都千代田区1-1",
        "TEL 03-0000-0000",
    ]
    lines = [*SIGNED, *between, *signature]
    assert find_written(lines, frozenset(range(1, len(lines)))).end == 3


@pytest.mark.parametrize("signature", [["敬具", "2026年1月5日", "株式会社サンプル", "髙橋"]])
def test_a_signature_that_begins_otherwise_is_not_cut_in_two(signature: list[str]) -> None:
    lines = [*SIGNED, "", *signature]
    assert find_written(lines, frozenset(range(1, len(lines)))).end == len(lines)


def test_a_last_element_that_names_the_company_is_a_signature() -> None:
    lines = [*SIGNED, "以上", "株式会社サンプル 人事部"]
    assert find_written(lines, frozenset(range(1, len(lines)))).end == 4


FOOTERS = [
    (
        "The information in this message is intended only for the\n"
        "addressee and may be privileged.\n"
        "If you are not the intended recipient, please delete it.\n"
    ),
    (
        "CONFIDENTIALITY NOTICE: This email and any attachments are for the sole\n"
        "use of the intended recipient and may contain\nconfidential information. If you are not\n"
        "the intended recipient, delete it.\n"
    ),
    (
        "──ご注意──\n本メールに記載の情報は、宛先の方のみを対象としており、\n機密情報を含む場合があります。\n"
        "このメールにお心当たりのない方は、破棄をお願いします。\n"
    ),
    "【機密情報に関する注意】\nこの電子メールは機密情報を含みます。\n",
    "※本メールは送信専用アドレスから送信しております。\n　ご返信いただいてもお答えできません。\n",
    "----------\nThis email was scanned.\n",
    "This is an automated message, please do not reply.\n",
    "You are receiving this email because you applied for a job at A Inc.\nA Inc., 1 Main St\n",
    "You received this mail because you applied at A Inc.\n\nPowered by Sample ATS\n",
    "本メールは機密情報を含みます。\n\n© 2026 サンプル\n",
]


@pytest.mark.parametrize("footer", FOOTERS)
def test_a_footer_is_left_whole(footer: str) -> None:
    assert after(f"{OWN}\n{footer}") == f"\n{footer}"


NO_FOOTERS = [
    "今後のご活躍をお祈り申し上げます。\nお預かりした書類につきましては\n本メールをもちまして破棄いたします。\n",
    "お預かりした書類は\n当メールの送信後に破棄いたします。\n",
    "We will keep your data\nif you have no objection. Please read our\nPrivacy Policy\n",
    "The position is filled and that\nthis message is automatic.\n",
    "If you have any questions, please reply to this mail.\n",
    "You are receiving this mail because your application was unsuccessful.\n",
    "This is an automated check that you\npassed.\nWe will not go on and wish you well.\n",
    "本メールにて失礼いたします。\n",
    "本メールをもちまして、ご連絡とさせていただきます。\n",
]


@pytest.mark.parametrize("text", NO_FOOTERS)
def test_an_own_sentence_that_speaks_of_the_mail_is_no_footer(text: str) -> None:
    assert after(f"{OWN}\n{text}").strip() == ""


def test_a_letter_behind_a_salutation_is_no_footer() -> None:
    text = "Dear Taro,\n\nThis email is to tell you that we will not go on.\n"
    assert after(text) == ""
    assert after(text.replace("is to tell you", "tells you")) == ""


@pytest.mark.parametrize(
    "line", ["本メールをもって破棄いたします。", "本メールの後に破棄いたします。"]
)
def test_an_element_for_each_line_makes_no_paragraphs(line: str) -> None:
    lines = ["山田様", "不採用となりました。", "お預かりした書類につきましては", line]
    assert find_written(lines, frozenset(range(1, 4))).end == 4


@pytest.mark.parametrize(
    "rule",
    [
        *("----", "---", "***", "━━━", "＝＝＝", "ーーーーーーーー", "- - - - - -", "∴‥∵‥∴‥∵‥∴"),
        *("+.。.:*・゜+.。.:*・゜+.。.:*・゜", "☆★＊◆☆★＊◆.。:☆★＊◆☆★＊◆.。:☆★＊◆"),
    ],
)
def test_a_rule_may_be_short_or_motley(rule: str) -> None:
    signature = f"{rule}\n{SIGNATURE}{rule}\n"
    assert after(f"{OWN}\n{signature}") == f"\n{signature}"


def test_a_short_rule_under_a_heading_is_none_of_a_signature() -> None:
    text = "選考結果\n----\n株式会社サンプルの選考の結果をお伝えします。\n不採用となりました。\n"
    assert after(f"{OWN}\n{text}") == ""


ADVERTISING = "新卒採用サイトをオープンしました！\nぜひご覧ください。\nhttps://a.example/\n"


def test_a_signature_may_advertise() -> None:
    signature = f"━━━━━━━━\n{SIGNATURE}{ADVERTISING}━━━━━━━━\n"
    assert after(f"{OWN}\n{signature}") == f"\n{signature}"


def test_a_letter_in_a_box_is_no_signature() -> None:
    text = f"山田様\n\n━━━━━━━━\n{SIGNATURE}不採用となりました。\n残念です。\n━━━━━━━━\n"
    assert after(text) == ""


@pytest.mark.parametrize(
    "quote", ["> 結果はいつ頃いただけますでしょうか。\n", "> When will I hear from you?\n"]
)
def test_a_single_quoted_sentence_is_no_own_text(quote: str) -> None:
    assert after(f"{OWN}\n{quote}") == f"\n{quote}"


def test_an_earlier_letter_under_a_rule_is_history() -> None:
    earlier = "----------------\n山田様\n\n一次面接の結果をお送りします。\n"
    assert after(f"山田様\n\n{OWN}\n{earlier}") == f"\n{earlier}"
    assert after(f"結果をお知らせします。\n\n{earlier}") == ""


def test_an_earlier_letter_under_a_rule_is_history_with_the_quotes_below_it() -> None:
    earlier = "----------------\n山田様\n\n一次面接の結果をお送りします。\n\n> 先日応募しました。\n"
    assert after(f"山田様\n\n{OWN}\n{earlier}") == f"\n{earlier}"


def test_a_footer_alone_is_the_text() -> None:
    assert written("このメールはHTML形式です。\n") == ["このメールはHTML形式です。"]


def test_nothing_but_quotes_has_no_text() -> None:
    assert find_written(["> a", "> b"]).end == 0


@pytest.mark.parametrize(
    "line", ["> ", "-----", "From: x", "On Mon, 1 Jan 2026 ", "━━━━━━", "2026年1月1日 wrote>"]
)
def test_time_grows_with_the_number_of_lines(line: str) -> None:
    started = time.thread_time()
    find_written([line] * 50_000)
    find_written([line * 20_000])
    assert time.thread_time() - started < 5


def test_a_result_in_a_box_is_no_signature() -> None:
    box = (
        "━━━━━━━━\n選考結果：不採用\n応募先：株式会社サンプル 人事部\n電話 03-0000-0000\n━━━━━━━━\n"
    )
    assert after(f"山田様\n\n{box}") == ""
    assert after(f"山田様\n\n結果を通知いたします。\n\n{box}") == ""


@pytest.mark.parametrize(
    "letter",
    [
        "このメールは、先日の面接の結果をお知らせするものです。\n残念ながら、採用を見送らせていただきます。",
        "本メールは、ご応募への回答です。\n末筆ながら、今後のご活躍をお祈り申し上げます。",
        "This message concerns your application.\nUnfortunately, we have decided not to proceed.",
    ],
)
def test_a_paragraph_that_tells_a_result_is_no_footer(letter: str) -> None:
    text = f"採用担当です。\n\n{letter}\n"
    assert letter.rsplit("\n", maxsplit=1)[-1] in written(text)


@pytest.mark.parametrize(
    "footer",
    [
        "このメールは送信専用です。ご返信いただけません。",
        "本メールは、宛先の方のみにお送りしています。",
        "This message was sent by a system that nobody reads.",
    ],
)
def test_a_notice_about_the_mail_is_a_footer(footer: str) -> None:
    assert footer not in written(f"採用担当です。\n不採用です。\n\n{footer}\n")


CONTACTS = "----------------\n株式会社サンプル\n〒100-0001 東京都千代田区1-1\nTEL 03-0000-0000\n"


@pytest.mark.parametrize(
    "letter",
    [
        "山田さん\n今回はご縁がなかったということでお願いします。\n伊藤\n",
        "迷ったのですが、ほかの方に決まりました><\nほんとごめんなさい\n",
    ],
)
@pytest.mark.parametrize("heading", ["選考結果のお知らせ\n", ""])
def test_a_short_letter_between_rules_is_no_signature(heading: str, letter: str) -> None:
    text = f"{heading}----------------\n{letter}{CONTACTS}"
    assert after(text) == CONTACTS
    assert letter.split("\n", maxsplit=1)[0] in written(text)


def test_a_rule_at_the_end_hides_neither_signature_nor_footer_nor_quote() -> None:
    rule = "\n----------------\n"
    signature = "\n株式会社サンプル\n人事課\n"
    assert after(f"{OWN}\n敬具\n{signature}{rule}").lstrip() == (signature + rule).lstrip()
    footer = "\nこのメールは送信専用です。\n"
    assert after(f"{OWN}\n{footer}{rule}").lstrip() == (footer + rule).lstrip()
    quote = "\n> 先日応募しました。\n> 山田です。\n"
    assert after(f"{OWN}\n{quote}{rule}").lstrip() == (quote + rule).lstrip()


def test_a_company_below_what_says_why_the_mail_came_is_part_of_the_footer() -> None:
    footer = "\nYou are receiving this email because you applied.\n\nMidori Inc., 1-1 Chiyoda\n"
    assert after(f"Dear Taro,\n\nWe will not move forward at this time.\n{footer}") == footer


@pytest.mark.parametrize("closed", ["", "────────────────\n"])
@pytest.mark.parametrize(
    "signed", ["株式会社サンプル\n採用担当窓口\n", "採用担当 髙橋\n", "サンプル商事㈱ 採用担当\n"]
)
def test_a_house_alone_under_a_rule_is_a_signature(signed: str, closed: str) -> None:
    signature = f"────────────────\n{signed}{closed}"
    assert after(f"{OWN}\n{signature}").lstrip() == signature
    lines = [*SIGNED, *signature.splitlines()]
    assert find_written(lines, frozenset(range(1, len(lines)))).end == 3


def test_lines_of_a_table_under_a_rule_are_no_signature() -> None:
    table = "────────────────\n採用担当者面談 なし\n面接結果 不採用\n"
    assert "面接結果 不採用" in written(OWN + table)


@pytest.mark.parametrize("rule", ["--------------------\n", ""])
@pytest.mark.parametrize(
    "result", ["Your application was unsuccessful", "今回は残念ながらご縁がなく"]
)
def test_a_result_below_the_company_s_name_is_no_signature(rule: str, result: str) -> None:
    assert result in written(f"{OWN}\n{rule}Sample Inc.\n{result}\n{rule}")


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        pytest.param(["以上", "株式会社サンプル", "人事部 髙橋"], 4, id="below the last word"),
        pytest.param(["Best regards,", "Technical Recruiting Team", "Sample Inc."], 6, id="names"),
        pytest.param(["Best regards,", "Kate Morrow", "HR Manager", "Sample Ltd"], 7, id="more"),
    ],
)
def test_a_signature_of_short_elements_is_not_cut_in_two(lines: list[str], end: int) -> None:
    lines = [*SIGNED, *lines]
    assert find_written(lines, frozenset(range(1, len(lines)))).end == end


@pytest.mark.parametrize(
    ("lines", "begun"),
    [
        pytest.param(["伝票は別便です。", "03-0000-0000", "サンプル㈱ 髙橋"], [2, 4], id="behind"),
        pytest.param(["髙橋", "サンプル㈱", "人事部 髙橋"], [2, 3], id="several lines itself"),
    ],
)
def test_a_signature_behind_an_element_of_lines_or_in_one_begins_by_itself(
    lines: list[str], begun: list[int]
) -> None:
    lines = [*SIGNED[:2], *lines]
    assert find_written(lines, frozenset(begun)).end == begun[-1]


@pytest.mark.parametrize("each", [True, False])
def test_a_footer_may_give_an_address_and_a_choice(*, each: bool) -> None:
    footer = [
        *("Copyright © 2026 Sample, All rights reserved.", "", "Our mailing address is:"),
        *("Sample Inc.", "12 Elm Road", "Springfield, IL 62701", "USA", ""),
        *("Want to change how you receive these emails?", "You can update your preferences."),
    ]
    lines = ["Dear Kate,", "We have decided not to move forward, I am afraid.", "", *footer]
    begun = frozenset(range(1, len(lines))) if each else None
    assert find_written(lines, begun).end == 2
