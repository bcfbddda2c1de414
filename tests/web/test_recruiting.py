"""The page on recruiting senders and courtesy: what it shows, sets and refuses."""

import pytest

from gateway.core.company import ALL_SENDERS, Company
from gateway.core.findings import Finding, Reaction
from gateway.store.company_changes import list_changes
from gateway.store.company_records import get_company
from gateway.store.engine import reading_session
from tests.web.conftest import Site, sign_in

PAGE = "/admin/companies/1/recruiting"


def company_of(site: Site) -> Company:
    with reading_session(site.engine)() as session:
        return get_company(session, 1).company


def changes(site: Site) -> list[str]:
    with reading_session(site.engine)() as session:
        return [one.what for one in list_changes(session, 1)]


def test_senders_are_named_and_shown_as_they_were_typed(site: Site) -> None:
    client = sign_in(site)
    assert f'href="{PAGE}"' in client.get("/admin/companies/1").text
    (domain, *_) = company_of(site).domains
    typed = f"HR@{domain}\r\njobs.{domain}\r\n\r\nX-Mailer: HERP\r\n"
    answer = client.post(f"{PAGE}/senders", {"senders": typed})
    assert (answer.status, answer.headers["location"]) == (303, PAGE)
    named = company_of(site).senders
    assert named == (f"hr@{domain}", f"jobs.{domain}", "header:x-mailer=HERP")
    page = client.get(PAGE).text
    assert f"hr@{domain}\njobs.{domain}\nx-mailer: HERP</textarea>" in page
    assert client.post(f"{PAGE}/senders", {"everybody": "yes"}).status == 303
    assert company_of(site).senders == (ALL_SENDERS,)
    assert "checked" in client.get(PAGE).text


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"senders": " \r\n"}, id="nobody"),
        pytest.param({"senders": "hr@elsewhere.example"}, id="another domain"),
        pytest.param({"senders": "X Mailer: HERP"}, id="no header field"),
        pytest.param({"senders": "*"}, id="everybody by the back door"),
        pytest.param({"senders": "X-Mailer: HERP", "everybody": "yes"}, id="both"),
        pytest.param({}, id="nothing"),
    ],
)
def test_what_names_nobody_is_refused_and_shown_again(site: Site, form: dict[str, str]) -> None:
    client = sign_in(site)
    before = site.rows()
    answer = client.post(f"{PAGE}/senders", form)
    assert answer.status == 422
    assert "保存していません" in answer.text
    assert form.get("senders", "").strip() in answer.text
    assert site.rows() == before


def test_what_follows_from_a_finding_is_chosen(site: Site) -> None:
    client = sign_in(site)
    assert client.get(PAGE).text.count('value="notify" selected') == len(Finding)
    form = {"placeholder": "refuse", "no-thanks": "log", "no-honorific": "notify"}
    assert client.post(f"{PAGE}/courtesy", form).status == 303
    courtesy = company_of(site).courtesy
    assert courtesy.reaction(Finding.PLACEHOLDER) is Reaction.REFUSE
    assert courtesy.reaction(Finding.NO_THANKS) is Reaction.LOG
    assert changes(site).count("courtesy") == 2, "what stays as it is is no change"
    page = client.get(f"{PAGE}?lang=en").text
    assert page.count('value="refuse" selected') == 1
    assert "refuse the mail (550)" in page


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        (f"{PAGE}/courtesy", {"placeholder": "never"}, 400),
        ("/admin/companies/99/recruiting/courtesy", {"placeholder": "log"}, 404),
        ("/admin/companies/99/recruiting/senders", {"everybody": "yes"}, 404),
    ],
)
def test_what_is_no_setting_changes_nothing(
    site: Site, path: str, form: dict[str, str], status: int
) -> None:
    client = sign_in(site)
    before = site.rows()
    assert client.post(path, form).status == status
    assert site.rows() == before


def test_the_page_of_nobody_is_not_found_and_a_get_sets_nothing(site: Site) -> None:
    client = sign_in(site)
    assert client.get("/admin/companies/99/recruiting").status == 404
    before = site.rows()
    client.get(f"{PAGE}?everybody=yes&placeholder=refuse")
    assert site.rows() == before
