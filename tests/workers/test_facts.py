"""What a notification about one mail tells, and what it does not tell any more."""

import dataclasses

import pytest
from sqlalchemy import Engine, update

from gateway.core.company import Language
from gateway.core.findings import Finding
from gateway.render import Renderer
from gateway.settings import HERE
from gateway.store import outbox
from gateway.store.announce import News, announce
from gateway.store.engine import writing_session
from gateway.store.mails import MailRow
from gateway.store.outbox import Event
from tests.store import reserving
from tests.store.records import NOW, make_mail, write_company
from workers.facts import gather


def test_the_candidate_is_named_masked_until_forgotten(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    record = dataclasses.replace(make_mail(company_id, "cr-1"), reply_code=250)
    facts = {"finding": "placeholder", "queue_id": "cr-1", "at": "now", "is_refused": False}
    with writing_session(engine).begin() as session:
        reserving.record_mail(session, record)
        announce(session, company_id, News(Event.COURTESY, "placeholder:now", facts), NOW)
        (told,) = outbox.list_notifications(session, company_id)
        assert gather(session, told, "x").values["candidate"] == record.candidate_masked
        session.execute(update(MailRow).values(candidate_masked=None))
        assert gather(session, told, "x").values["candidate"] == ""


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("finding", list(Finding))
def test_the_mail_about_a_finding_says_what_it_is(finding: Finding, language: Language) -> None:
    sums = {"company": "Acme", "points": 0, "slots_available": 0, "to_next": 10, "admin_url": "x"}
    facts = {"finding": finding.value, "queue_id": "cr-1", "at": "2026-01-05 09:00 UTC"}
    said = []
    for is_refused in (False, True):
        values = {**sums, **facts, "is_refused": is_refused, "candidate": "t•••@example.com"}
        mail = Renderer(HERE / "templates").mail("courtesy", language, values)
        for text in (mail.text, mail.html):
            assert "cr-1" in text
            assert "t•••@example.com" in text
            assert "2026-01-05" in text
        said.append((mail.subject, mail.text))
    assert said[0][0] != said[1][0]
    assert "550" in said[1][1]
    values = {**sums, **facts, "is_refused": False, "candidate": ""}
    plain = Renderer(HERE / "templates").mail("courtesy", language, values).text
    assert "•" not in plain
    for text, lines in ((said[0][1], 4), (plain, 3)):
        assert "\n\n\n" not in text
        _, _, found, what, *_ = text.split("\n\n")  # each fact on its own line
        assert all(line.startswith("  ") for line in found.split("\n"))
        assert (found.count("\n") + 1, what.count("\n") + 1) == (lines, 2)


@pytest.mark.parametrize("facts", [{"per_minute": 60}, {"minutes": 10}, {}])
def test_the_mail_about_a_brake_says_why_on_a_line_of_its_own(facts: dict[str, int]) -> None:
    sums = {"company": "Acme", "points": 0, "slots_available": 0, "to_next": 10, "admin_url": "x"}
    none = {"per_minute": 0, "minutes": 0, "reason": "too many"}
    for language in Language:
        text = Renderer(HERE / "templates").mail("brake", language, {**sums, **none, **facts}).text
        (why,) = (line for line in text.split("\n") if line.startswith(("理由:", "Reason:")))
        assert "運用者" not in why


@pytest.mark.parametrize(
    ("language", "says"),
    [
        (
            Language.EN,
            ("No mail is lost", "through another of your servers", "It takes mail again"),
        ),
        (Language.JA, ("失われていません", "ほかのメールサーバー", "復旧しており")),
    ],
)
def test_the_mails_about_a_next_hop_say_which_and_why(
    language: Language, says: tuple[str, str, str]
) -> None:
    sums = {"company": "Acme", "points": 0, "slots_available": 0, "to_next": 10, "admin_url": "x"}
    facts = {"host": "mx.example:25", "since": "2026-01-05 09:00 JST", "minutes": 15, "failures": 3}
    failing = {**facts, "cause": "<b>login refused (535)"}
    all_of_them = (
        ("next-hop-failing", {**failing, "others_take_mail": False}),
        ("next-hop-failing", {**failing, "others_take_mail": True}),
        ("next-hop-working", {**facts, "until": "2026-01-05 10:00 JST"}),
    )
    for (event, values), said in zip(all_of_them, says, strict=True):
        mail = Renderer(HERE / "templates").mail(event, language, {**sums, **values})
        assert "mx.example:25" in mail.subject
        for text in (mail.text, mail.html):
            assert [each in text for each in says] == [each == said for each in says]
            assert "2026-01-05 09:00 JST" in text
        assert ("<b>login refused (535)" in mail.text) is (event == "next-hop-failing")
        assert "<b>login" not in mail.html


@pytest.mark.parametrize(
    ("language", "says"), [(Language.EN, "For 30 minutes"), (Language.JA, "直近30分間")]
)
def test_what_was_written_down_before_next_hops_had_names_is_still_told(
    engine: Engine, language: Language, says: str
) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        facts = {"minutes": 30, "failures": 4}
        announce(session, company_id, News(Event.NEXT_HOP_FAILING, "day:2026-04-01", facts), NOW)
        (told,) = outbox.list_notifications(session, company_id)
        values = gather(session, told, "x").values
    mail = Renderer(HERE / "templates").mail("next-hop-failing", language, values)
    for text in (mail.text, mail.html):
        assert says in text
        assert "None" not in text
    assert "\n\n\n" not in mail.text
