"""A company words its own block while the relay runs, and the next mails carry it."""

import time
from pathlib import Path

from gateway.core.leaf import read_leaf, shown_leaves
from gateway.core.mime import scan
from gateway.core.restore import restore
from gateway.demo.samples import COMPANY
from tests.blocks.samples import EN_TEXT, HTML, TEXT
from tests.e2e.conftest import add_company
from tests.e2e.program import Installation, links
from tests.e2e.sink import Sink
from tests.e2e.test_main_job import REJECTIONS, from_company


def write_files(folder: Path, text: str, html: str) -> tuple[str, ...]:
    """Return the options that name two template files, one with the mark editors leave."""
    (folder / "own.txt").write_text(text, encoding="utf-8-sig")
    (folder / "own.html").write_text(html, encoding="utf-8")
    return "--text", str(folder / "own.txt"), "--html", str(folder / "own.html")


def shown_texts(raw: bytes) -> str:
    leaves = shown_leaves(raw, scan(raw)).leaves
    return "\n".join(read_leaf(raw, part).text for part in leaves)


def test_a_saved_block_is_in_the_mails_two_seconds_later(
    installation: Installation, sink: Sink, tmp_path: Path
) -> None:
    block = ("company", "block", COMPANY)
    files = write_files(tmp_path, TEXT.replace("より", "\n別の道のご案内です。"), HTML)
    with installation.up():
        login = add_company(installation, sink)
        installation.send(login, REJECTIONS[:1])
        assert installation.run(*block, *files).returncode == 1  # five lines of its own
        write_files(tmp_path, TEXT.replace("より", "の別の道"), HTML.replace("リレー", "の道"))
        assert installation.run(*block, *files).returncode == 0
        write_files(tmp_path, EN_TEXT, HTML)
        assert installation.run(*block, "--language", "en", *files).returncode == 0
        time.sleep(2)  # what is promised
        installation.send(login, REJECTIONS)
        assert installation.run(*block, "--reset").returncode == 0
        time.sleep(2)
        installation.send(login, REJECTIONS[:1])
    first, *own, last = from_company(sink)
    assert [raw for raw in (first, last) if "の別の道" in shown_texts(raw)] == []
    assert any("の別の道\n" in shown_texts(raw).replace("\r\n", "\n") for raw in own)
    for (_, _, sent), raw in zip(REJECTIONS, own, strict=True):
        said = shown_texts(raw)
        assert "の別の道" in said or "キャリアの道" in said or "Voluntary, with no effect" in said
        assert len(links(raw)) == 1
        assert restore(raw) == sent


def test_the_command_shows_checks_saves_and_resets(
    installation: Installation, sink: Sink, tmp_path: Path
) -> None:
    add_company(installation, sink)
    block = ("company", "block", COMPANY)
    assert b"the default; these templates" in installation.run(*block).stdout
    files = write_files(tmp_path, TEXT.replace("より", "😀"), "<p onclick='x'>")
    wrong = installation.run(*block, *files)
    assert wrong.returncode == 1
    said = wrong.stderr.decode()
    assert "lacks: 😀" in said
    assert "表せない文字があります: 😀" in said
    assert 'The attribute "onclick" of <p> cannot be used' in said
    files = write_files(tmp_path, TEXT, HTML)
    tried = installation.run(*block, *files, "--check")
    assert tried.returncode == 0
    assert b"Nothing was saved" in tried.stdout
    assert b"the default" in installation.run(*block, "--show").stdout
    assert b"version 1 of the ja block" in installation.run(*block, *files).stdout
    assert b"ja block: version 1" in installation.run(*block, "--show").stdout
    assert b"the default ja block is in use" in installation.run(*block, "--reset").stdout
    assert b"the default; these" in installation.run(*block, "--show").stdout


def test_the_command_says_what_it_needs(installation: Installation, tmp_path: Path) -> None:
    files = write_files(tmp_path, TEXT, HTML)
    block = ("company", "block", "Nobody")
    for arguments, words in (
        (files[:2], b"--html FILE"),
        ((*files, "--reset"), b"--reset"),
        (("--check",), b"--text FILE"),
        (("--text", "missing", "--html", "missing"), b"missing cannot be read"),
        (files, b"career-relay company add"),
    ):
        done = installation.run(*block, *arguments)
        assert done.returncode != 0
        assert words in done.stderr
    (tmp_path / "own.txt").write_bytes(TEXT.encode("cp932"))
    assert b"save it as UTF-8" in installation.run(*block, *files).stderr
