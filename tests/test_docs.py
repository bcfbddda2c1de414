"""What the docs say is so."""

import re
from pathlib import Path

from gateway.core.why import Why
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


NOT_ABOUT_THE_BYTES = {
    *(Why.LINK_ADDED, Why.OBSERVED, Why.NULL_SENDER, Why.NOT_A_RECRUITING_SENDER),
    *(Why.NO_OUTSIDE_RECIPIENT, Why.SEVERAL_VISIBLE_RECIPIENTS, Why.SEVERAL_CANDIDATES),
    *(
        Why.TOO_MANY_CANDIDATES,
        Why.SENT_BEFORE,
        Why.FOREIGN_FROM,
        Why.ODD_FROM,
        Why.BRAKED,
        Why.DISCOURTEOUS,
        Why.UNPROVEN_DOMAIN,
    ),
    *(Why.ROLE_RECIPIENT, Why.OPTED_OUT, Why.NOT_A_REJECTION, Why.POSSIBLE_REJECTION),
    Why.OVERRIDE_OFF,
}


def test_the_editing_page_explains_every_reason_to_pass_a_mail() -> None:
    page = (ROOT / "docs" / "editing.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+?) \| (.+?) \|$", page, re.MULTILINE)
    names = [name for name, _, _ in rows]
    assert len(names) == len(set(names))
    assert set(names) == set(Why) - NOT_ABOUT_THE_BYTES
