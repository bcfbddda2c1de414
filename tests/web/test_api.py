"""The API over a real socket: taking referrals back by queue id, Message-ID and bounce report."""

import http.client
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from starlette.requests import Request

from gateway.render import Renderer
from gateway.settings import HERE, HostPort
from gateway.store.companies import add_company
from gateway.store.company_changes import list_changes
from gateway.store.corrections import is_withdrawn
from gateway.store.credentials import (
    CredentialKind,
    add_credential,
    limit_credential,
    list_credentials,
)
from gateway.store.engine import reading_session, writing_session
from gateway.store.ledger import entries_of_referral
from gateway.web.api_callers import Callers, Pace
from gateway.web.api_problems import Kind, ProblemError
from gateway.web.tools import Sessions, Tools
from tests.store.records import write_company
from tests.web.conftest import KEY, NOW, Site

VOID = {"queue_id": "q-1", "reason": "an offer, sent by mistake"}
REPORT = b"""\
From: MAILER-DAEMON@mx.example
Content-Type: multipart/report; report-type=delivery-status; boundary=b
MIME-Version: 1.0

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; taro@example.com
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-ID: <1@a.example>

--b--
"""
NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
    for level in range(2000)
)


@dataclass(frozen=True)
class Told:
    """An answer of the API."""

    status: int
    kind: str
    headers: http.client.HTTPMessage
    body: dict[str, Any]


def call(
    site: Site,
    path: str,
    body: bytes | dict[str, Any],
    token: str = "",
    kind: str = "application/json",
    method: str = "POST",
) -> Told:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": kind}
    if token:
        headers["authorization"] = f"Bearer {token}"
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    try:
        connection.request(method, f"/api/v1/{path}", raw, headers)
        response = connection.getresponse()
        shown = json.loads(response.read())
        return Told(response.status, response.headers["content-type"], response.headers, shown)
    finally:
        connection.close()


@pytest.fixture
def token(site: Site) -> str:
    """Give a token of the site's company."""
    with writing_session(site.engine).begin() as session:
        id_ = site.company.company.id
        return add_credential(session, id_, CredentialKind.API, "a test", NOW)[1]


def _withdrawn(site: Site) -> bool:
    with reading_session(site.engine)() as session:
        return is_withdrawn(session, site.referral_id)


@pytest.mark.parametrize(
    "names",
    [
        {"queue_id": "q-1"},
        {"message_id": "<1@a.example>"},
        {"message_id": "<1@a.example>", "candidate": "Taro+jobs@example.com"},
    ],
)
def test_a_mail_is_taken_back_by_whatever_its_sender_knows(
    site: Site, token: str, names: dict[str, str]
) -> None:
    told = call(site, "void", {**names, "reason": "an offer"}, token)
    assert told.status == 200
    assert _withdrawn(site)
    [done] = told.body["withdrawn"]
    assert done == {
        "referral": site.referral_id,
        "entry": 1,
        "kind": "withdrawn",
        "is_new": True,
    }
    assert (told.body["counted"], told.body["slots_available"]) == (0, 0)
    with reading_session(site.engine)() as session:
        entry = entries_of_referral(session, site.referral_id)[0]
    assert (entry.actor, entry.reason) == ("api token 2", "an offer")


def test_a_second_call_changes_nothing(site: Site, token: str) -> None:
    assert call(site, "void", VOID, token).status == 200
    before = site.rows()["ledger_entry"]
    again = call(site, "void", VOID, token)
    assert (again.status, again.body["withdrawn"][0]["is_new"]) == (200, False)
    assert call(site, "bounce", REPORT, token, "message/rfc822").status == 200
    assert site.rows()["ledger_entry"] == before


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_bounce_takes_back_what_never_arrived(site: Site, token: str, is_whole: bool) -> None:
    kind, body = "message/rfc822", REPORT
    if not is_whole:
        kind = "multipart/report; report-type=delivery-status; boundary=b"
        body = REPORT.partition(b"\n\n")[2]
    told = call(site, "bounce", body, token, kind)
    assert told.status == 200
    [recipient] = told.body["recipients"]
    assert (recipient["action"], recipient["status"]) == ("failed", "5.1.1")
    assert recipient["is_known"]
    assert recipient["withdrawn"][0]["is_new"]
    assert _withdrawn(site)


def test_a_delay_and_a_stranger_change_nothing(site: Site, token: str) -> None:
    delayed = REPORT.replace(b"failed", b"delayed").replace(b"5.1.1", b"4.4.1")
    stranger = REPORT.replace(b"taro@", b"jiro@")
    for report, is_known in ((delayed, True), (stranger, False)):
        told = call(site, "bounce", report, token, "message/rfc822")
        assert told.status == 200
        assert told.body["recipients"][0]["is_known"] is is_known
        assert told.body["recipients"][0]["withdrawn"] == []
    assert not _withdrawn(site)


def test_another_company_can_take_nothing_back(site: Site) -> None:
    with writing_session(site.engine).begin() as session:
        other, _ = add_company(
            session,
            name="Other",
            domains=["other.example"],
            next_hop=HostPort("127.0.0.1", 2526),
            now=NOW,
        )
        token = add_credential(session, other.company.id, CredentialKind.API, "a test", NOW)[1]
    for names in ({"queue_id": "q-1"}, {"message_id": "<1@a.example>"}):
        told = call(site, "void", {**names, "reason": "no"}, token)
        assert (told.status, told.body["type"]) == (404, "/api/v1/problems/unknown-mail")
    told = call(site, "bounce", REPORT, token, "message/rfc822")
    assert not told.body["recipients"][0]["is_known"]
    assert not _withdrawn(site)


WRONG: list[Any] = [
    pytest.param("void", b"no json", "application/json", 422, "not-understood", id="no JSON"),
    pytest.param("void", b"\xff\xfe", "application/json", 422, "not-understood", id="no UTF-8"),
    pytest.param("void", b"[" * 16000, "application/json", 422, "not-understood", id="nested"),
    pytest.param("void", [1], "application/json", 422, "not-understood", id="no object"),
    pytest.param("void", {"queue_id": "q-1"}, "application/json", 422, "not-understood", id="why?"),
    pytest.param("void", {"reason": "x"}, "application/json", 422, "not-understood", id="which?"),
    pytest.param(
        "void", {**VOID, "message_id": "<1>"}, "application/json", 422, "not-understood", id="two"
    ),
    pytest.param(
        "void", {**VOID, "more": "x"}, "application/json", 422, "not-understood", id="unknown name"
    ),
    pytest.param(
        "void", {**VOID, "reason": 1}, "application/json", 422, "not-understood", id="a number"
    ),
    pytest.param(
        "void",
        {"reason": "x", "queue_id": "\ud800\x00"},
        "application/json",
        422,
        "not-understood",
        id="no text",
    ),
    pytest.param("void", VOID, "text/plain", 415, "wrong-type", id="not called JSON"),
    pytest.param(
        "void", {**VOID, "queue_id": "q-9"}, "application/json", 404, "unknown-mail", id="unknown"
    ),
    pytest.param("void", b" " * 17000, "application/json", 413, "too-large", id="long"),
    pytest.param("bounce", b"x" * 1_100_000, "message/rfc822", 413, "too-large", id="very long"),
    pytest.param("bounce", b"Hello\n", "message/rfc822", 422, "not-understood", id="no report"),
    pytest.param("bounce", NESTED, "message/rfc822", 422, "not-understood", id="all nested"),
    pytest.param("bounce", REPORT, "text/html", 415, "wrong-type", id="html"),
    pytest.param("nothing", {}, "application/json", 404, "no-such-place", id="no such place"),
]


@pytest.mark.parametrize(("path", "body", "kind", "status", "name"), WRONG)
def test_what_is_wrong_is_said_with_what_to_do(
    site: Site, token: str, path: str, body: Any, kind: str, status: int, name: str
) -> None:
    told = call(site, path, body, token, kind)
    assert (told.status, told.kind) == (status, "application/problem+json")
    assert told.body["type"] == f"/api/v1/problems/{name}"
    assert told.body["status"] == status
    assert told.body["title"]
    assert told.body["next"]
    assert site.client().get(told.body["type"]).status == 200
    assert not _withdrawn(site)


def test_a_get_is_told_to_post(site: Site, token: str) -> None:
    told = call(site, "void", b"", token, method="GET")
    assert (told.status, told.headers["allow"]) == (405, "POST")
    assert told.body["type"] == "/api/v1/problems/wrong-method"


def test_only_a_valid_token_lets_in_and_guessing_gets_slow(site: Site, token: str) -> None:
    assert call(site, "void", VOID).headers["www-authenticate"] == "Bearer"
    for _ in range(5):
        told = call(site, "void", VOID, "a guess")
    assert told.status in {401, 429}
    told = call(site, "void", VOID, "a guess")
    assert (told.status, told.body["type"]) == (429, "/api/v1/problems/too-many-calls")
    assert int(told.headers["retry-after"]) >= 1
    assert not _withdrawn(site)
    assert call(site, "void", VOID, token).status == 200  # whoever knows it never waits


def test_a_token_ends_when_it_is_revoked_and_all_of_it_is_noted(site: Site, token: str) -> None:
    company_id = site.company.company.id
    assert token not in str(site.rows()["credential"])
    assert call(site, "void", VOID, token).status == 200
    with writing_session(site.engine).begin() as session:
        one = list_credentials(session, company_id)[-1]
        assert one.last_used_at is not None
        limit_credential(session, company_id, one.id, NOW + timedelta(hours=1), "a test", NOW)
        changes = [(each.what, each.new) for each in list_changes(session, company_id)]
    assert changes == [
        (f"credential {one.id} (api)", "until 2026-04-01 10:30 UTC"),
        (f"credential {one.id} (api)", "added"),
    ]
    assert call(site, "void", VOID, token).status == 200
    site.clock.time = NOW + timedelta(hours=1)
    assert call(site, "void", VOID, token).status == 401


def test_a_password_is_no_token(site: Site) -> None:
    with writing_session(site.engine).begin() as session:
        id_ = site.company.company.id
        secrets = [
            add_credential(session, id_, kind, "a test", NOW)[1]
            for kind in (CredentialKind.PASSWORD, CredentialKind.HEADER)
        ]
    assert [call(site, "void", VOID, each).status for each in secrets] == [401, 401]


def test_a_company_may_call_so_often_a_minute() -> None:
    now = [30.0]
    pace = Pace(2, lambda: now[0])
    assert [pace.claim(1), pace.claim(1), pace.claim(2)] == [0, 0, 0]
    assert pace.claim(1) == 30
    now[0] = 60.0
    assert pace.claim(1) == 0


def test_one_company_s_calls_do_not_use_up_another_s(site: Site) -> None:
    other = write_company(site.engine, "Ume").company.id
    ours = site.company.company.id
    with writing_session(site.engine).begin() as session:
        tokens = [
            add_credential(session, id_, CredentialKind.API, "a test", NOW)[1]
            for id_ in (ours, other)
        ]
    sessions = Sessions(reading_session(site.engine), writing_session(site.engine))
    renderer = Renderer(HERE / "templates")
    tools = Tools(sessions, renderer, site.clock.now, KEY, site.url)
    callers = Callers(tools, pace=Pace(1, lambda: 30.0))

    def request(token: str) -> Request:
        sent = (b"authorization", f"Bearer {token}".encode())
        return Request({"type": "http", "headers": [sent], "client": ("192.0.2.1", 1)})

    assert [callers.identify(request(token)).company_id for token in tokens] == [ours, other]
    with pytest.raises(ProblemError) as told:
        callers.identify(request(tokens[0]))
    assert (told.value.kind, told.value.retry_after) == (Kind.TOO_MANY, 30.0)
