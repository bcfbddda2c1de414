"""`letter`: what a company registers, from a file or from standard input."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.cli.conftest import COMPANY, Line
from tests.cli.test_reviews import LETTER


def make_mail() -> bytes:
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "選考結果のご連絡", "hr@a.example"
    mail.set_content(LETTER + "\n", charset="utf-8", cte="base64")
    return mail.as_bytes()


@pytest.mark.parametrize("name", ["letter.eml", "letter.txt", "-"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_a_mail_is_read_as_a_mail_however_it_comes(
    line: Line, tmp_path: Path, name: str, line_end: bytes
) -> None:
    mail = make_mail().replace(b"\n", line_end)
    file = name if name == "-" else str(tmp_path / name)
    if name != "-":
        Path(file).write_bytes(mail)
    said = line("letter", "add", COMPANY, file, stdin=mail)
    assert said == f"{COMPANY}: letter no. 1 registered, 4 sentences.\n"
    text = LETTER.encode()
    assert "registered already" in line("letter", "add", COMPANY, "-", stdin=text, fails=True)


@pytest.mark.parametrize("first", ["", "Subject: 選考結果\n\n", "Dear Taro:\n"])
def test_a_text_is_read_as_a_text(line: Line, first: str) -> None:
    said = line("letter", "add", COMPANY, "-", stdin=(first + LETTER + "\n\nFrom: hr\n").encode())
    assert "registered" in said
