"""Health checks, the first page, the demo inbox, and what every answer carries."""

from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from gateway.core.unsubscribe import Unsubscribe
from gateway.render import Renderer
from gateway.settings import HERE
from gateway.store.engine import open_engine
from gateway.web.app import build_app
from tests.web.client import Client
from tests.web.conftest import KEY, NOW, PASSWORD, Site, served, sign_in


def make_message(text: str | None, html: str | None, charset: str = "utf-8") -> bytes:
    message = EmailMessage()
    message["Subject"] = "選考結果のご連絡"
    if text is not None:
        message.set_content(text, charset=charset)
    if html is not None:
        message.add_alternative(html, subtype="html", charset=charset)
    return message.as_bytes()


def test_it_lives_and_is_ready(site: Site) -> None:
    for path in ("/livez", "/readyz"):
        answer = site.client().get(path)
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/json"
        assert '"ok"' in answer.text


@pytest.mark.parametrize("is_there", [True, False])
def test_without_its_tables_it_lives_but_is_not_ready(tmp_path: Path, is_there: bool) -> None:
    file = tmp_path / "ledger.sqlite3"
    if is_there:
        file.touch()
    app = build_app(
        engine=open_engine(f"sqlite:///{file}"),
        renderer=Renderer(HERE / "templates"),
        admin_password=PASSWORD,
        secret_key=KEY,
        now=lambda: NOW,
    )
    with served(app) as port:
        assert Client(port, {}).get("/livez").status == 200
        answer = Client(port, {}).get("/readyz")
        assert answer.status == 503
        assert "unavailable" in answer.text
        assert str(tmp_path) not in answer.text
        assert Client(port, {}).get(f"/r/{'a' * 26}").status == 503
        assert Client(port, {}).get("/demo/inbox").status == 404


def test_an_old_schema_is_not_ready_until_it_is_current(sqlite_url: str) -> None:
    answers = [False, True]
    app = build_app(
        engine=open_engine(sqlite_url),
        renderer=Renderer(HERE / "templates"),
        admin_password=PASSWORD,
        secret_key=KEY,
        now=lambda: NOW,
        is_schema_current=lambda: answers.pop(0),
    )
    with served(app) as port:
        assert Client(port, {}).get("/readyz").status == 503
        assert Client(port, {}).get("/readyz").status == 200
        assert Client(port, {}).get("/readyz").status == 200  # not asked again


def test_the_first_page_says_what_this_is(site: Site) -> None:
    assert "/demo/inbox" in site.client().get("/").text
    assert "SMTP relay" in site.client().get("/?lang=en").text


@pytest.mark.parametrize(
    "path", ["/", "/livez", "/none", "/static/site.css", "/admin/login", "/r/x"]
)
def test_every_answer_carries_the_headers(site: Site, path: str) -> None:
    headers = site.client().get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "default-src 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "/admin/%0d%0aX-Evil:1", "/static/../base.html"]
)
def test_no_address_leads_elsewhere(site: Site, path: str) -> None:
    answer = site.client().get(path)
    assert answer.status == 404
    assert "x-evil" not in answer.headers


def test_a_fault_of_ours_is_a_page_without_details(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("gateway.web.landing.find_by_token_hash", fail)
    answer = site.client().get(site.link)
    assert answer.status == 500
    assert "secret detail" not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_inbox_shows_a_mail_as_text_html_and_raw(site: Site) -> None:
    raw = make_message("本文です。\n", "<p>HTMLです。</p>\n")
    number = site.inbox.put(raw)
    client = site.client()
    assert "選考結果のご連絡" in client.get("/demo/inbox").text
    page = client.get(f"/demo/inbox/{number}").text
    assert "本文です。" in page
    assert f'<iframe src="/demo/inbox/{number}/html" sandbox=' in page
    assert "Content-Type: multipart/alternative" in page
    assert "<p>HTMLです。</p>" in client.get(f"/demo/inbox/{number}/html").text
    exact = client.get(f"/demo/inbox/{number}/raw")
    assert exact.body == raw
    assert exact.headers["content-type"] == "message/rfc822"
    assert exact.headers["content-disposition"].startswith("attachment")


def test_a_mails_html_is_locked_in(site: Site) -> None:
    site.inbox.put(make_message("x", "<script>alert(1)</script>"))
    headers = site.client().get("/demo/inbox/1/html").headers
    assert headers["content-security-policy"].startswith("sandbox ")
    assert "allow-scripts" not in headers["content-security-policy"]
    assert "allow-same-origin" not in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: b"", id="empty"),
        pytest.param(lambda: b"\xff\xfe\r\n\r\n\xff", id="no mail at all"),
        pytest.param(lambda: make_message("文", None, "iso-2022-jp"), id="ISO-2022-JP"),
        pytest.param(lambda: make_message(None, None), id="nothing in it"),
        pytest.param(
            lambda: b"Content-Type: text/html; charset=nonsense\r\n\r\n<b>\x81",
            id="unknown charset",
        ),
        pytest.param(lambda: b"Subject: <script>alert(1)</script>\r\n\r\n<script>", id="markup"),
    ],
)
def test_any_mail_can_be_looked_at(site: Site, make: Callable[[], bytes]) -> None:
    number = site.inbox.put(make())
    for tail in ("", "/raw"):
        answer = site.client().get(f"/demo/inbox/{number}{tail}")
        assert answer.status == 200
        assert tail or "<script" not in answer.text
    assert site.client().get("/demo/inbox").status == 200
    assert site.client().get(f"/demo/inbox/{number}/html").status in {200, 404}


@pytest.mark.parametrize("number", ["0", "99", "x", "-1"])
def test_a_mail_that_is_not_there_is_a_404(site: Site, number: str) -> None:
    assert site.client().get(f"/demo/inbox/{number}").status == 404


@pytest.mark.parametrize(
    ("path", "form", "shown"),
    [
        pytest.param("/unsubscribe/{token}", {}, "/unsubscribe/{token}", id="no more reports"),
        pytest.param("/admin/login", {"password": "x"}, "/admin/login", id="a wrong password"),
        pytest.param("/admin/mails", {"who": "x"}, "/admin/mails", id="a search"),
        pytest.param(
            "/admin/companies/1/webhooks",
            {"url": "x"},
            "/admin/companies/1/webhooks",
            id="a refused webhook",
        ),
        pytest.param(
            "/admin/companies/1/recruiting/senders",
            {"senders": ""},
            "/admin/companies/1/recruiting",
            id="an address that only takes forms",
        ),
    ],
)
def test_what_a_form_answered_has_a_page_in_the_other_language(
    site: Site, path: str, form: dict[str, str], shown: str
) -> None:
    token = Unsubscribe(KEY, "").link(1).rpartition("/")[2]
    client = sign_in(site)
    answer = client.post(path.format(token=token, link=site.link), form)
    address = shown.format(token=token, link=site.link) + "?lang=en"
    assert f'<a href="{address}" hreflang="en"' in answer.text
    assert client.get(address).status in {200, 303}
