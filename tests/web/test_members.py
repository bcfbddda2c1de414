"""The pages on a company's members and webhooks, as the operator uses them."""

import base64
import re

from gateway.core.company import Language
from gateway.keys.sealing import Seal
from gateway.store import members, webhooks
from gateway.store.company_changes import list_changes
from gateway.store.company_records import get_company
from gateway.store.engine import reading_session, writing_session
from gateway.store.members import Member
from gateway.store.outbox import Event
from gateway.store.webhooks import WEBHOOK_SEAL, Endpoint, bound_to
from tests.store.records import write_company
from tests.web.conftest import KEY, NOW, Site, sign_in

URL = "https://hook.example/in"


def _members(site: Site) -> tuple[Member, ...]:
    with reading_session(site.engine)() as session:
        return members.list_members(session, 1)


def _hooks(site: Site) -> tuple[Endpoint, ...]:
    with reading_session(site.engine)() as session:
        return webhooks.list_endpoints(session, 1)


def test_a_member_is_added_chooses_and_is_removed(site: Site) -> None:
    client, path = sign_in(site), "/admin/companies/1/members"
    assert "hr@a.example" in client.get(path).text
    assert client.post(path, {"address": "ceo@a.example", "language": "en"}).status == 303
    page = client.get(f"{path}?lang=en")
    assert page.text.count('type="checkbox" name="event" value="brake" checked') == 2
    form = {"language": "ja", "digest": "monthly", "event": "brake", "proof": page.proof}
    assert client.bare_post(f"{path}/2", form).status == 303
    one = _members(site)[1]
    assert (one.language, one.digest) == (Language.JA, "monthly")
    assert set(Event) - one.muted == {Event.BRAKE, Event.MONTHLY_REPORT}
    assert _members(site)[0].muted == frozenset()
    assert f'action="{path}/2/remove"' in page.text
    assert client.post(f"{path}/2/remove").status == 303
    assert [each.address for each in _members(site)] == ["hr@a.example"]
    assert client.post(f"{path}/2/remove").status == 404


def test_what_is_no_address_is_told_and_the_contact_changes(site: Site) -> None:
    client, path = sign_in(site), "/admin/companies/1/members"
    answer = client.post(path, {"address": "HR@a.example"})
    assert answer.status == 422
    assert "すでに登録されています" in answer.text
    assert client.post("/admin/companies/1/contact", {"address": "saiyo@a.example"}).status == 303
    assert [each.address for each in _members(site)] == ["saiyo@a.example"]
    with reading_session(site.engine)() as session:
        assert get_company(session, 1).company.contact == "saiyo@a.example"
        assert {each.actor for each in list_changes(session, 1)} == {"admin (web)"}


def test_a_webhook_is_added_filtered_rotated_and_removed(site: Site) -> None:
    client, path = sign_in(site), "/admin/companies/1/webhooks"
    assert client.get(path).status == 200
    shown = []
    answer = client.post(path, {"url": URL, "scope": "some", "event": "brake"})
    shown += re.findall(r"whsec_([^<]+)<", answer.text)
    assert _hooks(site)[0].events == frozenset({Event.BRAKE})
    page = client.get(path).text
    assert 'value="brake" checked' in page
    assert all(f'action="{path}/1{act}"' in page for act in ("", "/rotate", "/remove"))
    shown += re.findall(r"whsec_([^<]+)<", client.post(f"{path}/1/rotate").text)
    (hook,) = _hooks(site)
    seal = Seal(KEY, WEBHOOK_SEAL)
    keys = [seal.unlock(each, bound_to(1)) for each in reversed(hook.secrets_at(NOW))]
    assert [base64.b64encode(key).decode() for key in keys] == [each.strip() for each in shown]
    assert "whsec_" not in client.get(path).text
    assert client.post(f"{path}/1", {"scope": "all"}).status == 303
    assert _hooks(site)[0].events is None
    assert client.post(f"{path}/1/remove").status == 303
    assert _hooks(site) == ()
    assert client.post(f"{path}/1/rotate").status == 404


def test_what_was_refused_is_still_in_the_form(site: Site) -> None:
    client, path = sign_in(site), "/admin/companies/1"
    page = client.post(f"{path}/members", {"address": "HR@a.example", "language": "en"}).text
    assert page.count('value="HR@a.example"') == 1
    assert page.count('value="en" selected') == 1
    page = client.post(f"{path}/contact", {"address": '"x'}).text
    assert page.count('value="&#34;x"') == 1
    form = {"url": "http://hook.example/", "scope": "some", "event": "brake"}
    page = client.post(f"{path}/webhooks", form).text
    assert 'value="http://hook.example/"' in page
    assert 'value="some" checked' in page
    assert 'value="brake" checked' in page


def test_a_form_that_shows_a_secret_shows_the_same_when_it_is_sent_again(site: Site) -> None:
    client, path = sign_in(site), "/admin/companies/1/webhooks"
    add = {"url": URL, "seen": _seen(client.get(path).text)[-1]}
    first, again = (client.post(path, add).text for _ in range(2))
    assert _secrets(first) == _secrets(again) != []
    (hook,) = _hooks(site)
    rotate = {"seen": _seen(first)[0]}
    second, again = (client.post(f"{path}/1/rotate", rotate).text for _ in range(2))
    assert _secrets(second) == _secrets(again) != _secrets(first)
    assert _hooks(site)[0].old_secret_sealed == hook.secret_sealed
    assert _secrets(client.post(f"{path}/1/rotate", {"seen": _seen(again)[0]}).text) != _secrets(
        again
    )
    client.post(path, {"url": URL, "seen": _seen(again)[-1]})
    assert len(_hooks(site)) == 2


def _seen(page: str) -> list[str]:
    return re.findall(r'name="seen" value="([^"]*)"', page)


def _secrets(page: str) -> list[str]:
    return re.findall(r"whsec_[^<]+", page)


def test_an_address_of_this_network_is_no_webhook(site: Site) -> None:
    client, path = sign_in(site), "/admin/companies/1/webhooks"
    here = ("https://127.0.0.1/", "https://[::1]:8443/", "https://localhost/", "https://10.0.0.1/")
    for url in (*here, "http://hook.example/", "hook", "https://x/" + "a" * 2000):
        assert client.post(path, {"url": url}).status == 422
    assert _hooks(site) == ()


def test_only_the_operator_sees_them(site: Site) -> None:
    for path in ("members", "webhooks"):
        assert site.client().get(f"/admin/companies/1/{path}").status == 303
        site.client().post(f"/admin/companies/1/{path}", {"address": "x@a.example", "url": URL})
        assert sign_in(site).get(f"/admin/companies/9/{path}").status == 404
    assert len(_members(site)) == 1
    assert _hooks(site) == ()


def test_under_one_company_s_address_no_other_company_s_are_seen_or_changed(site: Site) -> None:
    other = write_company(site.engine, "Ume").company.id
    client, seal = sign_in(site), Seal(KEY, WEBHOOK_SEAL)
    with writing_session(site.engine).begin() as session:
        sealed = seal.lock(b"s" * 32, bound_to(other))
        theirs = webhooks.add_endpoint(session, other, URL, sealed, NOW)
        (member,) = members.list_members(session, other)
    assert member.address not in client.get("/admin/companies/1/members").text
    assert URL not in client.get("/admin/companies/1/webhooks").text
    before = site.rows()
    paths = [f"members/{member.id}", f"members/{member.id}/remove"]
    paths += [f"webhooks/{theirs.id}{act}" for act in ("", "/rotate", "/enable", "/remove")]
    for path in paths:
        answer = client.post(f"/admin/companies/1/{path}", {"digest": "none", "scope": "all"})
        assert answer.status == 404, path
    assert site.rows() == before
