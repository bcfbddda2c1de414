"""A candidate's pages: looking changes nothing, only a person's POST does."""

import re

import pytest
from sqlalchemy import text

from gateway.core.candidate import hash_candidate
from gateway.store.engine import reading_session
from gateway.store.referrals import get_referral, is_opted_out
from tests.web.client import Answer, Client
from tests.web.conftest import CANDIDATE, KEY, Site

CLAIMS_JA = (
    "株式会社サンプル",
    "任意",
    "影響いたしません",
    "どなたにもお渡ししておりません",
    "停止",
)
CLAIMS_EN = ("株式会社サンプル", "voluntary", "does not change the result", "passed on to anybody")
UNKNOWN = "a" * 26


def was_opened(site: Site) -> bool:
    with reading_session(site.engine)() as session:
        return get_referral(session, site.referral_id).opened_at is not None


def has_stopped(site: Site) -> bool:
    with reading_session(site.engine)() as session:
        return is_opted_out(session, hash_candidate(KEY, CANDIDATE))


def press(client: Client, path: str) -> Answer:
    """Send a form as our page does, and return the page to which it leads."""
    answer = client.post(path)
    assert answer.status == 303
    page = client.get(answer.headers["location"])
    assert page.status == 200
    return page


@pytest.mark.parametrize(
    ("query", "accept", "language", "claims"),
    [
        pytest.param("", "", "ja", CLAIMS_JA, id="Japanese first"),
        pytest.param("", "en-GB,en;q=0.9", "en", CLAIMS_EN, id="an English browser"),
        pytest.param("", "fr,ja;q=0.3,en;q=0.7", "en", CLAIMS_EN, id="by weight"),
        pytest.param("", "*", "ja", CLAIMS_JA, id="any language"),
        pytest.param("?lang=en", "ja", "en", CLAIMS_EN, id="asked for"),
        pytest.param("?lang=xx", "", "ja", CLAIMS_JA, id="asked for an unknown one"),
    ],
)
def test_the_page_says_who_what_and_that_it_is_voluntary(
    site: Site, query: str, accept: str, language: str, claims: tuple[str, ...]
) -> None:
    answer = site.client(accept_language=accept).get(site.link + query)
    assert answer.status == 200
    assert f'<html lang="{language}">' in answer.text
    assert [claim for claim in claims if claim not in answer.text] == []


@pytest.mark.parametrize("around", ["{}.", "{})", "{}%3E", "{}%E3%80%82", "%20{}%20", "{}_"])
def test_what_stands_around_a_link_is_no_part_of_it(site: Site, around: str) -> None:
    answer = site.client().get(f"/r/{around.format(site.token)}")
    assert (answer.status, answer.headers.get("location")) == (303, site.link)
    assert site.client().get(f"/r/{around.format('a' * 25)}").status == 404


def test_a_link_with_a_slash_behind_it_is_the_link(site: Site) -> None:
    assert site.client().get(f"{site.link}/").status == 200


@pytest.mark.parametrize(
    ("place", "shown"),
    [("next", "まだ始まっておりません"), ("stopped", "ご案内の停止"), ("erased", "記録の削除")],
)
def test_a_page_behind_a_form_tells_nothing_that_nobody_did(
    site: Site, place: str, shown: str
) -> None:
    before = site.rows()
    page = site.client().get(f"{site.link}/{place}")
    assert page.status == 200
    assert shown in page.text
    assert "停止いたしました" not in page.text
    assert "削除いたしました" not in page.text
    assert site.rows() == before


def test_looking_changes_no_row(site: Site) -> None:
    before = site.rows()
    for method in ("GET", "HEAD"):
        for path in (
            "",
            "/stop",
            "/go",
            "/next",
            "/stopped",
            "/erased",
            "?lang=en",
            "/stop?lang=en",
        ):
            for _ in range(10):
                assert site.client().get(site.link + path, method).status in {200, 303}
    assert site.rows() == before


def test_going_on_is_noted_once_and_says_that_registration_is_not_open(site: Site) -> None:
    first = press(site.client(), f"{site.link}/go")
    assert "登録の受付は、まだ始まっておりません" in first.text
    assert "どなたにもお渡ししておりません" in first.text
    assert was_opened(site)
    before = site.rows()
    press(site.client(), f"{site.link}/go")
    assert site.rows() == before


def test_before_somebody_goes_on_the_page_says_that_this_is_kept(site: Site) -> None:
    assert "「次へ進む」を押された場合はその日時" in site.client().get(site.link).text
    assert "if you press Continue, when you did" in site.client().get(f"{site.link}?lang=en").text


def test_a_reload_of_the_next_page_leads_back(site: Site) -> None:
    answer = site.client().get(f"{site.link}/go?lang=en")
    assert answer.status == 303
    assert answer.headers["location"] == f"../{site.token}?lang=en"


def test_stopping_is_asked_for_then_done_once(site: Site) -> None:
    client = site.client()
    assert 'method="post"' in client.get(f"{site.link}/stop").text
    assert not has_stopped(site)
    assert "停止いたしました" in press(client, f"{site.link}/stop").text
    assert has_stopped(site)
    before = site.rows()
    again = press(client, f"{site.link}/stop?lang=en")
    assert "have been stopped" in again.text
    assert site.rows() == before
    assert "すでに承っております" in client.get(site.link).text


@pytest.mark.parametrize("tail", ["", "/go", "/stop"])
@pytest.mark.parametrize("accept", ["ja", "en"])
def test_an_unknown_token_and_a_malformed_one_look_the_same(
    site: Site, accept: str, tail: str
) -> None:
    tampered = site.token[:-1] + ("a" if site.token[-1] != "a" else "b")
    tokens = (UNKNOWN, tampered, site.token.upper(), "x", site.token + "a", "%00", "..%2f", "あ")
    client = site.client(accept_language=accept)
    shown = set()
    for token in tokens:
        path = f"/r/{'%E3%81%82' if token == 'あ' else token}{tail}"
        answers = [client.get(path)] if tail != "/go" else []
        answers += [client.post(path)] if tail else []
        for answer in answers:
            assert answer.status == 404
            shown.add(re.sub(r'href="/r/[^"]*"', "", answer.text))
    assert len(shown) == 1
    assert ("ページが見つかりません" if accept == "ja" else "Page not found") in shown.pop()


@pytest.mark.parametrize("path", ["", "/stop"])
@pytest.mark.parametrize("token", [None, UNKNOWN])
def test_candidate_pages_are_private(site: Site, path: str, token: str | None) -> None:
    headers = site.client().get(f"/r/{token or site.token}{path}").headers
    assert "set-cookie" not in headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-robots-tag"].startswith("noindex")
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_nothing_on_the_pages_comes_from_elsewhere(site: Site) -> None:
    client = site.client()
    pages = [
        client.get(site.link),
        client.get(f"{site.link}/stop"),
        client.get(f"{site.link}/next"),
    ]
    for page in pages:
        assert "<script" not in page.text
        assert "style=" not in page.text
        assert re.findall(r'(?:src|href|action)="(?!/)[^"]*"', page.text) == []
    for path in re.findall(r'href="(/static/[^"]+)"', pages[0].text):
        assert client.get(path).status == 200


@pytest.mark.parametrize("tail", ["go", "stop"])
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"sec_fetch_site": "cross-site"}, id="another site"),
        pytest.param({"sec_fetch_site": "same-site"}, id="a sibling site"),
        pytest.param({"origin": "https://evil.example"}, id="another origin"),
        pytest.param({"origin": "http://127.0.0.1:1"}, id="another port"),
        pytest.param({"origin": "null"}, id="an origin that hides"),
        pytest.param({}, id="no word at all"),
        pytest.param(
            {"sec_fetch_site": "cross-site", "origin": "http://127.0.0.1"}, id="both, they differ"
        ),
    ],
)
def test_a_post_from_elsewhere_changes_nothing(
    site: Site, headers: dict[str, str], tail: str
) -> None:
    before = site.rows()
    answer = site.client().bare_post(f"{site.link}/{tail}", {"proof": "forged"}, **headers)
    assert answer.status == 403
    assert "操作を受け付けられませんでした" in answer.text
    assert site.rows() == before


@pytest.mark.parametrize("origin", [None, "null"])
def test_an_old_browser_may_post_what_our_page_gave_it(site: Site, origin: str | None) -> None:
    client = site.client()
    proof = client.get(site.link).proof
    headers = {"origin": origin} if origin else {}
    assert client.bare_post(f"{site.link}/go", {"proof": proof}, **headers).status == 303
    assert was_opened(site)


def test_another_pages_proof_is_worth_nothing_here(site: Site) -> None:
    client = site.client()
    proof = client.get("/admin/login").proof
    assert client.bare_post(f"{site.link}/go", {"proof": proof}).status == 403
    assert not was_opened(site)


def test_a_post_of_our_own_origin_is_taken(site: Site) -> None:
    answer = site.client().bare_post(f"{site.link}/go", origin=f"http://127.0.0.1:{site.port}")
    assert answer.status == 303
    assert was_opened(site)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
def test_other_methods_are_refused_in_words(site: Site, method: str) -> None:
    answer = site.client(sec_fetch_site="same-origin").get(site.link, method)
    assert answer.status == 405
    assert "受け付けておりません" in answer.text


def test_a_body_that_no_form_of_ours_has_is_refused(site: Site) -> None:
    answer = site.client().bare_post(f"{site.link}/go", {"proof": "x" * 100_000})
    assert answer.status == 413
    assert "内容が長すぎます" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not was_opened(site)


def test_a_database_that_is_away_is_said_so_and_the_link_lives_on(site: Site) -> None:
    with site.engine.begin() as connection:
        connection.execute(text("ALTER TABLE referral RENAME TO gone"))
    answer = site.client().get(site.link)
    assert answer.status == 503
    assert answer.headers["retry-after"] == "30"
    assert answer.headers["cache-control"] == "no-store"
    assert "一時的に" in answer.text
    with site.engine.begin() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO referral"))
    assert site.client().get(site.link).status == 200


def test_erasing_is_asked_for_then_done_once(site: Site) -> None:
    client = site.client()
    assert f"{site.link}/erase" in client.get(site.link).text
    assert 'method="post"' in client.get(f"{site.link}/erase").text
    assert client.bare_post(f"{site.link}/erase", {"proof": "forged"}).status == 403
    assert "記録を削除いたしました" in press(client, f"{site.link}/erase").text
    before = site.rows()
    assert (before["referral"][0][2], before["referral"][0][3]) == ("erased-1", "")
    assert "has been erased" in press(client, f"{site.link}/erase?lang=en").text
    stopped = press(client, f"{site.link}/stop?lang=en").text
    assert site.rows() == before  # nobody is left whose wish could be remembered
    assert "use the link of a newer mail" in stopped
    assert "have been stopped" not in stopped
    for page in (client.get(f"{site.link}?lang=ja"), press(client, f"{site.link}/go?lang=ja")):
        assert "すでに削除されております" in page.text
        assert "保管しているのは" not in page.text
        assert f"{site.link}/stop" not in page.text


def test_who_stopped_first_is_remembered_by_a_hash_alone(site: Site) -> None:
    client = site.client()
    client.post(f"{site.link}/stop")
    client.post(f"{site.link}/erase")
    rows = site.rows()
    hashed = str(rows["opt_out"][0][1])
    assert hashed not in repr([rows[name] for name in rows if name != "opt_out"])
