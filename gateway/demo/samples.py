"""Fifteen sample mails as a company's mail server would send them: bytes, and nothing else.

Ten rejections in the forms that Japanese and English mail really has, and five other mails
that must pass untouched. Everybody in them is invented (RFC 2606 names).
"""

import base64
import quopri
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import Header

COMPANY = "みどり商事株式会社"
DOMAIN = "midori.example"
SENDER = f"saiyo@{DOMAIN}"

_SIGNATURE = """\
━━━━━━━━━━━━━━━━━━━━
みどり商事株式会社 人事部 採用担当
〒100-0000 東京都千代田区見本町1-2-3
TEL 03-0000-0000
saiyo@midori.example
━━━━━━━━━━━━━━━━━━━━
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """One mail: what it shows, who gets it, and its bytes with CRLF line ends."""

    title: str
    recipient: str
    raw: bytes


def samples() -> Iterator[Sample]:
    """Yield the fifteen mails in the order in which the demonstration sends them."""
    yield from _japanese_rejections()
    yield from _english_rejections()
    yield from _others()


def _header(number: int, recipient: str, subject: str, charset: str = "utf-8") -> str:
    encoded = Header(subject, charset, header_name="Subject").encode(linesep="\r\n")
    return (
        f"From: {SENDER}\r\nTo: {recipient}\r\nSubject: {encoded}\r\n"
        f"Date: Mon, 05 Jan 2026 10:{number:02d}:00 +0900\r\n"
        f"Message-ID: <demo-{number:02d}@{DOMAIN}>\r\nMIME-Version: 1.0\r\n"
    )


def _leaf(text: str, media_type: str, charset: str, encoding: str) -> str:
    """Return a part: its fields, an empty line, its body; any byte as the Latin-1 character."""
    body = text.replace("\n", "\r\n").encode(charset)
    if encoding == "base64":
        body = base64.encodebytes(body).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        body = quopri.encodestring(body.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    return (
        f"Content-Type: {media_type}; charset={charset}\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n" + body.decode("latin-1")
    )


def _text(number: int, recipient: str, subject: str, text: str, form: str) -> Sample:
    """Return a mail of one text part; `form` is "charset, transfer encoding"."""
    charset, encoding = form.split(", ")
    mail = _header(number, recipient, subject, charset) + _leaf(
        text, "text/plain", charset, encoding
    )
    return Sample(f"{form}, text", recipient, mail.encode("latin-1"))


def _html(number: int, recipient: str, subject: str, html: str, form: str) -> Sample:
    charset, encoding = form.split(", ")
    mail = _header(number, recipient, subject, charset) + _leaf(
        html, "text/html", charset, encoding
    )
    return Sample(f"{form}, HTML", recipient, mail.encode("latin-1"))


def _both(number: int, recipient: str, subject: str, text: str, form: str) -> Sample:
    """Return a mail of a text part and an HTML part that say the same."""
    charset, encoding = form.split(", ")
    boundary = f"=_demo_{number}"
    mail = (
        _header(number, recipient, subject, charset)
        + f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
        + f"--{boundary}\r\n"
        + _leaf(text, "text/plain", charset, encoding)
        + f"\r\n--{boundary}\r\n"
        + _leaf(_as_html(text), "text/html", charset, encoding)
        + f"\r\n--{boundary}--\r\n"
    )
    return Sample(f"{form}, text and HTML", recipient, mail.encode("latin-1"))


def _as_html(text: str) -> str:
    paragraphs = "".join(
        f"<p>{paragraph.strip().replace(chr(10), '<br>' + chr(10))}</p>\n"
        for paragraph in text.split("\n\n")
    )
    return f"<html>\n<body>\n{paragraphs}</body>\n</html>\n"


def _japanese_rejections() -> Iterator[Sample]:
    yield _text(
        1,
        "taro.yamada@mail.example.com",
        "選考結果のご連絡",
        "山田 太郎 様\n\nこの度は弊社の求人にご応募いただき、誠にありがとうございました。\n"
        "慎重に選考を重ねました結果、誠に残念ながら\n今回はご期待に添えない結果となりました。\n"
        "何卒ご了承くださいますようお願い申し上げます。\n\n"
        f"末筆ながら、山田様の今後のご活躍を心よりお祈り申し上げます。\n\n{_SIGNATURE}",
        "iso-2022-jp, 7bit",
    )
    yield _text(
        2,
        "hanako.sato@mail.example.org",
        "面接結果のお知らせ",
        "佐藤 花子 様\n\n先日は面接にお越しいただき、ありがとうございました。\n"
        "社内で検討いたしました結果、今回は採用を見送らせていただくことになりました。\n\n"
        f"佐藤様のますますのご健勝をお祈りいたします。\n\n{_SIGNATURE}",
        "shift_jis, 8bit",
    )
    yield _text(
        3,
        "k..suzuki@docomo.example.net",
        "応募書類選考の結果につきまして",
        "鈴木 健 様\n\n当社の営業職にご応募いただき、お礼申し上げます。\n"
        "書類選考の結果、残念ながらご希望に沿うことができませんでした。\n"
        "お預かりした応募書類は当社にて責任をもって破棄いたします。\n\n"
        "みどり商事株式会社 人事部\n",
        "utf-8, base64",
    )
    yield _both(
        4,
        "misaki.ito@mail.example.com",
        "最終選考の結果について",
        "伊藤 美咲 様\n\n最終面接までお進みいただき、誠にありがとうございました。\n"
        "厳正なる選考の結果、誠に遺憾ながら今回は不採用とさせていただきます。\n\n"
        "伊藤様の今後一層のご活躍をお祈り申し上げます。\n\nみどり商事株式会社 採用担当\n",
        "utf-8, quoted-printable",
    )
    yield _html(
        5,
        "naoki.watanabe@mail.example.org",
        "選考結果のご案内",
        "<html><body>\n<p>渡辺 直樹 様</p>\n"
        "<p>このたびは弊社エンジニア職にご応募いただき、ありがとうございました。<br>\n"
        "慎重に検討いたしましたが、<b>今回は貴意に添いかねる結果</b>となりました。</p>\n"
        "<p>今後のご活躍をお祈り申し上げます。</p>\n<p>みどり商事株式会社 人事部</p>\n"
        "</body></html>\n",
        "utf-8, 8bit",
    )
    yield _both(
        6,
        "yui.takahashi@mail.example.net",
        "一次面接の結果のご連絡",
        "高橋 結衣 様\n\n先日はお忙しい中、面接のお時間をいただきありがとうございました。\n"
        "検討の結果、残念ながら次の選考にお進みいただくことができません。\n"
        "ご期待に沿えず申し訳ございません。\n\nみどり商事株式会社 採用担当\n",
        "iso-2022-jp, 7bit",
    )
    yield _text(
        7,
        "sho.kobayashi@mail.example.com",
        "Re: 選考状況について",
        "小林 翔 様\n\nお問い合わせありがとうございます。\n"
        "選考の結果、今回のご応募については採用を見送ることといたしました。\n"
        "ご返信が遅くなりましたことをお詫びいたします。\n\nみどり商事 採用担当\n\n"
        "2026年1月4日(日) 9:12 小林 翔 <sho.kobayashi@mail.example.com>:\n"
        "> 先日応募いたしました小林です。\n> その後の選考状況はいかがでしょうか。\n",
        "utf-8, 8bit",
    )


def _english_rejections() -> Iterator[Sample]:
    yield _text(
        8,
        "emma.clark@mail.example.org",
        "Your application at Midori Trading",
        "Dear Emma,\n\nThank you for applying for the position of data analyst and for the time\n"
        "you spent with us. Unfortunately, we have decided not to move forward with\n"
        "your application.\n\nWe wish you every success in your job search.\n\n"
        "Kind regards,\nMidori Trading, Recruiting\n\n-- \nMidori Trading Co., Ltd.\n",
        "us-ascii, 7bit",
    )
    yield _both(
        9,
        "liam.novak@mail.example.net",
        "Update on your interview",
        "Dear Liam,\n\nThank you for interviewing with us for the sales role.\n"
        "After careful consideration we have chosen another candidate.\n\n"
        "We appreciate your interest and wish you all the best.\n\nMidori Trading\n",
        "utf-8, 7bit",
    )
    yield _html(
        10,
        "olivia.meyer@mail.example.com",
        "Your application",
        "<!DOCTYPE html>\n<html><head><style>p { margin: 1em 0 }</style></head><body>\n"
        "<p>Dear Olivia,</p>\n<p>Thank you for your interest in our engineering team. We regret "
        "to inform you that you have not been selected for this position.</p>\n"
        "<p>We wish you the best of luck in your search.</p>\n<p>Midori Trading</p>\n"
        "</body></html>\n",
        "us-ascii, quoted-printable",
    )


def _others() -> Iterator[Sample]:
    yield _text(
        11,
        "rina.kato@mail.example.org",
        "内定のご連絡",
        "加藤 里奈 様\n\n選考の結果、貴方を採用させていただくことに内定いたしました。\n"
        "つきましては入社承諾書をお送りいたしますので、1月20日までにご返送ください。\n\n"
        f"{_SIGNATURE}",
        "iso-2022-jp, 7bit",
    )
    yield _both(
        12,
        "daiki.mori@mail.example.net",
        "二次面接のご案内",
        "森 大輝 様\n\n一次面接の結果、ぜひ二次面接にお越しいただきたくご連絡いたしました。\n"
        "下記の候補日よりご都合のよい日時をお知らせください。\n\n"
        "1月14日(水) 10:00\n1月15日(木) 14:00\n\nみどり商事株式会社 採用担当\n",
        "utf-8, base64",
    )
    yield _text(
        13,
        "keiri@kokyaku.example",
        "1月分ご請求書送付のご案内",
        "株式会社顧客 経理ご担当者様\n\n平素より大変お世話になっております。\n"
        "1月分のご請求書をお送りいたします。1月末日までにお振込みをお願いいたします。\n\n"
        "みどり商事株式会社 経理部\n",
        "shift_jis, 8bit",
    )
    yield _signed()
    yield _text(
        15,
        f"buchou@{DOMAIN}",
        "Fw: 選考結果のご連絡(文面の確認)",
        "部長\n\n山田様には次のとおりお送りします。ご確認ください。\n\n"
        "「慎重に選考を重ねました結果、今回はご期待に添えない結果となりました。」\n",
        "utf-8, 8bit",
    )


def _signed() -> Sample:
    """Return a rejection with an S/MIME signature: a changed byte would break it."""
    recipient = "mei.fujita@mail.example.com"
    leaf = _leaf(
        "藤田 芽衣 様\n\nご応募いただき、ありがとうございました。慎重に検討いたしました結果、"
        "今回は採用を見送らせていただきます。\n",
        "text/plain",
        "utf-8",
        "base64",
    )
    signature = base64.encodebytes(b"a sample, not a real PKCS #7 signature").decode().strip()
    mail = (
        _header(14, recipient, "選考結果のご連絡")
        + 'Content-Type: multipart/signed; protocol="application/pkcs7-signature";\r\n'
        + '\tmicalg=sha-256; boundary="=_demo_14"\r\n\r\n'
        + f"--=_demo_14\r\n{leaf}\r\n--=_demo_14\r\n"
        + "Content-Type: application/pkcs7-signature; name=smime.p7s\r\n"
        + "Content-Transfer-Encoding: base64\r\n\r\n"
        + f"{signature}\r\n--=_demo_14--\r\n"
    )
    return Sample("signed (S/MIME)", recipient, mail.encode("latin-1"))
