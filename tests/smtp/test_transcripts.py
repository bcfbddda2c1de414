r"""Whole dialogues from files, over a real socket.

`> line` sends a line with CRLF; in it \r \n \0 stand for themselves, \*9 for nine x, and \+9 with
what follows, up to the first \r\n, for nine such lines.
`< text` is the next reply line, `*` in it any text.
`* 250` is a whole reply of any number of lines with that code.
`!` is the end: the gateway has closed the connection. `@login` is greeting, EHLO and AUTH.
"""

import re
from pathlib import Path

import pytest

from tests.smtp.gateways import PLAIN, Gateway, Wire
from tests.smtp.sink import Sink

TRANSCRIPTS = sorted((Path(__file__).parent.parent / "transcripts").glob("*.smtp"))
LOGIN = ["< 220 *", "> EHLO client.example", "* 250", f"> AUTH PLAIN {PLAIN}", "< 235 2.7.0 *"]
ESCAPES = {r"\r": "\r", r"\n": "\n", r"\0": "\0"}


@pytest.mark.parametrize("file", [pytest.param(file, id=file.stem) for file in TRANSCRIPTS])
def test_transcript(gateway: Gateway, sink: Sink, file: Path) -> None:
    sink.answers = {
        b"RCPT TO:<UNKNOWN@": "550 5.1.1 No such person",
        b"RCPT TO:<FULL@": "452-4.2.2 Mailbox\n452 4.2.2 full",
    }
    steps = file.read_text(encoding="utf-8").splitlines()
    assert steps[0].startswith("# RFC"), "a transcript cites what it shows"
    with gateway.wire_unread() as wire:
        for step in steps[1:]:
            for one in LOGIN if step == "@login" else [step]:
                play(wire, one)


def play(wire: Wire, step: str) -> None:
    kind, text = step[:1], step[2:]
    if kind == ">":
        wire.send(unescape(text).encode() + b"\r\n")
    elif kind == "<":
        line = wire.line()
        assert fits(text, line), f"{line!r} where {text!r} was due"
    elif kind == "*":
        assert wire.reply().startswith(text)
    elif kind == "!":
        assert wire.is_closed()
    else:
        assert step.startswith("#"), step


def unescape(text: str) -> str:
    for escape, character in ESCAPES.items():
        text = text.replace(escape, character)
    text = re.sub(r"\\\*(\d+)", lambda found: "x" * int(found[1]), text)
    return re.sub(r"\\\+(\d+)(.*?\r\n)", lambda found: found[2] * int(found[1]), text)


def fits(pattern: str, line: str) -> bool:
    return bool(re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), line))


def test_there_are_transcripts() -> None:
    assert len(TRANSCRIPTS) >= 40


def test_a_wrong_transcript_fails(gateway: Gateway) -> None:
    with gateway.wire_unread() as wire, pytest.raises(AssertionError):
        play(wire, "< 221 *")
