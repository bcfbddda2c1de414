"""The default block in a business mail, as a real browser shows it on paper and on a phone."""

import dataclasses

import pytest
from playwright.sync_api import Browser, expect

from gateway.core.company import Company, Language
from gateway.core.inject import Injection, place_block
from gateway.core.leaf import read_leaf
from gateway.core.mime import scan
from gateway.core.splice import apply_edits
from gateway.render import Renderer
from gateway.settings import HERE

pytestmark = pytest.mark.browser

LINK = "https://relay.example/r/abcdefghijklmnopqrstuvwxyz"
COMPANY = Company(1, "株式会社サンプル", ("sample.example",), contact="saiyo@sample.example")
LONG = dataclasses.replace(COMPANY, contact=f"{'saiyo-' * 12}tantou@recruit.sample.example")
BODIES = {
    Language.JA: "<p>山田 太郎 様</p><p>慎重に検討いたしました結果、誠に残念ではございますが、"
    "今回はご希望に添いかねる結果となりました。</p><p>今後のご活躍をお祈り申し上げます。</p>"
    "<div>-- <br>株式会社サンプル<br>人事部 採用担当</div>",
    Language.EN: "<p>Dear Mr. Yamada,</p><p>After careful consideration we regret to inform you "
    "that we will not be moving forward with your application.</p><p>Kind regards,</p>"
    "<div>-- <br>Hanako Sato<br>Human Resources</div>",
}


def linked(language: Language, company: Company = COMPANY) -> str:
    """Return the HTML of a rejection mail with the block in it."""
    schemes = '<meta name="color-scheme" content="light dark">'
    html = f"<html><head>{schemes}</head><body>{BODIES[language]}</body></html>"
    head = "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    raw = f"{head}{html}\r\n".encode()
    renderer = Renderer(HERE / "templates")
    placed = place_block(raw, scan(raw), lambda wanted: renderer.block(company, LINK, wanted))
    assert isinstance(placed, Injection)
    edited = apply_edits(raw, placed.edits)
    return read_leaf(edited, scan(edited)).text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("width", [600, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_block_fits_the_mail_in_width_and_colour(
    browser: Browser, language: Language, width: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 700},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.set_content(linked(language))
    block = page.locator(".career-relay-block")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(block.get_by_role("link")).to_have_attribute("href", LINK)
    own_text = page.locator("p").first
    for name in ("color", "font-size", "font-family"):
        wanted = own_text.evaluate("(e, name) => getComputedStyle(e)[name]", name)
        for line in block.locator("p").all():
            expect(line).to_have_css(name, wanted)
    expect(block).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    box, signature = block.bounding_box(), page.get_by_text("-- ").bounding_box()
    assert box is not None
    assert signature is not None
    assert box["y"] + box["height"] <= signature["y"]
    context.close()


def test_a_long_contact_address_does_not_widen_the_mail(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 700})
    page.set_content(linked(Language.EN, LONG))
    expect(page.get_by_text(LONG.contact)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()
