"""Many mails made by chance: python -m tests.properties.generate COUNT [SEED].

The strategies of tests.properties.mails without hypothesis' bookkeeping, wider: structure, charset,
encoding, line end, content, labels and headers that follow an edit. Prints the reasons found.
"""

import base64
import binascii
import random
import sys
import time
from collections import Counter

from tests.fuzz.target import look_at
from tests.properties.mails import ATTACHMENT, LINES, PIECES

_CODECS = {
    "utf-8": "utf-8",
    "iso-2022-jp": "iso2022_jp",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
    "us-ascii": "ascii",
    "iso-8859-1": "latin-1",
    "gb2312": "gbk",
    "big5": "big5",
    "euc-kr": "cp949",
    "x-unknown": "ascii",
    "": "ascii",
}
_MORE_LINES = (
    *(
        "Sample Inc.",
        "みどり商事株式会社 人事部",
        "----------------",
        "taro様",
        "山田様",
        "> 一つだけです。",
    ),
    *(
        "以上、よろしくお願いいたします。",
        "Sent from my iPhone",
        "①㈱髙﨑ｶﾅ",
        "=20",
        "a" * 1200,
        "\x0c",
    ),
    *("begin 644 x", "https://a.example/?a=b&c=d", "差出人：人事", "▼▼▼▼▼▼", " indented", ""),
)
_MORE_PIECES = (
    *(
        "<pre>",
        "</pre>",
        "a\n-- \nHR\n",
        "<br>",
        "<br><br>",
        "<span class=x>",
        "みどり商事株式会社 人事部",
    ),
    *(
        "<p class=x>",
        "</p>",
        "<div id=divRplyFwdMsg>",
        "On Mon, 5 Jan 2026, Taro wrote:<br>",
        "<hr>",
    ),
    *("<h1>x</h1>", "text", "選考の結果です。", "<!-- x", "<td>", "<table>", "<font>", "</font>"),
)
_HEADERS = (
    *("Content-Length: 500", "Lines: 20", "X-Odd:", "Subject: x| | y", "Precedence: bulk"),
    *("Auto-Submitted: auto-generated", "List-Unsubscribe: <mailto:u@a.example>"),
    *(
        "DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s;| b=x",
        "List-Id: <x>",
        "MIME-Version: 1.0",
    ),
)
_TYPES = ("mixed", "mixed", "mixed", "alternative", "related", "x-unknown", "parallel", "signed")


class Maker:
    """Makes one mail after the other from one seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def mail(self) -> bytes:
        """Return the next mail."""
        chance = self._chance
        line_end = chance.choice((b"\r\n", b"\r\n", b"\n"))
        head = "From: HR <hr@a.example>|To: taro@example.org|"
        head += "".join(f"{one}|" for one in chance.sample(_HEADERS, chance.choice((0, 0, 1, 3))))
        raw = head.encode().replace(b"|", line_end) + self._content(line_end, depth=0)
        if chance.random() < 0.05:
            raw = raw.replace(b"\r\n", b"\n", chance.randrange(1, 6))
        if chance.random() < 0.08:
            at = chance.randrange(len(raw))
            raw = (
                raw[:at]
                + chance.choice((b"\r\n", b"--b", b"=", b"\x1b$B", b"<p>", b"\xff"))
                + raw[at:]
            )
        return raw

    def _content(self, line_end: bytes, depth: int) -> bytes:
        kind = self._chance.random()
        if kind < 0.35 + depth / 8:
            return self._leaf("plain", line_end)
        if kind < 0.55 + depth / 8:
            return self._leaf("html", line_end)
        if kind < 0.75 or depth > 2:
            parts = [self._leaf("plain", line_end), self._leaf("html", line_end)]
            return self._multipart("alternative", parts, line_end, depth)
        parts = [self._content(line_end, depth + 1) for _ in range(self._chance.choice((1, 2, 3)))]
        if self._chance.random() < 0.6:
            at = self._chance.randrange(len(parts) + 1)
            parts.insert(at, ATTACHMENT.replace(b"@", line_end))
        return self._multipart(self._chance.choice(_TYPES), parts, line_end, depth)

    def _multipart(self, subtype: str, parts: list[bytes], line_end: bytes, depth: int) -> bytes:
        boundary = self._chance.choice((b"b", b"bb x", b"=_Part")) + b"%d" % depth
        head = b'Content-Type: multipart/%s; boundary="%s"' % (subtype.encode(), boundary)
        joint = line_end + b"--" + boundary + line_end
        close = self._chance.choice((b"--", b"--" + line_end, b"-- " + line_end + b"epilogue", b""))
        preamble = self._chance.choice((b"", b"preamble"))
        end = line_end + b"--" + boundary + close if close else b""
        return head + line_end * 2 + preamble + joint + joint.join(parts) + end

    def _leaf(self, subtype: str, line_end: bytes) -> bytes:
        chance = self._chance
        charset = chance.choice(tuple(_CODECS))
        data = self._text(subtype).encode(_CODECS[charset], "ignore")
        encoding = chance.choice(("7bit", "8bit", "", "quoted-printable", "base64"))
        inner = chance.choice((b"\r\n", b"\n")) if encoding == "base64" else line_end
        data = data.replace(b"\n", inner)
        if encoding in ("base64", "quoted-printable") and chance.random() < 0.1:
            data = data.replace(b"\r\n", b"\n", 3)
        label = f"; charset={charset}" if charset else ""
        label += chance.choice(("", "", "", "; format=flowed", "; format=flowed; delsp=yes"))
        fields = [f"Content-Type: text/{subtype}{label}".encode()]
        if subtype == "plain" and not label and chance.random() < 0.5:
            fields = []
        fields += [b"Content-Transfer-Encoding: " + encoding.encode()] if encoding else []
        return (
            b"".join(f + line_end for f in fields)
            + line_end
            + self._encode(data, encoding, line_end)
        )

    def _text(self, subtype: str) -> str:
        chance = self._chance
        count = chance.randrange(18)
        end = chance.choice(("", "\n", "\n\n"))
        if subtype == "plain":
            return "\n".join(chance.choices((*LINES, *_MORE_LINES), k=count)) + end
        return (
            chance.choice(("<html><body>", "", "<html><meta charset=Shift_JIS><body>"))
            + "".join(chance.choices((*PIECES, *_MORE_PIECES), k=count))
            + end
        )

    def _encode(self, data: bytes, encoding: str, line_end: bytes) -> bytes:
        if encoding == "quoted-printable":
            return binascii.b2a_qp(data).replace(b"\r\n", b"\n").replace(b"\n", line_end)
        if encoding == "base64":
            width = self._chance.choice((76, 60, 72, 64, 4000))
            packed = base64.b64encode(data)
            lines = [packed[at : at + width] for at in range(0, len(packed), width)]
            blank = self._chance.choice((b"", b"", b"", b" "))
            return (blank + line_end).join(lines) + self._chance.choice((b"", line_end))
        return data


def main(count: int, seed: int) -> None:
    """Look at `count` mails and print what became of them."""
    maker = Maker(seed)
    found: Counter[str] = Counter()
    started = time.perf_counter()
    for number in range(count):
        raw = maker.mail()
        try:
            found[look_at(raw)] += 1
        except Exception as error:  # noqa: BLE001  all that is found is told
            found["VIOLATION"] += 1
            print(f"mail {number} of seed {seed}: {error!r}\n{raw!r}", flush=True)  # noqa: T201
    seconds = time.perf_counter() - started
    print(f"{count} mails, seed {seed}, {seconds:.0f} s: {dict(found.most_common())}")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
