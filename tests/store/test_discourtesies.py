"""How often a company hears of what is wrong with its rejection mails, and by which clock."""

import dataclasses
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from gateway.core.findings import Finding, evidence_of
from gateway.store import discourtesies, outbox
from gateway.store.engine import writing_session
from tests.store.records import make_mail, write_company

MIDNIGHT = datetime(2026, 4, 1, 15, 0, tzinfo=UTC)  # in Japan


def test_a_company_hears_of_it_once_in_each_day_of_japan(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    found = tuple(map(evidence_of, (Finding.VISIBLE_CANDIDATES, Finding.NO_THANKS)))
    told = []
    for hours in (-24, -16, -14, -1, 0, 8, 10, 23):
        at = MIDNIGHT + timedelta(hours=hours)
        mail = dataclasses.replace(make_mail(company_id, "q"), at=at, evidence=found)
        with writing_session(engine).begin() as session:
            discourtesies.tell(session, dataclasses.replace(mail, reply_code=250), at)
            told.append(len(outbox.list_notifications(session, company_id)))
    assert told == [2] * 4 + [4] * 4


def test_its_times_are_those_of_the_pages(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    found = (evidence_of(Finding.NO_THANKS),)
    mail = dataclasses.replace(make_mail(company_id, "q"), at=MIDNIGHT, evidence=found)
    with writing_session(engine).begin() as session:
        discourtesies.tell(session, dataclasses.replace(mail, reply_code=250), MIDNIGHT)
        (told,) = outbox.list_notifications(session, company_id)
    assert told.facts["at"] == "2026-04-02 00:00 JST"
