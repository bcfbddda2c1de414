"""Letters to many people in many MIME forms, and both ways to decide about them."""

import base64
import quopri
from collections.abc import Callable, Iterable
from pathlib import Path

from gateway.core import known
from gateway.core.company import Company, Mode
from gateway.core.decide import decide
from gateway.core.envelope import Address, Envelope
from gateway.core.plan import Desk, Plan
from gateway.render import Renderer

ROOT = Path(__file__).resolve().parent.parent.parent
HR = Address("saiyo@a.example")
COMPANY = Company(1, "株式会社サンプル", ("a.example",), mode=Mode.INJECT)
DESK = Desk(b"k" * 32, "https://relay.example", Renderer(ROOT / "templates").block)

LETTER = """\
{name} 様

株式会社サンプル 採用担当の鈴木でございます。
このたびは弊社の求人にご応募いただき、誠にありがとうございました。
社内で慎重に選考を重ねましたが、誠に残念ながら、今回は採用を見送らせていただきます。
末筆ではございますが、{name} 様の今後のご活躍を心よりお祈り申し上げます。

--
株式会社サンプル 人事部 鈴木
"""
ORDINARY = """\
{name} 様

株式会社サンプルの鈴木です。いつもお世話になっております。
ご依頼いただいた四月の納品分につきまして、資料をお送りします。
ご不明な点がございましたら、いつでもお問い合わせください。{name} 様にもよろしくお伝えください。
"""
ENGLISH = """\
Dear {name},

Thank you for applying to Sample Inc. and for your time.
Unfortunately, we have decided not to move forward with your application.
We wish you all the best in your job search.

Sample Inc. Recruiting
"""
NAMES = ("山田 太郎", "佐藤 花子", "長谷川 美咲", "林 健", "佐々木 凛", "五十嵐 翔太", "候補 12345")
LATIN = ("Mary Smith", "Lucy Brown", "Kenji Sato", "Sofia Rossi")


def encoded(text: str) -> str:
    return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="


def head(number: int, name: str, boundary: str = "") -> str:
    """Return what stands above the body; a name is shown in To and Subject."""
    kind = f'multipart/alternative; boundary="{boundary}"' if boundary else ""
    address = f"c{number}@mail.example"
    shown = encoded(name)
    return "".join((
        f"Received: from mx.a.example by relay.a.example id {number:08x};\r\n\tMon, 5 Jan 2026\r\n",
        f"From: =?utf-8?B?5o6h55So5ouF5b2T?= <{HR}>\r\n",
        f"To: {shown} <{address}>\r\n" if name else f"To: {address}\r\n",
        f"Subject: {encoded(f'【選考結果】{name} 様' if name else '選考結果のご案内')}\r\n",
        f"Date: Mon, 05 Jan 2026 10:00:{number % 60:02} +0900\r\n",
        f"Message-ID: <{number}@a.example>\r\nX-Id: {number * 7919}\r\nMIME-Version: 1.0\r\n",
        f"Content-Type: {kind}\r\n" if kind else "",
    ))  # fmt: skip


def base64_leaf(text: str) -> str:
    data = base64.encodebytes(text.replace("\n", "\r\n").encode()).decode().replace("\n", "\r\n")
    return f"Content-Transfer-Encoding: base64\r\n\r\n{data}"


def html_leaf(text: str) -> str:
    page = f"<html><body>\n<p>{text.replace(chr(10), '<br>' + chr(10))}</p>\n</body></html>\n"
    data = quopri.encodestring(page.encode()).decode().replace("\n", "\r\n")
    return f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{data}"


UTF_8 = "; charset=utf-8\r\n"


def _alternatives(number: int, text: str, name: str) -> str:
    mark = f"=_{number * 104729:x}"
    return "".join((
        head(number, name, mark),
        f"\r\n--{mark}\r\nContent-Type: text/plain", UTF_8, base64_leaf(text),
        f"\r\n--{mark}\r\nContent-Type: text/html", UTF_8, html_leaf(text), f"\r\n--{mark}--\r\n",
    ))  # fmt: skip


def _attached(number: int, text: str, _name: str) -> str:
    outer, inner = f"outer{number}x", f"inner{number % 3}y"
    file = base64.encodebytes(b"%PDF" * 900).decode().replace("\n", "\r\n")
    return "".join((
        head(number, "", outer).replace("alternative", "mixed"),
        f"\r\n--{outer}\r\nContent-Type: multipart/alternative; boundary={inner}\r\n",
        f"\r\n--{inner}\r\nContent-Type: text/plain", UTF_8, base64_leaf(text),
        f"\r\n--{inner}\r\nContent-Type: text/html", UTF_8, html_leaf(text), f"\r\n--{inner}--\r\n",
        f"\r\n--{outer}\r\nContent-Type: application/pdf; name=a.pdf\r\n",
        f"Content-Transfer-Encoding: base64\r\n\r\n{file}\r\n--{outer}--\r\n",
    ))  # fmt: skip


def _single(number: int, text: str, name: str) -> str:
    return head(number, name) + "Content-Type: text/plain" + UTF_8 + base64_leaf(text)


def _page(number: int, text: str, _name: str) -> str:
    return head(number, "") + "Content-Type: text/html" + UTF_8 + html_leaf(text)


def _jis(number: int, text: str, name: str) -> str:
    fields = "Content-Type: text/plain; charset=ISO-2022-JP\r\n\r\n"
    body = text.replace("\n", "\r\n").encode("iso2022_jp")
    return head(number, name) + fields + body.decode("ascii")


FORMS: dict[str, Callable[[int, str, str], str]] = {
    "alternatives": _alternatives,
    "attached": _attached,
    "single": _single,
    "page": _page,
    "jis": _jis,
}


def mail_of(form: str, number: int, letter: str, name: str) -> bytes:
    return FORMS[form](number, letter.format(name=name), name).encode()


def envelope_of(raw: bytes) -> Envelope:
    """Return the envelope of a mail to who stands in its To."""
    value = raw[raw.index(b"\r\nTo: ") + 6 :].partition(b"\r\n")[0]
    return Envelope(HR, (Address(value.rpartition(b"<")[2].strip(b">").decode()),))


def anew(raw: bytes, envelope: Envelope, company: Company = COMPANY, desk: Desk = DESK) -> Plan:
    known.forget()
    return decide(raw, envelope, company, desk)


def is_known(raw: bytes, envelope: Envelope, company: Company = COMPANY, desk: Desk = DESK) -> bool:
    """Tell whether the mail's plan is known."""
    met = known.meet(raw, envelope, company, desk)
    return met is not None and met.plan is not None


def teach(mails: Iterable[bytes]) -> None:
    known.forget()
    for raw in mails:
        decide(raw, envelope_of(raw), COMPANY, DESK)
