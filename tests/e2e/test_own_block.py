"""A company words its own block while the relay runs, and the next mails carry it."""

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
from tests.services import wait_until


def write_files(folder: Path, text: str, html: str) -> tuple[str, ...]:
    """Return the options that name two template files, one with the mark editors leave."""
    (folder / "own.txt").write_text(text, encoding="utf-8-sig")
    (folder / "own.html").write_text(html, encoding="utf-8")
    return "--text", str(folder / "own.txt"), "--html", str(folder / "own.html")


def shown_texts(raw: bytes) -> str:
    leaves = shown_leaves(scan(raw)).leaves
    return "\n".join(read_leaf(raw, part).text for part in leaves)


def test_a_block_that_is_saved_while_mail_flows_is_in_the_next_mails(
    installation: Installation, sink: Sink, tmp_path: Path
) -> None:
    block = ("company", "block", COMPANY)
    with installation.up():
        login = add_company(installation, sink)

        def sent_again_it_says(words: str) -> bool:
            installation.send(login, REJECTIONS[:1])
            return words in shown_texts(from_company(sink)[-1])

        assert sent_again_it_says("詳細のご確認")
        files = write_files(tmp_path, TEXT.replace("より", "の別の道"), HTML)
        assert installation.run(*block, *files).returncode == 0
        wait_until(lambda: sent_again_it_says("の別の道"), "the Japanese block is used")
        files = write_files(tmp_path, EN_TEXT, HTML)
        assert installation.run(*block, "--language", "en", *files).returncode == 0
        before = len(from_company(sink))
        installation.send(login, REJECTIONS)
        assert installation.run(*block, "--reset").returncode == 0
        wait_until(lambda: sent_again_it_says("詳細のご確認"), "the default is back")
    own = from_company(sink)[before : before + len(REJECTIONS)]
    for (_, _, sent), raw in zip(REJECTIONS, own, strict=True):
        assert len(links(raw)) == 1
        assert restore(raw) == sent
    assert sum("の別の道" in shown_texts(raw) for raw in own) > 5
