"""Past mails: what is one mail in an mbox, a maildir and a folder."""

import tracemalloc
from pathlib import Path

import pytest

from gateway.cli.mailboxes import past_mails
from gateway.errors import NotFoundError

MAIL = b"From: a@a.example\nSubject: x\n\n"


def raws(path: Path) -> list[bytes]:
    return [mail.raw for mail in past_mails(path)]


@pytest.mark.parametrize(
    ("mbox", "mails"),
    [
        pytest.param(
            b"From a@a.example Mon Apr  1 09:00:00 2026\n" + MAIL + b"One\n\n"
            b"From b Tue Apr  2 09:00:00 2026\n" + MAIL + b"Two\n",
            [b"One\r\n", b"Two\r\n"],
            id="two",
        ),
        pytest.param(
            b"From a Mon Apr  1 09:00:00 2026\n" + MAIL + b">From here on\n>>From there\n",
            [b"From here on\r\n>From there\r\n"],
            id="quoted From",
        ),
        pytest.param(
            b"From a Mon Apr  1 09:00:00 2026\n" + MAIL + b"One\n\nFrom now on all is well.\n",
            [b"One\r\n\r\nFrom now on all is well.\r\n"],
            id="a sentence is no postmark",
        ),
        pytest.param(
            b"From 17@xxx Mon Apr 01 09:00:00 +0000 2026\r\n" + MAIL + b"One\r\n\r\n"
            b"From - Tue Apr 02 09:00:00 2026\r\n" + MAIL + b"Two",
            [b"One\r\n", b"Two"],
            id="CRLF, as mail programs export",
        ),
    ],
)
def test_an_mbox_is_cut_at_its_postmarks(tmp_path: Path, mbox: bytes, mails: list[bytes]) -> None:
    file = tmp_path / "sent"
    file.write_bytes(mbox)
    head = MAIL.replace(b"\n", b"\r\n")
    assert raws(file) == [head + mail for mail in mails]


def test_a_maildir_has_one_mail_a_file(tmp_path: Path) -> None:
    for name in ("cur/1:2,S", "new/2", "tmp/3", ".Sent/cur/4:2,S"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(MAIL + name.encode())
    assert [mail.place for mail in past_mails(tmp_path)] == [
        ".Sent/cur/4:2,S",
        "cur/1:2,S",
        "new/2",
    ]


def test_a_folder_has_mail_files_and_mboxes(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(MAIL + b"One")
    (tmp_path / "two.mbox").write_bytes(b"From a Mon Apr  1 09:00:00 2026\n" + MAIL + b"Two")
    (tmp_path / "notes.txt").write_bytes(b"no mail")
    assert [mail.place for mail in past_mails(tmp_path)] == ["one.eml", "two.mbox #1"]


def test_a_large_mbox_is_never_in_memory_at_once(tmp_path: Path) -> None:
    file = tmp_path / "sent.mbox"
    one = b"From a Mon Apr  1 09:00:00 2026\n" + MAIL + b"words and words\n" * 20_000 + b"\n"
    with file.open("wb") as stream:
        for _ in range(40):
            stream.write(one)
    tracemalloc.start()
    count = sum(1 for _ in past_mails(file))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 40
    assert peak < 8 * len(one) < file.stat().st_size


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="cannot be read"):
        raws(tmp_path / "missing")
