"""`explain`: five lines about a mail, and a report about many."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.app import app
from gateway.core.company import Language
from gateway.core.verdict import Verdict
from gateway.core.why import Action, Why
from gateway.web.explanation import Decided, five_lines
from tests.detection.mails import as_text, load

MAILS = {mail.id: mail for mail in load("dev")}
REJECTION, OTHER = MAILS["dev-001"], next(m for m in MAILS.values() if m.kind == "interview_invite")


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["explain", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for mail in (REJECTION, OTHER):
        (tmp_path / f"{mail.id}.eml").write_bytes(as_text(mail))
    return tmp_path


def test_a_japanese_mail_is_explained_in_five_japanese_lines(folder: Path) -> None:
    name, *lines = run(str(folder / "dev-001.eml")).splitlines()
    assert name.endswith("dev-001.eml")
    assert [line.split(":")[0].strip() for line in lines] == [
        "判定",
        "主な根拠",
        "反対の根拠",
        "中継の処理",
        "変わる条件",
    ]
    assert "不採用の文: 採用や選考を見送る" in lines[1]
    assert "リンクを記載する" in lines[3]


def test_the_language_can_be_chosen(folder: Path) -> None:
    lines = run("--language", "en", str(folder / "dev-001.eml")).splitlines()
    assert lines[1].strip().startswith("Verdict: rejection, score")
    assert len(lines) == 6


def test_no_word_of_the_mail_is_said(folder: Path) -> None:
    said = run(*map(str, sorted(folder.glob("*.eml"))))
    for mail in (REJECTION, OTHER):
        for line in (mail.subject, *mail.body.splitlines()):
            assert len(line) < 8 or line not in said


def test_a_report_counts_and_lists_the_doubtful_first(folder: Path) -> None:
    said = run("--mbox", str(folder), "--language", "en").splitlines()
    assert said[0] == "2 mails"
    assert [line.split() for line in said[1:4]] == [
        ["0", "possible"],
        ["1", "rejection"],
        ["1", "other"],
    ]
    assert said[-1].split()[:3] == ["dev-001.eml", "-", "rejection"]
    assert len(run("--mbox", str(folder), "--all").splitlines()) == len(said) + 1


def test_a_report_can_be_read_by_a_program(folder: Path) -> None:
    rows = [json.loads(line) for line in run("--mbox", str(folder), "--json").splitlines()]
    assert [row["place"] for row in rows] == ["dev-001.eml", f"{OTHER.id}.eml"]
    assert rows[0]["verdict"] == "rejection"


def test_either_files_or_a_mailbox() -> None:
    assert CliRunner().invoke(app, ["explain"]).exit_code == 2


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("why", Why)
def test_every_reason_has_five_lines(why: Why, language: Language) -> None:
    lines = five_lines(Decided(Verdict.OTHER, 0.0, why, Action.PASSED, (), ()), language)
    assert len(lines) == 5
    assert all(line.strip() for line in lines)


@pytest.mark.parametrize(
    "why",
    [
        *(Why.FOREIGN_FROM, Why.ODD_FROM, Why.UNPROVEN_DOMAIN, Why.TOO_MANY_CANDIDATES),
        *(Why.SEVERAL_CANDIDATES, Why.NEXT_HOP_SIZE, Why.NEXT_HOP_EIGHT_BIT, Why.BRAKED),
    ],
)
def test_what_a_person_can_change_is_not_called_never_touched(why: Why) -> None:
    decided = Decided(Verdict.REJECTION, 1.0, why, Action.PASSED, (), ())
    assert "never touched" not in five_lines(decided, Language.EN)[-1]
