"""The page on registered letters."""

from gateway.core.company import Company
from gateway.store.company_records import get_company
from gateway.store.engine import reading_session
from tests.detection.test_letters import LETTER
from tests.web.conftest import Site, sign_in

PAGE = "/admin/companies/1/letters"


def company_of(site: Site) -> Company:
    with reading_session(site.engine)() as session:
        return get_company(session, 1).company


def test_a_letter_is_registered_listed_and_removed(site: Site) -> None:
    client = sign_in(site)
    assert "まだ登録されていません" in client.get(PAGE).text
    answer = client.post(PAGE, {"text": LETTER.replace("\n", "\r\n")})
    assert (answer.status, answer.headers["location"]) == (303, PAGE)
    (letter,) = company_of(site).letters
    assert letter.number == 1
    page = client.get(PAGE).text
    assert f'action="{PAGE}/1"' in page
    assert "夜間の保守" not in page
    assert client.post(f"{PAGE}/1", {}).status == 303
    assert company_of(site).letters == ()
    assert "削除済み" in client.get(PAGE).text
    assert client.post(f"{PAGE}/1", {}).status == 303  # gone already


def test_the_page_is_linked_from_the_company(site: Site) -> None:
    assert f'href="{PAGE}"' in sign_in(site).get("/admin/companies/1").text


def test_what_is_no_letter_is_refused_with_words_and_not_shown_again(site: Site) -> None:
    client = sign_in(site)
    answer = client.post(PAGE, {"text": "ご応募ありがとうございました。"})
    assert answer.status == 422
    assert "あいさつやお礼だけでは" in answer.text
    assert "ご応募ありがとうございました" not in answer.text
    client.post(PAGE, {"text": LETTER})
    again = client.post(PAGE, {"text": LETTER})
    assert again.status == 422
    assert "すでに登録されている" in again.text


def test_letters_of_nobody_are_not_found(site: Site) -> None:
    client = sign_in(site)
    assert client.get("/admin/companies/99/letters").status == 404
    assert client.post("/admin/companies/99/letters", {"text": LETTER}).status == 404
