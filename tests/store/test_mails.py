"""The mail log: what was written is read again, and found by what people look for."""

import dataclasses

import pytest
from sqlalchemy import Engine

from gateway.core.verdict import Verdict
from gateway.core.why import Action, Why
from gateway.store import mails
from gateway.store.engine import reading_session, writing_session
from gateway.store.mails import MailRecord, MailSearch
from tests.store import reserving
from tests.store.records import make_mail, write_company


@pytest.fixture
def logged(engine: Engine) -> list[MailRecord]:
    """Write five mails of two companies, the odd ones passed as other mail."""
    ids = [write_company(engine, name).company.id for name in ("Sakura", "Ume")]
    written = []
    with writing_session(engine).begin() as session:
        for number in range(5):
            record = make_mail(ids[number // 3], f"q{number}")
            if number % 2:
                record = dataclasses.replace(
                    record, verdict=Verdict.OTHER, why=Why.NOT_A_REJECTION, action=Action.PASSED
                )
            record_id = reserving.record_mail(session, record)
            written.append(dataclasses.replace(record, id=record_id))
    return written


def test_a_record_comes_back_as_it_was_written(engine: Engine, logged: list[MailRecord]) -> None:
    with reading_session(engine)() as session:
        assert mails.find_mail(session, "q0") == logged[0]
        assert mails.find_mail(session, "q9") is None


def test_a_second_record_of_the_same_mail_only_adds_its_outcome(
    engine: Engine, logged: list[MailRecord]
) -> None:
    later = dataclasses.replace(
        logged[0], why=Why.FAULT, reply_code=250, reply_text="2.0.0 Ok\0", milliseconds=7
    )
    with writing_session(engine).begin() as session:
        assert reserving.record_mail(session, later) == logged[0].id
    with reading_session(engine)() as session:
        found = mails.find_mail(session, "q0")
    assert found == dataclasses.replace(
        logged[0], reply_code=250, reply_text="2.0.0 Ok", milliseconds=7
    )


@pytest.mark.parametrize(
    ("search", "wanted"),
    [
        pytest.param({}, [4, 3, 2, 1, 0], id="all, newest first"),
        pytest.param({"company_id": 1}, [2, 1, 0], id="one company"),
        pytest.param({"verdict": Verdict.OTHER}, [3, 1], id="verdict"),
        pytest.param({"why": Why.LINK_ADDED, "company_id": 2}, [4], id="why and company"),
        pytest.param({"after_id": 2}, [2, 3, 4], id="following, oldest first"),
        pytest.param({"before_id": 3}, [1, 0], id="the page before"),
        pytest.param({"verdict": None, "after_id": None, "why": Why.SIGNED}, [], id="nothing"),
    ],
)
def test_mails_are_found_by(
    engine: Engine, logged: list[MailRecord], search: MailSearch, wanted: list[int]
) -> None:
    with reading_session(engine)() as session:
        assert list(mails.list_mails(session, **search)) == [logged[n] for n in wanted]
        assert len(mails.list_mails(session, limit=2)) == 2
