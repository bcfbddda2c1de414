"""What the ledger keeps in English is said in Japanese on Japanese pages, and only there."""

import re
from datetime import timedelta

import pytest

from gateway.core.company import Language
from gateway.core.credit import NotCounted, Waits
from gateway.core.findings import Finding, Reaction
from gateway.hops import EightBit, HopSettings, HopTls
from gateway.settings import HostPort
from gateway.store import brakes, companies, courtesy, domain_proofs, hops, members, reviews
from gateway.store.brakes import Brake, HeldState
from gateway.store.company_changes import list_changes
from gateway.store.domain_proofs import ProofKind
from gateway.store.engine import reading_session, writing_session
from gateway.store.outages import Failures, note_failures
from gateway.web.words import Words
from tests.store.records import pull_brake
from tests.web.conftest import NOW, Site, sign_in

_JA, _EN = Words(Language.JA), Words(Language.EN)
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
_ENGLISH = re.compile(r"[A-Za-z]{4,}")
_CAUSE = "more than 3 rejections within a minute"
_PROPER = (
    "a.example",
    "STARTTLS",
    "AUTH",
    "LOGIN",
    "EHLO",
    "PLAIN",
    "RSET",
    "RCPT",
    "SMTP",
    "DKIM",
)


@pytest.mark.parametrize(
    ("table", "text"),
    [
        *(("decision", reason.value) for reason in (*NotCounted, *Waits)),
        *(("value", f"{one} {what}") for one in Finding for what in Reaction),
        ("cause", _CAUSE),
        ("cause", f"{_CAUSE}, refused ones among them"),
        ("cause", "one candidate twice within 10 minutes"),
        ("answer", "451 to RCPT"),
        ("answer", "451 to the message"),
        ("answer", "login refused (535)"),
        ("answer", "it greets with 554"),
        ("answer", "its name is not found"),
        ("answer", "connection refused"),
        ("answer", "no answer before the sender gave up"),
        ("correction", "bounced 5.1.1"),
        ("correction", "bounced"),
        ("actor", "api token 3"),
        ("thing", "credential 2 (api)"),
    ],
)
def test_a_kept_text_has_japanese_words(table: str, text: str) -> None:
    said = _JA.kept(table, text)
    assert _JAPANESE.search(said)
    assert not _ENGLISH.search(re.sub("|".join(_PROPER), "", said)), said
    assert _EN.kept(table, text) == text


def test_what_no_table_knows_is_shown_as_it_is() -> None:
    assert _JA.kept("correction", "a person's {0} words") == "a person's {0} words"
    assert _JA.kept("correction", "duplicate") == "duplicate", "typed by who took it back"
    assert _JA.kept("value", "") == ""


def _change_everything(site: Site) -> None:
    """Change what a company's history tells of, by the functions that command and pages call."""
    by = ("command line", NOW)
    hop = HopSettings(tls=HopTls.VERIFY, eight_bit=EightBit.REFUSE)
    with writing_session(site.engine).begin() as session:
        companies.set_senders(session, 1, ["hr@a.example"], *by)
        hops.save_route(session, 1, HostPort("mx.a.example", 25), hop, *by)
        courtesy.set_reactions(session, 1, {Finding.PLACEHOLDER: Reaction.REFUSE}, *by)
        brakes.set_limits(session, 1, Brake(3, 10), *by)
        domain_proofs.save_proof(session, 1, "a.example", ProofKind.VOUCHED, *by)
        domain_proofs.withdraw_proof(session, 1, "a.example", *by)
        reviews.answer(session, 1, "q-1", is_rejection=True, actor=by[0], now=NOW)
        reviews.answer(session, 1, "q-1", is_rejection=False, actor=by[0], now=NOW)
        (member,) = members.list_members(session, 1)
        members.remove_member(session, member, *by)
        host, since = HostPort("mx.a.example", 25), NOW - timedelta(hours=1)
        note_failures(session, Failures(1, host, since, NOW, 9, "timed out"))


def test_history_and_outages_are_japanese_on_the_japanese_page(site: Site) -> None:
    _change_everything(site)
    with reading_session(site.engine)() as session:
        changes = list_changes(session, 1)
    client = sign_in(site)
    page = client.get("/admin/companies/1?lang=ja").text
    for change in changes:
        said = [_JA.kept("thing", change.what), _JA.kept("actor", change.actor)]
        assert all(map(_JAPANESE.search, said)), change
        assert all(f"<td>{word}</td>" in page for word in said), change
    for english in (
        "command line",
        "timed out",
        "mails</dd>",
        ">removed<",
        "a minute",
        "rejection<",
    ):
        assert english not in page
    assert "時間切れ" in page
    english = client.get("/admin/companies/1?lang=en").text.replace("株式会社サンプル", "")
    assert _JAPANESE.findall(english) == list("日本語")


def test_why_a_brake_was_pulled_is_said_in_the_readers_language(site: Site) -> None:
    with writing_session(site.engine).begin() as session:
        pull_brake(session, 1, _CAUSE, NOW)
    client = sign_in(site)
    for place in ("/admin", "/admin/companies/1/brake"):
        japanese = client.get(f"{place}?lang=ja").text
        assert "1分間に3通を超える不採用通知" in japanese
        assert _CAUSE not in japanese
        assert _CAUSE in client.get(f"{place}?lang=en").text
    with writing_session(site.engine).begin() as session:
        brakes.let_go(session, 1, HeldState.RELEASED, "admin (web)", NOW, "確認済み")
    assert "送信を許可 確認済み" in client.get("/admin/companies/1?lang=ja").text
