"""The page on reviews: what it shows of a mail, and what a click brings about."""

import dataclasses
import re

import pytest

from gateway.core.answer import Origin
from gateway.core.company import Mode
from gateway.core.letter import Letter
from gateway.core.verdict import Evidence, Verdict
from gateway.core.why import Action, Why
from gateway.store.companies import set_mode
from gateway.store.company_records import get_company
from gateway.store.engine import reading_session, writing_session
from gateway.store.letters import list_letters
from gateway.store.reviews import answers
from gateway.web.reviews import PAGE_ROWS
from tests.store import reserving
from tests.store.records import make_mail
from tests.web.conftest import NOW, Site, sign_in

PAGE = "/admin/companies/1/review"
EVIDENCE = (Evidence("ja.not-meet", 4.5, "1", 3, 9, "verdict: wishes are not met"),)


def observe(site: Site, count: int) -> None:
    """Write mails that observe mode took for rejections: w-1 is the oldest."""
    with writing_session(site.engine).begin() as session:
        for number in range(1, count + 1):
            mail = dataclasses.replace(
                make_mail(1, f"w-{number}"),
                why=Why.OBSERVED,
                action=Action.PASSED,
                evidence=EVIDENCE,
            )
            reserving.record_mail(session, mail)


def inject(site: Site) -> None:
    with writing_session(site.engine).begin() as session:
        set_mode(session, 1, Mode.INJECT, "a test", NOW)


def mode_of(site: Site) -> Mode:
    with reading_session(site.engine)() as session:
        return get_company(session, 1).company.mode


def listed(page: str) -> list[str]:
    """Return the mails with two buttons, in their order."""
    rows = re.findall(r'name="mail" value="([^"]+)">\n<input[^>]+value="yes"', page)
    return [queue_id for queue_id in rows if queue_id.startswith("w-")]


def test_the_company_leads_to_what_waits(site: Site) -> None:
    client = sign_in(site)
    assert f'href="{PAGE}"' in client.get("/admin/companies/1").text
    observe(site, 1)
    page = client.get(PAGE).text
    assert listed(page) == ["w-1"]
    assert "t•••@example.com" in page
    assert "不採用通知ではない" in page
    english = client.get(f"{PAGE}?lang=en").text
    assert "verdict: wishes are not met" in english
    assert "Not a rejection" in english


def test_a_click_answers_and_keeps_the_place(site: Site) -> None:
    observe(site, 2 * PAGE_ROWS + 3)
    client = sign_in(site)
    first = listed(client.get(PAGE).text)
    assert (first[0], len(first)) == (f"w-{2 * PAGE_ROWS + 3}", PAGE_ROWS)
    (older,) = re.findall(r'href="([^"]+)" rel="next"', client.get(PAGE).text)
    second = listed(client.get(older).text)
    before = older.rpartition("=")[2]
    form = {"mail": second[0], "answer": "yes", "before": before}
    answer = client.post(PAGE, form)
    assert (answer.status, answer.headers["location"]) == (303, older)
    assert listed(client.get(older).text)[:3] == second[1:4]
    with reading_session(site.engine)() as session:
        (said,) = answers(session, 1)
    assert (said.mail.queue_id, said.is_rejection, said.actor) == (second[0], True, "admin (web)")


def test_a_get_changes_nothing(site: Site) -> None:
    observe(site, 1)
    client = sign_in(site)
    before = site.rows()
    client.get(f"{PAGE}?mail=w-1&answer=no")
    assert site.rows() == before


def test_a_false_injection_is_undone_by_one_click(site: Site) -> None:
    inject(site)
    client = sign_in(site)
    page = client.get(PAGE).text
    assert "紹介を取り消し、観察モードに戻す" in page
    answer = client.post(PAGE, {"mail": "q-1", "answer": "no"})
    assert answer.headers["location"] == f"{PAGE}?withdrawn={site.referral_id}"
    assert mode_of(site) is Mode.OBSERVE
    assert "番号: 1" in client.get(answer.headers["location"]).text
    assert '<p class="notice"><strong>' in site.client().get(site.link).text
    before = site.rows()
    assert client.post(PAGE, {"mail": "q-1", "answer": "no"}).status == 303
    assert site.rows() == before


def test_an_answer_can_be_changed_from_the_same_page(site: Site) -> None:
    observe(site, 1)
    client = sign_in(site)
    client.post(PAGE, {"mail": "w-1", "answer": "no"})
    page = client.get(PAGE).text
    assert "最近の回答" in page
    client.post(PAGE, {"mail": "w-1", "answer": "yes"})
    with reading_session(site.engine)() as session:
        assert [said.is_rejection for said in answers(session, 1)] == [True]


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        (PAGE, {"mail": "w-1"}, 400),
        (PAGE, {"mail": "w-1", "answer": "perhaps"}, 400),
        (PAGE, {"mail": "none", "answer": "yes"}, 404),
        (PAGE, {"answer": "yes"}, 404),
        ("/admin/companies/99/review", {"mail": "w-1", "answer": "yes"}, 404),
    ],
)
def test_what_is_no_answer_changes_nothing(
    site: Site, path: str, form: dict[str, str], status: int
) -> None:
    observe(site, 1)
    client = sign_in(site)
    before = site.rows()
    assert client.post(path, form).status == status
    assert site.rows() == before


def test_a_page_of_nobody_and_an_odd_place_do_no_harm(site: Site) -> None:
    client = sign_in(site)
    assert client.get("/admin/companies/99/review").status == 404
    for place in ("x", "-1", "9" * 19, "9" * 30, "0"):
        assert client.get(f"{PAGE}?before={place}&withdrawn={place}").status == 200


def test_inject_mode_asks_for_reviews_first(site: Site) -> None:
    observe(site, 20)
    client = sign_in(site)
    mode = "/admin/companies/1/mode"
    assert 'name="unreviewed"' in client.get(mode).text
    answer = client.post(mode, {"mode": "inject"})
    assert (answer.status, answer.headers["location"]) == (303, mode)
    assert mode_of(site) is Mode.OBSERVE
    for number in range(1, 21):
        client.post(PAGE, {"mail": f"w-{number}", "answer": "yes"})
    assert 'name="unreviewed"' not in client.get(mode).text
    client.post(mode, {"mode": "inject"})
    assert mode_of(site) is Mode.INJECT


def test_a_wrong_one_means_that_all_are_to_be_confirmed_again(site: Site) -> None:
    observe(site, 21)
    client = sign_in(site)
    for number in range(1, 21):
        client.post(PAGE, {"mail": f"w-{number}", "answer": "yes"})
    client.post(PAGE, {"mail": "w-21", "answer": "no"})
    client.post("/admin/companies/1/mode", {"mode": "inject"})
    assert mode_of(site) is Mode.OBSERVE


def test_a_doubtful_mail_is_listed_and_what_is_no_rejection_is_not(site: Site) -> None:
    with writing_session(site.engine).begin() as session:
        for queue_id, verdict in (("w-1", Verdict.POSSIBLE), ("w-2", Verdict.OTHER)):
            mail = dataclasses.replace(make_mail(1, queue_id), verdict=verdict)
            reserving.record_mail(session, mail)
    assert listed(sign_in(site).get(PAGE).text) == ["w-1"]


LETTER = Letter(
    number=0,
    sentences=(frozenset(range(20)),),
    verdict=frozenset({1}),
    common=frozenset({99}),
    words=frozenset(),
    decisive=frozenset(),
)


def observe_letters(site: Site, count: int) -> None:
    """Write mails of one letter, sender and subject that were taken for rejections."""
    with writing_session(site.engine).begin() as session:
        for number in range(1, count + 1):
            mail = make_mail(1, f"l-{number}")
            mail = dataclasses.replace(mail, why=Why.OBSERVED, action=Action.PASSED)
            mail = dataclasses.replace(mail, origin=Origin("1" * 32), letter=LETTER)
            reserving.record_mail(session, mail)


def test_a_denied_mail_tells_that_others_like_it_get_no_link(site: Site) -> None:
    observe_letters(site, 1)
    client = sign_in(site)
    answer = client.post(PAGE, {"mail": "l-1", "answer": "no"})
    page = client.get(answer.headers["location"]).text
    assert "同じ送信者と件名のメールにはリンクを記載しません" in page
    english = client.get(f"{answer.headers['location']}&lang=en").text
    assert "Mails of this sender and subject get no link from now on" in english


def test_a_confirmed_mail_becomes_a_letter_by_one_click(site: Site) -> None:
    observe_letters(site, 2)
    client = sign_in(site)
    assert "この文面を登録する" not in client.get(PAGE).text
    client.post(PAGE, {"mail": "l-1", "answer": "yes"})
    client.post(PAGE, {"mail": "l-2", "answer": "yes"})
    assert client.get(PAGE).text.count("この文面を登録する") == 2
    answer = client.post(f"{PAGE}/letter", {"mail": "l-1"})
    assert answer.headers["location"] == f"{PAGE}?letter=1"
    page = client.get(answer.headers["location"]).text
    assert "文面を登録しました。第1号" in page
    assert page.count("この文面を登録する") == 1
    like = client.post(f"{PAGE}/letter", {"mail": "l-2"})
    assert like.headers["location"] == f"{PAGE}?like=1"
    assert "registered already: no. 1." in client.get(f"{PAGE}?like=1&lang=en").text
    with reading_session(site.engine)() as session:
        assert [one.number for one in list_letters(session, 1)] == [1]


def test_a_mail_that_a_letter_was_recognised_in_names_it(site: Site) -> None:
    with writing_session(site.engine).begin() as session:
        known = (Evidence("letter-4", 6.0, "text", 0, 0, "matches letter no. 4 at 98%"),)
        reserving.record_mail(session, dataclasses.replace(make_mail(1, "w-1"), evidence=known))
    client = sign_in(site)
    client.post(PAGE, {"mail": "w-1", "answer": "yes"})
    assert "登録済み 第4号" in client.get(PAGE).text


@pytest.mark.parametrize("answer", ["no", None])
def test_only_a_confirmed_mail_becomes_a_letter(site: Site, answer: str | None) -> None:
    observe_letters(site, 1)
    client = sign_in(site)
    if answer is not None:
        client.post(PAGE, {"mail": "l-1", "answer": answer})
    before = site.rows()
    assert client.post(f"{PAGE}/letter", {"mail": "l-1"}).status == 404
    assert client.post(f"{PAGE}/letter", {}).status == 404
    assert site.rows() == before
