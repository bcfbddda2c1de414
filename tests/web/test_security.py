"""Who may POST, and which language a page is in: the rules by themselves."""

import logging
import socket

import pytest
from starlette.datastructures import Headers

from gateway.core.company import Language
from gateway.render import Renderer
from gateway.settings import HERE
from gateway.store.engine import open_engine
from gateway.web.app import build_app
from gateway.web.language import preferred_language
from gateway.web.security import judge_origin
from tests.web.client import Client
from tests.web.conftest import KEY, NOW, PASSWORD, Site, served, sign_in

FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [
        pytest.param({"sec-fetch-site": "same-origin"}, True, id="same origin"),
        pytest.param({"sec-fetch-site": "none"}, True, id="typed by a person"),
        pytest.param({"sec-fetch-site": "same-site"}, False, id="a sibling"),
        pytest.param({"sec-fetch-site": "cross-site"}, False, id="another site"),
        pytest.param({"sec-fetch-site": ""}, False, id="an empty word"),
        pytest.param(
            {"sec-fetch-site": "cross-site", "origin": "https://relay.example.jp"},
            False,
            id="an origin does not outweigh the browser's word",
        ),
        pytest.param({"origin": "http://inside:8025"}, True, id="the host that was asked"),
        pytest.param({"origin": "https://RELAY.example.jp"}, True, id="the public address"),
        pytest.param({"origin": "http://relay.example.jp"}, False, id="the same without https"),
        pytest.param({"origin": "https://relay.example.jp:444"}, False, id="another port"),
        pytest.param({"origin": "https://relay.example.jp.evil.example"}, False, id="a longer one"),
        pytest.param({"origin": "https://inside:8025@evil.example"}, False, id="a user part"),
        pytest.param({"origin": "garbage"}, False, id="no origin at all"),
        pytest.param({"origin": ""}, False, id="an empty origin"),
        pytest.param({"origin": "null"}, None, id="an origin that hides"),
        pytest.param({}, None, id="no word"),
    ],
)
def test_a_post_is_judged_by_what_the_browser_says(
    headers: dict[str, str], verdict: bool | None
) -> None:
    asked = Headers({"host": "inside:8025", **headers})
    assert judge_origin(asked, "https://relay.example.jp") is verdict


def test_without_a_host_and_a_public_address_no_origin_is_ours() -> None:
    assert judge_origin(Headers({"origin": ""}), "") is False
    assert judge_origin(Headers({"origin": "https://"}), "") is False


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("", Language.JA),
        ("en", Language.EN),
        ("en-US,en;q=0.9,ja;q=0.8", Language.EN),
        ("ja,en;q=0.9", Language.JA),
        ("EN-gb", Language.EN),
        ("en;q=0", Language.JA),
        ("en;q=nonsense", Language.JA),
        ("fr,de;q=0.5", Language.JA),
        ("," * 100_000, Language.JA),
    ],
)
def test_the_browsers_first_language_of_ours_is_taken(wish: str, language: Language) -> None:
    assert preferred_language(wish) is language


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_cookie_is_secure_where_the_pages_are(sqlite_url: str, scheme: str) -> None:
    app = build_app(
        engine=open_engine(sqlite_url),
        renderer=Renderer(HERE / "templates"),
        admin_password=PASSWORD,
        secret_key=KEY,
        now=lambda: NOW,
        public_url=f"{scheme}://relay.example.jp",
    )
    with served(app) as port:
        form = {"user": "admin", "password": PASSWORD}
        origin = f"{scheme}://relay.example.jp"
        answer = Client(port, {}).bare_post("/admin/login", form, origin=origin)
    assert answer.status == 303
    assert ("secure" in answer.headers["set-cookie"].lower()) is (scheme == "https")


@pytest.mark.parametrize("path", ["//evil.example", "///evil.example/x", "//evil.example/%2e"])
def test_the_language_link_of_an_unknown_page_stays_on_this_site(site: Site, path: str) -> None:
    answer = site.client().get(path)
    assert answer.status == 404
    assert 'href="/evil.example' in answer.text
    assert 'href="//' not in answer.text


def test_a_character_that_no_database_takes_is_refused(site: Site) -> None:
    client, before = sign_in(site), site.rows()
    assert client.get("/admin/mails/%00").status == 404
    assert client.post("/admin/referrals/1/void", {"reason": "x\0y"}).status == 400
    assert client.post("/admin/mails", {"who": "x\0@a.example"}).status == 400
    assert site.rows() == before


@pytest.mark.parametrize("path", ["/admin/login", "/r/{token}/go", "/api/v1/void"])
def test_a_client_that_leaves_within_its_body_is_no_fault(
    site: Site, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    head = f"POST {path.format(token=site.token)} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
    for part in ("\r\nuser=", "Transfer-Encoding: chunked\r\n\r\nno chunk\r\n"):
        with socket.create_connection(("127.0.0.1", site.port), 10) as client:
            client.sendall(f"{head}{FORM}{part}".encode())
            client.shutdown(socket.SHUT_WR)
            while client.recv(4096):
                pass
    assert site.client().get("/livez").status == 200
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR] == []
