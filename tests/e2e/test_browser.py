"""The links in the mails, opened by a real browser."""

import pytest
from playwright.sync_api import Browser, expect

from gateway.demo.samples import COMPANY
from tests.e2e.conftest import add_company
from tests.e2e.program import Installation, ledger_dump, links
from tests.e2e.sink import Sink
from tests.e2e.test_main_job import REJECTIONS, from_company


@pytest.mark.browser
def test_every_link_opens_and_opening_changes_no_row(
    installation: Installation, sink: Sink, browser: Browser
) -> None:
    with installation.up():
        installation.send(add_company(installation, sink), REJECTIONS)
        installation.wait_for_points(COMPANY, 10)
        before = ledger_dump(installation)
        addresses = [link.decode() for raw in from_company(sink) for link in links(raw)]
        assert len(set(addresses)) == 10
        page = browser.new_page()
        for address in addresses:
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == 200
            expect(page.get_by_text(COMPANY).first).to_be_visible()
        assert ledger_dump(installation) == before
