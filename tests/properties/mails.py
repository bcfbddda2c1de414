"""A small generator of mails: structure x charset x encoding x line end x content."""

import base64
import binascii
from dataclasses import dataclass

from hypothesis import strategies as st

CHARSETS = ("utf-8", "iso-2022-jp", "shift_jis", "euc-jp", "us-ascii", "iso-8859-1", "gb2312")
_CODECS = {"shift_jis": "cp932", "us-ascii": "ascii", "gb2312": "gbk", "iso-2022-jp": "iso2022_jp"}

LINES = (
    *(
        "",
        "",
        "山田 太郎 様",
        "株式会社サンプルの採用担当です。",
        "選考の結果、ご期待に添えない結果となりました。",
    ),
    *(
        "今後のご活躍をお祈り申し上げます。",
        "Dear Taro,",
        "Unfortunately we cannot offer you a position.",
    ),
    *(
        "-- ",
        "--",
        "━━━━━━━━━━━━━━",
        "株式会社サンプル 人事部",
        "〒100-0001 東京都千代田区 TEL 03-0000-0000",
    ),
    *(
        "> 先日はありがとうございました。",
        "> よろしくお願いします。",
        "> Hello",
        ">> old",
        "-----Original Message-----",
    ),
    *("2026年1月5日(月) 10:00 山田 <taro@example.org>:", "On Mon, 5 Jan 2026, Taro wrote:"),
    *(
        "差出人: 人事",
        "送信日時: 2026年1月5日",
        "宛先: 山田",
        "件名: 結果",
        "From: HR",
        "Sent: today",
        "To: you",
    ),
    *("a=3D=", "tail blank ", "\t", "=", "表示ソ", ". ", "From here", "--b1", "x" * 200, "あ" * 60),
)

PIECES = (
    *(
        "<p>山田様</p>",
        "<p>Unfortunately</p>",
        "text<br>",
        "<div>",
        "</div>",
        "<table><tr><td>",
        "</td></tr></table>",
    ),
    *(
        "<blockquote type=cite>old</blockquote>",
        '<div class="gmail_quote">',
        "<!-- </body> -->",
        "<pre>a\nb</pre>",
    ),
    *(
        "<style>p{content:'</body>'}</style>",
        "<script>'</body>'</script>",
        "<a href='x>y'>",
        "</a>",
        "-- <br>",
    ),
    *(
        "<!--[if mso]><p>x</p><![endif]-->",
        "<p>",
        "<span style='display:none'>",
        "</span>",
        "&nbsp;",
        "&lt;",
        "< ",
        "<",
    ),
    *(
        "━━━━━━━━<br>株式会社サンプル<br>TEL 03-0000-0000<br>",
        "</body>",
        "</html>",
        "<ul><li>",
        "</ul>",
        "\n",
        "  ",
    ),
)


@dataclass(frozen=True)
class Mail:
    """A generated mail and how it was made."""

    raw: bytes
    line_end: bytes


def _encode(text: str, charset: str) -> bytes:
    return text.encode(_CODECS.get(charset, charset), "ignore")


@st.composite
def leaves(draw: st.DrawFn, subtype: str, line_end: bytes) -> bytes:
    charset = draw(st.sampled_from(CHARSETS))
    if subtype == "plain":
        text = "\n".join(draw(st.lists(st.sampled_from(LINES), max_size=14)))
    else:
        text = "<html><body>" + "".join(draw(st.lists(st.sampled_from(PIECES), max_size=12)))
    text += draw(st.sampled_from(("", "\n", "\n\n")))
    encoding = draw(st.sampled_from(("7bit", "8bit", "", "quoted-printable", "base64")))
    inner_end = draw(st.sampled_from((b"\r\n", b"\n"))) if encoding == "base64" else line_end
    data = _encode(text, charset).replace(b"\n", inner_end)
    if encoding in ("7bit", "") and not data.isascii():
        encoding = "8bit"
    flowed = draw(st.sampled_from(("", "; format=flowed", "; format=flowed; delsp=yes")))
    head = [
        b"Content-Type: text/%s; charset=%s%s"
        % (subtype.encode(), charset.encode(), flowed.encode())
    ]
    if encoding:
        head.append(b"Content-Transfer-Encoding: " + encoding.encode())
    body = transfer_encode(draw, data, encoding, line_end)
    return line_end.join(head) + line_end * 2 + body


def transfer_encode(draw: st.DrawFn, data: bytes, encoding: str, line_end: bytes) -> bytes:
    if encoding == "quoted-printable":
        encoded = binascii.b2a_qp(data, istext=True).replace(b"\r\n", b"\n")
        return encoded.replace(b"\n", line_end)
    if encoding == "base64":
        width = draw(st.sampled_from((76, 60, 72, 64, 1000)))
        packed = base64.b64encode(data)
        lines = [packed[at : at + width] for at in range(0, len(packed), width)]
        return line_end.join(lines) + draw(st.sampled_from((b"", line_end)))
    return data


ATTACHMENT = (
    b"Content-Type: application/pdf; name=a.pdf@Content-Transfer-Encoding: base64@"
    b"Content-Disposition: attachment; filename=a.pdf@@JVBERi0xLjQK@"
)


def _multipart(
    subtype: bytes, boundary: bytes, parts: list[bytes], line_end: bytes, close: bytes
) -> bytes:
    head = b"Content-Type: multipart/" + subtype + b'; boundary="' + boundary + b'"' + line_end * 2
    joint = line_end + b"--" + boundary + line_end
    return head + b"preamble" + joint + joint.join(parts) + line_end + b"--" + boundary + close


@st.composite
def mails(draw: st.DrawFn) -> Mail:
    line_end = draw(st.sampled_from((b"\r\n", b"\n")))
    shape = draw(st.sampled_from(("plain", "html", "alternative", "mixed", "related", "deep")))
    close = draw(
        st.sampled_from(
            (b"--", b"--" + line_end, b"--" + line_end + b"epilogue", b"-- \t" + line_end)
        )
    )
    plain = draw(leaves("plain", line_end))
    html = draw(leaves("html", line_end))
    attachment = ATTACHMENT.replace(b"@", line_end)
    alternative = _multipart(b"alternative", b"b1x", [plain, html], line_end, close)
    related = _multipart(b"related", b"b1", [html, attachment], line_end, close)
    content = {
        "plain": plain,
        "html": html,
        "alternative": alternative,
        "mixed": _multipart(b"mixed", b"b1", [alternative, attachment], line_end, close),
        "related": _multipart(b"alternative", b"b1 b", [plain, related], line_end, close),
        "deep": _multipart(
            b"mixed", b"b", [_multipart(b"mixed", b"b1", [plain], line_end, close)], line_end, close
        ),
    }[shape]
    head = b"From: HR <hr@a.example>|To: taro@example.org|Subject: =?utf-8?q?x?=|MIME-Version: 1.0|"
    return Mail(head.replace(b"|", line_end) + content, line_end)
