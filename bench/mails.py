"""The mails of the relay's bench: bytes by kind and number, every one to another candidate."""

import base64
import enum
import quopri
from collections.abc import Callable

SENDER = "saiyo@bench.example"
DOMAIN = "bench.example"

_LETTER = """\
{name} 様

株式会社ベンチ商事 採用担当の鈴木でございます。
このたびは、数ある企業の中から弊社の求人にご応募いただき、誠にありがとうございました。

面接では、これまでのご経験や仕事への思いを丁寧にお話しくださり、面接官一同、大変興味深く
伺いました。ご提出いただいた書類とあわせて、社内で慎重に選考を重ねてまいりました。

その結果、誠に残念ながら、今回は採用を見送らせていただくこととなりました。
ご期待に沿えず大変心苦しく存じますが、何卒ご了承くださいますようお願い申し上げます。

なお、お預かりした応募書類は、弊社の個人情報保護方針に沿って責任をもって破棄いたします。

末筆ではございますが、{name} 様の今後のご活躍を心よりお祈り申し上げます。

--
株式会社ベンチ商事 人事部 採用担当 鈴木
〒100-0000 東京都千代田区見本町1-2-3
TEL 03-0000-0000
saiyo@bench.example
"""

_REASONS = """
今回は募集の人数を大きく上回るご応募をいただきました。どの方もそれぞれに優れた経験をお持ちで、
選考には例年よりも長い時間がかかりました。ご連絡が遅くなりましたことを、お詫び申し上げます。

選考では、これまでに担当された仕事の内容、入社後に取り組みたいこと、勤務地や働き方のご希望を、
部署ごとの状況と照らし合わせて拝見しました。個別の理由についてのお問い合わせには、お答えして
おりません。あらかじめご了承ください。

お立て替えいただいた交通費は、月末までにご指定の口座へお振り込みいたします。領収書の原本を
まだお送りいただいていない場合は、下記の住所までお送りください。ご質問は、平日の午前九時から
午後五時まで、採用担当の窓口でお受けしています。

面接の当日は、雨の中を本社までお越しいただき、ありがとうございました。工場の見学では、現場の
社員にも熱心にご質問くださり、案内した者も大変励みになったと申しておりました。お話しいただいた
研究の内容は、私どもの製品づくりにも通じるところが多く、時間が足りないと感じたほどでした。

弊社では、今後も春と秋に募集を行います。募集の要項は弊社のウェブサイトに掲載し、説明会の日程も
あわせてお知らせしています。説明会への参加は自由で、選考の結果には一切かかわりません。

また、選考の進め方についてご意見がございましたら、同封の用紙にご記入のうえ、お送りください。
お寄せいただいたご意見は、採用担当の者が必ず目を通し、次の募集の準備に役立ててまいります。
お名前をお書きいただく必要はございません。

"""

_REPORT = """\
{name} 様

株式会社ベンチ商事の鈴木です。いつもお世話になっております。
先日ご依頼いただいた四月の納品分につきまして、資料をお送りします。

数量は前回と同じで、納期は来月の十日を予定しております。配送先に変更がありましたら、
今週の金曜日までにこのメールへご返信ください。請求書は月末にまとめてお送りします。

また、来月の定例会は第二水曜日の午後二時から、弊社の会議室で開く予定です。議題は、夏に向けた
在庫の見直しと、新しい梱包材の試験結果の共有です。前回いただいたご意見をもとに、見積もりも
作り直しましたので、当日にご説明いたします。ご都合が合わない場合は、候補日をお知らせください。

ご不明な点がございましたら、いつでもお問い合わせください。引き続きよろしくお願いいたします。

--
株式会社ベンチ商事 営業部 鈴木
〒100-0000 東京都千代田区見本町1-2-3
TEL 03-0000-0000
"""

_ATTACHMENT = base64.encodebytes(bytes(range(256)) * 560).replace(b"\n", b"\r\n")


class Kind(enum.StrEnum):
    """What a mail of the bench is like."""

    REJECTION = "5 KB rejection"
    FRESH = "5 KB rejection, no sentence twice"
    JIS = "3 KB ISO-2022-JP rejection"
    OTHER = "5 KB other mail"
    ATTACHMENT = "200 KB attachment"
    MIX = "90/10 mix"
    LARGE = "20 MB attachment"


def recipient(number: int) -> str:
    """Return the address of the candidate with this number."""
    return f"candidate-{number}@mail.example"


def write_mail(kind: Kind, number: int) -> bytes:
    """Return mail `number` of a kind; with CRLF line ends, no dot at a line's start.

    In the mix nine of ten are other mails, from a sender that also rejects.
    """
    if kind is Kind.MIX:
        kind = Kind.REJECTION if number % 10 == 0 else Kind.OTHER
    return _head(number) + _BODIES[kind](f"候補 {number}")


def number_of(content: bytes) -> int:
    """Return the number of a mail that arrived.

    Raises ValueError when it is none of the bench's.
    """
    start = content.find(b"\r\nX-Bench: ") + 11
    return int(content[start : content.index(b"\r", start)])


def _head(number: int) -> bytes:
    return (
        f"From: =?utf-8?B?5o6h55So5ouF5b2T?= <{SENDER}>\r\nTo: {recipient(number)}\r\n"
        "Subject: =?utf-8?B?6YG46ICD57WQ5p6c44Gu44GU5qGI5YaF?=\r\n"
        "Date: Mon, 05 Jan 2026 10:00:00 +0900\r\n"
        f"Message-ID: <{number}@{DOMAIN}>\r\nX-Bench: {number}\r\nMIME-Version: 1.0\r\n"
    ).encode()


def _plain(text: str) -> bytes:
    data = base64.encodebytes(text.replace("\n", "\r\n").encode()).replace(b"\n", b"\r\n")
    return (
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + data
    )


def _html(text: str) -> bytes:
    paragraphs = "\n".join(
        f"<p>{one.replace(chr(10), '<br>' + chr(10))}</p>" for one in text.split("\n\n")
    )
    page = f"<html><body>\n{paragraphs}\n</body></html>\n"
    data = quopri.encodestring(page.encode()).replace(b"\n", b"\r\n")
    fields = "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"
    return fields.encode() + b"\r\n\r\n" + data


def _alternatives(text: str) -> bytes:
    return b"\r\n".join((
        b"Content-Type: multipart/alternative; boundary=alt\r\n", b"--alt", _plain(text),
        b"--alt", _html(text), b"--alt--\r\n",
    ))  # fmt: skip


def _rejection(name: str) -> bytes:
    return _alternatives(_LETTER.format(name=name))


def _fresh(name: str) -> bytes:
    """Return a rejection of which the relay can have seen no sentence before, whoever is named."""
    number = name.rpartition(" ")[2]
    return _alternatives(_LETTER.format(name=name).replace("。", f"(第{number}号)。"))


def _other(name: str) -> bytes:
    return _alternatives(_REPORT.format(name=name))


def _jis(name: str) -> bytes:
    text = (
        _LETTER.format(name=name).replace("\nなお、", _REASONS + "\nなお、").replace("\n", "\r\n")
    )
    fields = b"Content-Type: text/plain; charset=ISO-2022-JP\r\nContent-Transfer-Encoding: 7bit"
    return fields + b"\r\n\r\n" + text.encode("iso2022_jp")


def _attached(name: str, times: int = 1) -> bytes:
    return b"".join((
        b"Content-Type: multipart/mixed; boundary=mix\r\n\r\n--mix\r\n", _rejection(name),
        b"\r\n--mix\r\nContent-Type: application/pdf; name=a.pdf\r\n",
        b"Content-Disposition: attachment; filename=a.pdf\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\n", _ATTACHMENT * times, b"--mix--\r\n",
    ))  # fmt: skip


_BODIES: dict[Kind, Callable[[str], bytes]] = {
    Kind.REJECTION: _rejection,
    Kind.JIS: _jis,
    Kind.FRESH: _fresh,
    Kind.OTHER: _other,
    Kind.ATTACHMENT: _attached,
    Kind.LARGE: lambda name: _attached(name, 103),
}
