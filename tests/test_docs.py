"""What the docs say is so."""

import re
from pathlib import Path

from gateway.settings_page import settings_page

ROOT = Path(__file__).resolve().parent.parent


def test_the_settings_page_is_up_to_date() -> None:
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == settings_page(), "run: make docs"


def test_every_link_in_the_docs_leads_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "README.ja.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_flow_page_names_files_that_exist() -> None:
    named = re.findall(
        r"`((?:gateway|workers)/[\w/]+\.py)`", (ROOT / "docs/flow.md").read_text("utf-8")
    )
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
