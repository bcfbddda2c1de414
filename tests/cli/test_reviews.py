"""`review`: a person's word on the command line, and what follows from it for other mails."""

import dataclasses
import json

import pytest

from gateway.core.answer import Origin
from gateway.core.letters import register_letter
from gateway.core.reader import read_text
from gateway.core.verdict import Verdict
from gateway.store.engine import writing_session
from gateway.store.mails import record_mails
from tests.cli.conftest import COMPANY, Line
from tests.store.records import make_mail

LETTER = (
    "先日は面接にお越しいただき、ありがとうございました。社内で何度も話し合いを重ねた結果、"
    "残念ながら今回は採用を見送らせていただきます。現場でのご経験には一同大きな魅力を感じておりました"
    "ので、心苦しい限りです。お預かりした作品集は来週中に返送いたします。"
)


@pytest.fixture(autouse=True)
def log(line: Line) -> None:
    """Log three mails of one letter, sender and subject: two taken for rejections, one doubtful."""
    letter = register_letter(read_text(LETTER), b"k" * 32, 1)
    mail = dataclasses.replace(make_mail(1, ""), origin=Origin("1" * 32), letter=letter)
    with writing_session(line.parts.engine).begin() as session:
        record_mails(
            session,
            [
                dataclasses.replace(mail, queue_id="q-1"),
                dataclasses.replace(mail, queue_id="q-2"),
                dataclasses.replace(mail, queue_id="q-3", verdict=Verdict.POSSIBLE),
            ],
        )


def test_an_answer_tells_what_it_means_for_others(line: Line) -> None:
    assert "get no link from now on" in line("review", COMPANY, "q-1", "--no")
    assert "need a point less" in line("review", COMPANY, "q-3", "--yes")
    said = json.loads(line("review", COMPANY, "q-2", "--no", "--json"))
    assert said["rule"] == "no-link"
    assert json.loads(line("review", COMPANY, "q-2", "--yes", "--json"))["rule"] is None


def test_the_letter_of_a_confirmed_mail_is_registered_once(line: Line) -> None:
    said = line("review", COMPANY, "q-1", "--yes", "--letter")
    assert said.endswith("Sakura: letter no. 1 registered.\n")
    assert "no. 1  in use" in line("letter", "list", COMPANY)
    again = line("review", COMPANY, "q-2", "--yes", "--letter", fails=True)
    assert "registered already: no. 1" in again
    assert "cannot be remembered" in line("review", COMPANY, "q-1", "--yes", "--letter", fails=True)


@pytest.mark.parametrize("arguments", [("q-1", "--no", "--letter"), ("--letter",)])
def test_no_other_mail_becomes_a_letter(line: Line, arguments: tuple[str, ...]) -> None:
    assert "--letter goes with" in line("review", COMPANY, *arguments, fails=True)
    assert "No letter yet" in line("letter", "list", COMPANY)
