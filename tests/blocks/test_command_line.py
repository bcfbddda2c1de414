"""`career-relay company block`: what it shows, checks, saves, and says when something is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.app import app
from gateway.errors import CareerRelayError
from tests.blocks.samples import HTML, TEXT

Run = Callable[..., str]


@pytest.fixture
def run(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs the command and returns what it says; a company is there."""
    monkeypatch.setenv("CAREER_RELAY_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("CAREER_RELAY_DATA_DIR", str(tmp_path))
    runner = CliRunner()
    where = ("--domain", "sample.example", "--next-hop", "127.0.0.1:25")
    assert runner.invoke(app, ["company", "add", "見本", *where]).exit_code == 0

    def run(*arguments: str) -> str:
        done = runner.invoke(app, ["company", "block", *arguments], terminal_width=200)
        if isinstance(done.exception, CareerRelayError):
            raise done.exception
        return done.output

    return run


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str, str, str]:
    """Give the options that name two good template files, one with the mark editors leave."""
    (tmp_path / "own.txt").write_text(TEXT, encoding="utf-8-sig")
    (tmp_path / "own.html").write_text(HTML, encoding="utf-8")
    return "--text", str(tmp_path / "own.txt"), "--html", str(tmp_path / "own.html")


def test_a_block_is_tried_saved_shown_and_reset(run: Run, files: tuple[str, ...]) -> None:
    assert "the default; these templates are to begin with" in run("見本")
    tried = run("見本", *files, "--check")
    assert "Nothing was saved" in tried
    assert "見本(postmaster@sample.example)より\n" in tried
    assert '<div class="career-relay-block" lang="ja"' in tried
    assert "the default; these" in run("見本", "--show")
    assert "version 1 of the ja block is in use" in run("見本", *files)
    assert "ja block: version 1" in run("見本")
    assert "en block: the default" in run("見本", "--language", "en")
    assert "the default ja block is in use" in run("見本", "--reset")
    assert "the default; these" in run("見本")


def test_everything_wrong_is_said_in_both_languages(
    run: Run, files: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "own.txt").write_text(TEXT.replace("より", "😀"), encoding="utf-8")
    (tmp_path / "own.html").write_text("<p onclick='x'>", encoding="utf-8")
    with pytest.raises(CareerRelayError, match="not saved, because") as error:
        run("見本", *files)
    said = str(error.value)
    assert "text: The charset of Japanese mail (ISO-2022-JP) lacks: 😀" in said
    assert "表せない文字があります: 😀" in said
    assert 'html: The attribute "onclick" of <p> cannot be used' in said
    assert "the default" in run("見本")


def test_a_company_or_file_that_is_not_there_is_named(
    run: Run, files: tuple[str, ...], tmp_path: Path
) -> None:
    with pytest.raises(CareerRelayError, match="career-relay company add"):
        run("Nobody", *files)
    with pytest.raises(CareerRelayError, match="missing cannot be read"):
        run("見本", "--text", "missing", "--html", "missing")
    (tmp_path / "own.txt").write_bytes(TEXT.encode("cp932"))
    with pytest.raises(CareerRelayError, match="save it as UTF-8"):
        run("見本", *files)


@pytest.mark.parametrize("extra", [("--reset",), ("--show",), ("--check",), ("--text", "x")])
def test_options_that_do_not_go_together_are_refused(run: Run, extra: tuple[str, ...]) -> None:
    both = ("--text", "a", "--html", "b") if extra[0] in {"--reset", "--show"} else ()
    assert "give --text FILE and --html FILE together" in " ".join(
        run("見本", *both, *extra).split()
    )
