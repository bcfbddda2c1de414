"""After a form did its work the next page says what was done: once, in the reader's language."""

import html
import re

import pytest

from gateway.core.findings import Finding
from gateway.store.engine import writing_session
from gateway.store.webhooks import list_endpoints
from gateway.web.words import LABELS
from tests.blocks.samples import HTML, TEXT
from tests.core.test_kept_letters import LETTER
from tests.web.client import Client
from tests.web.conftest import Site, sign_in
from tests.web.test_brake import form as brake_form
from tests.web.test_brake import pull

_SAID = re.compile(r'<p class="notice done" role="status">([^<]*)</p>')
COMPANY = "/admin/companies/1"


def said_after(client: Client, path: str, form: dict[str, str]) -> list[str]:
    """Send a form, follow its answer, and return what the page then says was done."""
    answer = client.post(path, form)
    assert answer.status == 303, answer.text
    page = client.get(answer.headers["location"])
    while page.status == 303:
        page = client.get(page.headers["location"])
    (said,) = _SAID.findall(page.text)
    assert f"<title>{said} - " in page.text
    assert _SAID.findall(client.get(COMPANY).text) == []
    return [html.unescape(said)]


@pytest.mark.parametrize(
    ("path", "form", "label"),
    [
        (f"{COMPANY}/mode", {"mode": "inject", "unreviewed": "yes"}, "said-to-inject"),
        (f"{COMPANY}/mode", {"mode": "observe"}, "said-to-observe"),
        (f"{COMPANY}/recruiting/senders", {"senders": "hr@a.example"}, "said-senders"),
        (f"{COMPANY}/recruiting/courtesy", {Finding.PLACEHOLDER: "refuse"}, "said-courtesy"),
        (f"{COMPANY}/members", {"address": "b@a.example"}, "said-member-added"),
        (f"{COMPANY}/contact", {"address": "b@a.example"}, "said-contact"),
        (f"{COMPANY}/members/1", {"digest": "weekly"}, "said-member-changed"),
        (f"{COMPANY}/members/1/remove", {}, "said-member-removed"),
        (f"{COMPANY}/block/ja", {"do": "save", "text": TEXT, "html": HTML}, "said-block-saved"),
        (f"{COMPANY}/block/ja", {"do": "reset"}, "said-block-reset"),
        (f"{COMPANY}/letters", {"text": LETTER}, "said-letter-added"),
        (f"{COMPANY}/letters/1", {}, "said-letter-removed"),
        (f"{COMPANY}/review", {"mail": "q-1", "answer": "yes"}, "said-reviewed"),
        ("/admin/referrals/1/void", {"reason": "a mistake"}, "said-voided"),
        ("/admin/queue/retry", {}, "said-retried"),
    ],
)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_page_says_once_what_was_done(
    site: Site, path: str, form: dict[str, str], label: str, language: str
) -> None:
    client = sign_in(site)
    client.get(f"/admin?lang={language}")
    assert said_after(client, path, form) == [getattr(LABELS[label], language)]


def test_the_brake_says_whether_it_was_let_go(site: Site) -> None:
    pull(site)
    client = sign_in(site)
    wanted = brake_form(client, "release")
    assert said_after(client, f"{COMPANY}/brake", wanted) == [LABELS["said-released"].ja]
    assert said_after(client, f"{COMPANY}/brake", wanted) == [LABELS["said-brake-changed"].ja]


def test_a_webhook_says_what_was_done(site: Site) -> None:
    client = sign_in(site)
    assert client.post(f"{COMPANY}/webhooks", {"url": "https://hooks.example/x"}).status == 200
    with writing_session(site.engine).begin() as session:
        (made,) = list_endpoints(session, 1)
    path = f"{COMPANY}/webhooks/{made.id}"
    for end, label in (("", "changed"), ("/enable", "enabled"), ("/remove", "removed")):
        assert said_after(client, path + end, {}) == [LABELS[f"said-webhook-{label}"].ja]


def test_what_was_refused_is_not_called_done(site: Site) -> None:
    client = sign_in(site)
    answer = client.post(f"{COMPANY}/members", {"address": "no address"})
    assert answer.status == 422
    assert _SAID.findall(answer.text) == []
    assert _SAID.findall(client.get(f"{COMPANY}/members").text) == []
