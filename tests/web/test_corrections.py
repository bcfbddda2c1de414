"""Taking a referral back from the admin pages, and what its candidate then reads."""

from gateway.store.corrections import is_withdrawn
from gateway.store.engine import reading_session
from tests.web.conftest import Site, sign_in


def _withdrawn(site: Site) -> bool:
    with reading_session(site.engine)() as session:
        return is_withdrawn(session, site.referral_id)


def test_the_operator_takes_a_referral_back(site: Site) -> None:
    client, path = sign_in(site), f"/admin/referrals/{site.referral_id}/void"
    assert path in client.get("/admin/mails/q-1").text
    page = client.get(path)
    assert page.status == 200
    assert "元に戻すことはできません" in page.text
    answer = client.post(path, {"reason": "an offer, no rejection", "proof": page.proof})
    assert answer.status == 303
    assert _withdrawn(site)
    story = client.get("/admin/mails/q-1?lang=en").text
    assert "This referral was taken back." in story
    assert "an offer, no rejection" in story
    assert path not in story
    assert "取り消されました" in client.get(f"{path}?lang=ja").text


def test_the_candidate_reads_that_the_notice_was_withdrawn(site: Site) -> None:
    client, path = sign_in(site), f"/admin/referrals/{site.referral_id}/void"
    client.post(path, {"reason": "wrong"})
    visitor = site.client()
    assert "このご案内は取り下げられました" in visitor.get(site.link).text
    assert "This notice was withdrawn" in visitor.get(f"{site.link}?lang=en").text
    assert visitor.post(f"{site.link}/stop").status == 303


def test_taking_back_again_changes_nothing(site: Site) -> None:
    client, path = sign_in(site), f"/admin/referrals/{site.referral_id}/void"
    client.post(path, {"reason": "wrong"})
    before = site.rows()["ledger_entry"]
    assert client.post(path, {"reason": "again"}).status == 303
    assert site.rows()["ledger_entry"] == before


def test_only_the_operator_and_only_with_a_reason(site: Site) -> None:
    path = f"/admin/referrals/{site.referral_id}/void"
    assert site.client().get(path).status == 303
    site.client().post(path, {"reason": "wrong"})
    client = sign_in(site)
    assert client.post(path, {"reason": " "}).status == 400
    assert client.bare_post(path, {"reason": "x"}, sec_fetch_site="cross-site").status == 403
    assert client.get("/admin/referrals/99/void").status == 404
    assert client.post(f"/admin/referrals/{2**70}/void", {"reason": "x"}).status == 404
    assert not _withdrawn(site)
