"""The operator's way in."""

import base64
import json
from datetime import timedelta

import pytest

from gateway.web.login import Throttle
from tests.web.client import Answer, Client
from tests.web.conftest import PASSWORD, Site, sign_in

PAGES = ("/admin", "/admin/mails", "/admin/mails/q-1", "/admin/companies/1")


def try_login(client: Client, password: str, user: str = "admin") -> Answer:
    return client.post("/admin/login", {"user": user, "password": password})


@pytest.mark.parametrize("path", [*PAGES, "/admin/companies/1/mode", "/admin/mails/none"])
def test_nobody_sees_an_admin_page_without_login(site: Site, path: str) -> None:
    answer = site.client().get(path)
    assert answer.status == 303
    assert answer.headers["location"] == "/admin/login"
    assert answer.body == b""


def test_the_right_password_opens_every_page(site: Site) -> None:
    client = sign_in(site)
    for path in PAGES:
        assert client.get(path).status == 200


def test_after_the_login_comes_the_page_that_was_wanted(site: Site) -> None:
    for wanted in ("/admin/companies/1", "/admin/mails?verdict=possible&lang=en"):
        client = site.client()
        client.get(wanted)
        assert try_login(client, PASSWORD).headers["location"] == wanted
    client.get("/admin/mails?why=" + "x" * 4000)
    assert len(client.cookies["career_relay_admin"]) < 1000


def test_the_login_is_in_the_language_that_was_asked_for(site: Site) -> None:
    client = site.client()
    client.get("/admin?lang=en")
    assert "User name" in client.get("/admin/login").text


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("admin", "wrong"),
        ("admin", ""),
        ("root", PASSWORD),
        ("", PASSWORD),
        ("admin", "😀"),
    ],
)
def test_a_wrong_login_says_the_same_whatever_was_wrong(
    site: Site, user: str, password: str
) -> None:
    client = site.client()
    answer = try_login(client, password, user)
    assert answer.status == 403
    assert "ユーザー名またはパスワードが違います。" in answer.text
    assert client.get("/admin").status == 303


def test_guessing_is_slowed_down_and_the_right_password_waits_as_well(site: Site) -> None:
    client = site.client()
    for _ in range(Throttle.free + 1):
        last = try_login(client, "wrong")
    assert last.status == 429 or try_login(client, "wrong").status == 429
    answer = try_login(client, PASSWORD)
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) >= 1


def test_each_further_failure_doubles_the_wait() -> None:
    time = [1000.0]
    throttle = Throttle(lambda: time[0])
    waits = []
    for _ in range(20):
        wait = throttle.claim("192.0.2.1")
        waits.append(wait)
        time[0] += wait
        if wait:
            assert throttle.claim("192.0.2.1") == 0
    assert waits[:5] == [0.0] * 5
    assert waits[5:9] == [1.0, 2.0, 4.0, 8.0]
    assert max(waits) <= Throttle.longest_seconds


def test_a_throttled_address_stops_nobody_else_and_is_forgotten_in_time() -> None:
    time = [1000.0]
    throttle = Throttle(lambda: time[0])
    for _ in range(6):
        throttle.claim("2001:db8::1")
    assert throttle.claim("2001:db8::ffff") > 0  # the same /64 is the same client
    assert throttle.claim("2001:db8:1::1") == 0
    time[0] += Throttle.longest_seconds
    assert throttle.claim("2001:db8::1") == 0


def test_a_success_forgets_the_failures() -> None:
    throttle = Throttle(lambda: 1000.0)
    for _ in range(5):
        throttle.claim("192.0.2.1")
    throttle.note_success("192.0.2.1")
    assert throttle.claim("192.0.2.1") == 0


def test_the_throttle_remembers_a_bounded_number_of_addresses() -> None:
    throttle = Throttle(lambda: 1000.0)
    throttle.most_addresses = 3
    for last in range(10):
        throttle.claim(f"192.0.2.{last}")
    assert len(throttle._failures) == 3


def test_the_cookie_is_for_the_admin_pages_and_no_script(site: Site) -> None:
    cookie = try_login(site.client(), PASSWORD).headers["set-cookie"].lower()
    assert "path=/admin" in cookie
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_each_login_begins_a_new_session(site: Site) -> None:
    client = site.client()
    client.get("/admin/mails")  # a session before the login, as an attacker may have planted one
    planted = session_of(client)
    assert "id" not in planted
    try_login(client, PASSWORD)
    first = session_of(client)
    assert "wanted" not in first
    client.post("/admin/login", {"user": "admin", "password": PASSWORD})
    assert session_of(client)["id"] != first["id"]


def session_of(client: Client) -> dict[str, object]:
    """Return what the cookie holds, whoever signed it."""
    content = client.cookies["career_relay_admin"].partition(".")[0]
    session = json.loads(base64.b64decode(content))
    assert isinstance(session, dict)
    return session


def test_a_cookie_is_worth_nothing_after_logout(site: Site) -> None:
    client = sign_in(site)
    kept = dict(client.cookies)
    assert client.post("/admin/logout").status == 303
    assert client.get("/admin").status == 303
    client.cookies = kept
    assert client.get("/admin").status == 303


@pytest.mark.parametrize(
    ("steps", "still_in"),
    [
        pytest.param([timedelta(hours=1, minutes=59)], True, id="idle, but not for long"),
        pytest.param([timedelta(hours=2, minutes=1)], False, id="idle too long"),
        pytest.param([timedelta(minutes=110)] * 6, True, id="busy for eleven hours"),
        pytest.param([timedelta(minutes=110)] * 7, False, id="busy for longer than twelve"),
    ],
)
def test_a_session_ends_by_itself(site: Site, steps: list[timedelta], still_in: bool) -> None:
    client = sign_in(site)
    for step in steps:
        site.clock.time += step
        last = client.get("/admin").status
    assert (last == 200) is still_in


@pytest.mark.parametrize("path", ["/admin/logout", "/admin/companies/1/mode"])
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"sec_fetch_site": "cross-site"}, id="another site"),
        pytest.param({"origin": "https://evil.example"}, id="another origin"),
        pytest.param({}, id="no word at all"),
    ],
)
def test_a_post_from_elsewhere_does_nothing_though_logged_in(
    site: Site, path: str, headers: dict[str, str]
) -> None:
    client = sign_in(site)
    before = site.rows()
    answer = client.bare_post(path, {"mode": "inject", "proof": "forged"}, **headers)
    assert answer.status == 403
    assert client.get("/admin").status == 200
    assert site.rows() == before


def test_the_proof_of_another_session_is_worth_nothing(site: Site) -> None:
    proof = sign_in(site).get("/admin").proof
    client = sign_in(site)
    answer = client.bare_post("/admin/companies/1/mode", {"mode": "observe", "proof": proof})
    assert answer.status == 403
    own = client.get("/admin").proof
    answer = client.bare_post("/admin/companies/1/mode", {"mode": "observe", "proof": own})
    assert answer.status == 303


def test_a_login_from_elsewhere_is_refused(site: Site) -> None:
    client = site.client()
    form = {"user": "admin", "password": PASSWORD}
    assert client.bare_post("/admin/login", form).status == 403
    proof = client.get("/admin/login").proof
    assert client.bare_post("/admin/login", {**form, "proof": proof}).status == 303
